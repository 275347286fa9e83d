//! The client against the simulated Salesforce: what the scripted server cannot tell, namely whether both read the
//! reference alike.

use counterpart_delivery::ports::{Crm as _, CrmFieldKind, CrmMetadata as _, UpsertRow};
use counterpart_domain::{Class, Fields, Reach, SageKey, Value};
use serde_json::{Value as Json, json};

use crate::org::*;
use crate::support::key;

#[tokio::test]
async fn accounts_contacts_and_owners_arrive_and_are_read_back() {
    let org = Org::start().await;
    let client = org.with_key();
    let users = client.users().await.unwrap();
    let told = org.told["users"].as_array().unwrap();
    assert_eq!(
        users.len(),
        told.iter()
            .filter(|user| user["status"] == "active")
            .count()
    );
    let owner = users
        .iter()
        .find(|user| user.name == "Patricia Boyle")
        .unwrap();
    let gone = told.iter().find(|user| user["status"] != "active").unwrap()["id"]
        .as_str()
        .unwrap();

    let abf = key("01-ABF");
    let call = upsert(
        "Account",
        rows([
            (
                abf.clone(),
                &[
                    name("O'Hara \"& Sons\" \\ ñ"),
                    (
                        "Credit_Limit__c",
                        Value::Number("12345678901234.45".parse().unwrap()),
                    ),
                    ("OwnerId", Value::Reference(owner.id.0.clone())),
                    ("BillingStreet", Value::Text("1 Main St\nSuite 2".into())),
                    ("Fax", Value::Blank),
                ],
            ),
            (key("02-A/B & 'C'"), &[name("O'Hara \"& Sons\" \\ ñ")]),
            (key("01-LONG"), &[name(&"x".repeat(256))]),
            (
                key("01-OWNER"),
                &[
                    name("Owned"),
                    ("OwnerId", Value::Reference(gone.to_owned())),
                ],
            ),
            (
                key("01-NAMELESS"),
                &[("Phone", Value::Text("555-0100".into()))],
            ),
            (
                key("01-NOBODY"),
                &[
                    name("Nobody's"),
                    ("OwnerId", Value::Reference("005000000000000AAA".into())),
                ],
            ),
        ]),
    );
    let first = client.upsert(&call).await.unwrap();
    let again = client.upsert(&call).await.unwrap();
    let account = first[0].as_ref().unwrap();
    let namesake = first[1].as_ref().unwrap();
    assert!(account.created && namesake.created && account.id != namesake.id);
    assert_eq!(again[0].as_ref().unwrap().id, account.id);
    assert!(!again[0].as_ref().unwrap().created);
    let codes: Vec<_> = first[2..]
        .iter()
        .map(|outcome| &*outcome.as_ref().unwrap_err().code)
        .collect();
    assert_eq!(
        codes,
        [
            "E_CRM_TOO_LONG",
            "E_CRM_OWNER_INVALID",
            "E_CRM_REQUIRED_MISSING",
            "E_CRM_OWNER_INVALID"
        ]
    );

    let children = rows([
        (
            contact("01-ABF/O'BRIEN"),
            &[
                ("LastName", Value::Text("O'Brien".into())),
                ("AccountId", Value::Reference(account.id.0.clone())),
            ],
        ),
        (
            contact("01-ABF/NOBODY"),
            &[
                ("LastName", Value::Text("Nobody".into())),
                ("AccountId", Value::Reference("001000000000000AAA".into())),
            ],
        ),
        (
            contact("01-ABF/NAMELESS"),
            &[("Email", Value::Text("x@acme.example".into()))],
        ),
        (
            contact("01-ABF/MAIL"),
            &[
                ("LastName", Value::Text("Mail".into())),
                ("Email", Value::Text("no mail".into())),
            ],
        ),
    ]);
    let contacts = client.upsert(&upsert("Contact", children)).await.unwrap();
    assert!(contacts[0].is_ok(), "{contacts:?}");
    let codes: Vec<_> = contacts[1..]
        .iter()
        .map(|outcome| &*outcome.as_ref().unwrap_err().code)
        .collect();
    assert_eq!(
        codes,
        [
            "E_CRM_PARENT_NOT_FOUND",
            "E_CRM_REQUIRED_MISSING",
            "E_CRM_INVALID_DATA"
        ]
    );

    let asked: Vec<String> = call.rows[0].fields.keys().cloned().collect();
    let keys = [abf.clone(), key("01-NONE"), key("02-A/B & 'C'")];
    let read = client
        .read("Account", "Sage_Key__c", &keys, &asked)
        .await
        .unwrap();
    assert_eq!(read.len(), 2);
    let record = read
        .iter()
        .find(|record| record.key == Some(abf.text()))
        .unwrap();
    assert_eq!(record.id, account.id);
    assert!(record.modified.is_some());
    let expected: Fields = call.rows[0].fields.clone();
    assert_eq!(record.fields, expected);
    let read = client
        .read(
            "Contact",
            "Sage_Key__c",
            &[contact("01-ABF/O'BRIEN")],
            &["AccountId".into()],
        )
        .await
        .unwrap();
    assert_eq!(
        read[0].fields["AccountId"],
        Value::Reference(account.id.0.clone())
    );
    let usage = client.usage();
    assert_eq!(usage.token_calls, 1);
    assert_eq!(client.limit().unwrap().org.used, usage.credits);
}

