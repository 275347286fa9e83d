//! The access token: one for all instances, kept in the shared store, refreshed by one instance at a time and only when
//! the stored token is the one that failed or ran out.

use std::time::Duration;

use counterpart_delivery::ports::{Clock, Ids, RefreshClaim, StoredToken, Tokens};
use counterpart_domain::{Class, Fault};
use jiff::Timestamp;

use crate::api::{Api, lock};
use crate::product::{Granted, Product};
use crate::time::later;
use crate::token_endpoint::TOKEN_TIMEOUT;

/// A token with less than this left is replaced before it is used.
const EARLY_SECONDS: i64 = 60;
/// A token with less than this left is of no use, even while another instance gets the next.
const LAST_SECONDS: i64 = 5;
/// A refresh takes one call; the lease outlives it by a margin for a slow store.
const LEASE_MARGIN_SECONDS: i64 = 10;
/// How long others wait for the one that refreshes: longer than its lease, so that they can take over from a killed one.
const PATIENCE_MARGIN_SECONDS: i64 = 15;
/// After a failed refresh nobody tries for this long: those who wait would otherwise spend the allowance in a second.
const PAUSE_SECONDS: i64 = 15;

impl<P: Product, T: Tokens, C: Clock + Ids> Api<P, T, C> {
    /// A token to call with: the cached one, else the stored one, else a new one.
    pub(crate) async fn access(&self) -> Result<StoredToken, Fault> {
        let now = self.clock.now();
        if let Some(token) = self
            .cached()
            .filter(|token| self.usable(token, now, EARLY_SECONDS))
        {
            return Ok(token);
        }
        let stored = self.tokens.token(&self.target).await?;
        if let Some(token) = stored
            .as_ref()
            .filter(|token| self.usable(token, now, EARLY_SECONDS))
        {
            return Ok(self.remember(token.clone()));
        }
        // Its last minute has begun: good enough while somebody else sees to the next one.
        self.obtain(stored.clone(), stored).await
    }

    /// A token in place of one that the CRM refused. Another instance may have replaced it already.
    pub(crate) async fn replace(&self, failed: &StoredToken) -> Result<StoredToken, Fault> {
        {
            let mut cache = lock(&self.cache);
            if cache
                .as_ref()
                .is_some_and(|token| token.access_token == failed.access_token)
            {
                *cache = None;
            }
        }
        let now = self.clock.now();
        let stored = self.tokens.token(&self.target).await?;
        match stored {
            Some(token)
                if token.access_token != failed.access_token
                    && self.usable(&token, now, LAST_SECONDS) =>
            {
                Ok(self.remember(token))
            }
            stale => self.obtain(stale, None).await,
        }
    }

    fn cached(&self) -> Option<StoredToken> {
        lock(&self.cache).clone()
    }

    fn remember(&self, token: StoredToken) -> StoredToken {
        *lock(&self.cache) = Some(token.clone());
        token
    }

    /// Refreshes in place of `stale`, or waits for the instance that does. `meanwhile` is used instead of waiting, as
    /// long as it lasts.
    async fn obtain(
        &self,
        mut stale: Option<StoredToken>,
        meanwhile: Option<StoredToken>,
    ) -> Result<StoredToken, Fault> {
        let owner = self.clock.new_id();
        let lease_seconds = seconds(TOKEN_TIMEOUT) + LEASE_MARGIN_SECONDS;
        let give_up = later(self.clock.now(), lease_seconds + PATIENCE_MARGIN_SECONDS);
        let mut pause = Duration::from_millis(100);
        loop {
            let now = self.clock.now();
            let generation = stale.as_ref().map_or(0, |token| token.generation);
            let claim = self
                .tokens
                .claim_refresh(
                    &self.target,
                    &owner,
                    generation,
                    now,
                    later(now, lease_seconds),
                    P::ALLOWANCE.most,
                    P::ALLOWANCE.window_seconds,
                )
                .await?;
            let usable = meanwhile
                .as_ref()
                .filter(|token| self.usable(token, now, LAST_SECONDS));
            match (claim, usable) {
                (RefreshClaim::Granted, _) => return self.refresh(&owner, stale.as_ref()).await,
                (RefreshClaim::Fresher(token), _) if self.usable(&token, now, LAST_SECONDS) => {
                    return Ok(self.remember(token));
                }
                // Fresher than ours, and yet run out: that one is the stale one.
                (RefreshClaim::Fresher(token), _) => stale = Some(token),
                (RefreshClaim::Busy(_) | RefreshClaim::Exhausted(_), Some(token)) => {
                    return Ok(token.clone());
                }
                (RefreshClaim::Exhausted(until), None) => return Err(exhausted(P::NAME, until)),
                (RefreshClaim::Busy(until), None) if now >= give_up => {
                    return Err(busy(P::NAME, until));
                }
                (RefreshClaim::Busy(_), None) => {}
            }
            if now >= give_up {
                return Err(busy(P::NAME, later(now, PAUSE_SECONDS)));
            }
            let jitter = Duration::from_millis(self.clock.random_below(100));
            self.clock.sleep(pause + jitter).await;
            pause = (pause * 2).min(Duration::from_secs(1));
        }
    }

