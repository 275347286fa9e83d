//! `GET /crm/v8/org` and `GET /crm/v8/org/currencies`.

use serde_json::{Value, json};

use super::{accounts::CURRENCIES, errors::Failure, org::Org, users::User};

/// The organisation; `zgid` is its id.
pub fn organisation(org: &mut Org) -> Result<Value, Failure> {
    org.charge(1)?;
    let organisation: Value =
        serde_json::from_str(include_str!("organisation.json")).unwrap_or_default();
    Ok(json!({"org": [organisation]}))
}

/// The currencies; rates are text, as Zoho sends them.
pub fn currencies(org: &mut Org) -> Result<Value, Failure> {
    org.charge(1)?;
    let admin = org.users.get(1).map(User::named);
    let currencies: Vec<Value> = CURRENCIES
        .iter()
        .zip([("US Dollar - USD", "$", "1.000000000"), ("Canadian Dollar - CAD", "CA$", "1.370000000"), ("Euro - EUR", "€", "0.920000000")])
        .enumerate()
        .map(|(index, (code, (name, symbol, rate)))| {
            json!({
                "id": (5_725_767_000_000_026_001_u64 + index as u64).to_string(), "iso_code": code, "name": name, "symbol": symbol,
                "exchange_rate": rate, "is_base": index == 0, "is_active": true, "prefix_symbol": true,
                "format": {"numeral_system": "International", "decimal_places": "2", "decimal_separator": "Period", "thousand_separator": "Comma"},
                "created_by": admin, "modified_by": admin,
                "created_time": "2025-03-03T09:00:00-06:00", "modified_time": "2025-03-03T09:00:00-06:00",
            })
        })
        .collect();
    Ok(json!({"currencies": currencies}))
}
