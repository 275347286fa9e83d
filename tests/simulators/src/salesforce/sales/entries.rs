//! Entries of price books: one price per product, price book and currency, and none in a custom
//! price book before the standard price is there.

use serde_json::{Value, json};

use super::{children, currency};
use crate::salesforce::{errors::Fail, org::Org, rows::Change, store::Record};

/// The rules of an entry.
///
/// # Errors
/// STANDARD_PRICE_NOT_DEFINED, FIELD_INTEGRITY_EXCEPTION.
pub fn check(
    org: &Org,
    old: Option<&Record>,
    record: &mut Record,
    change: &Change,
) -> Result<(), Fail> {
    let (Some(book), Some(product)) = (
        record.reference("Pricebook2Id"),
        record.reference("Product2Id"),
    ) else {
        return Ok(());
    };
    let same: Vec<&Record> = children(org, "PricebookEntry", "Product2Id", &product)
        .filter(|other| other.id != record.id && currency(other) == currency(record))
        .collect();
    // An entry keeps its place also when it is not active.
    if same
        .iter()
        .any(|other| other.reference("Pricebook2Id").as_ref() == Some(&book))
    {
        return Err(Fail::row(
            "FIELD_INTEGRITY_EXCEPTION",
            "This price definition already exists in this price book",
        ));
    }
    let is_standard = |entry: &Record| {
        entry
            .reference("Pricebook2Id")
            .and_then(|book| org.record("Pricebook2", &book))
            .is_some_and(|book| book.values.get("IsStandard") == Some(&json!(true)))
    };
    let standard = same.iter().find(|other| is_standard(other));
    let own_is_standard = is_standard(record);
    if old.is_none() && !own_is_standard && standard.is_none() {
        return Err(Fail::row(
            "STANDARD_PRICE_NOT_DEFINED",
            "No standard price defined for this product",
        ));
    }
    let follows = record.values.get("UseStandardPrice") == Some(&json!(true));
    let followed = old.is_some_and(|old| old.values.get("UseStandardPrice") == Some(&json!(true)));
    let priced = change.get("UnitPrice").is_some_and(|price| {
        !price.is_null() && old.is_none_or(|old| old.values.get("UnitPrice") != Some(price))
    });
    if (follows || followed) && priced && old.is_some() {
        return Err(Fail::row(
            "FIELD_INTEGRITY_EXCEPTION",
            "field integrity exception",
        ));
    }
    if follows && let Some(price) = standard.and_then(|entry| entry.values.get("UnitPrice")) {
        if priced && old.is_none() && record.values.get("UnitPrice") != Some(price) {
            return Err(Fail::row(
                "FIELD_INTEGRITY_EXCEPTION",
                "field integrity exception",
            ));
        }
        record.values.insert("UnitPrice", price.clone());
    }
    if let Some(product) = org.record("Product2", &product) {
        for (field, source) in [("Name", "Name"), ("ProductCode", "ProductCode")] {
            match product.values.get(source) {
                Some(Value::Null) | None => record.values.remove(field),
                Some(value) => record.values.insert(field, value.clone()),
            };
        }
    }
    Ok(())
}
