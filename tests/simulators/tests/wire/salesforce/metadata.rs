//! How programs make objects and fields, and who sees them then.

use reqwest::Method;
use serde_json::{Value, json};

use super::org::Org;

const OBJECT: &str = r#"<metadata xsi:type="CustomObject"><fullName>Ship_To__c</fullName><label>Ship-To</label>
<pluralLabel>Ship-Tos</pluralLabel><nameField><label>Name</label><type>Text</type></nameField>
<deploymentStatus>Deployed</deploymentStatus><sharingModel>ControlledByParent</sharingModel>
<fields><fullName>Account__c</fullName><label>Account</label><type>MasterDetail</type><referenceTo>Account</referenceTo><relationshipName>Ship_Tos</relationshipName></fields>
<fields><fullName>Sage_Key__c</fullName><label>Sage Key</label><type>Text</type><length>255</length><externalId>true</externalId><unique>true</unique></fields>
</metadata>"#;

/// A `createMetadata` of these components; status and body.
async fn create(org: &Org, session: &str, components: &str) -> (u16, String) {
    let body = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<soapenv:Header xmlns="http://soap.sforce.com/2006/04/metadata"><SessionHeader><sessionId>{session}</sessionId></SessionHeader></soapenv:Header>
<soapenv:Body xmlns="http://soap.sforce.com/2006/04/metadata"><createMetadata>{components}</createMetadata></soapenv:Body></soapenv:Envelope>"#
    );
    let url = format!("{}/services/Soap/m/67.0", org.announced("url"));
    let call = org
        .http()
        .post(url)
        .header("Content-Type", "text/xml")
        .header("SOAPAction", "\"\"");
    let response = call.body(body).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

/// What stands between two tags, once for each time they do.
fn texts<'a>(xml: &'a str, name: &str) -> Vec<&'a str> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let parts = xml.split(&open).skip(1);
    parts.filter_map(|part| part.split(&close).next()).collect()
}

fn names(described: &Value) -> Vec<&str> {
    let fields = described["fields"].as_array().unwrap();
    fields
        .iter()
        .map(|field| field["name"].as_str().unwrap())
        .collect()
}

async fn described(org: &Org, object: &str) -> Value {
    org.call(
        Method::GET,
        &format!("sobjects/{object}/describe"),
        Value::Null,
    )
    .await
    .body
}

/// Grants a field to the integration user; answers the status.
async fn grant(org: &Org, field: &str) -> u16 {
    let set = org
        .query("SELECT PermissionSetId FROM PermissionSetAssignment WHERE Assignee.Email = 'integration@abc-dist.example'")
        .await;
    let set = &set.body["records"][0]["PermissionSetId"];
    let object = field.split('.').next().unwrap();
    let row = json!({"ParentId": set, "SobjectType": object, "Field": field, "PermissionsRead": true, "PermissionsEdit": true});
    let granted = org
        .call(Method::POST, "sobjects/FieldPermissions", row)
        .await;
    granted.status
}

