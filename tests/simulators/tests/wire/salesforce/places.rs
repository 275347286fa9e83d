//! Picklists of states and countries.

use serde_json::{Value, json};

use super::org::Org;

async fn org() -> Org {
    let org = Org::new().await;
    org.door("faults", json!({"state_country_picklists": true}))
        .await;
    org
}

#[tokio::test]
async fn labels_and_codes_complete_each_other() {
    let org = org().await;
    for row in [
        json!({"Name": "x", "BillingState": "wisconsin", "BillingCountry": "United States"}),
        json!({"Name": "x", "BillingStateCode": "wi", "BillingCountryCode": "US"}),
        json!({"Name": "x", "BillingState": "Wisconsin", "BillingCountryCode": "US"}),
    ] {
        let id = org.create("Account", row).await;
        let record = org.record("Account", &id).await;
        let address = [
            "BillingState",
            "BillingStateCode",
            "BillingCountry",
            "BillingCountryCode",
        ]
        .map(|name| record[name].clone());
        assert_eq!(
            address,
            ["Wisconsin", "WI", "United States", "US"].map(Value::from)
        );
        assert_eq!(record["BillingAddress"]["stateCode"], "WI");
    }
}

#[tokio::test]
async fn a_place_that_is_not_in_the_list_is_refused() {
    let org = org().await;
    let state = "There's a problem with this state, even though it may appear correct. Please select a state from the list of valid states.: Billing State/Province";
    let country = "There's a problem with this country, even though it may appear correct. Please select a country/territory from the list of valid countries.: Billing Country";
    let missing = "A country/territory must be specified before specifying a state value for field: Billing State/Province";
    for (row, message) in [
        (
            json!({"Name": "x", "BillingState": "WI", "BillingCountry": "United States"}),
            state,
        ),
        (
            json!({"Name": "x", "BillingState": "Ontario", "BillingCountryCode": "US"}),
            state,
        ),
        (json!({"Name": "x", "BillingCountry": "USA"}), country),
        (json!({"Name": "x", "BillingState": "Wisconsin"}), missing),
    ] {
        let refused = org.refused("Account", row).await;
        assert_eq!(
            refused,
            ("FIELD_INTEGRITY_EXCEPTION".to_owned(), message.to_owned())
        );
    }
}

#[tokio::test]
async fn a_new_country_does_not_know_the_old_state() {
    let org = org().await;
    let id = org
        .create(
            "Account",
            json!({"Name": "x", "BillingState": "Wisconsin", "BillingCountry": "United States"}),
        )
        .await;
    let reply = org
        .update("Account", &id, json!({"BillingCountry": "Canada"}))
        .await;
    let message = "The existing country/territory doesn't recognize the state value Wisconsin for field: Billing State/Province";
    let body = json!([{"message": message, "errorCode": "FIELD_INTEGRITY_EXCEPTION", "fields": ["BillingState"]}]);
    assert_eq!((reply.status, reply.body), (400, body));
    assert_eq!(
        org.update(
            "Account",
            &id,
            json!({"BillingCountry": "Canada", "BillingState": null})
        )
        .await
        .status,
        204
    );
    assert_eq!(
        org.update("Account", &id, json!({"BillingCountryCode": null}))
            .await
            .status,
        204
    );
    assert_eq!(
        org.record("Account", &id).await["BillingAddress"],
        Value::Null
    );
}