#[tokio::test]
async fn a_pack_of_two_hundred_is_one_call_and_is_read_back_in_as_few_as_fit() {
    let org = Org::start().await;
    let client = org.with_secret();
    let keys: Vec<SageKey> = (0..200)
        .map(|n| key(&format!("01-CUSTOMER{n:03}")))
        .collect();
    let rows = keys.iter().map(|key| UpsertRow {
        key: key.clone(),
        fields: Fields::from([("Name".into(), Value::Text("One of many".into()))]),
    });
    let outcomes = client
        .upsert(&upsert("Account", rows.collect()))
        .await
        .unwrap();
    assert!(
        outcomes
            .iter()
            .all(|outcome| outcome.as_ref().unwrap().created)
    );
    assert_eq!(client.usage().write_calls, 1);
    let read = client
        .read("Account", "Sage_Key__c", &keys, &["Name".into()])
        .await
        .unwrap();
    assert_eq!(read.len(), 200);
    assert_eq!(client.usage().read_calls, 1);
}

#[tokio::test]
async fn keys_that_differ_in_case_only_are_one_record_and_the_answer_shows_it() {
    let org = Org::start().await;
    let client = org.with_secret();
    let last = |text: &str| [("LastName", Value::Text(text.into()))];
    let (upper, lower) = (contact("01-ABF/JOHN"), contact("01-ABF/John"));
    let call = upsert(
        "Contact",
        rows([
            (upper.clone(), &last("Upper")),
            (lower.clone(), &last("Lower")),
        ]),
    );
    let outcomes = client.upsert(&call).await.unwrap();
    let ids: Vec<_> = outcomes
        .iter()
        .map(|outcome| &outcome.as_ref().unwrap().id)
        .collect();
    assert_eq!(ids[0], ids[1]);
    assert!(!outcomes[1].as_ref().unwrap().created);
}

