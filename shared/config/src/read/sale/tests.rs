//! What a file says of the way to Sage.

use counterpart_domain::reconcile::FieldOwner;
use counterpart_domain::{Company, Entity, TargetName};

use crate::{OrdersConfig, SageWay, SoapConfig, SyncConfig, TargetConfig};

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

const SHORT: &str =
    "[targets.crm.orders]\nsince = 2020-01-01\nreference_column = \"UDF_CRM_REFERENCE\"\n";

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
            "Product_Name.Usage_Unit",
            "Quantity",
            "Tax"
        ]
    );
    assert!(config.source("Leads").is_none());
}

#[test]
fn the_local_stack_is_written_both_ways() {
    let text = include_str!("../../../../../infra/local/sync.toml")
        .replace("@SALESFORCE_MY_DOMAIN@", "acme.my.salesforce.com")
        .replace("@SALESFORCE_ORG_ID@", "00D000000000001EAA")
        .replace("@SALESFORCE_INTEGRATION_USER@", "005000000000001AAA")
        .replace("@ZOHO_INTEGRATION_USER@", "5725767000000411001");
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
        for entity in [Entity::CUSTOMER, Entity::CONTACT] {
            assert!(
                target.entities[&entity].to_sage.create.is_some(),
                "{entity}"
            );
        }
    }
}

#[test]
fn every_mistake_on_the_way_to_sage_is_named_at_once() {
    let found = crate::testing::findings(include_str!("mistakes.toml"));
    let shown: String = found.iter().map(|finding| format!("{finding}\n")).collect();
    assert!(!shown.contains("hunter"), "{shown}");
    insta::assert_snapshot!(shown);
}

#[test]
fn a_company_is_written_by_the_agent_or_by_its_service_one_writer_at_a_time() {
    let with = |lines: &str| {
        let text = file("zoho", "").replace("write = \"agent\"", lines);
        SyncConfig::parse(&text)
            .unwrap()
            .companies
            .into_values()
            .next()
            .unwrap()
    };
    assert_eq!(with("").write, SageWay::None);
    assert_eq!(with("write = \"none\"").write, SageWay::None);
    assert_eq!(
        (with("write = \"agent\"").write, with("").writers),
        (SageWay::Agent, 1)
    );
    let soap = with(
        "write = { soap = { url = \"http://127.0.0.1:8102/ws/MasService.svc\" } }\nwriters = 2",
    );
    assert_eq!(soap.writers, 2);
    let wanted = SoapConfig {
        url: "http://127.0.0.1:8102/ws/MasService.svc".into(),
        secret: "soap".into(),
        locked_texts: None,
        busy_texts: None,
    };
    assert_eq!(soap.write, SageWay::Soap(wanted));
}

#[test]
fn the_texts_of_locks_are_named_where_the_service_speaks_otherwise() {
    let with = |texts: &str| {
        let write = format!(
            "write = {{ soap = {{ url = \"https://sage.example.com/MasService.svc\", {texts} }} }}"
        );
        SyncConfig::parse(&file("zoho", "").replace("write = \"agent\"", &write))
    };
    let config = with("locked_texts = [\" verrouillé par \"], busy_texts = []").unwrap();
    let company = config.companies.into_values().next().unwrap();
    let SageWay::Soap(soap) = company.write else {
        panic!("{:?}", company.write);
    };
    assert_eq!(soap.locked_texts, Some(vec!["verrouillé par".to_owned()]));
    assert_eq!(soap.busy_texts, Some(Vec::new()), "none is believed");
    let short = with("locked_texts = [\"use\"]").unwrap_err();
    assert!(format!("{short:?}").contains("too short"), "{short:?}");
}

