//! Single records against the simulated Zoho: deals, sales orders, changes, currencies.

use counterpart_delivery::SecretText;
use counterpart_delivery::ports::{
    ChangedId, ChangesAfter, ChannelRequest, CrmChannels as _, CrmRecords as _, DocumentQuery,
    LinesQuery, UpdateRow,
};
use counterpart_domain::{Class, CrmId, Value};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};

use crate::simulated::{Plain, zoho};
use crate::support::Client;

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

/// The ids of two products that are there from the start.
async fn products(zoho: &Plain) -> Vec<(String, String)> {
    let listed = zoho
        .get("/crm/v8/Products?fields=Product_Code&per_page=2")
        .await;
    let rows = listed["data"].as_array().unwrap();
    let text = |row: &Json, name: &str| row[name].as_str().unwrap().to_owned();
    rows.iter()
        .map(|row| (text(row, "id"), text(row, "Product_Code")))
        .collect()
}

fn query(module: &str, fields: &[&str], relation: &str) -> DocumentQuery {
    DocumentQuery {
        module: module.into(),
        fields: names(fields),
        lines: Some(LinesQuery {
            relation: relation.into(),
            fields: names(&[
                "Quantity",
                "List_Price",
                "Product_Name",
                "Product_Name.Product_Code",
            ]),
        }),
    }
}

