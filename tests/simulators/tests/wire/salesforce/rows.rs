//! Rows by id and by key.

use reqwest::Method;
use serde_json::{Value, json};

use super::org::Org;

const BY_KEY: &str = "sobjects/Account/Sage_Key__c";

#[tokio::test]
async fn a_row_by_key_is_201_then_200_and_before_version_46_204() {
    let org = Org::new().await;
    let path = format!("{BY_KEY}/ABC%3A01-ABF");
    let first = org.call(Method::PATCH, &path, json!({"Name": "One"})).await;
    let id = first.body["id"].as_str().unwrap().to_owned();
    let body = json!({"id": id, "success": true, "errors": [], "created": true});
    assert_eq!((first.status, first.body), (201, body));
    let second = org.call(Method::PATCH, &path, json!({"Name": "Two"})).await;
    let body = json!({"id": id, "success": true, "errors": [], "created": false});
    assert_eq!((second.status, second.body), (200, body));
    let old = org
        .call_with(
            Method::PATCH,
            &format!("/services/data/v45.0/{path}"),
            json!({"Name": "Three"}),
            &[],
        )
        .await;
    assert_eq!((old.status, old.body), (204, Value::Null));
    assert_eq!(org.record("Account", &id).await["Name"], "Three");
}

#[tokio::test]
async fn a_key_that_several_records_have_is_a_list_of_addresses() {
    let org = Org::new().await;
    let mut ids = Vec::new();
    for name in ["One", "Two"] {
        ids.push(
            org.create("Account", json!({"Name": name, "Legacy_Id__c": "foo"}))
                .await,
        );
    }
    let urls: Vec<String> = ids
        .iter()
        .map(|id| format!("/services/data/v67.0/sobjects/Account/{id}"))
        .collect();
    for (method, body) in [
        (Method::PATCH, json!({"Name": "x"})),
        (Method::GET, Value::Null),
    ] {
        let reply = org
            .call(method, "sobjects/Account/Legacy_Id__c/FOO", body)
            .await;
        assert_eq!((reply.status, reply.body), (300, json!(urls)));
    }
}

#[tokio::test]
async fn a_field_that_is_no_external_id_is_not_found() {
    let org = Org::new().await;
    for name in ["Namez", "Phone"] {
        let reply = org
            .call(
                Method::PATCH,
                &format!("sobjects/Account/{name}/1"),
                json!({"Name": "x"}),
            )
            .await;
        let message =
            format!("Provided external ID field does not exist or is not accessible: {name}");
        assert_eq!(
            (reply.status, reply.body),
            (404, json!([{"message": message, "errorCode": "NOT_FOUND"}]))
        );
    }
    for path in [
        "sobjects/Nope/Sage_Key__c/1",
        "sobjects/Account/Sage_Key__c/a%2Fb",
        "sobjects/Account/Sage_Key__c/a@b.inc",
    ] {
        let reply = org.call(Method::PATCH, path, json!({"Name": "x"})).await;
        let body =
            json!([{"message": "The requested resource does not exist", "errorCode": "NOT_FOUND"}]);
        assert_eq!((reply.status, reply.body), (404, body), "{path}");
    }
}

#[tokio::test]
async fn the_key_and_the_id_do_not_stand_in_the_body() {
    let org = Org::new().await;
    for name in ["Sage_Key__c", "Id"] {
        let reply = org
            .call(
                Method::PATCH,
                &format!("{BY_KEY}/1"),
                json!({"Name": "x", name: "1"}),
            )
            .await;
        let message = format!("The {name} field should not be specified in the sobject data.");
        let body = json!([{"message": message, "errorCode": "INVALID_FIELD", "fields": []}]);
        assert_eq!((reply.status, reply.body), (400, body));
    }
}

