//! Several columns at once.

use std::collections::BTreeMap;

use counterpart_domain::{Fields, TableSpec, Value};

use super::fault::{Faults, Subject, Wrong};
use super::{Lengths, currency};
use crate::mapping::Helper;
use crate::{SageFieldMap, SageSource, SageWith};

/// What the making of columns needs beside maps and fields.
pub(super) struct Making<'a> {
    pub(super) table: &'static TableSpec,
    pub(super) subject: Subject,
    /// As it is called in sentences: `the sale`, `line 2 (HON-H252)`.
    pub(super) whose: &'a str,
    pub(super) lengths: &'a Lengths,
    /// What one unit of the CRM's currency is worth in Sage's.
    pub(super) rate: Option<rust_decimal::Decimal>,
}

impl Making<'_> {
    /// The columns, blank ones included; what is wrong goes to `faults`.
    pub(super) fn columns<'m>(
        &self,
        maps: impl IntoIterator<Item = &'m SageFieldMap>,
        fields: &Fields,
        faults: &mut Faults,
    ) -> Fields {
        let maps: Vec<&SageFieldMap> = maps.into_iter().collect();
        let lines = address_lines(&maps);
        let mut made = Fields::new();
        for map in maps {
            let spread = lines.get(&group(map)).copied().unwrap_or(3);
            match map.value(fields, self.table, self.lengths, spread) {
                Ok(value) => {
                    let value = match (self.converted(map, value, faults), &map.default) {
                        (Value::Blank, Some(default)) => default.clone(),
                        (value, _) => value,
                    };
                    if value.is_blank() && map.required {
                        self.missing(map, faults);
                    }
                    made.insert(map.column.name.clone(), value);
                }
                Err(refusal) => faults.add(
                    self.subject.code(refusal.wrong),
                    format!("{} {}", self.label(map), refusal.why),
                ),
            }
        }
        made
    }

    /// An amount of the CRM in Sage's currency.
    fn converted(&self, map: &SageFieldMap, value: Value, faults: &mut Faults) -> Value {
        let of_crm = matches!(map.from, SageSource::Fields(_));
        let (Value::Number(amount), Some(rate)) = (&value, self.rate) else {
            return value;
        };
        if !of_crm || !self.table.is_money(&map.column.name) {
            return value;
        }
        if let Some(made) = currency::converted(*amount, rate, 2) {
            return Value::Number(made);
        }
        faults.add(
            self.subject.code(Wrong::Invalid),
            format!(
                "{} is {amount}, which is too large to be converted. Correct it.",
                self.label(map)
            ),
        );
        Value::Blank
    }

    fn missing(&self, map: &SageFieldMap, faults: &mut Faults) {
        faults.add(
            self.subject.code(Wrong::Missing),
            format!(
                "{} is blank, and Sage 100 does not take {} without it ({}). Fill it in.",
                self.label(map),
                self.subject.name(),
                map.column.name
            ),
        );
    }

    /// `Shipping_Street of the sale`.
    fn label(&self, map: &SageFieldMap) -> String {
        match &map.from {
            // The second field of an address only says how the first one is read.
            SageSource::Fields(names) if map.with != SageWith::Join => {
                let first = names.first().map_or("", String::as_str);
                format!("{first} of {}", self.whose)
            }
            SageSource::Fields(names) => format!("{} of {}", names.join(" and "), self.whose),
            SageSource::Const(_) => format!("{} of {}", map.column.name, self.whose),
        }
    }
}

/// The maps of one street, by its source and the column's name without its number.
fn group(map: &SageFieldMap) -> (Vec<&str>, &str) {
    let name = &map.column.name;
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    (fields_of_ref(map), stem)
}

/// How many lines each street is spread over.
fn address_lines<'m>(maps: &[&'m SageFieldMap]) -> BTreeMap<(Vec<&'m str>, &'m str), u8> {
    let mut lines = BTreeMap::new();
    for map in maps {
        if let SageWith::AddressLine(line) = map.with {
            let most = lines.entry(group(map)).or_insert(line);
            *most = line.max(*most);
        }
    }
    lines
}

/// Whether the CRM's own field is there and blank: only then is a blank the sale's word. What could not be read is none, nor
/// what a rule makes nothing of.
pub(super) fn is_blank_in_crm(map: &SageFieldMap, fields: &Fields) -> bool {
    let names = match &map.from {
        SageSource::Const(_) => return false,
        SageSource::Fields(names) => names,
    };
    let counted = match map.with {
        SageWith::Join => names.len(),
        // The others only say how the first one is read.
        _ => 1,
    };
    let blank = |name: &String| {
        let value = fields.get(name);
        value.is_some_and(|value| Helper::source_text(value).trim().is_empty())
    };
    !names.is_empty() && names.iter().take(counted).all(blank)
}

/// Takes out what is blank for another reason than that the CRM's own field is.
pub(super) fn keep_own_blanks<'m>(
    columns: &mut Fields,
    maps: impl IntoIterator<Item = &'m SageFieldMap>,
    fields: &Fields,
) {
    let maps: BTreeMap<&str, &SageFieldMap> = maps
        .into_iter()
        .map(|map| (map.column.name.as_str(), map))
        .collect();
    columns.retain(|column, value| {
        let map = maps.get(column.as_str());
        !value.is_blank() || map.is_some_and(|map| is_blank_in_crm(map, fields))
    });
}

/// The fields that a map reads.
pub(super) fn fields_of(map: &SageFieldMap) -> Vec<String> {
    fields_of_ref(map).into_iter().map(str::to_owned).collect()
}

fn fields_of_ref(map: &SageFieldMap) -> Vec<&str> {
    match &map.from {
        SageSource::Fields(names) => names.iter().map(String::as_str).collect(),
        SageSource::Const(_) => Vec::new(),
    }
}
