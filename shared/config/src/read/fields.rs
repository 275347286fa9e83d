//! `[targets.zoho.customer.fields]`: one line per CRM field.

use std::collections::BTreeMap;

use counterpart_domain::reconcile::FieldRule;
use counterpart_domain::{ColumnKind, Entity, Value};

use super::column::column;
use super::item::Item;
use super::section::Section;
use super::{compute, helper, rule, words};
use crate::{FieldMap, Helper, Otherwise, Source};

pub(super) fn read(
    item: &Item<'_>,
    entity: Entity,
    usual: FieldRule,
    taken: &BTreeMap<String, &'static str>,
    rules: &mut BTreeMap<String, FieldRule>,
) -> Vec<FieldMap> {
    let Some(section) = item.table() else {
        return Vec::new();
    };
    let mut maps: Vec<FieldMap> = Vec::new();
    for item in section.entries() {
        let name = item.name();
        if let Some(message) = words::api_name_fault(name) {
            item.report(message, words::API_NAME);
        }
        if let Some(key) = taken.get(&name.to_ascii_lowercase()) {
            item.report(
                format!("{name} is written by Counterpart itself, as `{key}`."),
                "Take it out of `fields`.",
            );
        }
        let twin = maps.iter().find(|map| map.field.eq_ignore_ascii_case(name));
        if let Some(twin) = twin {
            item.report(
                format!("{name} and {} are the same field to the CRM.", twin.field),
                "Keep one of them.",
            );
        }
        let (map, rule) = field(&item, entity, usual);
        rules.insert(name.to_owned(), rule);
        maps.push(map);
    }
    if maps.is_empty() {
        section.report(
            "No field is mapped.",
            "Add a line such as Account_Name = \"CustomerName\".",
        );
    }
    maps
}

fn field(item: &Item<'_>, entity: Entity, usual: FieldRule) -> (FieldMap, FieldRule) {
    let mut map = FieldMap {
        field: item.name().to_owned(),
        from: Source::Columns(Vec::new()),
        with: Helper::Copy,
        otherwise: Otherwise::Park,
        length: None,
        cut: false,
    };
    if !item.is_table() {
        // The short form: Account_Name = "CustomerName".
        let column = column(item, entity).map(|(name, _)| name);
        map.from = Source::Columns(column.into_iter().collect());
        return (map, usual);
    }
    let Some(mut section) = item.table() else {
        return (map, usual);
    };
    let columns = source(&mut section, entity, &mut map);
    helper::read(&mut section, &columns, &mut map);
    map.length = section
        .get("length")
        .and_then(|item| item.whole(1, 100_000));
    map.cut = section
        .get("cut")
        .and_then(|item| item.flag())
        .unwrap_or(false);
    if map.cut && map.length.is_none() && !section.has("length") {
        section.report(
            "`cut` has no effect without `length`.",
            "Add `length`, or take `cut` out.",
        );
    }
    if map.cut && map.with == Helper::Phone {
        section.report(
            "A cut telephone number is another number.",
            "Take `cut` out.",
        );
    }
    let rule = rule::read(&mut section, usual, &map);
    section.finish();
    (map, rule)
}

/// `from`, `compute` or `const`; the columns' types.
fn source(section: &mut Section<'_>, entity: Entity, map: &mut FieldMap) -> Vec<ColumnKind> {
    let from = section.get("from");
    let computed = section.get("compute");
    let fixed = section.get("const");
    match (from, computed, fixed) {
        (None, Some(item), None) => {
            let Some(expression) = compute::read(&item, entity) else {
                return vec![ColumnKind::Text];
            };
            let kind = expression.kind();
            if kind.is_none() {
                item.report(
                    "The expression makes no value of a field.",
                    "Make a text, number, flag or date; a list becomes a text with join(\", \").",
                );
            }
            map.from = Source::Computed(expression);
            kind.into_iter().collect()
        }
        (Some(item), None, None) => {
            let items = if item.value().is_array() {
                item.list().unwrap_or_default()
            } else {
                vec![item]
            };
            if items.is_empty() {
                section.report("`from` names no column.", "Name a Sage column or UDF.");
            }
            let columns: Vec<_> = items
                .iter()
                .filter_map(|item| column(item, entity))
                .collect();
            let (names, kinds) = columns.into_iter().unzip();
            map.from = Source::Columns(names);
            kinds
        }
        (None, None, Some(item)) => {
            map.from = Source::Const(helper::scalar(&item).unwrap_or(Value::Blank));
            Vec::new()
        }
        (None, None, None) => {
            section.report(
                "The field has no source.",
                "Add from = \"COLUMN\", compute = \"EXPRESSION\" or const = \"VALUE\".",
            );
            Vec::new()
        }
        (_, Some(item), _) | (_, _, Some(item)) => {
            item.report(
                "The field has two sources.",
                "Keep one of `from`, `compute` and `const`.",
            );
            Vec::new()
        }
    }
}
