//! Single records against the simulated Salesforce: opportunities, orders, changes, currencies.

use counterpart_delivery::ports::{
    ChangedId, ChangesAfter, CrmRecords as _, DocumentQuery, LinesQuery, UpdateRow,
};
use counterpart_domain::{Class, CrmId, Value};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};

use crate::org::Org;
use crate::support::Client;

/// Another program that uses the org, by plain requests.
pub struct Plain {
    base: String,
    token: String,
}

impl Plain {
    pub async fn new(org: &Org) -> Self {
        let text = |name: &str| org.told[name].as_str().unwrap();
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", text("client_id")),
            ("client_secret", text("client_secret")),
        ];
        let url = format!("{}/services/oauth2/token", text("login_url"));
        let asked = counterpart_simulators::plain_http()
            .build()
            .unwrap()
            .post(url)
            .form(&form);
        let granted: Json = asked.send().await.unwrap().json().await.unwrap();
        Self {
            base: format!("{}/services/data/v67.0", org.url),
            token: granted["access_token"].as_str().unwrap().to_owned(),
        }
    }

    async fn call(&self, method: reqwest::Method, path: &str, body: Option<Json>) -> Json {
        let mut request = counterpart_simulators::plain_http()
            .build()
            .unwrap()
            .request(method, format!("{}/{path}", self.base))
            .bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let reply = request.send().await.unwrap();
        let status = reply.status();
        let text = reply.text().await.unwrap();
        assert!(status.is_success(), "{path}: {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    pub async fn create(&self, object: &str, row: Json) -> String {
        let path = format!("sobjects/{object}");
        let made = self.call(reqwest::Method::POST, &path, Some(row)).await;
        made["id"].as_str().unwrap().to_owned()
    }

    async fn delete(&self, object: &str, id: &str) {
        let path = format!("sobjects/{object}/{id}");
        self.call(reqwest::Method::DELETE, &path, None).await;
    }

    /// Entries of the standard price book: book, entry, product, code.
    pub async fn entries(&self, most: usize) -> Vec<[String; 4]> {
        let soql = format!(
            "SELECT+Id,Pricebook2Id,Product2Id,ProductCode+FROM+PricebookEntry+WHERE+Pricebook2.IsStandard=true+ORDER+BY+Id+LIMIT+{most}"
        );
        let found = self
            .call(reqwest::Method::GET, &format!("query?q={soql}"), None)
            .await;
        let text = |row: &Json, name: &str| row[name].as_str().unwrap().to_owned();
        let rows = found["records"].as_array().unwrap().iter();
        rows.map(|row| {
            ["Pricebook2Id", "Id", "Product2Id", "ProductCode"].map(|name| text(row, name))
        })
        .collect()
    }
}

fn query(module: &str, fields: &[&str], relation: &str) -> DocumentQuery {
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    DocumentQuery {
        module: module.into(),
        fields: names(fields),
        lines: Some(LinesQuery {
            relation: relation.into(),
            fields: names(&[
                "Quantity",
                "UnitPrice",
                "Product2Id",
                "Product2.ProductCode",
            ]),
        }),
    }
}

