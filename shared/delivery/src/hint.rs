//! The signed hint: the agent, or a script in Sage 100, says "these keys changed", and they are polled at once. For those
//! who cannot wait for the schedule; the schedule comes by all the same, so that a lost hint loses nothing.

use counterpart_domain::{Class, Company, Entity, Fault, SageKey};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde::Deserialize;
use sha2::Sha256;

use crate::SecretText;

/// The most keys of one hint.
pub const MOST_KEYS: usize = 100;
/// The longest body, in bytes.
pub const LONGEST_BODY: usize = 16 * 1024;
/// How old, or how far ahead, a signature may be, in seconds.
const WINDOW: i64 = 300;

/// A hint whose signature holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// The keys, each once, in the order they were named.
    pub keys: Vec<SageKey>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    entity: Entity,
    keys: Vec<String>,
}

fn unsigned(detail: &str) -> Fault {
    Fault::new(
        Class::Data,
        "E_HINT_UNSIGNED",
        "The hint is not signed with this installation's key, or its time is off.",
    )
    .with_detail(detail)
}

fn bad(detail: impl std::fmt::Display) -> Fault {
    Fault::new(
        Class::Data,
        "E_HINT_INVALID",
        "The hint is not {\"entity\": …, \"keys\": [1 to 100 keys]}.",
    )
    .with_detail(detail)
}

/// Checks the signature (`t=<unix seconds>,v1=<hex HMAC-SHA256 of t, a dot and the raw body>`, in constant time, within
/// five minutes) and only then reads the body.
///
/// # Errors
/// `E_HINT_TOO_LARGE`, `E_HINT_UNSIGNED`, `E_HINT_INVALID`, all of class data.
pub fn verify(
    company: &Company,
    key: &SecretText,
    signature: &str,
    body: &[u8],
    now: Timestamp,
) -> Result<Hint, Fault> {
    if body.len() > LONGEST_BODY {
        return Err(Fault::new(
            Class::Data,
            "E_HINT_TOO_LARGE",
            format!("A hint has at most {LONGEST_BODY} bytes and {MOST_KEYS} keys."),
        ));
    }
    let (mut at, mut mac) = (None, None);
    for part in signature.split(',').take(8) {
        match part.trim().split_once('=') {
            Some(("t", value)) => at = value.parse::<i64>().ok().map(|seconds| (value, seconds)),
            Some(("v1", value)) => mac = hex(value),
            _ => {}
        }
    }
    let (text, seconds) = at.ok_or_else(|| unsigned("no time"))?;
    let mac = mac.ok_or_else(|| unsigned("no v1"))?;
    let mut expected = Hmac::<Sha256>::new_from_slice(key.reveal().as_bytes())
        .map_err(|_| unsigned("the key is unusable"))?;
    expected.update(text.as_bytes());
    expected.update(b".");
    expected.update(body);
    expected
        .verify_slice(&mac)
        .map_err(|_| unsigned("another signature"))?;
    if seconds.abs_diff(now.as_second()) > WINDOW.unsigned_abs() {
        return Err(unsigned("stale"));
    }
    read(company, body)
}

fn read(company: &Company, body: &[u8]) -> Result<Hint, Fault> {
    let Body { entity, keys } = serde_json::from_slice(body).map_err(bad)?;
    if keys.is_empty() || keys.len() > MOST_KEYS {
        return Err(bad(format_args!("{} keys", keys.len())));
    }
    let mut checked = Vec::with_capacity(keys.len());
    for key in keys {
        let key = SageKey::new(company, entity, &key).map_err(bad)?;
        if !checked.contains(&key) {
            checked.push(key);
        }
    }
    Ok(Hint { keys: checked })
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if digits.len() != 64 {
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

    const BODY: &[u8] = br#"{"entity":"customer","keys":["01-ABF","01-ABF","02-ACE"]}"#;

    fn abc() -> Company {
        Company::new("ABC").unwrap()
    }

    fn signed(key: &str, at: i64, body: &[u8]) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
        mac.update(format!("{at}.").as_bytes());
        mac.update(body);
        let hex: String = mac
            .finalize()
            .into_bytes()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        format!("t={at},v1={hex}")
    }

    fn code(signature: &str, body: &[u8], now: i64) -> String {
        let now = Timestamp::from_second(now).unwrap();
        verify(&abc(), &SecretText::new("k"), signature, body, now)
            .unwrap_err()
            .code
            .into_owned()
    }

    #[test]
    fn a_signed_hint_names_each_key_once() {
        let now = Timestamp::from_second(1_000).unwrap();
        let hint = verify(
            &abc(),
            &SecretText::new("k"),
            &signed("k", 1_000, BODY),
            BODY,
            now,
        )
        .unwrap();
        assert_eq!(
            hint.keys.iter().map(SageKey::text).collect::<Vec<_>>(),
            ["ABC:01-ABF", "ABC:02-ACE"]
        );
    }

    #[test]
    fn forged_stale_changed_and_malformed_hints_are_refused() {
        assert_eq!(
            code(&signed("other", 1_000, BODY), BODY, 1_000),
            "E_HINT_UNSIGNED"
        );
        assert_eq!(
            code(&signed("k", 1_000, BODY), BODY, 1_301),
            "E_HINT_UNSIGNED"
        );
        assert_eq!(
            code(&signed("k", 2_000, BODY), BODY, 1_000),
            "E_HINT_UNSIGNED"
        );
        assert_eq!(
            code(&signed("k", 1_000, b"{}"), BODY, 1_000),
            "E_HINT_UNSIGNED"
        );
        assert_eq!(code("", BODY, 1_000), "E_HINT_UNSIGNED");
        assert_eq!(code("t=1000,v1=zz", BODY, 1_000), "E_HINT_UNSIGNED");
        for body in [
            &b"{}"[..],
            b"\xff\xfe",
            br#"{"entity":"customer","keys":[]}"#,
            br#"{"entity":"customer","keys":["x"]}"#,
        ] {
            assert_eq!(
                code(&signed("k", 1_000, body), body, 1_000),
                "E_HINT_INVALID"
            );
        }
        assert_eq!(
            code("", &vec![b' '; LONGEST_BODY + 1], 1_000),
            "E_HINT_TOO_LARGE"
        );
    }
}
