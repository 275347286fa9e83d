//! `[targets.zoho.customer.fields]`: one line per CRM field.

use std::collections::BTreeMap;

use counterpart_domain::reconcile::{FieldOwner, FieldRule, OnConflict};
use counterpart_domain::{ColumnKind, Entity, Record, Value};
use rust_decimal::Decimal;
use toml::de::DeValue;

use super::entity::FOREIGN_EDIT;
use super::item::Item;
use super::section::Section;
use super::{suggest, words};
use crate::{FieldMap, Helper, Otherwise, Source};

/// Columns that are never read, whatever a mapping says: tax ids, cards, encrypted values.
const NEVER: [&str; 4] = [
    "TaxpayerID",
    "SocialSecurity",
    "CreditCard",
    "EncryptedVals",
];

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
        if let Some(key) = taken.get(name) {
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

/// A column of the entity, or a UDF, with its type.
pub(super) fn column(item: &Item<'_>, entity: Entity) -> Option<(String, ColumnKind)> {
    let name = item.filled()?;
    if NEVER.iter().any(|never| name.contains(never)) {
        item.report(
            format!("{name} holds what is never read: tax ids, card data, encrypted values."),
            "Take it out.",
        );
        return None;
    }
    let udf = |rest: &str| {
        !rest.is_empty()
            && rest.len() <= 60
            && rest.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    if name.strip_prefix("UDF_").is_some_and(udf) {
        return Some((name.to_owned(), ColumnKind::Text));
    }
    let specs = Record::columns(entity);
    if let Some(spec) = specs.iter().find(|spec| spec.name == name) {
        return Some((name.to_owned(), spec.kind));
    }
    let remedy = suggest::remedy(name, specs.iter().map(|spec| spec.name));
    item.report(format!("A {entity} has no column {name:?}."), remedy);
    None
}

/// A column that holds text.
pub(super) fn text_column(item: &Item<'_>, entity: Entity) -> Option<String> {
    let (name, kind) = column(item, entity)?;
    if kind != ColumnKind::Text {
        item.report(
            format!("{name} holds no text."),
            "Name a text column or a UDF.",
        );
    }
    Some(name)
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
    helper(&mut section, &columns, &mut map);
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
    let rule = rule(&mut section, usual, &map);
    section.finish();
    (map, rule)
}

/// `from` or `const`; the columns' types.
fn source(section: &mut Section<'_>, entity: Entity, map: &mut FieldMap) -> Vec<ColumnKind> {
    let from = section.get("from");
    let fixed = section.get("const");
    match (from, fixed) {
        (Some(item), None) => {
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
        (None, Some(item)) => {
            map.from = Source::Const(scalar(&item).unwrap_or(Value::Blank));
            Vec::new()
        }
        (None, None) => {
            section.report(
                "The field has no source.",
                "Add from = \"COLUMN\" or const = \"VALUE\".",
            );
            Vec::new()
        }
        (Some(_), Some(item)) => {
            item.report(
                "The field has two sources.",
                "Keep either `from` or `const`.",
            );
            Vec::new()
        }
    }
}

/// A text, number or flag as a field's value.
fn scalar(item: &Item<'_>) -> Option<Value> {
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

const HELPERS: [(&str, Helper); 11] = [
    ("text", Helper::Text),
    ("number", Helper::Number),
    ("flag", Helper::Flag),
    ("date", Helper::Date),
    ("join", Helper::Join { by: String::new() }),
    ("address_lines", Helper::AddressLines),
    ("phone", Helper::Phone),
    ("email", Helper::Email),
    ("first_name", Helper::FirstName),
    ("last_name", Helper::LastName),
    ("salutation", Helper::Salutation),
];

/// `with`, `values`, `otherwise` and what goes with them.
fn helper(section: &mut Section<'_>, kinds: &[ColumnKind], map: &mut FieldMap) {
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
                "Add with = \"join\", \"address_lines\" or \"phone\".",
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
        Helper::Phone => Otherwise::Keep,
        Helper::Salutation => Otherwise::Blank,
        _ => Otherwise::Park,
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
        Helper::Values(_) | Helper::Phone | Helper::Email | Helper::Salutation => {}
        Helper::Number | Helper::Flag | Helper::Date => {
            if word == Otherwise::Keep {
                item.report(
                    "A text would be kept where the CRM wants another type.",
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
        Helper::Join { .. } | Helper::AddressLines => 10,
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

/// `owner`, `on_conflict` and `foreign_edit`.
fn rule(section: &mut Section<'_>, usual: FieldRule, map: &FieldMap) -> FieldRule {
    let owners = [
        ("sage", FieldOwner::Sage),
        ("crm", FieldOwner::Crm),
        ("both", FieldOwner::Both),
    ];
    let conflicts = [
        ("sage", OnConflict::Sage),
        ("crm", OnConflict::Crm),
        ("latest", OnConflict::Latest),
        ("park", OnConflict::Park),
    ];
    let owner = section
        .get("owner")
        .and_then(|item| item.word(&owners))
        .unwrap_or(usual.owner);
    let conflict = section.get("on_conflict");
    let foreign = section.get("foreign_edit");
    if owner != FieldOwner::Both
        && let Some(item) = &conflict
    {
        item.report(
            "`on_conflict` has no effect on a field with one owner.",
            "Take it out, or set owner = \"both\".",
        );
    }
    if owner == FieldOwner::Both
        && let Some(item) = &foreign
    {
        item.report(
            "`foreign_edit` has no effect on a field that both own.",
            "Take it out, or name one owner.",
        );
    }
    let returns =
        matches!(map.with, Helper::Copy | Helper::Text) && matches!(&map.from, Source::Columns(_));
    if owner == FieldOwner::Both && (!returns || map.cut) {
        section.report(
            "The CRM's value could not be brought back to Sage through this mapping.",
            "Let one side own the field, or map one column as it is.",
        );
    }
    FieldRule {
        owner,
        on_conflict: conflict
            .and_then(|item| item.word(&conflicts))
            .unwrap_or(usual.on_conflict),
        foreign_edit: foreign
            .and_then(|item| item.word(&FOREIGN_EDIT))
            .unwrap_or(usual.foreign_edit),
        crm_length: map.length,
        sage_length: None,
    }
}