#[tokio::test]
async fn an_opportunity_and_an_order_come_with_their_lines_in_order() {
    let org = Org::start().await;
    let client = org.with_secret();
    let plain = Plain::new(&org).await;
    let entries = plain.entries(2).await;
    let book = &entries[0][0];
    let account = plain
        .create(
            "Account",
            json!({"Name": "O'Hara & Sons", "Sage_Key__c": "ABC:01-OHARA"}),
        )
        .await;
    let opportunity = plain
        .create(
            "Opportunity",
            json!({"Name": "500 chairs", "StageName": "Closed Won", "CloseDate": "2026-11-30",
            "AccountId": account, "Pricebook2Id": book}),
        )
        .await;
    let order = plain
        .create("Order", json!({"AccountId": account, "EffectiveDate": "2026-11-30", "Status": "Draft", "Pricebook2Id": book,
            "OpportunityId": opportunity}))
        .await;
    for (entry, quantity, price) in [(1, 2.0, 0.1), (0, 1.5, 84.5), (1, 3.0, 12.0)] {
        let line = |parent: &str, id: &str| json!({parent: id, "PricebookEntryId": entries[entry][1], "Quantity": quantity, "UnitPrice": price});
        plain
            .create("OpportunityLineItem", line("OpportunityId", &opportunity))
            .await;
        plain.create("OrderItem", line("OrderId", &order)).await;
    }
    let of_opportunity = [
        "StageName",
        "Amount",
        "CloseDate",
        "AccountId",
        "Account.Sage_Key__c",
        "Owner.Email",
        "Account.Owner.Name",
        "Account.Parent.Name",
    ];
    let of_order = [
        "Status",
        "AccountId",
        "Account.Sage_Key__c",
        "OpportunityId",
        "Opportunity.StageName",
    ];
    for (asked, id) in [
        (
            query("Opportunity", &of_opportunity, "OpportunityLineItems"),
            &opportunity,
        ),
        (query("Order", &of_order, "OrderItems"), &order),
    ] {
        let document = client
            .document(&asked, &CrmId(id.clone()))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            document.fields["AccountId"],
            Value::Reference(account.clone())
        );
        assert_eq!(
            document.fields["Account.Sage_Key__c"],
            Value::Text("ABC:01-OHARA".into())
        );
        let seen: Vec<(String, String, String)> = document
            .lines
            .iter()
            .map(|line| {
                ["Product2.ProductCode", "Quantity", "UnitPrice"]
                    .map(|name| line[name].to_string())
                    .into()
            })
            .collect();
        let line = |n: usize, quantity: &str, price: &str| {
            (entries[n][3].clone(), quantity.to_owned(), price.to_owned())
        };
        assert_eq!(
            seen,
            [
                line(1, "2.0", "0.1"),
                line(0, "1.5", "84.5"),
                line(1, "3.0", "12.0")
            ]
        );
        assert_eq!(
            document.lines[0]["Product2Id"],
            Value::Reference(entries[1][2].clone())
        );
        assert!(
            document
                .lines
                .iter()
                .all(|line| matches!(&line["id"], Value::Reference(_)))
        );
        assert!(document.modified.is_some() && document.modified_by.is_some());
    }
    let asked = query("Opportunity", &of_opportunity, "OpportunityLineItems");
    let document = client
        .document(&asked, &CrmId(opportunity.clone()))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        document.fields["Amount"],
        Value::Number("162.95".parse().unwrap())
    );
    assert_eq!(
        document.fields["CloseDate"],
        Value::Date(jiff::civil::date(2026, 11, 30))
    );
    assert_eq!(document.fields["Account.Parent.Name"], Value::Blank);
    assert!(!document.fields["Account.Owner.Name"].is_blank());

    let status = |id: &str, text: &str| UpdateRow {
        id: CrmId(id.to_owned()),
        fields: [
            ("Sage_Order_No__c".to_owned(), Value::Text("0000181".into())),
            ("Sage_Status__c".to_owned(), Value::Text(text.to_owned())),
            (
                "Sage_Total__c".to_owned(),
                Value::Number("295.70".parse().unwrap()),
            ),
        ]
        .into(),
    };
    let nobody = counterpart_config::salesforce_id("006000000009999").unwrap();
    let long = "x".repeat(41);
    let rows = [
        status(&opportunity, "open"),
        status(&nobody, "open"),
        status(&opportunity, &long),
    ];
    let outcomes = client.update("Opportunity", &rows).await.unwrap();
    assert!(outcomes[0].is_ok(), "{outcomes:?}");
    let code = |n: usize| outcomes[n].as_ref().unwrap_err().code.clone();
    assert_eq!(
        (code(1), code(2)),
        ("E_CRM_RECORD_GONE".into(), "E_CRM_TOO_LONG".into())
    );
    let again = query(
        "Opportunity",
        &["Sage_Order_No__c", "Sage_Status__c", "Sage_Total__c"],
        "OpportunityLineItems",
    );
    let written = client
        .document(&again, &CrmId(opportunity.clone()))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(written.fields["Sage_Status__c"], Value::Text("open".into()));
    assert_eq!(
        written.fields["Sage_Total__c"],
        Value::Number("295.7".parse().unwrap())
    );

    for (asked, code) in [
        (
            query("Opportunity", &["Sage_Orderno__c"], "OpportunityLineItems"),
            "E_CRM_FIELD_UNKNOWN",
        ),
        (
            query(
                "Opportunity",
                &["Account.Sage_Kee__c"],
                "OpportunityLineItems",
            ),
            "E_CRM_FIELD_UNKNOWN",
        ),
        (
            query("Opportunity", &["Acount.Name"], "OpportunityLineItems"),
            "E_CRM_FIELD_UNKNOWN",
        ),
        (
            query("Opportunity", &["Name"], "OpportunityItems"),
            "E_CRM_FIELD_UNKNOWN",
        ),
        (
            query("Oportunity", &["Name"], "OpportunityLineItems"),
            "E_CRM_MODULE_INVALID",
        ),
    ] {
        let fault = client
            .document(&asked, &CrmId(opportunity.clone()))
            .await
            .unwrap_err();
        assert_eq!(
            (&*fault.code, fault.class),
            (code, Class::Configuration),
            "{fault}"
        );
    }
    plain.delete("Opportunity", &opportunity).await;
    assert_eq!(
        client
            .document(&again, &CrmId(opportunity.clone()))
            .await
            .unwrap(),
        None
    );
    let gone = client
        .update("Opportunity", &[status(&opportunity, "open")])
        .await
        .unwrap();
    let fault = gone[0].as_ref().unwrap_err();
    assert_eq!(
        (&*fault.code, fault.class),
        ("E_CRM_RECORD_GONE", Class::Data)
    );
}

