//! What a record shows: system fields, names, addresses and formulas among them.

use serde_json::{Map, Value, json};

use super::{
    ids::Id,
    org::{Org, shown_time},
    places, sales,
    schema::{Field, Kind, Object},
    store::Record,
};

/// The value of a field; null if there is none.
pub fn value(org: &Org, object: &Object, record: &Record, field: &Field) -> Value {
    match (object.name, field.name) {
        (_, "Id") => json!(record.id.as_str()),
        (_, "IsDeleted") => json!(record.deleted.is_some()),
        (_, "CreatedDate") => json!(shown_time(record.created)),
        (_, "CreatedById") => json!(record.created_by.as_str()),
        (_, "LastModifiedDate" | "SystemModstamp") => json!(shown_time(record.modified)),
        (_, "LastModifiedById") => json!(record.modified_by.as_str()),
        ("Contact", "Name") => {
            let names = [record.text("FirstName"), record.text("LastName")];
            json!(names.join(" ").trim())
        }
        ("Account", "Credit_Available__c") => {
            let amount = |name: &str| {
                record
                    .values
                    .get(name)
                    .and_then(Value::as_f64)
                    .unwrap_or(0.0)
            };
            json!(amount("Credit_Limit__c") - amount("Current_Balance__c"))
        }
        ("Contact", "Account_Status__c") => record
            .reference("AccountId")
            .and_then(|id| org.record("Account", &id))
            .and_then(|account| account.values.get("Customer_Status__c").cloned())
            .unwrap_or(Value::Null),
        _ => match field.kind {
            Kind::Address(part) => address(org, record, part),
            Kind::CurrencyCode => json!(sales::currency(record)),
            // Salesforce empties a lookup when the record goes that it names.
            Kind::Reference(target) if field.is_custom() => record
                .reference(field.name)
                .filter(|id| org.record(target, id).is_some())
                .map_or(Value::Null, |id| json!(id.as_str())),
            Kind::Boolean => record
                .values
                .get(field.name)
                .cloned()
                .unwrap_or(json!(false)),
            _ => record
                .values
                .get(field.name)
                .cloned()
                .unwrap_or(Value::Null),
        },
    }
}

/// The compound address; null if all its parts are.
fn address(org: &Org, record: &Record, part: &str) -> Value {
    let picklists = org.settings.state_country_picklists;
    let mut shown = Map::new();
    let mut filled = false;
    for (name, ending) in [
        ("city", "City"),
        ("country", "Country"),
        ("postalCode", "PostalCode"),
        ("state", "State"),
        ("street", "Street"),
        ("countryCode", "CountryCode"),
        ("stateCode", "StateCode"),
    ] {
        if name.ends_with("Code") && name != "postalCode" && !picklists {
            continue;
        }
        let value = record.values.get(format!("{part}{ending}").as_str());
        filled |= value.is_some();
        shown.insert(name.to_owned(), value.cloned().unwrap_or(Value::Null));
    }
    if !filled {
        return Value::Null;
    }
    for name in ["geocodeAccuracy", "latitude", "longitude"] {
        shown.insert(name.to_owned(), Value::Null);
    }
    Value::Object(shown)
}

/// `attributes` of a record.
pub fn attributes(object: &Object, id: &Id, base: &str) -> Value {
    json!({"type": object.name, "url": format!("{base}/sobjects/{}/{id}", object.name)})
}

/// The record with all fields, or with some.
pub fn whole(
    org: &Org,
    object: &Object,
    record: &Record,
    base: &str,
    only: Option<&[&'static Field]>,
) -> Value {
    let mut shown = Map::new();
    shown.insert(
        "attributes".to_owned(),
        attributes(object, &record.id, base),
    );
    for field in object
        .all_fields()
        .filter(|field| field.is_there(&org.settings))
    {
        if only.is_none_or(|only| only.iter().any(|wanted| wanted.name == field.name)) {
            shown.insert(field.name.to_owned(), value(org, object, record, field));
        }
    }
    Value::Object(shown)
}

/// The code of the country that an address names.
pub fn country_code(record: &Record, part: &str) -> Option<&'static str> {
    let label = record.text(&format!("{part}Country"));
    places::by_label(places::COUNTRIES, label).map(|(code, _)| code)
}
