//! The assertion of the JWT bearer flow. Page: "OAuth 2.0 JWT Bearer Flow for Server-to-Server Integration".

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use counterpart_delivery::SecretText;
use counterpart_domain::{Class, Fault};
use jiff::Timestamp;
use ring::error::KeyRejected;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;
use serde::Serialize;

/// Salesforce takes assertions that end at most some 3 to 5 minutes ahead.
const LIFETIME_SECONDS: i64 = 180;
/// An RSA signature over SHA-256, which is what Salesforce takes.
const HEADER: &str = r#"{"typ":"JWT","alg":"RS256"}"#;

#[derive(Serialize)]
struct Claims<'a> {
    /// The app's client id.
    iss: &'a str,
    /// The user's name.
    sub: &'a str,
    /// Which login service it is for.
    aud: &'a str,
    /// Seconds since 1970, as a number.
    exp: i64,
}

fn fault(sentence: &str) -> Fault {
    Fault::new(Class::Configuration, "E_CRM_CREDENTIALS", sentence)
}

/// The key that signs.
///
/// # Errors
/// `E_CRM_CREDENTIALS` (configuration) when it is no RSA key of 2048 to 4096 bits in PEM, or is encrypted.
pub(crate) fn signing_key(pem: &SecretText) -> Result<RsaKeyPair, Fault> {
    let not_pem = || {
        fault(
            "The private key in the Salesforce secret is no unencrypted RSA key in PEM (PKCS#8 or PKCS#1).",
        )
    };
    if pem.reveal().contains("ENCRYPTED") {
        return Err(fault(
            "The private key in the Salesforce secret is encrypted: store it without a passphrase.",
        ));
    }
    let text = in_lines(pem.reveal()).ok_or_else(not_pem)?;
    let rejected = |error: KeyRejected| match error.to_string().as_str() {
        "TooSmall" | "TooLarge" => fault(
            "The private key in the Salesforce secret is an RSA key of another size than 2048 to 4096 bits.",
        ),
        _ => not_pem(),
    };
    match PrivateKeyDer::from_pem_slice(text.as_bytes()) {
        Ok(PrivateKeyDer::Pkcs8(key)) => {
            RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()).map_err(rejected)
        }
        Ok(PrivateKeyDer::Pkcs1(key)) => {
            RsaKeyPair::from_der(key.secret_pkcs1_der()).map_err(rejected)
        }
        // A key of another kind, or none.
        Ok(_) | Err(_) => Err(not_pem()),
    }
}

/// The first PEM of a text, with its lines where they belong. A key that was pasted into JSON often lost them, or came with
/// spaces before them.
fn in_lines(text: &str) -> Option<String> {
    const DASHES: &str = "-----";
    let (_, rest) = text.split_once("-----BEGIN ")?;
    let (label, rest) = rest.split_once(DASHES)?;
    let (body, _) = rest.split_once(&format!("{DASHES}END {label}{DASHES}"))?;
    // Where a line end was written out as two characters, too.
    let body = body.replace("\\n", "").replace("\\r", "");
    let body: String = body.split_whitespace().collect();
    Some(format!(
        "{DASHES}BEGIN {label}{DASHES}\n{body}\n{DASHES}END {label}{DASHES}\n"
    ))
}

/// A signed assertion that `client_id` acts for `username`, made at `now`.
///
/// # Errors
/// As [`signing_key`].
pub(crate) fn assertion(
    client_id: &SecretText,
    username: &SecretText,
    private_key: &SecretText,
    audience: &str,
    now: Timestamp,
) -> Result<SecretText, Fault> {
    let claims = Claims {
        iss: client_id.reveal(),
        sub: username.reveal(),
        aud: audience,
        exp: now.as_second() + LIFETIME_SECONDS,
    };
    let cannot = || fault("The private key in the Salesforce secret cannot sign.");
    let claims = serde_json::to_vec(&claims).map_err(|_unsaid| cannot())?;
    let header = URL_SAFE_NO_PAD.encode(HEADER);
    let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims));
    let key = signing_key(private_key)?;
    let mut signature = vec![0; key.public().modulus_len()];
    let random = SystemRandom::new();
    key.sign(
        &RSA_PKCS1_SHA256,
        &random,
        signed.as_bytes(),
        &mut signature,
    )
    .map_err(|_unsaid| cannot())?;
    let signature = URL_SAFE_NO_PAD.encode(signature);
    Ok(SecretText::new(format!("{signed}.{signature}")))
}