async fn all(client: &Client, since: Timestamp, limit: u32) -> Vec<ChangedId> {
    let mut found: Vec<ChangedId> = Vec::new();
    loop {
        let after = found.last().map(|last| ChangesAfter {
            modified: last.modified,
            id: last.id.clone(),
        });
        let page = client
            .changed_since("Opportunity", since, after.as_ref(), limit)
            .await
            .unwrap();
        let full = page.len() == limit as usize;
        found.extend(page);
        if !full {
            return found;
        }
    }
}

#[tokio::test]
async fn changes_of_one_second_are_all_found_whatever_the_page() {
    let org = Org::start().await;
    let client = org.with_secret();
    let plain = Plain::new(&org).await;
    let since = Timestamp::now() - SignedDuration::from_secs(1);
    let mut ids = Vec::new();
    for n in 0..17 {
        let row = json!({"Name": format!("Sale {n}"), "StageName": "Prospecting", "CloseDate": "2026-11-30"});
        ids.push(plain.create("Opportunity", row).await);
    }
    for id in &ids[..3] {
        plain.delete("Opportunity", id).await;
    }
    let whole = all(&client, since, 2_000).await;
    let mut found: Vec<&str> = whole.iter().map(|row| row.id.0.as_str()).collect();
    found.sort_unstable();
    ids.sort_unstable();
    assert_eq!(found, ids);
    let deleted = whole.iter().filter(|row| row.deleted);
    assert_eq!(deleted.count(), 3);
    assert!(whole.is_sorted_by_key(|row| (row.modified, row.id.0.clone())));
    for limit in [1, 2, 7, 17] {
        assert_eq!(all(&client, since, limit).await, whole, "{limit}");
    }
    let later = Timestamp::now() + SignedDuration::from_secs(60);
    assert!(all(&client, later, 10).await.is_empty());
}

#[tokio::test]
async fn currencies_are_told_where_there_are_several_and_by_day_where_rates_are_dated() {
    let org = Org::start().await;
    let client = org.with_secret();
    let day = jiff::civil::date(2026, 11, 22);
    assert!(client.currencies(day).await.unwrap().is_empty());
    org.faults(json!({"multi_currency": true})).await;
    let rates = client.currencies(day).await.unwrap();
    assert!(rates["USD"].home && rates["USD"].per_home == 1.into());
    assert_eq!(rates["EUR"].per_home, "0.92".parse().unwrap());
    assert_eq!(rates["EUR"].since, None);
    org.faults(json!({"dated_rates": true})).await;
    let old = client
        .currencies(jiff::civil::date(2025, 1, 1))
        .await
        .unwrap();
    let new = client.currencies(day).await.unwrap();
    assert!(
        new["EUR"].since.is_some_and(|since| since <= day),
        "{new:?}"
    );
    assert_ne!(old["EUR"].per_home, new["EUR"].per_home);
}

/// The stages of an opportunity, as the org kept them by itself; of other fields it keeps nothing.
#[tokio::test]
async fn the_stages_of_an_opportunity_are_remembered_from_its_creation_on() {
    let org = Org::start().await;
    let (plain, client) = (Plain::new(&org).await, org.with_secret());
    let row = json!({"Name": "Chairs", "StageName": "Qualification", "CloseDate": "2026-11-30"});
    let id = CrmId(plain.create("Opportunity", row).await);
    for stage in ["Closed Won", "Qualification", "Closed Won"] {
        let fields = [("StageName".to_owned(), Value::text(stage))].into();
        let rows = [UpdateRow {
            id: id.clone(),
            fields,
        }];
        client.update("Opportunity", &rows).await.unwrap()[0]
            .as_ref()
            .unwrap();
    }
    let now = [
        ("StageName".to_owned(), Value::text("Closed Won")),
        ("NextStep".to_owned(), Value::Blank),
    ];
    let past = client.past("Opportunity", &id, &now.into()).await.unwrap();
    let stages: Vec<String> = past["StageName"]
        .iter()
        .map(|was| was.value.to_string())
        .collect();
    assert_eq!(
        stages,
        ["Qualification", "Closed Won", "Qualification", "Closed Won"]
    );
    assert_eq!(past.len(), 1);
    let asked = query("Opportunity", &["StageName"], "OpportunityLineItems");
    let document = client.document(&asked, &id).await.unwrap().unwrap();
    assert_eq!(document.created, Some(past["StageName"][0].at));
    let nobody = CrmId("006000000000001AAA".to_owned());
    let fields = [("StageName".to_owned(), Value::Blank)].into();
    let none = client.past("Opportunity", &nobody, &fields).await.unwrap();
    assert!(none.is_empty());
}
