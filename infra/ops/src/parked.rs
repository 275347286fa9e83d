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

pub(crate) fn key(parked: &Parked) -> String {
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
pub(crate) fn ids(key: &str) -> Vec<String> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use counterpart_domain::{Class, TargetName};
    use counterpart_simulation::{VirtualClock, memory::MemoryStore};

    fn item(target: &str, id: &str, key: Option<SageKey>) -> Parked {
        let at = "2026-11-22T19:30:00Z".parse().unwrap();
        Parked {
            target: target.into(),
            id: id.into(),
            route: counterpart_delivery::ports::Route::CrmWrites,
            key,
            fault: Fault::new(
                Class::Data,
                "E_REP_UNMAPPED",
                "ABC:01-ABF belongs to a salesperson who is mapped to nobody.",
            )
            .with_detail("rep 01-0100"),
            payload:
                r#"{"k":"01-ABF","r":{"customer":{"CustomerName":"American\u001b[31m Business"}}}"#
                    .into(),
            run: Some("run1".into()),
            first_at: at,
            at,
            times: 2,
        }
    }

    fn store() -> (VirtualClock, MemoryStore) {
        let clock = VirtualClock::new("2026-11-22T19:30:00Z".parse().unwrap(), 1);
        let store = MemoryStore::new();
        let company = Company::new("ABC").unwrap();
        let key = SageKey::new(&company, Entity::CUSTOMER, "01-ABF").unwrap();
        clock.block_on(async {
            store
                .park(&item("zoho", &key.storage(), Some(key.clone())))
                .await
                .unwrap();
            for n in 0..250 {
                let key = SageKey::new(&company, Entity::CUSTOMER, &format!("02-{n:04}")).unwrap();
                store
                    .park(&item("zoho", &key.storage(), Some(key.clone())))
                    .await
                    .unwrap();
            }
            store.park(&item("-", "body#0af", None)).await.unwrap();
        });
        (clock, store)
    }

    #[test]
    fn the_list_walks_all_pages_of_all_targets_and_keeps_the_json_shape() {
        let (clock, store) = store();
        let targets = ["zoho".to_owned(), NO_TARGET.to_owned()];
        let found = clock.block_on(all(&store, &targets, 1000)).unwrap();
        assert_eq!(found.len(), 252);
        assert_eq!(
            clock.block_on(all(&store, &targets, 150)).unwrap().len(),
            150
        );
        let answer = list(&found[250..], 1000, Style::Plain);
        insta::assert_snapshot!(answer.text);
        insta::assert_json_snapshot!(answer.json);
    }

    #[test]
    fn one_is_shown_by_its_key_or_its_id_without_control_characters() {
        let (clock, store) = store();
        let targets = ["zoho".to_owned(), NO_TARGET.to_owned()];
        let by_key = clock
            .block_on(show(&store, &targets, "ABC:01-ABF"))
            .unwrap();
        let by_id = clock
            .block_on(show(&store, &targets, "customer#ABC:01-ABF"))
            .unwrap();
        assert_eq!(by_key, by_id);
        assert!(!by_key.text.contains('\u{1b}'));
        insta::assert_snapshot!(by_key.text);
        assert!(clock.block_on(show(&store, &targets, "body#0af")).is_ok());
        let refusal = clock
            .block_on(show(&store, &targets, "ABC:01-NONE"))
            .unwrap_err();
        assert_eq!(refusal.code, "E_NOT_PARKED");
    }

    #[test]
    fn what_got_through_is_no_longer_there() {
        let (clock, store) = store();
        let target = TargetName::new("zoho").unwrap();
        clock
            .block_on(store.unpark(&target, "customer#ABC:01-ABF"))
            .unwrap();
        assert!(
            clock
                .block_on(show(&store, &["zoho".to_owned()], "ABC:01-ABF"))
                .is_err()
        );
    }
}
