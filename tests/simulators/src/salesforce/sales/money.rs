//! Amounts in records. Salesforce keeps doubles; what is computed of them is computed in decimals.

use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Value, json};

use crate::salesforce::store::Record;

/// The number in a field; zero if there is none.
pub fn number(record: &Record, field: &str) -> Decimal {
    given(record.values.get(field)).unwrap_or_default()
}

/// The number that a value is.
pub fn given(value: Option<&Value>) -> Option<Decimal> {
    match value? {
        Value::Number(number) => {
            let text = number.to_string();
            text.parse()
                .or_else(|_| Decimal::from_scientific(&text))
                .ok()
        }
        _ => None,
    }
}

/// A number as records hold it. Totals are computed of what fields hold, and show more decimals than their fields have: a
/// query of QuoteLineItem answers `UnitPrice=1800.77777778, TotalPrice=1300.56172841` (Salesforce Stack Exchange 41947).
pub fn value(number: Decimal) -> Value {
    let rounded = number
        .round_dp_with_strategy(8, RoundingStrategy::MidpointAwayFromZero)
        .normalize();
    json!(rounded.to_string().parse::<f64>().unwrap_or_default())
}
