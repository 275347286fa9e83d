//! Single records on the wire: documents, writing by id, changes, currencies.

use std::collections::BTreeMap;

use crate::support::*;
use counterpart_config::salesforce_id;
use counterpart_delivery::ports::{
    ChangesAfter, Crm as _, CrmRecords as _, DocumentQuery, LinesQuery, UpdateRow,
};
use counterpart_domain::{Class, CrmId, Fields, Value};
use serde_json::{Value as Json, json};
use wiremock::ResponseTemplate;

const QUERY_ALL: &str = "/services/data/v67.0/queryAll";
const COLLECTIONS: &str = "/services/data/v67.0/composite/sobjects";

fn raw(body: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(body.to_owned(), "application/json")
}

fn found(rows: impl Into<Vec<Json>>) -> ResponseTemplate {
    let rows: Vec<Json> = rows.into();
    ResponseTemplate::new(200)
        .set_body_json(json!({"totalSize": rows.len(), "done": true, "records": rows}))
}

fn opportunity(n: usize) -> CrmId {
    CrmId(salesforce_id(&format!("006D0000{n:07}")).unwrap())
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn sale() -> DocumentQuery {
    DocumentQuery {
        module: "Opportunity".into(),
        fields: names(&[
            "Name",
            "StageName",
            "CloseDate",
            "Amount",
            "HasOpportunityLineItem",
            "AccountId",
            "Account.Sage_Key__c",
            "account.owner.name",
            "Campaign.Name",
            "CreatedDate",
        ]),
        lines: Some(LinesQuery {
            relation: "OpportunityLineItems".into(),
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
async fn a_record_comes_with_its_lines_and_what_its_lookups_point_to() {
    let (server, client) = ready().await;
    let id = opportunity(1);
    let more = "/services/data/v67.0/query/01gRO0000016PIAYA2-2";
    let line = |n: usize, price: &str| {
        format!(
            r#"{{"attributes":{{"type":"OpportunityLineItem","url":"x"}},"Id":"{}","Quantity":{n}.0,"UnitPrice":{price},
            "Product2Id":"01tD000000AAAAAIA4","Product2":{{"attributes":{{"type":"Product2"}},"ProductCode":"1001-HON-H25{n}"}}}}"#,
            salesforce_id(&format!("00kD0000{n:07}")).unwrap()
        )
    };
    let body = format!(
        r#"{{"totalSize":1,"done":true,"records":[{{"attributes":{{"type":"Opportunity","url":"x"}},"Id":"{id}",
        "LastModifiedDate":"2026-11-22T12:00:00.000+0000","LastModifiedById":"005D0000001AAAAIA4","Name":"500 chairs",
        "StageName":"Closed Won","CloseDate":"2026-11-30","Amount":1234567890123.45,"HasOpportunityLineItem":true,
        "AccountId":"001D000000Kv3g5IAB","CreatedDate":"2026-11-01T08:00:00.000+0000","Campaign":null,
        "Account":{{"attributes":{{"type":"Account","url":"x"}},"Sage_Key__c":"ABC:01-ABF","Owner":{{"attributes":{{"type":"User"}},"Name":"Ann"}}}},
        "OpportunityLineItems":{{"totalSize":3,"done":false,"nextRecordsUrl":"{more}","records":[{},{}]}}}}]}}"#,
        line(1, "0.1"),
        line(2, "9007199254740993"),
    );
    answers(&server, QUERY, vec![raw(&body)]).await;
    let rest = format!(
        r#"{{"totalSize":3,"done":true,"records":[{}]}}"#,
        line(3, "-12.3400")
    );
    answers(&server, more, vec![raw(&rest)]).await;
    let document = client.document(&sale(), &id).await.unwrap().unwrap();
    insta::assert_debug_snapshot!(document);
    let (_, calls) = requests(&server).await;
    insta::assert_snapshot!(shown(&calls[0]));
    assert_eq!(calls[1].url.path(), more);
    // Asked by the 15 characters of a report, the record has its full id all the same.
    answers(&server, QUERY, vec![found([])]).await;
    let short = CrmId(id.0[..15].to_owned());
    assert_eq!(client.document(&sale(), &short).await.unwrap(), None);
    let (_, calls) = requests(&server).await;
    assert!(shown(&calls[2]).contains(&id.0));
}

