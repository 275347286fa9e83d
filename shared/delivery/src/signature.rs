//! Signed requests: `t=<unix seconds>,v1=<hex HMAC-SHA256 of t, a dot and the raw body>`. Hints, callouts and look-ups share
//! the header, the check and its window.

use counterpart_domain::bounded;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;

use crate::SecretText;

/// The header that carries the signature, in lower case.
pub const HEADER: &str = "x-counterpart-signature";
/// How old, or how far ahead, a signature may be, in seconds.
pub const WINDOW_SECONDS: i64 = 300;

/// A signature that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// When the sender signed, by its own clock.
    pub at: Timestamp,
    /// The signature in lower case: the same for each delivery of the same request, so it serves as its nonce.
    pub mac: String,
}

impl Signed {
    /// Whether it was made within the window around `now`.
    #[must_use]
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        self.at.as_second().abs_diff(now.as_second()) <= WINDOW_SECONDS.unsigned_abs()
    }
}

/// Why a signature does not hold. For engineers; a sender is told no more than that it does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unsigned {
    /// No `t`, or none that is a number of seconds.
    #[error("no time")]
    NoTime,
    /// No `v1`, or none of 64 hex digits.
    #[error("no v1")]
    NoMac,
    /// The key cannot be used: it is empty.
    #[error("the key is unusable")]
    Key,
    /// Made with another key, for another body, or for another time.
    #[error("another signature")]
    Other,
    /// The signature is good, and older or farther ahead than the window.
    #[error("stale")]
    Stale,
}

/// Checks a signature over the raw body: in constant time, and the time only after the signature.
///
/// # Errors
/// Why it does not hold.
pub fn verify(
    key: &SecretText,
    signature: &str,
    body: &[u8],
    now: Timestamp,
) -> Result<Signed, Unsigned> {
    let signed = verify_of_any_time(key, signature, body)?;
    match signed.is_fresh(now) {
        true => Ok(signed),
        false => Err(Unsigned::Stale),
    }
}

/// As [`verify`], but for the time, which the caller looks at.
///
/// # Errors
/// Why it does not hold.
pub fn verify_of_any_time(
    key: &SecretText,
    signature: &str,
    body: &[u8],
) -> Result<Signed, Unsigned> {
    let (mut at, mut given) = (None, None);
    for part in signature.split(',').take(8) {
        match part.trim().split_once('=') {
            Some(("t", value)) => at = value.parse::<i64>().ok().map(|seconds| (value, seconds)),
            Some(("v1", value)) => given = bytes(value).map(|mac| (value, mac)),
            _ => {}
        }
    }
    let (text, seconds) = at.ok_or(Unsigned::NoTime)?;
    let (digits, given) = given.ok_or(Unsigned::NoMac)?;
    mac(key, text, body)?
        .verify_slice(&given)
        .map_err(|_| Unsigned::Other)?;
    Ok(Signed {
        at: Timestamp::from_second(seconds).map_err(|_| Unsigned::Stale)?,
        mac: bounded(digits.to_ascii_lowercase(), 64),
    })
}

/// Signs a body as of `at`.
///
/// # Errors
/// [`Unsigned::Key`] when the key is empty.
pub fn sign(key: &SecretText, body: &[u8], at: Timestamp) -> Result<String, Unsigned> {
    let at = at.as_second();
    let made = mac(key, &at.to_string(), body)?.finalize().into_bytes();
    let digits: String = made.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("t={at},v1={digits}"))
}

fn mac(key: &SecretText, at: &str, body: &[u8]) -> Result<Hmac<Sha256>, Unsigned> {
    let key = Some(key.reveal().as_bytes()).filter(|key| !key.is_empty());
    let mut mac =
        Hmac::<Sha256>::new_from_slice(key.ok_or(Unsigned::Key)?).map_err(|_| Unsigned::Key)?;
    mac.update(at.as_bytes());
    mac.update(b".");
    mac.update(body);
    Ok(mac)
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digits = hex.as_bytes();
    if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    digits
        .chunks(2)
        .map(|pair| {
            std::str::from_utf8(pair)
                .ok()
                .and_then(|pair| u8::from_str_radix(pair, 16).ok())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn key() -> SecretText {
        SecretText::new("k")
    }

    /// `printf '1000.{"a":1}' | openssl dgst -sha256 -hmac k`
    const KNOWN: &str = "dffbc2557cb360d8a87c2fbbf465de108bdca6df5f684e0ffa98cdbd4cd183fa";

    #[test]
    fn a_signature_made_elsewhere_holds_and_is_its_own_nonce() {
        let body = br#"{"a":1}"#;
        let made = sign(&key(), body, at(1_000)).unwrap();
        assert_eq!(made, format!("t=1000,v1={KNOWN}"));
        for header in [
            made.clone(),
            format!("v1={}, t=1000, v0=other", KNOWN.to_uppercase()),
        ] {
            let signed = verify(&key(), &header, body, at(1_300)).unwrap();
            assert_eq!((signed.at, signed.mac.as_str()), (at(1_000), KNOWN));
        }
    }

    #[test]
    fn what_is_forged_changed_malformed_or_stale_does_not_hold() {
        let made = |key: &str, second| sign(&SecretText::new(key), b"x", at(second)).unwrap();
        let good = made("k", 1_000);
        let later = good.replace("t=1000", "t=1001");
        let signed_plus = good.replace("v1=", "v1=+");
        for (header, body, now, why) in [
            (made("other", 1_000).as_str(), "x", 1_000, Unsigned::Other),
            (&good, "y", 1_000, Unsigned::Other),
            (&later, "x", 1_000, Unsigned::Other),
            (&good, "x", 1_301, Unsigned::Stale),
            (&good, "x", 699, Unsigned::Stale),
            ("", "x", 1_000, Unsigned::NoTime),
            ("t=soon,v1=00", "x", 1_000, Unsigned::NoTime),
            ("t=1000", "x", 1_000, Unsigned::NoMac),
            ("t=1000,v1=zz", "x", 1_000, Unsigned::NoMac),
            (&signed_plus, "x", 1_000, Unsigned::NoMac),
        ] {
            let seen = verify(&key(), header, body.as_bytes(), at(now)).unwrap_err();
            assert_eq!(seen, why, "{header}");
        }
        let none = SecretText::new("");
        assert_eq!(sign(&none, b"x", at(1_000)), Err(Unsigned::Key));
        assert_eq!(
            verify(&none, &good, b"x", at(1_000)),
            Err(Unsigned::Key),
            "an empty secret lets nobody in"
        );
    }
}