#[tokio::test]
async fn a_deal_and_a_sales_order_come_with_their_lines_in_order() {
    let (running, url, client) = zoho().await;
    let zoho = Plain::new(&url, &running.announcement()["zoho"]).await;
    let products = products(&zoho).await;
    let account = zoho
        .insert(
            "Accounts",
            json!({"Account_Name": "O'Hara & Sons", "Sage_Key": "ABC:01-OHARA"}),
        )
        .await;
    let lines = json!([
        {"Product_Name": {"id": products[1].0}, "Quantity": 2, "List_Price": 0.1},
        {"Product_Name": {"id": products[0].0}, "Quantity": 1.5, "List_Price": 84.5},
        {"Product_Name": {"id": products[1].0}, "Quantity": 3, "List_Price": 12},
    ]);
    let deal = zoho
        .insert("Deals", json!({"Deal_Name": "500 chairs", "Stage": "Closed Won", "Account_Name": {"id": account},
            "Amount": 1234567.89, "Closing_Date": "2026-11-30", "Sale_Items": lines}))
        .await;
    let order = zoho
        .insert("Sales_Orders", json!({"Subject": "500 chairs", "Account_Name": {"id": account}, "Deal_Name": {"id": deal},
            "Ordered_Items": lines}))
        .await;
    let fields = [
        "Account_Name",
        "Account_Name.Sage_Key",
        "Contact_Name",
        "Contact_Name.Email",
        "Owner.email",
    ];
    let of_deal = [&fields[..], &["Stage", "Amount", "Closing_Date"]].concat();
    let of_order = [&fields[..], &["Deal_Name", "Deal_Name.Stage"]].concat();
    for (asked, id) in [
        (query("Deals", &of_deal, "Sale_Items"), &deal),
        (query("Sales_Orders", &of_order, "Ordered_Items"), &order),
    ] {
        let document = client
            .document(&asked, &CrmId(id.clone()))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            document.fields["Account_Name"],
            Value::Reference(account.clone())
        );
        assert_eq!(
            document.fields["Account_Name.Sage_Key"],
            Value::Text("ABC:01-OHARA".into())
        );
        assert_eq!(document.fields["Contact_Name.Email"], Value::Blank);
        assert!(!document.fields["Owner.email"].is_blank());
        let seen: Vec<(String, String)> = document
            .lines
            .iter()
            .map(|line| {
                (
                    line["Product_Name.Product_Code"].to_string(),
                    line["Quantity"].to_string(),
                )
            })
            .collect();
        let code = |n: usize| products[n].1.clone();
        assert_eq!(
            seen,
            [
                (code(1), "2".into()),
                (code(0), "1.5".into()),
                (code(1), "3".into())
            ]
        );
        assert_eq!(
            document.lines[0]["List_Price"],
            Value::Number("0.1".parse().unwrap())
        );
        assert!(
            document
                .lines
                .iter()
                .all(|line| matches!(&line["id"], Value::Reference(_)))
        );
        assert!(document.modified.is_some() && document.modified_by.is_some());
    }
    let document = client
        .document(
            &query("Deals", &["Amount", "Closing_Date"], "Sale_Items"),
            &CrmId(deal.clone()),
        )
        .await;
    let document = document.unwrap().unwrap();
    assert_eq!(
        document.fields["Amount"],
        Value::Number("1234567.89".parse().unwrap())
    );
    assert_eq!(
        document.fields["Closing_Date"],
        Value::Date(jiff::civil::date(2026, 11, 30))
    );

    // Written by id: the lines stay as they are.
    let status = |id: &str, text: &str| UpdateRow {
        id: CrmId(id.to_owned()),
        fields: [
            ("Sage_Order_No".to_owned(), Value::Text("0000181".into())),
            ("Sage_Status".to_owned(), Value::Text(text.to_owned())),
            (
                "Sage_Total".to_owned(),
                Value::Number("295.70".parse().unwrap()),
            ),
        ]
        .into(),
    };
    let long = "x".repeat(41);
    let rows = [
        status(&deal, "open"),
        status("5725767000009999999", "open"),
        status(&deal, &long),
    ];
    let outcomes = client.update("Deals", &rows).await.unwrap();
    assert!(outcomes[0].as_ref().unwrap().modified.is_some());
    let code = |n: usize| outcomes[n].as_ref().unwrap_err().code.clone();
    assert_eq!(
        (code(1), code(2)),
        ("E_CRM_RECORD_GONE".into(), "E_CRM_INVALID_DATA".into())
    );
    let again = query(
        "Deals",
        &["Sage_Order_No", "Sage_Status", "Sage_Total"],
        "Sale_Items",
    );
    let written = client
        .document(&again, &CrmId(deal.clone()))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(written.fields["Sage_Status"], Value::Text("open".into()));
    assert_eq!(
        written.fields["Sage_Total"],
        Value::Number("295.7".parse().unwrap())
    );
    let ids = |document: &counterpart_delivery::ports::Document| -> Vec<Value> {
        document
            .lines
            .iter()
            .map(|line| line["id"].clone())
            .collect()
    };
    assert_eq!(ids(&written), ids(&document));

    for (asked, code) in [
        (
            query("Deals", &["Sage_Orderno"], "Sale_Items"),
            "E_CRM_FIELD_UNKNOWN",
        ),
        (
            query("Deals", &["Account_Name.Sage_Kee"], "Sale_Items"),
            "E_CRM_FIELD_UNKNOWN",
        ),
        (
            query("Deals", &["Stage"], "Sold_Items"),
            "E_CRM_FIELD_UNKNOWN",
        ),
        (
            query("Deels", &["Stage"], "Sale_Items"),
            "E_CRM_MODULE_INVALID",
        ),
    ] {
        let fault = client
            .document(&asked, &CrmId(deal.clone()))
            .await
            .unwrap_err();
        assert_eq!(
            (&*fault.code, fault.class),
            (code, Class::Configuration),
            "{fault}"
        );
    }
    zoho.delete("Deals", &deal).await;
    assert_eq!(
        client.document(&again, &CrmId(deal.clone())).await.unwrap(),
        None
    );
    let gone = client
        .update("Deals", &[status(&deal, "open")])
        .await
        .unwrap();
    assert_eq!(gone[0].as_ref().unwrap_err().code, "E_CRM_RECORD_GONE");
}

