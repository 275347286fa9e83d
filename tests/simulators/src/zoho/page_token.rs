//! Page tokens: bound to the parameters of the list, good for 24 hours.

use serde_json::json;

use super::errors::Failure;

/// Seconds that a token is good for.
const LIFETIME: i64 = 24 * 3600;

/// Writes a token for the rows from `offset` on.
pub fn encode(offset: usize, bound_to: &str, now: i64) -> (String, i64) {
    let end = now + LIFETIME;
    (
        format!("{offset:08x}{:016x}{end:016x}", hash(bound_to)),
        end,
    )
}

/// Reads a token.
///
/// # Errors
/// TOKEN_BOUND_DATA_MISMATCH, EXPIRED_VALUE.
pub fn decode(token: &str, bound_to: &str, now: i64) -> Result<usize, Failure> {
    let mismatch = || {
        let message = "The page_token given seems to be invalid or input param is added or altered or deleted";
        Failure::new(
            400,
            "TOKEN_BOUND_DATA_MISMATCH",
            &json!({"param_name": "page_token"}),
            message,
        )
    };
    let part = |from: usize, to: usize| {
        token
            .get(from..to)
            .and_then(|text| u64::from_str_radix(text, 16).ok())
            .ok_or_else(mismatch)
    };
    let (offset, bound, end) = (part(0, 8)?, part(8, 24)?, part(24, 40)?);
    if bound != hash(bound_to) || token.len() != 40 {
        return Err(mismatch());
    }
    if i64::try_from(end).is_ok_and(|end| end <= now) {
        let details = json!({"api_name": "page_token", "json_path": "$.query.page_token"});
        return Err(Failure::new(
            400,
            "EXPIRED_VALUE",
            &details,
            "Page token expired",
        ));
    }
    usize::try_from(offset).map_err(|_| mismatch())
}

/// FNV-1a: a mark of sameness, no protection.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_bound_to_its_parameters_and_ends_after_a_day() {
        let (token, end) = encode(400, "fields=Phone", 0);
        assert_eq!(decode(&token, "fields=Phone", 10).unwrap(), 400);
        assert!(decode(&token, "fields=Fax", 10).is_err());
        assert!(decode(&token, "fields=Phone", end).is_err());
        assert!(decode("é", "fields=Phone", 0).is_err());
    }
}
