//! What follows from a saved or deleted record: sums of lines, prices that follow the standard price.
//!
//! A line is a record of its own, with its own stamps ("OpportunityLineItem", "OrderItem", Object Reference). What is summed up
//! on the document moves the document's stamp where the sum is another one. That any save of a line runs the document's rules
//! and triggers ("Opportunity save behavior", release notes of Winter '10) says nothing of its stamp: a date, a text, or changes
//! that come to the same sums leave it, and only who listens to the lines hears of them.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{
    CORPORATE_CURRENCY, OPPORTUNITY, ORDER, PRICEBOOK_ENTRY, children, currency,
    headers::expect,
    money::{number, value},
};
use crate::salesforce::{ids::Id, org::Org, schema::Object, store::Record};

/// Brings what depends on a record up to date.
pub fn after(org: &mut Org, object: &'static Object, record: &Record, user: &Id) {
    match object.name {
        "OpportunityLineItem" => {
            if let Some(id) = record.reference("OpportunityId") {
                opportunity(org, &id, record, user);
            }
        }
        "OrderItem" => {
            if let Some(id) = record.reference("OrderId") {
                order(org, &id, user);
            }
        }
        "Order" => activated_by(org, record, user),
        "PricebookEntry" => followers(org, record, user),
        _ => {}
    }
}

fn sum(org: &Org, object: &str, parent: &str, id: &Id, field: &str) -> Decimal {
    children(org, object, parent, id)
        .map(|line| number(line, field))
        .sum()
}

/// A document that changed with its lines.
fn touch(org: &Org, record: &mut Record, user: &Id) {
    record.modified = org.now();
    record.modified_by = user.clone();
}

fn opportunity(org: &mut Org, id: &Id, line: &Record, user: &Id) {
    let Some(mut record) = org.record("Opportunity", id).cloned() else {
        return;
    };
    let lines = "OpportunityLineItem";
    let has = children(org, lines, "OpportunityId", id).next().is_some();
    let amount = sum(org, lines, "OpportunityId", id, "TotalPrice");
    let quantity = sum(org, lines, "OpportunityId", id, "Quantity");
    let before = record.values.clone();
    record.values.insert("Amount", value(amount));
    record
        .values
        .insert("TotalOpportunityQuantity", value(quantity));
    record.values.insert("HasOpportunityLineItem", json!(has));
    if record.text("Pricebook2Id").is_empty()
        && let Some(book) = line
            .reference("PricebookEntryId")
            .and_then(|entry| org.record("PricebookEntry", &entry))
            .and_then(|entry| entry.values.get("Pricebook2Id").cloned())
    {
        record.values.insert("Pricebook2Id", book);
    }
    expect(&mut record);
    if record.values == before {
        return;
    }
    touch(org, &mut record, user);
    org.put(&OPPORTUNITY, record);
}

fn order(org: &mut Org, id: &Id, user: &Id) {
    let Some(mut record) = org.record("Order", id).cloned() else {
        return;
    };
    let amount = sum(org, "OrderItem", "OrderId", id, "TotalPrice");
    let before = record.values.insert("TotalAmount", value(amount));
    if before == record.values.get("TotalAmount").cloned() {
        return;
    }
    touch(org, &mut record, user);
    org.put(&ORDER, record);
}

/// Who activated an order is known only now.
fn activated_by(org: &mut Org, record: &Record, user: &Id) {
    if record.values.contains_key("ActivatedDate") && !record.values.contains_key("ActivatedById") {
        let mut record = record.clone();
        record.values.insert("ActivatedById", json!(user.as_str()));
        org.put(&ORDER, record);
    }
}

/// Entries that use the standard price have its price.
fn followers(org: &mut Org, entry: &Record, user: &Id) {
    let standard = entry
        .reference("Pricebook2Id")
        .and_then(|book| org.record("Pricebook2", &book))
        .is_some_and(|book| book.values.get("IsStandard") == Some(&json!(true)));
    let (Some(product), Some(price)) = (
        entry.reference("Product2Id"),
        entry.values.get("UnitPrice").filter(|_| standard).cloned(),
    ) else {
        return;
    };
    let behind: Vec<Record> = children(org, "PricebookEntry", "Product2Id", &product)
        .filter(|other| {
            other.id != entry.id
                && currency(other) == currency(entry)
                && other.values.get("UseStandardPrice") == Some(&Value::Bool(true))
                && other.values.get("UnitPrice") != Some(&price)
        })
        .cloned()
        .collect();
    for mut other in behind {
        other.values.insert("UnitPrice", price.clone());
        touch(org, &mut other, user);
        org.put(&PRICEBOOK_ENTRY, other);
    }
}

/// The rate of a currency against the organisation's own.
pub fn rate_of(code: &str) -> f64 {
    super::tables::RATES
        .iter()
        .find(|(known, _, _)| *known == code)
        .map_or(
            f64::from(u8::from(code == CORPORATE_CURRENCY)),
            |(_, rate, _)| *rate,
        )
}
