//! The records that are there from the start: the organisation, its users, profiles and record types.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    ids::Id,
    org::Org,
    people::{ORGANIZATION, PROFILE, RECORD_TYPE, USER},
    schema::{Object, STANDARD},
    store::Record,
};
use crate::data::crm_users;

/// The organisation's own host name in the world; the simulator itself answers on loopback only.
pub const MY_DOMAIN: &str = "abc-dist.my.salesforce.com";
/// Users and all else are older than any record.
const FOUNDED: i64 = 1_577_880_000;
const FIRST_USER: u64 = 0x2_0000;

/// Puts them in.
pub fn fill(org: &mut Org) {
    let admin = Id::new("005", FIRST_USER);
    let mut put = |object: &'static Object, id: Id, values: &[(&'static str, Value)]| {
        let mut record = Record::new(id, FOUNDED, &admin);
        record.values = values
            .iter()
            .filter(|(_, value)| !value.is_null())
            .cloned()
            .collect::<BTreeMap<_, _>>();
        org.put(object, record);
    };
    put(
        &ORGANIZATION,
        Id::new("00D", 0x7_0000),
        &[
            ("Name", json!("ABC Distribution and Service Corp.")),
            ("City", json!("Milwaukee")),
            ("State", json!("WI")),
            ("Country", json!("US")),
            ("OrganizationType", json!("Enterprise Edition")),
            ("InstanceName", json!("USA5e")),
            ("IsSandbox", json!(false)),
            ("TimeZoneSidKey", json!("America/Chicago")),
            ("DefaultLocaleSidKey", json!("en_US")),
            ("LanguageLocaleKey", json!("en_US")),
        ],
    );
    let profiles = [Id::new("00e", 1), Id::new("00e", 2)];
    for (id, name) in profiles
        .iter()
        .zip(["System Administrator", "Standard User"])
    {
        put(
            &PROFILE,
            id.clone(),
            &[("Name", json!(name)), ("UserType", json!("Standard"))],
        );
    }
    for object in STANDARD {
        for known in object.record_types {
            let Some(id) = Id::parse(known.id) else {
                continue;
            };
            put(
                &RECORD_TYPE,
                id,
                &[
                    ("Name", json!(known.name)),
                    ("DeveloperName", json!(known.developer_name)),
                    ("SobjectType", json!(object.name)),
                    ("IsActive", json!(true)),
                ],
            );
        }
    }
    let manager = Id::new("005", FIRST_USER + 1);
    for (index, (user, number)) in crm_users().into_iter().zip(FIRST_USER..).enumerate() {
        let (first, last) = user.name.split_once(' ').unwrap_or(("", user.name));
        let profile = if index < 2 {
            &profiles[0]
        } else {
            &profiles[1]
        };
        let alias: String = first.chars().take(1).chain(last.chars().take(4)).collect();
        put(
            &USER,
            Id::new("005", number),
            &[
                ("Username", json!(user.email)),
                ("Email", json!(user.email)),
                ("Name", json!(user.name)),
                ("FirstName", json!(first)),
                ("LastName", json!(last)),
                ("Alias", json!(alias.to_lowercase())),
                ("IsActive", json!(user.active)),
                ("UserType", json!("Standard")),
                ("TimeZoneSidKey", json!("America/Chicago")),
                ("LocaleSidKey", json!("en_US")),
                ("LanguageLocaleKey", json!("en_US")),
                ("EmailEncodingKey", json!("UTF-8")),
                ("ProfileId", json!(profile.as_str())),
                (
                    "ManagerId",
                    if index < 2 {
                        Value::Null
                    } else {
                        json!(manager.as_str())
                    },
                ),
            ],
        );
    }
}
