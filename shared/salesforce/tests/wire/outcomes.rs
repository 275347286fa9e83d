//! What Salesforce may say, and what becomes of the records: each answer goes over the wire to the client, and through the
//! writer as it runs in production, over stores in memory.

use crate::scene::*;
use crate::support::*;
use counterpart_delivery::ports::{Crm as _, Settings as _, UpsertCall, UpsertRow};
use counterpart_delivery::{Pack, Reason};
use counterpart_domain::{Entity, Fault, Fields, Value};
use serde_json::json;
use tokio::io::AsyncReadExt as _;
use wiremock::ResponseTemplate;

fn told(fault: &Fault) -> String {
    format!("{:?} {}: {}", fault.class, fault.code, fault.message)
}

/// The fault of the bad row, or of the call.
async fn fault(said: &Said) -> Option<Fault> {
    let (server, client) = ready().await;
    says(&server, said).await;
    let mut call: UpsertCall = call(&["01-BAD", "01-GOOD"]);
    let owner = Value::Reference("005D0000001AAAAIA4".into());
    call.rows[0].fields.insert("OwnerId".into(), owner);
    match client.upsert(&call).await {
        Ok(outcomes) => outcomes.into_iter().next().unwrap().err(),
        Err(fault) => Some(fault),
    }
}

fn html(status: u16) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_string("<html>\n<body>Sorry</body></html>")
}

fn row(code: &str, message: &str, fields: &[&str]) -> Said {
    Said::Row(row_error(code, message, fields))
}

