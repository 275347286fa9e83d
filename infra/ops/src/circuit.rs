//! `counterpart circuit`: who is not called at present, since when, why, and what waits; and closing it by hand.

use std::collections::BTreeMap;

use counterpart_config::{SageWay, SyncConfig};
use counterpart_delivery::ports::{Audit, ByHand, Circuit, Settings};
use counterpart_delivery::{circuit_of_company, close_circuit, is_closed};
use counterpart_domain::{Company, Fault, TargetName};
use counterpart_runtime::QueueDepths;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::output::{Answer, Refusal, Style, printable};

/// How many deeds of people are shown.
const DEEDS: usize = 10;
/// The longest pause of what was handed back, in words.
const COMES_AGAIN: &str =
    "What waits comes again by itself, each after its own pause (52 minutes at most).";

/// Whose circuit it is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Of {
    /// A CRM.
    Target(TargetName),
    /// A company's Sage 100.
    Company(Company),
}

impl Of {
    /// The name that people give it.
    fn title(&self) -> String {
        match self {
            Self::Target(target) => target.to_string(),
            Self::Company(company) => company.to_string(),
        }
    }

    /// The queue of the work that calls it.
    fn queue(&self) -> &str {
        match self {
            Self::Target(target) => target.as_str(),
            // All companies share it.
            Self::Company(_) => "sage-writes",
        }
    }
}

/// Every circuit that there may be, by the name that it is stored under.
fn all(config: &SyncConfig) -> Vec<(TargetName, Of)> {
    let targets = config.targets.keys();
    let targets = targets.map(|target| (target.clone(), Of::Target(target.clone())));
    let written = config.companies.iter();
    let written = written.filter(|(_, rules)| rules.write != SageWay::None);
    let written = written.filter_map(|(company, _)| {
        Some((circuit_of_company(company)?, Of::Company(company.clone())))
    });
    targets.chain(written).collect()
}

/// The circuits.
///
/// # Errors
/// When the store cannot be read.
pub async fn list<S: Settings + Audit>(
    store: &S,
    config: &SyncConfig,
    queues: &BTreeMap<TargetName, QueueDepths>,
    now: Timestamp,
    style: Style,
) -> Result<Answer, Fault> {
    let (mut rows, mut json, mut well) = (Vec::new(), Vec::new(), true);
    for (name, of) in all(config) {
        let circuit = store.circuit(&name).await?;
        well &= is_closed(&circuit);
        rows.push(row(&of, &circuit, queues, now));
        json.push(json_of(&name, &of, &circuit, queues, now));
    }
    let deeds = store.by_hand(DEEDS).await?;
    let header = [
        "circuit",
        "state",
        "since",
        "no calls before",
        "failures",
        "wait",
        "why",
    ];
    let mut text = style.table(&header, rows, &[4, 5]);
    if !well {
        text.push_str("\n\nA circuit closes by itself at the first call that gets through. `counterpart circuit close NAME` has the next one tried at once.");
    }
    if !deeds.is_empty() {
        text.push_str("\n\nDone by hand:\n");
        text.push_str(&deeds.iter().map(deed).collect::<Vec<_>>().join("\n"));
    }
    let deeds: Vec<Value> = deeds.iter().map(|deed| json!(deed)).collect();
    Ok(Answer {
        text,
        json: json!({"circuits": json, "by_hand": deeds}),
        well,
    })
}

fn deed(deed: &ByHand) -> String {
    format!(
        "  {:.0}  {} {} by {} (before: {})",
        deed.at,
        deed.verb,
        deed.to,
        printable(&deed.who),
        printable(&deed.before)
    )
}

fn state(circuit: &Circuit, now: Timestamp) -> &'static str {
    match circuit.open_until {
        _ if is_closed(circuit) => "closed",
        Some(until) if until > now && circuit.probing => "tried just now",
        Some(until) if until > now => "open",
        _ => "to be tried",
    }
}

/// How many messages wait for it; none where nobody can say.
fn waiting(of: &Of, queues: &BTreeMap<TargetName, QueueDepths>) -> Option<u64> {
    let depths = queues
        .iter()
        .find(|(name, _)| name.as_str() == of.queue())?
        .1;
    Some(depths.visible + depths.in_flight + depths.delayed)
}

/// The code and the sentence of what opened it.
fn reason(circuit: &Circuit) -> (&str, &str) {
    match circuit.reason.split_once(": ") {
        Some((code, sentence)) if code.starts_with("E_") => (code, sentence),
        _ => ("", circuit.reason.as_str()),
    }
}

fn row(
    of: &Of,
    circuit: &Circuit,
    queues: &BTreeMap<TargetName, QueueDepths>,
    now: Timestamp,
) -> Vec<String> {
    let instant =
        |at: Option<Timestamp>| at.map_or_else(|| "-".to_owned(), |at| format!("{at:.0}"));
    let open = !is_closed(circuit);
    vec![
        of.title(),
        state(circuit, now).to_owned(),
        instant(circuit.since),
        instant(circuit.open_until.filter(|until| open && *until > now)),
        circuit.failures.to_string(),
        waiting(of, queues).map_or_else(|| "?".to_owned(), |count| count.to_string()),
        if open {
            circuit.reason.clone()
        } else {
            String::new()
        },
    ]
}

