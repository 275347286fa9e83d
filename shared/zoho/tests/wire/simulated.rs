//! The client against the simulated Zoho: what the scripted server cannot tell, namely whether both read the reference
//! alike.

use counterpart_delivery::SecretText;
use counterpart_delivery::ports::{Crm as _, CrmMetadata as _, UpsertCall, UpsertRow};
use counterpart_domain::{Company, Entity, Fields, SageKey, TargetName, Value};
use counterpart_simulators::{DataSet, Options, Running, start};
use counterpart_zoho::{Connection, Credentials, DataCenter, ZohoClient};
use serde_json::{Value as Json, json};

use crate::support::{Client, MemoryTokens, VirtualClock, key};

pub async fn zoho() -> (Running, String, Client) {
    let running = start(Options {
        zoho: Some("127.0.0.1:0".parse().unwrap()),
        data: DataSet {
            customers: 0,
            seed: 1,
        },
        ..Options::default()
    })
    .await
    .unwrap();
    let told = running.announcement()["zoho"].clone();
    let text = |name: &str| told[name].as_str().unwrap().to_owned();
    let connection = Connection {
        accounts_url: Some(text("accounts_url")),
        api_url: Some(text("url")),
        allow_loopback: true,
        ..Connection::to(DataCenter::Us)
    };
    let credentials = Credentials {
        client_id: SecretText::new(text("client_id")),
        client_secret: SecretText::new(text("client_secret")),
        refresh_token: SecretText::new(text("refresh_token")),
    };
    let client = ZohoClient::new(
        TargetName::new("zoho").unwrap(),
        &connection,
        credentials,
        MemoryTokens::default(),
        VirtualClock::new(),
    )
    .unwrap();
    (running, text("url"), client)
}

/// Another program that uses the org, by plain requests.
pub struct Plain {
    url: String,
    token: String,
}

impl Plain {
    /// With a token of its own, got with the credentials that the simulator tells.
    pub async fn new(url: &str, told: &Json) -> Self {
        let text = |name: &str| told[name].as_str().unwrap();
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", text("client_id")),
            ("client_secret", text("client_secret")),
            ("refresh_token", text("refresh_token")),
        ];
        let asked = counterpart_simulators::plain_http()
            .build()
            .unwrap()
            .post(text("accounts_url"))
            .form(&form);
        let granted: Json = asked.send().await.unwrap().json().await.unwrap();
        Self {
            url: url.to_owned(),
            token: granted["access_token"].as_str().unwrap().to_owned(),
        }
    }

    async fn call(&self, method: reqwest::Method, path: &str, body: Option<Json>) -> Json {
        let mut request = counterpart_simulators::plain_http()
            .build()
            .unwrap()
            .request(method, format!("{}{path}", self.url))
            .header("Authorization", format!("Zoho-oauthtoken {}", self.token));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let reply = request.send().await.unwrap();
        assert!(
            reply.status().is_success(),
            "{path}: {}",
            reply.text().await.unwrap()
        );
        reply.json().await.unwrap_or_default()
    }

    pub async fn get(&self, path: &str) -> Json {
        self.call(reqwest::Method::GET, path, None).await
    }

    pub async fn insert_all(&self, module: &str, rows: Vec<Json>) -> Vec<String> {
        let body = json!({"data": rows});
        let path = format!("/crm/v8/{module}");
        let answer = self.call(reqwest::Method::POST, &path, Some(body)).await;
        let ids = answer["data"].as_array().unwrap().iter();
        ids.map(|row| row["details"]["id"].as_str().unwrap().to_owned())
            .collect()
    }

    pub async fn insert(&self, module: &str, row: Json) -> String {
        self.insert_all(module, vec![row]).await.remove(0)
    }

    pub async fn delete(&self, module: &str, id: &str) {
        let path = format!("/crm/v8/{module}/{id}");
        self.call(reqwest::Method::DELETE, &path, None).await;
    }
}

fn rows<const N: usize>(rows: [(SageKey, &[(&str, Value)]); N]) -> Vec<UpsertRow> {
    rows.into_iter()
        .map(|(key, fields)| UpsertRow {
            key,
            fields: fields
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect(),
        })
        .collect()
}

fn upsert(module: &str, rows: Vec<UpsertRow>) -> UpsertCall {
    UpsertCall {
        module: module.into(),
        key_field: "Sage_Key".into(),
        rows,
    }
}