#[tokio::test]
async fn what_the_org_refuses_has_its_code() {
    let org = Org::start().await;
    let client = org.with_secret();
    let account = |local: &str| {
        upsert(
            "Account",
            rows([(
                key(local),
                &[
                    name("American Business"),
                    ("BillingState", Value::Text("Atlantis".into())),
                    ("BillingCountry", Value::Text("United States".into())),
                ],
            )]),
        )
    };
    let abf = account("01-ABF");
    client.upsert(&abf).await.unwrap();
    let on_upsert = |rule: Json| {
        let mut rule = rule;
        rule["operation"] = json!("Account.collections.upsert");
        json!({"rules": [rule]})
    };
    for (faults, code) in [
        (
            json!({"row_locks": [{"key": "ABC:01-ABF", "times": 1}]}),
            "E_CRM_RECORD_LOCKED",
        ),
        (
            json!({"validation_rules": [{"object": "Account", "field": "Phone", "blank": true, "message": "A phone number, please"}]}),
            "E_CRM_VALIDATION_RULE",
        ),
        (json!({"state_country_picklists": true}), "E_CRM_PICKLIST"),
        (
            json!({"refuse": [{"object": "Account", "field": "Name", "code": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "message": "no"}]}),
            "E_CRM_VALIDATION_RULE",
        ),
        (
            json!({"refuse": [{"object": "Account", "field": "Name", "code": "BRAND_NEW_CODE", "message": "no"}]}),
            "E_CRM_REFUSED",
        ),
    ] {
        let outcomes = org.after(faults.clone(), &client, &abf).await;
        assert_eq!(outcomes.unwrap(), [code], "{faults}");
    }
    let rules = json!({"duplicate_rules": [{"object": "Account", "fields": ["Name"], "block": false, "name": "Same_Name", "message": "Use one of these records?"}]});
    let outcomes = org.after(rules, &client, &account("02-ABF")).await.unwrap();
    assert_eq!(outcomes, ["E_CRM_DUPLICATE_RULE"]);
    for (faults, code, class) in [
        (
            on_upsert(json!({"status": 503, "body": "<html>down</html>", "times": 1})),
            "E_CRM_UNAVAILABLE",
            Class::Transient,
        ),
        (
            on_upsert(json!({"code": "REQUEST_LIMIT_EXCEEDED/concurrent", "times": 1})),
            "E_CRM_THROTTLED",
            Class::Throttled,
        ),
        (
            on_upsert(json!({"code": "INVALID_SESSION_ID/rest", "times": 1})),
            "E_CRM_SCOPE",
            Class::Configuration,
        ),
        (
            on_upsert(json!({"after": true, "times": 1})),
            "E_CRM_CONNECTION_LOST",
            Class::Ambiguous,
        ),
    ] {
        let fault = org.after(faults.clone(), &client, &abf).await.unwrap_err();
        assert_eq!(
            (&*fault.code, fault.class),
            (code, class),
            "{faults}: {fault}"
        );
    }
    let mut wrong = abf.clone();
    wrong.rows[0].fields.insert("Nme".into(), Value::Blank);
    let fault = client.upsert(&wrong).await.unwrap_err();
    assert_eq!(
        (&*fault.code, fault.class),
        ("E_CRM_FIELD_INVALID", Class::Configuration),
        "{fault}"
    );
    let mut unkeyed = abf.clone();
    unkeyed.key_field = "AccountNumber".into();
    let fault = client.upsert(&unkeyed).await.unwrap_err();
    assert_eq!(
        (&*fault.code, fault.class),
        ("E_CRM_KEY_FIELD", Class::Configuration),
        "{fault}"
    );
    // The day's limit: what it says is remembered, and what follows is not even sent.
    let spent = org.after(json!({"api_limit": 1}), &client, &abf).await;
    assert_eq!(spent.unwrap_err().code, "E_CRM_DAILY_LIMIT");
    let sent = client.usage().calls();
    let fault = client.upsert(&abf).await.unwrap_err();
    assert_eq!(
        (&*fault.code, fault.class),
        ("E_CRM_BUDGET_RESERVED", Class::Throttled)
    );
    assert_eq!(client.usage().calls(), sent);
}

#[tokio::test]
async fn owners_that_are_written_stay() {
    let org = Org::start().await;
    let client = org.with_secret();
    let users = client.users().await.unwrap();
    let of = |name: &str| {
        users
            .iter()
            .find(|user| user.name == name)
            .unwrap()
            .id
            .0
            .clone()
    };
    let (theirs, ours) = (of("Sage Integration"), of("Patricia Boyle"));
    org.faults(json!({"territory": {"owner": theirs, "field": "BillingState", "value": "WI"}}))
        .await;
    let fields: &[(&str, Value)] = &[
        name("A"),
        ("BillingState", Value::Text("WI".into())),
        ("OwnerId", Value::Reference(ours.clone())),
    ];
    let abf = key("01-ABF");
    client
        .upsert(&upsert("Account", rows([(abf.clone(), fields)])))
        .await
        .unwrap();
    let read = client
        .read("Account", "Sage_Key__c", &[abf], &["OwnerId".into()])
        .await
        .unwrap();
    assert_eq!(read[0].fields["OwnerId"], Value::Reference(ours));
}

#[tokio::test]
async fn sessions_end_instances_move_and_credentials_are_revoked() {
    let org = Org::start().await;
    for client in [org.with_secret(), org.with_key()] {
        let call = upsert("Account", rows([(key("01-ABF"), &[name("ABF")])]));
        client.upsert(&call).await.unwrap();
        org.faults(json!({"revoke": "access", "omit_instance_url": true}))
            .await;
        client.upsert(&call).await.unwrap();
        assert_eq!(client.usage().token_calls, 2);
        org.faults(json!({"clear": true, "revoke": "access", "instance_url": "https://acme.my.salesforce.com.evil.example"})).await;
        let fault = client.upsert(&call).await.unwrap_err();
        assert_eq!(fault.code, "E_CRM_API_DOMAIN");
        org.faults(json!({"clear": true, "approved": false, "client_credentials": false}))
            .await;
        let fault = client.upsert(&call).await.unwrap_err();
        assert_eq!(fault.class, Class::Configuration, "{fault}");
        org.faults(json!({"clear": true})).await;
        client.upsert(&call).await.unwrap();
    }
}

