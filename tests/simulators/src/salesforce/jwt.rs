//! The JWT bearer grant: the key pair of the External Client App, and the check of an assertion.

use std::sync::LazyLock;

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use ring::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};
use serde_json::Value;

use super::{people_data::MY_DOMAIN, sessions::CLIENT_ID};

/// The farthest that `exp` may lie ahead, in seconds.
const FARTHEST: i64 = 300;
/// The audiences that stand beside the organisation's own addresses.
const AUDIENCES: &[&str] = &[
    "https://login.salesforce.com",
    "https://test.salesforce.com",
];

/// A key pair that everybody knows, and that opens nothing but this simulator.
const PRIVATE: &[u8] = include_bytes!("private_key.pk8");

static PUBLIC: LazyLock<Option<Vec<u8>>> = LazyLock::new(|| {
    let pair = RsaKeyPair::from_pkcs8(PRIVATE).ok()?;
    Some(pair.public_key().as_ref().to_vec())
});

/// The private key whose certificate the app holds (PKCS#8 PEM).
pub fn private_key() -> String {
    let text = STANDARD.encode(PRIVATE);
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(64)
        .filter_map(|line| std::str::from_utf8(line).ok())
        .collect();
    format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        lines.join("\n")
    )
}

/// Error and description.
pub type Denied = (&'static str, &'static str);

/// The user name of a valid assertion.
///
/// # Errors
/// The token endpoint's answer.
pub fn subject(assertion: &str, url: &str, now: i64) -> Result<String, Denied> {
    const INVALID: Denied = ("invalid_grant", "invalid assertion");
    let (signed, signature) = assertion.rsplit_once('.').ok_or(INVALID)?;
    let (header, claims) = signed.split_once('.').ok_or(INVALID)?;
    let (header, claims) = (json(header).ok_or(INVALID)?, json(claims).ok_or(INVALID)?);
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or("");
    if text("iss") != CLIENT_ID {
        return Err(("invalid_client_id", "client identifier invalid"));
    }
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| INVALID)?;
    let public = PUBLIC.as_ref().ok_or(INVALID)?;
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public);
    if header.get("alg").and_then(Value::as_str) != Some("RS256")
        || key.verify(signed.as_bytes(), &signature).is_err()
    {
        return Err(INVALID);
    }
    let audience = text("aud").trim_end_matches('/');
    let own = format!("https://{MY_DOMAIN}");
    if !AUDIENCES.contains(&audience) && audience != url && audience != own {
        return Err(("invalid_grant", "audience is invalid"));
    }
    let exp = match claims.get("exp") {
        Some(Value::Number(number)) => number.as_i64(),
        Some(Value::String(text)) => text.parse().ok(),
        _ => None,
    };
    match exp {
        Some(exp) if exp > now && exp <= now + FARTHEST => Ok(text("sub").to_owned()),
        _ => Err(INVALID),
    }
}

fn json(part: &str) -> Option<Value> {
    let bytes = URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&bytes).ok()
}
