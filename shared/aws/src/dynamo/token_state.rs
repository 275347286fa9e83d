//! What is kept about a target's access token, and who may refresh it: decided here, written under a condition.

use counterpart_delivery::SecretText;
use counterpart_delivery::ports::{RefreshClaim, StoredToken};
use counterpart_domain::TargetName;
use jiff::{SignedDuration, Timestamp};

use super::item::{Item, Read as _, key, ms, n, s};

/// How long after its last use the item of a target that is gone may be forgotten.
const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_hours(30 * 24);

pub(super) fn place(target: &TargetName) -> Item {
    key(target.as_str(), "token")
}

/// When an item touched at `instant` may go, in seconds since 1970.
pub(super) fn expiry(instant: Timestamp) -> i64 {
    instant
        .saturating_add(FORGOTTEN_AFTER)
        .map_or(i64::MAX, Timestamp::as_second)
}

/// A wish to refresh.
pub(super) struct Claim<'a> {
    pub(super) owner: &'a str,
    pub(super) stale: u64,
    pub(super) now: Timestamp,
    pub(super) lease_until: Timestamp,
    pub(super) most: u32,
    pub(super) window: SignedDuration,
}

/// The item, read.
#[derive(Default)]
pub(super) struct TokenState {
    token: Option<(String, Option<String>, Timestamp)>,
    generation: u64,
    lease: Option<(String, Timestamp)>,
    grants: Vec<Timestamp>,
    not_before: Option<Timestamp>,
    pub(super) rev: u64,
}

impl TokenState {
    /// What cannot be read counts as absent: the worst that follows is one refresh more.
    pub(super) fn read(item: &Item) -> Self {
        let token = item
            .text("access_token")
            .zip(item.instant("token_expires_at"));
        let lease = item.text("lease_owner").zip(item.instant("lease_until"));
        let grants = item.text("grants").unwrap_or_default().split(' ');
        Self {
            token: token.map(|(text, expires_at)| {
                let base = item.text("api_base").map(str::to_owned);
                (text.to_owned(), base, expires_at)
            }),
            generation: item.number("generation").unwrap_or(0),
            lease: lease.map(|(owner, until)| (owner.to_owned(), until)),
            grants: grants
                .filter_map(|text| Timestamp::from_millisecond(text.parse().ok()?).ok())
                .collect(),
            not_before: item.instant("not_before"),
            rev: item.number("rev").unwrap_or(0),
        }
    }

    pub(super) fn token(&self) -> Option<StoredToken> {
        let (text, api_base, expires_at) = self.token.clone()?;
        Some(StoredToken {
            access_token: SecretText::new(text),
            api_base,
            expires_at,
            generation: self.generation,
        })
    }

    /// The answer to a claim. [`RefreshClaim::Granted`] with `true` has changed the state, which has to be written.
    pub(super) fn claim(&mut self, claim: &Claim<'_>) -> (RefreshClaim, bool) {
        if self.generation > claim.stale
            && let Some(token) = self.token()
        {
            return (RefreshClaim::Fresher(token), false);
        }
        match &self.lease {
            // Asked again because the answer was lost: it counts once.
            Some((of, until)) if of == claim.owner && *until > claim.now => {
                return (RefreshClaim::Granted, false);
            }
            Some((_, until)) if *until > claim.now => return (RefreshClaim::Busy(*until), false),
            _ => {}
        }
        if let Some(pause) = self.not_before.filter(|pause| *pause > claim.now) {
            return (RefreshClaim::Exhausted(pause), false);
        }
        let leaves = |grant: Timestamp| grant.saturating_add(claim.window).unwrap_or(grant);
        self.grants.retain(|grant| leaves(*grant) > claim.now);
        self.grants.sort_unstable();
        let most = usize::try_from(claim.most).unwrap_or(usize::MAX);
        if let Some(over) = self.grants.len().checked_sub(most) {
            let free_at = self.grants.get(over).map_or(Timestamp::MAX, |g| leaves(*g));
            return (RefreshClaim::Exhausted(free_at), false);
        }
        self.grants.push(claim.now);
        // Should the item have been lost, the count of generations goes on from what the caller knows.
        self.generation = self.generation.max(claim.stale);
        self.lease = Some((claim.owner.to_owned(), claim.lease_until));
        self.not_before = None;
        (RefreshClaim::Granted, true)
    }

    /// The item as it has to be written, one revision on.
    pub(super) fn item(&self, target: &TargetName, now: Timestamp) -> Item {
        let mut item = place(target);
        let mut set = |name: &str, value| item.insert(name.to_owned(), value);
        if let Some((text, base, expires_at)) = &self.token {
            set("access_token", s(text));
            set("token_expires_at", ms(*expires_at));
            if let Some(base) = base {
                set("api_base", s(base));
            }
        }
        if let Some((owner, until)) = &self.lease {
            set("lease_owner", s(owner));
            set("lease_until", ms(*until));
        }
        let grants = self.grants.iter().map(|g| g.as_millisecond().to_string());
        set("grants", s(grants.collect::<Vec<_>>().join(" ")));
        set("generation", n(self.generation));
        set("rev", n(self.rev + 1));
        set("expires_at", n(expiry(now)));
        item
    }
}
