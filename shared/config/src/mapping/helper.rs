//! The helpers that `with` names, and value tables.

use std::collections::BTreeMap;

use counterpart_domain::{Note, Record, Value};
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::name::{PersonName, title};
use super::{FieldMap, Refusal, address, phone, web};

/// How a country or state is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaceForm {
    /// The two letters of ISO 3166-1 (`US`), or of the post (`WI`, `QC`).
    Code,
    /// The three letters of ISO 3166-1: `USA`. Countries only.
    Code3,
    /// The English name: `United States`, `Wisconsin`, `Quebec`.
    Name,
}

/// How a field's value is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Helper {
    /// As it is, in the column's own type.
    Copy,
    /// As text.
    Text,
    /// As a decimal number; for UDFs, which are text.
    Number,
    /// As yes or no; for UDFs, which are text.
    Flag,
    /// As a date; for UDFs, which are text (`YYYYMMDD` or `YYYY-MM-DD`).
    Date,
    /// The texts that are not blank, one after the other.
    Join {
        /// What stands between them.
        by: String,
    },
    /// Address lines under each other, blank ones left out.
    AddressLines,
    /// A telephone number and, as the second column, its extension.
    Phone,
    /// The first e-mail address of a list.
    Email,
    /// A web address.
    Website,
    /// The first name in a full name.
    FirstName,
    /// The last name in a full name; never empty.
    LastName,
    /// The title before a name, out of a salutation or a full name: `Mr.`, `Mrs.`, `Ms.`, `Dr.`, `Prof.`
    Salutation,
    /// A state or province of the United States or Canada and, as the second column, its country.
    State {
        /// How it is written.
        form: PlaceForm,
        /// What a blank country means: an alpha-2 code.
        country: &'static str,
    },
    /// A country; further columns are others of the same address.
    Country {
        /// How it is written.
        form: PlaceForm,
        /// What a blank country means, unless the whole address is blank: an alpha-2 code.
        country: Option<&'static str>,
    },
    /// A postal code and, as the second column, its country.
    PostalCode {
        /// What a blank country means: an alpha-2 code.
        country: &'static str,
    },
    /// A value table, by the column's text (`Y` and `N` for flags).
    Values(BTreeMap<String, Value>),
}

/// What happens to a value that the helper cannot read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Otherwise {
    /// It is taken as it is.
    Keep,
    /// The field is left as it is in the CRM, and blank in a new record: only a blank in Sage takes a value away. Where an
    /// expression has no value, it is blank.
    Blank,
    /// The record is parked.
    Park,
}

