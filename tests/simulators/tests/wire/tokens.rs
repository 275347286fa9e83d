//! The token endpoint, and what a token is good for.

use crate::world::{World, answer};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn a_refresh_may_come_as_query_form_or_multipart() {
    let zoho = World::new(0, 1).await;
    let url = zoho.announced("zoho", "accounts_url");
    let form = zoho.form();
    let multipart: String = form
        .iter()
        .map(|(name, value)| {
            format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        })
        .chain(["--XX--\r\n".to_owned()])
        .collect();
    let query = zoho.client().post(&url).query(&form);
    let body = zoho.client().post(&url).form(&form);
    let parts = zoho
        .client()
        .post(&url)
        .header("Content-Type", "multipart/form-data; boundary=XX")
        .body(multipart);
    for request in [query, body, parts] {
        let answer = answer(request).await.unwrap();
        assert_eq!(answer.status, 200);
        assert!(
            answer.body["access_token"]
                .as_str()
                .unwrap()
                .starts_with("1000.")
        );
        assert_eq!(
            (&answer.body["token_type"], &answer.body["expires_in"]),
            (&json!("Bearer"), &json!(3600))
        );
        assert_eq!(answer.body["api_domain"], zoho.announced("zoho", "url"));
        assert!(answer.body.get("refresh_token").is_none());
    }
}

#[tokio::test]
async fn a_wrong_refresh_token_is_invalid_code_with_status_200() {
    let zoho = World::new(0, 1).await;
    let mut form = zoho.form();
    form[0].1 = "1000.wrong".to_owned();
    let wrong = answer(
        zoho.client()
            .post(zoho.announced("zoho", "accounts_url"))
            .form(&form),
    )
    .await
    .unwrap();
    assert_eq!(
        (wrong.status, wrong.body),
        (200, json!({"error": "invalid_code"}))
    );
    form[1].1 = "1000.NOBODY".to_owned();
    let wrong = answer(
        zoho.client()
            .post(zoho.announced("zoho", "accounts_url"))
            .form(&form),
    )
    .await
    .unwrap();
    assert_eq!(wrong.body, json!({"error": "invalid_client"}));
}

#[tokio::test]
async fn a_grant_code_brings_a_refresh_token_once() {
    let zoho = World::new(0, 1).await;
    let mut form = zoho.form();
    form.retain(|(name, _)| *name != "refresh_token" && *name != "grant_type");
    form.push(("grant_type", "authorization_code".to_owned()));
    form.push(("code", zoho.announced("zoho", "grant_code")));
    let first = answer(
        zoho.client()
            .post(zoho.announced("zoho", "accounts_url"))
            .form(&form),
    )
    .await
    .unwrap();
    assert!(first.body["refresh_token"].is_string());
    let second = answer(
        zoho.client()
            .post(zoho.announced("zoho", "accounts_url"))
            .form(&form),
    )
    .await
    .unwrap();
    assert_eq!(second.body, json!({"error": "invalid_code"}));
}

#[tokio::test]
async fn the_eleventh_token_in_ten_minutes_is_denied_with_status_400() {
    let zoho = World::new(0, 1).await;
    for _ in 0..10 {
        assert_eq!(zoho.refresh().await.status, 200);
    }
    let denied = zoho.refresh().await;
    assert_eq!(
        (denied.status, &denied.body["error"]),
        (400, &json!("Access Denied"))
    );
    zoho.door("zoho", "faults", json!({"clock": {"advance_seconds": 601}}))
        .await;
    assert_eq!(zoho.refresh().await.status, 200);
}

#[tokio::test]
async fn the_sixteenth_live_token_kills_the_oldest() {
    let mut zoho = World::new(0, 1).await;
    zoho.log_on().await;
    for count in 0..15 {
        assert_eq!(
            zoho.api(Method::GET, "org", Value::Null).await.status,
            200,
            "after {count} more tokens"
        );
        zoho.door("zoho", "faults", json!({"clock": {"advance_seconds": 61}}))
            .await;
        zoho.refresh().await;
    }
    let late = zoho.api(Method::GET, "org", Value::Null).await;
    assert_eq!(
        (late.status, &late.body["code"]),
        (401, &json!("INVALID_TOKEN"))
    );
}

#[tokio::test]
async fn an_hour_ends_a_token_and_so_does_a_revocation() {
    let mut zoho = World::zoho().await;
    zoho.door(
        "zoho",
        "faults",
        json!({"clock": {"advance_seconds": 3601}}),
    )
    .await;
    assert_eq!(
        zoho.api(Method::GET, "org", Value::Null).await.body["code"],
        "INVALID_TOKEN"
    );
    zoho.log_on().await;
    assert_eq!(zoho.api(Method::GET, "org", Value::Null).await.status, 200);
    zoho.door("zoho", "faults", json!({"revoke": "access"}))
        .await;
    assert_eq!(zoho.api(Method::GET, "org", Value::Null).await.status, 401);
    zoho.door("zoho", "faults", json!({"revoke": "refresh"}))
        .await;
    assert_eq!(zoho.refresh().await.body, json!({"error": "invalid_code"}));
}

#[tokio::test]
async fn a_bearer_token_is_no_zoho_token() {
    let zoho = World::new(0, 1).await;
    let url = format!("{}/crm/v8/org", zoho.announced("zoho", "url"));
    let token = zoho.refresh().await.body["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let bearer = answer(zoho.client().get(&url).bearer_auth(&token))
        .await
        .unwrap();
    assert_eq!(
        (bearer.status, &bearer.body["code"]),
        (401, &json!("AUTHENTICATION_FAILURE"))
    );
    let none = answer(zoho.client().get(&url)).await.unwrap();
    assert_eq!(
        none.body,
        json!({"code": "AUTHENTICATION_FAILURE", "details": {}, "message": "Authentication failed", "status": "error"})
    );
}

#[tokio::test]
async fn the_api_domain_of_the_reply_can_be_another() {
    let zoho = World::new(0, 1).await;
    zoho.door(
        "zoho",
        "faults",
        json!({"api_domain": "https://www.zohoapis.eu"}),
    )
    .await;
    assert_eq!(
        zoho.refresh().await.body["api_domain"],
        "https://www.zohoapis.eu"
    );
}

#[tokio::test]
async fn what_was_not_granted_is_refused_for_the_call_alone_until_the_org_is_authorised_anew() {
    let zoho = World::zoho().await;
    let told = zoho.refresh().await.body["scope"].clone();
    let granted: Vec<&str> = told.as_str().unwrap().split(' ').collect();
    assert_eq!(json!(granted), zoho.announcement()["zoho"]["scopes"]);
    let mut fewer = granted.clone();
    fewer.retain(|scope| *scope != "ZohoCRM.settings.currencies.READ");
    zoho.door("zoho", "faults", json!({"scopes": fewer})).await;
    let refused = zoho.api(Method::GET, "org/currencies", Value::Null).await;
    let body = json!({"code": "OAUTH_SCOPE_MISMATCH", "details": {}, "status": "error",
                      "message": "invalid oauth scope to access this URL"});
    assert_eq!((refused.status, refused.body), (401, body));
    assert_eq!(zoho.api(Method::GET, "org", Value::Null).await.status, 200);
    zoho.door("zoho", "faults", json!({"scopes": granted}))
        .await;
    let again = zoho.api(Method::GET, "org/currencies", Value::Null).await;
    assert_eq!(again.status, 200);
}
