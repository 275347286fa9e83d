//! What people and programs read.

use std::io::IsTerminal as _;

use comfy_table::{CellAlignment, Table, presets};
use counterpart_domain::Fault;
use serde_json::Value;

/// What a verb has to say.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// For people.
    pub text: String,
    /// For programs.
    pub json: Value,
    /// Nothing needs a person.
    pub well: bool,
}

impl Answer {
    /// An answer that needs nobody.
    #[must_use]
    pub const fn well(text: String, json: Value) -> Self {
        Self {
            text,
            json,
            well: true,
        }
    }
}

/// Why a command did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Stable, `E_…`.
    pub code: String,
    /// One sentence.
    pub message: String,
    /// What helps; may be empty.
    pub remedy: String,
}

impl Refusal {
    /// A refusal of the command itself.
    pub fn new(code: &str, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            message: message.into(),
            remedy: remedy.into(),
        }
    }

    /// As it is printed.
    #[must_use]
    pub fn text(&self) -> String {
        // Both may repeat what a CRM or an agent said.
        let mut text = format!("{}: {}", self.code, printable(&self.message));
        for line in self.remedy.lines() {
            text.push_str("\n  ");
            text.push_str(&printable(line));
        }
        text
    }

    /// For programs.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::json!({"error": {"code": self.code, "message": self.message, "remedy": self.remedy}})
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self {
            code: fault.code.into_owned(),
            message: fault.message,
            remedy: fault.detail,
        }
    }
}

/// How tables look: with lines on a terminal, plain columns elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// For a terminal.
    Lines,
    /// For a pipe or a file.
    Plain,
}

/// What catches the eye on a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// Well.
    Green,
    /// Look at it.
    Yellow,
    /// Wrong.
    Red,
}

impl Style {
    /// Coloured on a terminal, unless `NO_COLOR` is set; plain elsewhere.
    #[must_use]
    pub fn paint(self, colour: Colour, text: &str) -> String {
        if self == Self::Plain
            || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
        {
            return text.to_owned();
        }
        let code = match colour {
            Colour::Green => 32,
            Colour::Yellow => 33,
            Colour::Red => 31,
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }

    /// By what standard output is.
    #[must_use]
    pub fn of_stdout() -> Self {
        if std::io::stdout().is_terminal() {
            Self::Lines
        } else {
            Self::Plain
        }
    }

    /// A table; `numbers` are the columns that align to the right.
    #[must_use]
    pub fn table(self, header: &[&str], rows: Vec<Vec<String>>, numbers: &[usize]) -> String {
        let mut table = Table::new();
        table.load_style(match self {
            Self::Lines => presets::UTF8_FULL_CONDENSED,
            Self::Plain => presets::NOTHING,
        });
        table.set_header(header);
        table.add_rows(rows.into_iter().map(|row| row.into_iter().map(printable)));
        for number in numbers {
            if let Some(column) = table.column_mut(*number) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        let mut text: String = table
            .lines()
            .map(|line| line.trim_end().to_owned() + "\n")
            .collect();
        text.truncate(text.trim_end().len());
        text
    }
}

/// Text from outside without control characters: it could otherwise steer the terminal.
#[must_use]
pub fn printable(text: impl AsRef<str>) -> String {
    text.as_ref()
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piped_table_has_no_lines_and_no_control_characters() {
        let rows = vec![
            vec!["01-A\u{1b}[31m".into(), "7".into()],
            vec!["01-BB".into(), "1200".into()],
        ];
        insta::assert_snapshot!(Style::Plain.table(&["key", "count"], rows, &[1]), @r"
         key        count
         01-A [31m      7
         01-BB       1200
        ");
    }

    #[test]
    fn a_refusal_reads_as_code_sentence_and_remedy() {
        let refusal = Refusal::new("E_FILE", "x.toml cannot be read.", "Check the path.");
        assert_eq!(
            refusal.text(),
            "E_FILE: x.toml cannot be read.\n  Check the path."
        );
        let steered = Refusal::new("E_CRM", "\u{1b}[2Jgone", "one\ntwo\u{7}");
        assert_eq!(steered.text(), "E_CRM:  [2Jgone\n  one\n  two ");
    }
}
