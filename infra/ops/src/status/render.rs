//! Showing it.

use std::collections::{BTreeMap, BTreeSet};

use counterpart_delivery::{Kind, Totals};
use counterpart_domain::TargetName;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{CursorState, RunState, Status};
use crate::output::{Answer, Style, printable};

const COUNTS: [&str; 9] = [
    "seen",
    "created",
    "updated",
    "unchanged",
    "excluded",
    "superseded",
    "parked",
    "waiting",
    "in_flight",
];

const fn counts(totals: &Totals) -> [u64; 9] {
    [
        totals.seen,
        totals.created,
        totals.updated,
        totals.unchanged,
        totals.excluded,
        totals.superseded,
        totals.parked,
        totals.waiting,
        totals.in_flight,
    ]
}

/// For people and for programs.
#[must_use]
pub fn answer(status: &Status, style: Style) -> Answer {
    let problems = status.problems();
    let mut parts = paused(status);
    parts.extend([cursors(status, style), runs(status, style)]);
    if !status.totals.is_empty() {
        parts.push(sums(status, style));
    }
    parts.push(queues(status, style));
    let mut lines: Vec<String> = problems
        .iter()
        .map(|(code, message)| format!("{code}: {}", printable(message)))
        .collect();
    for (company, counted) in &status.creations {
        if counted.last_hour > 0 {
            lines.push(format!(
                "Created in company {company} within the last hour: {} of {} that may be.",
                counted.last_hour, counted.most
            ));
        }
    }
    let parked: usize = status.parked.values().sum();
    if parked > 0 {
        let records = if parked == 1 {
            "record is"
        } else {
            "records are"
        };
        lines.push(format!(
            "{parked} {records} parked: `counterpart parked list` says which, and why."
        ));
    }
    let well = lines.is_empty();
    for (target, resting) in &status.resting {
        if *resting > 0 {
            let records = if *resting == 1 {
                "record of the CRM rests: the filters leave it"
            } else {
                "records of the CRM rest: the filters leave them"
            };
            lines.push(format!(
                "{target}: {resting} {records} out by now. A last update said so."
            ));
        }
    }
    if well {
        lines.push("Nothing needs a person.".into());
    }
    parts.push(lines.join("\n"));
    Answer {
        text: parts.join("\n\n"),
        json: json_of(status, &problems),
        well: problems.is_empty(),
    }
}

/// What stands still, before anything else: who paused what, and what waits meanwhile.
fn paused(status: &Status) -> Vec<String> {
    if status.paused.lines.is_empty() {
        return Vec::new();
    }
    let mut lines = status.paused.lines.clone();
    let waits = status.queues.iter();
    let waits = waits.filter(|(name, _)| !super::is_dead_end(name));
    let waits =
        waits.map(|(name, depths)| (name, depths.visible + depths.in_flight + depths.delayed));
    let waits = waits.filter(|(_, count)| *count > 0);
    let waits: Vec<String> = waits
        .map(|(name, count)| format!("{count} in {name}"))
        .collect();
    lines.push(match waits.as_slice() {
        [] => "Nothing waits in a queue.".to_owned(),
        _ => format!("In the queues: {}.", waits.join(", ")),
    });
    vec![lines.join("\n")]
}