#[tokio::test]
async fn an_object_is_made_by_soap_and_its_fields_are_seen_when_they_are_granted() {
    let org = Org::new().await;
    let (status, answer) = create(&org, org.session(), OBJECT).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(
        (texts(&answer, "fullName"), texts(&answer, "success")),
        (vec!["Ship_To__c"], vec!["true"])
    );
    let hidden = described(&org, "Ship_To__c").await;
    assert!(
        names(&hidden).contains(&"Account__c"),
        "a master is seen by all"
    );
    assert!(!names(&hidden).contains(&"Sage_Key__c"));
    let row = json!([{"Sage_Key__c": "K"}]);
    assert_eq!(org.upsert("Ship_To__c", row).await.status, 404);
    assert_eq!(grant(&org, "Ship_To__c.Sage_Key__c").await, 201);
    assert!(names(&described(&org, "Ship_To__c").await).contains(&"Sage_Key__c"));
    org.create("Account", json!({"Name": "A", "Sage_Key__c": "A"}))
        .await;
    let row = json!([{"Sage_Key__c": "K", "Account__r": {"Sage_Key__c": "A"}}]);
    let made = org.upsert("Ship_To__c", row).await;
    assert_eq!(made.body[0]["created"], true, "{}", made.body);
    for wrong in ["Ship_To__c.Account__c", "Account.Nothing__c"] {
        assert_eq!(grant(&org, wrong).await, 400, "{wrong}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_component_is_told_and_nothing_of_it_is_made() {
    let org = Org::new().await;
    let component = |name: &str, more: &str| {
        format!(
            r#"<metadata xsi:type="CustomField"><fullName>{name}</fullName><label>L</label>{more}</metadata>"#
        )
    };
    let fields = [
        component("Account.Fax_2__c", "<type>Phone</type>"),
        component("Account.Fax_2__c", "<type>Phone</type>"),
        component("Account.Text__c", "<type>Text</type>"),
        component("Account.A__b__c", "<type>Phone</type>"),
        component(
            "Account.Key__c",
            "<type>Phone</type><externalId>true</externalId>",
        ),
        component(
            "Account.Up__c",
            "<type>Lookup</type><referenceTo>Barn__c</referenceTo>",
        ),
        component("Account.Cure__c", "<type>Cure</type>"),
    ]
    .concat();
    let (_, answer) = create(&org, org.session(), &fields).await;
    assert_eq!(texts(&answer, "success")[..2], ["true", "false"]);
    assert_eq!(
        texts(&answer, "statusCode"),
        [
            "DUPLICATE_DEVELOPER_NAME",
            "FIELD_INTEGRITY_EXCEPTION",
            "FIELD_INTEGRITY_EXCEPTION",
            "FIELD_INTEGRITY_EXCEPTION",
            "FIELD_INTEGRITY_EXCEPTION",
            "INVALID_TYPE",
        ]
    );
    let nameless = r#"<metadata xsi:type="CustomObject"><fullName>Barn__c</fullName><label>Barn</label><pluralLabel>Barns</pluralLabel></metadata>"#;
    let (_, answer) = create(&org, org.session(), nameless).await;
    assert_eq!(
        texts(&answer, "message"),
        ["Must specify a nameField of type Text or AutoNumber"]
    );
    let twice = r#"<fields><fullName>X__c</fullName><label>X</label><type>Date</type></fields>"#;
    let half = OBJECT.replace("</metadata>", &format!("{twice}{twice}</metadata>"));
    let (_, answer) = create(&org, org.session(), &half).await;
    assert_eq!(texts(&answer, "statusCode"), ["DUPLICATE_DEVELOPER_NAME"]);
    let described = org
        .call(Method::GET, "sobjects/Ship_To__c/describe", Value::Null)
        .await;
    assert_eq!(described.status, 404);
    let (status, answer) = create(&org, "00Dnothing", OBJECT).await;
    assert_eq!(
        (status, texts(&answer, "faultcode")),
        (500, vec!["sf:INVALID_SESSION_ID"])
    );
    let (status, answer) = create(&org, org.session(), &OBJECT.repeat(11)).await;
    assert_eq!(
        (status, texts(&answer, "faultcode")),
        (500, vec!["sf:LIMIT_EXCEEDED"])
    );
}

#[tokio::test]
async fn the_tooling_api_makes_fields_but_no_objects() {
    let mut org = Org::new().await;
    let field = json!({"FullName": "Account.Dock__c", "Metadata": {"type": "Text", "label": "Dock", "length": 40}});
    let made = org
        .call(Method::POST, "tooling/sobjects/CustomField", field.clone())
        .await;
    assert_eq!((made.status, &made.body["success"]), (201, &json!(true)));
    let again = org
        .call(Method::POST, "tooling/sobjects/CustomField", field)
        .await;
    assert_eq!(
        (again.status, &again.body[0]["errorCode"]),
        (400, &json!("DUPLICATE_DEVELOPER_NAME"))
    );
    let row = json!({"Name": "A", "Dock__c": "7"});
    assert_eq!(org.refused("Account", row.clone()).await.0, "INVALID_FIELD");
    assert_eq!(grant(&org, "Account.Dock__c").await, 201);
    let id = org.create("Account", row).await;
    assert_eq!(org.record("Account", &id).await["Dock__c"], "7");
    let object = json!({"FullName": "Barn__c", "Metadata": {"label": "Barn"}});
    let made = org
        .call(Method::POST, "tooling/sobjects/CustomObject", object)
        .await;
    assert_eq!(made.status, 400);
    org.door("reset", json!({})).await;
    org.log_on().await;
    assert!(!names(&described(&org, "Account").await).contains(&"Dock__c"));
}
