//! Bulk writes on the wire.

use crate::support::*;
use counterpart_delivery::ports::{Crm as _, RowOutcome, UpsertRow};
use counterpart_domain::{Class, Company, Entity, Fields, SageKey, Value};
use counterpart_salesforce::Connection;
use counterpart_simulation::memory::MemoryStore;
use serde_json::{Value as Json, json};
use std::time::Duration;
use tokio::io::AsyncReadExt as _;
use wiremock::{MockServer, ResponseTemplate};

fn shortly(outcomes: &[RowOutcome]) -> Vec<String> {
    outcomes
        .iter()
        .map(|outcome| match outcome {
            Ok(written) if written.created => format!("created {}", written.id),
            Ok(written) => format!("updated {}", written.id),
            Err(fault) => fault.code.to_string(),
        })
        .collect()
}

#[tokio::test]
async fn a_row_names_its_type_and_key_keeps_every_digit_and_assigns_nobody() {
    let (server, client) = ready().await;
    answers(&server, UPSERT, vec![rows([created(1)])]).await;
    let mut call = call(&["01-A/B & 'C'"]);
    let fields = [
        (
            "AnnualRevenue",
            Value::Number("1234567890123.45".parse().unwrap()),
        ),
        ("Rate__c", Value::Number("0.1".parse().unwrap())),
        ("On_Hold__c", Value::Flag(false)),
        ("Since__c", Value::Date(jiff::civil::date(2020, 5, 31))),
        ("OwnerId", Value::Reference("005D0000001AAAAIA4".into())),
        ("BillingStreet", Value::Text("1 Main St\nSuite 2".into())),
        ("Fax", Value::Blank),
        ("sage_key__c", Value::Text("never this".into())),
        ("Id", Value::Reference("never this".into())),
    ];
    call.rows[0]
        .fields
        .extend(fields.map(|(name, value)| (name.to_owned(), value)));
    let outcomes = client.upsert(&call).await.unwrap();
    assert_eq!(shortly(&outcomes), [format!("created {}", id(1))]);
    assert_eq!(outcomes[0].as_ref().unwrap().modified, None);
    insta::assert_snapshot!(shown(&requests(&server).await.1[0]));
}

#[tokio::test]
async fn results_belong_to_rows_by_position_and_ids_are_completed() {
    let (server, client) = ready().await;
    let reply = json!([
        {"id": &id(1)[..15], "success": true, "errors": []},
        {"success": false, "errors": [{"statusCode": "STRING_TOO_LONG", "message": "Account Name: data value too large: x (max length=80)", "fields": ["Name"]}]},
        {"errorCode": "UNABLE_TO_LOCK_ROW", "message": "unable to obtain exclusive access"},
        updated(4),
        {"success": true},
        {"success": false, "errors": []},
        7,
    ]);
    answers(
        &server,
        UPSERT,
        vec![ResponseTemplate::new(200).set_body_json(reply)],
    )
    .await;
    let outcomes = client
        .upsert(&call(&[
            "01-A", "01-B", "01-C", "01-D", "01-E", "01-F", "01-G",
        ]))
        .await
        .unwrap();
    let puzzling = "E_CRM_REPLY_UNREADABLE".to_owned();
    assert_eq!(
        shortly(&outcomes),
        [
            format!("updated {}", id(1)),
            "E_CRM_TOO_LONG".into(),
            "E_CRM_RECORD_LOCKED".into(),
            format!("updated {}", id(4)),
            puzzling.clone(),
            puzzling.clone(),
            puzzling
        ]
    );
    assert!(
        outcomes[4..]
            .iter()
            .all(|row| row.as_ref().unwrap_err().class == Class::Ambiguous)
    );
}

