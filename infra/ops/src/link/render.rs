//! What is said of links.

use counterpart_delivery::{CrmSide, Link, LinkView, Move, MovePlan, ReleasePlan, SageSide, Stage};
use counterpart_domain::{CrmId, SageKey, TargetName, bounded};
use serde_json::{Value, json};

use crate::output::{Answer, Style, printable};

/// The longest value that a table shows, in characters.
const LONGEST: usize = 60;

fn stage(link: &Link) -> &'static str {
    match link.stage {
        Stage::Linked if link.rests() => {
            "linked, and at rest: the filters leave it out since the last update"
        }
        Stage::Linked if link.key_unwritten => "linked; its key is still to be written to the CRM",
        Stage::Linked if link.dirty => "linked; it is to be written to the CRM in full",
        Stage::Linked => "linked",
        Stage::Creating => "being created in Sage 100 from the CRM",
        Stage::Excluded => "left out by the filters; the CRM never had it",
        Stage::Unwritten => "seen, and not in the CRM: it is parked",
        Stage::Conflict => "in doubt: a person has to say which record it is",
        Stage::Tombstoned => "deleted in Sage 100",
        Stage::Released => "released by a person: nothing is made of it by itself",
    }
}

/// `counterpart link show`
pub fn view(target: &TargetName, view: &LinkView, style: Style) -> Answer {
    let key = &view.key;
    let mut lines = vec![format!("{} {key} in {target}", key.entity)];
    let mut line = |name: &str, text: String| {
        if !text.is_empty() {
            lines.push(format!("  {name:<9} {}", printable(text)));
        }
    };
    if let Some(former) = &view.former {
        line(
            "note",
            format!("record {former} was linked to it once, and is not any more"),
        );
    }
    let id = view.link.as_ref().and_then(|link| link.crm_id.as_ref());
    line(
        "stage",
        view.link
            .as_ref()
            .map_or("nothing is known of it", stage)
            .to_owned(),
    );
    line("record", id.map(|id| id.0.clone()).unwrap_or_default());
    if let Some(link) = &view.link {
        line(
            "revision",
            format!("{}, written {:.0}", link.rev, link.updated_at),
        );
    }
    line("Sage 100", in_sage(&view.sage));
    line("CRM", in_crm(view));
    let below = view.below.map_or_else(
        || "not known: the record cannot be read in the CRM".to_owned(),
        |below| format!("linked records: {}, sales: {}", below.children, below.sales),
    );
    line("below it", below);
    for parked in &view.parked {
        line(
            "parked",
            format!("{}: {}", parked.fault.code, parked.fault.message),
        );
    }
    for item in &view.history {
        line("history", said(item));
    }
    let mut text = lines.join("\n");
    let rows = fields(view);
    if !rows.is_empty() {
        text.push_str("\n\n");
        text.push_str(&table(&rows, style));
    }
    Answer::well(text, view_json(target, view, &rows))
}

fn in_sage(side: &SageSide) -> String {
    match side {
        SageSide::Missing => "has no such record now".to_owned(),
        SageSide::Unread(fault) => format!("cannot be read: {}", fault.message),
        SageSide::Held(record) if record.is_inactive() => "has it, inactive".to_owned(),
        SageSide::Held(_) => "has it".to_owned(),
    }
}

fn in_crm(view: &LinkView) -> String {
    match &view.crm {
        CrmSide::None => "no record is linked".to_owned(),
        CrmSide::Gone => "the record is not there, or nobody like us may see it".to_owned(),
        CrmSide::Unread(fault) => format!("cannot be read: {}", fault.message),
        CrmSide::Held(fields) => {
            let held = fields.get(&view.key_field).map(ToString::to_string);
            let held = held.unwrap_or_default();
            if held == view.key.text() {
                "has it, with its key".to_owned()
            } else if held.is_empty() {
                format!("has it; its key field {} is empty", view.key_field)
            } else {
                format!("has it; its key field {} holds {held}", view.key_field)
            }
        }
    }
}

