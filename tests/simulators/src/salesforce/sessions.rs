//! Sessions: what access tokens stand for. They end when they were not used for as long as the
//! organisation's session timeout.

use std::collections::BTreeMap;

use super::ids::Id;
use crate::shared::spread;

/// The consumer key of the External Client App.
pub const CLIENT_ID: &str =
    "3MVG9simulated.External.Client.App.consumerKey_0000000000000000000000000000000000000";
/// Its secret.
pub const CLIENT_SECRET: &str = "51MULATED0C0N5UMER05ECRET000000000000000000000000000000000000000";
/// A refresh token that works from the start.
pub const REFRESH_TOKEN: &str =
    "5Aep861SimulatedRefreshToken00000000000000000000000000000000000000000000000000000000";
/// What the tokens allow.
pub const SCOPE: &str = "id api refresh_token";
/// Seconds: the default session timeout of an organisation.
pub const TIMEOUT: i64 = 2 * 3600;
/// More sessions than this are not kept; the least recently used one goes.
const MOST: usize = 2_000;

#[derive(Debug)]
struct Session {
    user: Id,
    used: i64,
}

/// The sessions, and how many tokens were issued.
#[derive(Debug)]
pub struct Sessions {
    live: BTreeMap<String, Session>,
    /// Seconds without use after which a session ends.
    pub timeout: i64,
    /// Refresh tokens that work.
    refresh: Vec<String>,
    issued: u64,
}

impl Default for Sessions {
    fn default() -> Self {
        Self {
            live: BTreeMap::new(),
            timeout: TIMEOUT,
            refresh: vec![REFRESH_TOKEN.to_owned()],
            issued: 0,
        }
    }
}

impl Sessions {
    /// A new access token of a user.
    pub fn issue(&mut self, organisation: &Id, user: &Id, now: i64) -> String {
        self.issued += 1;
        let token = format!(
            "{}!AQ8AQ{:039}.{:039}",
            organisation.short(),
            spread(self.issued),
            spread(!self.issued)
        );
        if self.live.len() >= MOST
            && let Some(oldest) = self
                .live
                .iter()
                .min_by_key(|(_, session)| session.used)
                .map(|(token, _)| token.clone())
        {
            self.live.remove(&oldest);
        }
        let session = Session {
            user: user.clone(),
            used: now,
        };
        self.live.insert(token.clone(), session);
        token
    }

    /// The user of a token that still works; using it prolongs the session.
    pub fn user(&mut self, token: &str, now: i64) -> Option<Id> {
        let timeout = self.timeout;
        let session = self.live.get_mut(token)?;
        if now - session.used > timeout {
            self.live.remove(token);
            return None;
        }
        session.used = session.used.max(now);
        Some(session.user.clone())
    }

    /// Whether a refresh token works; with `rotate` it is replaced by the one that is answered.
    pub fn refresh(&mut self, token: &str, rotate: bool) -> Option<Option<String>> {
        let at = self.refresh.iter().position(|known| known == token)?;
        if !rotate {
            return Some(None);
        }
        let fresh = format!(
            "5Aep861{:039}.{:039}",
            spread(self.issued ^ 0x5EED),
            spread(at as u64)
        );
        *self.refresh.get_mut(at)? = fresh.clone();
        Some(Some(fresh))
    }

    /// Ends a session or a refresh token.
    pub fn revoke(&mut self, token: &str) -> bool {
        let before = self.refresh.len();
        self.refresh.retain(|known| known != token);
        self.live.remove(token).is_some() || self.refresh.len() < before
    }

    /// Ends all sessions.
    pub fn revoke_access(&mut self) {
        self.live.clear();
    }

    /// Ends all sessions and refresh tokens.
    pub fn revoke_refresh(&mut self) {
        self.live.clear();
        self.refresh.clear();
    }

    /// Access tokens issued.
    pub fn issued(&self) -> u64 {
        self.issued
    }

    /// Sessions that have not ended.
    pub fn live(&self, now: i64) -> usize {
        let alive = |session: &&Session| now - session.used <= self.timeout;
        self.live.values().filter(alive).count()
    }
}
