//! Access tokens, shared by all function instances: refreshed by one at a time, and no oftener than the CRM allows.

use counterpart_domain::{Fault, TargetName};
use jiff::Timestamp;

use crate::SecretText;

/// A shared access token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredToken {
    /// The token.
    pub access_token: SecretText,
    /// The API base that came with it (`https://www.zohoapis.eu`), where the reply named one. Only the client that wrote it
    /// reads it: a client may keep a mark of its own behind `#`.
    pub api_base: Option<String>,
    /// When it runs out.
    pub expires_at: Timestamp,
    /// Rises by one with each refresh. 0 stands for "none was ever stored".
    pub generation: u64,
}

/// The answer to the wish to refresh.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefreshClaim {
    /// Refresh, then [`Tokens::store_token`] or [`Tokens::abandon_refresh`].
    Granted,
    /// Another instance has refreshed already: use this one.
    Fresher(StoredToken),
    /// Another instance is refreshing until (at the latest) then.
    Busy(Timestamp),
    /// The allowance is used up (or a pause was asked for) until then.
    Exhausted(Timestamp),
}

/// Shared access tokens.
pub trait Tokens {
    /// The stored token, expired or not.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn token(&self, target: &TargetName) -> Result<Option<StoredToken>, Fault>;

    /// Asks to refresh because the token of `stale` generation failed or ran out (0: there was none). Granted to one
    /// owner at a time until `lease_until`, only while the stored generation is still `stale`, and at most `most`
    /// times within `window_seconds`. A grant counts against the allowance at once.
    ///
    /// # Errors
    /// When the store cannot be written, or nobody knows (then asking again is safe).
    #[expect(
        clippy::too_many_arguments,
        reason = "one conditional write, all of its conditions"
    )]
    async fn claim_refresh(
        &self,
        target: &TargetName,
        owner: &str,
        stale: u64,
        now: Timestamp,
        lease_until: Timestamp,
        most: u32,
        window_seconds: i64,
    ) -> Result<RefreshClaim, Fault>;

    /// Stores the refreshed token (the store writes generation `stale + 1`) and ends the lease of `owner`.
    ///
    /// # Errors
    /// `E_LEASE_LOST` (transient) when another owner took over; or when the store cannot be written.
    async fn store_token(
        &self,
        target: &TargetName,
        owner: &str,
        token: &StoredToken,
    ) -> Result<(), Fault>;

    /// Ends the lease of `owner` without a token; nobody may claim before `not_before` where given.
    ///
    /// # Errors
    /// When the store cannot be written; the lease then runs out by itself.
    async fn abandon_refresh(
        &self,
        target: &TargetName,
        owner: &str,
        not_before: Option<Timestamp>,
    ) -> Result<(), Fault>;
}
