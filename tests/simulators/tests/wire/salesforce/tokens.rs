//! The token endpoint and sessions.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use reqwest::Method;
use ring::{
    rand::SystemRandom,
    signature::{RSA_PKCS1_SHA256, RsaKeyPair},
};
use serde_json::{Value, json};

use super::org::Org;

fn assertion(org: &Org, claims: Value) -> String {
    let pem = org.announced("private_key");
    let text: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let pair = RsaKeyPair::from_pkcs8(&STANDARD.decode(text).unwrap()).unwrap();
    let encoded = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", encoded(&json!({"alg": "RS256"})), encoded(&claims));
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        signed.as_bytes(),
        &mut signature,
    )
    .unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

async fn bearer(org: &Org, claims: Value) -> crate::world::Answer {
    org.token(&[
        (
            "grant_type",
            "urn:ietf:params:oauth:grant-type:jwt-bearer".to_owned(),
        ),
        ("assertion", assertion(org, claims)),
    ])
    .await
}

fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

#[tokio::test]
async fn client_credentials_bring_a_token_without_an_end() {
    let org = Org::new().await;
    let reply = org.token(&org.credentials()).await;
    assert_eq!(reply.status, 200);
    let members: Vec<&String> = reply.body.as_object().unwrap().keys().collect();
    assert_eq!(
        members,
        [
            "access_token",
            "id",
            "instance_url",
            "issued_at",
            "scope",
            "signature",
            "token_type"
        ]
    );
    assert_eq!(reply.body["instance_url"], org.announced("url"));
    let issued = reply.body["issued_at"].as_str().unwrap();
    assert_eq!(issued.len(), 13, "milliseconds as text");
    let id = format!("/id/{}/{}", org.announced("org_id"), org.users()[0]);
    assert!(reply.body["id"].as_str().unwrap().ends_with(&id));
}

#[tokio::test]
async fn the_secret_may_come_in_a_basic_header() {
    let org = Org::new().await;
    let pair = format!(
        "{}:{}",
        org.announced("client_id"),
        org.announced("client_secret")
    );
    let header = format!("Basic {}", STANDARD.encode(pair));
    let path = "/services/oauth2/token?grant_type=client_credentials";
    let headers = [("Authorization", header.as_str())];
    let reply = org
        .call_with(Method::POST, path, Value::Null, &headers)
        .await;
    assert_eq!(reply.status, 200, "{}", reply.body);
}

#[tokio::test]
async fn refusals_are_objects_with_status_400() {
    let org = Org::new().await;
    let with = |name: &str, value: &str| {
        let mut form = org.credentials();
        for pair in form.iter_mut().filter(|pair| pair.0 == name) {
            value.clone_into(&mut pair.1);
        }
        form
    };
    for (form, error, description) in [
        (
            with("client_id", "x"),
            "invalid_client_id",
            "client identifier invalid",
        ),
        (
            with("client_secret", "x"),
            "invalid_client",
            "invalid client credentials",
        ),
        (
            with("grant_type", "password"),
            "unsupported_grant_type",
            "grant type not supported",
        ),
    ] {
        let reply = org.token(&form).await;
        let body = json!({"error": error, "error_description": description});
        assert_eq!((reply.status, reply.body), (400, body));
    }
}

#[tokio::test]
async fn an_assertion_is_judged_by_signature_issuer_subject_audience_and_end() {
    let org = Org::new().await;
    let claims = |change: Value| {
        let mut claims = json!({
            "iss": org.announced("client_id"), "sub": org.announced("username"),
            "aud": "https://login.salesforce.com", "exp": now() + 180,
        });
        for (name, value) in change.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims
    };
    let good = bearer(&org, claims(json!({"exp": (now() + 60).to_string()}))).await;
    assert_eq!(good.status, 200, "an end as text: {}", good.body);
    assert!(good.body.get("issued_at").is_none());
    for (change, error, description) in [
        (
            json!({"aud": "https://example.com"}),
            "invalid_grant",
            "audience is invalid",
        ),
        (
            json!({"exp": now() - 1}),
            "invalid_grant",
            "invalid assertion",
        ),
        (
            json!({"exp": now() + 400}),
            "invalid_grant",
            "invalid assertion",
        ),
        (
            json!({"exp": (now() + 60) * 1000}),
            "invalid_grant",
            "invalid assertion",
        ),
        (
            json!({"sub": "x@example.com"}),
            "invalid_grant",
            "user hasn't approved this consumer",
        ),
        (
            json!({"iss": "x"}),
            "invalid_client_id",
            "client identifier invalid",
        ),
    ] {
        let reply = bearer(&org, claims(change)).await;
        let body = json!({"error": error, "error_description": description});
        assert_eq!((reply.status, reply.body), (400, body));
    }
    let mut forged = assertion(&org, claims(json!({})));
    forged.replace_range(forged.len() - 4.., "AAAA");
    let grant = "urn:ietf:params:oauth:grant-type:jwt-bearer".to_owned();
    let reply = org
        .token(&[("grant_type", grant), ("assertion", forged)])
        .await;
    assert_eq!(reply.body["error_description"], "invalid assertion");
}