    /// Asks the CRM, under a granted claim.
    async fn refresh(
        &self,
        owner: &str,
        stale: Option<&StoredToken>,
    ) -> Result<StoredToken, Fault> {
        let asked = self.clock.now();
        self.count(|usage| usage.token_calls += 1);
        let granted = self.product.ask_token(&self.http, self.moment()).await;
        let obtained = granted.and_then(|granted| {
            Ok(StoredToken {
                api_base: Some(self.marked_base(&granted, stale)?),
                access_token: granted.access_token,
                expires_at: later(asked, granted.lifetime_seconds),
                generation: stale.map_or(0, |token| token.generation) + 1,
            })
        });
        let token = match obtained {
            Ok(token) => token,
            Err(fault) => {
                self.abandon(owner, &fault).await;
                return Err(fault);
            }
        };
        tracing::info!(target.name = %self.target, token.generation = token.generation, "{} access token refreshed", P::NAME);
        match self.tokens.store_token(&self.target, owner, &token).await {
            Ok(()) => Ok(self.remember(token)),
            // Our lease ran out and somebody else was quicker: theirs is the shared one.
            Err(fault) if fault.code == "E_LEASE_LOST" => self
                .tokens
                .token(&self.target)
                .await?
                .filter(|token| self.usable(token, self.clock.now(), LAST_SECONDS))
                .map(|token| self.remember(token))
                .ok_or(fault),
            Err(fault) => Err(fault),
        }
    }

    /// Whether a token is this connection's, lasts, and can be sent: one that cannot is refused by nobody, and would be
    /// kept to its end.
    fn usable(&self, token: &StoredToken, now: Timestamp, at_least_seconds: i64) -> bool {
        lasts(token, now, at_least_seconds) && self.is_own(token) && self.header(token).is_ok()
    }

    /// The API base to call with a token.
    pub(crate) fn base(&self, token: &StoredToken) -> Result<String, Fault> {
        match base_and_mark(token) {
            Some((base, _)) => self.product.follow(base),
            None => Ok(self.product.api_base().to_owned()),
        }
    }

    /// Whether a stored token belongs to this connection at all.
    fn is_own(&self, token: &StoredToken) -> bool {
        match base_and_mark(token) {
            Some((_, Some(mark))) => mark == self.product.mark(),
            _ => P::TAKES_UNMARKED,
        }
    }

    /// What is stored with a new token: its base, and what it was got for. An answer that names no base leaves the one that
    /// was in use.
    fn marked_base(&self, granted: &Granted, stale: Option<&StoredToken>) -> Result<String, Fault> {
        let base = match &granted.api_base {
            Some(named) => self.product.follow(named)?,
            None => stale
                .filter(|token| self.is_own(token))
                .and_then(base_and_mark)
                .map_or_else(|| self.product.api_base(), |(base, _)| base)
                .to_owned(),
        };
        Ok(format!("{base}#{}", self.product.mark()))
    }

    /// Gives the lease back, with a pause that fits the fault. A fault that only a person can mend has none: the
    /// allowance bounds the tries, and mended credentials work at once.
    async fn abandon(&self, owner: &str, fault: &Fault) {
        let not_before = match fault.class {
            Class::Configuration | Class::Data | Class::Bug => None,
            Class::Throttled | Class::Transient | Class::Ambiguous => Some(
                fault
                    .not_before
                    .unwrap_or_else(|| later(self.clock.now(), PAUSE_SECONDS)),
            ),
        };
        let abandoned = self
            .tokens
            .abandon_refresh(&self.target, owner, not_before)
            .await;
        if let Err(error) = abandoned {
            // The lease runs out by itself.
            tracing::warn!(target.name = %self.target, error.code = %error.code, "the refresh lease was not given back");
        }
    }
}

/// The base of a stored token, and its mark.
fn base_and_mark(token: &StoredToken) -> Option<(&str, Option<&str>)> {
    let stored = token.api_base.as_deref()?;
    Some(match stored.split_once('#') {
        Some((base, mark)) => (base, Some(mark)),
        None => (stored, None),
    })
}

fn lasts(token: &StoredToken, now: Timestamp, at_least_seconds: i64) -> bool {
    token.expires_at > later(now, at_least_seconds)
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

fn exhausted(product: &str, until: Timestamp) -> Fault {
    Fault::new(
        Class::Throttled,
        "E_CRM_TOKEN_ALLOWANCE",
        format!(
            "No access token may be asked of {product} at present: the allowance is used up, or an earlier try failed \
             and a pause was taken."
        ),
    )
    .until(until)
}

fn busy(product: &str, until: Timestamp) -> Fault {
    Fault::new(
        Class::Transient,
        "E_CRM_TOKEN_BUSY",
        format!("Another instance is getting an access token from {product}, and takes long."),
    )
    .until(until)
}
