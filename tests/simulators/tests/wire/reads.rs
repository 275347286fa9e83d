//! Lists, single records, deleted records and COQL.

use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{Answer, World};

async fn with_accounts(count: usize) -> World {
    let zoho = World::zoho().await;
    let rows: Vec<Value> = (0..count).map(|n| json!({"Account_Name": format!("Account {n:03}"), "Sage_Key": format!("ABC:01-{n:03}")})).collect();
    for rows in rows.chunks(100) {
        let answer = zoho
            .upsert(json!({"data": rows, "duplicate_check_fields": ["Sage_Key"], "trigger": []}))
            .await;
        assert_eq!(answer.status, 200);
    }
    zoho
}

async fn get(zoho: &World, path: &str) -> Answer {
    zoho.api(Method::GET, path, Value::Null).await
}

async fn coql(zoho: &World, query: &str) -> Answer {
    zoho.api(Method::POST, "coql", json!({"select_query": query}))
        .await
}

#[tokio::test]
async fn a_list_wants_fields_and_at_most_fifty() {
    let zoho = with_accounts(1).await;
    assert_eq!(
        get(&zoho, "Accounts").await.body["code"],
        "REQUIRED_PARAM_MISSING"
    );
    let many = vec!["Phone"; 51].join(",");
    assert_eq!(
        get(&zoho, &format!("Accounts?fields={many}")).await.body["code"],
        "LIMIT_EXCEEDED"
    );
}

#[tokio::test]
async fn pages_go_on_by_number_or_by_a_token_that_is_bound_to_its_parameters() {
    let zoho = with_accounts(250).await;
    let first = get(
        &zoho,
        "Accounts?fields=Sage_Key&per_page=200&sort_by=id&sort_order=asc",
    )
    .await
    .body;
    assert_eq!(
        (&first["info"]["count"], &first["info"]["more_records"]),
        (&json!(200), &json!(true))
    );
    let token = first["info"]["next_page_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let second = get(
        &zoho,
        &format!(
            "Accounts?fields=Sage_Key&per_page=200&sort_by=id&sort_order=asc&page_token={token}"
        ),
    )
    .await
    .body;
    assert_eq!(
        (&second["info"]["count"], &second["info"]["more_records"]),
        (&json!(50), &json!(false))
    );
    assert_eq!(second["data"][0]["Sage_Key"], "ABC:01-200");
    let other = get(
        &zoho,
        &format!("Accounts?fields=Phone&per_page=200&sort_by=id&sort_order=asc&page_token={token}"),
    )
    .await;
    assert_eq!(
        (other.status, &other.body["code"]),
        (400, &json!("TOKEN_BOUND_DATA_MISMATCH"))
    );
    let both = get(
        &zoho,
        &format!("Accounts?fields=Sage_Key&page=2&page_token={token}"),
    )
    .await;
    assert_eq!(both.body["code"], "AMBIGUITY_DURING_PROCESSING");
    let far = get(&zoho, "Accounts?fields=Sage_Key&page=11&per_page=200").await;
    assert_eq!(far.body["code"], "DISCRETE_PAGINATION_LIMIT_EXCEEDED");
}

#[tokio::test]
async fn no_records_is_204_and_nothing_modified_is_304() {
    let zoho = World::zoho().await;
    assert_eq!(get(&zoho, "Accounts?fields=Sage_Key").await.status, 204);
    zoho.upsert_one(json!({"Account_Name": "A", "Sage_Key": "ABC:01-A"}))
        .await;
    let since = [("If-Modified-Since", "2099-01-01T00:00:00+00:00")];
    let answer = zoho
        .api_with(Method::GET, "Accounts?fields=Sage_Key", Value::Null, &since)
        .await;
    assert_eq!(answer.status, 304);
}