#[tokio::test]
async fn an_inactive_user_gets_no_token_and_loses_his_session() {
    let org = Org::new().await;
    let user = json!({"users": [{"id": org.users()[0], "active": false}]});
    org.door("faults", user).await;
    let reply = org.token(&org.credentials()).await;
    let body = json!({"error": "inactive_user", "error_description": "user is inactive"});
    assert_eq!((reply.status, reply.body), (400, body));
    let late = org.call(Method::GET, "limits", Value::Null).await;
    assert_eq!(late.body[0]["errorCode"], "INVALID_SESSION_ID");
}

#[tokio::test]
async fn a_session_ends_two_hours_after_its_last_use() {
    let org = Org::new().await;
    for _ in 0..3 {
        org.door("faults", json!({"clock": {"advance_seconds": 7_000}}))
            .await;
        assert_eq!(
            org.call(Method::GET, "limits", Value::Null).await.status,
            200
        );
    }
    org.door("faults", json!({"clock": {"advance_seconds": 7_300}}))
        .await;
    let late = org.call(Method::GET, "limits", Value::Null).await;
    let body =
        json!([{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]);
    assert_eq!((late.status, late.body), (401, body));
}

#[tokio::test]
async fn a_header_of_another_kind_is_an_error_of_its_own() {
    let org = Org::new().await;
    let token = org.token(&org.credentials()).await.body["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    for (header, status, code, message) in [
        (format!("OAuth {token}"), 200, "", ""),
        (format!("bearer {token}"), 200, "", ""),
        (
            format!("Zoho-oauthtoken {token}"),
            401,
            "INVALID_AUTH_HEADER",
            "INVALID_HEADER_TYPE",
        ),
        (
            "Bearer".to_owned(),
            401,
            "INVALID_AUTH_HEADER",
            "INVALID_HEADER_TYPE",
        ),
        (
            "Bearer eyJhbGciOiJSUzI1NiJ9.e30.x".to_owned(),
            401,
            "INVALID_AUTH_HEADER",
            "INVALID_JWT_FORMAT",
        ),
        (
            "Bearer nonsense".to_owned(),
            401,
            "INVALID_SESSION_ID",
            "Session expired or invalid",
        ),
    ] {
        let headers = [("Authorization", header.as_str())];
        let reply = org
            .call_with(
                Method::GET,
                "/services/data/v67.0/limits",
                Value::Null,
                &headers,
            )
            .await;
        assert_eq!(reply.status, status, "{header}");
        if status == 401 {
            assert_eq!(
                reply.body,
                json!([{"message": message, "errorCode": code}]),
                "{header}"
            );
        }
    }
}

#[tokio::test]
async fn a_refresh_may_leave_the_instance_out_and_replace_the_refresh_token() {
    let org = Org::new().await;
    let mut form = org.credentials();
    form[0].1 = "refresh_token".to_owned();
    form.push(("refresh_token", org.announced("refresh_token")));
    assert_eq!(
        org.token(&form).await.body["instance_url"],
        org.announced("url")
    );
    org.door(
        "faults",
        json!({"omit_instance_url": true, "rotate_refresh_tokens": true}),
    )
    .await;
    let reply = org.token(&form).await;
    assert!(reply.body.get("instance_url").is_none() && reply.body["refresh_token"].is_string());
    let late = org.token(&form).await;
    let body =
        json!({"error": "invalid_grant", "error_description": "expired access/refresh token"});
    assert_eq!((late.status, late.body), (400, body));
}

#[tokio::test]
async fn versions_are_told_to_everybody_and_only_they_answer() {
    let org = Org::new().await;
    let nobody = [("Authorization", "")];
    let versions = org
        .call_with(Method::GET, "/services/data", Value::Null, &nobody)
        .await;
    let newest = versions.body.as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        newest,
        json!({"label": "Summer '26", "url": "/services/data/v67.0", "version": "67.0"})
    );
    let labels: Vec<&str> = versions.body.as_array().unwrap()[..5]
        .iter()
        .map(|version| version["label"].as_str().unwrap())
        .collect();
    // A release year begins with Winter.
    assert_eq!(
        labels,
        [
            "Summer '14",
            "Winter '15",
            "Spring '15",
            "Summer '15",
            "Winter '16"
        ]
    );
    for (version, status, code) in [
        ("v99.0", 404, "NOT_FOUND"),
        ("v67", 404, "NOT_FOUND"),
        ("v29.0", 410, "UNSUPPORTED_API_VERSION"),
    ] {
        let path = format!("/services/data/{version}/limits");
        let reply = org.call_with(Method::GET, &path, Value::Null, &[]).await;
        assert_eq!(
            (reply.status, &reply.body[0]["errorCode"]),
            (status, &json!(code))
        );
    }
    let oldest = org
        .call_with(Method::GET, "/services/data/v31.0/limits", Value::Null, &[])
        .await;
    assert_eq!(oldest.status, 200);
}
