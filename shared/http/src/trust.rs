//! One TLS configuration for the whole process, trusting the CAs of the system it runs on.
//!
//! A system's CAs are some 140 certificates: reading them takes longer than everything else at a function's start. They are
//! read when the first certificate has to be judged, once, whoever asks: the AWS clients, the CRMs and Sage share them.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use rustls_platform_verifier::Verifier;

/// Private CAs whose configurations are kept. There is one for a Sage server at most; a rotated one takes another place.
const KEPT: usize = 32;

/// A text that holds no certificate in PEM form, or one that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoCertificate;

static SYSTEM: LazyLock<Option<ClientConfig>> = LazyLock::new(|| configuration(Vec::new()));
static PRIVATE: Mutex<BTreeMap<String, Option<ClientConfig>>> = Mutex::new(BTreeMap::new());

/// Idle connections are dropped before a frozen function can wake up with a dead one: a write on it would be of unknown
/// outcome.
const IDLE: Duration = Duration::from_secs(15);

/// A client that trusts the system's CAs and follows no redirect, which could carry credentials to a host that nobody has
/// checked. Whatever else it is to be, its caller sets.
pub fn client() -> reqwest::ClientBuilder {
    over(SYSTEM.clone())
}

/// The same, trusting the CAs of `pem`, too.
///
/// # Errors
/// When the text holds no certificate, or one that cannot be read.
pub fn client_trusting(pem: &str) -> Result<reqwest::ClientBuilder, NoCertificate> {
    let mut kept = PRIVATE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = kept.get(pem) {
        return Ok(over(known.clone()));
    }
    let config = configuration(certificates(pem)?);
    if kept.len() >= KEPT {
        kept.clear();
    }
    kept.insert(pem.to_owned(), config.clone());
    Ok(over(config))
}

fn over(config: Option<ClientConfig>) -> reqwest::ClientBuilder {
    let builder = match config {
        Some(config) => reqwest::Client::builder().tls_backend_preconfigured(config),
        // Nothing that speaks TLS: building the client fails and says so.
        None => reqwest::Client::builder().tls_backend_preconfigured(()),
    };
    builder
        .redirect(reqwest::redirect::Policy::none())
        .pool_idle_timeout(IDLE)
}

fn certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, NoCertificate> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    let found = found.map_err(|_unreadable| NoCertificate)?;
    let mut store = RootCertStore::empty();
    for certificate in &found {
        let added = store.add(certificate.clone());
        added.map_err(|_unreadable| NoCertificate)?;
    }
    if found.is_empty() {
        return Err(NoCertificate);
    }
    Ok(found)
}

/// None when the provider has no cipher suites for TLS.
fn configuration(more: Vec<CertificateDer<'static>>) -> Option<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let judge = Judge {
        provider: Arc::clone(&provider),
        more,
        verifier: OnceLock::new(),
    };
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .ok()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(judge))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Some(config)
}

/// The platform's verifier, made when it is needed.
#[derive(Debug)]
struct Judge {
    provider: Arc<CryptoProvider>,
    more: Vec<CertificateDer<'static>>,
    verifier: OnceLock<Verifier>,
}

impl Judge {
    /// A failure is not kept: what was missing may be there the next time.
    fn verifier(&self) -> Result<&Verifier, Error> {
        if let Some(ready) = self.verifier.get() {
            return Ok(ready);
        }
        let made = Verifier::new_with_extra_roots(self.more.clone(), Arc::clone(&self.provider))?;
        Ok(self.verifier.get_or_init(|| made))
    }
}

impl ServerCertVerifier for Judge {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.verifier()?.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        )
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, cert, dss, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, cert, dss, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let known = &self.provider.signature_verification_algorithms;
        known.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_without_a_readable_certificate_is_refused_before_anything_is_called() {
        let garbled = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for text in ["", "no certificate", garbled] {
            assert!(client_trusting(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_systems_cas_are_not_read_before_a_certificate_is_judged() {
        let judge = Judge {
            provider: Arc::new(rustls::crypto::ring::default_provider()),
            more: Vec::new(),
            verifier: OnceLock::new(),
        };
        assert!(!judge.supported_verify_schemes().is_empty());
        assert!(judge.verifier.get().is_none());
    }

    #[test]
    fn one_private_ca_has_one_configuration() {
        let ca = rcgen::generate_simple_self_signed(vec!["ca".to_owned()]).unwrap();
        let pem = ca.cert.pem();
        assert!(client_trusting(&pem).is_ok());
        assert!(client_trusting(&pem).is_ok());
        assert_eq!(PRIVATE.lock().unwrap().len(), 1);
    }
}