#[tokio::test]
async fn a_key_twice_in_a_pack_goes_into_two_calls() {
    let (server, client) = ready().await;
    answers(
        &server,
        UPSERT,
        vec![rows([created(1), created(2)]), rows([updated(1)])],
    )
    .await;
    let mut call = call(&["01-A"]);
    let company = Company::new("ABC").unwrap();
    call.rows = ["01-A/JOHN", "01-A/JANE", "01-A/John"]
        .map(|local| UpsertRow {
            key: SageKey::new(&company, Entity::CONTACT, local).unwrap(),
            fields: Fields::new(),
        })
        .into();
    let outcomes = client.upsert(&call).await.unwrap();
    assert_eq!(
        shortly(&outcomes),
        [
            format!("created {}", id(1)),
            format!("created {}", id(2)),
            format!("updated {}", id(1))
        ]
    );
    let (_, calls) = requests(&server).await;
    let sent: Json = serde_json::from_slice(&calls[1].body).unwrap();
    assert_eq!(sent["records"][0]["Sage_Key__c"], "ABC:01-A/John");
    assert_eq!(sent["records"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_record_that_another_writer_created_or_deleted_meanwhile_is_written_by_a_second_call() {
    let (server, client) = ready().await;
    let raced = || {
        let said = format!(
            "duplicate value found: Sage_Key__c duplicates value on record with id: {}",
            id(5)
        );
        row_error("DUPLICATE_VALUE", &said, &[])
    };
    let deleted = || row_error("ENTITY_IS_DELETED", "entity is deleted", &[]);
    answers(
        &server,
        UPSERT,
        vec![
            rows([created(1), raced(), raced(), deleted(), deleted()]),
            rows([updated(5), raced(), created(6), deleted()]),
        ],
    )
    .await;
    let outcomes = client
        .upsert(&call(&["01-A", "01-B", "01-C", "01-D", "01-E"]))
        .await
        .unwrap();
    assert_eq!(
        shortly(&outcomes),
        [
            format!("created {}", id(1)),
            format!("updated {}", id(5)),
            "E_CRM_DUPLICATE".into(),
            format!("created {}", id(6)),
            "E_CRM_RECORD_GONE".into()
        ]
    );
    let (_, calls) = requests(&server).await;
    let second: Json = serde_json::from_slice(&calls[1].body).unwrap();
    assert_eq!(second["records"].as_array().unwrap().len(), 4);
    assert_eq!(second["records"][0]["Sage_Key__c"], "ABC:01-B");
}

#[tokio::test]
async fn an_answer_of_another_length_or_form_is_ambiguous_as_a_whole() {
    let (server, client) = ready().await;
    let text = |text: &str| ResponseTemplate::new(200).set_body_string(text);
    let replies = vec![
        rows([created(1)]),
        rows([]),
        text("[{\"id\":"),
        text("<html>Sorry</html>"),
        text("{}"),
        ResponseTemplate::new(204),
    ];
    let count = replies.len();
    answers(&server, UPSERT, replies).await;
    for _ in 0..count {
        let fault = client.upsert(&call(&["01-A", "01-B"])).await.unwrap_err();
        assert_eq!(
            (&*fault.code, fault.class),
            ("E_CRM_REPLY_UNREADABLE", Class::Ambiguous)
        );
    }
}

#[tokio::test]
async fn silence_is_ambiguous_once_something_was_sent() {
    let (server, client) = ready().await;
    let endless = ResponseTemplate::new(200).set_body_bytes(vec![b'x'; 9 * 1024 * 1024]);
    answers(&server, UPSERT, vec![endless]).await;
    let fault = client.upsert(&call(&["01-A"])).await.unwrap_err();
    assert_eq!(
        (&*fault.code, fault.class),
        ("E_CRM_REPLY_TOO_LARGE", Class::Ambiguous)
    );

    let mut hasty = connection(&server);
    hasty.timeouts.total = Duration::from_millis(300);
    let client = client_with(&hasty, credentials(), &MemoryStore::new(), &clock());
    let late = rows([created(1)]).set_delay(Duration::from_secs(5));
    answers(&server, UPSERT, vec![late]).await;
    let fault = client.upsert(&call(&["01-A"])).await.unwrap_err();
    assert_eq!(
        (&*fault.code, fault.class),
        ("E_CRM_TIMEOUT", Class::Ambiguous)
    );
}

#[tokio::test]
async fn a_broken_connection_is_ambiguous_and_a_refused_one_is_not() {
    let server = MockServer::start().await;
    token_answer(&server, 200, granted(&server, "00D!good")).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let instance = format!("http://{}", listener.local_addr().unwrap());
    let connection = Connection {
        instance_url: Some(instance),
        ..connection(&server)
    };
    let client = client_with(&connection, credentials(), &MemoryStore::new(), &clock());
    let hang_up = async {
        let (mut socket, _) = listener.accept().await.unwrap();
        let _ = socket.read(&mut [0; 64]).await.unwrap();
        drop(socket);
    };
    let call = call(&["01-A"]);
    let (outcome, ()) = futures_util::future::join(client.upsert(&call), hang_up).await;
    let fault = outcome.unwrap_err();
    assert_eq!(
        (&*fault.code, fault.class),
        ("E_CRM_CONNECTION_LOST", Class::Ambiguous)
    );
    drop(listener);
    let fault = client.upsert(&call).await.unwrap_err();
    assert_eq!(
        (&*fault.code, fault.class),
        ("E_CRM_UNREACHABLE", Class::Transient)
    );
}

#[tokio::test]
async fn what_every_row_would_meet_stops_the_call_and_what_one_row_met_does_not() {
    let wrong = || {
        row_error(
            "INVALID_FIELD",
            "No such column 'Nme' on sobject of type Account",
            &[],
        )
    };
    let shut = || {
        row_error(
            "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE",
            "read only",
            &[],
        )
    };
    let no_access = || {
        row_error(
            "INSUFFICIENT_ACCESS_OR_READONLY",
            "insufficient access rights on object id",
            &[],
        )
    };
    let read_only = || {
        row_error(
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            "Account: bad field names on insert/update call: Name",
            &["Name"],
        )
    };
    let limit = || row_error("LIMIT_EXCEEDED", "too many of something", &[]);
    let long = || row_error("STRING_TOO_LONG", "data value too large", &["Name"]);
    for (reply, whole) in [
        // A person account, or a limit of one record: its own fault, or it would stop the others for ever.
        (vec![read_only()], None),
        (vec![limit()], None),
        (
            vec![read_only(); 10],
            Some(("E_CRM_FIELD_READ_ONLY", Class::Configuration)),
        ),
        (
            vec![limit(); 10],
            Some(("E_CRM_LIMIT_REACHED", Class::Throttled)),
        ),
        (vec![wrong(), long()], None),
        (
            vec![wrong(), wrong()],
            Some(("E_CRM_FIELD_INVALID", Class::Configuration)),
        ),
        (
            vec![shut(), shut()],
            Some(("E_CRM_MAINTENANCE", Class::Throttled)),
        ),
        (vec![no_access(), no_access()], None),
        (vec![wrong(), updated(1)], None),
        (vec![no_access(), updated(1)], None),
    ] {
        let (server, client) = ready().await;
        let keys: Vec<String> = (0..reply.len()).map(|n| format!("01-{n}")).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        answers(&server, UPSERT, vec![rows(reply)]).await;
        let answer = client.upsert(&call(&keys)).await;
        let fault = answer
            .as_ref()
            .err()
            .map(|fault| (&*fault.code, fault.class));
        assert_eq!(fault, whole);
    }
}

#[tokio::test]
async fn calls_rows_and_the_days_limit_are_counted() {
    let (server, client) = ready().await;
    let told = |reply: ResponseTemplate, used: u32| {
        let header = format!("api-usage={used}/100000; per-app-api-usage=17/250(appName=x)");
        reply.insert_header("Sforce-Limit-Info", header)
    };
    let replies = vec![
        told(rows([created(1), created(2)]), 11),
        expired(),
        told(rows([updated(1)]), 12),
        error(503, "SERVER_UNAVAILABLE", ""),
    ];
    answers(&server, UPSERT, replies).await;
    client.upsert(&call(&["01-A", "01-B"])).await.unwrap();
    client.upsert(&call(&["01-A"])).await.unwrap();
    client.upsert(&call(&["01-A"])).await.unwrap_err();
    let usage = client.usage();
    assert_eq!(
        (usage.write_calls, usage.rows_written, usage.credits),
        (4, 4, 3)
    );
    assert_eq!((usage.calls(), usage.token_calls), (4, 2));
    let limit = client.limit().unwrap();
    assert_eq!(
        (limit.org.used, limit.org.allowed, limit.remaining()),
        (12, 100_000, 233)
    );
}

#[tokio::test]
async fn the_last_of_the_days_calls_are_left_to_others_until_the_window_has_rolled_on() {
    let (server, clock) = (MockServer::start().await, clock());
    token_answer(&server, 200, granted(&server, "00D!good")).await;
    let client = client(&server, &MemoryStore::new(), &clock);
    let told = |used: u32| {
        rows([updated(1)]).insert_header("Sforce-Limit-Info", format!("api-usage={used}/1000"))
    };
    answers(
        &server,
        UPSERT,
        vec![told(979), told(980), told(990), told(500), told(501)],
    )
    .await;
    for _ in 0..2 {
        client.upsert(&call(&["01-A"])).await.unwrap();
    }
    let fault = client.upsert(&call(&["01-A"])).await.unwrap_err();
    assert_eq!(
        (&*fault.code, fault.class),
        ("E_CRM_BUDGET_RESERVED", Class::Throttled)
    );
    let read = client
        .read("Account", "Sage_Key__c", &[key("01-A")], &[])
        .await
        .unwrap_err();
    assert_eq!(read.code, "E_CRM_BUDGET_RESERVED");
    assert_eq!(requests(&server).await.1.len(), 2);
    // After the pause one call asks how it stands; nothing has changed, and the others wait on.
    clock.advance(Duration::from_secs(15 * 60));
    client.upsert(&call(&["01-A"])).await.unwrap();
    client.upsert(&call(&["01-A"])).await.unwrap_err();
    clock.advance(Duration::from_secs(15 * 60));
    client.upsert(&call(&["01-A"])).await.unwrap();
    client.upsert(&call(&["01-A"])).await.unwrap();
    assert_eq!(requests(&server).await.1.len(), 5);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (server, client) = ready().await;
    let away = ResponseTemplate::new(307).insert_header("Location", "/elsewhere");
    answers(&server, UPSERT, vec![away]).await;
    let fault = client.upsert(&call(&["01-A"])).await.unwrap_err();
    // An address that leads elsewhere is none of an org's, and will not become one by waiting.
    assert_eq!(
        (fault.class, &*fault.code),
        (Class::Configuration, "E_CRM_ADDRESS")
    );
    assert_eq!(requests(&server).await.1.len(), 1);
}

#[tokio::test]
async fn what_salesforce_would_refuse_anyway_is_not_sent() {
    let (server, client) = ready().await;
    let keys: Vec<String> = (0..201).map(|n| format!("01-C{n}")).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    assert_eq!(
        client.upsert(&call(&keys)).await.unwrap_err().class,
        Class::Bug
    );
    let mut odd = call(&["01-A"]);
    odd.module = "Account/../User".into();
    assert_eq!(client.upsert(&odd).await.unwrap_err().code, "E_CRM_NAME");
    assert!(client.upsert(&call(&[])).await.unwrap().is_empty());
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_session_that_ends_between_two_calls_of_a_pack_doubles_and_misplaces_nothing() {
    let (server, client) = ready().await;
    let replies = vec![
        rows([created(1), created(2)]),
        expired(),
        rows([updated(1)]),
    ];
    answers(&server, UPSERT, replies).await;
    // The second key is the first one's in another case: it goes into a call of its own.
    let outcomes = client
        .upsert(&call(&["01-A", "01-a", "01-B"]))
        .await
        .unwrap();
    assert_eq!(
        shortly(&outcomes),
        [
            format!("created {}", id(1)),
            format!("updated {}", id(1)),
            format!("created {}", id(2)),
        ]
    );
    let (refreshes, calls) = requests(&server).await;
    assert_eq!((refreshes.len(), calls.len()), (2, 3));
    // The call that was refused is made again as it was, and the one before it is not.
    assert_eq!(calls[1].body, calls[2].body);
    assert_ne!(calls[0].body, calls[1].body);
}
