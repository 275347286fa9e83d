//! Tables of Sage's columns: one line per column, from a CRM field or the configuration itself.

use counterpart_domain::{ColumnKind, TableSpec, Value};

use super::super::column::known_name;
use super::super::helper::scalar;
use super::super::item::Item;
use super::super::section::Section;
use super::super::words;
use super::write_back::pairs;
use crate::{SageColumn, SageFieldMap, SageSource, SageWith};

/// How a value is made, with the number of fields that it takes at most.
pub(in crate::read) const WITH: [(&str, SageWith, usize); 13] = [
    ("join", SageWith::Join, 10),
    ("address_line_1", SageWith::AddressLine(1), 1),
    ("address_line_2", SageWith::AddressLine(2), 1),
    ("address_line_3", SageWith::AddressLine(3), 1),
    ("state_code", SageWith::StateCode, 2),
    ("country_code3", SageWith::CountryCode3, 1),
    ("postal_code", SageWith::PostalCode, 2),
    ("phone", SageWith::Phone, 1),
    ("phone_extension", SageWith::PhoneExtension, 1),
    ("email", SageWith::Email, 1),
    ("date", SageWith::Date, 1),
    ("upper", SageWith::Upper, 1),
    ("as_is", SageWith::AsIs, 1),
];

/// Reads a table of columns; each line goes to `check` as well.
pub(super) fn read(
    item: &Item<'_>,
    table: &'static TableSpec,
    mut check: impl FnMut(&Item<'_>, &SageFieldMap),
) -> Vec<SageFieldMap> {
    let Some(section) = item.table() else {
        return Vec::new();
    };
    let mut maps = Vec::new();
    for item in section.entries() {
        if let Err((message, remedy)) = known_name(item.name(), table) {
            item.report(message, remedy);
        }
        if let Some(map) = column(&item, table) {
            check(&item, &map);
            maps.push(map);
        }
    }
    if section.entries().next().is_none() {
        section.report(
            "No column is named.",
            "Add a line such as Comment = \"Description\".",
        );
    }
    maps
}

/// A map of one field, as it is.
pub(super) fn plain(column: &str, field: &str) -> SageFieldMap {
    SageFieldMap {
        column: SageColumn {
            name: column.to_owned(),
            length: None,
        },
        from: SageSource::Fields(vec![field.to_owned()]),
        with: SageWith::AsIs,
        values: Vec::new(),
        cut: false,
        required: false,
        default: None,
    }
}

fn column(item: &Item<'_>, table: &'static TableSpec) -> Option<SageFieldMap> {
    let name = item.name();
    if !item.is_table() {
        return words::crm_path(item).map(|field| plain(name, &field));
    }
    let mut section = item.table()?;
    let mut map = plain(name, "");
    let kind = table.kind(name);
    source(&mut section, kind, &mut map);
    helper(&mut section, kind, &mut map);
    map.column.length = section.get("length").and_then(|item| item.whole(1, 4_000));
    map.cut = flag(&mut section, "cut");
    map.required = flag(&mut section, "required");
    map.default = section.get("default").and_then(|item| value(&item, kind));
    limits(&section, kind, &map);
    section.finish();
    Some(map)
}

fn flag(section: &mut Section<'_>, name: &'static str) -> bool {
    let given = section.get(name).and_then(|item| item.flag());
    given.unwrap_or(false)
}

/// `from` or `const`.
fn source(section: &mut Section<'_>, kind: ColumnKind, map: &mut SageFieldMap) {
    match (section.get("from"), section.get("const")) {
        (Some(item), None) => {
            let items = if item.value().is_array() {
                item.list().unwrap_or_default()
            } else {
                vec![item]
            };
            if items.is_empty() {
                section.report("`from` names no field.", "Name a field of the CRM.");
            }
            let fields = items.iter().filter_map(words::crm_path).collect();
            map.from = SageSource::Fields(fields);
        }
        (None, Some(item)) => {
            map.from = SageSource::Const(value(&item, kind).unwrap_or(Value::Blank));
        }
        (None, None) => section.report(
            "The column has no source.",
            "Add from = \"FIELD\" or const = \"VALUE\".",
        ),
        (Some(_), Some(item)) => item.report(
            "The column has two sources.",
            "Keep one of `from` and `const`.",
        ),
    }
}

/// `with` and `values`.
fn helper(section: &mut Section<'_>, kind: ColumnKind, map: &mut SageFieldMap) {
    let with = section.get("with");
    let values = section.get("values");
    let fields = match &map.from {
        SageSource::Fields(fields) => fields.len(),
        SageSource::Const(_) => {
            if with.is_some() || values.is_some() {
                section.report("A constant needs no helper.", "Keep `const` alone.");
            }
            0
        }
    };
    if let (Some(_), Some(item)) = (&with, &values) {
        item.report(
            "A column has either a helper or a table of values.",
            "Take `with` or `values` out.",
        );
    }
    if let Some(item) = &values {
        map.values = pairs(item);
        for entry in item.table().iter().flat_map(Section::entries) {
            if entry.value().as_str().is_some() {
                value(&entry, kind);
            }
        }
    }
    let mut most = 1;
    if let Some(item) = &with {
        let words: Vec<_> = WITH
            .iter()
            .map(|(word, with, most)| (*word, (*with, *most)))
            .collect();
        if let Some((with, takes)) = item.word(&words) {
            map.with = with;
            most = takes;
            suits(item, kind, with);
        }
    }
    if fields > most {
        let message = format!(
            "This takes {most} field{}, not {fields}.",
            if most == 1 { "" } else { "s" }
        );
        section.report(
            message,
            "Take fields out of `from`, or use with = \"join\".",
        );
    }
}

fn suits(item: &Item<'_>, kind: ColumnKind, with: SageWith) {
    let fits = match with {
        SageWith::AsIs => true,
        SageWith::Date => matches!(kind, ColumnKind::Date | ColumnKind::Text),
        _ => kind == ColumnKind::Text,
    };
    if !fits {
        item.report(
            "The column's type does not suit this.",
            "Leave `with` out, or name a text column.",
        );
    }
}

/// What has no effect, or would do harm.
fn limits(section: &Section<'_>, kind: ColumnKind, map: &SageFieldMap) {
    let constant = matches!(map.from, SageSource::Const(_));
    if kind != ColumnKind::Text && (map.cut || section.has("length")) {
        section.report("Only texts have a length.", "Take `length` and `cut` out.");
    }
    if map.cut
        && matches!(
            map.with,
            SageWith::Phone | SageWith::PhoneExtension | SageWith::Email
        )
    {
        section.report("A cut number or address is another one.", "Take `cut` out.");
    }
    if constant && (map.required || map.default.is_some()) {
        section.report(
            "A constant is always there.",
            "Take `required` and `default` out.",
        );
    }
    if map.required && map.default.is_some() {
        section.report(
            "With a default, the column is never blank.",
            "Take `required` or `default` out.",
        );
    }
}

/// A value in the column's type.
fn value(item: &Item<'_>, kind: ColumnKind) -> Option<Value> {
    let value = scalar(item)?;
    let wanted = match kind {
        ColumnKind::Text => "a text",
        ColumnKind::Number => "a number",
        ColumnKind::Flag => "\"Y\" or \"N\"",
        ColumnKind::Date => "a day as YYYY-MM-DD",
    };
    let made = crate::to_sage::typed_constant(value, kind);
    if made.is_none() {
        item.report("The column never holds this.", format!("Write {wanted}."));
    }
    made
}
