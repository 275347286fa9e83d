//! `/sobjects`, `/sobjects/{object}` and `/sobjects/{object}/describe`.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::{
    org::Org,
    places::{self, Place},
    render,
    sales::CURRENCIES,
    schema::{Field, Kind, MASTER_RECORD_TYPE, Object},
    store::Record,
};

/// `GET /sobjects`.
pub fn global(org: &Org, base: &str) -> Value {
    let objects: Vec<Value> = org
        .catalog
        .all()
        .filter(|object| object.is_there(&org.settings))
        .map(|object| summary(object, base))
        .collect();
    json!({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": objects})
}

/// `GET /sobjects/{object}`: the summary and what was used last.
pub fn info(org: &Org, object: &Object, base: &str) -> Value {
    let mut records: Vec<&Record> = org
        .stores
        .get(object.name)
        .into_iter()
        .flat_map(|store| store.all().filter(|record| record.deleted.is_none()))
        .collect();
    records.sort_by_key(|record| -record.modified);
    let recent: Vec<Value> = records
        .iter()
        .take(5)
        .map(|record| {
            let name = object.field("Name").map_or(Value::Null, |field| render::value(org, object, record, field));
            json!({"attributes": render::attributes(object, &record.id, base), "Id": record.id.as_str(), "Name": name})
        })
        .collect();
    json!({"objectDescribe": summary(object, base), "recentItems": recent})
}

fn summary(object: &Object, base: &str) -> Value {
    let own = format!("{base}/sobjects/{}", object.name);
    json!({
        "activateable": false, "associateEntityType": null, "associateParentEntity": null,
        "createable": object.writable, "custom": object.is_custom(), "customSetting": false, "deepCloneable": object.name == "Opportunity",
        "deletable": object.writable, "deprecatedAndHidden": false, "feedEnabled": object.writable,
        "hasSubtypes": false, "isInterface": false, "isSubtype": false, "keyPrefix": object.prefix,
        "label": object.label, "labelPlural": object.plural, "layoutable": true,
        "mergeable": matches!(object.name, "Account" | "Contact"), "mruEnabled": object.writable, "name": object.name, "queryable": true,
        "replicateable": true, "retrieveable": true, "searchable": object.writable,
        "triggerable": object.writable, "undeletable": object.writable, "updateable": object.writable,
        "urls": {
            "sobject": own, "describe": format!("{own}/describe"), "rowTemplate": format!("{own}/{{ID}}"),
        },
    })
}

/// `GET /sobjects/{object}/describe`.
pub fn whole(org: &Org, object: &Object, base: &str) -> Value {
    let fields: Vec<Value> = object
        .all_fields()
        .filter(|field| field.is_there(&org.settings))
        .map(|field| shown(org, object, field))
        .collect();
    let children: Vec<Value> = org
        .catalog
        .references(object.name)
        .filter(|(_, field)| field.children.is_some())
        .map(|(child, field)| {
            json!({"cascadeDelete": field.cascade, "childSObject": child.name, "deprecatedAndHidden": false,
                   "field": field.name, "junctionIdListNames": [], "junctionReferenceTo": [],
                   "relationshipName": field.children, "restrictedDelete": false})
        })
        .collect();
    let mut described = summary(object, base);
    described["fields"] = json!(fields);
    described["childRelationships"] = json!(children);
    described["recordTypeInfos"] = record_types(object);
    for name in [
        "defaultImplementation",
        "extendedBy",
        "extendsInterfaces",
        "implementedBy",
        "implementsInterfaces",
        "listviewable",
        "lookupLayoutable",
        "networkScopeFieldName",
    ] {
        described[name] = Value::Null;
    }
    described["compactLayoutable"] = json!(object.writable);
    described["searchLayoutable"] = json!(object.writable);
    described["sobjectDescribeOption"] = json!("FULL");
    described["actionOverrides"] = json!([]);
    described["namedLayoutInfos"] = json!([]);
    described["supportedScopes"] =
        json!([{"label": format!("All {}", object.plural.to_lowercase()), "name": "everything"}]);
    described
}

fn record_types(object: &Object) -> Value {
    let info = |id: &str, name: &str, developer: &str, available: bool, master: bool| {
        json!({"active": true, "available": available, "defaultRecordTypeMapping": master, "developerName": developer,
               "master": master, "name": name, "recordTypeId": id, "urls": {}})
    };
    object
        .record_types
        .iter()
        .map(|known| {
            info(
                known.id,
                known.name,
                known.developer_name,
                known.available,
                false,
            )
        })
        .chain([info(MASTER_RECORD_TYPE, "Master", "Master", true, true)])
        .collect()
}

fn shown(org: &Org, object: &Object, field: &Field) -> Value {
    let picklists = org.settings.state_country_picklists;
    let (precision, scale) = match field.kind {
        Kind::Number(precision, scale)
        | Kind::Currency(precision, scale)
        | Kind::Percent(precision, scale) => (precision, scale),
        _ => (0, 0),
    };
    let targets: Vec<&str> = match field.kind {
        Kind::Reference(target) => vec![target],
        _ => Vec::new(),
    };
    let compound = compound(object, field);
    let filtered = !matches!(field.kind, Kind::LongText | Kind::Html);
    let address = matches!(field.kind, Kind::Address(_));
    let restricted = field.restricted
        || field.kind == Kind::CurrencyCode
        || (org.settings.restricted_picklists && matches!(field.kind, Kind::Picklist(_)))
        || (picklists
            && matches!(
                field.kind,
                Kind::Country | Kind::State | Kind::CountryCode | Kind::StateCode
            ));
    let mut shown = TEMPLATE.clone();
    for (name, value) in [
        (
            "aggregatable",
            json!(filtered && !address && field.kind != Kind::Boolean),
        ),
        ("byteLength", json!(field.length * 3)),
        ("autoNumber", json!(field.auto_number.is_some())),
        ("calculated", json!(field.calculated)),
        ("compoundFieldName", json!(compound)),
        ("createable", json!(object.writable && field.createable)),
        ("custom", json!(field.is_custom())),
        (
            "defaultValue",
            if field.kind == Kind::Boolean {
                json!(false)
            } else {
                Value::Null
            },
        ),
        ("defaultedOnCreate", json!(is_defaulted(object, field))),
        (
            "digits",
            json!(match field.kind {
                Kind::Int(digits) => digits,
                _ => 0,
            }),
        ),
        ("externalId", json!(field.external_id)),
        (
            "extraTypeInfo",
            match field.kind {
                Kind::LongText | Kind::TextArea => json!("plaintextarea"),
                Kind::Html => json!("richtextarea"),
                _ if compound == Some("Name") => json!("personname"),
                _ => Value::Null,
            },
        ),
        ("filterable", json!(filtered)),
        ("formulaTreatNullNumberAsZero", json!(field.calculated)),
        (
            "groupable",
            json!(filtered && !address && precision == 0 && field.kind != Kind::DateTime),
        ),
        ("htmlFormatted", json!(field.kind == Kind::Html)),
        ("idLookup", json!(is_id_lookup(object, field))),
        ("label", json!(field.label)),
        ("length", json!(field.length)),
        ("name", json!(field.name)),
        ("nameField", json!(field.name == "Name")),
        ("nillable", json!(field.is_nillable())),
        (
            "permissionable",
            json!(address || (!field.required && !field.defaulted && field.createable)),
        ),
        ("picklistValues", values(field, picklists)),
        ("precision", json!(precision)),
        ("queryByDistance", json!(address)),
        ("referenceTo", json!(targets)),
        ("relationshipName", json!(field.relationship)),
        ("restrictedPicklist", json!(restricted)),
        ("scale", json!(scale)),
        ("soapType", json!(field.kind.soap())),
        ("sortable", json!(filtered && !address)),
        ("type", json!(field.kind.name(picklists))),
        ("unique", json!(field.unique)),
        ("updateable", json!(object.writable && field.updateable)),
    ] {
        shown.insert(name.to_owned(), value);
    }
    Value::Object(shown)
}

/// Fields that Salesforce fills in when a record is made, although they may be empty later.
const FILLED_AT_FIRST: [(&str, &str); 3] = [
    ("Opportunity", "Probability"),
    ("Opportunity", "Pricebook2Id"),
    ("Opportunity", "ForecastCategoryName"),
];
/// Fields besides ids and External IDs by which upserts may find a record.
const ID_LOOKUPS: [(&str, &str); 2] = [("Contact", "Email"), ("Opportunity", "Name")];

fn is_defaulted(object: &Object, field: &Field) -> bool {
    field.defaulted
        || field.is_of_all_objects()
        || FILLED_AT_FIRST.contains(&(object.name, field.name))
        || (object.is_custom() && field.name == "Name")
        || (field.kind == Kind::Boolean && !field.createable && !field.is_custom())
}

fn is_id_lookup(object: &Object, field: &Field) -> bool {
    field.external_id
        || field.kind == Kind::Id
        || ID_LOOKUPS.contains(&(object.name, field.name))
        || (object.is_custom() && field.name == "Name")
}

/// What is the same for all fields.
static TEMPLATE: LazyLock<Map<String, Value>> =
    LazyLock::new(|| serde_json::from_str(include_str!("field.json")).unwrap_or_default());

/// The field that shows this one together with others.
pub fn compound(object: &Object, field: &Field) -> Option<&'static str> {
    if object.name == "Contact" && matches!(field.name, "LastName" | "FirstName" | "Salutation") {
        return Some("Name");
    }
    object.fields.iter().find_map(|other| match other.kind {
        Kind::Address(part) if other.name != field.name && is_part(part, field.name) => {
            Some(other.name)
        }
        _ => None,
    })
}

/// Whether a field is a part of an address: `OtherPhone` is none of `OtherAddress`.
fn is_part(address: &str, name: &str) -> bool {
    let part = name.strip_prefix(address).unwrap_or_default();
    matches!(
        part,
        "Street"
            | "City"
            | "State"
            | "StateCode"
            | "PostalCode"
            | "Country"
            | "CountryCode"
            | "Latitude"
            | "Longitude"
            | "GeocodeAccuracy"
    )
}

fn values(field: &Field, picklists: bool) -> Value {
    let entry = |value: &str, label: &str| json!({"active": true, "defaultValue": false, "label": label, "validFor": null, "value": value});
    let all_states = || places::STATES.iter().flat_map(|(_, states)| states.iter());
    let by_code = |(code, label): &Place| entry(code, label);
    let by_label = |(_, label): &Place| entry(label, label);
    match field.kind {
        Kind::Picklist(values) => values.iter().map(|value| entry(value, value)).collect(),
        Kind::CurrencyCode => CURRENCIES.iter().map(|code| entry(code, code)).collect(),
        Kind::Country if picklists => places::COUNTRIES.iter().map(by_label).collect(),
        Kind::State if picklists => all_states().map(by_label).collect(),
        Kind::CountryCode => places::COUNTRIES.iter().map(by_code).collect(),
        Kind::StateCode => all_states().map(by_code).collect(),
        _ => json!([]),
    }
}
