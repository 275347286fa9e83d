//! The way back: from a field that is mapped from Sage to the columns that it came from, where the mapping tells it.

use std::collections::BTreeMap;

use counterpart_domain::{Access, AddressPart, Entity, TableSpec, Value};

use super::columns::plain;
use crate::{FieldMap, Helper, SageFieldMap, SageSource, SageWith, Source};

/// The columns that a field's value goes back to. `None`: the mapping cannot be turned round.
pub(super) fn of(map: &FieldMap, all: &[FieldMap], entity: Entity) -> Option<Vec<SageFieldMap>> {
    let Source::Columns(columns) = &map.from else {
        return None;
    };
    entity.spec().key_source?;
    let table = &entity.spec().table;
    let writable = |column: &String| {
        let access = table.column(column).map(|spec| spec.access);
        column.starts_with("UDF_") || access == Some(Access::Write)
    };
    let first = columns.first().filter(|column| writable(column))?;
    let field = &map.field;
    let one = |with| {
        vec![SageFieldMap {
            with,
            required: is_needed(first, entity),
            ..plain(first, field)
        }]
    };
    Some(match &map.with {
        Helper::FirstName | Helper::LastName => vec![name(first, all, entity)],
        Helper::Phone => match columns.get(1).filter(|column| writable(column)) {
            None if columns.len() == 1 => one(SageWith::AsIs),
            None => return None,
            Some(extension) => {
                let mut both = one(SageWith::Phone);
                both.push(SageFieldMap {
                    with: SageWith::PhoneExtension,
                    ..plain(extension, field)
                });
                both
            }
        },
        Helper::AddressLines => {
            if columns.len() > 3 || !columns.iter().all(writable) {
                return None;
            }
            let lines = columns.iter().zip(1..).map(|(column, line)| SageFieldMap {
                with: SageWith::AddressLine(line),
                ..plain(column, field)
            });
            lines.collect()
        }
        Helper::Values(values) => vec![SageFieldMap {
            values: turned(values)?,
            required: is_needed(first, entity),
            ..plain(first, field)
        }],
        Helper::State { .. } => with_country(first, field, SageWith::StateCode, all, table),
        Helper::PostalCode { .. } => with_country(first, field, SageWith::PostalCode, all, table),
        Helper::Country { .. } => one(SageWith::CountryCode3),
        Helper::Email => one(SageWith::Email),
        // The second column only helps out where the first one is blank.
        Helper::Salutation if first == "Salutation" => one(SageWith::AsIs),
        Helper::Salutation | Helper::Join { .. } => return None,
        Helper::Copy
        | Helper::Text
        | Helper::Number
        | Helper::Flag
        | Helper::Date
        | Helper::Website => match table.part(first) {
            Some(AddressPart::State) => with_country(first, field, SageWith::StateCode, all, table),
            Some(AddressPart::PostalCode) => {
                with_country(first, field, SageWith::PostalCode, all, table)
            }
            Some(AddressPart::Country) => one(SageWith::CountryCode3),
            None => one(SageWith::AsIs),
        },
    })
}

/// What Sage takes no record without.
pub(super) fn is_needed(column: &str, entity: Entity) -> bool {
    column == entity.spec().identity.name
}

/// A name out of its parts, first and last.
fn name(column: &str, all: &[FieldMap], entity: Entity) -> SageFieldMap {
    let part = |wanted: &Helper| {
        let of_it = |map: &&FieldMap| {
            map.with == *wanted && matches!(&map.from, Source::Columns(from) if from == &[column])
        };
        all.iter().find(of_it).map(|map| map.field.clone())
    };
    let parts = [part(&Helper::FirstName), part(&Helper::LastName)];
    SageFieldMap {
        from: SageSource::Fields(parts.into_iter().flatten().collect()),
        with: SageWith::Join,
        required: is_needed(column, entity),
        ..plain(column, "")
    }
}

/// A part of an address, with the field of its country where one is mapped.
fn with_country(
    column: &str,
    field: &str,
    with: SageWith,
    all: &[FieldMap],
    table: &TableSpec,
) -> Vec<SageFieldMap> {
    let of_country = |map: &&FieldMap| matches!(&map.from, Source::Columns(from) if from.first().is_some_and(|one| table.part(one) == Some(AddressPart::Country)));
    let country = all.iter().find(of_country).map(|map| map.field.clone());
    let fields = std::iter::once(field.to_owned()).chain(country);
    vec![SageFieldMap {
        from: SageSource::Fields(fields.collect()),
        with,
        ..plain(column, field)
    }]
}

/// A table of values the other way round. `None`: two of Sage's values are one in the CRM.
fn turned(values: &BTreeMap<String, Value>) -> Option<Vec<(String, String)>> {
    let mut turned: Vec<(String, String)> = Vec::new();
    for (sage, crm) in values {
        let crm = Helper::source_text(crm);
        if turned.iter().any(|(from, _)| *from == crm) {
            return None;
        }
        turned.push((crm, sage.clone()));
    }
    Some(turned)
}
