//! Sage columns by name.

use counterpart_domain::{Access, ColumnKind, Entity, TableSpec};

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
    match known_column(name, entity) {
        Ok(kind) => Some((name.to_owned(), kind)),
        Err((message, remedy)) => {
            item.report(message, remedy);
            None
        }
    }
}

/// The type of a column of the entity or a UDF; else what is wrong with it, and what to do.
pub(crate) fn known_column(name: &str, entity: Entity) -> Result<ColumnKind, (String, String)> {
    if NEVER.iter().any(|never| name.contains(never)) {
        return Err((
            format!("{name} holds what is never read: tax ids, card data, encrypted values."),
            "Take it out.".to_owned(),
        ));
    }
    if is_udf(name) {
        return Ok(ColumnKind::Text);
    }
    let specs = entity.columns();
    if let Some(spec) = specs.iter().find(|spec| spec.name == name) {
        return Ok(spec.kind);
    }
    let remedy = suggest::remedy(name, specs.iter().map(|spec| spec.name));
    Err((format!("A {entity} has no column {name:?}."), remedy))
}

/// Whether a name has the form of a user-defined field's.
fn is_udf(name: &str) -> bool {
    name.strip_prefix("UDF_").is_some_and(|rest| {
        !rest.is_empty()
            && rest.len() <= 60
            && rest.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

/// Whether a mapping may set a column of a table of Sage; else what is wrong with that, and what to do.
pub(super) fn known_name(name: &str, table: &'static TableSpec) -> Result<(), (String, String)> {
    const TAX_IDS: [&str; 2] = ["TaxExemptNo", "AlternateTaxIdentifier"];
    if NEVER.iter().any(|never| name.contains(never)) || TAX_IDS.contains(&name) {
        return Err((
            format!(
                "{name} holds what is never read or written: tax ids, card data, encrypted values."
            ),
            "Take it out.".to_owned(),
        ));
    }
    if is_udf(name) {
        return Ok(());
    }
    match table.column(name).map(|spec| spec.access) {
        Some(Access::Write) => Ok(()),
        Some(Access::ReadOnly) => Err((
            format!("Sage fills {name} by itself."),
            "Take it out.".to_owned(),
        )),
        Some(Access::Ours) => Err((
            format!("{name} is written by Counterpart itself."),
            "Take it out here.".to_owned(),
        )),
        None => {
            let names = table
                .all_columns()
                .filter(|spec| spec.access == Access::Write)
                .map(|spec| spec.name);
            let remedy = suggest::nearest(name, names).map_or_else(
                || "Use a column of the table, or a UDF (UDF_…).".to_owned(),
                |near| format!("Did you mean `{near}`?"),
            );
            Err((format!("{} has no column {name:?}.", table.in_sage), remedy))
        }
    }
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
