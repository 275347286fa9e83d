//! How a field's value is made: `with`, `values`, `by`, `otherwise`.

use std::collections::BTreeMap;

use counterpart_domain::{ColumnKind, Value};
use rust_decimal::Decimal;
use toml::de::DeValue;

use super::item::Item;
use super::section::Section;
use super::suggest;
use crate::mapping::place;
use crate::{FieldMap, Helper, Otherwise, PlaceForm, Source};

/// What a blank country means, where nothing else is said.
const USUAL_COUNTRY: &str = "US";

const fn state(form: PlaceForm) -> Helper {
    Helper::State {
        form,
        country: USUAL_COUNTRY,
    }
}

const fn country(form: PlaceForm) -> Helper {
    Helper::Country {
        form,
        country: None,
    }
}

pub(super) const HELPERS: [(&str, Helper); 18] = [
    ("text", Helper::Text),
    ("number", Helper::Number),
    ("flag", Helper::Flag),
    ("date", Helper::Date),
    ("join", Helper::Join { by: String::new() }),
    ("address_lines", Helper::AddressLines),
    ("phone", Helper::Phone),
    ("email", Helper::Email),
    ("website", Helper::Website),
    ("first_name", Helper::FirstName),
    ("last_name", Helper::LastName),
    ("salutation", Helper::Salutation),
    ("state_code", state(PlaceForm::Code)),
    ("state_name", state(PlaceForm::Name)),
    ("country_code", country(PlaceForm::Code)),
    ("country_code3", country(PlaceForm::Code3)),
    ("country_name", country(PlaceForm::Name)),
    (
        "postal_code",
        Helper::PostalCode {
            country: USUAL_COUNTRY,
        },
    ),
];

/// `with`, `values`, `otherwise` and what goes with them.
pub(super) fn read(section: &mut Section<'_>, kinds: &[ColumnKind], map: &mut FieldMap) {
    let with = section.get("with");
    let values = section.get("values");
    let by = section.get("by");
    let otherwise = section.get("otherwise");
    let constant = matches!(map.from, Source::Const(_));
    match (with, values) {
        (Some(item), None) => {
            if let Some(helper) = item.word(&HELPERS) {
                map.with = helper;
                suits(&item, kinds, &map.with);
            }
        }
        (None, Some(item)) => map.with = Helper::Values(values_of(&item)),
        (Some(_), Some(item)) => {
            item.report(
                "A field has either a helper or a table of values.",
                "Take `with` or `values` out.",
            );
        }
        (None, None) if kinds.len() > 1 => {
            section.report(
                "Several columns do not make a value by themselves.",
                "Add with = \"join\", \"address_lines\", \"phone\" or another helper for several.",
            );
        }
        (None, None) => {}
    }
    if let Some(item) = &by {
        match (&mut map.with, item.text()) {
            (Helper::Join { by }, Some(text)) => text.clone_into(by),
            (_, None) => {}
            _ => item.report("`by` belongs to with = \"join\".", "Take it out."),
        }
    } else if let Helper::Join { by } = &mut map.with {
        " ".clone_into(by);
    }
    if let Some(item) = section.get("country") {
        blank_country(&item, &mut map.with);
    }
    map.otherwise = usual_otherwise(&map.with);
    if let Some(item) = otherwise {
        fallback(&item, map);
    }
    if constant && (map.with != Helper::Copy || section.has("otherwise")) {
        section.report("A constant needs no helper.", "Keep `const` alone.");
    }
}

const fn usual_otherwise(helper: &Helper) -> Otherwise {
    match helper {
        Helper::Phone
        | Helper::State { .. }
        | Helper::Country { .. }
        | Helper::PostalCode { .. } => Otherwise::Keep,
        Helper::Salutation => Otherwise::Blank,
        _ => Otherwise::Park,
    }
}