#[test]
fn watched_are_the_modules_that_matter_once_callbacks_have_an_address() {
    let events = |lines: &str| target(&file("zoho", lines)).events;
    assert_eq!(events("").secret, "crm-hook");
    assert_eq!(events("").watch, Vec::<String>::new());
    let with = format!(
        "{SHORT}[targets.crm.orders.sources.Sales_Orders]\nwhen = [{{ field = \"Status\", equals = \"Approved\" }}]\n\
         [targets.crm.events]\nnotify_url = \"https://hooks.example.com/\"\n"
    );
    let config = events(&with);
    assert_eq!(config.watch, ["Accounts", "Sales_Orders"]);
    assert_eq!(
        config.notify_url.as_deref(),
        Some("https://hooks.example.com")
    );
    assert_eq!(
        events(&format!("{with}watch = [\"Deals\"]")).watch,
        ["Deals"]
    );
}

#[test]
fn a_mistake_in_the_orders_says_nothing_against_the_connection() {
    let text = file("zoho", &format!("{SHORT}prices = \"free\""));
    let (config, findings) = SyncConfig::parse_partly(&text);
    assert_eq!((config.targets.len(), findings.len()), (1, 2));
}

#[test]
fn the_owner_that_both_may_change_has_two_owners() {
    let rule = |direction: &str| {
        let owner = format!(
            "[targets.crm.customer.owner]\nfield = \"Owner\"\ncolumn = \"SalespersonNo\"\nunmapped = \"park\"\n{direction}"
        );
        target(&file("zoho", &owner)).entities[&Entity::CUSTOMER]
            .policy
            .rule("Owner")
            .owner
    };
    assert_eq!(rule(""), FieldOwner::Sage);
    assert_eq!(rule("direction = \"crm_to_sage\""), FieldOwner::Crm);
    assert_eq!(rule("direction = \"both\""), FieldOwner::Both);
}

#[test]
fn what_is_put_in_force_says_since_when_and_what_is_in_force_may_lack_it() {
    let deals = "[targets.crm.orders.sources.Deals]\nwhen = [{ field = \"Stage\", equals = \"Won\" }]\nlines = { relation = \"Lines\" }\n";
    let create = "[targets.crm.customer.create_in_sage]\nwhen = [{ field = \"Type\", equals = \"Client\" }]\ncolumns = { SalespersonNo = { const = \"0100\" } }\n";
    let with = |since: &str| {
        let orders = SHORT.replace("since = 2020-01-01\n", since);
        let create = create.replace("columns", &format!("{since}columns"));
        file("zoho", &format!("{create}{orders}{deals}"))
    };
    // Both places are named at once, each with what to write.
    let missing = SyncConfig::parse(&with("")).unwrap_err();
    let shown: String = missing
        .iter()
        .map(|finding| format!("{finding}\n"))
        .collect();
    insta::assert_snapshot!(shown, @r"
    line 13: targets.crm.customer.create_in_sage: `since` is missing. Add the day that you go live: since = 2026-12-01. What was there before it is not created by itself.
    line 16: targets.crm.orders: `since` is missing. Add the day that you go live: since = 2026-12-01. What was won before it is not sent by itself.
    ");
    let read = |text: &str| {
        let target = SyncConfig::stored(text).unwrap().targets;
        let target = target.into_values().next().unwrap();
        let create = target.entities[&Entity::CUSTOMER].to_sage.create.clone();
        (target.orders.unwrap().since, create.unwrap().since)
    };
    assert_eq!(read(&with("")), (None, None));
    for (line, at) in [
        ("since = 2026-12-01\n", "2026-12-01T12:00:00Z"),
        ("since = \"2026-12-01\"\n", "2026-12-01T12:00:00Z"),
        (
            "since = 2026-12-01T08:00:00-05:00\n",
            "2026-12-01T13:00:00Z",
        ),
        ("since = 2026-12-01T08:00:00Z\n", "2026-12-01T08:00:00Z"),
    ] {
        let since = Some(crate::Since::instant(at.parse().unwrap()));
        assert_eq!(read(&with(line)), (since, since), "{line}");
        assert_eq!(SyncConfig::parse(&with(line)).map(drop), Ok(()), "{line}");
    }
    // A wrong one is wrong in either.
    for line in ["since = true\n", "since = 08:00:00\n", "since = \"soon\"\n"] {
        assert!(SyncConfig::stored(&with(line)).is_err(), "{line}");
    }
}
