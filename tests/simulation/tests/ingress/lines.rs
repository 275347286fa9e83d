//! Changes of lines: they are of use where their sales are.

use counterpart_config::SyncConfig;
use counterpart_delivery::event::Change;
use serde_json::{Value as Json, json};

use crate::platform::{header, relayed, run};
use crate::scene::{ORG, Scene, target};

const SALES: &str = r#"
[companies.ABC]
agent_url = "https://agent.example.com"
write = "agent"
[targets.salesforce]
crm = "salesforce"
my_domain = "acme.my.salesforce.com"
companies = ["ABC"]
[targets.salesforce.customer]
module = "Account"
key_field = "Sage_Key__c"
fields = { Name = "CustomerName" }
[targets.salesforce.orders]
company = "ABC"
since = 2020-01-01
reference_column = "UDF_CRM_REFERENCE"
[targets.salesforce.orders.sources.Opportunity]
when = [{ field = "StageName", equals = "Closed Won" }]
"#;
const LINE: &str = "00kak00000IiFInAAN";
const SALE: &str = "006ak00000IiFInAAN";

fn scene() -> Scene {
    let mut scene = Scene::new();
    scene.config = SyncConfig::parse(SALES).unwrap();
    let salesforce = scene.config.targets.get_mut(&target("salesforce")).unwrap();
    salesforce.events.organizations = vec![ORG.into()];
    scene
}

fn change(object: &str, kind: &str, fields: Json) -> String {
    let mut header = header(kind, &[LINE], &["Quantity"]);
    header["entityName"] = json!(object);
    let mut payload = json!({"ChangeEventHeader": header});
    let fields = fields.as_object().unwrap().clone();
    payload.as_object_mut().unwrap().extend(fields);
    relayed(&format!("{object}ChangeEvent"), payload)
}

/// Module and record of what was queued, and whether anything was left out.
fn taken(body: String) -> (Vec<(String, String, Change)>, u64) {
    let scene = scene();
    let report = run(&scene, &[body]);
    let events = scene.events().into_iter();
    let events = events.map(|event| (event.module, event.record.0, event.change));
    (events.collect(), report.dropped)
}

#[test]
fn a_change_of_a_line_is_queued_by_its_sale_where_it_names_it() {
    let of = |module: &str, id: &str, change| vec![(module.to_owned(), id.to_owned(), change)];
    // Always when it is made, and where the channel adds that field.
    for kind in ["CREATE", "UPDATE", "DELETE"] {
        let named = change(
            "OpportunityLineItem",
            kind,
            json!({"OpportunityId": SALE, "Quantity": 3}),
        );
        let sale = of("Opportunity", SALE, Change::Updated);
        assert_eq!(taken(named), (sale, 0), "{kind}");
    }
    let plain = change("OpportunityLineItem", "UPDATE", json!({"Quantity": 3}));
    let line = of("OpportunityLineItem", LINE, Change::Updated);
    assert_eq!(taken(plain), (line, 0));
    // Orders are no source here: nobody waits for their lines.
    let other = change("OrderItem", "UPDATE", json!({"Quantity": 3}));
    assert_eq!(taken(other), (vec![], 1));
}

#[test]
fn lines_are_listened_to_where_their_sales_are() {
    let scene = scene();
    let salesforce = &scene.config.targets[&target("salesforce")];
    let listened = counterpart_delivery::ingress::listened(salesforce);
    let listened: Vec<&str> = listened.into_iter().collect();
    assert_eq!(listened, ["Account", "Opportunity", "OpportunityLineItem"]);
}
