//! `counterpart parked redrive`: what was set aside is tried again, after it was said what each item would do.

use counterpart_delivery::ports::{Parked, Store};
use counterpart_delivery::{Ports, Redrive, Would, is_answer};
use counterpart_domain::Fault;
use serde_json::{Value, json};

use crate::output::{Answer, Refusal, Style, printable};
use crate::parked;

/// Why an item is left out where nobody named it or its code.
const ASKED: &str =
    "asks a question that a redrive answers; read it, then name it, or give its code with --code";

/// The most items of one redrive.
const MOST: usize = 10_000;

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

/// Says what each item would do and, where asked for, does it.
///
/// # Errors
/// When the store cannot be read, or an id is not parked.
pub async fn redrive<P: Ports>(
    redrive: &Redrive<'_, P>,
    targets: &[String],
    wanted: &Wanted,
    style: Style,
) -> Result<Answer, Refusal> {
    let mut chosen = if wanted.ids.is_empty() {
        parked::all(redrive.store, targets, MOST).await?
    } else {
        named(redrive.store, targets, &wanted.ids).await?
    };
    if let Some(code) = &wanted.code {
        chosen.retain(|item| item.fault.code == *code);
    }
    let mut items = Vec::with_capacity(chosen.len());
    // Nobody answers what they have not read.
    let all = wanted.ids.is_empty() && wanted.code.is_none();
    for parked in chosen {
        if all && is_answer(&parked.fault.code) {
            items.push(Item {
                name: "asks",
                sentence: ASKED.to_owned(),
                would: None,
                parked,
                sent: false,
                fault: None,
            });
            continue;
        }
        let would = redrive.plan(&parked).await?;
        items.push(Item {
            name: would.name(),
            sentence: would.sentence(),
            would: Some(would),
            parked,
            sent: false,
            fault: None,
        });
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
    Ok(answer(&items, wanted.send, style))
}

/// Items by id or Sage key.
async fn named<S: Store>(
    store: &S,
    targets: &[String],
    ids: &[String],
) -> Result<Vec<Parked>, Refusal> {
    let mut found: Vec<Parked> = Vec::new();
    for wanted in ids {
        let before = found.len();
        for target in targets {
            for id in parked::ids(wanted) {
                if let Some(item) = store.parked(target, &id).await?
                    && !found.contains(&item)
                {
                    found.push(item);
                }
            }
        }
        if found.len() == before {
            return Err(Refusal::new(
                "E_NOT_PARKED",
                format!(
                    "Nothing of {} is parked in {}.",
                    printable(wanted),
                    targets.join(", ")
                ),
                "`counterpart parked list` shows what is. What got through is no longer parked. Nothing was sent.",
            ));
        }
    }
    Ok(found)
}

fn answer(items: &[Item], send: bool, style: Style) -> Answer {
    let json: Vec<Value> = items
        .iter()
        .map(|item| {
            json!({"target": item.parked.target, "id": item.parked.id, "key": parked::key(&item.parked),
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
                parked::key(&item.parked),
                item.parked.fault.code.to_string(),
                item.fault
                    .as_ref()
                    .map_or_else(|| item.sentence.clone(), |fault| format!("failed: {fault}")),
            ]
        })
        .collect();
    let mut text = style.table(&["target", "key", "code", "redrive"], rows, &[]);
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
