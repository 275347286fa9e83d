//! Certificates: a private CA is trusted when it is given, and each fault has its own words.

use std::sync::Arc;

use counterpart_delivery::SecretText;
use counterpart_domain::{Class, Fault};
use counterpart_sage100::{AgentClient, AgentSettings, Health};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

const HEALTH: &str = r#"{"status":"ok","agent_version":"1","contract_version":"1.0"}"#;

/// A private CA, and an agent at 127.0.0.1 with a certificate of it for `name`, valid up to `last_year`.
async fn agent(name: &str, last_year: i32) -> (String, String) {
    let mut ca = CertificateParams::new(Vec::new()).unwrap();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = CertifiedIssuer::self_signed(ca, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let mut leaf = CertificateParams::new(vec![name.to_owned()]).unwrap();
    leaf.not_before = date_time_ymd(2020, 1, 1);
    leaf.not_after = date_time_ymd(last_year, 1, 1);
    let leaf = leaf.signed_by(&key, &ca).unwrap();

    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![leaf.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!(
        "https://127.0.0.1:{}",
        listener.local_addr().unwrap().port()
    );
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let Ok(mut socket) = acceptor.accept(socket).await else {
                continue;
            };
            let mut asked = [0; 1024];
            let _ = socket.read(&mut asked).await;
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{HEALTH}",
                HEALTH.len()
            );
            let _ = socket.write_all(head.as_bytes()).await;
            let _ = socket.shutdown().await;
        }
    });
    (url, ca.pem())
}

async fn ask(url: &str, ca: Option<String>) -> Result<Health, Fault> {
    let mut settings = AgentSettings::new(url, SecretText::new("t"));
    settings.extra_root_ca = ca;
    AgentClient::new(&settings, crate::support::Still)?
        .health()
        .await
}

#[tokio::test]
async fn a_private_ca_is_trusted_only_when_it_is_given() {
    let (url, ca) = agent("127.0.0.1", 2999).await;
    assert_eq!(ask(&url, Some(ca)).await.unwrap().status, "ok");
    let fault = ask(&url, None).await.unwrap_err();
    assert_eq!(
        (fault.class, &*fault.code),
        (Class::Configuration, "E_SAGE_TLS")
    );
    assert!(fault.message.contains("not trusted here"), "{fault}");
}

#[tokio::test]
async fn another_host_name_and_a_certificate_that_has_run_out_are_said_in_words() {
    let (url, ca) = agent("sage.example.com", 2999).await;
    let fault = ask(&url, Some(ca)).await.unwrap_err();
    assert!(fault.message.contains("another host name"), "{fault}");

    let (url, ca) = agent("127.0.0.1", 2021).await;
    let fault = ask(&url, Some(ca)).await.unwrap_err();
    assert!(fault.message.contains("has run out"), "{fault}");
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_is_named_as_such() {
    let plain = wiremock::MockServer::start().await;
    let url = plain.uri().replace("http://", "https://");
    let fault = ask(&url, None).await.unwrap_err();
    assert_eq!(fault.code, "E_SAGE_TLS", "{fault}");
    assert!(fault.message.contains("may not speak https"), "{fault}");
}

#[tokio::test]
async fn a_ca_that_holds_no_certificate_is_a_configuration_fault() {
    let fault = ask("https://127.0.0.1:1", Some("no certificate".into()))
        .await
        .unwrap_err();
    assert_eq!(fault.code, "E_SAGE_CA");
}
