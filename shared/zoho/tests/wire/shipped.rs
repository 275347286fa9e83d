//! What the configuration of the local stack asks of a sale, asked of the simulated org, which describes as real ones do.

use counterpart_config::SyncConfig;
use counterpart_delivery::ports::{CrmRecords as _, Document, DocumentQuery, LinesQuery};
use counterpart_domain::{CrmId, TargetName, Value};
use serde_json::json;

use crate::simulated::{Plain, zoho};

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
    let target = &config.targets[&TargetName::new("zoho").unwrap()];
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
async fn a_won_deal_and_an_approved_order_are_read_with_all_that_is_asked() {
    let (running, url, client) = zoho().await;
    let plain = Plain::new(&url, &running.announcement()["zoho"]).await;
    let listed = plain
        .get("/crm/v8/Products?fields=Product_Code&per_page=1")
        .await;
    let product = json!({"id": listed["data"][0]["id"]});
    let account = json!({"Account_Name": "American Business Futures", "Sage_Key": "ABC:01-ABF"});
    let account = json!({"id": plain.insert("Accounts", account).await});
    let contact = json!({"First_Name": "Artie", "Last_Name": "Johnson", "Account_Name": account});
    let contact = json!({"id": plain.insert("Contacts", contact).await});
    let lines = json!([{"Product_Name": product, "Quantity": 2, "List_Price": 84}]);
    let deal = json!({"Deal_Name": "Chairs", "Stage": "Closed Won", "Account_Name": account, "Contact_Name": contact,
        "Sale_Items": lines});
    let deal = plain.insert("Deals", deal).await;
    let order = json!({"Subject": "Chairs", "Status": "Approved", "Account_Name": account, "Contact_Name": contact,
        "Deal_Name": {"id": deal}, "Ordered_Items": lines});
    let order = plain.insert("Sales_Orders", order).await;
    for (module, id) in [("Deals", deal), ("Sales_Orders", order)] {
        let answer = client.document(&question(module), &CrmId(id)).await;
        let read: Document = answer.unwrap().unwrap();
        let name = Value::Text("Artie Johnson".into());
        assert_eq!(read.fields["Contact_Name.Full_Name"], name, "{module}");
        let key = Value::Text("ABC:01-ABF".into());
        assert_eq!(read.fields["Account_Name.Sage_Key"], key, "{module}");
        assert_eq!(read.lines.len(), 1, "{module}");
    }
}