impl Helper {
    /// Makes the value of `map` out of the columns' values.
    pub(super) fn apply(
        &self,
        values: &[Value],
        record: &Record,
        map: &FieldMap,
        notes: &mut Vec<Note>,
    ) -> Result<Value, Refusal> {
        let first = values.first().cloned().unwrap_or(Value::Blank);
        let text = Self::source_text(&first);
        match self {
            Self::Copy => Ok(first),
            Self::Text => Ok(Value::text(text)),
            Self::Number => map.read(first, "E_MAPPING_NUMBER", "is no number", |text| {
                number(text)
            }),
            Self::Flag => map.read(first, "E_MAPPING_FLAG", "is neither yes nor no", flag),
            Self::Date => map.read(first, "E_MAPPING_DATE", "is no date", date),
            Self::Join { by } => {
                let texts = values.iter().map(Self::source_text);
                let texts: Vec<String> = texts.filter(|text| !text.trim().is_empty()).collect();
                Ok(Value::text(texts.join(by)))
            }
            Self::AddressLines => Ok(address::lines(values.iter().map(Self::source_text))),
            Self::Phone => {
                let extension = values.get(1).map(Self::source_text).unwrap_or_default();
                let most = map.length.map_or(usize::MAX, |length| length as usize);
                match phone::number(&text, &extension, most) {
                    Some(number) => Ok(Value::text(number)),
                    None => {
                        let plain = phone::as_it_is(&text, &extension);
                        map.otherwise(plain, "E_MAPPING_PHONE", "is no telephone number")
                    }
                }
            }
            Self::Email => map.read(first, "E_MAPPING_EMAIL", "is no e-mail address", |text| {
                web::email(text).map(Value::text)
            }),
            Self::Website => map.read(first, "E_MAPPING_WEBSITE", "is no web address", |text| {
                web::website(text).map(Value::text)
            }),
            Self::FirstName => Ok(Value::text(PersonName::parse(&text).first)),
            Self::LastName => Ok(Value::text(last_name(&text, record))),
            Self::Salutation => {
                let mut titles = values.iter().map(|value| title(&Self::source_text(value)));
                match titles.find(|title| !title.is_empty()) {
                    Some(title) => Ok(Value::text(title)),
                    None if text.trim().is_empty() => Ok(Value::Blank),
                    None => map.otherwise(text, "E_MAPPING_SALUTATION", "has no known title"),
                }
            }
            Self::State { form, country } => map.state(*form, country, values, notes),
            Self::Country { form, country } => map.country(*form, *country, values, notes),
            Self::PostalCode { country } => map.postal_code(country, values, notes),
            Self::Values(table) => match table.get(text.as_str()) {
                Some(value) => Ok(value.clone()),
                None if first.is_blank() => Ok(Value::Blank),
                None => match map.otherwise {
                    Otherwise::Keep => Ok(first),
                    Otherwise::Blank | Otherwise::Park => Err(Refusal {
                        code: "E_MAPPING_VALUE_UNKNOWN",
                        why: "is not in the field's table of values".into(),
                    }),
                },
            },
        }
    }

    /// A value as Sage would write it: `Y` and `N` for flags.
    pub(crate) fn source_text(value: &Value) -> String {
        match value {
            Value::Flag(true) => "Y".into(),
            Value::Flag(false) => "N".into(),
            Value::Number(number) => number.normalize().to_string(),
            other => other.to_string(),
        }
    }
}

impl FieldMap {
    /// Reads a text; values that have their type already, and blanks, pass.
    fn read(
        &self,
        value: Value,
        code: &'static str,
        why: &str,
        read: impl Fn(&str) -> Option<Value>,
    ) -> Result<Value, Refusal> {
        match value {
            Value::Text(text) if text.trim().is_empty() => Ok(Value::Blank),
            Value::Text(text) => match read(text.trim()) {
                Some(value) => Ok(value),
                None => self.otherwise(text, code, why),
            },
            typed => Ok(typed),
        }
    }

    fn otherwise(&self, text: String, code: &'static str, why: &str) -> Result<Value, Refusal> {
        match self.otherwise {
            Otherwise::Keep => Ok(Value::text(text)),
            Otherwise::Blank | Otherwise::Park => Err(Refusal {
                code,
                why: why.to_owned(),
            }),
        }
    }
}

/// A record without a name goes by the last part of its key, a contact by its code: the CRMs want a last name.
fn last_name(text: &str, record: &Record) -> String {
    let last = PersonName::parse(text).last;
    if !last.is_empty() {
        return last;
    }
    let part = record.entity().spec().key.last();
    part.map(|part| record.text(part.column).to_owned())
        .unwrap_or_default()
}

pub(crate) fn number(text: &str) -> Option<Value> {
    text.parse::<Decimal>().ok().map(Value::Number)
}

pub(crate) fn flag(text: &str) -> Option<Value> {
    match text.to_ascii_uppercase().as_str() {
        "Y" | "YES" | "TRUE" | "T" | "1" => Some(Value::Flag(true)),
        "N" | "NO" | "FALSE" | "F" | "0" => Some(Value::Flag(false)),
        _ => None,
    }
}

pub(crate) fn date(text: &str) -> Option<Value> {
    let format = if text.len() == 8 {
        "%Y%m%d"
    } else {
        "%Y-%m-%d"
    };
    Date::strptime(format, text).ok().map(Value::Date)
}
