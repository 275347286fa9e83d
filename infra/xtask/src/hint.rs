//! Signs hints as the agent or a script beside Sage does.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The value of `Counterpart-Signature`: `t=<unix>,v1=<hex HMAC-SHA256 of "<unix>.<body>">`.
pub fn signature(key: &str, unix_seconds: u64, body: &str) -> String {
    let signed = format!("{unix_seconds}.{body}");
    let code = Hmac::<Sha256>::new_from_slice(key.as_bytes())
        .map(|mut mac| {
            mac.update(signed.as_bytes());
            mac.finalize().into_bytes()
        })
        .unwrap_or_default();
    let hex: String = code.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={unix_seconds},v1={hex}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_covers_time_and_body() {
        // Computed with `printf '1700000000.{}' | openssl dgst -sha256 -hmac key`.
        let expected =
            "t=1700000000,v1=9d713ed406bb7076d4123f0dc2c39d2df5c654ed4b0cd56b52c8b4c940bd63ae";
        assert_eq!(signature("key", 1_700_000_000, "{}"), expected);
    }

    #[test]
    fn the_sample_event_is_signed_with_the_sample_key() {
        let event: serde_json::Value =
            serde_json::from_str(include_str!("../../../events/poller-hint.json")).unwrap();
        let said = event["headers"]["counterpart-signature"].as_str().unwrap();
        let body = event["body"].as_str().unwrap();
        assert_eq!(signature("sample-hint-key", 1_795_375_800, body), said);
    }
}