fn name(text: &str) -> (&'static str, Value) {
    ("Account_Name", Value::Text(text.into()))
}

pub async fn faults(url: &str, body: Json) {
    let door = counterpart_simulators::plain_http()
        .build()
        .unwrap()
        .post(format!("{url}/_sim/faults"));
    let reply = door.json(&body).send().await.unwrap();
    assert!(reply.status().is_success());
}

#[tokio::test]
async fn accounts_contacts_and_owners_arrive_and_are_read_back() {
    let (_running, _, client) = zoho().await;
    let users = client.users().await.unwrap();
    let owner = users
        .iter()
        .find(|user| user.name == "Patricia Boyle")
        .unwrap();
    let accounts = client.describe("Accounts").await.unwrap().unwrap();
    let key_field = accounts
        .fields
        .iter()
        .find(|field| field.name == "Sage_Key")
        .unwrap();
    assert!(accounts.createable && accounts.updateable);
    assert!(key_field.upsert_key && key_field.createable && key_field.length == Some(255));
    assert_eq!(client.describe("Acounts").await.unwrap(), None);
    let owner_field = accounts.fields.iter().find(|field| field.name == "Owner");
    assert!(owner_field.is_some_and(|field| field.createable && field.updateable));
    let [layout] = accounts.record_types.as_slice() else {
        panic!("{:?}", accounts.record_types);
    };
    assert!(layout.name == "Standard" && layout.available);
    let org = client.org().await.unwrap();
    assert_eq!(
        (org.id.as_str(), org.name.as_str()),
        ("694902300", "ABC Distribution (simulated)")
    );
    assert!(org.server_time.is_some() && org.budget.is_none());
    assert!(!org.user_id.0.is_empty() && !org.user_name.is_empty());

    let credit = Value::Number("1234567890123.45".parse().unwrap());
    let abf = key("01-ABF");
    let two_of_one_name = rows([
        (
            abf.clone(),
            &[
                name("O'Hara \"& Sons\" \\ ñ"),
                ("Credit_Limit", credit.clone()),
                (
                    "Sage_Account_Since",
                    Value::Date(jiff::civil::date(2020, 5, 31)),
                ),
                ("Owner", Value::Reference(owner.id.0.clone())),
                ("Fax", Value::Blank),
            ],
        ),
        (key("02-ABF"), &[name("O'Hara \"& Sons\" \\ ñ")]),
        (key("01-LONG"), &[name(&"x".repeat(201))]),
        (
            key("01-OWNER"),
            &[name("Owned"), ("Owner", Value::Reference("1".into()))],
        ),
        (
            key("01-NAMELESS"),
            &[("Phone", Value::Text("555-0100".into()))],
        ),
    ]);
    let call = upsert("Accounts", two_of_one_name);
    let first = client.upsert(&call).await.unwrap();
    let again = client.upsert(&call).await.unwrap();
    let account = first[0].as_ref().unwrap();
    let namesake = first[1].as_ref().unwrap();
    assert!(account.created && namesake.created && account.id != namesake.id);
    assert_eq!(again[0].as_ref().unwrap().id, account.id);
    assert!(!again[0].as_ref().unwrap().created);
    let codes: Vec<_> = first[2..]
        .iter()
        .map(|outcome| outcome.as_ref().unwrap_err().code.as_ref())
        .collect();
    assert_eq!(
        codes,
        [
            "E_CRM_INVALID_DATA",
            "E_CRM_OWNER_INVALID",
            "E_CRM_REQUIRED_MISSING"
        ]
    );

    let company = Company::new("ABC").unwrap();
    let contact = |code: &str| SageKey::new(&company, Entity::CONTACT, code).unwrap();
    let parents = rows([
        (
            contact("01-ABF/O'BRIEN"),
            &[
                ("Last_Name", Value::Text("O'Brien".into())),
                ("Account_Name", Value::Reference(account.id.0.clone())),
            ],
        ),
        (
            contact("01-ABF/NOBODY"),
            &[
                ("Last_Name", Value::Text("Nobody".into())),
                ("Account_Name", Value::Reference("1".into())),
            ],
        ),
    ]);
    let contacts = client.upsert(&upsert("Contacts", parents)).await.unwrap();
    assert!(contacts[0].is_ok(), "{contacts:?}");
    assert_eq!(
        contacts[1].as_ref().unwrap_err().code,
        "E_CRM_PARENT_NOT_FOUND"
    );

    let asked = [
        "Account_Name",
        "Credit_Limit",
        "Sage_Account_Since",
        "Owner",
        "Fax",
    ];
    let asked: Vec<String> = asked.map(str::to_owned).into();
    let read = client
        .read(
            "Accounts",
            "Sage_Key",
            &[abf.clone(), key("01-NONE")],
            &asked,
        )
        .await
        .unwrap();
    let [record] = read.as_slice() else {
        panic!("one record is wanted: {read:?}");
    };
    assert_eq!(record.id, account.id);
    assert_eq!(record.key, Some(abf.text()));
    let expected: Fields = call.rows[0].fields.clone();
    assert_eq!(record.fields, expected);
    let read = client
        .read(
            "Contacts",
            "Sage_Key",
            &[contact("01-ABF/O'BRIEN")],
            &["Account_Name".into()],
        )
        .await
        .unwrap();
    assert_eq!(
        read[0].fields["Account_Name"],
        Value::Reference(account.id.0.clone())
    );
    assert_eq!(client.usage().token_calls, 1);
}

