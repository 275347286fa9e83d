//! What is sold: products, prices, opportunities, orders, and the rules among them.

use reqwest::Method;
use serde_json::{Value, json};

use super::org::{Org, codes};

/// The entry of a product in the standard price book: ids of book and entry.
async fn entry(org: &Org, code: &str, book: &str) -> (String, String) {
    let soql = format!(
        "SELECT Id, Pricebook2Id FROM PricebookEntry WHERE Product2.ProductCode = '{code}' AND Pricebook2.Name = '{book}' ORDER BY Id LIMIT 1"
    );
    let found = org.query(&soql).await.body["records"][0].clone();
    let text = |name: &str| found[name].as_str().unwrap().to_owned();
    (text("Pricebook2Id"), text("Id"))
}

async fn opportunity(org: &Org) -> String {
    let row = json!({"Name": "Shelves", "StageName": "Prospecting", "CloseDate": "2026-12-01"});
    org.create("Opportunity", row).await
}

/// An order with one line, still a draft: ids of order and line.
async fn order(org: &Org) -> (String, String) {
    let account = org.create("Account", json!({"Name": "Buyer"})).await;
    let (book, entry) = entry(org, "6655", "Standard Price Book").await;
    let order = org
        .create(
            "Order",
            json!({"AccountId": account, "EffectiveDate": "2026-11-22", "Status": "Draft", "Pricebook2Id": book}),
        )
        .await;
    let line = org
        .create(
            "OrderItem",
            json!({"OrderId": order, "PricebookEntryId": entry, "Quantity": 2, "UnitPrice": 179}),
        )
        .await;
    (order, line)
}

#[tokio::test]
async fn lines_make_the_amount_which_then_cannot_be_written() {
    let org = Org::new().await;
    let id = opportunity(&org).await;
    let (book, entry) = entry(&org, "6655", "Standard Price Book").await;
    let line = json!({"OpportunityId": id, "PricebookEntryId": entry, "Quantity": 3, "UnitPrice": 100.5, "Discount": 10});
    let line = org.create("OpportunityLineItem", line).await;
    let told = org
        .update(
            "Opportunity",
            &id,
            json!({"Amount": 7, "StageName": "Closed Won"}),
        )
        .await;
    assert_eq!(told.status, 204, "{}", told.body);
    let shown = org.record("Opportunity", &id).await;
    assert_eq!(
        (
            &shown["Amount"],
            &shown["IsWon"],
            &shown["Probability"],
            &shown["Pricebook2Id"],
            &shown["HasOpportunityLineItem"]
        ),
        (
            &json!(271.35),
            &json!(true),
            &json!(100.0),
            &json!(book),
            &json!(true)
        )
    );
    let shown = org.record("OpportunityLineItem", &line).await;
    assert_eq!(
        (
            &shown["TotalPrice"],
            &shown["Subtotal"],
            &shown["ListPrice"],
            &shown["ProductCode"]
        ),
        (&json!(271.35), &json!(301.5), &json!(179.0), &json!("6655"))
    );
    let both = org
        .update(
            "OpportunityLineItem",
            &line,
            json!({"UnitPrice": 1, "TotalPrice": 1}),
        )
        .await;
    assert_eq!(
        (both.status, &both.body[0]["errorCode"]),
        (400, &json!("INVALID_FIELD"))
    );
    let total = org
        .update("OpportunityLineItem", &line, json!({"TotalPrice": 540}))
        .await;
    assert_eq!(total.status, 204);
    assert_eq!(
        org.record("OpportunityLineItem", &line).await["UnitPrice"],
        200.0
    );
}

