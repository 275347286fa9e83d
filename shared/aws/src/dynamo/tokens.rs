//! Access tokens.

use counterpart_delivery::ports::{RefreshClaim, StoredToken, Tokens};
use counterpart_domain::{Class, Fault, TargetName};
use jiff::{SignedDuration, Timestamp};

use super::DynamoStore;
use super::call::{Expression, Wrote};
use super::item::{Item, Read as _, attributes, ms, n, s};
use super::token_state::{Claim, TokenState, expiry, place};
use crate::fault::Service;

/// How often a claim that others overtake is decided anew.
const TRIES: usize = 10;

impl DynamoStore {
    async fn claim(&self, target: &TargetName, claim: &Claim<'_>) -> Result<RefreshClaim, Fault> {
        let table = &self.tables.tokens;
        let mut found = self.get(table, place(target)).await?;
        for _ in 0..TRIES {
            let mut state = found.as_ref().map(TokenState::read).unwrap_or_default();
            let (answer, changed) = state.claim(claim);
            if !changed {
                return Ok(answer);
            }
            let unchanged = match &found {
                None => Expression::new("attribute_not_exists(pk)", Item::new()),
                Some(_) => Expression::new("rev = :rev", attributes([(":rev", n(state.rev))])),
            };
            let item = state.item(target, claim.now);
            match self.put(table, item, Some(unchanged)).await? {
                Wrote::Done(_) => return Ok(answer),
                // Ours, repeated by the SDK, is among what may be found now: then the lease is ours.
                Wrote::Refused(now) => found = now,
            }
        }
        let text = format!("The access token of {target} is being claimed by many at once.");
        Err(Service::Store.fault(Class::Transient, "CONFLICT", text))
    }
}

impl Tokens for DynamoStore {
    async fn token(&self, target: &TargetName) -> Result<Option<StoredToken>, Fault> {
        let item = self.get(&self.tables.tokens, place(target)).await?;
        Ok(item.and_then(|item| TokenState::read(&item).token()))
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
        let claim = Claim {
            owner,
            stale,
            now,
            lease_until,
            most,
            window: SignedDuration::from_secs(window_seconds),
        };
        self.claim(target, &claim).await
    }

    async fn store_token(
        &self,
        target: &TargetName,
        owner: &str,
        token: &StoredToken,
    ) -> Result<(), Fault> {
        let mut values = attributes([
            (":owner", s(owner)),
            (":token", s(token.access_token.reveal())),
            (":token_expires_at", ms(token.expires_at)),
            (":one", n(1)),
            (":expires_at", n(expiry(token.expires_at))),
        ]);
        let (set_base, remove_base) = match &token.api_base {
            Some(base) => {
                values.insert(":base".to_owned(), s(base));
                (", api_base = :base", "")
            }
            None => ("", ", api_base"),
        };
        let text = format!(
            "SET access_token = :token, token_expires_at = :token_expires_at, \
             generation = generation + :one, rev = rev + :one, expires_at = :expires_at{set_base} \
             REMOVE lease_owner, lease_until{remove_base}"
        );
        let update = Expression::new(text, values);
        let ours = Some("lease_owner = :owner");
        match self
            .update(&self.tables.tokens, place(target), update, ours)
            .await?
        {
            Wrote::Done(_) => Ok(()),
            // Stored by ourselves a moment ago, and repeated by the SDK.
            Wrote::Refused(Some(item))
                if item.text("access_token") == Some(token.access_token.reveal()) =>
            {
                Ok(())
            }
            Wrote::Refused(_) => Err(Fault::new(
                Class::Transient,
                "E_LEASE_LOST",
                format!("Another instance has taken over the refresh for {target}."),
            )),
        }
    }

    async fn abandon_refresh(
        &self,
        target: &TargetName,
        owner: &str,
        not_before: Option<Timestamp>,
    ) -> Result<(), Fault> {
        let mut values = attributes([(":owner", s(owner)), (":one", n(1))]);
        let text = match not_before {
            Some(instant) => {
                values.insert(":not_before".to_owned(), ms(instant));
                "SET rev = rev + :one, not_before = :not_before REMOVE lease_owner, lease_until"
            }
            None => "SET rev = rev + :one REMOVE lease_owner, lease_until, not_before",
        };
        let update = Expression::new(text, values);
        // Refused: the lease is not ours any more.
        let ours = Some("lease_owner = :owner");
        self.update(&self.tables.tokens, place(target), update, ours)
            .await?;
        Ok(())
    }
}
