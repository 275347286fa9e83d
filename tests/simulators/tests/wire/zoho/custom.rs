//! Modules that an organisation has made itself: described, written, queried and told of as any other.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    receiver::Receiver,
    world::{Answer, World},
};

const NAME: &str = "Delivery_Points";

/// Ship-to addresses of accounts, with a field of each type.
fn ship_to() -> Value {
    let field =
        |label: &str, data_type: &str| json!({"field_label": label, "data_type": data_type});
    let mut fields: Vec<Value> = [
        ("Street", "textarea"),
        ("Ship To Email", "email"),
        ("Phone", "phone"),
        ("Site", "website"),
        ("Docks", "integer"),
        ("Serial", "bigint"),
        ("Weight", "double"),
        ("Fee", "currency"),
        ("Since", "date"),
        ("Synced", "datetime"),
        ("Residential", "boolean"),
    ]
    .map(|(label, data_type)| field(label, data_type))
    .into();
    let mut key = field("Sage Key", "text");
    key["unique"] = json!({"casesensitive": false});
    let mut account = field("Account", "lookup");
    account["lookup"] = json!({"module": {"api_name": "Accounts"}, "display_label": "Ship-Tos"});
    let mut kind = field("Kind", "picklist");
    kind["pick_list_values"] =
        json!([{"display_value": "Dock", "actual_value": "Dock"}, {"display_value": "Shop"}]);
    fields.extend([key, account, kind]);
    json!({"modules": [{
        "plural_label": "Delivery Points", "singular_label": "Delivery Point",
        "profiles": [{"id": "5725767000000015972"}], "fields": fields,
    }]})
}

async fn world() -> World {
    let world = World::zoho().await;
    let made = world.door("zoho", "setup", ship_to()).await;
    assert_eq!(made["modules"], json!([NAME]));
    world
}

