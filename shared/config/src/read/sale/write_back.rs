//! `write_back`: the CRM's fields that show what became of a record in Sage.

use super::super::item::Item;
use super::super::section::Section;
use super::super::words;
use crate::WriteBackFields;

/// What a status text has room for, where nothing is said: a text of both CRMs.
const USUAL_LENGTH: u32 = 255;

/// What kind of record it is of: a customer has neither a total nor an invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    Order,
    Record,
}

pub(super) fn read(section: &mut Section<'_>, of: Of) -> WriteBackFields {
    let usual = WriteBackFields {
        text_length: USUAL_LENGTH,
        ..WriteBackFields::default()
    };
    let table = section.get("write_back").and_then(|item| item.table());
    table.map_or(usual, |table| fields(table, of))
}

fn fields(mut section: Section<'_>, of: Of) -> WriteBackFields {
    let mut field = |name| section.get(name).and_then(|item| words::api_name(&item));
    let number = field("number");
    let status = field("status");
    let text = field("text");
    let (total, invoice) = match of {
        Of::Order => (field("total"), field("invoice")),
        Of::Record => (None, None),
    };
    let length = section.get("text_length");
    if let (Some(item), None) = (&length, &text) {
        item.report(
            "`text_length` has no effect without `text`.",
            "Take it out.",
        );
    }
    let text_length = length.and_then(|item| item.whole(20, 32_000));
    let status_values = section.get("status_values").map(|item| pairs(&item));
    let named = [&number, &status, &text, &total, &invoice];
    let named: Vec<&String> = named.into_iter().flatten().collect();
    for (index, name) in named.iter().enumerate() {
        if named
            .iter()
            .take(index)
            .any(|other| other.eq_ignore_ascii_case(name))
        {
            section.report(
                format!("{name} is named twice."),
                "Give each a field of its own.",
            );
        }
    }
    section.finish();
    WriteBackFields {
        number,
        status,
        status_values: status_values.unwrap_or_default(),
        text,
        text_length: text_length.unwrap_or(USUAL_LENGTH),
        total,
        invoice,
    }
}

/// A table of texts: `{ New = "Booked" }`.
pub(super) fn pairs(item: &Item<'_>) -> Vec<(String, String)> {
    let Some(section) = item.table() else {
        return Vec::new();
    };
    let pairs = section.entries().filter_map(|item| {
        let to = item.text()?;
        Some((item.name().to_owned(), to.to_owned()))
    });
    let pairs: Vec<_> = pairs.collect();
    if section.entries().next().is_none() {
        section.report("The table is empty.", "Add values, or take it out.");
    }
    pairs
}