#[tokio::test]
async fn update_only_creates_nothing() {
    let org = Org::new().await;
    let path = format!("{BY_KEY}/1?updateOnly=true");
    assert_eq!(
        org.call(Method::PATCH, &path, json!({"Name": "x"}))
            .await
            .status,
        404
    );
    assert_eq!(
        org.door("stats", Value::Null).await["records"]["Account"],
        0
    );
}

#[tokio::test]
async fn text_is_trimmed_empty_text_is_null_and_numbers_keep_their_decimals() {
    let org = Org::new().await;
    let row = json!({
        "Name": "  Acme ", "Phone": "", "Site": "   ", "Credit_Limit__c": 12.345, "Discount_Rate__c": "1.0005",
        "NumberOfEmployees": 5, "Industry": "BANKING", "Rating": "Unheard of", "sage_company__C": "ABC",
        "Sage_Account_Since__c": "2019-01-31", "Sage_Last_Sync__c": "2026-11-22T10:00:00.5-06:00", "Credit_Hold__c": null,
    });
    let id = org.create("Account", row).await;
    let record = org.record("Account", &id).await;
    for (field, value) in [
        ("Name", json!("Acme")),
        ("Phone", Value::Null),
        ("Site", Value::Null),
        ("Credit_Limit__c", json!(12.345)),
        ("Discount_Rate__c", json!(1.0005)),
        ("NumberOfEmployees", json!(5)),
        ("Industry", json!("Banking")),
        ("Rating", json!("Unheard of")),
        ("Sage_Company__c", json!("ABC")),
        ("Sage_Account_Since__c", json!("2019-01-31")),
        ("Sage_Last_Sync__c", json!("2026-11-22T16:00:00.000+0000")),
        ("Credit_Hold__c", json!(false)),
        ("OwnerId", json!(org.users()[0])),
        ("Credit_Available__c", json!(12.345)),
    ] {
        assert_eq!(record[field], value, "{field}");
    }
}