fn json_of(
    name: &TargetName,
    of: &Of,
    circuit: &Circuit,
    queues: &BTreeMap<TargetName, QueueDepths>,
    now: Timestamp,
) -> Value {
    let (code, sentence) = reason(circuit);
    json!({"name": of.title(), "stored_as": name, "state": state(circuit, now), "since": circuit.since,
           "open_until": circuit.open_until, "failures": circuit.failures, "code": code, "message": sentence,
           "most_rows": circuit.most_rows, "waiting": waiting(of, queues)})
}

/// Closes the circuit of a target or a company.
///
/// # Errors
/// `E_UNKNOWN` when there is none of that name; when the store cannot be read or written.
pub async fn close<S: Settings + Audit>(
    store: &S,
    config: &SyncConfig,
    wanted: &str,
    who: &str,
    queues: &BTreeMap<TargetName, QueueDepths>,
    now: Timestamp,
) -> Result<Answer, Refusal> {
    let all = all(config);
    let found = all
        .iter()
        .find(|(name, of)| name.as_str() == wanted || of.title() == wanted);
    let Some((name, of)) = found else {
        let known: Vec<String> = all.iter().map(|(_, of)| of.title()).collect();
        return Err(Refusal::new(
            "E_UNKNOWN",
            format!("There is no circuit of {}.", printable(wanted)),
            format!(
                "There is: {}. A company has one where it is written.",
                known.join(", ")
            ),
        ));
    };
    let title = of.title();
    let Some(was) = close_circuit(store, name, who, now).await? else {
        return Ok(Answer::well(
            format!("The circuit of {title} is closed already; nothing was done."),
            json!({"name": title, "closed": false, "was": null}),
        ));
    };
    let (code, sentence) = reason(&was);
    let since = was.since.map_or_else(
        || "an unknown time".to_owned(),
        |since| format!("{since:.0}"),
    );
    let waits =
        waiting(of, queues).map_or_else(String::new, |count| format!(" In its queue: {count}."));
    Ok(Answer::well(
        format!(
            "The circuit of {title} is closed. It was open since {since} (failures in a row: {}):\n  {}\n{}{waits}\nNoted as done by {}.",
            was.failures,
            printable(&was.reason),
            COMES_AGAIN,
            printable(who)
        ),
        json!({"name": title, "closed": true, "by": who,
               "was": {"since": was.since, "failures": was.failures, "code": code, "message": sentence}}),
    ))
}

#[cfg(test)]
mod busy;

#[cfg(test)]
mod tests {
    use super::*;
    use counterpart_simulation::{VirtualClock, memory::MemoryStore};

    fn now() -> Timestamp {
        "2026-11-22T19:30:00Z".parse().unwrap()
    }

    fn config() -> SyncConfig {
        let text = SyncConfig::DEFAULT.replacen(
            "page_size = 500",
            "page_size = 500\nwrite = \"agent\"",
            1,
        );
        SyncConfig::parse(&text).unwrap()
    }

    fn open(reason: &str) -> Circuit {
        Circuit {
            failures: 4,
            open_until: Some("2026-11-22T19:34:00Z".parse().unwrap()),
            since: Some("2026-11-22T19:20:00Z".parse().unwrap()),
            reason: reason.into(),
            most_rows: Some(25),
            ..Circuit::default()
        }
    }

    #[test]
    fn an_open_circuit_says_since_when_and_why_and_is_closed_by_hand_once() {
        let clock = VirtualClock::new(now(), 1);
        let (store, config) = (MemoryStore::new(), config());
        let (zoho, sage) = (
            TargetName::new("zoho").unwrap(),
            TargetName::new("sage-abc").unwrap(),
        );
        let depths = QueueDepths {
            visible: 2,
            in_flight: 5,
            ..QueueDepths::default()
        };
        let queues = BTreeMap::from([(zoho.clone(), depths)]);
        clock.block_on(async {
            let why = "E_SAGE_DOWN: Sage 100 lets nobody in.";
            store.put_circuit(&sage, &open(why)).await.unwrap();
            store
                .put_circuit(&zoho, &open("E_CRM_SCOPE: A scope is missing."))
                .await
                .unwrap();
            let said = list(&store, &config, &queues, now(), Style::Plain)
                .await
                .unwrap();
            assert!(!said.well);
            insta::assert_snapshot!(said.text);
            assert_eq!(said.json["circuits"][1]["code"], "E_SAGE_DOWN");

            for name in ["ABC", "zoho"] {
                let said = close(&store, &config, name, "arn:jo", &queues, now())
                    .await
                    .unwrap();
                assert!(said.well && said.json["closed"] == true, "{said:?}");
            }
            let stored = store.circuit(&sage).await.unwrap();
            assert!(
                is_closed(&stored) && stored.most_rows == Some(25),
                "{stored:?}"
            );
            let again = close(&store, &config, "sage-abc", "arn:jo", &queues, now())
                .await
                .unwrap();
            assert!(again.text.contains("closed already"), "{again:?}");
            let said = list(&store, &config, &queues, now(), Style::Plain)
                .await
                .unwrap();
            assert!(
                said.well
                    && said.text.contains(
                        "circuit close sage-abc by arn:jo (before: failures in a row: 4; E_SAGE_DOWN"
                    )
            );
            assert_eq!(said.json["by_hand"].as_array().unwrap().len(), 2);
            let unknown = close(&store, &config, "nosuch", "arn:jo", &queues, now())
                .await
                .unwrap_err();
            assert_eq!(unknown.code, "E_UNKNOWN");
            assert!(
                unknown.remedy.starts_with("There is: zoho, ABC."),
                "{unknown:?}"
            );
        });
    }
}