async fn all(client: &Client, since: Timestamp, limit: u32) -> Vec<ChangedId> {
    let mut found: Vec<ChangedId> = Vec::new();
    loop {
        let after = found.last().map(|last| ChangesAfter {
            modified: last.modified,
            id: last.id.clone(),
        });
        let page = client
            .changed_since("Deals", since, after.as_ref(), limit)
            .await
            .unwrap();
        let full = page.len() == limit as usize;
        found.extend(page);
        if !full {
            break;
        }
    }
    for number in 1.. {
        let page = client.deletions("Deals", since, number).await.unwrap();
        found.extend(page.rows);
        if !page.more {
            break;
        }
    }
    found
}

#[tokio::test]
async fn changes_of_one_second_are_all_found_whatever_the_page() {
    let (running, url, client) = zoho().await;
    let zoho = Plain::new(&url, &running.announcement()["zoho"]).await;
    let since = Timestamp::now() - SignedDuration::from_secs(1);
    let deals: Vec<Json> = (0..23)
        .map(|n| json!({"Deal_Name": format!("Deal {n}"), "Stage": "Qualification"}))
        .collect();
    let ids = zoho.insert_all("Deals", deals).await;
    for id in &ids[..3] {
        zoho.delete("Deals", id).await;
    }
    let whole = all(&client, since, 2_000).await;
    let mut found: Vec<&str> = whole.iter().map(|row| row.id.0.as_str()).collect();
    found.sort_unstable();
    let mut expected: Vec<&str> = ids.iter().map(String::as_str).collect();
    expected.sort_unstable();
    assert_eq!(found, expected);
    let deleted: Vec<&ChangedId> = whole.iter().filter(|row| row.deleted).collect();
    assert_eq!(deleted.len(), 3);
    assert!(deleted.iter().all(|row| ids[..3].contains(&row.id.0)));
    let order: Vec<(Timestamp, &str)> = whole
        .iter()
        .filter(|row| !row.deleted)
        .map(|row| (row.modified, row.id.0.as_str()))
        .collect();
    assert!(order.is_sorted());
    for limit in [1, 2, 7, 23] {
        assert_eq!(all(&client, since, limit).await, whole, "{limit}");
    }
    let later = Timestamp::now() + SignedDuration::from_secs(60);
    assert!(all(&client, later, 10).await.is_empty());
}

