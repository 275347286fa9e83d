//! One value of the file, with its place, and how it becomes a typed one.

use std::ops::Range;
use std::str::FromStr as _;

use jiff::SignedDuration;
use toml::de::DeValue;

use super::{Findings, suggest};

/// One value of the file.
pub(super) struct Item<'a> {
    pub(super) findings: &'a Findings<'a>,
    pub(super) path: String,
    name: &'a str,
    pub(super) at: usize,
    /// Where the value itself stands.
    span: Range<usize>,
    value: &'a DeValue<'a>,
}

impl<'a> Item<'a> {
    /// The value of a key of the table at `parent`.
    pub(super) fn of_key(
        findings: &'a Findings<'a>,
        parent: &str,
        name: &'a str,
        at: usize,
        value: &'a toml::Spanned<DeValue<'a>>,
    ) -> Self {
        let dot = if parent.is_empty() { "" } else { "." };
        Self {
            findings,
            path: format!("{parent}{dot}{name}"),
            name,
            at,
            span: value.span(),
            value: value.get_ref(),
        }
    }

    /// Its key; for the element of a list, the list's.
    pub(super) const fn name(&self) -> &'a str {
        self.name
    }

    pub(super) const fn value(&self) -> &'a DeValue<'a> {
        self.value
    }

    pub(super) fn report(&self, message: impl Into<String>, remedy: impl Into<String>) {
        self.findings.report(self.at, &self.path, message, remedy);
    }

    /// Reports within a text of several lines, so many lines below its first.
    pub(super) fn report_below(
        &self,
        lines: usize,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.findings
            .report(self.text_at(lines), &self.path, message, remedy);
    }

    /// The offset of a line of this text, for texts in triple quotes; of the key for all others.
    fn text_at(&self, lines: usize) -> usize {
        let raw = self
            .findings
            .text
            .get(self.span.clone())
            .unwrap_or_default();
        let long = raw.starts_with("\"\"\"") || raw.starts_with("'''");
        if lines == 0 || !long {
            return self.at;
        }
        // A line break right after the quotes is no part of the text.
        let first = usize::from(
            raw.get(3..)
                .is_some_and(|rest| rest.starts_with(['\n', '\r'])),
        );
        let breaks = raw.match_indices('\n').map(|(at, _)| at + 1);
        let found = breaks.take(lines + first).last();
        self.span.start + found.unwrap_or(0)
    }

    pub(super) fn wrong_type(&self, wanted: &str) {
        let message = format!(
            "This is {}, where {wanted} is wanted.",
            type_name(self.value)
        );
        self.report(message, format!("Write {wanted}."));
    }

    pub(super) fn is_table(&self) -> bool {
        self.value.is_table()
    }

    /// A text.
    pub(super) fn text(&self) -> Option<&'a str> {
        let text = self.value.as_str();
        if text.is_none() {
            self.wrong_type("a text in quotes");
        }
        text
    }

    /// A text that is not blank.
    pub(super) fn filled(&self) -> Option<&'a str> {
        let text = self.text()?;
        if text.trim().is_empty() {
            self.report("This is blank.", "Give it a value.");
            return None;
        }
        Some(text)
    }

    /// `true` or `false`.
    pub(super) fn flag(&self) -> Option<bool> {
        let flag = self.value.as_bool();
        if flag.is_none() {
            self.wrong_type("true or false");
        }
        flag
    }

    /// A whole number in a range.
    pub(super) fn whole(&self, least: u32, most: u32) -> Option<u32> {
        let Some(integer) = self.value.as_integer() else {
            self.wrong_type("a whole number");
            return None;
        };
        let number = u32::from_str_radix(integer.as_str(), integer.radix()).ok();
        let fitting = number.filter(|number| (least..=most).contains(number));
        if fitting.is_none() {
            let message = format!("{integer} is out of range.");
            self.report(message, format!("Use {least} to {most}."));
        }
        fitting
    }

    /// A time span such as `15m`, in a range.
    pub(super) fn duration(&self, least: &str, most: &str) -> Option<SignedDuration> {
        let Some(text) = self.value.as_str() else {
            self.wrong_type("a time span in quotes, such as \"30s\" or \"15m\"");
            return None;
        };
        let span = |text: &str| SignedDuration::from_str(text).ok();
        let Some(duration) = span(text) else {
            let message = format!("{text:?} is not a time span.");
            self.report(
                message,
                "Write hours, minutes or seconds, such as \"2h\", \"15m\" or \"1h 30m\".",
            );
            return None;
        };
        let too_short = span(least).is_some_and(|least| duration < least);
        if too_short || span(most).is_some_and(|most| duration > most) {
            let message = format!("{text:?} is out of range.");
            self.report(message, format!("Use {least} to {most}."));
            return None;
        }
        Some(duration)
    }

    /// One of the words.
    pub(super) fn word<T: Clone>(&self, words: &[(&str, T)]) -> Option<T> {
        let text = self.text()?;
        let found = words.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let remedy = suggest::remedy(text, words.iter().map(|(word, _)| *word));
            self.report(format!("{text:?} is not known here."), remedy);
        }
        found.map(|(_, value)| value.clone())
    }

    /// A list; its elements.
    pub(super) fn list(&self) -> Option<Vec<Item<'a>>> {
        let Some(array) = self.value.as_array() else {
            self.wrong_type("a list in square brackets");
            return None;
        };
        let element = |(index, value): (usize, &'a toml::Spanned<DeValue<'a>>)| Item {
            findings: self.findings,
            path: format!("{}[{index}]", self.path),
            name: self.name,
            at: value.span().start,
            span: value.span(),
            value: value.get_ref(),
        };
        Some(array.iter().enumerate().map(element).collect())
    }
}

const fn type_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with decimals",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
