//! Secrets Manager: read seldom, told never.

use std::sync::Arc;

use counterpart_aws::{SecretsManager, Usage};
use counterpart_domain::Class;
use serde_json::json;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use super::{body_of, refusal, run};

fn answer(request: &Request) -> ResponseTemplate {
    let body = body_of(request);
    match body["SecretId"].as_str().unwrap() {
        "stack/zoho" => ResponseTemplate::new(200)
            .set_body_json(json!({"Name": "stack/zoho", "SecretString": "{\"token\":\"hush\"}"})),
        "stack/binary" => ResponseTemplate::new(200)
            .set_body_json(json!({"Name": "stack/binary", "SecretBinary": "aHVzaA=="})),
        _ => refusal(400, "ResourceNotFoundException", json!({})),
    }
}

#[test]
fn a_secret_is_read_once_and_again_when_it_was_forgotten() {
    run(async {
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(answer).mount(&server).await;
        let usage = Arc::new(Usage::default());
        let config = super::support::config(&server.uri());
        let secrets = SecretsManager::new(&config, "stack/", Arc::clone(&usage));
        for _ in 0..3 {
            let secret = secrets.secret("zoho").await.unwrap();
            assert_eq!(secret.reveal(), "{\"token\":\"hush\"}");
            assert!(!format!("{secret:?}").contains("hush"));
        }
        assert_eq!(usage.counts().secrets_requests, 1);
        secrets.forget("zoho");
        secrets.secret("zoho").await.unwrap();
        assert_eq!(usage.counts().secrets_requests, 2);
        for (name, code) in [("binary", "E_SECRET_EMPTY"), ("agent", "E_SECRET_MISSING")] {
            let fault = secrets.secret(name).await.unwrap_err();
            assert_eq!(
                (fault.class, fault.code.as_ref()),
                (Class::Configuration, code)
            );
            assert!(fault.message.contains(&format!("stack/{name}")), "{fault}");
        }
    });
}
