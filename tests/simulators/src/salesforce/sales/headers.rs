//! Opportunities and orders themselves.

use serde_json::{Value, json};

use super::{
    children, currency,
    money::{number, value},
    tables::{FORECASTS, forecast_name, stage, status_code},
};
use crate::salesforce::{
    errors::Fail,
    org::{Org, shown_time},
    rows::Change,
    store::Record,
};

/// What Salesforce says to whoever adds to, takes from or deletes an activated order.
pub const LOCKED: &str = "Unable to modify activated or superseded Order: cannot delete Order, or add or remove Order Products";

/// The rules of an opportunity.
///
/// # Errors
/// FIELD_INTEGRITY_EXCEPTION.
pub fn opportunity(
    org: &Org,
    old: Option<&Record>,
    record: &mut Record,
    change: &Change,
) -> Result<(), Fail> {
    let lines = children(org, "OpportunityLineItem", "OpportunityId", &record.id).next();
    if let Some(old) = old.filter(|_| lines.is_some()) {
        prices_stay(old, record, "opportunity", "line items")?;
        // The sum of the lines stands, whatever the row tells.
        restore(record, old, "Amount");
        restore(record, old, "TotalOpportunityQuantity");
    }
    if change.contains_key("StageName")
        && let Some(stage) = stage(record.text("StageName"))
    {
        if !change.contains_key("Probability") {
            record
                .values
                .insert("Probability", json!(f64::from(stage.probability)));
        }
        for (field, told) in [
            ("IsClosed", json!(stage.closed)),
            ("IsWon", json!(stage.won)),
        ] {
            record.values.insert(field, told);
        }
        if !change.contains_key("ForecastCategoryName") {
            let name = json!(forecast_name(stage.forecast));
            record.values.insert("ForecastCategoryName", name);
        }
    }
    let chosen = record.text("ForecastCategoryName");
    if let Some(category) = FORECASTS.iter().find(|one| forecast_name(one) == chosen) {
        record.values.insert("ForecastCategory", json!(category));
    }
    expect(record);
    Ok(())
}

/// The amount to expect: as much of it as is probable.
pub fn expect(record: &mut Record) {
    if record.values.contains_key("Amount") {
        let expected = number(record, "Amount") * number(record, "Probability")
            / rust_decimal::Decimal::ONE_HUNDRED;
        record.values.insert("ExpectedRevenue", value(expected));
    } else {
        record.values.remove("ExpectedRevenue");
    }
}

fn restore(record: &mut Record, old: &Record, field: &'static str) {
    match old.values.get(field) {
        Some(value) => record.values.insert(field, value.clone()),
        None => record.values.remove(field),
    };
}

/// Lines hold prices of one price book in one currency, so neither changes under them.
fn prices_stay(old: &Record, record: &Record, what: &str, lines: &str) -> Result<(), Fail> {
    if old.text("Pricebook2Id") != record.text("Pricebook2Id") {
        return Err(Fail::field(
            "FIELD_INTEGRITY_EXCEPTION",
            "Pricebook2Id",
            format!(
                "field integrity exception: Pricebook2Id (the pricebook of an {what} with {lines} cannot be changed)"
            ),
        ));
    }
    if currency(old) != currency(record) {
        return Err(Fail::field(
            "FIELD_INTEGRITY_EXCEPTION",
            "CurrencyIsoCode",
            format!(
                "field integrity exception: CurrencyIsoCode (the currency of an {what} with {lines} cannot be changed)"
            ),
        ));
    }
    Ok(())
}

/// The rules of an order: it is made as a draft, gets its lines, and is activated by its status alone.
///
/// # Errors
/// INVALID_STATUS, FAILED_ACTIVATION, ENTITY_IS_LOCKED, FIELD_INTEGRITY_EXCEPTION.
pub fn order(
    org: &Org,
    old: Option<&Record>,
    record: &mut Record,
    change: &Change,
) -> Result<(), Fail> {
    let Some(code) = status_code(record.text("Status")) else {
        return Err(invalid_status());
    };
    let Some(old) = old else {
        if code != "Draft" {
            return Err(invalid_status());
        }
        let number = org
            .stores
            .get("Order")
            .map_or(0, |store| store.all().count())
            + 100;
        record
            .values
            .insert("OrderNumber", json!(format!("{number:08}")));
        record.values.insert("StatusCode", json!(code));
        record.values.insert("TotalAmount", json!(0.0));
        return Ok(());
    };
    let (was, lines) = (
        old.text("StatusCode") == "Activated",
        children(org, "OrderItem", "OrderId", &record.id).next(),
    );
    let becomes = code == "Activated" && !was;
    if becomes || (was && code == "Draft") {
        let others: Vec<&str> = changed(old, change)
            .filter(|field| *field != "Status")
            .collect();
        if !others.is_empty() {
            let mut fail = Fail::row(
                "FAILED_ACTIVATION",
                format!(
                    "Only the status can be updated when an order is activated or deactivated: {}",
                    others.join(", ")
                ),
            );
            fail.fields = Some(others.into_iter().map(str::to_owned).collect());
            return Err(fail);
        }
    }
    if becomes && lines.is_none() {
        return Err(Fail::row(
            "FAILED_ACTIVATION",
            "An order must have at least one product.",
        ));
    }
    if was && code == "Activated" {
        const FIXED: &[&str] = &[
            "AccountId",
            "Pricebook2Id",
            "CurrencyIsoCode",
            "EffectiveDate",
        ];
        if let Some(field) = changed(old, change).find(|field| FIXED.contains(field)) {
            return Err(Fail::field("ENTITY_IS_LOCKED", field, LOCKED));
        }
    }
    if lines.is_some() {
        prices_stay(old, record, "order", "order products")?;
    }
    record.values.insert("StatusCode", json!(code));
    if becomes {
        record
            .values
            .insert("ActivatedDate", json!(shown_time(org.now())));
    } else if was && code == "Draft" {
        record.values.remove("ActivatedDate");
        record.values.remove("ActivatedById");
    }
    Ok(())
}

fn invalid_status() -> Fail {
    Fail::field(
        "INVALID_STATUS",
        "Status",
        "Choose a valid order status and save your changes. Ask your admin for details.",
    )
}

/// The fields whose values a row changes.
fn changed<'a>(old: &'a Record, change: &'a Change) -> impl Iterator<Item = &'static str> + 'a {
    change
        .iter()
        .filter(|(field, value)| old.values.get(*field).unwrap_or(&Value::Null) != *value)
        .map(|(field, _)| *field)
}

/// Whether an order is activated.
pub fn is_activated(order: &Record) -> bool {
    order.text("StatusCode") == "Activated"
}