#[tokio::test]
async fn currencies_are_told_where_there_are_several() {
    let (_running, url, client) = zoho().await;
    let day = jiff::civil::date(2026, 11, 22);
    let rates = client.currencies(day).await.unwrap();
    assert!(rates["USD"].home && rates["USD"].per_home == 1.into());
    assert!(
        !rates["EUR"].home && rates["EUR"].per_home < 1.into(),
        "less than one euro for a dollar"
    );
    crate::simulated::faults(&url, json!({"multi_currency": false})).await;
    assert!(client.currencies(day).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_channel_lives_as_long_as_zoho_says_and_is_renewed_until_it_ends() {
    let (_running, _url, client) = zoho().await;
    let now = Timestamp::now();
    let days = |days: i64| now + SignedDuration::from_hours(24 * days);
    let request = |expiry: Timestamp| ChannelRequest {
        channel_id: "1000000068001".into(),
        events: vec!["Deals.all".into(), "Accounts.edit".into()],
        notify_url: SecretText::new("https://api.example.com/zoho/zoho/notifications/p"),
        token: SecretText::new("t0ken"),
        expiry,
    };
    let not_there = client.renew(&request(days(3))).await.unwrap_err();
    assert_eq!(
        (&*not_there.code, not_there.class),
        ("E_CRM_NOT_SUBSCRIBED", Class::Data)
    );
    let near = |granted: Timestamp, wanted: Timestamp| {
        granted.duration_since(wanted).abs() < SignedDuration::from_secs(60)
    };
    let granted = client.subscribe(&request(days(3))).await.unwrap();
    assert!(near(granted, days(3)), "{granted}");
    let granted = client.renew(&request(days(6))).await.unwrap();
    assert!(near(granted, days(6)), "{granted}");
    // More than a week is an hour.
    let granted = client.subscribe(&request(days(8))).await.unwrap();
    assert!(
        near(granted, now + SignedDuration::from_hours(1)),
        "{granted}"
    );
    let ids = ["1000000068001".to_owned(), "7".to_owned()];
    client.unsubscribe(&ids).await.unwrap();
    client.unsubscribe(&ids).await.unwrap();
    let gone = client.renew(&request(days(3))).await.unwrap_err();
    assert_eq!(gone.code, "E_CRM_NOT_SUBSCRIBED");
}

/// Every change of a field, as Zoho's timeline tells it.
#[tokio::test]
async fn what_fields_of_a_deal_have_been_is_told_by_its_timeline() {
    let (running, url, client) = zoho().await;
    let zoho = Plain::new(&url, &running.announcement()["zoho"]).await;
    let deal =
        json!({"Deal_Name": "Chairs", "Stage": "Negotiation/Review", "Closing_Date": "2026-11-30"});
    let id = CrmId(zoho.insert("Deals", deal).await);
    for stage in ["Closed Won", "Negotiation/Review", "Closed Won"] {
        let fields = [("Stage".to_owned(), Value::text(stage))].into();
        let rows = [UpdateRow {
            id: id.clone(),
            fields,
        }];
        client.update("Deals", &rows).await.unwrap()[0]
            .as_ref()
            .unwrap();
    }
    let now = [
        ("Stage".to_owned(), Value::text("Closed Won")),
        ("Deal_Name".to_owned(), Value::text("Chairs")),
    ];
    let past = client.past("Deals", &id, &now.into()).await.unwrap();
    let values = |field: &str| -> Vec<String> {
        past[field]
            .iter()
            .map(|was| was.value.to_string())
            .collect()
    };
    assert_eq!(
        values("Stage"),
        [
            "Negotiation/Review",
            "Closed Won",
            "Negotiation/Review",
            "Closed Won"
        ]
    );
    assert_eq!(values("Deal_Name"), ["Chairs"]);
    let asked = query("Deals", &["Stage"], "Sale_Items");
    let document = client.document(&asked, &id).await.unwrap().unwrap();
    assert_eq!(document.created, Some(past["Stage"][0].at));
    let nobody = CrmId("554023000000000999".to_owned());
    let fields = [("Stage".to_owned(), Value::Blank)].into();
    let none = client.past("Deals", &nobody, &fields).await.unwrap();
    assert!(none.is_empty());
}

/// The record's owner hides it from the integration user; the module is shown to it.
#[tokio::test]
async fn a_deal_that_is_hidden_is_refused_alone() {
    let (running, url, client) = zoho().await;
    let zoho = Plain::new(&url, &running.announcement()["zoho"]).await;
    let deals: Vec<Json> = ["Hidden", "Shown"]
        .map(|name| json!({"Deal_Name": name, "Stage": "Qualification"}))
        .into();
    let ids = zoho.insert_all("Deals", deals).await;
    let hide = json!({"module": "Deals", "id": ids[0], "action": "hide"});
    let door = counterpart_simulators::plain_http().build().unwrap();
    let reply = door.post(format!("{url}/_sim/edit")).json(&hide).send();
    assert!(reply.await.unwrap().status().is_success());
    let query = DocumentQuery {
        module: "Deals".into(),
        fields: names(&["Deal_Name"]),
        lines: None,
    };
    let document = async |id: &str| client.document(&query, &CrmId(id.to_owned())).await;
    let fault = document(&ids[0]).await.unwrap_err();
    assert_eq!(
        (&*fault.code, fault.class),
        ("E_CRM_RECORD_REFUSED", Class::Data)
    );
    assert!(document(&ids[1]).await.unwrap().is_some());
}
