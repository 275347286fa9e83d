//! Tokens: refresh tokens, access tokens with their limits, grant codes.

use std::collections::{BTreeMap, VecDeque};

use crate::shared::spread;

/// The client that is registered.
pub const CLIENT_ID: &str = "1000.SIMULATED0CLIENT0ID00000000000";
/// Its secret.
pub const CLIENT_SECRET: &str = "5imu1atedc1ientsecret0000000000000000000000";
/// A refresh token that works from the start.
pub const REFRESH_TOKEN: &str =
    "1000.51111111111111111111111111111111.52222222222222222222222222222222";
/// A grant code that works once.
pub const GRANT_CODE: &str =
    "1000.63333333333333333333333333333333.64444444444444444444444444444444";

/// Seconds that an access token lives.
pub const LIFETIME: i64 = 3600;
/// Access tokens alive at once per refresh token; one more kills the oldest.
const LIVE: usize = 15;
/// Access tokens per refresh token in `WINDOW` seconds.
const PER_WINDOW: usize = 10;
const WINDOW: i64 = 600;
/// Refresh tokens per user and client; one more deletes the first with its access tokens.
const REFRESH_TOKENS: usize = 20;

#[derive(Debug, Default)]
struct Grant {
    /// When tokens were asked for, denied requests included: asking too soon prolongs the wait.
    asked: VecDeque<i64>,
    /// Access tokens and their ends, oldest first.
    live: VecDeque<(String, i64)>,
}

/// The state of the token endpoint.
#[derive(Debug)]
pub struct OAuth {
    /// In order of creation, by number.
    grants: BTreeMap<u64, (String, Grant)>,
    codes: Vec<String>,
    issued: u64,
    next_grant: u64,
}

impl Default for OAuth {
    fn default() -> Self {
        Self {
            grants: BTreeMap::from([(0, (REFRESH_TOKEN.to_owned(), Grant::default()))]),
            codes: vec![GRANT_CODE.to_owned()],
            issued: 0,
            next_grant: 1,
        }
    }
}

/// Why there is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// The refresh token or code is wrong, revoked or used.
    InvalidCode,
    /// More than ten in ten minutes.
    TooMany,
}

impl OAuth {
    /// A new access token for a refresh token.
    pub fn refresh(&mut self, refresh_token: &str, now: i64) -> Result<String, Denied> {
        let issued = self.issued;
        let (_, grant) = self
            .grants
            .values_mut()
            .find(|(token, _)| token == refresh_token)
            .ok_or(Denied::InvalidCode)?;
        grant.asked.retain(|at| now - at < WINDOW);
        grant.asked.push_back(now);
        if grant.asked.len() > PER_WINDOW {
            // Only as much memory as the rule needs.
            grant.asked.pop_front();
            return Err(Denied::TooMany);
        }
        let token = format!(
            "1000.{:032x}.{:032x}",
            spread(issued),
            spread(issued ^ 0x5A5A)
        );
        grant.live.retain(|(_, end)| *end > now);
        grant.live.push_back((token.clone(), now + LIFETIME));
        while grant.live.len() > LIVE {
            grant.live.pop_front();
        }
        self.issued += 1;
        Ok(token)
    }

    /// A refresh token for a grant code; the code is used up.
    pub fn exchange(&mut self, code: &str) -> Result<String, Denied> {
        let at = self
            .codes
            .iter()
            .position(|known| known == code)
            .ok_or(Denied::InvalidCode)?;
        self.codes.remove(at);
        let number = self.next_grant;
        self.next_grant += 1;
        let token = format!(
            "1000.{:032x}.{:032x}",
            spread(number << 32),
            spread(number << 32 ^ 0xA5A5)
        );
        self.grants
            .insert(number, (token.clone(), Grant::default()));
        while self.grants.len() > REFRESH_TOKENS {
            self.grants.pop_first();
        }
        Ok(token)
    }

    /// A new grant code, as the API console makes it.
    pub fn new_code(&mut self) -> String {
        let code = format!(
            "1000.{:032x}.{:032x}",
            spread(self.next_grant ^ 0xC0DE),
            spread(self.codes.len() as u64)
        );
        self.codes.push(code.clone());
        code
    }

    /// Whether an access token is alive.
    pub fn is_live(&self, token: &str, now: i64) -> bool {
        self.grants.values().any(|(_, grant)| {
            grant
                .live
                .iter()
                .any(|(live, end)| live == token && *end > now)
        })
    }

    /// Ends all access tokens; the refresh tokens still work.
    pub fn revoke_access(&mut self) {
        for (_, grant) in self.grants.values_mut() {
            grant.live.clear();
        }
    }

    /// Ends a refresh token, or all, with their access tokens.
    pub fn revoke_refresh(&mut self, token: Option<&str>) -> bool {
        let before = self.grants.len();
        self.grants
            .retain(|_, (known, _)| token.is_some_and(|token| token != known));
        self.grants.len() < before
    }

    /// Access tokens issued.
    pub fn issued(&self) -> u64 {
        self.issued
    }

    /// Access tokens alive.
    pub fn live(&self, now: i64) -> usize {
        self.grants
            .values()
            .map(|(_, grant)| grant.live.iter().filter(|(_, end)| *end > now).count())
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_eleventh_token_in_ten_minutes_is_denied_and_asking_again_prolongs_the_wait() {
        let mut oauth = OAuth::default();
        for second in 0..10 {
            assert!(oauth.refresh(REFRESH_TOKEN, second).is_ok());
        }
        assert_eq!(oauth.refresh(REFRESH_TOKEN, 300), Err(Denied::TooMany));
        for second in 301..310 {
            assert_eq!(oauth.refresh(REFRESH_TOKEN, second), Err(Denied::TooMany));
        }
        assert_eq!(
            oauth.refresh(REFRESH_TOKEN, 620),
            Err(Denied::TooMany),
            "the refused ones count"
        );
        assert!(oauth.refresh(REFRESH_TOKEN, 1300).is_ok());
    }

    #[test]
    fn the_sixteenth_live_token_kills_the_oldest() {
        let mut oauth = OAuth::default();
        let tokens: Vec<String> = (0..16)
            .map(|n| oauth.refresh(REFRESH_TOKEN, n * 61).unwrap())
            .collect();
        let now = 16 * 61;
        assert!(!oauth.is_live(&tokens[0], now));
        assert!(oauth.is_live(&tokens[1], now));
        assert_eq!(oauth.live(now), 15);
    }

    #[test]
    fn a_grant_code_works_once() {
        let mut oauth = OAuth::default();
        let refresh = oauth.exchange(GRANT_CODE).unwrap();
        assert_eq!(oauth.exchange(GRANT_CODE), Err(Denied::InvalidCode));
        assert!(oauth.refresh(&refresh, 0).is_ok());
    }
}
