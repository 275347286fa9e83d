//! The two OAuth flows, and what must never be seen of them.

use crate::support::*;
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use counterpart_delivery::ports::{Clock as _, Crm as _};
use counterpart_salesforce::{Connection, Credentials};
use counterpart_simulation::memory::MemoryStore;
use jiff::SignedDuration;
use ring::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::time::Duration;
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, Request};

fn form(request: &Request) -> BTreeMap<String, String> {
    let body = String::from_utf8(request.body.clone()).unwrap();
    let url = url::Url::parse(&format!("http://x/?{body}")).unwrap();
    url.query_pairs().into_owned().collect()
}

#[tokio::test]
async fn client_credentials_get_one_token_for_all_and_its_end_is_far() {
    let (server, clock, store) = (MockServer::start().await, clock(), MemoryStore::new());
    token_answer(&server, 200, granted(&server, "00D!new")).await;
    takes_only(&server, "00D!new").await;
    let first = client(&server, &store, &clock);
    first.upsert(&call(&["01-A"])).await.unwrap();
    // Nothing is refreshed because time passes.
    clock.advance(Duration::from_secs(90 * 24 * 3600));
    first.upsert(&call(&["01-A"])).await.unwrap();
    client(&server, &store, &clock)
        .upsert(&call(&["01-A"]))
        .await
        .unwrap();
    let (refreshes, calls) = requests(&server).await;
    assert_eq!((refreshes.len(), calls.len()), (1, 3));
    let expected = [
        ("grant_type", "client_credentials"),
        ("client_id", CLIENT_ID),
        ("client_secret", SECRET),
    ];
    assert_eq!(
        form(&refreshes[0]),
        expected
            .map(|(name, value)| (name.into(), value.into()))
            .into()
    );
    let token = stored(&store).await.unwrap();
    assert_eq!(token.generation, 1);
    assert!(token.expires_at > clock.now() + SignedDuration::from_hours(24 * 200));
    assert_eq!(first.usage().token_calls, 1);
}

#[tokio::test]
async fn a_signed_assertion_names_app_user_and_login_service_and_ends_within_three_minutes() {
    let pkcs8 = counterpart_simulators::salesforce_private_key();
    let der: String = pkcs8
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect();
    let der = BASE64_STANDARD.decode(der).unwrap();
    // The same key without its wrapping: what `openssl genrsa -traditional` writes.
    let inner = BASE64_STANDARD.encode(&der[26..]);
    let pkcs1 =
        format!("-----BEGIN RSA PRIVATE KEY-----\n{inner}\n-----END RSA PRIVATE KEY-----\n");
    let pair = RsaKeyPair::from_pkcs8(&der).unwrap();
    let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref());
    for (private_key, my_domain, audience) in [
        (
            &pkcs8,
            "acme.my.salesforce.com",
            "https://login.salesforce.com",
        ),
        (
            &pkcs1,
            "acme--dev.sandbox.my.salesforce.com",
            "https://test.salesforce.com",
        ),
        (
            &pkcs8.replace('\n', "\\n"),
            "acme.my.salesforce.com",
            "https://login.salesforce.com",
        ),
    ] {
        let (server, clock) = (MockServer::start().await, clock());
        token_answer(&server, 200, granted(&server, "00D!new")).await;
        takes_only(&server, "00D!new").await;
        let secret = json!({"client_id": CLIENT_ID, "username": "sync@acme.example", "private_key": private_key});
        let connection = Connection {
            my_domain: my_domain.into(),
            ..connection(&server)
        };
        let credentials = Credentials::from_json(&secret.to_string()).unwrap();
        assert!(!format!("{credentials:?}").contains("PRIVATE"));
        let client = client_with(&connection, credentials, &MemoryStore::new(), &clock);
        client.upsert(&call(&["01-A"])).await.unwrap();

        let form = form(&requests(&server).await.0[0]);
        assert_eq!(form.len(), 2);
        assert_eq!(
            form["grant_type"],
            "urn:ietf:params:oauth:grant-type:jwt-bearer"
        );
        let (signed, signature) = form["assertion"].rsplit_once('.').unwrap();
        let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap();
        public.verify(signed.as_bytes(), &signature).unwrap();
        let part = |at: usize| -> Json {
            let part = signed.split('.').nth(at).unwrap();
            serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
        };
        let exp = clock.now().as_second() + 180;
        assert_eq!(
            part(1),
            json!({"iss": CLIENT_ID, "sub": "sync@acme.example", "aud": audience, "exp": exp})
        );
        assert_eq!(part(0)["alg"], "RS256");
    }
}