fn cursors(status: &Status, style: Style) -> String {
    let rows = status
        .cursors
        .iter()
        .flat_map(|state| {
            let all = [(None, &state.cursor)];
            // A target that is behind is read for by itself; the lag above is that of the furthest.
            let apart = state
                .cursor
                .apart
                .iter()
                .map(|(name, own)| (Some(name), own));
            let lag = |alone: bool| state.lag_seconds.filter(|_| !alone);
            all.into_iter()
                .chain(apart)
                .map(|(alone, cursor)| {
                    let entity = alone.map_or_else(
                        || cursor.entity.to_string(),
                        |name| format!("{}, {name} alone", cursor.entity),
                    );
                    vec![
                        cursor.company.to_string(),
                        entity,
                        cursor
                            .watermark
                            .map_or_else(|| "nothing yet".into(), |stamp| stamp.to_string()),
                        lag(alone.is_some()).map_or_else(|| "-".into(), span),
                        cursor
                            .last_polled_at
                            .map_or_else(|| "never".into(), instant),
                        cursor.open.as_ref().map_or_else(
                            || "-".into(),
                            |open| {
                                format!("{} pages, since {}", open.pages, instant(open.opened_at))
                            },
                        ),
                    ]
                })
                .collect::<Vec<_>>()
        })
        .collect();
    let header = [
        "company",
        "entity",
        "read up to (Sage's clock)",
        "lag",
        "last poll",
        "window under way",
    ];
    style.table(&header, rows, &[3])
}

fn runs(status: &Status, style: Style) -> String {
    if status.runs.is_empty() {
        return "No runs.".into();
    }
    let mut header = vec![
        "run", "company", "entity", "by", "started", "state", "target",
    ];
    header.extend(COUNTS);
    let mut rows = Vec::new();
    for state in &status.runs {
        let run = &state.run;
        let ended = match (&run.stopped, run.finished_at) {
            (_, Some(_)) => "complete".to_owned(),
            (Some(why), None) => format!("stopped: {why}"),
            (None, None) => "under way".to_owned(),
        };
        let mut row = |target: String, counts: [String; 9]| {
            let mut row = vec![
                run.id.clone(),
                run.company.to_string(),
                run.entity.to_string(),
                kind(run.kind).to_owned(),
                instant(run.started_at),
                ended.clone(),
                target,
            ];
            row.extend(counts);
            rows.push(row);
        };
        // Salespersons go to no CRM; their runs are runs all the same.
        if state.totals.is_empty() {
            row("-".into(), COUNTS.map(|_| "-".into()));
        }
        for (target, totals) in &state.totals {
            row(
                target.to_string(),
                counts(totals).map(|count| count.to_string()),
            );
        }
    }
    style.table(&header, rows, &[7, 8, 9, 10, 11, 12, 13, 14, 15])
}

fn sums(status: &Status, style: Style) -> String {
    let mut header = vec!["target", "entity"];
    header.extend(COUNTS);
    let mut rows = Vec::new();
    for (target, entities) in &status.totals {
        for (entity, totals) in entities {
            let mut row = vec![target.to_string(), entity.to_string()];
            row.extend(counts(totals).map(|count| count.to_string()));
            rows.push(row);
        }
    }
    let table = style.table(&header, rows, &[2, 3, 4, 5, 6, 7, 8, 9, 10]);
    format!("Sums of these runs\n{table}")
}

fn queues(status: &Status, style: Style) -> String {
    let count = |count: Option<u64>| count.map_or_else(|| "?".into(), |count| count.to_string());
    let mut rows = Vec::new();
    let names: BTreeSet<&TargetName> = status.circuits.keys().chain(status.queues.keys()).collect();
    for target in names {
        let (circuit, depths) = (status.circuits.get(target), status.queues.get(target));
        let open = circuit.and_then(|circuit| circuit.open_until);
        let open = open.filter(|until| *until > status.at);
        // A company has a circuit and no queue, the queues on the way to Sage have no circuit.
        let of_company = target.as_str().starts_with("sage-") && depths.is_none();
        let count = |counted: Option<u64>| {
            if of_company {
                "-".into()
            } else {
                count(counted)
            }
        };
        rows.push(vec![
            target.to_string(),
            count(depths.map(|depths| depths.visible)),
            count(depths.map(|depths| depths.in_flight)),
            count(depths.map(|depths| depths.delayed)),
            if super::is_dead_end(target) {
                "-".into()
            } else {
                count(depths.and_then(|depths| depths.dead))
            },
            status
                .parked
                .get(target.as_str())
                .map_or_else(|| "-".into(), ToString::to_string),
            match (circuit, open) {
                (None, _) => "-".into(),
                (Some(_), None) => "closed".into(),
                (Some(_), Some(until)) => format!("open until {}", instant(until)),
            },
        ]);
    }
    let header = [
        "target or queue",
        "waiting",
        "being done",
        "delayed",
        "dead letters",
        "parked",
        "circuit",
    ];
    style.table(&header, rows, &[1, 2, 3, 4, 5])
}

