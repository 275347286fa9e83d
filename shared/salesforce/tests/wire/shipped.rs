//! What the configuration of the local stack asks of a sale, asked of the simulated org, which describes and refuses as real
//! ones do.

use counterpart_config::SyncConfig;
use counterpart_delivery::ports::{
    CrmFieldKind, CrmMetadata as _, CrmRecords as _, Document, DocumentQuery, LinesQuery,
};
use counterpart_domain::{Class, CrmId, TargetName, Value};
use serde_json::json;

use crate::org::Org;
use crate::simulated_sales::Plain;

const LOCAL: &str = include_str!("../../../../infra/local/sync.toml");

/// The question of the transform for a record of a module.
fn question(module: &str) -> DocumentQuery {
    // Some places are filled in when the stack starts.
    let text = LOCAL
        .replace("@SALESFORCE_MY_DOMAIN@", "acme.my.salesforce.com")
        .replace("@SALESFORCE_ORG_ID@", "00D5e0000001AbCEAU")
        .replace("@SALESFORCE_INTEGRATION_USER@", "0055e000000AbCdAAK")
        .replace("@ZOHO_INTEGRATION_USER@", "5725767000000411001")
        .replace("@API_URL@", "https://hooks.example.com")
        .replace("\"@", "\"http://127.0.0.1:9/")
        .replace("@\"", "\"");
    let (config, _) = SyncConfig::parse_partly(&text);
    let target = &config.targets[&TargetName::new("salesforce").unwrap()];
    let orders = target.orders.as_ref().unwrap();
    let source = orders.source(module).unwrap();
    DocumentQuery {
        module: module.into(),
        fields: source.query_fields(),
        lines: Some(LinesQuery {
            relation: source.lines.relation.clone(),
            fields: source.query_line_fields(),
        }),
    }
}

#[tokio::test]
async fn a_won_opportunity_and_an_activated_order_are_read_with_all_that_is_asked() {
    let org = Org::start().await;
    let client = org.with_secret();
    let plain = Plain::new(&org).await;
    let [book, entry, ..] = plain.entries(1).await.remove(0);
    let account = json!({"Name": "American Business Futures", "Sage_Key__c": "ABC:01-ABF"});
    let account = plain.create("Account", account).await;
    let contact = json!({"FirstName": "Artie", "LastName": "Johnson", "AccountId": account});
    let contact = plain.create("Contact", contact).await;
    let opportunity = json!({"Name": "Chairs", "StageName": "Closed Won", "CloseDate": "2026-11-30", "AccountId": account,
        "ContactId": contact, "Pricebook2Id": book});
    let opportunity = plain.create("Opportunity", opportunity).await;
    let order = json!({"AccountId": account, "EffectiveDate": "2026-11-30", "Status": "Draft", "Pricebook2Id": book,
        "OpportunityId": opportunity, "BillToContactId": contact});
    let order = plain.create("Order", order).await;
    for (object, parent, id) in [
        ("OpportunityLineItem", "OpportunityId", &opportunity),
        ("OrderItem", "OrderId", &order),
    ] {
        let line = json!({parent: id, "PricebookEntryId": entry, "Quantity": 2, "UnitPrice": 84});
        plain.create(object, line).await;
    }
    let read = async |module: &str, id: &String| -> Document {
        let answer = client.document(&question(module), &CrmId(id.clone())).await;
        answer.unwrap().unwrap()
    };
    let won = read("Opportunity", &opportunity).await;
    assert_eq!(won.fields["ContactId"], Value::Reference(contact.clone()));
    assert_eq!(won.fields["StageName"], Value::Text("Closed Won".into()));
    assert_eq!(won.lines.len(), 1);
    let ordered = read("Order", &order).await;
    let name = Value::Text("Artie Johnson".into());
    assert_eq!(ordered.fields["BillToContact.Name"], name);
    assert_eq!(ordered.lines.len(), 1);
}

#[tokio::test]
async fn the_contact_of_an_opportunity_tells_its_id_and_leads_nowhere() {
    let org = Org::start().await;
    let client = org.with_secret();
    let described = client.describe("Opportunity").await.unwrap().unwrap();
    let reference = |name: &str| {
        let found = described.fields.iter().find(|field| field.name == name);
        let found = found.unwrap();
        assert_eq!(found.kind, CrmFieldKind::Reference);
        found.relation.as_deref()
    };
    assert_eq!(reference("ContactId"), None);
    assert_eq!(reference("AccountId"), Some("Account"));
    assert_eq!(reference("OwnerId"), Some("Owner"));
    let mut question = question("Opportunity");
    question.fields.push("Contact.Name".into());
    let id = CrmId("006000000000001AAA".into());
    let fault = client.document(&question, &id).await.unwrap_err();
    assert_eq!(
        (&*fault.code, fault.class),
        ("E_CRM_FIELD_UNKNOWN", Class::Configuration)
    );
    assert!(fault.message.contains("Contact"), "{fault}");
}
