//! A certificate that nobody vouches for is told in words, and nothing is sent.

use std::sync::Arc;

use counterpart_domain::Class;
use counterpart_http::{Http, Timeouts};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

#[tokio::test]
async fn a_certificate_of_nobody_is_a_setting_to_mend_and_says_so() {
    let own = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![own.cert.der().clone()],
            PrivateKeyDer::try_from(own.signing_key.serialize_der()).unwrap(),
        )
        .unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/token", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (socket, _) = listener.accept().await.unwrap();
        TlsAcceptor::from(Arc::new(config))
            .accept(socket)
            .await
            .is_ok()
    });
    let http = Http::new("the CRM", Timeouts::default(), true).unwrap();
    let url = url.parse().unwrap();
    let asked = http.ask_token("the CRM", &url, &[]);
    let fault = asked.await.unwrap_err();
    assert_eq!(
        (fault.class, &*fault.code),
        (Class::Configuration, "E_CRM_TLS")
    );
    assert!(fault.message.contains("not trusted here"), "{fault}");
    assert!(!server.await.unwrap(), "the handshake must not come about");
}