#[tokio::test]
async fn prices_and_quantities_keep_the_decimals_that_screens_do_not_show() {
    let org = Org::new().await;
    let id = opportunity(&org).await;
    let (_, entry) = entry(&org, "6655", "Standard Price Book").await;
    let line = json!({"OpportunityId": id, "PricebookEntryId": entry, "Quantity": 0.1 + 0.2, "UnitPrice": 33.33333333});
    let line = org.create("OpportunityLineItem", line).await;
    let shown = org.record("OpportunityLineItem", &line).await;
    let held = (
        &shown["Quantity"],
        &shown["UnitPrice"],
        &shown["TotalPrice"],
    );
    let wanted = [
        json!(0.300_000_000_000_000_04),
        json!(33.333_333_33),
        json!(10.0),
    ];
    assert_eq!(held, (&wanted[0], &wanted[1], &wanted[2]));
    // A total that is told is divided by the quantity.
    let (quantity, total) = (json!({"Quantity": 3}), json!({"TotalPrice": 100}));
    for told in [quantity, total] {
        assert_eq!(
            org.update("OpportunityLineItem", &line, told).await.status,
            204
        );
    }
    let shown = org.record("OpportunityLineItem", &line).await;
    assert_eq!(shown["UnitPrice"], json!(33.333_333_33));
}

#[tokio::test]
async fn a_line_moves_its_documents_stamp_only_where_a_sum_is_another_one() {
    let org = Org::new().await;
    let id = opportunity(&org).await;
    let (_, entry) = entry(&org, "6655", "Standard Price Book").await;
    let line =
        json!({"OpportunityId": id, "PricebookEntryId": entry, "Quantity": 2, "UnitPrice": 50});
    let line = org.create("OpportunityLineItem", line).await;
    let clock = json!({"clock": {"advance_seconds": 60}});
    let stamp = async |object: &str, id: &str| {
        let record = org.record(object, id).await;
        record["SystemModstamp"].as_str().unwrap().to_owned()
    };
    let before = stamp("Opportunity", &id).await;
    let own = stamp("OpportunityLineItem", &line).await;
    org.door("faults", clock.clone()).await;
    let said = json!({"Description": "Green, not blue"});
    let told = org.update("OpportunityLineItem", &line, said).await;
    assert_eq!(told.status, 204, "{}", told.body);
    assert_eq!(stamp("Opportunity", &id).await, before);
    assert_ne!(stamp("OpportunityLineItem", &line).await, own);
    org.door("faults", clock).await;
    let path = format!("sobjects/OpportunityLineItem/{line}");
    let gone = org.call(Method::DELETE, &path, Value::Null).await;
    assert_eq!(gone.status, 204);
    assert_ne!(
        stamp("Opportunity", &id).await,
        before,
        "the amount is gone"
    );
}

#[tokio::test]
async fn a_line_needs_an_entry_of_the_opportunitys_price_book() {
    let org = Org::new().await;
    let id = opportunity(&org).await;
    let (_, standard) = entry(&org, "6655", "Standard Price Book").await;
    let (_, wholesale) = entry(&org, "8983", "Wholesale").await;
    let line = |entry: &str| json!({"OpportunityId": id, "PricebookEntryId": entry, "Quantity": 1, "UnitPrice": 1});
    org.create("OpportunityLineItem", line(&standard)).await;
    let (code, message) = org.refused("OpportunityLineItem", line(&wholesale)).await;
    assert_eq!(
        (code.as_str(), message.as_str()),
        (
            "FIELD_INTEGRITY_EXCEPTION",
            "field integrity exception: PricebookEntryId (pricebook entry is in a different pricebook than the one assigned to the opportunity)"
        )
    );
    let (code, message) = org
        .refused(
            "OpportunityLineItem",
            json!({"OpportunityId": id, "Quantity": 1, "UnitPrice": 1}),
        )
        .await;
    assert_eq!(code, "FIELD_INTEGRITY_EXCEPTION");
    assert!(
        message.ends_with("PricebookEntryId, unknown (versions 3.0 and higher must specify pricebook entry id; others must specify product id)"),
        "{message}"
    );
    let (code, _) = org
        .refused(
            "OpportunityLineItem",
            json!({"OpportunityId": id, "PricebookEntryId": standard, "Quantity": 1, "UnitPrice": 1, "TotalPrice": 1}),
        )
        .await;
    assert_eq!(code, "FIELD_INTEGRITY_EXCEPTION");
    let books = org
        .query("SELECT Id FROM Pricebook2 WHERE IsStandard = false")
        .await;
    let moved = org
        .update(
            "Opportunity",
            &id,
            json!({"Pricebook2Id": books.body["records"][0]["Id"]}),
        )
        .await;
    assert_eq!(
        (moved.status, &moved.body[0]["errorCode"]),
        (400, &json!("FIELD_INTEGRITY_EXCEPTION"))
    );
}

