//! `counterpart parked redrive`: what was set aside is tried again, after it was said what each item would do.

use counterpart_delivery::ports::{Parked, Parking};
use counterpart_delivery::{Ports, Redrive, Would, is_answer};
use counterpart_domain::Fault;
use serde_json::{Value, json};

use super::find::{MOST, Meant, all, find, not_parked};
use super::list::{about, key};
use crate::output::{Answer, Refusal, Style, printable};

/// Why an item is left out where nobody named it or its code.
const ASKED: &str =
    "asks a question that a redrive answers; read it, then name it, or give its code with --code";

/// Which items, and whether anything is sent.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Their ids or Sage keys; empty: all.
    pub ids: Vec<String>,
    /// Only those with this code.
    pub code: Option<String>,
    /// Whether they are sent, after it was said what each does.
    pub send: bool,
}

/// One item, what it would do, and what became of it.
struct Item {
    parked: Parked,
    name: &'static str,
    sentence: String,
    would: Option<Would>,
    sent: bool,
    fault: Option<Fault>,
}

impl Item {
    fn left(parked: Parked, name: &'static str, sentence: String) -> Self {
        Self {
            parked,
            name,
            sentence,
            would: None,
            sent: false,
            fault: None,
        }
    }
}

/// Says what each item would do and, where asked for, does it. What cannot be done holds no other up.
///
/// # Errors
/// When the store cannot be read.
pub async fn redrive<P: Ports>(
    redrive: &Redrive<'_, P>,
    targets: &[String],
    wanted: &Wanted,
    style: Style,
) -> Result<Answer, Refusal> {
    let mut refused = Vec::new();
    let mut chosen = if wanted.ids.is_empty() {
        all(redrive.store, targets, MOST).await?
    } else {
        named(redrive.store, targets, &wanted.ids, &mut refused).await?
    };
    if let Some(code) = &wanted.code {
        chosen.retain(|item| item.fault.code == *code);
    }
    // Nobody answers what they have not read.
    let everything = wanted.ids.is_empty() && wanted.code.is_none();
    let mut items = Vec::with_capacity(chosen.len());
    for parked in chosen {
        items.push(planned(redrive, parked, everything).await);
    }
    if wanted.send {
        for item in &mut items {
            let Some(would) = item.would.take() else {
                continue;
            };
            let possible = !matches!(would, Would::Impossible(_));
            match redrive.send(&item.parked, would).await {
                Ok(()) => item.sent = possible,
                Err(fault) => item.fault = Some(fault),
            }
        }
    }
    let mut answer = answer(&items, wanted.send, style);
    if items.is_empty() && !refused.is_empty() {
        answer.text.clear();
    }
    // Whoever names an item wants to know that it was not sent.
    let stuck = !wanted.ids.is_empty() && items.iter().any(|item| item.name == "impossible");
    answer.well &= refused.is_empty() && !stuck;
    for (name, refusal) in &refused {
        if !answer.text.is_empty() {
            answer.text.push('\n');
        }
        answer.text.push_str(&refusal.text());
        if let Value::Array(all) = &mut answer.json {
            all.push(
                json!({"id": name, "would": "nothing", "sentence": refusal.message,
                            "code": refusal.code, "done": false, "fault": refusal.text()}),
            );
        }
    }
    Ok(answer)
}

async fn planned<P: Ports>(redrive: &Redrive<'_, P>, parked: Parked, everything: bool) -> Item {
    if everything && is_answer(&parked.fault.code) {
        return Item::left(parked, "asks", ASKED.to_owned());
    }
    match redrive.plan(&parked).await {
        Ok(would) => Item {
            would: Some(would.clone()),
            ..Item::left(parked, would.name(), would.sentence())
        },
        Err(fault) => Item {
            fault: Some(fault),
            ..Item::left(parked, "unknown", String::new())
        },
    }
}

/// Items by what names them. Names that lead to nothing, or to several, are told of.
async fn named(
    store: &impl Parking,
    targets: &[String],
    names: &[String],
    refused: &mut Vec<(String, Refusal)>,
) -> Result<Vec<Parked>, Refusal> {
    let mut found: Vec<Parked> = Vec::new();
    for name in names {
        let meant = find(store, targets, name).await?;
        if meant == Meant::Nothing {
            refused.push((name.clone(), not_parked(name, targets)));
        } else if meant.is_ambiguous() {
            refused.push((name.clone(), ambiguous(name, &meant.items())));
        } else {
            let new: Vec<Parked> = meant.items();
            found.extend(
                new.into_iter()
                    .filter(|item| !found.contains(item))
                    .collect::<Vec<_>>(),
            );
        }
    }
    Ok(found)
}

fn ambiguous(name: &str, items: &[Parked]) -> Refusal {
    let ids = items
        .iter()
        .map(|item| format!("{} {}", item.target, item.id));
    let ids: Vec<String> = ids.collect();
    Refusal::new(
        "E_PARKED_SEVERAL",
        format!(
            "{} has to do with {} parked items.",
            printable(name),
            items.len()
        ),
        format!("Name the one that you mean: {}.", ids.join(", ")),
    )
}

fn answer(items: &[Item], send: bool, style: Style) -> Answer {
    let json: Vec<Value> = items
        .iter()
        .map(|item| {
            json!({"target": item.parked.target, "id": item.parked.id, "key": key(&item.parked),
                   "code": item.parked.fault.code, "would": item.name, "sentence": item.sentence,
                   "done": item.sent, "fault": item.fault.as_ref().map(ToString::to_string)})
        })
        .collect();
    if items.is_empty() {
        return Answer::well("Nothing of that kind is parked.".into(), Value::Array(json));
    }
    let rows = items
        .iter()
        .map(|item| {
            vec![
                item.parked.target.clone(),
                item.parked.id.clone(),
                about(&item.parked),
                item.parked.fault.code.to_string(),
                item.fault
                    .as_ref()
                    .map_or_else(|| item.sentence.clone(), |fault| format!("failed: {fault}")),
            ]
        })
        .collect();
    let mut text = style.table(&["target", "id", "of", "code", "redrive"], rows, &[]);
    let impossible = items.iter().filter(|item| item.name == "impossible");
    let impossible = impossible.count();
    let failed = items.iter().filter(|item| item.fault.is_some()).count();
    let done = items.iter().filter(|item| item.sent).count();
    text.push('\n');
    text.push_str(&match (send, failed) {
        (false, _) => format!(
            "{} parked; nothing was sent. With --yes it is done as said.",
            items.len()
        ),
        (true, 0) => format!("{done} of {} done as said.", items.len()),
        (true, _) => format!(
            "{done} of {} done as said, {failed} failed and are still parked; it may be repeated.",
            items.len()
        ),
    });
    let asked = items.iter().filter(|item| item.name == "asks").count();
    if asked > 0 {
        text.push_str(&format!(" {asked} ask a question and stay parked."));
    }
    if impossible > 0 {
        text.push_str(&format!(" {impossible} cannot be sent."));
    }
    Answer {
        text,
        json: Value::Array(json),
        well: failed == 0,
    }
}
