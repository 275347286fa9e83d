//! A line for each probe.

use serde_json::{Value, json};

use super::{Probe, State};
use crate::output::{Answer, Colour, Style, printable};

/// What the doctor says.
#[must_use]
pub fn answer(probes: &[Probe], style: Style) -> Answer {
    let wide = |of: fn(&Probe) -> usize| probes.iter().map(of).max().unwrap_or(0);
    let subject = wide(|probe| probe.subject.chars().count());
    let check = wide(|probe| probe.check.chars().count());
    let mut text = String::new();
    for probe in probes {
        text.push_str(&format!(
            "{} {:<4} {:<subject$}  {:<check$}  {}{}\n",
            sign(probe.state, style),
            probe.area,
            printable(&probe.subject),
            printable(&probe.check),
            if probe.code.is_empty() {
                String::new()
            } else {
                format!("{}: ", probe.code)
            },
            printable(&probe.found)
        ));
        if !probe.remedy.is_empty() {
            text.push_str(&format!("       {}\n", printable(&probe.remedy)));
        }
    }
    let count = |state| probes.iter().filter(|probe| probe.state == state).count();
    let (failed, doubtful) = (count(State::Failed), count(State::Doubtful));
    text.push_str(&format!(
        "{} well, {doubtful} to look at, {failed} failed.",
        count(State::Well)
    ));
    let checks: Vec<Value> = probes.iter().map(Probe::json).collect();
    Answer {
        text,
        json: json!({"well": failed == 0, "checks": checks}),
        well: failed == 0,
    }
}

/// A sign on a terminal, a word elsewhere.
fn sign(state: State, style: Style) -> String {
    if style == Style::Plain {
        return format!("{:<4}", state.name());
    }
    match state {
        State::Well => style.paint(Colour::Green, "✓"),
        State::Doubtful => style.paint(Colour::Yellow, "!"),
        State::Failed => style.paint(Colour::Red, "✗"),
        State::Skipped => "-".into(),
    }
}