#[tokio::test]
async fn a_custom_price_needs_the_standard_price_first() {
    let org = Org::new().await;
    let product = org
        .create(
            "Product2",
            json!({"Name": "New", "ProductCode": "NEW", "IsActive": true}),
        )
        .await;
    let books = org
        .query("SELECT Id FROM Pricebook2 ORDER BY IsStandard DESC")
        .await;
    let entry = |book: usize| json!({"Product2Id": product, "Pricebook2Id": books.body["records"][book]["Id"], "UnitPrice": 5, "IsActive": true});
    let (code, message) = org.refused("PricebookEntry", entry(1)).await;
    assert_eq!(
        (code.as_str(), message.as_str()),
        (
            "STANDARD_PRICE_NOT_DEFINED",
            "No standard price defined for this product"
        )
    );
    org.create("PricebookEntry", entry(0)).await;
    let custom = org.create("PricebookEntry", entry(1)).await;
    let (code, message) = org.refused("PricebookEntry", entry(1)).await;
    assert_eq!(
        (code.as_str(), message.as_str()),
        (
            "FIELD_INTEGRITY_EXCEPTION",
            "This price definition already exists in this price book"
        )
    );
    let moved = org
        .update("PricebookEntry", &custom, json!({"Product2Id": product}))
        .await;
    assert_eq!(
        moved.body[0]["errorCode"],
        "INVALID_FIELD_FOR_INSERT_UPDATE"
    );
    let follows = org
        .update("PricebookEntry", &custom, json!({"UseStandardPrice": true}))
        .await;
    assert_eq!(follows.status, 204);
    let priced = org
        .update("PricebookEntry", &custom, json!({"UnitPrice": 9}))
        .await;
    assert_eq!(
        (&priced.body[0]["errorCode"], &priced.body[0]["message"]),
        (
            &json!("FIELD_INTEGRITY_EXCEPTION"),
            &json!("field integrity exception")
        )
    );
}

#[tokio::test]
async fn an_order_is_drafted_filled_and_activated_by_its_status_alone() {
    let org = Org::new().await;
    let (id, line) = order(&org).await;
    assert_eq!(org.record("Order", &id).await["TotalAmount"], 358.0);
    let both = org
        .update(
            "Order",
            &id,
            json!({"Status": "Activated", "PoNumber": "1"}),
        )
        .await;
    assert_eq!(both.body[0]["errorCode"], "FAILED_ACTIVATION");
    let alone = org
        .update("Order", &id, json!({"Status": "Released"}))
        .await;
    assert_eq!(alone.status, 204, "{}", alone.body);
    assert_eq!(org.record("Order", &id).await["StatusCode"], "Activated");
    let locked = "Unable to modify activated or superseded Order: cannot delete Order, or add or remove Order Products";
    for path in [
        format!("sobjects/Order/{id}"),
        format!("sobjects/OrderItem/{line}"),
    ] {
        let refused = org.call(Method::DELETE, &path, Value::Null).await;
        assert_eq!(
            (
                refused.status,
                &refused.body[0]["errorCode"],
                &refused.body[0]["message"]
            ),
            (400, &json!("ENTITY_IS_LOCKED"), &json!(locked))
        );
    }
    let (_, entry) = entry(&org, "8983", "Standard Price Book").await;
    let (code, _) = org
        .refused(
            "OrderItem",
            json!({"OrderId": id, "PricebookEntryId": entry, "Quantity": 1, "UnitPrice": 1}),
        )
        .await;
    assert_eq!(code, "ENTITY_IS_LOCKED");
    // What the integration tells of Sage is not locked, and the way back is open.
    for row in [
        json!({"Sage_Order_No__c": "0000123"}),
        json!({"Status": "Draft"}),
    ] {
        assert_eq!(org.update("Order", &id, row).await.status, 204);
    }
    let line = org
        .call(
            Method::DELETE,
            &format!("sobjects/OrderItem/{line}"),
            Value::Null,
        )
        .await;
    assert_eq!(line.status, 204);
    let empty = org
        .update("Order", &id, json!({"Status": "Activated"}))
        .await;
    assert_eq!(empty.body[0]["errorCode"], "FAILED_ACTIVATION");
}

