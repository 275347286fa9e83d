use counterpart_delivery::ports::{RefreshClaim, StoredToken, Tokens};
use counterpart_domain::{Class, Fault, TargetName};
use jiff::{SignedDuration, Timestamp};

use super::MemoryStore;

/// What is kept per target.
#[derive(Debug, Default)]
pub(super) struct TokenState {
    token: Option<StoredToken>,
    generation: u64,
    lease: Option<(String, Timestamp)>,
    grants: Vec<Timestamp>,
    not_before: Option<Timestamp>,
}

impl TokenState {
    fn is_of(&self, owner: &str) -> bool {
        self.lease.as_ref().is_some_and(|(of, _)| of == owner)
    }
}

impl Tokens for MemoryStore {
    async fn token(&self, target: &TargetName) -> Result<Option<StoredToken>, Fault> {
        let state = self.0.borrow();
        Ok(state.tokens.get(target).and_then(|t| t.token.clone()))
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
        let state = &mut *self.0.borrow_mut();
        let held = state.tokens.entry(target.clone()).or_default();
        if let Some(token) = held.token.as_ref().filter(|t| t.generation > stale) {
            return Ok(RefreshClaim::Fresher(token.clone()));
        }
        match &held.lease {
            // Asked again because the answer was lost: it counts once.
            Some((of, until)) if of == owner && *until > now => return Ok(RefreshClaim::Granted),
            Some((_, until)) if *until > now => return Ok(RefreshClaim::Busy(*until)),
            _ => {}
        }
        if let Some(pause) = held.not_before.filter(|pause| *pause > now) {
            return Ok(RefreshClaim::Exhausted(pause));
        }
        let window = SignedDuration::from_secs(window_seconds);
        held.grants.retain(|grant| *grant > now - window);
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        if let Some(over) = held.grants.len().checked_sub(most) {
            let free_at = held
                .grants
                .get(over)
                .map_or(Timestamp::MAX, |g| *g + window);
            return Ok(RefreshClaim::Exhausted(free_at));
        }
        held.grants.push(now);
        held.generation = held.generation.max(stale);
        held.lease = Some((owner.to_owned(), lease_until));
        held.not_before = None;
        Ok(RefreshClaim::Granted)
    }

    async fn store_token(
        &self,
        target: &TargetName,
        owner: &str,
        token: &StoredToken,
    ) -> Result<(), Fault> {
        let state = &mut *self.0.borrow_mut();
        let held = state.tokens.entry(target.clone()).or_default();
        if !held.is_of(owner) {
            return Err(Fault::new(
                Class::Transient,
                "E_LEASE_LOST",
                "Another instance has taken over the refresh of the access token.",
            ));
        }
        held.lease = None;
        held.generation += 1;
        held.token = Some(StoredToken {
            generation: held.generation,
            ..token.clone()
        });
        Ok(())
    }

    async fn abandon_refresh(
        &self,
        target: &TargetName,
        owner: &str,
        not_before: Option<Timestamp>,
    ) -> Result<(), Fault> {
        let state = &mut *self.0.borrow_mut();
        let held = state.tokens.entry(target.clone()).or_default();
        if held.is_of(owner) {
            held.lease = None;
            held.not_before = not_before;
        }
        Ok(())
    }
}