#[tokio::test]
async fn a_revoked_access_token_costs_one_refresh_and_a_revoked_refresh_token_a_person() {
    let (_running, url, client) = zoho().await;
    let call = upsert("Accounts", rows([(key("01-ABF"), &[name("ABF")])]));
    client.upsert(&call).await.unwrap();
    faults(&url, json!({"revoke": "access"})).await;
    client.upsert(&call).await.unwrap();
    assert_eq!(client.usage().token_calls, 2);
    faults(&url, json!({"revoke": "refresh"})).await;
    let fault = client.upsert(&call).await.unwrap_err();
    assert_eq!(fault.code, "E_CRM_REFRESH_TOKEN_INVALID");
}

#[tokio::test]
async fn namesakes_and_children_are_found_by_any_field() {
    use counterpart_delivery::ports::CrmRecords as _;
    let (_running, _, client) = zoho().await;
    let accounts = rows([
        (key("01-ONE"), &[name("O'Hara & Sons")]),
        (key("01-TWO"), &[name("O'Hara & Sons")]),
        (key("01-OTHER"), &[name("Another")]),
    ]);
    let accounts = client.upsert(&upsert("Accounts", accounts)).await.unwrap();
    let ids: Vec<String> = accounts
        .into_iter()
        .map(|account| account.unwrap().id.0)
        .collect();
    let company = Company::new("ABC").unwrap();
    let contact = |local: &str| SageKey::new(&company, Entity::CONTACT, local).unwrap();
    let child = |id: &str| {
        [
            ("Last_Name", Value::Text("Mail".into())),
            ("Account_Name", Value::Reference(id.to_owned())),
        ]
    };
    let (first, other) = (child(&ids[0]), child(&ids[2]));
    let contacts = rows([
        (contact("01-ONE/MAIN"), first.as_slice()),
        (contact("01-OTHER/MAIN"), other.as_slice()),
    ]);
    let contacts = client.upsert(&upsert("Contacts", contacts)).await.unwrap();

    let values = ["O'Hara & Sons".to_owned(), "Nobody".to_owned()];
    let fields = ["Account_Name".to_owned(), "Sage_Key".to_owned()];
    let found = client
        .find_by("Accounts", "Account_Name", &values, None, &fields, None)
        .await;
    let mut keys: Vec<String> = found
        .unwrap()
        .iter()
        .map(|record| record.fields["Sage_Key"].to_string())
        .collect();
    keys.sort();
    assert_eq!(keys, ["ABC:01-ONE", "ABC:01-TWO"]);
    let blank = Some("Sage_Key");
    let unkeyed = client.find_by("Accounts", "Account_Name", &values, blank, &fields, None);
    assert_eq!(unkeyed.await.unwrap(), []);
    let field = ["Account_Name".to_owned()];
    let found = client.find_by("Contacts", "Account_Name", &ids[..2], None, &field, None);
    let found = found.await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].id, contacts[0].as_ref().unwrap().id);
    assert_eq!(found[0].fields["Account_Name"].to_string(), ids[0]);
}
