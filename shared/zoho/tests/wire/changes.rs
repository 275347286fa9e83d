//! What was changed, what currencies are worth, and what is kept for orders.

use crate::records::{AT_DEAL, COQL, answers, deal, row, rows, sale, written};
use crate::support::*;
use counterpart_delivery::ports::{ChangesAfter, Crm as _, CrmRecords as _};
use counterpart_domain::Class;
use serde_json::{Value as Json, json};
use wiremock::ResponseTemplate;

#[tokio::test]
async fn changes_and_deletions_are_two_lists_and_each_has_its_own_place() {
    let (server, client) = ready().await;
    let changed = |id: &str, time: &str| json!({"id": id, "Modified_Time": time, "Modified_By": {"id": "4150868000000225013"}});
    let deleted = |id: &str, time: &str| json!({"id": id, "deleted_time": time, "deleted_by": {"name": "x", "id": "5"}, "type": "recycle", "display_name": "x"});
    answers(
        &server,
        COQL,
        vec![rows([
            changed("8", "2026-11-22T13:00:05+01:00"),
            changed("10", "2026-11-22T13:00:05+01:00"),
        ])],
    )
    .await;
    let since = "2026-11-22T12:00:00.5Z".parse().unwrap();
    let found = client.changed_since("Deals", since, None, 2).await.unwrap();
    let told = |found: &[counterpart_delivery::ports::ChangedId]| -> Vec<(String, bool)> {
        found
            .iter()
            .map(|row| (row.id.0.clone(), row.deleted))
            .collect()
    };
    let expected = [("8", false), ("10", false)].map(|(id, gone)| (id.to_owned(), gone));
    assert_eq!(told(&found), expected);
    answers(
        &server,
        COQL,
        vec![rows([changed("3", "2026-11-22T12:00:09Z")])],
    )
    .await;
    let after = ChangesAfter {
        modified: found[1].modified,
        id: found[1].id.clone(),
    };
    let found = client
        .changed_since("Deals", since, Some(&after), 9)
        .await
        .unwrap();
    assert_eq!(told(&found), [("3".to_owned(), false)]);
    let (_, calls) = requests(&server).await;
    assert!(shown(&calls[1]).contains("id > '10'"));

    // The list of deletions: page by page, however many there are.
    let page = |rows: Vec<Json>, more: bool| {
        ResponseTemplate::new(200)
            .set_body_json(json!({"data": rows, "info": {"more_records": more}}))
    };
    answers(
        &server,
        "/crm/v8/Deals/deleted",
        vec![
            page(
                vec![
                    deleted("20", "2026-11-22T12:00:10Z"),
                    deleted("9", "2026-11-22T12:00:05Z"),
                ],
                true,
            ),
            page(vec![deleted("21", "2026-11-22T11:59:59Z")], true),
            ResponseTemplate::new(304),
        ],
    )
    .await;
    for (number, rows, more) in [
        (
            1,
            vec![("20".to_owned(), true), ("9".to_owned(), true)],
            true,
        ),
        (60, vec![], true),
        (61, vec![], false),
    ] {
        let page = client.deletions("Deals", since, number).await.unwrap();
        assert_eq!((told(&page.rows), page.more), (rows, more));
    }
    let (_, calls) = requests(&server).await;
    let header = calls[2].headers["if-modified-since"].to_str().unwrap();
    assert_eq!(header, "2026-11-22T11:59:59+00:00");
    assert!(shown(&calls[3]).contains("page=60"), "{}", shown(&calls[3]));

    // A question about the latest deletions is answered by the first pages, and is no fault.
    let endless = (0..50).map(|_| page(vec![deleted("20", "2026-11-22T12:00:10Z")], true));
    let endless = endless.collect();
    answers(&server, "/crm/v8/Deals/deleted", endless).await;
    let gone = client.deleted_since("Deals", since).await.unwrap();
    assert_eq!((gone.ids.len(), gone.cut), (50, true));
}

#[tokio::test]
async fn currencies_have_rates_in_text_for_one_unit_of_the_orgs_own() {
    let (server, client) = ready().await;
    let day = jiff::civil::date(2026, 11, 22);
    let one = |iso: &str, rate: Json, base: bool, active: bool| json!({"iso_code": iso, "exchange_rate": rate, "is_base": base, "is_active": active, "id": "1"});
    let told = json!({"currencies": [one("USD", json!("1.000000000"), true, true), one("EUR", json!("0.900000000"), false, true),
        one("INR", json!("83.123456789"), false, true), one("GBP", json!("0.7"), false, false)]});
    let alone = json!({"currencies": [one("USD", json!("1.000000000"), true, true)]});
    let at = "/crm/v8/org/currencies";
    let reply = |body: &Json| ResponseTemplate::new(200).set_body_json(body);
    answers(
        &server,
        at,
        vec![
            reply(&told),
            reply(&alone),
            error(400, "FEATURE_NOT_ENABLED"),
            ResponseTemplate::new(204),
            error(401, "OAUTH_SCOPE_MISMATCH"),
        ],
    )
    .await;
    let rates = client.currencies(day).await.unwrap();
    insta::assert_debug_snapshot!(rates);
    // 90 euros at 0.9 euros for a dollar are 100 dollars.
    let euros = rust_decimal::Decimal::from(90);
    assert_eq!(euros / rates["EUR"].per_home, 100.into());
    for _ in 0..3 {
        assert!(client.currencies(day).await.unwrap().is_empty());
    }
    let fault = client.currencies(day).await.unwrap_err();
    assert_eq!(
        fault.code, "E_CRM_SCOPE",
        "what may not be asked is not nothing"
    );
    for bad in [json!("0"), json!("-1"), json!("much"), Json::Null] {
        let told = json!({"currencies": [one("EUR", bad.clone(), false, true)]});
        answers(&server, at, vec![reply(&told)]).await;
        let fault = client.currencies(day).await.unwrap_err();
        assert_eq!(fault.code, "E_CRM_REPLY_UNREADABLE", "{bad}");
    }
}

#[tokio::test]
async fn what_is_kept_in_reserve_is_for_orders() {
    let (server, client) = ready().await;
    let low = |reply: ResponseTemplate| reply.insert_header("X-API-CREDITS-REMAINING", "500");
    upsert_answers(&server, vec![low(data(200, [updated("7")]))]).await;
    client.upsert(&call(&["01-A"])).await.unwrap();
    let waits = client.upsert(&call(&["01-A"])).await.unwrap_err();
    assert_eq!(
        (&*waits.code, waits.class),
        ("E_CRM_BUDGET_RESERVED", Class::Throttled)
    );
    let waits = client
        .read("Accounts", "Sage_Key", &[key("01-A")], &[])
        .await;
    assert_eq!(waits.unwrap_err().code, "E_CRM_BUDGET_RESERVED");
    answers(&server, AT_DEAL, vec![low(ResponseTemplate::new(204))]).await;
    assert_eq!(client.document(&sale(), &deal()).await.unwrap(), None);
    answers(&server, "/crm/v8/Deals", vec![data(200, [written("11")])]).await;
    assert!(client.update("Deals", &[row("11", &[])]).await.unwrap()[0].is_ok());
    // That answer did not name the credits: more than half of them are left.
    upsert_answers(&server, vec![data(200, [updated("7")])]).await;
    client.upsert(&call(&["01-A"])).await.unwrap();
}
