//! Lines of opportunities and orders: their entry is in the document's price book and currency,
//! and their totals are computed.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{
    currency,
    headers::{LOCKED, is_activated},
    money::{given, number, value},
};
use crate::salesforce::{errors::Fail, org::Org, rows::Change, store::Record};

fn integrity(field: &str, why: &str) -> Fail {
    Fail::field(
        "FIELD_INTEGRITY_EXCEPTION",
        field,
        format!("field integrity exception: {field} ({why})"),
    )
}

/// The rules of an opportunity's line.
///
/// # Errors
/// What Salesforce says.
pub fn of_opportunity(
    org: &Org,
    old: Option<&Record>,
    record: &mut Record,
    change: &Change,
) -> Result<(), Fail> {
    let Some(entry) = record.reference("PricebookEntryId") else {
        let mut fail = Fail::row(
            "FIELD_INTEGRITY_EXCEPTION",
            "field integrity exception: PricebookEntryId, unknown (versions 3.0 and higher must specify pricebook entry id; others must specify product id)",
        );
        fail.fields = Some(vec!["PricebookEntryId".to_owned(), "unknown".to_owned()]);
        return Err(fail);
    };
    let opportunity = record
        .reference("OpportunityId")
        .and_then(|id| org.record("Opportunity", &id));
    let entry = org.record("PricebookEntry", &entry);
    if let (Some(opportunity), Some(entry)) = (opportunity, entry) {
        if old.is_none() {
            // An opportunity without a price book takes the entry's.
            let book = opportunity.text("Pricebook2Id");
            if !book.is_empty() && book != entry.text("Pricebook2Id") {
                return Err(integrity(
                    "PricebookEntryId",
                    "pricebook entry is in a different pricebook than the one assigned to the opportunity",
                ));
            }
            fits(org, entry, opportunity, "opportunity")?;
        }
        describe(org, record, entry, opportunity);
        let name = format!("{} {}", opportunity.text("Name"), entry.text("Name"));
        record.values.insert("Name", json!(name.trim()));
    }
    price(old, record, change)
}

/// The entry is active and in the document's currency.
fn fits(org: &Org, entry: &Record, document: &Record, what: &str) -> Result<(), Fail> {
    if entry.values.get("IsActive") != Some(&json!(true)) {
        return Err(integrity(
            "PricebookEntryId",
            "pricebook entry is not active",
        ));
    }
    if org.settings.multi_currency && currency(entry) != currency(document) {
        return Err(integrity(
            "PricebookEntryId",
            &format!("currency of the pricebook entry does not match the currency of the {what}"),
        ));
    }
    Ok(())
}

/// What a line shows of its entry and its document.
fn describe(org: &Org, record: &mut Record, entry: &Record, document: &Record) {
    for (field, found) in [
        ("Product2Id", entry.values.get("Product2Id")),
        ("ProductCode", entry.values.get("ProductCode")),
        ("ListPrice", entry.values.get("UnitPrice")),
    ] {
        if field == "ProductCode" && record.id.prefix() != "00k" {
            continue;
        }
        if let Some(found) = found {
            record.values.insert(field, found.clone());
        }
    }
    if org.settings.multi_currency {
        record
            .values
            .insert("CurrencyIsoCode", json!(currency(document)));
    }
}

/// Either the price or the total is told, and the other one follows.
fn price(old: Option<&Record>, record: &mut Record, change: &Change) -> Result<(), Fail> {
    let told = |field: &str| {
        change.get(field).is_some_and(|value| {
            !value.is_null() && old.is_none_or(|old| old.values.get(field) != Some(value))
        })
    };
    match (told("UnitPrice"), told("TotalPrice")) {
        (true, true) if old.is_some() => {
            return Err(Fail::field(
                "INVALID_FIELD",
                "UnitPrice",
                "Cannot change both 'UnitPrice' and 'TotalPrice' in update call",
            ));
        }
        (true, true) => {
            return Err(integrity(
                "TotalPrice",
                "only one of UnitPrice and TotalPrice can be specified",
            ));
        }
        (false, false) if old.is_none() => {
            return Err(Fail::field(
                "REQUIRED_FIELD_MISSING",
                "UnitPrice",
                "Required fields are missing: [UnitPrice]",
            ));
        }
        _ => {}
    }
    let quantity = number(record, "Quantity");
    let left = Decimal::ONE - number(record, "Discount") / Decimal::ONE_HUNDRED;
    if told("TotalPrice") {
        let parts = quantity * left;
        let unit = given(change.get("TotalPrice"))
            .and_then(|total| total.checked_div(parts))
            .unwrap_or_default();
        record.values.insert("UnitPrice", value(unit));
    } else {
        let total = number(record, "UnitPrice") * quantity * left;
        record.values.insert("TotalPrice", value(total));
    }
    let subtotal = number(record, "UnitPrice") * quantity;
    record.values.insert("Subtotal", value(subtotal));
    Ok(())
}

/// The rules of an order's line.
///
/// # Errors
/// What Salesforce says.
pub fn of_order(
    org: &Org,
    old: Option<&Record>,
    record: &mut Record,
    change: &Change,
) -> Result<(), Fail> {
    let order = record
        .reference("OrderId")
        .and_then(|id| org.record("Order", &id));
    let entry = record
        .reference("PricebookEntryId")
        .and_then(|id| org.record("PricebookEntry", &id));
    let (Some(order), Some(entry)) = (order, entry) else {
        return Ok(());
    };
    if is_activated(order) {
        let price_changes = ["Quantity", "UnitPrice"].iter().any(|field| {
            change.get(*field).is_some_and(|value| {
                old.and_then(|old| old.values.get(*field))
                    .unwrap_or(&Value::Null)
                    != value
            })
        });
        if old.is_none() || price_changes {
            return Err(Fail::row("ENTITY_IS_LOCKED", LOCKED));
        }
    }
    if old.is_none() {
        if order.text("Pricebook2Id") != entry.text("Pricebook2Id") {
            return Err(integrity(
                "PricebookEntryId",
                "pricebook entry is in a different pricebook than the one assigned to the order",
            ));
        }
        fits(org, entry, order, "order")?;
        let count = org
            .stores
            .get("OrderItem")
            .map_or(0, |store| store.all().count())
            + 1;
        record
            .values
            .insert("OrderItemNumber", json!(format!("{count:010}")));
    }
    describe(org, record, entry, order);
    let total = number(record, "UnitPrice") * number(record, "Quantity");
    record.values.insert("TotalPrice", value(total));
    if let Some(quantity) = record.values.get("Quantity").cloned() {
        record.values.insert("AvailableQuantity", quantity);
    }
    Ok(())
}
