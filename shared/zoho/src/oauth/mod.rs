//! The access token: one for all instances, kept in the shared store, refreshed by one instance at a time and only when
//! the stored token is the one that failed or ran out. Zoho hands out 10 per 10 minutes, and each refusal prolongs the
//! wait; at most 15 live at once, and the 16th kills the oldest. Pages: "Refresh access tokens", "Token validity".

mod reply;

use std::time::Duration;

use counterpart_delivery::ports::{Clock, Ids, RefreshClaim, StoredToken, Tokens};
use counterpart_domain::{Class, Fault};
use jiff::Timestamp;

use crate::client::{ZohoClient, lock};
use crate::faults::later;
use crate::http::Unanswered;

/// Refreshes within [`WINDOW_SECONDS`]: Zoho's 10, less 2 for people at the API console and for windows that are cut
/// otherwise on Zoho's side.
const MOST_REFRESHES: u32 = 8;
const WINDOW_SECONDS: i64 = 600;
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
/// A refresh is small; it need not wait as long as a bulk write.
const REFRESH_TIMEOUT: Duration = Duration::from_secs(15);
/// No token reply is longer.
const LONGEST_TOKEN_REPLY: usize = 64 * 1024;

impl<T: Tokens, C: Clock + Ids> ZohoClient<T, C> {
    /// A token to call with: the cached one, else the stored one, else a new one.
    pub(crate) async fn access(&self) -> Result<StoredToken, Fault> {
        let now = self.clock.now();
        if let Some(token) = self
            .cached()
            .filter(|token| lasts(token, now, EARLY_SECONDS))
        {
            return Ok(token);
        }
        let stored = self.tokens.token(&self.target).await?;
        if let Some(token) = stored
            .as_ref()
            .filter(|token| lasts(token, now, EARLY_SECONDS))
        {
            return Ok(self.remember(token.clone()));
        }
        // Its last minute has begun: good enough while somebody else sees to the next one.
        self.obtain(stored.clone(), stored).await
    }

    /// A token in place of one that Zoho refused. Another instance may have replaced it already.
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
                    && lasts(&token, now, LAST_SECONDS) =>
            {
                Ok(self.remember(token))
            }
            stale => self.obtain(stale, None).await,
        }
    }

    /// The API base that goes with a token.
    pub(crate) fn base_of(&self, token: &StoredToken) -> Result<String, Fault> {
        match &token.api_base {
            // Checked again: what a store holds is text from outside, too.
            Some(base) => self.hosts.follow(base),
            None => Ok(self.hosts.api_base().to_owned()),
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
        let lease_seconds = seconds(REFRESH_TIMEOUT) + LEASE_MARGIN_SECONDS;
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
                    MOST_REFRESHES,
                    WINDOW_SECONDS,
                )
                .await?;
            let usable = meanwhile
                .as_ref()
                .filter(|token| lasts(token, now, LAST_SECONDS));
            match (claim, usable) {
                (RefreshClaim::Granted, _) => return self.refresh(&owner, stale.as_ref()).await,
                (RefreshClaim::Fresher(token), _) if lasts(&token, now, LAST_SECONDS) => {
                    return Ok(self.remember(token));
                }
                // Fresher than ours, and yet run out: that one is the stale one.
                (RefreshClaim::Fresher(token), _) => stale = Some(token),
                (RefreshClaim::Busy(_) | RefreshClaim::Exhausted(_), Some(token)) => {
                    return Ok(token.clone());
                }
                (RefreshClaim::Exhausted(until), None) => return Err(exhausted(until)),
                (RefreshClaim::Busy(until), None) if now >= give_up => return Err(busy(until)),
                (RefreshClaim::Busy(_), None) => {}
            }
            if now >= give_up {
                return Err(busy(later(now, PAUSE_SECONDS)));
            }
            let jitter = Duration::from_millis(self.clock.random_below(100));
            self.clock.sleep(pause + jitter).await;
            pause = (pause * 2).min(Duration::from_secs(1));
        }
    }

    /// Asks Zoho, under a granted claim.
    async fn refresh(
        &self,
        owner: &str,
        stale: Option<&StoredToken>,
    ) -> Result<StoredToken, Fault> {
        let asked = self.clock.now();
        let obtained = self.ask().await.and_then(|granted| {
            let api_base = match &granted.api_domain {
                Some(named) => Some(self.hosts.follow(named)?),
                // A reply that names no base leaves the one that was in use.
                None => stale.and_then(|token| token.api_base.clone()),
            };
            Ok(StoredToken {
                access_token: granted.access_token,
                api_base,
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
        tracing::info!(target.name = %self.target, token.generation = token.generation, "zoho access token refreshed");
        match self.tokens.store_token(&self.target, owner, &token).await {
            Ok(()) => Ok(self.remember(token)),
            // Our lease ran out and somebody else was quicker: theirs is the shared one.
            Err(fault) if fault.code == "E_LEASE_LOST" => self
                .tokens
                .token(&self.target)
                .await?
                .filter(|token| lasts(token, self.clock.now(), LAST_SECONDS))
                .map(|token| self.remember(token))
                .ok_or(fault),
            Err(fault) => Err(fault),
        }
    }

    async fn ask(&self) -> Result<reply::Granted, Fault> {
        self.count(|usage| usage.token_calls += 1);
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", self.credentials.client_id.reveal()),
            ("client_secret", self.credentials.client_secret.reveal()),
            ("refresh_token", self.credentials.refresh_token.reveal()),
        ];
        let request = self
            .http
            .client()
            .post(self.hosts.token_url().clone())
            .timeout(REFRESH_TIMEOUT)
            .form(&form);
        let reply = self
            .http
            .send(request, LONGEST_TOKEN_REPLY)
            .await
            .map_err(|why| {
                let detail = match why {
                    Unanswered::NotSent(detail)
                    | Unanswered::TimedOut(detail)
                    | Unanswered::Broken(detail) => detail,
                    Unanswered::TooLarge(limit) => format!("more than {limit} bytes"),
                };
                reply::unavailable(&detail)
            })?;
        reply::read(reply.status, &reply.body, self.moment(), |text| {
            self.credentials.scrub(text, None)
        })
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

fn lasts(token: &StoredToken, now: Timestamp, at_least_seconds: i64) -> bool {
    token.expires_at > later(now, at_least_seconds)
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

fn exhausted(until: Timestamp) -> Fault {
    Fault::new(
        Class::Throttled,
        "E_CRM_TOKEN_ALLOWANCE",
        "No access token may be asked of Zoho at present: the allowance is used up, or an earlier try failed and a \
         pause was taken.",
    )
    .until(until)
}

fn busy(until: Timestamp) -> Fault {
    Fault::new(
        Class::Transient,
        "E_CRM_TOKEN_BUSY",
        "Another instance is getting an access token from Zoho, and takes long.",
    )
    .until(until)
}
