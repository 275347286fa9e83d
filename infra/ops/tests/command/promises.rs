//! What `counterpart doctor` promises, against what it tries.

use serde_json::json;

use crate::desk::Desk;
use crate::doctor::ill;

/// What `doctor` promises (its page and its help say the same list) is what it tries, and nothing else.
#[tokio::test]
async fn everything_that_is_promised_is_tried_and_nothing_else() {
    let desk = Desk::of_local_stack().await;
    let relay = json!({"relays": [json!({"recovery": "EARLIEST"})]});
    desk.tell("salesforce", "change_events", &relay).await;
    let mut tried = Vec::new();
    let mut try_all = async |arguments: &[&str]| {
        let (code, said) = desk.json(arguments).await;
        let mut ill = ill(&said);
        // That lines name no unit of measure is said of every CRM whose lines have none.
        ill.retain(|line| !line.contains("orders from"));
        assert_eq!((code, ill), (Some(0), vec![]), "{said:#}");
        for check in said["checks"].as_array().unwrap() {
            let text = |name: &str| check[name].as_str().unwrap().to_owned();
            tried.push((text("area"), text("check"), text("subject")));
        }
    };
    try_all(&["doctor"]).await;
    let write = ["--write", "--customer", "01-ABF", "--item", "6655"];
    try_all(&[&["doctor", "--company", "ABC"][..], &write].concat()).await;
    let agent = &desk.simulated()["agent"];
    let token = desk.file("agent.json", &json!({"token": agent["token"]}).to_string());
    let url = agent["url"].as_str().unwrap();
    let check = [
        "agent",
        "check",
        url,
        "--token-file",
        &token,
        "--company",
        "ABC",
    ];
    try_all(&[&check[..], &write].concat()).await;

    let covers = |promise: &counterpart_ops::Promise, area: &str, check: &str| {
        promise.area == area && promise.names(check)
    };
    for (area, check, _) in &tried {
        let by = counterpart_ops::PROMISES
            .iter()
            .filter(|promise| covers(promise, area, check));
        assert_eq!(
            by.count(),
            1,
            "{area} {check} is tried, and has to be promised once"
        );
    }
    for promise in counterpart_ops::PROMISES {
        let kept = tried
            .iter()
            .any(|(area, check, _)| covers(promise, area, check));
        assert!(
            kept,
            "{} {} is promised, and is not tried",
            promise.area, promise.check
        );
    }
    // By their names.
    let subjects = |wanted: &str| -> Vec<&str> {
        let of = tried
            .iter()
            .filter(|(area, check, _)| area == "aws" && check == wanted);
        of.map(|(_, _, subject)| subject.as_str()).collect()
    };
    for queue in [
        "zoho",
        "salesforce",
        "crm-events",
        "sage-writes",
        "salesforce-events",
    ] {
        assert!(subjects("queue").contains(&queue), "{queue}");
    }
    for secret in [
        "agent",
        "hint",
        "soap",
        "zoho",
        "zoho-hook",
        "salesforce",
        "salesforce-hook",
    ] {
        assert!(subjects("secret").contains(&secret), "{secret}");
    }
    let tables: std::collections::BTreeSet<&str> = subjects("table").into_iter().collect();
    assert_eq!(tables.len(), 7);
}

#[tokio::test]
async fn what_orders_need_and_is_not_there_is_named() {
    let desk = Desk::of_local_stack().await;
    let text = desk.local_stack();
    let wrong = text
        .replacen(
            "number = \"Sage_Order_No\"",
            "number = \"No_Such_Field\"",
            1,
        )
        .replacen(
            "when = [{ field = \"Status\", equals = \"Approved\" }]",
            "when = [{ field = \"Stadium\", equals = \"Approved\" }]",
            1,
        )
        .replacen(
            "reference_column = \"UDF_CRM_REFERENCE\"",
            "reference_column = \"UDF_NO_SUCH\"",
            1,
        )
        .replacen("411001\" ", "411009\" ", 1);
    let file = desk.file("wrong.toml", &wrong);
    let (code, said) = desk
        .json(&["doctor", "--file", &file, "--target", "zoho"])
        .await;
    assert_eq!(code, Some(1));
    assert_eq!(
        ill(&said),
        [
            "zoho integration user: fail E_INTEGRATION_USER",
            "zoho orders from Deals: fail E_CHECK_FIELD_UNKNOWN",
            "zoho orders from Sales_Orders: fail E_CHECK_FIELD_UNKNOWN",
        ],
        "{said:#}"
    );
    let (_, said) = desk
        .json(&["doctor", "--file", &file, "--company", "ABC"])
        .await;
    assert!(
        ill(&said).contains(&"ABC reference column: warn ".to_owned()),
        "{said:#}"
    );
}