#[tokio::test]
async fn a_record_that_is_not_there_is_none_and_one_without_lines_has_none() {
    let (server, client) = ready().await;
    answers(&server, QUERY, vec![found([])]).await;
    assert_eq!(
        client.document(&sale(), &opportunity(1)).await.unwrap(),
        None
    );
    for id in [
        "",
        "x",
        "' OR Name != '",
        "006D00000000001AAB",
        "4150868000000376008",
    ] {
        let none = client.document(&sale(), &CrmId(id.into())).await.unwrap();
        assert_eq!(none, None, "{id}");
    }
    assert_eq!(
        client.usage().read_calls,
        1,
        "what is no id is not asked about"
    );
    let query = DocumentQuery {
        fields: names(&["Name"]),
        ..sale()
    };
    let bare = json!({"Id": opportunity(1).0, "Name": null, "OpportunityLineItems": null});
    answers(&server, QUERY, vec![found([bare])]).await;
    let document = client
        .document(&query, &opportunity(1))
        .await
        .unwrap()
        .unwrap();
    assert!(document.lines.is_empty() && document.modified.is_none());
    assert_eq!(document.fields["Name"], Value::Blank);
}

#[tokio::test]
async fn half_an_answer_is_no_answer() {
    let (server, client) = ready().await;
    let id = opportunity(1).0;
    let whole = |lines: Json, extra: Json| {
        let mut row = json!({"Id": id, "Name": "x", "OpportunityLineItems": lines});
        row.as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        found([row])
    };
    let query = DocumentQuery {
        fields: names(&["Name", "Account.Name"]),
        ..sale()
    };
    for reply in [
        // A line is missing, the lines are, a field is, a lookup is.
        whole(
            json!({"totalSize": 2, "done": true, "records": []}),
            json!({"Account": null}),
        ),
        found([json!({"Id": id, "Name": "x", "Account": null})]),
        whole(Json::Null, json!({})),
        whole(Json::Null, json!({"Account": {"Fax": "x"}})),
        whole(
            json!({"totalSize": 1, "done": false, "nextRecordsUrl": "https://evil.example/", "records": []}),
            json!({"Account": null}),
        ),
    ] {
        answers(&server, QUERY, vec![reply]).await;
        let fault = client.document(&query, &opportunity(1)).await.unwrap_err();
        assert_eq!(
            (&*fault.code, fault.class),
            ("E_CRM_REPLY_UNREADABLE", Class::Transient),
            "{fault}"
        );
    }
}

#[tokio::test]
async fn fields_and_relations_that_do_not_exist_are_a_matter_of_settings() {
    let (server, client) = ready().await;
    for (code, message) in [
        (
            "INVALID_FIELD",
            "No such column 'Sage_Key__c' on entity 'Account'.",
        ),
        (
            "INVALID_TYPE",
            "SELECT Id FROM Lines\nERROR at Row:1:Column:9\nDidn't understand relationship 'Lines' in FROM part of query call.",
        ),
    ] {
        answers(&server, QUERY, vec![error(400, code, message)]).await;
        let fault = client.document(&sale(), &opportunity(1)).await.unwrap_err();
        assert_eq!(
            (&*fault.code, fault.class),
            ("E_CRM_FIELD_UNKNOWN", Class::Configuration),
            "{fault}"
        );
        assert!(fault.message.contains("does not know a field"), "{fault}");
    }
    answers(
        &server,
        QUERY,
        vec![error(
            400,
            "INVALID_TYPE",
            "sObject type 'Opportunity' is not supported.",
        )],
    )
    .await;
    let fault = client.document(&sale(), &opportunity(1)).await.unwrap_err();
    assert_eq!(fault.code, "E_CRM_MODULE_INVALID");
    let address = json!({"Id": opportunity(1).0, "BillingAddress": {"city": "Milwaukee"}});
    answers(&server, QUERY, vec![found([address])]).await;
    let query = DocumentQuery {
        fields: names(&["BillingAddress"]),
        lines: None,
        ..sale()
    };
    let fault = client.document(&query, &opportunity(1)).await.unwrap_err();
    assert_eq!(fault.code, "E_CRM_FIELD_UNKNOWN");
}

fn row(id: &CrmId, fields: &[(&str, Value)]) -> UpdateRow {
    UpdateRow {
        id: id.clone(),
        fields: fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect::<Fields>(),
    }
}

