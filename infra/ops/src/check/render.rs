//! The outcome of a check, for people and programs.

use counterpart_config::{Finding, SyncConfig};
use serde_json::{Value, json};

use super::{Problem, Severity};
use crate::output::{Answer, Colour, Style, printable};

/// What was compared with the file, beside its own rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// The living systems.
    Live,
    /// The living systems, as far as the file can be read.
    Partly,
    /// Nothing: asked for, or there is no deployment. The sentence says which.
    FileOnly(String),
}

impl Scope {
    /// For programs.
    #[must_use]
    pub const fn is_live(&self) -> bool {
        matches!(self, Self::Live | Self::Partly)
    }
}

/// The mistakes of the file itself, in the form of those of the living systems.
pub fn of_file(findings: &[Finding]) -> Vec<Problem> {
    let problem = |finding: &Finding| Problem {
        line: finding.line,
        path: finding.path.clone(),
        severity: Severity::Mistake,
        code: "E_CONFIG",
        message: finding.message.clone(),
        remedy: finding.remedy.clone(),
    };
    findings.iter().map(problem).collect()
}

/// The problems by line, without a conclusion.
#[must_use]
pub fn list(name: &str, problems: &[Problem], style: Style) -> String {
    let mut text = String::new();
    for problem in problems {
        let place = if problem.path.is_empty() {
            String::new()
        } else {
            format!(" {}", problem.path)
        };
        let severity = match problem.severity {
            Severity::Mistake => style.paint(Colour::Red, "mistake"),
            Severity::Unchecked => style.paint(Colour::Yellow, "unchecked"),
            Severity::Warning => style.paint(Colour::Yellow, "warning"),
        };
        text.push_str(&format!(
            "{name}:{}: {severity} {}{place}\n  {}\n  {}\n",
            problem.line,
            problem.code,
            printable(&problem.message),
            printable(&problem.remedy)
        ));
    }
    text
}

/// `2 mistakes, 1 warning`.
#[must_use]
pub fn counted(problems: &[Problem]) -> String {
    let parts: Vec<String> = [
        (Severity::Mistake, "mistake", "mistakes"),
        (Severity::Unchecked, "thing unchecked", "things unchecked"),
        (Severity::Warning, "warning", "warnings"),
    ]
    .into_iter()
    .filter_map(|(severity, one, many)| {
        let count = problems.iter().filter(|p| p.severity == severity).count();
        (count > 0).then(|| format!("{count} {}", if count == 1 { one } else { many }))
    })
    .collect();
    parts.join(", ")
}

/// Whether nothing stands in the way of a push.
#[must_use]
pub fn passes(problems: &[Problem]) -> bool {
    problems.iter().all(|p| p.severity == Severity::Warning)
}

/// For programs.
#[must_use]
pub fn findings_json(problems: &[Problem]) -> Value {
    problems.iter().map(Problem::json).collect()
}

/// The answer of `config check`. `config` is there when the file itself is in order.
#[must_use]
pub fn answer(
    name: &str,
    config: Option<&SyncConfig>,
    problems: &[Problem],
    scope: &Scope,
    style: Style,
) -> Answer {
    let mut text = list(name, problems, style);
    match config {
        Some(config) if passes(problems) => {
            text.push_str(&format!("{name} is in order: {}.", summary(config)));
            if !problems.is_empty() {
                text.push_str(&format!(" {}.", counted(problems)));
            }
        }
        _ => text.push_str(&format!(
            "{} found; nothing was changed.",
            counted(problems)
        )),
    }
    match scope {
        Scope::Live => {}
        Scope::Partly => text.push_str(
            "\nWhat E_CONFIG names was left out when the file was compared with the living systems: check again after mending it.",
        ),
        Scope::FileOnly(why) => text.push_str(&format!("\n{why}")),
    }
    Answer {
        text,
        json: json!({"findings": findings_json(problems), "live": scope.is_live()}),
        well: passes(problems),
    }
}

fn summary(config: &SyncConfig) -> String {
    let join = |names: Vec<String>| names.join(", ");
    format!(
        "companies {}; targets {}",
        join(config.companies.keys().map(ToString::to_string).collect()),
        join(config.targets.keys().map(ToString::to_string).collect())
    )
}
