//! Showing pauses.

use counterpart_delivery::pause::{Did, Pause, PauseNote, Pausing, Scope};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::in_words;
use crate::output::{Answer, Style, printable};

/// Jobs for Sage 100 are set aside when they have waited for longer.
const JOBS_WAIT: SignedDuration = SignedDuration::from_hours(13 * 24);

/// A line for each pause and each quiet window that is on now.
pub(super) fn on_now(pausing: &Pausing<'_>) -> Vec<String> {
    let people = pausing.pauses.on(pausing.now);
    let people = people.map(|pause| printable(format!("PAUSED: {}.", in_words(pause))));
    let windows = pausing.quiet().into_iter();
    let windows = windows.map(|(of, until)| {
        printable(format!(
            "QUIET: {of} until {until:.0}, by a quiet window of sync.toml."
        ))
    });
    people.chain(windows).collect()
}

/// The same, for somebody who looked for another one or is held up by it.
pub(crate) fn what_is_on(pausing: &Pausing<'_>) -> String {
    let mut lines = on_now(pausing);
    if lines.is_empty() {
        lines.push("Nothing is paused.".to_owned());
    }
    if !pausing.quiet().is_empty() {
        lines.push(WINDOWS.to_owned());
    }
    lines.join("\n")
}

const WINDOWS: &str =
    "A quiet window is ended by taking it out of sync.toml, and `counterpart config push`.";

pub(super) fn by_id(several: &[Pause]) -> String {
    let lines = several.iter();
    let lines =
        lines.map(|pause| format!("counterpart resume {}    {}", pause.id, in_words(pause)));
    lines.collect::<Vec<_>>().join("\n")
}

pub(super) fn begun(pause: &Pause) -> Answer {
    let mut lines = vec![
        format!("Paused: {}.", in_words(pause)),
        "What comes meanwhile waits, and is done afterwards. What is at work just now ends its page or message.".to_owned(),
        format!("`counterpart resume {}` ends it.", pause.id),
    ];
    let lasts = |until: Timestamp| until.duration_since(pause.since);
    match pause.until.map(lasts) {
        None => lines.push(
            "It has no end of its own: after two days the alarm `paused-long` rings.".to_owned(),
        ),
        Some(lasts) if lasts > JOBS_WAIT => lines.push(
            "Jobs for Sage 100 wait for thirteen and a half days at most; after that they are parked (E_JOB_EXPIRES), to be redriven.".to_owned(),
        ),
        Some(_) => {}
    }
    Answer::well(text(&lines), json_of(pause))
}

pub(super) fn ended(pause: &Pause, pausing: &Pausing<'_>) -> Answer {
    let mut lines = vec![format!(
        "Resumed: {}. What waited is done within the hour.",
        pause.scope
    )];
    let others = pausing.pauses.on(pausing.now);
    let others = others.filter(|other| other.scope.meets(&pause.scope));
    lines.extend(others.map(|other| format!("Still paused: {}.", in_words(other))));
    if !pausing.quiet().is_empty() {
        let quiet = pausing.quiet().into_iter();
        lines.extend(quiet.map(|(of, until)| format!("Still quiet: {of} until {until:.0}.")));
        lines.push(WINDOWS.to_owned());
    }
    Answer::well(text(&lines), json_of(pause))
}

pub(super) fn all(pausing: &Pausing<'_>, notes: &[PauseNote], style: Style) -> Answer {
    let mut lines = on_now(pausing);
    if lines.is_empty() {
        lines.push("Nothing is paused.".to_owned());
    }
    let rows = notes.iter().map(|note| {
        let did = match note.did {
            Did::Began => "paused",
            Did::Ended => "resumed",
        };
        vec![
            format!("{:.0}", note.at),
            note.by.clone(),
            did.to_owned(),
            note.pause.scope.to_string(),
            note.pause
                .until
                .map_or_else(|| "-".to_owned(), |until| format!("{until:.0}")),
            note.pause.reason.clone(),
            note.pause.id.clone(),
        ]
    });
    let header = ["at", "by", "did", "what", "until", "why", "id"];
    let table = style.table(&header, rows.collect(), &[]);
    let people: Vec<Value> = pausing.pauses.on(pausing.now).map(json_of).collect();
    let history = notes.iter().map(|note| {
        json!({"at": note.at, "by": note.by, "did": note.did, "pause": json_of(&note.pause)})
    });
    let json = json!({
        "pauses": people,
        "quiet": quiet_json(pausing),
        "history": history.collect::<Vec<_>>(),
    });
    let mut text = lines.join("\n");
    if !notes.is_empty() {
        text.push_str("\n\n");
        text.push_str(&table);
    }
    Answer::well(text, json)
}

/// For programs.
pub(super) fn json_of(pause: &Pause) -> Value {
    let Scope {
        company,
        target,
        kind,
    } = &pause.scope;
    json!({"id": pause.id, "company": company, "target": target, "entity": kind, "by": pause.by, "reason": pause.reason,
           "since": pause.since, "until": pause.until, "ended": pause.ended})
}

/// For programs: the quiet windows that are on.
pub(super) fn quiet_json(pausing: &Pausing<'_>) -> Vec<Value> {
    let windows = pausing.quiet().into_iter();
    windows
        .map(|(of, until)| json!({"of": of, "until": until}))
        .collect()
}

fn text(lines: &[String]) -> String {
    lines.iter().map(printable).collect::<Vec<_>>().join("\n")
}
