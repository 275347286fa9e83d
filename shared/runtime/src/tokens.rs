//! One store of access tokens for all clients of a process.

use std::sync::Arc;

use counterpart_aws::DynamoStore;
use counterpart_delivery::ports::{RefreshClaim, StoredToken, Tokens};
use counterpart_domain::{Fault, TargetName};
use jiff::Timestamp;

/// The store's `Tokens`, shared.
#[derive(Debug, Clone)]
pub struct SharedTokens(pub Arc<DynamoStore>);

impl Tokens for SharedTokens {
    async fn token(&self, target: &TargetName) -> Result<Option<StoredToken>, Fault> {
        self.0.token(target).await
    }

    async fn claim_refresh(
        &self,
        target: &TargetName,
        owner: &str,
        stale: u64,
        now: Timestamp,
        lease_until: Timestamp,
        most: u32,
        window_seconds: i64,
    ) -> Result<RefreshClaim, Fault> {
        self.0
            .claim_refresh(target, owner, stale, now, lease_until, most, window_seconds)
            .await
    }

    async fn store_token(
        &self,
        target: &TargetName,
        owner: &str,
        token: &StoredToken,
    ) -> Result<(), Fault> {
        self.0.store_token(target, owner, token).await
    }

    async fn abandon_refresh(
        &self,
        target: &TargetName,
        owner: &str,
        not_before: Option<Timestamp>,
    ) -> Result<(), Fault> {
        self.0.abandon_refresh(target, owner, not_before).await
    }
}
