//! The signed hint: the agent, or a script in Sage 100, says "these keys changed", and they are polled at once. For those
//! who cannot wait for the schedule; the schedule comes by all the same, so that a lost hint loses nothing.

use counterpart_domain::{Class, Company, Entity, Fault, SageKey};
use jiff::Timestamp;
use serde::Deserialize;

use crate::{SecretText, signature};

/// The most keys of one hint.
pub const MOST_KEYS: usize = 100;
/// The longest body, in bytes.
pub const LONGEST_BODY: usize = 16 * 1024;

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

fn unsigned(why: &signature::Unsigned) -> Fault {
    Fault::new(
        Class::Data,
        "E_HINT_UNSIGNED",
        "The hint is not signed with this installation's key, or its time is off.",
    )
    .with_detail(why)
}

fn bad(detail: impl std::fmt::Display) -> Fault {
    Fault::new(
        Class::Data,
        "E_HINT_INVALID",
        "The hint is not {\"entity\": …, \"keys\": [1 to 100 keys]}.",
    )
    .with_detail(detail)
}

/// Checks the signature (see [`signature`]) and only then reads the body.
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
    signature::verify(key, signature, body, now).map_err(|why| unsigned(&why))?;
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

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"entity":"customer","keys":["01-ABF","01-ABF","02-ACE"]}"#;

    fn abc() -> Company {
        Company::new("ABC").unwrap()
    }

    fn signed(key: &str, at: i64, body: &[u8]) -> String {
        let at = Timestamp::from_second(at).unwrap();
        signature::sign(&SecretText::new(key), body, at).unwrap()
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