#[tokio::test]
async fn orders_are_never_made_active() {
    let org = Org::new().await;
    let account = org.create("Account", json!({"Name": "Buyer"})).await;
    let row = |status: &str| json!({"AccountId": account, "EffectiveDate": "2026-11-22", "Status": status});
    assert_eq!(
        org.refused("Order", row("Activated")).await.0,
        "INVALID_STATUS"
    );
    org.create("Order", row("In Approval")).await;
    let (code, message) = org.refused("Order", json!({"Status": "Draft"})).await;
    assert_eq!(
        (code.as_str(), message.as_str()),
        (
            "REQUIRED_FIELD_MISSING",
            "Required fields are missing: [AccountId, EffectiveDate]"
        )
    );
    let statuses = org
        .query("SELECT ApiName, StatusCode FROM OrderStatus ORDER BY SortOrder")
        .await;
    assert_eq!(statuses.body["records"][1]["StatusCode"], "Draft");
}

#[tokio::test]
async fn currencies_are_there_when_switched_on_and_entries_must_match() {
    let org = Org::new().await;
    for soql in [
        "SELECT CurrencyIsoCode FROM Opportunity",
        "SELECT Id FROM CurrencyType",
    ] {
        assert_eq!(org.query(soql).await.status, 400, "{soql}");
    }
    let (code, _) = org
        .refused(
            "Opportunity",
            json!({"Name": "x", "StageName": "Prospecting", "CloseDate": "2026-12-01", "CurrencyIsoCode": "EUR"}),
        )
        .await;
    assert_eq!(code, "INVALID_FIELD");
    org.door("faults", json!({"multi_currency": true})).await;
    let euros = org
        .create(
            "Opportunity",
            json!({"Name": "x", "StageName": "Prospecting", "CloseDate": "2026-12-01", "CurrencyIsoCode": "EUR"}),
        )
        .await;
    let find = |code: &str| {
        format!(
            "SELECT Id, CurrencyIsoCode FROM PricebookEntry WHERE Product2.ProductCode = '6655' AND Pricebook2.IsStandard = true AND CurrencyIsoCode = '{code}'"
        )
    };
    let dollars = org.query(&find("USD")).await.body["records"][0]["Id"].clone();
    let right = org.query(&find("EUR")).await.body["records"][0]["Id"].clone();
    let line = |entry: &Value| json!({"OpportunityId": euros, "PricebookEntryId": entry, "Quantity": 1, "UnitPrice": 1});
    let (code, _) = org.refused("OpportunityLineItem", line(&dollars)).await;
    assert_eq!(code, "FIELD_INTEGRITY_EXCEPTION");
    org.create("OpportunityLineItem", line(&right)).await;
    let changed = org
        .update("Opportunity", &euros, json!({"CurrencyIsoCode": "USD"}))
        .await;
    assert_eq!(changed.body[0]["errorCode"], "FIELD_INTEGRITY_EXCEPTION");
    let rates = org
        .query("SELECT IsoCode, ConversionRate FROM CurrencyType WHERE IsoCode = 'EUR'")
        .await;
    assert_eq!(rates.body["records"][0]["ConversionRate"], 0.92);
    assert_eq!(
        org.query("SELECT Id FROM DatedConversionRate").await.status,
        400
    );
    org.door("faults", json!({"dated_rates": true})).await;
    let dated = org
        .query("SELECT ConversionRate FROM DatedConversionRate WHERE IsoCode = 'EUR' AND StartDate <= 2026-03-01 AND NextStartDate > 2026-03-01")
        .await;
    assert_eq!(dated.body["records"][0]["ConversionRate"], 0.9);
}