/// The rows of [`fields`].
fn table(rows: &[Vec<String>], style: Style) -> String {
    let shown = rows.iter().map(|row| {
        row.iter()
            .map(|cell| bounded(cell.clone(), LONGEST))
            .collect()
    });
    style.table(
        &[
            "field",
            "CRM now",
            "Sage 100 now",
            "agreed: CRM",
            "agreed: Sage 100",
        ],
        shown.collect(),
        &[],
    )
}

/// `2026-11-22T08:00:00Z by pat: record 17 before, 18 since`
fn said(item: &counterpart_delivery::OutcomeItem) -> String {
    let change = |field: &str| item.changes.iter().find(|change| change.field == field);
    let by = change("by").map(|by| by.after.clone()).unwrap_or_default();
    let of = |id: &str| {
        if id.is_empty() {
            "none".to_owned()
        } else {
            id.to_owned()
        }
    };
    let record = change("record").map(|change| {
        format!(
            "record {} before, {} since",
            of(&change.before),
            of(&change.after)
        )
    });
    let code = item.code.as_deref().unwrap_or_default();
    format!(
        "{:.0} {code} by {by}: {}",
        item.at,
        record.unwrap_or_default()
    )
}

/// Each mapped field: what the CRM holds, and what both agreed on.
fn fields(view: &LinkView) -> Vec<Vec<String>> {
    let shadow = view.link.as_ref().map(|link| &link.shadow);
    let held = match &view.crm {
        CrmSide::Held(fields) => Some(fields),
        _ => None,
    };
    let mut names: Vec<&String> = shadow
        .into_iter()
        .flat_map(|shadow| shadow.keys())
        .collect();
    names.extend(held.into_iter().flat_map(|fields| fields.keys()));
    names.extend(view.mapped.keys());
    names.retain(|name| **name != view.key_field);
    names.sort();
    names.dedup();
    names
        .into_iter()
        .map(|name| {
            let base = shadow.and_then(|shadow| shadow.get(name));
            let now = held.and_then(|fields| fields.get(name));
            let text = |value: Option<String>| printable(value.unwrap_or_default());
            vec![
                name.clone(),
                text(now.map(ToString::to_string)),
                text(view.mapped.get(name).map(ToString::to_string)),
                text(base.map(|base| base.crm.value().to_string())),
                text(base.map(|base| base.sage.value().to_string())),
            ]
        })
        .collect()
}

fn view_json(target: &TargetName, view: &LinkView, rows: &[Vec<String>]) -> Value {
    let link = view.link.as_ref();
    let sage = match &view.sage {
        SageSide::Missing => json!({"state": "missing"}),
        SageSide::Unread(fault) => json!({"state": "unread", "fault": fault.to_string()}),
        SageSide::Held(record) => json!({"state": "held", "inactive": record.is_inactive()}),
    };
    let crm = match &view.crm {
        CrmSide::None => json!({"state": "none"}),
        CrmSide::Gone => json!({"state": "gone"}),
        CrmSide::Unread(fault) => json!({"state": "unread", "fault": fault.to_string()}),
        CrmSide::Held(fields) => {
            let key = fields.get(&view.key_field).map(ToString::to_string);
            json!({"state": "held", "key": key})
        }
    };
    let fields: Vec<Value> = rows
        .iter()
        .filter_map(|row| match row.as_slice() {
            [field, now, mapped, crm, sage] => {
                Some(json!({"field": field, "crm": now, "sage": mapped,
                "agreed_crm": crm, "agreed_sage": sage}))
            }
            _ => None,
        })
        .collect();
    let parked = view.parked.iter();
    let parked: Vec<Value> = parked
        .map(|item| json!({"id": item.id, "code": item.fault.code, "message": item.fault.message}))
        .collect();
    let history: Vec<Value> = view
        .history
        .iter()
        .map(|item| json!({"at": item.at, "code": item.code, "changes": item.changes}))
        .collect();
    json!({"target": target, "entity": view.key.entity.name(), "key": view.key.text(),
           "stage": link.map(|link| link.stage), "resting": link.is_some_and(Link::rests),
           "record": link.and_then(|link| link.crm_id.as_ref()), "rev": link.map(|link| link.rev),
           "former": view.former, "sage": sage, "crm": crm,
           "children": view.below.map(|below| below.children), "sales": view.below.map(|below| below.sales),
           "parked": parked, "history": history, "fields": fields})
}