#[tokio::test]
async fn each_answer_has_its_class_its_sentence_and_its_outcome() {
    let duplicate = json!({"success": false, "errors": [{"statusCode": "DUPLICATES_DETECTED", "message": "Use one of these records?", "fields": [],
        "duplicateResult": {"allowSave": true, "duplicateRule": "Standard_Account_Duplicate_Rule", "matchResults": [
            {"matchRecords": [{"matchConfidence": 100.0, "record": {"attributes": {"type": "Account"}, "Id": "001D000000Kv3g5IAB"}}]}]}}]});
    // As REST spells it.
    let mut misspelt = duplicate.clone();
    let members = misspelt["errors"][0].as_object_mut().unwrap();
    let rule = members.remove("duplicateResult").unwrap();
    members.insert("duplicateResut".to_owned(), rule);
    let several = json!([
        "/services/data/v67.0/sobjects/Account/001D000000Kv3g5IAB",
        "/services/data/v67.0/sobjects/Account/001D000000Kv3g6IAB"
    ]);
    let rolled_back = row(
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "Record rolled back because not all records were valid",
        &[],
    );
    let cases: Vec<(&str, Said)> = vec![
        (
            "a locked row",
            row(
                "UNABLE_TO_LOCK_ROW",
                "unable to obtain exclusive access to this record or 1 records: 001D000000Kv3g5IAB",
                &[],
            ),
        ),
        (
            "a trigger that met a lock",
            row(
                "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
                "AccountTrigger: execution of BeforeUpdate caused by: System.DmlException: UNABLE_TO_LOCK_ROW, unable to obtain exclusive access",
                &[],
            ),
        ),
        (
            "a trigger that failed",
            row(
                "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
                "AccountTrigger: execution of BeforeInsert caused by: System.NullPointerException",
                &[],
            ),
        ),
        (
            "a flow that failed",
            row(
                "CANNOT_EXECUTE_FLOW_TRIGGER",
                "We can't save this record because the \"Account\" process failed.",
                &[],
            ),
        ),
        ("a duplicate rule", Said::Row(duplicate)),
        (
            "a duplicate rule in a word of REST's own",
            Said::Row(misspelt),
        ),
        (
            "a duplicate rule without a name",
            row(
                "DUPLICATES_DETECTED",
                "You're creating a duplicate record. We recommend you use an existing record instead.",
                &[],
            ),
        ),
        (
            "a validation rule",
            row(
                "FIELD_CUSTOM_VALIDATION_EXCEPTION",
                "A customer needs a phone number",
                &["Phone"],
            ),
        ),
        (
            "a missing parent, by its key",
            row(
                "INVALID_FIELD",
                "Foreign key external ID: 1580 not found for field Sage_Key__c in entity Account",
                &[],
            ),
        ),
        (
            "a mapping mistake with the same code",
            row(
                "INVALID_FIELD",
                "No such column 'Nme' on sobject of type Account",
                &[],
            ),
        ),
        (
            "the same, of the call",
            Said::Every(error(
                400,
                "INVALID_FIELD",
                "No such column 'Nme' on sobject of type Account",
            )),
        ),
        (
            "a field that is read-only",
            Said::Every(error(
                400,
                "INVALID_FIELD_FOR_INSERT_UPDATE",
                "Unable to create/update fields: Name. Please check the security settings of this field",
            )),
        ),
        (
            "too long",
            row(
                "STRING_TOO_LONG",
                "Account Name: data value too large: A customer with a name (max length=80)",
                &["Name"],
            ),
        ),
        (
            "an inactive owner",
            row(
                "INACTIVE_OWNER_OR_USER",
                "operation performed with inactive user [005D0000001AAAA] as owner of account",
                &[],
            ),
        ),
        (
            "an owner that does not exist",
            row(
                "INVALID_CROSS_REFERENCE_KEY",
                "Owner ID: owner cannot be blank",
                &["OwnerId"],
            ),
        ),
        (
            "a record type that is not ours",
            row(
                "INVALID_CROSS_REFERENCE_KEY",
                "Record Type ID: this ID value isn't valid for the user",
                &["RecordTypeId"],
            ),
        ),
        (
            "a restricted picklist",
            row(
                "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
                "Industry: bad value for restricted picklist field: Widgets",
                &["Industry"],
            ),
        ),
        (
            "a state picklist",
            row(
                "FIELD_INTEGRITY_EXCEPTION",
                "There's a problem with this state, even though it may appear correct. Please select a state from the list of valid states.",
                &["BillingState"],
            ),
        ),
        (
            "another integrity rule",
            row(
                "FIELD_INTEGRITY_EXCEPTION",
                "field integrity exception",
                &[],
            ),
        ),
        (
            "a required field",
            row(
                "REQUIRED_FIELD_MISSING",
                "Required fields are missing: [Name]",
                &["Name"],
            ),
        ),
        (
            "a value that another record has",
            row(
                "DUPLICATE_VALUE",
                "duplicate value found: AccountNumber duplicates value on record with id: 001D000000Kv3g5",
                &["AccountNumber"],
            ),
        ),
        (
            "several records of one key",
            row(
                "DUPLICATE_EXTERNAL_ID",
                "Sage_Key__c: more than one record found for external id field: [001D000000Kv3g5IAB, 001D000000Kv3g6IAB]",
                &["Sage_Key__c"],
            ),
        ),
        (
            "several records of one key, as a status",
            Said::Call(ResponseTemplate::new(300).set_body_json(several)),
        ),
        (
            "an approval",
            row("ENTITY_IS_LOCKED", "the entity is locked for editing", &[]),
        ),
        ("a row left out for others", rolled_back),
        (
            "no access to one record",
            row(
                "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
                "insufficient access rights on cross-reference id: 001D000000Kv3g5",
                &[],
            ),
        ),
        (
            "a code nobody knows",
            row("BRAND_NEW_CODE", "something new", &[]),
        ),
        (
            "a value of the wrong type",
            Said::Call(error(
                400,
                "JSON_PARSER_ERROR",
                "Cannot deserialize instance of double from VALUE_STRING value many or request may be missing a required field at [line:1, column:99]",
            )),
        ),
        ("an expired session half way", Said::First(vec![expired()])),
        ("a session that no refresh mends", Said::Every(expired())),
        (
            "a session that is not for the REST API",
            Said::Every(error(
                401,
                "INVALID_SESSION_ID",
                "This session is not valid for use with the REST API",
            )),
        ),
        (
            "an app without its agent",
            Said::Every(error(
                401,
                "INVALID_SESSION_ID",
                "Connected app is not attached to Agent",
            )),
        ),
        ("an HTML 503", Said::Every(html(503))),
        ("an empty 420", Said::Every(ResponseTemplate::new(420))),
        ("an empty 406", Said::Every(ResponseTemplate::new(406))),
        ("a 429", Said::Every(ResponseTemplate::new(429))),
        ("HTML with a 200", Said::Every(html(200))),
        (
            "the day's limit",
            Said::Every(error(
                403,
                "REQUEST_LIMIT_EXCEEDED",
                "TotalRequests Limit exceeded.",
            )),
        ),
        (
            "the limit of calls at a time",
            Said::Every(error(
                403,
                "REQUEST_LIMIT_EXCEEDED",
                "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
            )),
        ),
        (
            "maintenance",
            Said::Every(error(503, "ORG_IN_MAINTENANCE", "read only")),
        ),
        (
            "a full org",
            Said::Every(error(
                400,
                "STORAGE_LIMIT_EXCEEDED",
                "storage limit exceeded",
            )),
        ),
        (
            "another limit",
            Said::Every(error(400, "LIMIT_EXCEEDED", "Too many custom things: 25")),
        ),
        (
            "a key field that is no external id",
            Said::Every(error(
                404,
                "NOT_FOUND",
                "Provided external ID field does not exist or is not accessible: Sage_Key__c",
            )),
        ),
        (
            "an object that is not there",
            Said::Every(error(
                404,
                "NOT_FOUND",
                "The requested resource does not exist",
            )),
        ),
        (
            "an API version that is gone",
            Said::Every(error(404, "UNSUPPORTED_API_VERSION", "not supported")),
        ),
        (
            "an edition without API",
            Said::Every(error(
                403,
                "API_DISABLED_FOR_ORG",
                "The REST API is not enabled for this Organization.",
            )),
        ),
        (
            "a call that is too big",
            Said::Call(ResponseTemplate::new(413)),
        ),
        ("a wrong number of results", Said::Every(rows([created(1)]))),
        (
            "broken JSON",
            Said::Every(ResponseTemplate::new(200).set_body_string("[{\"id\":\"001")),
        ),
    ];
    let mut table = String::new();
    let keys = ["01-BAD", "01-GOOD"].map(|local| key_of(Entity::CUSTOMER, local));
    for (what, said) in cases {
        let fault = fault(&said).await;
        let scene = Scene::new().await;
        says(&scene.server, &said).await;
        let done = scene.take(&keys).await;
        table += &format!(
            "{what}\n  {}\n  it: {}, its neighbour: {}, message: {}, pause: {}\n",
            fault.map_or_else(|| "no fault".to_owned(), |fault| told(&fault)),
            scene.fate(&keys[0]).await,
            scene.fate(&keys[1]).await,
            if done { "done" } else { "kept" },
            scene.pause().await,
        );
    }
    insta::assert_snapshot!(table);
}

