//! The day's credits: what calls cost, what is left, and what is kept for orders. Page: "API limits" of the CRM developer
//! documentation.

use counterpart_domain::{Class, Fault};
use counterpart_http::Reply;

/// An upsert costs one credit for each ten rows begun.
pub(crate) const fn upsert_credits(rows: u64) -> u64 {
    rows.div_ceil(10)
}

/// A query costs by the rows it may return.
pub(crate) const fn query_credits(limit: u64) -> u64 {
    match limit {
        0..=200 => 1,
        201..=1000 => 2,
        _ => 3,
    }
}

/// `X-API-CREDITS-REMAINING`; Zoho sends it only once half of the day's credits are used.
pub(crate) fn credits_remaining(reply: &Reply) -> Option<u64> {
    reply.header("X-API-CREDITS-REMAINING")?.parse().ok()
}

/// Passes if calls for records may use what is left.
///
/// # Errors
/// `E_CRM_BUDGET_RESERVED` (throttled) where it is kept for orders.
pub(crate) fn check_reserve(left: u64, reserve: u64) -> Result<(), Fault> {
    if left > reserve {
        return Ok(());
    }
    Err(Fault::new(
        Class::Throttled,
        "E_CRM_BUDGET_RESERVED",
        format!(
            "{left} of the org's API credits of 24 hours are left; they are kept for orders, and the work waits."
        ),
    )
    .with_detail(format!("reserve {reserve}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_by_tens_of_rows_and_by_size_of_query() {
        assert_eq!([1, 10, 11, 100].map(upsert_credits), [1, 1, 2, 10]);
        assert_eq!([200, 201, 1000, 2000].map(query_credits), [1, 2, 2, 3]);
    }

    #[test]
    fn the_reserve_itself_is_kept() {
        assert!(check_reserve(501, 500).is_ok());
        assert!(check_reserve(500, 500).is_err());
    }
}
