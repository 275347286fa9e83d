//! What the calls cost. Page: "API limits" of the CRM developer documentation.

/// Counters of one client since its making.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Upsert calls sent.
    pub write_calls: u64,
    /// Query calls sent.
    pub read_calls: u64,
    /// Calls for modules, fields, layouts, users and the org sent.
    pub metadata_calls: u64,
    /// Access tokens asked for; they cost no credits, but have an allowance of their own.
    pub token_calls: u64,
    /// Rows sent in upserts.
    pub rows_written: u64,
    /// Rows that queries returned.
    pub rows_read: u64,
    /// API credits, by Zoho's published prices. Calls that Zoho turned away (401, 429) or never answered are left out.
    pub credits: u64,
    /// What Zoho says is left of the day's credits; it says so only once half of them are used.
    pub credits_remaining: Option<u64>,
}

impl Usage {
    /// All calls of the CRM API, without those for tokens.
    #[must_use]
    pub const fn calls(&self) -> u64 {
        self.write_calls + self.read_calls + self.metadata_calls
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_by_tens_of_rows_and_by_size_of_query() {
        assert_eq!([1, 10, 11, 100].map(upsert_credits), [1, 1, 2, 10]);
        assert_eq!([200, 201, 1000, 2000].map(query_credits), [1, 2, 2, 3]);
    }
}
