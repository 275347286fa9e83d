//! Selling: products and their prices, opportunities and orders with their lines, the rules
//! that hold among them.

mod data;
mod deletes;
mod entries;
mod headers;
mod history;
mod lines;
mod money;
mod opportunity;
mod order;
mod products;
mod tables;
mod totals;

pub use data::{add_currencies, fill};
pub use deletes::check_delete;
pub use history::{OPPORTUNITY_HISTORY, row as history_row};
pub use opportunity::{OPPORTUNITY, OPPORTUNITY_LINE};
pub use order::{ORDER, ORDER_ITEM};
pub use products::{PRICEBOOK, PRICEBOOK_ENTRY, PRODUCT};
pub use tables::{CURRENCIES, CURRENCY_TYPE, DATED_RATE, OPPORTUNITY_STAGE, ORDER_STATUS};
pub use totals::after;

use serde_json::json;

use super::{
    errors::Fail,
    ids::Id,
    org::Org,
    rows::Change,
    schema::{Field, Kind, Object},
    store::Record,
};

/// The currency of a record, in organisations with several.
pub const CURRENCY: Field = Field::new(
    "CurrencyIsoCode",
    "Currency ISO Code",
    Kind::CurrencyCode,
    3,
)
.defaulted();
/// The currency of the organisation.
pub const CORPORATE_CURRENCY: &str = "USD";

/// The rules of selling for a record that is about to be saved; computed fields are filled in.
///
/// # Errors
/// What Salesforce says.
pub fn check(
    org: &Org,
    object: &'static Object,
    record: &mut Record,
    change: &Change,
) -> Result<(), Fail> {
    let old = org.record(object.name, &record.id);
    match object.name {
        "PricebookEntry" => entries::check(org, old, record, change),
        "Opportunity" => headers::opportunity(org, old, record, change),
        "Order" => headers::order(org, old, record, change),
        "OpportunityLineItem" => lines::of_opportunity(org, old, record, change),
        "OrderItem" => lines::of_order(org, old, record, change),
        _ => Ok(()),
    }
}

/// Records above this one whose rows a write locks, too.
pub fn parents(object: &Object, record: &Record) -> impl Iterator<Item = Id> {
    let masters = object
        .fields
        .iter()
        .filter(|field| field.cascade && field.is_custom());
    ["AccountId", "OpportunityId", "OrderId"]
        .into_iter()
        .chain(masters.map(|field| field.name))
        .filter_map(|field| record.reference(field))
}

/// The records of an object, without the recycle bin, that point to a record.
pub fn children<'a>(
    org: &'a Org,
    object: &str,
    field: &str,
    id: &Id,
) -> impl Iterator<Item = &'a Record> + use<'a> {
    let store = org.stores.get(object);
    let found: Vec<&Record> = store
        .into_iter()
        .flat_map(|store| store.find(field, &json!(id.as_str())))
        .collect();
    found.into_iter()
}

/// The currency of a record.
pub fn currency(record: &Record) -> &str {
    match record.text("CurrencyIsoCode") {
        "" => CORPORATE_CURRENCY,
        code => code,
    }
}
