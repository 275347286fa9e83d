//! `counterpart config`, against the simulated systems.

use counterpart_config::SyncConfig;
use counterpart_delivery::ports::Settings as _;
use serde_json::{Value, json};

use crate::desk::Desk;

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn codes(said: &Value) -> Vec<&str> {
    let findings = said["findings"].as_array().unwrap().iter();
    findings
        .map(|finding| finding["code"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_configuration_is_printed_checked_and_put_in_force() {
    let desk = Desk::new().await;
    let printed = text(&desk.run(&["config", "init"]).await.stdout);
    assert_eq!(printed.trim_end(), SyncConfig::DEFAULT.trim_end());
    let sync_toml = desk.sync_toml();
    let file = desk.file("sync.toml", &sync_toml);
    let (code, checked) = desk.json(&["config", "check", &file]).await;
    assert_eq!(code, Some(0), "{checked}");
    assert_eq!((codes(&checked), &checked["live"]), (vec![], &json!(true)));

    let none = desk.run(&["status"]).await;
    assert_eq!(none.status.code(), Some(1));
    assert!(
        text(&none.stderr).starts_with("E_CONFIG_NONE: "),
        "{none:?}"
    );

    let (code, pushed) = desk.json(&["config", "push", &file]).await;
    assert_eq!(
        (code, pushed["version"].as_u64()),
        (Some(0), Some(1)),
        "{pushed}"
    );
    assert_eq!(desk.store.config().await.unwrap().unwrap().text, sync_toml);

    let wrong = desk.file(
        "wrong.toml",
        &sync_toml.replace("page_size = 500", "page_size = \"many\""),
    );
    let (code, said) = desk.json(&["config", "push", &wrong]).await;
    assert_eq!(
        (code, said["findings"][0]["path"].as_str()),
        (Some(1), Some("companies.ABC.page_size"))
    );
    assert_eq!(desk.store.config().await.unwrap().unwrap().version, 1);
}

#[tokio::test]
async fn ten_faults_that_only_the_living_systems_know_are_ten_findings() {
    let desk = Desk::new().await;
    let sync_toml = desk.sync_toml();
    let fields = "[targets.zoho.customer.fields]\n\
        Billing_Stret = \"AddressLine1\"\n\
        Created_Time = \"DateEstablished\"\n\
        Credit_Limit = \"SortField\"\n\
        Sage_Company = \"Comment\"\n\
        Customer_Status = { from = \"CustomerStatus\", values = { A = \"Actve\" } }\n\
        Employees = \"CreditLimit\"\n\
        Sage_Region = \"UDF_NOWHERE\"\n\
        Parent_Account = \"SortField\"\n";
    let text = sync_toml
        .replace("[targets.zoho.customer.fields]\n", fields)
        .replace(
            "[companies.ABC]\n",
            "[companies.ZZZ]\nagent_url = \"http://127.0.0.1:9\"\n\n[companies.ABC]\n",
        )
        .replacen(
            "key_field = \"Sage_Key\"",
            "key_field = \"Sage_Customer_No\"",
            1,
        )
        .replace(
            "parent_field = \"Account_Name\"",
            "parent_field = \"Vendor_Name\"",
        )
        .replace("unmapped = \"park\"", "unmapped = { admin = \"42\" }");
    let file = desk.file("wrong.toml", &text);
    let output = desk.run(&["config", "check", &file]).await;
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!(with_lines(&output.stdout, &file, &text));

    let (code, said) = desk.json(&["config", "push", &file, "--unchecked"]).await;
    assert_eq!(code, Some(1));
    assert!(codes(&said).len() >= 10, "{said}");
    assert_eq!(desk.store.config().await.unwrap(), None);
}

/// What was printed, each number of a line with the line itself in its place: what stands above it in the file may change.
fn with_lines(bytes: &[u8], file: &str, toml: &str) -> String {
    let toml: Vec<&str> = toml.lines().collect();
    let shown = text(bytes).replace(file, "sync.toml");
    let lines = shown.lines().map(|line| {
        let placed = line.strip_prefix("sync.toml:");
        let placed = placed.and_then(|rest| rest.split_once(": "));
        placed.map_or_else(
            || line.to_owned(),
            |(number, rest)| {
                let number: usize = number.parse().unwrap();
                format!("sync.toml: {}\n{rest}", toml[number - 1])
            },
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn with_a_crm_down_a_push_wants_to_be_told_and_says_what_was_not_checked() {
    let desk = Desk::new().await;
    let file = desk.file("sync.toml", &desk.sync_toml());
    desk.tell(
        "zoho",
        "faults",
        &json!({"rules": [{"code": "INTERNAL_ERROR"}]}),
    )
    .await;
    let (code, said) = desk.json(&["config", "push", &file]).await;
    assert_eq!(
        (code, codes(&said)),
        (Some(1), vec!["E_CHECK_CRM_UNREACHABLE"]),
        "{said}"
    );
    assert_eq!(desk.store.config().await.unwrap(), None);

    let pushed = desk.run(&["config", "push", &file, "--unchecked"]).await;
    let shown = text(&pushed.stdout);
    assert!(pushed.status.success(), "{pushed:?}");
    assert!(
        shown.contains("Target zoho could not be checked")
            && shown.contains("in force as version 1"),
        "{shown}"
    );
}

#[tokio::test]
async fn without_a_deployment_only_the_file_is_checked_and_it_says_so() {
    let desk = Desk::new().await;
    let file = desk.file("sync.toml", SyncConfig::DEFAULT);
    let offline = desk.run(&["config", "check", &file, "--offline"]).await;
    assert!(offline.status.success());
    assert!(
        text(&offline.stdout).contains("Only the file was checked (--offline)"),
        "{offline:?}"
    );
    let alone = tokio::process::Command::new(env!("CARGO_BIN_EXE_counterpart"))
        .args(["config", "check", &file])
        .env_clear()
        .output()
        .await
        .unwrap();
    assert!(alone.status.success());
    assert!(
        text(&alone.stdout).contains("no deployment is set in the environment"),
        "{alone:?}"
    );
}

#[tokio::test]
async fn ten_faults_that_only_salesforce_knows_are_ten_findings() {
    let desk = Desk::new().await;
    let sync_toml = desk.sync_toml_of_both();
    let file = desk.file("sync.toml", &sync_toml);
    let (code, checked) = desk.json(&["config", "check", &file]).await;
    assert_eq!(code, Some(0), "{checked:#}");

    let fields = "[targets.salesforce.customer.fields]\n\
        BillingCty = \"City\"\n\
        LastActivityDate = \"DateEstablished\"\n\
        NumberOfEmployees = \"SortField\"\n\
        Site = { from = [\"AddressLine1\", \"AddressLine2\", \"AddressLine3\"], with = \"join\" }\n\
        RecordTypeId = { const = \"0125e0000001AbDAAU\" }\n\
        Industry = { const = \"Steal\" }\n\
        ParentId = \"SortField\"\n\
        Discount_Rate__c = \"CreditLimit\"\n\
        AccountNumber = \"UDF_NOWHERE\"\n";
    let text = sync_toml
        .replace("[targets.salesforce.customer.fields]\n", fields)
        .replace("parent_field = \"AccountId\"", "parent_field = \"ReportsToId\"")
        .replace("field = \"OwnerId\"\ncolumn = \"SalespersonNo\"\n# Or", "field = \"OwnerId\"\ncolumn = \"SalespersonNo\"\nunmapped = { admin = \"0055e0000000001AAA\" }\n# Or");
    let (head, tail) = text.rsplit_once("unmapped = \"park\"").unwrap();
    let text = format!("{head}{tail}");
    let text = text.replace(
        "module = \"Contact\"\nkey_field = \"Sage_Key__c\"",
        "module = \"Contact\"\nkey_field = \"Legacy_Id__c\"",
    );
    let file = desk.file("wrong.toml", &text);
    let output = desk.run(&["config", "check", &file]).await;
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!(with_lines(&output.stdout, &file, &text));
}

/// What is said beyond warnings: codes with their lines.
fn mistakes(said: &Value) -> Vec<(&str, u64)> {
    let findings = said["findings"].as_array().unwrap().iter();
    findings
        .filter(|one| one["severity"] != "warning")
        .map(|one| (one["code"].as_str().unwrap(), one["line"].as_u64().unwrap()))
        .collect()
}

#[tokio::test]
async fn the_configuration_of_the_local_stack_is_checked_against_both_orgs_and_pushed() {
    let desk = Desk::new().await;
    let file = desk.file("sync.toml", &desk.local_stack());
    let (code, checked) = desk.json(&["config", "check", &file]).await;
    assert_eq!((code, mistakes(&checked)), (Some(0), vec![]), "{checked}");
    let (code, pushed) = desk.json(&["config", "push", &file]).await;
    assert_eq!((code, &pushed["version"]), (Some(0), &json!(1)), "{pushed}");
}

#[tokio::test]
async fn a_contact_that_an_opportunity_does_not_lead_to_stops_a_push_at_its_line() {
    let desk = Desk::new().await;
    let plain = "contact = { field = \"ContactId\" }";
    let followed = "contact = { field = \"ContactId\", name_field = \"Contact.Name\" }";
    let text = desk.local_stack().replace(plain, followed);
    let line = text.lines().position(|line| line == followed).unwrap() as u64 + 1;
    let file = desk.file("sync.toml", &text);
    for verb in ["check", "push"] {
        let (code, said) = desk.json(&["config", verb, &file]).await;
        let found = vec![("E_CHECK_LOOKUP_CLOSED", line)];
        assert_eq!((code, mistakes(&said)), (Some(1), found), "{verb}: {said}");
    }
    assert_eq!(desk.store.config().await.unwrap(), None);
}

#[tokio::test]
async fn a_mistake_of_the_file_hides_none_that_only_the_living_systems_know() {
    let desk = Desk::new().await;
    let fields = "[targets.zoho.customer.fields]\n\
        Billing_Stret = \"AddressLine1\"\n\
        Employees = \"Nowhere\"\n\
        Created_Time = \"DateEstablished\"\n";
    let text = desk
        .sync_toml()
        .replace("[targets.zoho.customer.fields]\n", fields)
        .replace("unmapped = \"park\"", "unmapped = \"prak\"")
        .replace(
            "key_field = \"Sage_Key\"\n\n# The field",
            "key_field = \"sage_key\"\n\n# The field",
        )
        .replace("Last_Name =", "LastName =");
    let file = desk.file("wrong.toml", &text);
    let (code, said) = desk.json(&["config", "check", &file]).await;
    assert_eq!((code, &said["live"]), (Some(1), &json!(true)));
    let mut found: Vec<(&str, &str)> = said["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["code"].as_str().unwrap(), one["path"].as_str().unwrap()))
        .collect();
    found.sort_unstable();
    assert_eq!(
        found,
        [
            (
                "E_CHECK_FIELD_READ_ONLY",
                "targets.zoho.customer.fields.Created_Time"
            ),
            (
                "E_CHECK_FIELD_UNKNOWN",
                "targets.zoho.contact.fields.LastName"
            ),
            ("E_CHECK_FIELD_UNKNOWN", "targets.zoho.contact.key_field"),
            (
                "E_CHECK_FIELD_UNKNOWN",
                "targets.zoho.customer.fields.Billing_Stret"
            ),
            ("E_CONFIG", "targets.zoho.contact"),
            ("E_CONFIG", "targets.zoho.customer.fields.Employees"),
            ("E_CONFIG", "targets.zoho.customer.owner.unmapped"),
        ]
    );
    // Nothing was put in force by asking.
    let (code, _) = desk.json(&["config", "push", &file, "--unchecked"]).await;
    assert_eq!(code, Some(1));
    assert_eq!(desk.store.config().await.unwrap(), None);
}