async fn account(world: &World, key: &str) -> String {
    let row = json!({"Account_Name": key, "Sage_Key": key});
    let made = world.upsert_one(row).await;
    made.body["data"][0]["details"]["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

async fn upsert(world: &World, rows: Value) -> Answer {
    let body = json!({"data": rows, "duplicate_check_fields": ["Sage_Key"]});
    world
        .api(Method::POST, &format!("{NAME}/upsert"), body)
        .await
}

fn codes(answer: &Answer, name: &str) -> Vec<String> {
    let rows = answer.body[name].as_array().unwrap();
    rows.iter()
        .map(|row| row["code"].as_str().unwrap().to_owned())
        .collect()
}

async fn get(world: &World, path: &str) -> Answer {
    world.api(Method::GET, path, Value::Null).await
}

async fn coql(world: &World, query: &str) -> Answer {
    world
        .api(Method::POST, "coql", json!({"select_query": query}))
        .await
}

#[tokio::test]
async fn a_custom_module_is_told_with_its_fields_and_its_layout() {
    let world = world().await;
    let modules = get(&world, "settings/modules").await;
    let modules = modules.body["modules"].as_array().unwrap();
    let told = modules
        .iter()
        .find(|module| module["api_name"] == NAME)
        .unwrap();
    for (name, value) in [
        ("generated_type", "custom"),
        ("module_name", "CustomModule2"),
        ("plural_label", "Delivery Points"),
        ("singular_label", "Delivery Point"),
    ] {
        assert_eq!(told[name], value, "{name}");
    }
    let one = get(
        &world,
        &format!("settings/modules/{}", told["id"].as_str().unwrap()),
    )
    .await;
    assert_eq!(one.body["modules"][0]["api_name"], NAME);
    let fields = get(&world, &format!("settings/fields?module={NAME}")).await;
    let fields = fields.body["fields"].as_array().unwrap();
    let field = |name: &str| {
        fields
            .iter()
            .find(|field| field["api_name"] == name)
            .unwrap()
    };
    assert_eq!(field("Name")["system_mandatory"], true);
    assert_eq!(field("Name")["field_label"], "Delivery Point Name");
    assert_eq!(field("Sage_Key")["unique"]["case_sensitive"], false);
    assert_eq!(field("Sage_Key")["length"], 255);
    assert_eq!(field("Account")["lookup"]["module"]["api_name"], "Accounts");
    assert_eq!(field("Fee")["data_type"], "currency");
    assert_eq!(field("Kind")["pick_list_values"][1]["actual_value"], "Shop");
    let layout = get(&world, &format!("settings/layouts?module={NAME}")).await;
    let held = layout.body["layouts"][0]["sections"][0]["fields"]
        .as_array()
        .unwrap()
        .len();
    assert_eq!(held, fields.len());
}

#[tokio::test]
async fn rows_go_in_by_their_key_and_come_back_by_every_way_there_is() {
    let world = world().await;
    let parent = account(&world, "ABC:01-ABF").await;
    let rows = json!([
        {"Name": "Racine", "Sage_Key": "ABC:01-ABF/2", "Account": {"id": parent}, "Fee": 12.345, "Kind": "Dock"},
        {"Sage_Key": "ABC:01-ABF/3"},
        {"Name": "X", "Sage_Key": "ABC:01-ABF/4", "Account": {"id": "1"}},
        {"Name": "X", "Sage_Key": "ABC:01-ABF/5", "Docks": "many"},
    ]);
    let answer = upsert(&world, rows).await;
    assert_eq!(answer.status, 207);
    assert_eq!(
        codes(&answer, "data"),
        [
            "SUCCESS",
            "MANDATORY_NOT_FOUND",
            "INVALID_DATA",
            "INVALID_DATA"
        ]
    );
    let id = answer.body["data"][0]["details"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let again = upsert(
        &world,
        json!([{"Name": "Racine Dock", "Sage_Key": "abc:01-abf/2"}]),
    )
    .await;
    let row = &again.body["data"][0];
    assert_eq!(
        (&row["action"], &row["details"]["id"]),
        (&json!("update"), &json!(id))
    );
    let twice = json!({"data": [{"Name": "Other", "Sage_Key": "ABC:01-ABF/2"}]});
    let twice = world.api(Method::POST, NAME, twice).await;
    assert_eq!(codes(&twice, "data"), ["DUPLICATE_DATA"]);

    let one = get(&world, &format!("{NAME}/{id}")).await;
    let record = &one.body["data"][0];
    assert_eq!(
        (&record["Name"], &record["Fee"], &record["Account"]["name"]),
        (&json!("Racine Dock"), &json!(12.345), &json!("ABC:01-ABF"))
    );
    let found = coql(
        &world,
        &format!(
            "select Name, Account.Sage_Key from {NAME} where Account.Account_Name = 'ABC:01-ABF'"
        ),
    )
    .await;
    assert_eq!(found.body["data"][0]["Account.Sage_Key"], "ABC:01-ABF");
    let listed = get(&world, &format!("{NAME}?fields=Name,Kind")).await;
    assert_eq!(listed.body["data"][0]["Kind"], "Dock");
    let past = get(&world, &format!("{NAME}/{id}/__timeline")).await;
    let history = &past.body["__timeline"][0]["field_history"];
    assert!(
        history
            .as_array()
            .unwrap()
            .iter()
            .any(|change| change["api_name"] == "Name")
    );
    let none = get(&world, "Ship_Tos").await;
    assert_eq!(
        (none.status, &none.body["code"]),
        (400, &json!("INVALID_MODULE"))
    );
    let none = coql(&world, "select Name from Ship_Tos where id is not null").await;
    assert_eq!(none.body["code"], "INVALID_QUERY");
    world
        .door("zoho", "faults", json!({"clock": {"advance_seconds": 10}}))
        .await;
    world
        .door(
            "zoho",
            "faults",
            json!({"scopes": ["ZohoCRM.modules.custom.ALL", "ZohoSearch.securesearch.READ"]}),
        )
        .await;
    let searched = get(
        &world,
        &format!("{NAME}/search?criteria=(Name:starts_with:Racine)"),
    )
    .await;
    assert_eq!(searched.body["data"][0]["id"], json!(id));
    assert_eq!(
        get(&world, "Accounts?fields=Account_Name").await.status,
        401
    );

    let gone = world
        .api(Method::DELETE, &format!("{NAME}/{id}"), Value::Null)
        .await;
    assert_eq!(gone.status, 200);
    let deleted = get(&world, &format!("{NAME}/deleted")).await;
    assert_eq!(deleted.body["data"][0]["id"], json!(id));
}

#[tokio::test]
async fn a_channel_hears_of_a_custom_module() {
    let world = world().await;
    let receiver = Receiver::new("").await;
    let channel = json!({"watch": [{
        "channel_id": "7", "events": [format!("{NAME}.all")], "notify_url": receiver.url, "token": "t",
    }]});
    let watched = world.api(Method::POST, "actions/watch", channel).await;
    assert_eq!(codes(&watched, "watch"), ["SUCCESS"]);
    let made = upsert(&world, json!([{"Name": "Racine", "Sage_Key": "K"}])).await;
    let told = receiver.wait(1).await;
    let told: Value = serde_json::from_str(&told[0].body).unwrap();
    assert_eq!(
        (&told["module"], &told["operation"], &told["ids"]),
        (
            &json!(NAME),
            &json!("insert"),
            &json!([made.body["data"][0]["details"]["id"]])
        )
    );
}

#[tokio::test]
async fn modules_and_fields_are_made_through_the_api_with_the_scopes_for_it() {
    let world = World::zoho().await;
    let module = json!({"modules": [{
        "plural_label": "Parcels", "singular_label": "Parcel", "api_name": "Parcel_List",
        "profiles": [{"id": "5725767000000015972"}],
        "display_field": {"field_label": "Parcel No", "data_type": "autonumber", "auto_number": {"prefix": "P-", "start_number": "100"}},
    }]});
    let refused = world
        .api(Method::POST, "settings/modules", module.clone())
        .await;
    assert_eq!(
        (refused.status, &refused.body["code"]),
        (401, &json!("OAUTH_SCOPE_MISMATCH"))
    );
    let scopes = json!({"scopes": ["ZohoCRM.settings.ALL", "ZohoCRM.modules.ALL"]});
    world.door("zoho", "faults", scopes).await;
    let profiles = get(&world, "settings/profiles").await;
    assert_eq!(
        profiles.body["profiles"][0]["id"],
        module["modules"][0]["profiles"][0]["id"]
    );
    let before = world.door("zoho", "stats", Value::Null).await["credits"]
        .as_u64()
        .unwrap();
    let made = world
        .api(Method::POST, "settings/modules", module.clone())
        .await;
    assert_eq!(
        (made.status, codes(&made, "modules")),
        (200, vec!["SUCCESS".to_owned()])
    );
    let after = world.door("zoho", "stats", Value::Null).await["credits"]
        .as_u64()
        .unwrap();
    assert_eq!(after - before, 500);
    let again = world.api(Method::POST, "settings/modules", module).await;
    assert_eq!(
        (again.status, codes(&again, "modules")),
        (400, vec!["DUPLICATE_DATA".to_owned()])
    );
    for (wrong, code, at) in [
        (
            json!({"singular_label": "A"}),
            "MANDATORY_NOT_FOUND",
            "plural_label",
        ),
        (
            json!({"plural_label": "A".repeat(26)}),
            "INVALID_DATA",
            "plural_label",
        ),
        (
            json!({"plural_label": "A&B"}),
            "INVALID_DATA",
            "plural_label",
        ),
        (
            json!({"plural_label": "As", "singular_label": "A"}),
            "MANDATORY_NOT_FOUND",
            "profiles",
        ),
        (
            json!({"plural_label": "As", "singular_label": "A", "profiles": [{"id": "1"}]}),
            "INVALID_DATA",
            "id",
        ),
        (
            json!({"plural_label": "As", "singular_label": "A", "profiles": [{"id": "5725767000000015972"}], "api_name": "A__b"}),
            "INVALID_DATA",
            "api_name",
        ),
    ] {
        let refused = world
            .api(
                Method::POST,
                "settings/modules",
                json!({"modules": [wrong]}),
            )
            .await;
        let error = &refused.body["modules"][0];
        assert_eq!(
            (&error["code"], &error["details"]["api_name"]),
            (&json!(code), &json!(at))
        );
    }
    let fields = json!({"fields": [
        {"field_label": "Sage Key", "data_type": "text", "length": 80, "unique": {"casesensitive": false}},
        {"field_label": "Sage Key", "data_type": "text"},
        {"field_label": "Up", "data_type": "lookup"},
        {"field_label": "Odd", "data_type": "sound"},
        {"field_label": "Long", "data_type": "text", "length": 256},
    ]});
    let made = world
        .api(
            Method::POST,
            "settings/fields?module=Parcel_List",
            fields.clone(),
        )
        .await;
    assert_eq!(made.status, 207);
    assert_eq!(
        codes(&made, "fields"),
        [
            "SUCCESS",
            "DUPLICATE_DATA",
            "MANDATORY_NOT_FOUND",
            "INVALID_DATA",
            "INVALID_DATA"
        ]
    );
    let id = made.body["fields"][0]["details"]["id"].as_str().unwrap();
    let field = get(&world, &format!("settings/fields/{id}?module=Parcel_List")).await;
    assert_eq!(field.body["fields"][0]["api_name"], "Sage_Key");
    let many = json!({"fields": vec![fields["fields"][0].clone(); 6]});
    let many = world
        .api(Method::POST, "settings/fields?module=Parcel_List", many)
        .await;
    assert_eq!(many.body["code"], "LIMIT_EXCEEDED");
    let other = world
        .api(Method::POST, "settings/fields?module=Barns", fields)
        .await;
    assert_eq!(other.body["code"], "INVALID_MODULE");
    let body = json!({"data": [{"Sage_Key": "A", "Name": "mine"}, {"Sage_Key": "B"}]});
    world.api(Method::POST, "Parcel_List", body).await;
    let listed = get(&world, "Parcel_List?fields=Name&sort_order=asc&sort_by=id").await;
    let names: Vec<&Value> = listed.body["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["Name"])
        .collect();
    assert_eq!(names, ["P-100", "P-101"]);
}