#[tokio::test]
async fn each_fault_of_a_row_has_its_code_and_sentence() {
    let org = Org::new().await;
    let [_, _, left] = org.users();
    let account = org
        .create("Account", json!({"Name": "x", "Sage_Key__c": "K"}))
        .await;
    let contact = org.create("Contact", json!({"LastName": "x"})).await;
    let long = "n".repeat(256);
    let table = [
        ("Contact", json!({"FirstName": "x"}), "REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]".to_owned()),
        ("Account", json!({"Name": long}), "STRING_TOO_LONG", format!("Account Name: data value too large: {long} (max length=255)")),
        ("Account", json!({"Name": "x", "Foo__c": 1}), "INVALID_FIELD", "No such column 'Foo__c' on sobject of type Account".to_owned()),
        ("Account", json!({"Name": "x", "CurrencyIsoCode": "USD"}), "INVALID_FIELD", "No such column 'CurrencyIsoCode' on sobject of type Account".to_owned()),
        ("Account", json!({"Name": "x", "BillingStateCode": "WI"}), "INVALID_FIELD", "No such column 'BillingStateCode' on sobject of type Account".to_owned()),
        ("Contact", json!({"LastName": "x", "Email": "a@b"}), "INVALID_EMAIL_ADDRESS", "Email: invalid email address: a@b".to_owned()),
        ("Account", json!({"Name": "x", "Customer_Status__c": "Odd"}), "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "Customer Status: bad value for restricted picklist field: Odd".to_owned()),
        ("Account", json!({"Name": "x", "OwnerId": left}), "INACTIVE_OWNER_OR_USER", format!("operation performed with inactive user [{}] as owner of account", &left[..15])),
        ("Account", json!({"Name": "x", "OwnerId": null}), "INVALID_CROSS_REFERENCE_KEY", "Owner ID: owner cannot be blank".to_owned()),
        ("Contact", json!({"LastName": "x", "AccountId": "nothing"}), "MALFORMED_ID", "Account ID: id value of incorrect type: nothing".to_owned()),
        ("Contact", json!({"LastName": "x", "AccountId": contact}), "FIELD_INTEGRITY_EXCEPTION", format!("Account ID: id value of incorrect type: {contact}")),
        ("Contact", json!({"LastName": "x", "AccountId": "001000000000001"}), "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id".to_owned()),
        ("Contact", json!({"LastName": "x", "Account": {"Sage_Key__c": "1580"}}), "INVALID_FIELD", "Foreign key external ID: 1580 not found for field Sage_Key__c in entity Account".to_owned()),
        ("Account", json!({"Name": "x", "Sage_Key__c": "k"}), "DUPLICATE_VALUE", format!("duplicate value found: Sage_Key__c duplicates value on record with id: {}", &account[..15])),
        ("Account", json!({"Name": "x", "RecordTypeId": "0125e0000001AbDAAU"}), "INVALID_CROSS_REFERENCE_KEY", "Record Type ID: this ID value isn't valid for the user: 0125e0000001AbDAAU".to_owned()),
        ("Account", json!({"Name": 12}), "JSON_PARSER_ERROR", "Cannot deserialize instance of string from VALUE_NUMBER_INT value 12 or request may be missing a required field at [line:1, column:9]".to_owned()),
        ("Account", json!({"NumberOfEmployees": 12.5}), "JSON_PARSER_ERROR", "Cannot deserialize instance of int from VALUE_NUMBER_FLOAT value 12.5 or request may be missing a required field at [line:1, column:22]".to_owned()),
        ("Account", json!({"Credit_Limit__c": "abc"}), "JSON_PARSER_ERROR", "Cannot deserialize instance of currency from VALUE_STRING value abc or request may be missing a required field at [line:1, column:20]".to_owned()),
        ("Account", json!({"Name": "x", "LastModifiedDate": "2026-01-01T00:00:00Z"}), "INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update fields: LastModifiedDate. Please check the security settings of this field and verify that it is read/write for your profile or permission set.".to_owned()),
        ("Account", json!({"Name": "x", "Account_Manager_Note__c": "x"}), "INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update fields: Account_Manager_Note__c. Please check the security settings of this field and verify that it is read/write for your profile or permission set.".to_owned()),
    ];
    for (object, row, code, message) in table {
        assert_eq!(org.refused(object, row).await, (code.to_owned(), message));
    }
    assert_eq!(
        org.update("Account", &account, json!({"Account_Manager_Note__c": "x"}))
            .await
            .status,
        204
    );
    let deleted = org
        .call(
            Method::DELETE,
            &format!("sobjects/Account/{account}"),
            Value::Null,
        )
        .await;
    assert_eq!(deleted.status, 204);
    let gone = org
        .refused("Contact", json!({"LastName": "x", "AccountId": account}))
        .await;
    assert_eq!(
        gone,
        (
            "ENTITY_IS_DELETED".to_owned(),
            "entity is deleted".to_owned()
        )
    );
    let late = org.update("Account", &account, json!({"Name": "y"})).await;
    assert_eq!(
        (late.status, &late.body[0]["errorCode"]),
        (404, &json!("ENTITY_IS_DELETED"))
    );
}

#[tokio::test]
async fn an_owner_who_has_left_may_stay_where_he_is() {
    let org = Org::new().await;
    let [_, rep, _] = org.users();
    let id = org
        .create("Account", json!({"Name": "x", "OwnerId": rep}))
        .await;
    org.door("faults", json!({"users": [{"id": rep, "active": false}]}))
        .await;
    assert_eq!(
        org.update("Account", &id, json!({"Phone": "1", "OwnerId": rep}))
            .await
            .status,
        204
    );
    assert_eq!(
        org.refused("Account", json!({"Name": "y", "OwnerId": rep}))
            .await
            .0,
        "INACTIVE_OWNER_OR_USER"
    );
}

#[tokio::test]
async fn a_deleted_account_takes_its_contacts_along_and_frees_its_key() {
    let org = Org::new().await;
    let id = org
        .create("Account", json!({"Name": "x", "Sage_Key__c": "K"}))
        .await;
    org.create("Contact", json!({"LastName": "x", "AccountId": &id[..15]}))
        .await;
    org.call(
        Method::DELETE,
        &format!("sobjects/Account/{id}"),
        Value::Null,
    )
    .await;
    let stats = org.door("stats", Value::Null).await;
    let left = ["Account", "Contact"].map(|object| stats["records"][object].clone());
    assert_eq!(left, [json!(0), json!(0)]);
    let again = org
        .call(Method::PATCH, &format!("{BY_KEY}/K"), json!({"Name": "y"}))
        .await;
    assert_eq!(again.status, 201);
    let read = org
        .call(Method::GET, &format!("sobjects/Account/{id}"), Value::Null)
        .await;
    let body = json!([{"message": "entity is deleted", "errorCode": "ENTITY_IS_DELETED"}]);
    assert_eq!((read.status, read.body), (404, body));
}

#[tokio::test]
async fn an_id_that_never_was_is_not_found_by_any_method() {
    let org = Org::new().await;
    for (method, body) in [
        (Method::GET, Value::Null),
        (Method::PATCH, json!({"Name": "x"})),
        (Method::DELETE, Value::Null),
    ] {
        let path = "sobjects/Account/001000000000001AAA";
        let reply = org.call(method, path, body).await;
        let body =
            json!([{"message": "The requested resource does not exist", "errorCode": "NOT_FOUND"}]);
        assert_eq!((reply.status, reply.body), (404, body));
    }
}

#[tokio::test]
async fn a_write_that_is_older_than_the_record_is_412() {
    let org = Org::new().await;
    let id = org.create("Account", json!({"Name": "x"})).await;
    let path = format!("/services/data/v67.0/sobjects/Account/{id}");
    let row = json!({"Name": "y"});
    let old = [("If-Unmodified-Since", "Thu, 01 Jan 2026 00:00:00 GMT")];
    let reply = org.call_with(Method::PATCH, &path, row.clone(), &old).await;
    assert_eq!((reply.status, reply.body), (412, Value::Null));
    let new = [("If-Unmodified-Since", "Fri, 01 Jan 2100 00:00:00 GMT")];
    let reply = org.call_with(Method::PATCH, &path, row, &new).await;
    assert_eq!(reply.status, 204);
}

#[tokio::test]
async fn what_is_not_offered_is_not_found_and_other_bodies_are_not_read() {
    let org = Org::new().await;
    for path in [
        "jobs/ingest",
        "composite/tree/Account",
        "composite/graph",
        "tooling/query",
        "search",
    ] {
        let reply = org.call(Method::POST, path, json!({})).await;
        assert_eq!(
            (reply.status, &reply.body[0]["errorCode"]),
            (404, &json!("NOT_FOUND")),
            "{path}"
        );
    }
    let headers = [("Content-Type", "text/csv")];
    let reply = org
        .call_with(
            Method::POST,
            "/services/data/v67.0/sobjects/Account",
            json!({"Name": "x"}),
            &headers,
        )
        .await;
    assert_eq!(
        (reply.status, &reply.body[0]["errorCode"]),
        (415, &json!("UNSUPPORTED_MEDIA_TYPE"))
    );
    let headers = [("Content-Type", "application/json")];
    let reply = org
        .call_with(
            Method::POST,
            "/services/data/v67.0/sobjects/Account",
            Value::Null,
            &headers,
        )
        .await;
    let message = "The HTTP entity body is required, but this request has no entity body.";
    let body = json!([{"message": message, "errorCode": "JSON_PARSER_ERROR"}]);
    assert_eq!((reply.status, reply.body), (400, body));
    let reply = org.call(Method::PUT, "sobjects/Account", json!({})).await;
    assert_eq!(
        (reply.status, &reply.body[0]["errorCode"]),
        (405, &json!("METHOD_NOT_ALLOWED"))
    );
}