#[tokio::test]
async fn the_org_tells_what_it_is_like() {
    let org = Org::start().await;
    let client = org.with_secret();
    let about = client.org().await.unwrap();
    assert_eq!(about.id, org.told["org_id"].as_str().unwrap());
    assert_eq!(
        about.user_id.0,
        org.told["users"][0]["id"].as_str().unwrap()
    );
    assert_eq!(about.user_name, "Sage Integration");
    assert!(
        !about.name.is_empty() && about.server_time.is_some() && about.budget.is_some(),
        "{about:?}"
    );
    let account = client.describe("Account").await.unwrap().unwrap();
    let field = |name: &str| {
        account
            .fields
            .iter()
            .find(|field| field.name == name)
            .unwrap()
    };
    assert!(field("Sage_Key__c").upsert_key && field("Sage_Key__c").unique);
    assert!(field("Legacy_Id__c").upsert_key && !field("Legacy_Id__c").unique);
    assert!(field("Name").required && !field("OwnerId").required);
    assert_eq!(
        (field("Name").length, field("OwnerId").kind),
        (Some(255), CrmFieldKind::Reference)
    );
    assert!(!field("Scoring_Result__c").updateable && field("Customer_Status__c").restricted);
    assert_eq!(
        account
            .record_types
            .iter()
            .map(|kind| kind.available)
            .collect::<Vec<_>>()
            .len(),
        2
    );
    assert_eq!(client.describe("Acount").await.unwrap(), None);
}

/// A trigger that asks within its loop stands five rows of a call: of 21 none is written, and of five all are.
#[tokio::test]
async fn what_is_too_much_for_a_trigger_is_told_of_each_row_and_passes_in_a_smaller_call() {
    let org = Org::start().await;
    let client = org.with_key();
    org.faults(json!({"trigger_queries": 20})).await;
    let call = |from: usize, until: usize| {
        let rows = (from..until).map(|n| UpsertRow {
            key: key(&format!("01-T{n:03}")),
            fields: Fields::from([("Name".to_owned(), Value::text("Slow"))]),
        });
        upsert("Account", rows.collect())
    };
    let outcomes = client.upsert(&call(0, 21)).await.unwrap();
    assert_eq!(outcomes.len(), 21);
    for outcome in outcomes {
        let fault = outcome.unwrap_err();
        assert_eq!(
            (&*fault.code, fault.class, Reach::of(&fault)),
            ("E_CRM_AUTOMATION_LIMIT", Class::Data, Reach::Call)
        );
        assert!(fault.message.contains("Too many SOQL queries"), "{fault}");
    }
    let outcomes = client.upsert(&call(0, 5)).await.unwrap();
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
}

#[tokio::test]
async fn namesakes_and_children_are_found_by_any_field() {
    use counterpart_delivery::ports::CrmRecords as _;
    let org = Org::start().await;
    let client = org.with_key();
    let accounts = rows([
        (key("01-ONE"), &[name("O'Hara \"& Sons\" \\ ñ")]),
        (key("01-TWO"), &[name("O'Hara \"& Sons\" \\ ñ")]),
        (key("01-OTHER"), &[name("Another")]),
    ]);
    let accounts = client.upsert(&upsert("Account", accounts)).await.unwrap();
    let ids: Vec<String> = accounts
        .into_iter()
        .map(|account| account.unwrap().id.0)
        .collect();
    let child = |id: &str| {
        [
            ("LastName", Value::Text("Mail".into())),
            ("AccountId", Value::Reference(id.to_owned())),
        ]
    };
    let (first, other) = (child(&ids[0]), child(&ids[2]));
    let contacts = rows([
        (contact("01-ONE/MAIN"), first.as_slice()),
        (contact("01-OTHER/MAIN"), other.as_slice()),
    ]);
    let contacts = client.upsert(&upsert("Contact", contacts)).await.unwrap();

    let values = ["o'hara \"& SONS\" \\ ñ".to_owned(), "Nobody".to_owned()];
    let fields = ["Name".to_owned(), "Sage_Key__c".to_owned()];
    let found = client
        .find_by("Account", "Name", &values, None, &fields, None)
        .await;
    let mut keys: Vec<String> = found
        .unwrap()
        .iter()
        .map(|record| record.fields["Sage_Key__c"].to_string())
        .collect();
    keys.sort();
    assert_eq!(keys, ["ABC:01-ONE", "ABC:01-TWO"]);
    let blank = Some("Sage_Key__c");
    let unkeyed = client.find_by("Account", "Name", &values, blank, &fields, None);
    assert_eq!(unkeyed.await.unwrap(), []);
    let field = ["AccountId".to_owned()];
    let found = client.find_by("Contact", "AccountId", &ids[..2], None, &field, None);
    let found = found.await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].id, contacts[0].as_ref().unwrap().id);
    assert_eq!(found[0].fields["AccountId"].to_string(), ids[0]);
}
