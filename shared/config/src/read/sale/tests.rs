//! What a file says of the way to Sage.

use counterpart_domain::{Company, Entity, TargetName};

use crate::{OrdersConfig, SyncConfig, TargetConfig};

/// A target with the given tables behind it.
fn file(crm: &str, more: &str) -> String {
    let (product, module, key, name) = match crm {
        "salesforce" => (
            "my_domain = \"acme.my.salesforce.com\"",
            "Account",
            "Sage_Key__c",
            "Name",
        ),
        _ => (
            "data_center = \"us\"",
            "Accounts",
            "Sage_Key",
            "Account_Name",
        ),
    };
    format!(
        "[companies.ABC]\nagent_url = \"https://agent.example.com\"\nwrite = \"agent\"\n\
         [targets.crm]\ncrm = \"{crm}\"\n{product}\ncompanies = [\"ABC\"]\n\
         [targets.crm.customer]\nmodule = \"{module}\"\nkey_field = \"{key}\"\n\
         [targets.crm.customer.fields]\n{name} = \"CustomerName\"\n{more}\n"
    )
}

fn target(text: &str) -> TargetConfig {
    let mut config = SyncConfig::parse(text).unwrap();
    config
        .targets
        .remove(&TargetName::new("crm").unwrap())
        .unwrap()
}

fn orders(crm: &str, more: &str) -> OrdersConfig {
    target(&file(crm, more)).orders.unwrap()
}

const SHORT: &str = "[targets.crm.orders]\nreference_column = \"UDF_CRM_REFERENCE\"\n";

#[test]
fn a_short_file_knows_the_usual_fields_of_each_module() {
    let opportunity = "[targets.crm.orders.sources.Opportunity]\nwhen = [{ field = \"StageName\", equals = \"Closed Won\" }]";
    let order = "[targets.crm.orders.sources.Order]\nwhen = [{ field = \"Status\", equals = \"Activated\" }]";
    let config = orders("salesforce", &format!("{SHORT}{opportunity}\n{order}"));
    insta::assert_debug_snapshot!(config);
    let deals = "[targets.crm.orders.sources.Deals]\nwhen = [{ field = \"Stage\", equals = \"Closed Won\" }]\nlines = { relation = \"Sale_Items\" }";
    let sales = "[targets.crm.orders.sources.Sales_Orders]\nwhen = [{ field = \"Status\", equals = \"Approved\" }]";
    let config = orders("zoho", &format!("{SHORT}{deals}\n{sales}"));
    insta::assert_debug_snapshot!(config);
    assert_eq!(
        config.source("Deals").unwrap().query_fields(),
        [
            "Account_Name",
            "Account_Name.Sage_Key",
            "Amount",
            "Closing_Date",
            "Stage"
        ]
    );
    assert_eq!(
        config.source("Sales_Orders").unwrap().query_line_fields(),
        [
            "Discount",
            "List_Price",
            "Product_Name",
            "Product_Name.Product_Code",
            "Quantity"
        ]
    );
    assert!(config.source("Leads").is_none());
}

#[test]
fn the_local_stack_is_written_both_ways() {
    let text = include_str!("../../../../../infra/local/sync.toml")
        .replace("@SALESFORCE_MY_DOMAIN@", "acme.my.salesforce.com");
    let mut left = text.as_str();
    let mut filled = String::new();
    while let Some((before, rest)) = left.split_once("\"@") {
        let (_, after) = rest.split_once("@\"").unwrap();
        filled.push_str(before);
        filled.push_str("\"http://127.0.0.1:8100/x\"");
        left = after;
    }
    filled.push_str(left);
    let filled = filled.replace(
        "agent_url = \"http://127.0.0.1:8100/x\"",
        "agent_url = \"http://127.0.0.1:8100\"",
    );
    let config = SyncConfig::parse(&filled).unwrap();
    for target in config.targets.values() {
        let orders = target.orders.as_ref().unwrap();
        assert_eq!(orders.sources.len(), 2);
        assert_eq!(orders.company, Company::new("ABC").unwrap());
        for entity in [Entity::Customer, Entity::Contact] {
            assert!(
                target.entities[&entity].to_sage.create.is_some(),
                "{entity}"
            );
        }
    }
}