/// `country`: what a blank country means.
fn blank_country(item: &Item<'_>, helper: &mut Helper) {
    let Some(text) = item.filled() else { return };
    let Some(known) = place::country(text) else {
        let names = place::COUNTRIES.iter().map(|country| country.name);
        let near = suggest::nearest(text, names);
        item.report(
            format!("{text:?} is no country."),
            near.map_or_else(
                || "Write its code, such as \"US\" or \"CA\".".to_owned(),
                |near| format!("Did you mean `{near}`?"),
            ),
        );
        return;
    };
    match helper {
        Helper::State { country, .. } | Helper::PostalCode { country } => *country = known.code,
        Helper::Country { country, .. } => *country = Some(known.code),
        _ => item.report(
            "`country` belongs to the helpers for states, countries and postal codes.",
            "Take it out.",
        ),
    }
}

fn fallback(item: &Item<'_>, map: &mut FieldMap) {
    let words = [
        ("keep", Otherwise::Keep),
        ("blank", Otherwise::Blank),
        ("park", Otherwise::Park),
    ];
    let Some(word) = item.word(&words) else {
        return;
    };
    map.otherwise = word;
    match map.with {
        Helper::Values(_)
        | Helper::Phone
        | Helper::Email
        | Helper::Website
        | Helper::Salutation
        | Helper::State { .. }
        | Helper::Country { .. }
        | Helper::PostalCode { .. } => {}
        Helper::Number | Helper::Flag | Helper::Date => {
            if word == Otherwise::Keep {
                item.report(
                    "A text would be kept where the CRM wants another type.",
                    "Use \"blank\" or \"park\".",
                );
            }
        }
        _ if matches!(map.from, Source::Computed(_)) => {
            if word == Otherwise::Keep {
                item.report(
                    "There is nothing to keep where an expression has no value.",
                    "Use \"blank\" or \"park\".",
                );
            }
        }
        Helper::Copy
        | Helper::Text
        | Helper::Join { .. }
        | Helper::AddressLines
        | Helper::FirstName
        | Helper::LastName => {
            item.report(
                "`otherwise` has no effect: this always gives a value.",
                "Take it out.",
            );
        }
    }
}

/// Whether a helper suits the number and types of its columns.
fn suits(item: &Item<'_>, kinds: &[ColumnKind], helper: &Helper) {
    let most = match helper {
        Helper::Join { .. } | Helper::AddressLines | Helper::Country { .. } => 10,
        Helper::State { .. } | Helper::PostalCode { .. } => 2,
        Helper::Phone | Helper::Salutation => 2,
        _ => 1,
    };
    if kinds.len() > most {
        item.report(
            format!(
                "This takes {most} column{}, not {}.",
                if most == 1 { "" } else { "s" },
                kinds.len()
            ),
            "Take columns out of `from`, or use with = \"join\".",
        );
    }
    let wanted = match helper {
        Helper::Copy | Helper::Text | Helper::Join { .. } | Helper::Values(_) => return,
        Helper::Number => Some(ColumnKind::Number),
        Helper::Flag => Some(ColumnKind::Flag),
        Helper::Date => Some(ColumnKind::Date),
        _ => None,
    };
    if kinds
        .iter()
        .any(|kind| *kind != ColumnKind::Text && Some(*kind) != wanted)
    {
        item.report(
            "The column's type does not suit this.",
            "Leave `with` out, or name a text column.",
        );
    }
}

fn values_of(item: &Item<'_>) -> BTreeMap<String, Value> {
    let Some(section) = item.table() else {
        return BTreeMap::new();
    };
    let table: BTreeMap<_, _> = section
        .entries()
        .map(|item| {
            (
                item.name().to_owned(),
                scalar(&item).unwrap_or(Value::Blank),
            )
        })
        .collect();
    if table.is_empty() {
        section.report(
            "The table of values is empty.",
            "Add values, or take `values` out.",
        );
    }
    table
}

/// A text, number or flag as a field's value.
pub(super) fn scalar(item: &Item<'_>) -> Option<Value> {
    let number = |text: &str| text.parse::<Decimal>().ok().map(Value::Number);
    let value = match item.value() {
        DeValue::String(text) => Some(Value::text(text.to_string())),
        DeValue::Boolean(flag) => Some(Value::Flag(*flag)),
        DeValue::Integer(integer) if integer.radix() == 10 => number(integer.as_str()),
        DeValue::Float(float) => number(float.as_str()),
        _ => None,
    };
    if value.is_none() {
        item.report(
            "This is no value of a field.",
            "Write a text in quotes, a number, true or false.",
        );
    }
    value
}
