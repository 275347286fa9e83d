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

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn probe(subject: &str, state: State, found: &str, remedy: &str) -> Probe {
        Probe {
            area: "sage",
            subject: subject.into(),
            check: "health".into(),
            state,
            code: if state == State::Failed {
                "E_SAGE_TLS"
            } else {
                ""
            }
            .into(),
            found: found.into(),
            remedy: remedy.into(),
            took: Duration::from_millis(12),
        }
    }

    #[test]
    fn a_pipe_gets_words_and_a_terminal_signs() {
        let probes = [
            probe("ABC", State::Well, "agent 1.2, contract 1.0", ""),
            probe(
                "XYZ",
                State::Failed,
                "The agent's certificate has run out.",
                "Renew it.",
            ),
            probe("LONG", State::Doubtful, "slow \u{1b}[31m", ""),
        ];
        let plain = answer(&probes, Style::Plain);
        insta::assert_snapshot!(plain.text, @r"
        ok   sage ABC   health  agent 1.2, contract 1.0
        FAIL sage XYZ   health  E_SAGE_TLS: The agent's certificate has run out.
               Renew it.
        warn sage LONG  health  slow  [31m
        1 well, 1 to look at, 1 failed.
        ");
        assert!(!plain.well && plain.json["checks"][1]["state"] == "fail");
        let shown = answer(&probes, Style::Lines).text;
        assert!(
            ["✓", "✗", "!"].iter().all(|sign| shown.contains(sign)),
            "{shown}"
        );
    }
}