#[tokio::test]
async fn a_document_is_read_with_its_parents_and_lines_in_one_query() {
    let org = Org::new().await;
    let account = org
        .create(
            "Account",
            json!({"Name": "Buyer", "Sage_Key__c": "ABC:01-ABF"}),
        )
        .await;
    let id = opportunity(&org).await;
    org.update("Opportunity", &id, json!({"AccountId": account}))
        .await;
    let (_, entry) = entry(&org, "1001-HON-H252", "Wholesale").await;
    let line =
        json!({"OpportunityId": id, "PricebookEntryId": entry, "Quantity": 2, "UnitPrice": 75.6});
    org.create("OpportunityLineItem", line).await;
    let soql = format!(
        "SELECT Id, Account.Sage_Key__c, (SELECT Quantity, Product2.ProductCode, PricebookEntry.Pricebook2Id FROM OpportunityLineItems) FROM Opportunity WHERE Id = '{id}'"
    );
    let found = org.query(&soql).await.body["records"][0].clone();
    assert_eq!(found["Account"]["Sage_Key__c"], "ABC:01-ABF");
    let lines = &found["OpportunityLineItems"];
    assert_eq!(
        (&lines["totalSize"], &lines["done"]),
        (&json!(1), &json!(true))
    );
    let line = &lines["records"][0];
    assert_eq!(line["Product2"]["ProductCode"], "1001-HON-H252");
    assert_eq!(line["Quantity"], 2.0);
    assert!(line["PricebookEntry"]["Pricebook2Id"].is_string());
}

#[tokio::test]
async fn rows_are_updated_by_id_in_collections_each_with_its_verdict() {
    let org = Org::new().await;
    let (id, _) = order(&org).await;
    let opportunity = opportunity(&org).await;
    let rows = json!({"allOrNone": false, "records": [
        {"attributes": {"type": "Order"}, "Id": id, "Sage_Order_No__c": "0000123"},
        {"attributes": {"type": "Opportunity"}, "Id": opportunity, "Sage_Status__c": "Open"},
        {"attributes": {"type": "Order"}, "Id": "8015e0000000009AAA", "Sage_Status__c": "Open"},
    ]});
    let done = org.call(Method::PATCH, "composite/sobjects", rows).await;
    assert_eq!(codes(&done), ["OK", "OK", "INVALID_CROSS_REFERENCE_KEY"]);
    assert_eq!(
        org.record("Order", &id).await["Sage_Order_No__c"],
        "0000123"
    );
}

#[tokio::test]
async fn somebody_holds_an_order_and_its_line_cannot_be_written() {
    let org = Org::new().await;
    let (id, line) = order(&org).await;
    org.door("faults", json!({"row_locks": [{"id": id, "times": 2}]}))
        .await;
    for (object, id) in [("Order", &id), ("OrderItem", &line)] {
        let refused = org.update(object, id, json!({"Description": "x"})).await;
        assert_eq!(
            refused.body[0]["errorCode"], "UNABLE_TO_LOCK_ROW",
            "{object}"
        );
    }
    assert_eq!(
        org.update("Order", &id, json!({"PoNumber": "x"}))
            .await
            .status,
        204
    );
}
