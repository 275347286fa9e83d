//! What may be deleted of what is sold.

use super::{
    children,
    headers::{LOCKED, is_activated},
};
use crate::salesforce::{errors::Fail, org::Org, schema::Object, store::Record};

/// Whether a record may be deleted.
///
/// # Errors
/// ENTITY_IS_LOCKED for activated orders and their lines; DELETE_FAILED for what is in use.
pub fn check_delete(org: &Org, object: &Object, record: &Record) -> Result<(), Fail> {
    let locked = match object.name {
        "Order" => is_activated(record),
        "OrderItem" => record
            .reference("OrderId")
            .and_then(|id| org.record("Order", &id))
            .is_some_and(is_activated),
        "Account" => children(org, "Order", "AccountId", &record.id).any(is_activated),
        _ => false,
    };
    if locked {
        return Err(Fail::row("ENTITY_IS_LOCKED", LOCKED));
    }
    let lines = ["OpportunityLineItem", "OrderItem"];
    let used = object.name == "Product2"
        && lines.iter().any(|line| {
            children(org, line, "Product2Id", &record.id)
                .next()
                .is_some()
        });
    if used {
        return Err(Fail::row(
            "DELETE_FAILED",
            "Your attempt to delete the product could not be completed because it is associated with opportunities or orders.",
        ));
    }
    Ok(())
}
