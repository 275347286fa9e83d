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

/// The profiles, with their ids.
pub const PROFILES: &[(&str, &str)] = &[
    ("Administrator", "5725767000000015972"),
    ("Standard", "5725767000000015975"),
];

/// `GET /crm/v8/settings/profiles`.
pub fn profiles(org: &mut Org) -> Result<Value, Failure> {
    org.charge(1)?;
    let profiles: Vec<Value> = PROFILES
        .iter()
        .map(|(name, id)| {
            json!({"id": id, "name": name, "display_label": name, "type": "normal_profile", "custom": false,
                   "description": null, "created_by": null, "created_time": null, "modified_by": null, "modified_time": null})
        })
        .collect();
    Ok(json!({"profiles": profiles}))
}

/// How much of a currency one dollar is.
const RATES: &[&str] = &["1.000000000", "1.370000000", "0.920000000"];

/// The rate of a currency as records hold it.
pub fn rate(code: &str) -> Value {
    let found = CURRENCIES
        .iter()
        .zip(RATES)
        .find(|(known, _)| **known == code);
    let number = found.and_then(|(_, rate)| rate.parse::<f64>().ok());
    json!(number.unwrap_or(1.0))
}

/// The currencies; rates are text, as Zoho sends them.
pub fn currencies(org: &mut Org) -> Result<Value, Failure> {
    org.charge(1)?;
    if !org.settings.multi_currency {
        return Err(Failure::new(
            400,
            "FEATURE_NOT_ENABLED",
            &json!({}),
            "Multi currency feature is not enabled",
        ));
    }
    let admin = org.users.get(1).map(User::named);
    let currencies: Vec<Value> = CURRENCIES
        .iter()
        .zip([("US Dollar - USD", "$"), ("Canadian Dollar - CAD", "CA$"), ("Euro - EUR", "€")])
        .zip(RATES)
        .enumerate()
        .map(|(index, ((code, (name, symbol)), rate))| {
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
