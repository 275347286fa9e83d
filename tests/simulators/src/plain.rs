//! A client for servers on this machine, which speak no TLS.

use std::sync::Arc;

use reqwest::ClientBuilder;
use rustls::{ClientConfig, RootCertStore};

/// A client that trusts nobody, so that it can be set up at once. It takes no proxy.
pub fn plain_http() -> ClientBuilder {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map(|versions| versions.with_root_certificates(RootCertStore::empty()));
    let builder = reqwest::Client::builder().no_proxy();
    match config {
        Ok(config) => builder.tls_backend_preconfigured(config.with_no_client_auth()),
        // Building the client then says so.
        Err(_no_suites) => builder.tls_backend_preconfigured(()),
    }
}