#[tokio::test]
async fn secrets_are_in_no_fault_and_in_no_debug_text() {
    let (server, store) = (MockServer::start().await, MemoryStore::new());
    let secret = "00D!AQ.access-token";
    token_answer(&server, 200, granted(&server, secret)).await;
    // A server that repeats what it was given.
    Mock::given(path(UPSERT))
        .respond_with(|request: &Request| {
            let given = request.headers["authorization"].to_str().unwrap();
            error(
                400,
                "INVALID_TYPE",
                &format!("{given} {SECRET} {CLIENT_ID}"),
            )
        })
        .mount(&server)
        .await;
    let api = client(&server, &store, &clock())
        .upsert(&call(&["01-A"]))
        .await
        .unwrap_err();
    let echo = format!("no {SECRET} {CLIENT_ID}");
    let (oauth, ..) = refused_token(
        400,
        json!({"error": "invalid_client", "error_description": echo}),
    )
    .await;
    let (proxy, ..) = refused_token(502, json!([echo])).await;
    let stored = stored(&store).await;
    for text in [
        format!("{api} {api:?}"),
        format!("{oauth} {oauth:?}"),
        format!("{proxy} {proxy:?}"),
        format!("{stored:?} {:?}", credentials()),
    ] {
        for hidden in [secret, SECRET, CLIENT_ID] {
            assert!(!text.contains(hidden), "{text}");
        }
    }
    assert!(
        api.detail.contains('…') && oauth.detail.contains('…'),
        "{api} {oauth}"
    );
}

/// As people paste them: on one line, with spaces before, with the line ends of another system or written out.
#[test]
fn a_private_key_is_read_whatever_became_of_its_lines() {
    let pem = counterpart_simulators::salesforce_private_key();
    let forms = [
        pem.replace('\n', " "),
        pem.replace('\n', ""),
        pem.replace('\n', "\r\n"),
        pem.replace('\n', "\\n"),
        format!("\u{feff}  {}", pem.replace('\n', "\n    ")),
        format!("Key Attributes: <No Attributes>\n{pem}"),
    ];
    for form in forms {
        let secret =
            json!({"client_id": CLIENT_ID, "username": "sync@acme.example", "private_key": form});
        assert!(
            Credentials::from_json(&secret.to_string()).is_ok(),
            "{form:?}"
        );
    }
    for (form, says) in [
        (
            pem.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"),
            "encrypted",
        ),
        (pem.replace("BEGIN", "BEGINNING"), "no unencrypted RSA key"),
        (pem.replace("-----END", "END"), "no unencrypted RSA key"),
        (String::new(), ""),
    ] {
        let secret =
            json!({"client_id": CLIENT_ID, "username": "sync@acme.example", "private_key": form});
        let fault = Credentials::from_json(&secret.to_string()).unwrap_err();
        assert!(fault.message.contains(says), "{fault}");
    }
}

#[tokio::test]
async fn an_assertion_that_is_repeated_is_in_no_fault() {
    let pem = counterpart_simulators::salesforce_private_key();
    let secret =
        json!({"client_id": CLIENT_ID, "username": "sync@acme.example", "private_key": pem});
    for status in [400, 502] {
        let server = MockServer::start().await;
        Mock::given(path(TOKEN))
            .respond_with(move |request: &Request| {
                let given = &form(request)["assertion"];
                wiremock::ResponseTemplate::new(status).set_body_json(
                    json!({"error": "invalid_grant", "error_description": format!("{given} is no invalid assertion")}),
                )
            })
            .mount(&server)
            .await;
        let credentials = Credentials::from_json(&secret.to_string()).unwrap();
        let client = client_with(
            &connection(&server),
            credentials,
            &MemoryStore::new(),
            &clock(),
        );
        let fault = client.upsert(&call(&["01-A"])).await.unwrap_err();
        let sent = form(&requests(&server).await.0[0]);
        // Its beginning is enough: texts from outside are cut.
        let opening = &sent["assertion"][..40];
        assert!(!format!("{fault} {fault:?}").contains(opening), "{fault}");
        assert!(fault.detail.contains('…'), "{fault}");
    }
}