#[tokio::test]
async fn a_record_is_found_by_id_and_by_its_external_value() {
    let zoho = with_accounts(3).await;
    let headers = [("X-EXTERNAL", "Accounts.Sage_Key")];
    let found = zoho
        .api_with(Method::GET, "Accounts/ABC:01-001", Value::Null, &headers)
        .await;
    assert_eq!(found.body["data"][0]["Account_Name"], "Account 001");
    let id = found.body["data"][0]["id"].as_str().unwrap().to_owned();
    let by_id = get(&zoho, &format!("Accounts/{id}")).await.body;
    assert_eq!(
        by_id["data"][0]["Owner"]["email"],
        "integration@abc-dist.example"
    );
    let updated = zoho
        .api_with(
            Method::PUT,
            "Accounts/ABC:01-001",
            json!({"data": [{"Phone": "555-0100"}]}),
            &headers,
        )
        .await;
    assert_eq!(updated.body["data"][0]["details"]["id"], id.as_str());
    assert_eq!(get(&zoho, "Accounts/5725767000000999999").await.status, 204);
}

#[tokio::test]
async fn deleted_records_are_told_with_name_and_time() {
    let zoho = with_accounts(2).await;
    assert_eq!(get(&zoho, "Accounts/deleted?type=all").await.status, 204);
    let id = zoho
        .door("zoho", "records/Accounts?key=ABC:01-000", Value::Null)
        .await["records"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let deleted = zoho
        .api(
            Method::DELETE,
            &format!("Accounts?ids={id},123"),
            Value::Null,
        )
        .await;
    assert_eq!(
        (deleted.status, &deleted.body["data"][0]["message"]),
        (207, &json!("record deleted"))
    );
    assert_eq!(deleted.body["data"][1]["code"], "INVALID_DATA");
    let list = get(&zoho, "Accounts/deleted?type=recycle").await.body;
    assert_eq!(
        (&list["data"][0]["id"], &list["data"][0]["display_name"]),
        (&json!(id), &json!("Account 000"))
    );
    let again = zoho
        .upsert_one(json!({"Account_Name": "Account 000", "Sage_Key": "ABC:01-000"}))
        .await;
    assert_eq!(
        again.body["data"][0]["action"], "insert",
        "a deleted record is not found again"
    );
}

#[tokio::test]
async fn coql_gives_lookups_as_bare_ids_and_follows_them_one_step() {
    let zoho = with_accounts(1).await;
    let account =
        zoho.door("zoho", "records/Accounts", Value::Null).await["records"][0]["id"].clone();
    let contact =
        json!({"Last_Name": "Quinn", "Sage_Key": "ABC:01-000/Q", "Account_Name": {"id": account}});
    zoho.api(
        Method::POST,
        "Contacts/upsert",
        json!({"data": [contact], "duplicate_check_fields": ["Sage_Key"]}),
    )
    .await;
    let found = coql(&zoho, "select Last_Name, Account_Name, Account_Name.Sage_Key from Contacts where Account_Name.Sage_Key = 'ABC:01-000'").await.body;
    assert_eq!(found["data"][0]["Account_Name"], json!({"id": account}));
    assert_eq!(found["data"][0]["Account_Name.Sage_Key"], "ABC:01-000");
}

#[tokio::test]
async fn a_keyset_walk_by_time_and_id_sees_every_record_once() {
    let zoho = with_accounts(120).await;
    let (mut seen, mut after) = (Vec::new(), "id is not null".to_owned());
    loop {
        let query = format!(
            "select id, Modified_Time from Accounts where {after} order by Modified_Time asc, id asc limit 50"
        );
        let page = coql(&zoho, &query).await;
        if page.status == 204 {
            break;
        }
        let rows = page.body["data"].as_array().unwrap().clone();
        seen.extend(
            rows.iter()
                .map(|row| row["id"].as_str().unwrap().to_owned()),
        );
        let last = rows.last().unwrap();
        let (time, id) = (
            last["Modified_Time"].as_str().unwrap(),
            last["id"].as_str().unwrap(),
        );
        after = format!("(Modified_Time > '{time}') or (Modified_Time = '{time}' and id > {id})");
    }
    let mut distinct = seen.clone();
    distinct.dedup();
    assert_eq!((seen.len(), distinct.len()), (120, 120));
}

#[tokio::test]
async fn coql_conditions_combine() {
    let zoho = with_accounts(30).await;
    zoho.upsert_one(json!({"Account_Name": "O'Malley & Sons", "Sage_Key": "ABC:02-OM", "Credit_Limit": 2500, "Credit_Hold": true})).await;
    for (condition, count) in [
        ("Sage_Key in ('ABC:01-001', 'abc:01-002', 'ABC:01-999')", 2),
        ("Account_Name = 'O\\'Malley & Sons'", 1),
        ("Credit_Limit >= 2500 and Credit_Hold = true", 1),
        ("Credit_Limit is null", 30),
        (
            "Account_Name like 'Account 00%' and Account_Name not in ('Account 001')",
            9,
        ),
        (
            "Credit_Limit between 2000 and 3000 or Sage_Key = 'ABC:01-005'",
            2,
        ),
        ("not_a_field = 1", 0),
    ] {
        let query = format!("select COUNT(id) from Accounts where {condition}");
        let found = coql(&zoho, &query).await;
        if count == 0 {
            assert_eq!(
                (found.status, &found.body["code"]),
                (400, &json!("INVALID_QUERY"))
            );
        } else {
            assert_eq!(found.body["data"][0]["COUNT(id)"], count, "{condition}");
        }
    }
}

#[tokio::test]
async fn coql_errors_name_what_is_wrong() {
    let zoho = World::zoho().await;
    for (query, code, detail) in [
        (
            "select id from Accounts",
            "SYNTAX_ERROR",
            json!({"clause": "where"}),
        ),
        (
            "select id from Nonsense where id is not null",
            "INVALID_QUERY",
            json!({"module": "Nonsense"}),
        ),
        (
            "select Foo from Accounts where id is not null",
            "INVALID_QUERY",
            json!({"column_name": "Foo"}),
        ),
        (
            "select id from Accounts where id is not null limit 2001",
            "INVALID_QUERY",
            json!({"limit": "2001"}),
        ),
        (
            "select id, id from Accounts where id is not null",
            "DUPLICATE_DATA",
            json!({"column_name": "id"}),
        ),
    ] {
        let answer = coql(&zoho, query).await;
        assert_eq!(
            (answer.status, &answer.body["code"], &answer.body["details"]),
            (400, &json!(code), &detail),
            "{query}"
        );
    }
    let many: Vec<String> = (0..101).map(|n| format!("'{n}'")).collect();
    let answer = coql(
        &zoho,
        &format!(
            "select id from Accounts where Sage_Key in ({})",
            many.join(",")
        ),
    )
    .await;
    assert_eq!(answer.body["code"], "LIMIT_EXCEEDED");
}

#[tokio::test]
async fn wrong_urls_and_methods_are_told_as_zoho_tells_them() {
    let zoho = World::zoho().await;
    assert_eq!(
        get(&zoho, "settings/nonsense/x/y").await.body["code"],
        "INVALID_URL_PATTERN"
    );
    let method = zoho.api(Method::DELETE, "users", Value::Null).await;
    assert_eq!(
        (method.status, &method.body["code"]),
        (400, &json!("INVALID_REQUEST_METHOD"))
    );
    assert_eq!(
        get(&zoho, "settings/fields?module=Nonsense").await.body["code"],
        "INVALID_MODULE"
    );
    assert_eq!(
        get(&zoho, "settings/fields").await.body["code"],
        "REQUIRED_PARAM_MISSING"
    );
}

#[tokio::test]
async fn a_search_lags_and_finds_more_than_it_was_asked_for() {
    let zoho = with_accounts(12).await;
    let path = r"Accounts/search?criteria=(Sage_Key:equals:ABC:01-00)&fields=Sage_Key";
    assert_eq!(
        get(&zoho, path).await.status,
        401,
        "it has a scope of its own"
    );
    let scopes = ["ZohoCRM.modules.ALL", "ZohoSearch.securesearch.READ"];
    zoho.door("zoho", "faults", json!({"scopes": scopes})).await;
    assert_eq!(get(&zoho, path).await.status, 204, "the index lags");
    zoho.door("zoho", "faults", json!({"clock": {"advance_seconds": 10}}))
        .await;
    let found = get(&zoho, path).await.body;
    assert_eq!(
        found["info"]["count"], 10,
        "every key that contains the text"
    );
    let both = r"Accounts/search?criteria=((Sage_Key:starts_with:ABC)and(Account_Name:equals:Account%20011))";
    assert_eq!(
        get(&zoho, both).await.body["data"][0]["Sage_Key"],
        "ABC:01-011"
    );
    assert_eq!(
        get(&zoho, "Accounts/search?criteria=(Nonsense:equals:1)")
            .await
            .body["code"],
        "INVALID_QUERY"
    );
}
