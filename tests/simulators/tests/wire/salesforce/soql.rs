//! Queries.

use reqwest::Method;
use serde_json::{Value, json};

use super::org::Org;

async fn filled() -> Org {
    let org = Org::new().await;
    org.upsert("Account", json!([
        {"Sage_Key__c": "A", "Name": "Ärzte & Co", "Credit_Limit__c": 100, "Sage_Account_Since__c": "2019-01-01"},
        {"Sage_Key__c": "B", "Name": "O'Malley", "Credit_Limit__c": 20.5, "Credit_Hold__c": true},
        {"Sage_Key__c": "C", "Name": "100% Pure", "Phone": "555"},
    ]))
    .await;
    org.upsert("Contact", json!([
        {"Sage_Key__c": "1", "FirstName": "Artie", "LastName": "John", "Account": {"Sage_Key__c": "A"}},
        {"Sage_Key__c": "2", "LastName": "Quinn", "Account": {"Sage_Key__c": "A"}},
        {"Sage_Key__c": "3", "LastName": "Alone"},
    ]))
    .await;
    org
}

/// The keys that a condition finds, in order.
async fn keys(org: &Org, object: &str, rest: &str) -> Vec<String> {
    let found = org
        .query(&format!("SELECT Sage_Key__c FROM {object} {rest}"))
        .await;
    assert_eq!(found.status, 200, "{rest}: {}", found.body);
    let records = found.body["records"].as_array().unwrap();
    records
        .iter()
        .map(|record| record["Sage_Key__c"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn conditions_compare_as_salesforce_does() {
    let org = filled().await;
    for (condition, expected) in [
        ("Name = 'ÄRZTE & CO'", "A"),
        (r"Name = 'o\'malley'", "B"),
        (r"Name LIKE '100\%%'", "C"),
        ("Name LIKE '_\\'M%'", "B"),
        ("Phone = null", "AB"),
        ("Phone != null", "C"),
        ("Phone != '5'", "ABC"),
        ("Phone NOT IN ('555')", "AB"),
        ("NOT Phone = '555'", "AB"),
        ("Credit_Limit__c > 20.4 AND Credit_Limit__c <= 100", "AB"),
        ("Credit_Limit__c < 100", "B"),
        ("Credit_Hold__c = false", "AC"),
        ("Sage_Key__c IN ('a', 'c', 'none')", "AC"),
        (
            "(Name = 'x' OR Phone = '555') AND Credit_Hold__c = FALSE",
            "C",
        ),
        ("Sage_Account_Since__c = 2019-01-01", "A"),
        ("Sage_Account_Since__c < 2019-01-01", ""),
        ("CreatedDate = TODAY", "ABC"),
        ("CreatedDate < LAST_N_DAYS:3", ""),
        ("CreatedDate >= 2020-01-01T00:00:00.000+0000", "ABC"),
        ("SystemModstamp > 2020-01-01T00:00:00-06:00", "ABC"),
        (
            "Id IN (SELECT AccountId FROM Contact WHERE LastName = 'Quinn')",
            "A",
        ),
        (
            "Id NOT IN (SELECT AccountId FROM Contact WHERE AccountId != null)",
            "BC",
        ),
        ("Owner.Email LIKE 'integration@%'", "ABC"),
    ] {
        let found = keys(
            &org,
            "Account",
            &format!("WHERE {condition} ORDER BY Sage_Key__c"),
        )
        .await;
        assert_eq!(found.concat(), expected, "{condition}");
    }
}

#[tokio::test]
async fn nulls_come_first_unless_told_otherwise() {
    let org = filled().await;
    for (order, expected) in [
        ("Credit_Limit__c", "CBA"),
        ("Credit_Limit__c DESC", "CAB"),
        ("Credit_Limit__c ASC NULLS LAST", "BAC"),
        ("Credit_Limit__c DESC NULLS LAST LIMIT 2", "AB"),
        ("Name, Id LIMIT 1 OFFSET 1", "B"),
    ] {
        assert_eq!(
            keys(&org, "Account", &format!("ORDER BY {order}"))
                .await
                .concat(),
            expected,
            "{order}"
        );
    }
}

#[tokio::test]
async fn parents_are_nested_and_absent_ones_are_null() {
    let org = filled().await;
    let found = org
        .query(
            "SELECT Name, Account.Owner.Name, Account.Sage_Key__c FROM Contact ORDER BY LastName",
        )
        .await;
    assert_eq!(
        (&found.body["totalSize"], &found.body["done"]),
        (&json!(3), &json!(true))
    );
    assert_eq!(found.body["records"][0]["Account"], Value::Null);
    let record = &found.body["records"][1];
    assert_eq!(
        (&record["Name"], &record["attributes"]["type"]),
        (&json!("Artie John"), &json!("Contact"))
    );
    assert_eq!(record["Account"]["Sage_Key__c"], "A");
    assert_eq!(record["Account"]["attributes"]["type"], "Account");
    assert_eq!(record["Account"]["Owner"]["Name"], "Sage Integration");
    assert!(record.get("Id").is_none(), "only what was asked for");
}

#[tokio::test]
async fn counts_and_groups_are_given() {
    let org = filled().await;
    let count = org
        .query("SELECT COUNT() FROM Contact WHERE AccountId != null")
        .await;
    assert_eq!(
        count.body,
        json!({"totalSize": 2, "done": true, "records": []})
    );
    let groups = org.query("SELECT Account.Name, COUNT(Id), MAX(LastName) last FROM Contact GROUP BY Account.Name ORDER BY Account.Name DESC NULLS LAST").await;
    let rows = [
        json!({"attributes": {"type": "AggregateResult"}, "Name": "Ärzte & Co", "expr0": 2, "last": "Quinn"}),
        json!({"attributes": {"type": "AggregateResult"}, "Name": null, "expr0": 1, "last": "Alone"}),
    ];
    assert_eq!(groups.body["records"], json!(rows));
}

#[tokio::test]
async fn what_is_wrong_is_told_with_its_place() {
    let org = filled().await;
    for (soql, code, part) in [
        (
            "SELECT Id, Foo FROM Account",
            "INVALID_FIELD",
            "\nSELECT Id, Foo FROM Account\n           ^\nERROR at Row:1:Column:12\nNo such column 'Foo' on entity 'Account'. If you are",
        ),
        (
            "SELECT Id FROM Acount",
            "INVALID_TYPE",
            "sObject type 'Acount' is not supported.",
        ),
        (
            "SELECT Id FROM Account WHERE Name IS NULL",
            "MALFORMED_QUERY",
            "unexpected token: 'IS'",
        ),
        (
            "SELECT Id FROM Account WHERE Name = 'x' AND Phone = 'y' OR Site = 'z'",
            "MALFORMED_QUERY",
            "unexpected token: 'OR'",
        ),
        (
            "SELECT Id FROM Account WHERE Name = 5",
            "INVALID_FIELD",
            "must be of type string and should be enclosed in quotes",
        ),
        (
            "SELECT Id FROM Account WHERE Credit_Limit__c = '5'",
            "INVALID_FIELD",
            "must be of type currency and should not be enclosed in quotes",
        ),
        (
            "SELECT Id FROM Account WHERE Id = 'x'",
            "INVALID_QUERY_FILTER_OPERATOR",
            "invalid ID field: x",
        ),
        (
            "SELECT Id FROM Account WHERE Description = 'x'",
            "INVALID_FIELD",
            "field 'Description' can not be filtered in a query call",
        ),
        (
            "SELECT Id FROM Account ORDER BY Description",
            "INVALID_FIELD",
            "field 'Description' can not be sorted in a query call",
        ),
        (
            "SELECT Nope.Name FROM Account",
            "INVALID_FIELD",
            "Didn't understand relationship 'Nope' in field path.",
        ),
        (
            "SELECT Id, Id FROM Account",
            "INVALID_FIELD",
            "duplicate field selected: Id",
        ),
        (
            "SELECT FIELDS(ALL) FROM Account LIMIT 201",
            "MALFORMED_QUERY",
            "must have a LIMIT of at most 200",
        ),
        (
            "SELECT Name, COUNT(Id) FROM Account",
            "MALFORMED_QUERY",
            "Field must be grouped or aggregated: Name",
        ),
        (
            "SELECT Id FROM Account OFFSET 2001",
            "NUMBER_OUTSIDE_VALID_RANGE",
            "Maximum SOQL offset allowed is 2000",
        ),
        ("", "MALFORMED_QUERY", "unexpected token: '<EOF>'"),
    ] {
        let reply = org.query(soql).await;
        assert_eq!(
            (reply.status, &reply.body[0]["errorCode"]),
            (400, &json!(code)),
            "{soql}"
        );
        let message = reply.body[0]["message"].as_str().unwrap();
        assert!(message.contains(part), "{soql}: {message}");
    }
}

#[tokio::test]
async fn deleted_records_are_seen_only_by_query_all() {
    let org = filled().await;
    org.door("edit", json!({"key": "C", "action": "delete"}))
        .await;
    assert_eq!(keys(&org, "Account", "ORDER BY Name").await.len(), 2);
    let path = "queryAll?q=SELECT+Sage_Key__c,IsDeleted+FROM+Account+WHERE+Sage_Key__c='C'";
    let all = org.call(Method::GET, path, Value::Null).await;
    assert_eq!(all.body["records"][0]["IsDeleted"], true);
}

#[tokio::test]
async fn pages_have_200_to_2000_rows_and_locators_die() {
    let org = Org::new().await;
    for page in 0..3 {
        let rows = (0..200)
            .map(|n| json!({"Sage_Key__c": format!("{page}-{n}"), "Name": "x"}))
            .collect();
        org.upsert("Account", rows).await;
    }
    let path = "/services/data/v67.0/query?q=SELECT+Sage_Key__c+FROM+Account";
    let sized = |size: &'static str| [("Sforce-Query-Options", size)];
    let first = org
        .call_with(Method::GET, path, Value::Null, &sized("batchSize=1"))
        .await;
    assert_eq!(
        (&first.body["totalSize"], &first.body["done"]),
        (&json!(600), &json!(false))
    );
    let next = first.body["nextRecordsUrl"].as_str().unwrap().to_owned();
    assert!(next.ends_with("-200"), "{next}");
    let second = org
        .call_with(Method::GET, &next, Value::Null, &sized("batchSize=300"))
        .await;
    assert_eq!(second.body["records"].as_array().unwrap().len(), 300);
    let last = second.body["nextRecordsUrl"].as_str().unwrap();
    let last = org.call_with(Method::GET, last, Value::Null, &[]).await;
    assert_eq!(
        (
            &last.body["done"],
            last.body["records"].as_array().unwrap().len()
        ),
        (&json!(true), 100)
    );
    assert!(last.body.get("nextRecordsUrl").is_none());
    // Ten more open results close the first.
    for _ in 0..10 {
        org.call_with(Method::GET, path, Value::Null, &sized("batchSize=200"))
            .await;
    }
    let dead = org.call_with(Method::GET, &next, Value::Null, &[]).await;
    let body = json!([{"message": "invalid query locator", "errorCode": "INVALID_QUERY_LOCATOR"}]);
    assert_eq!((dead.status, dead.body), (400, body));
}

#[tokio::test]
async fn an_address_of_more_than_16_kib_is_too_long() {
    let org = Org::new().await;
    let long = "x".repeat(17_000);
    let reply = org
        .query(&format!("SELECT Id FROM Account WHERE Name = '{long}'"))
        .await;
    assert_eq!(reply.status, 414);
}
