//! Sage columns by name.

use counterpart_domain::{ColumnKind, Entity, Record};

use super::item::Item;
use super::suggest;

/// Columns that are never read, whatever a mapping says: tax ids, cards, encrypted values.
const NEVER: [&str; 4] = [
    "TaxpayerID",
    "SocialSecurity",
    "CreditCard",
    "EncryptedVals",
];

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