#[tokio::test]
async fn a_connection_that_breaks_leaves_the_pack_in_the_queue_and_parks_nobody() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let scene = Scene::at(Some(url)).await;
    let keys = ["01-BAD", "01-GOOD"].map(|local| key_of(Entity::CUSTOMER, local));
    let hang_up = async {
        let (mut socket, _) = listener.accept().await.unwrap();
        let _ = socket.read(&mut [0; 64]).await.unwrap();
    };
    let (done, ()) = futures_util::future::join(scene.take(&keys), hang_up).await;
    assert!(!done);
    assert_eq!(scene.pause().await, "seconds");
    let circuit = scene.store.circuit(&target()).await.unwrap();
    assert!(
        circuit.reason.starts_with("E_CRM_CONNECTION_LOST"),
        "{circuit:?}"
    );
    for key in &keys {
        assert_eq!(scene.fate(key).await, "left in the queue");
    }
}

#[tokio::test]
async fn a_parent_that_salesforce_has_lost_is_written_again_and_the_child_waits() {
    for said in [
        row(
            "INVALID_CROSS_REFERENCE_KEY",
            "invalid cross reference id",
            &[],
        ),
        row("ENTITY_IS_DELETED", "entity is deleted", &["AccountId"]),
        row(
            "INVALID_FIELD",
            "Foreign key external ID: ABC:01-ABF not found for field Sage_Key__c in entity Account",
            &[],
        ),
    ] {
        let scene = Scene::new().await;
        says(&scene.server, &said).await;
        let parent = key_of(Entity::CUSTOMER, "01-ABF");
        assert!(scene.take(std::slice::from_ref(&parent)).await);
        assert_eq!(scene.fate(&parent).await, "written");
        let children = ["01-ABF/BAD", "01-ABF/GOOD"].map(|local| key_of(Entity::CONTACT, local));
        assert!(scene.take(&children).await);
        assert_eq!(scene.fate(&children[0]).await, "tried again");
        assert_eq!(scene.fate(&children[1]).await, "written");
        let sent: Vec<(Entity, Reason)> = scene
            .queue
            .writes(&target())
            .bodies()
            .iter()
            .map(|body| Pack::decode(body).unwrap().pack)
            .map(|pack| (pack.entity, pack.reason))
            .collect();
        assert!(
            sent.contains(&(Entity::CUSTOMER, Reason::Repair)),
            "{sent:?}"
        );
        assert_eq!(scene.store.all_parked(), []);
    }
}

#[tokio::test]
async fn a_child_without_a_name_of_its_parent_is_told_by_field_and_id() {
    let (server, client) = ready().await;
    says(
        &server,
        &row(
            "INVALID_CROSS_REFERENCE_KEY",
            "invalid cross reference id",
            &[],
        ),
    )
    .await;
    let call = UpsertCall {
        module: "Contact".into(),
        key_field: "Sage_Key__c".into(),
        rows: vec![UpsertRow {
            key: key_of(Entity::CONTACT, "01-ABF/BAD"),
            fields: Fields::from([
                (
                    "AccountId".into(),
                    Value::Reference("001D000000Kv3g5IAB".into()),
                ),
                (
                    "OwnerId".into(),
                    Value::Reference("005D0000001AAAAIA4".into()),
                ),
            ]),
        }],
    };
    let outcomes = client.upsert(&call).await.unwrap();
    let fault = outcomes[0].as_ref().unwrap_err();
    assert_eq!(fault.code, "E_CRM_PARENT_NOT_FOUND");
    assert_eq!(
        fault.message,
        "Salesforce does not know record 001D000000Kv3g5IAB, which AccountId of ABC:01-ABF/BAD points to."
    );
}
