//! `counterpart parked`: what was set aside, and why.

use counterpart_delivery::ports::{Parked, Parking};
use counterpart_domain::{Company, Entity, Fault, SageKey};
use serde_json::{Value, json};

use crate::output::{Answer, Refusal, Style, printable};

/// The target name that messages go under that named none that can be read.
pub const NO_TARGET: &str = "-";
const PAGE: usize = 100;

/// At most `limit` of what is parked in these targets.
///
/// # Errors
/// When the store cannot be read.
pub async fn all(
    store: &impl Parking,
    targets: &[String],
    limit: usize,
) -> Result<Vec<Parked>, Fault> {
    let mut all: Vec<Parked> = Vec::new();
    for target in targets {
        let mut after: Option<String> = None;
        while all.len() < limit {
            let page = store
                .parked_of(target, after.as_deref(), PAGE.min(limit - all.len()))
                .await?;
            after = page.last().map(|last| last.id.clone());
            let done = page.is_empty();
            all.extend(page);
            if done {
                break;
            }
        }
    }
    Ok(all)
}

fn key(parked: &Parked) -> String {
    parked
        .key
        .as_ref()
        .map_or_else(|| parked.id.clone(), SageKey::text)
}

/// The list.
#[must_use]
pub fn list(parked: &[Parked], limit: usize, style: Style) -> Answer {
    let json: Vec<Value> = parked
        .iter()
        .map(|p| {
            json!({"target": p.target, "id": p.id, "key": key(p), "code": p.fault.code,
                   "message": p.fault.message, "at": p.at, "times": p.times})
        })
        .collect();
    if parked.is_empty() {
        return Answer::well("Nothing is parked.".into(), Value::Array(json));
    }
    let rows = parked
        .iter()
        .map(|p| {
            vec![
                p.target.clone(),
                p.key
                    .as_ref()
                    .map_or("-", |key| key.entity.name())
                    .to_owned(),
                key(p),
                p.fault.code.to_string(),
                format!("{:.0}", p.at),
                p.times.to_string(),
                p.fault.message.clone(),
            ]
        })
        .collect();
    let mut text = style.table(
        &["target", "entity", "key", "code", "at", "times", "why"],
        rows,
        &[5],
    );
    text.push_str(&format!("\n{} parked.", parked.len()));
    if parked.len() == limit {
        text.push_str(" There may be more: --limit shows them.");
    }
    Answer::well(text, Value::Array(json))
}

/// The ids that a person may mean: an id as listed, or a Sage key of any entity.
fn ids(key: &str) -> Vec<String> {
    let mut ids = vec![key.to_owned()];
    if let Some((company, local)) = key.split_once(':')
        && let Ok(company) = Company::new(company)
    {
        ids.extend(
            Entity::ALL
                .into_iter()
                .filter_map(|entity| Some(SageKey::new(&company, entity, local).ok()?.storage())),
        );
    }
    ids
}

/// One of them, in all these targets.
///
/// # Errors
/// When the store cannot be read, or nothing of this key is parked.
pub async fn show(
    store: &impl Parking,
    targets: &[String],
    wanted: &str,
) -> Result<Answer, Refusal> {
    let mut found = Vec::new();
    for target in targets {
        for id in ids(wanted) {
            found.extend(store.parked(target, &id).await?);
        }
    }
    if found.is_empty() {
        return Err(Refusal::new(
            "E_NOT_PARKED",
            format!(
                "Nothing of {} is parked in {}.",
                printable(wanted),
                targets.join(", ")
            ),
            "`counterpart parked list` shows what is. A record that got through is no longer parked.",
        ));
    }
    let text: Vec<String> = found.iter().map(describe).collect();
    let json = found
        .iter()
        .map(|p| {
            json!({"target": p.target, "id": p.id, "key": key(p), "code": p.fault.code, "class": p.fault.class,
                   "message": p.fault.message, "detail": p.fault.detail, "run": p.run, "first_at": p.first_at,
                   "at": p.at, "times": p.times, "payload": p.payload})
        })
        .collect();
    Ok(Answer::well(text.join("\n\n"), Value::Array(json)))
}

fn describe(parked: &Parked) -> String {
    let line = |name: &str, text: &str| {
        if text.is_empty() {
            String::new()
        } else {
            format!("  {name:<9} {}\n", printable(text))
        }
    };
    let payload = serde_json::from_str::<Value>(&parked.payload)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or_else(|_not_json| printable(&parked.payload));
    let mut text = format!("{} in {}\n", printable(key(parked)), parked.target);
    text.push_str(&line("code", &parked.fault.code));
    text.push_str(&line("why", &parked.fault.message));
    text.push_str(&line("detail", &parked.fault.detail));
    text.push_str(&line("id", &parked.id));
    text.push_str(&line("run", parked.run.as_deref().unwrap_or_default()));
    text.push_str(&line("first", &format!("{:.0}", parked.first_at)));
    text.push_str(&line(
        "last",
        &format!("{:.0}, {} times in all", parked.at, parked.times),
    ));
    text.push_str("  what was set aside:\n");
    for payload_line in payload.lines() {
        text.push_str(&format!("    {}\n", printable(payload_line)));
    }
    text.truncate(text.trim_end().len());
    text
}