#[tokio::test]
async fn rows_are_written_by_id_and_each_has_its_outcome() {
    let (server, client) = ready().await;
    let number = ("Sage_Order_No__c", Value::Text("0000123".into()));
    let total = (
        "Sage_Total__c",
        Value::Number("1234567890123.45".parse().unwrap()),
    );
    let account = ("AccountId", Value::Reference("001D000000Kv3g5IAB".into()));
    let rows_sent = [
        row(
            &opportunity(1),
            &[number.clone(), total, ("id", Value::Text("006".into()))],
        ),
        row(&opportunity(2), std::slice::from_ref(&number)),
        row(&CrmId("nothing".into()), std::slice::from_ref(&number)),
        row(&opportunity(3), std::slice::from_ref(&number)),
        row(&opportunity(4), std::slice::from_ref(&number)),
        row(&opportunity(5), &[number.clone(), account.clone()]),
        row(&opportunity(6), &[number.clone(), account]),
        row(&opportunity(7), std::slice::from_ref(&number)),
        row(&opportunity(8), std::slice::from_ref(&number)),
    ];
    let written = json!({"id": opportunity(1).0, "success": true, "errors": []});
    answers(
        &server,
        COLLECTIONS,
        vec![rows([
            written.clone(),
            row_error("ENTITY_IS_DELETED", "entity is deleted", &[]),
            row_error(
                "INVALID_CROSS_REFERENCE_KEY",
                "invalid cross reference id",
                &[],
            ),
            row_error("NOT_FOUND", "The requested resource does not exist", &[]),
            row_error("ENTITY_IS_DELETED", "entity is deleted", &[]),
            row_error(
                "INVALID_CROSS_REFERENCE_KEY",
                "invalid cross reference id",
                &["AccountId"],
            ),
            row_error(
                "UNABLE_TO_LOCK_ROW",
                "unable to obtain exclusive access",
                &[],
            ),
            row_error(
                "STRING_TOO_LONG",
                "No: data value too large: x (max length=20)",
                &["Sage_Order_No__c"],
            ),
        ])],
    )
    .await;
    let outcomes = client.update("Opportunity", &rows_sent).await.unwrap();
    let told: Vec<String> = outcomes
        .iter()
        .map(|outcome| match outcome {
            Ok(written) => format!("{written:?}"),
            Err(fault) => format!("{:?} {fault}", fault.class),
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"));
    let (_, calls) = requests(&server).await;
    assert_eq!(calls.len(), 1);
    insta::assert_snapshot!(shown(&calls[0]));
}

#[tokio::test]
async fn the_same_record_twice_is_written_in_order_in_two_calls() {
    let (server, client) = ready().await;
    let status = |text: &str| [("Sage_Status__c", Value::Text(text.into()))];
    let short = CrmId(opportunity(1).0[..15].to_owned());
    let twice = [
        row(&opportunity(1), &status("first")),
        row(&opportunity(2), &status("other")),
        row(&short, &status("second")),
    ];
    let done = |n| json!({"id": opportunity(n).0, "success": true, "errors": []});
    answers(
        &server,
        COLLECTIONS,
        vec![rows([done(1), done(2)]), rows([done(1)])],
    )
    .await;
    let outcomes = client.update("Opportunity", &twice).await.unwrap();
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    let (_, calls) = requests(&server).await;
    assert!(shown(&calls[1]).contains("second") && !shown(&calls[0]).contains("second"));
    assert!(client.update("Opportunity", &[]).await.unwrap().is_empty());
    assert_eq!(client.usage().write_calls, 2);
    let bad = [row(&opportunity(1), &[("Name\":1,\"x", Value::Blank)])];
    assert_eq!(
        client.update("Opportunity", &bad).await.unwrap_err().code,
        "E_CRM_NAME"
    );
    let many = vec![row(&opportunity(1), &[]); 201];
    assert_eq!(
        client.update("Opportunity", &many).await.unwrap_err().class,
        Class::Bug
    );
}

#[tokio::test]
async fn a_field_that_no_row_may_write_stops_the_call_and_an_answer_that_does_not_fit_is_ambiguous()
{
    let (server, client) = ready().await;
    let rows_sent = [row(&opportunity(1), &[]), row(&opportunity(2), &[])];
    let wrong = row_error(
        "INVALID_FIELD",
        "No such column 'X__c' on sobject of type Opportunity",
        &[],
    );
    answers(&server, COLLECTIONS, vec![rows([wrong.clone(), wrong])]).await;
    let fault = client.update("Opportunity", &rows_sent).await.unwrap_err();
    assert_eq!(
        (&*fault.code, fault.class),
        ("E_CRM_FIELD_INVALID", Class::Configuration)
    );
    answers(&server, COLLECTIONS, vec![rows([updated(1)])]).await;
    let fault = client.update("Opportunity", &rows_sent).await.unwrap_err();
    assert_eq!(fault.class, Class::Ambiguous);
}

#[tokio::test]
async fn changes_come_with_deletions_and_go_on_after_the_last() {
    let (server, client) = ready().await;
    let changed = |n: usize, time: &str, deleted: bool| json!({"Id": opportunity(n).0, "SystemModstamp": time, "LastModifiedById": "005D0000001AAAAIA4", "IsDeleted": deleted});
    let at = "2026-11-22T12:00:05.000+0000";
    answers(
        &server,
        QUERY_ALL,
        vec![
            found([changed(2, at, false), changed(3, at, true)]),
            found([]),
        ],
    )
    .await;
    let since = "2026-11-22T12:00:00Z".parse().unwrap();
    let first = client
        .changed_since("Opportunity", since, None, 2)
        .await
        .unwrap();
    insta::assert_debug_snapshot!(first);
    let after = ChangesAfter {
        modified: first[1].modified,
        id: first[1].id.clone(),
    };
    let rest = client
        .changed_since("Opportunity", since, Some(&after), 2)
        .await
        .unwrap();
    assert!(rest.is_empty());
    let (_, calls) = requests(&server).await;
    let asked: Vec<String> = calls
        .iter()
        .map(|call| {
            call.url
                .query_pairs()
                .map(|(_, q)| q.into_owned())
                .collect()
        })
        .collect();
    insta::assert_snapshot!(asked.join("\n"));
}

#[tokio::test]
async fn currencies_have_the_rate_of_the_day_for_one_unit_of_the_orgs_own() {
    let (server, client) = ready().await;
    let day = jiff::civil::date(2026, 11, 22);
    let one = |iso: &str, rate: &str, home: bool| {
        format!(r#"{{"IsoCode":"{iso}","ConversionRate":{rate},"IsCorporate":{home}}}"#)
    };
    let all = format!(
        r#"{{"totalSize":3,"done":true,"records":[{},{},{}]}}"#,
        one("USD", "1.0", true),
        one("EUR", "0.9", false),
        one("JPY", "154.123456", false)
    );
    let dated = r#"{"totalSize":2,"done":true,"records":[{"IsoCode":"EUR","ConversionRate":0.87654321,"StartDate":"2026-11-01"},
        {"IsoCode":"GBP","ConversionRate":0.7,"StartDate":"2026-11-01"}]}"#;
    answers(&server, QUERY, vec![raw(&all), raw(dated)]).await;
    let rates = client.currencies(day).await.unwrap();
    insta::assert_debug_snapshot!(rates);
    let (_, calls) = requests(&server).await;
    insta::assert_snapshot!(shown(&calls[1]));
    // Only dated rates are off; then both are.
    let off = || {
        error(
            400,
            "INVALID_TYPE",
            "sObject type 'CurrencyType' is not supported.",
        )
    };
    answers(&server, QUERY, vec![raw(&all), off(), off()]).await;
    let rates = client.currencies(day).await.unwrap();
    assert_eq!(rates["EUR"].per_home.to_string(), "0.9");
    assert_eq!(client.currencies(day).await.unwrap(), BTreeMap::new());
    for rate in ["0", "-1", "null", "\"x\""] {
        let body = format!(
            r#"{{"totalSize":1,"done":true,"records":[{}]}}"#,
            one("EUR", rate, false)
        );
        answers(&server, QUERY, vec![raw(&body)]).await;
        let fault = client.currencies(day).await.unwrap_err();
        assert_eq!(fault.code, "E_CRM_REPLY_UNREADABLE", "{rate}");
    }
}

#[tokio::test]
async fn what_is_kept_in_reserve_is_for_orders() {
    let (server, client) = ready().await;
    let low = found([]).insert_header("Sforce-Limit-Info", "api-usage=4999/5000");
    answers(&server, QUERY, vec![low, found([])]).await;
    let asked = client
        .read("Account", "Sage_Key__c", &[key("01-A")], &[])
        .await;
    assert!(asked.unwrap().is_empty());
    let waits = client.upsert(&call(&["01-A"])).await.unwrap_err();
    assert_eq!(
        (&*waits.code, waits.class),
        ("E_CRM_BUDGET_RESERVED", Class::Throttled)
    );
    let waits = client
        .read("Account", "Sage_Key__c", &[key("01-A")], &[])
        .await;
    assert_eq!(waits.unwrap_err().code, "E_CRM_BUDGET_RESERVED");
    assert_eq!(
        client.document(&sale(), &opportunity(1)).await.unwrap(),
        None
    );
    let done = json!({"id": opportunity(1).0, "success": true, "errors": []});
    answers(&server, COLLECTIONS, vec![rows([done])]).await;
    let written = client
        .update("Opportunity", &[row(&opportunity(1), &[])])
        .await
        .unwrap();
    assert!(written[0].is_ok());
}