/// `counterpart link move`
pub fn moved(target: &TargetName, plan: &MovePlan, done: bool) -> Answer {
    let Some((root, below)) = plan.moves.split_first() else {
        return Answer::well("There is nothing to do.".to_owned(), json!({"moves": []}));
    };
    let mut lines = becomes(target, root);
    lines.extend(below.iter().map(below_it));
    lines.extend(around(plan, root));
    let undo = undo(target, plan);
    lines.push(end(done));
    let back = if done {
        "To take it back:"
    } else {
        "It can be taken back:"
    };
    lines.push(format!("{back}\n  {}", undo.join("\n  ")));
    Answer::well(
        printable_lines(&lines),
        moved_json(target, plan, done, &undo),
    )
}

/// What becomes of the record that was named, of the key that it leaves, and of its twins.
fn becomes(target: &TargetName, root: &Move) -> Vec<String> {
    let mut lines = Vec::new();
    if root.is_done() {
        lines.push(format!(
            "Record {} is the record of {} already; it is written in full once more.",
            root.id, root.key
        ));
    } else {
        lines.push(format!(
            "Record {} of {target} becomes {} {}.",
            root.id, root.key.entity, root.key
        ));
    }
    if root.entry.is_none() {
        lines.push(format!(
            "Sage 100 has no {} {} now: the link is stored, and nothing new is written to the record.",
            root.key.entity, root.key
        ));
    }
    if let Some(old) = root.leaves() {
        lines.push(format!(
            "{old} is linked to nothing from then on; what changes of it in Sage 100 waits for a person."
        ));
    }
    for twin in &root.twins {
        lines.push(format!(
            "Record {twin} loses its link and its key field, and stays otherwise as it is: merge it into {} in the CRM, or delete it.",
            root.id
        ));
    }
    lines
}

fn below_it(child: &Move) -> String {
    let mut text = format!(
        "Record {} below it becomes {} {}",
        child.id, child.key.entity, child.key
    );
    if !child.twins.is_empty() {
        let twins: Vec<&str> = child.twins.iter().map(|id| id.0.as_str()).collect();
        text.push_str(&format!(
            "; {} loses its link and its key field",
            twins.join(", ")
        ));
    }
    text.push('.');
    text
}

/// How many records and sales around it are touched by a move, and what comes of them.
fn around(plan: &MovePlan, root: &Move) -> Vec<String> {
    let record = &root.id;
    let mut lines = Vec::new();
    lines.extend(counted(
        plan.follow.len(),
        &format!("record below a twin follows to {record}."),
        &format!("records below a twin follow to {record}."),
    ));
    lines.extend(counted(
        plan.stay.len(),
        "record below it stays linked as it is: Sage 100 has no record of its code under the new key.",
        "records below it stay linked as they are: Sage 100 has no records of their codes under the new key.",
    ));
    lines.extend(counted(
        plan.unlinked,
        "record below it is linked to nothing, and stays so.",
        "records below it are linked to nothing, and stay so.",
    ));
    lines.extend(counted(
        plan.sales.of_record,
        &format!("sale names {record} and stays with it. An order of it in Sage 100 goes on, if Sage 100 has it under {}.", root.key),
        &format!("sales name {record} and stay with it. Their orders in Sage 100 go on, if Sage 100 has them under {}.", root.key),
    ));
    lines.extend(counted(
        plan.sales.of_twins,
        &format!("sale names a twin: what it asks of Sage 100 is parked (E_ACCOUNT_RELEASED) until it names {record}, which a merge in the CRM does."),
        &format!("sales name a twin: what they ask of Sage 100 is parked (E_ACCOUNT_RELEASED) until they name {record}, which a merge in the CRM does."),
    ));
    lines
}

