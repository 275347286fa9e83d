//! The assertion of the JWT bearer flow. Page: "OAuth 2.0 JWT Bearer Flow for Server-to-Server Integration".

use counterpart_delivery::SecretText;
use counterpart_domain::{Class, Fault};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde::Serialize;

/// Salesforce takes assertions that end at most some 3 to 5 minutes ahead.
const LIFETIME_SECONDS: i64 = 180;

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

/// The key that signs.
///
/// # Errors
/// `E_CRM_CREDENTIALS` (configuration) when it is no RSA key in PEM, or is encrypted.
pub(crate) fn signing_key(pem: &SecretText) -> Result<EncodingKey, Fault> {
    EncodingKey::from_rsa_pem(pem.reveal().as_bytes()).map_err(|_unsaid| {
        Fault::new(
            Class::Configuration,
            "E_CRM_CREDENTIALS",
            "The private key in the Salesforce secret is no unencrypted RSA key in PEM (PKCS#8 or PKCS#1).",
        )
    })
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
    encode(
        &Header::new(Algorithm::RS256),
        &claims,
        &signing_key(private_key)?,
    )
    .map(SecretText::new)
    .map_err(|_unsaid| {
        Fault::new(
            Class::Configuration,
            "E_CRM_CREDENTIALS",
            "The private key in the Salesforce secret cannot sign.",
        )
    })
}
