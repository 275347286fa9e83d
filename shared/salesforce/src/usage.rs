//! What the calls cost. Page: "API Request Limits and Allocations".

use crate::limits::LimitInfo;

/// Counters of one client since its making.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Upsert calls sent.
    pub write_calls: u64,
    /// Query calls for records sent, pages included.
    pub read_calls: u64,
    /// Calls for fields, users and the org sent.
    pub metadata_calls: u64,
    /// Access tokens asked for; they cost no API calls.
    pub token_calls: u64,
    /// Rows sent in upserts.
    pub rows_written: u64,
    /// Rows that queries for records returned.
    pub rows_read: u64,
    /// API calls, as Salesforce counts them: one a request, whatever it carries. Calls that were turned away for their
    /// token, or never answered, are left out.
    pub credits: u64,
    /// What Salesforce last said of the day's calls.
    pub limit: Option<LimitInfo>,
}

impl Usage {
    /// All calls of the API, without those for tokens.
    #[must_use]
    pub const fn calls(&self) -> u64 {
        self.write_calls + self.read_calls + self.metadata_calls
    }
}
