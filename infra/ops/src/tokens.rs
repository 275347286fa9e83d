//! Access tokens of one run of the command. The deployment's table of tokens belongs to the writers' role alone, so a
//! command that calls a CRM gets a token of its own: one per run and target.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use counterpart_delivery::ports::{RefreshClaim, StoredToken, Tokens};
use counterpart_domain::{Class, Fault, TargetName};
use jiff::Timestamp;

#[derive(Default)]
struct State {
    token: Option<StoredToken>,
    /// Owner, and until when.
    lease: Option<(String, Timestamp)>,
    not_before: Option<Timestamp>,
    /// When each refresh was granted.
    granted: Vec<Timestamp>,
}

/// Tokens in memory; clones share them.
#[derive(Clone, Default)]
pub struct MemoryTokens(Arc<Mutex<BTreeMap<TargetName, State>>>);

impl MemoryTokens {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<TargetName, State>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tokens for MemoryTokens {
    async fn token(&self, target: &TargetName) -> Result<Option<StoredToken>, Fault> {
        Ok(self
            .lock()
            .get(target)
            .and_then(|state| state.token.clone()))
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
        let mut states = self.lock();
        let state = states.entry(target.clone()).or_default();
        if let Some(token) = state
            .token
            .clone()
            .filter(|token| token.generation != stale)
        {
            return Ok(RefreshClaim::Fresher(token));
        }
        if let Some((_, until)) = state
            .lease
            .as_ref()
            .filter(|(holder, until)| holder != owner && *until > now)
        {
            return Ok(RefreshClaim::Busy(*until));
        }
        if let Some(until) = state.not_before.filter(|until| *until > now) {
            return Ok(RefreshClaim::Exhausted(until));
        }
        let window = jiff::SignedDuration::from_secs(window_seconds);
        let free_at = |granted: &Timestamp| granted.checked_add(window).unwrap_or(now);
        state.granted.retain(|granted| free_at(granted) > now);
        if state.granted.len() >= most as usize {
            let until = state.granted.first().map_or(now, free_at);
            return Ok(RefreshClaim::Exhausted(until));
        }
        state.granted.push(now);
        state.lease = Some((owner.to_owned(), lease_until));
        Ok(RefreshClaim::Granted)
    }

    async fn store_token(
        &self,
        target: &TargetName,
        owner: &str,
        token: &StoredToken,
    ) -> Result<(), Fault> {
        let mut states = self.lock();
        let state = states.entry(target.clone()).or_default();
        if state
            .lease
            .as_ref()
            .is_none_or(|(holder, _)| holder != owner)
        {
            return Err(Fault::new(
                Class::Transient,
                "E_LEASE_LOST",
                "Another part of this command has refreshed the token.",
            ));
        }
        let generation = state.token.as_ref().map_or(0, |token| token.generation) + 1;
        state.token = Some(StoredToken {
            generation,
            ..token.clone()
        });
        state.lease = None;
        Ok(())
    }

    async fn abandon_refresh(
        &self,
        target: &TargetName,
        owner: &str,
        not_before: Option<Timestamp>,
    ) -> Result<(), Fault> {
        let mut states = self.lock();
        let state = states.entry(target.clone()).or_default();
        if state
            .lease
            .as_ref()
            .is_some_and(|(holder, _)| holder == owner)
        {
            state.lease = None;
            state.not_before = not_before;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use counterpart_delivery::SecretText;
    use counterpart_simulation::VirtualClock;

    #[test]
    fn one_refreshes_at_a_time_and_no_oftener_than_allowed() {
        let clock = VirtualClock::new("2026-11-22T19:30:00Z".parse().unwrap(), 1);
        let tokens = MemoryTokens::default();
        let target = TargetName::new("zoho").unwrap();
        let at = |seconds: i64| Timestamp::from_second(1_800_000_000 + seconds).unwrap();
        let claim = |owner: &'static str, stale, now: i64| {
            let (tokens, target) = (tokens.clone(), target.clone());
            async move {
                let claim =
                    tokens.claim_refresh(&target, owner, stale, at(now), at(now + 60), 2, 600);
                claim.await.unwrap()
            }
        };
        let token = StoredToken {
            access_token: SecretText::new("t"),
            api_base: None,
            expires_at: at(3600),
            generation: 0,
        };
        clock.block_on(async {
            assert_eq!(claim("a", 0, 0).await, RefreshClaim::Granted);
            assert_eq!(claim("b", 0, 1).await, RefreshClaim::Busy(at(60)));
            assert!(tokens.store_token(&target, "b", &token).await.is_err());
            tokens.store_token(&target, "a", &token).await.unwrap();
            assert!(
                matches!(claim("b", 0, 2).await, RefreshClaim::Fresher(t) if t.generation == 1)
            );
            assert_eq!(claim("b", 1, 3).await, RefreshClaim::Granted);
            tokens.abandon_refresh(&target, "b", None).await.unwrap();
            assert_eq!(claim("b", 1, 4).await, RefreshClaim::Exhausted(at(600)));
            assert_eq!(claim("b", 1, 601).await, RefreshClaim::Granted);
        });
    }
}