const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Poll => "poll",
        Kind::Hint => "hint",
        Kind::Remap => "remap",
    }
}

fn instant(at: Timestamp) -> String {
    format!("{at:.0}")
}

fn span(seconds: i64) -> String {
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7_199 => format!("{} min", seconds / 60),
        _ => format!("{} h", seconds / 3_600),
    }
}

fn json_of(status: &Status, problems: &[(&str, String)]) -> Value {
    let totals_json = |totals: &Totals| -> Value {
        let pairs = COUNTS.into_iter().zip(counts(totals));
        Value::Object(
            pairs
                .map(|(name, count)| (name.to_owned(), count.into()))
                .collect(),
        )
    };
    let run = |state: &RunState| {
        let totals: Map<String, Value> = state
            .totals
            .iter()
            .map(|(target, totals)| (target.to_string(), totals_json(totals)))
            .collect();
        json!({"id": state.run.id, "company": state.run.company, "entity": state.run.entity, "kind": state.run.kind,
               "started_at": state.run.started_at, "finished_at": state.run.finished_at, "stopped": state.run.stopped,
               "totals": totals})
    };
    let cursor = |state: &CursorState| {
        let cursor = &state.cursor;
        let open = cursor.open.as_ref().map(|open| {
            json!({"run": open.run, "pages": open.pages, "from": open.from, "to": open.to,
                   "opened_at": open.opened_at, "wide": open.wide})
        });
        let behind: Vec<_> = cursor.apart.keys().collect();
        json!({"company": cursor.company, "entity": cursor.entity, "watermark": cursor.watermark,
               "lag_seconds": state.lag_seconds, "last_polled_at": cursor.last_polled_at, "open": open,
               "behind": behind})
    };
    let totals: BTreeMap<String, Map<String, Value>> = status
        .totals
        .iter()
        .map(|(target, entities)| {
            let entities = entities
                .iter()
                .map(|(entity, totals)| (entity.to_string(), totals_json(totals)));
            (target.to_string(), entities.collect())
        })
        .collect();
    let circuits: BTreeMap<String, Value> = status
        .circuits
        .iter()
        .map(|(target, circuit)| {
            let open = circuit.open_until.is_some_and(|until| until > status.at);
            let value = json!({"open": open, "open_until": circuit.open_until, "failures": circuit.failures,
                               "reason": circuit.reason});
            (target.to_string(), value)
        })
        .collect();
    let queues: BTreeMap<String, Value> = status
        .queues
        .iter()
        .map(|(target, depths)| {
            let value = json!({"visible": depths.visible, "in_flight": depths.in_flight, "delayed": depths.delayed,
                               "dead": depths.dead});
            (target.to_string(), value)
        })
        .collect();
    let creations: BTreeMap<String, Value> = status
        .creations
        .iter()
        .map(|(company, counted)| {
            let value = json!({"last_hour": counted.last_hour, "most": counted.most});
            (company.to_string(), value)
        })
        .collect();
    json!({
        "at": status.at,
        "config_version": status.config_version,
        "pauses": status.paused.pauses,
        "quiet": status.paused.quiet,
        "runs": status.runs.iter().map(run).collect::<Vec<_>>(),
        "totals": totals,
        "queues": queues,
        "cursors": status.cursors.iter().map(cursor).collect::<Vec<_>>(),
        "circuits": circuits,
        "parked": status.parked,
        "resting": status.resting,
        "creations": creations,
        "problems": problems.iter().map(|(code, message)| json!({"code": code, "message": message})).collect::<Vec<_>>(),
    })
}