/// A sentence with its number; none of nothing.
fn counted(count: usize, one: &str, more: &str) -> Option<String> {
    match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        count => Some(format!("{count} {more}")),
    }
}

fn moved_json(target: &TargetName, plan: &MovePlan, done: bool, undo: &[String]) -> Value {
    let moves: Vec<Value> = plan
        .moves
        .iter()
        .map(|one| {
            json!({"id": one.id, "entity": one.key.entity.name(), "key": one.key.text(),
                   "leaves": one.leaves().map(counterpart_domain::SageKey::text), "twins": one.twins,
                   "in_sage": one.entry.is_some()})
        })
        .collect();
    let stay: Vec<String> = plan
        .stay
        .iter()
        .map(counterpart_domain::SageKey::text)
        .collect();
    json!({"target": target, "done": done, "moves": moves, "follow": plan.follow.len(), "stay": stay,
                      "unlinked": plan.unlinked, "sales": {"of_record": plan.sales.of_record,
                      "of_twins": plan.sales.of_twins}, "undo": undo})
}

/// The commands that take a move back, as far as links go: those of what is below come last, since a record that comes back
/// takes along what it can.
fn undo(target: &TargetName, plan: &MovePlan) -> Vec<String> {
    let mut undo: Vec<String> = Vec::new();
    for one in &plan.moves {
        undo.extend(back(target, one));
    }
    // Below a twin again, with their own keys.
    let follow = plan.follow.iter();
    let follow = follow.filter_map(|link| Some(to(target, link.crm_id.as_ref()?, &link.key)));
    undo.extend(follow);
    undo
}

fn to(target: &TargetName, id: &CrmId, key: &SageKey) -> String {
    let entity = match key.entity.parent() {
        // Two entities may have records of one key below a customer.
        Some(_) => format!(" --entity {}", key.entity),
        None => String::new(),
    };
    format!(
        "counterpart link move {target} {id} {}{entity} --yes",
        key.word()
    )
}

fn back(target: &TargetName, one: &Move) -> Vec<String> {
    let mut undo = Vec::new();
    match one.leaves() {
        Some(old) => undo.push(to(target, &one.id, old)),
        None => undo.push(format!(
            "counterpart link release {target} {} --yes",
            one.id
        )),
    }
    let before = one.to.as_ref().and_then(|link| link.crm_id.as_ref());
    if let Some(before) = before.filter(|before| **before != one.id) {
        undo.push(to(target, before, &one.key));
    }
    undo
}

/// `counterpart link release`
pub fn released(target: &TargetName, plan: &ReleasePlan, done: bool) -> Answer {
    let link = &plan.link;
    let (key, id) = (
        &link.key,
        link.crm_id.clone().unwrap_or_else(|| CrmId(String::new())),
    );
    let undo = to(target, &id, key);
    let lines = [
        format!(
            "Record {id} of {target} is linked to {} {key} no more. Nothing is deleted or written on either side.",
            key.entity
        ),
        format!(
            "What changes of {key} in Sage 100 from then on is parked (E_LINK_RELEASED). A redrive takes the record that holds the key, or creates one."
        ),
        format!("What {id} asks of Sage 100 is parked as well. Nothing is created by itself."),
        format!(
            "Below it: linked records: {}, whose next change waits for {key}; sales: {}.",
            plan.children, plan.sales
        ),
        end(done),
        format!("To take it back:\n  {undo}"),
    ];
    let json = json!({"target": target, "done": done, "key": key.text(), "entity": key.entity.name(), "id": id,
                      "children": plan.children, "sales": plan.sales, "undo": [undo]});
    Answer::well(printable_lines(&lines), json)
}

fn end(done: bool) -> String {
    if done {
        "Done. The records are written by the CRM writer within a minute.".to_owned()
    } else {
        "Nothing was done. With --yes it is done as said.".to_owned()
    }
}

fn printable_lines(lines: &[String]) -> String {
    let lines = lines.iter().flat_map(|line| line.lines());
    lines.map(printable).collect::<Vec<_>>().join("\n")
}
