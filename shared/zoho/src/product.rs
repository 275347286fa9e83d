//! What is Zoho's own about a call: hosts, header, token endpoint, credits.

use std::sync::{Mutex, PoisonError};

use counterpart_delivery::SecretText;
use counterpart_delivery::ports::StoredToken;
use counterpart_domain::{Fault, digest_of};
use counterpart_http::{
    Allowance, ApiCall, Granted, Http, Moment, Priority, Product, Purpose, Reply,
};
use jiff::Timestamp;

use crate::budget::Reading;
use crate::credentials::Credentials;
use crate::faults::is_token_refused;
use crate::hosts::Hosts;
use crate::oauth;
use crate::usage::Usage;

/// Zoho CRM, as the calling sees it.
pub(crate) struct Zoho {
    hosts: Hosts,
    credentials: Credentials,
    reserve_credits: u64,
    /// What a stored token must have been got for.
    mark: String,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    usage: Usage,
    reading: Option<Reading>,
}

impl Zoho {
    pub(crate) fn new(hosts: Hosts, credentials: Credentials, reserve_credits: u64) -> Self {
        // A refresh token belongs to one org: after another was put into the secret, an access token of the first would
        // be good for an hour still.
        let mark = digest_of([
            hosts.token_url().as_str(),
            credentials.client_id.reveal(),
            credentials.refresh_token.reveal(),
        ])
        .to_string();
        Self {
            mark,
            hosts,
            credentials,
            reserve_credits,
            state: Mutex::default(),
        }
    }

    pub(crate) fn usage(&self) -> Usage {
        self.with(|state| state.usage)
    }

    pub(crate) fn count(&self, change: impl FnOnce(&mut Usage)) {
        self.with(|state| change(&mut state.usage));
    }

    fn with<R>(&self, what: impl FnOnce(&mut State) -> R) -> R {
        // Counters and a copied reading: whole, whatever happened to the last holder.
        what(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Product for Zoho {
    const NAME: &'static str = "Zoho";
    /// Zoho hands out 10 tokens per 10 minutes, and each refusal prolongs the wait; at most 15 live at once, and the
    /// 16th kills the oldest. Less 2 for people at the API console and for windows that are cut otherwise on Zoho's
    /// side. Pages: "Refresh access tokens", "Token validity".
    const ALLOWANCE: Allowance = Allowance {
        most: 8,
        window_seconds: 600,
    };

    fn base(&self, token: &StoredToken) -> Result<String, Fault> {
        match base_of(token) {
            Some(base) => self.hosts.follow(base),
            None => Ok(self.hosts.api_base().to_owned()),
        }
    }

    /// A token without a mark was stored by an earlier version, and lives for an hour at most.
    fn accepts(&self, token: &StoredToken) -> bool {
        let base = token.api_base.as_deref().unwrap_or_default();
        base.split_once('#')
            .is_none_or(|(_, mark)| mark == self.mark)
    }

    fn authorization(&self, token: &SecretText) -> String {
        format!("Zoho-oauthtoken {}", token.reveal())
    }

    fn is_token_refused(&self, reply: &Reply, _: &StoredToken, _: Timestamp) -> bool {
        is_token_refused(reply)
    }

    fn scrub(&self, text: String) -> String {
        self.credentials.scrub(text)
    }

    fn sending(&self, call: &ApiCall<'_>) {
        self.count(|usage| match call.purpose {
            Purpose::Write => usage.write_calls += 1,
            Purpose::Read => usage.read_calls += 1,
            Purpose::Metadata => usage.metadata_calls += 1,
        });
    }

    fn admit(&self, call: &ApiCall<'_>, moment: Moment) -> Result<(), Fault> {
        // Questions about the org are few, and asked by people who look for the reason. For orders the reserve is kept.
        if call.purpose == Purpose::Metadata || call.priority == Priority::Order {
            return Ok(());
        }
        let reading = self.with(|state| state.reading);
        reading.map_or(Ok(()), |reading| {
            reading.admit(self.reserve_credits, moment)
        })
    }

    fn answered(&self, call: &ApiCall<'_>, reply: &Reply, now: Timestamp) {
        let left = self.remaining(reply);
        self.with(|state| {
            if !matches!(reply.status, 401 | 429) {
                state.usage.credits += call.credits;
            }
            state.usage.credits_remaining = left.or(state.usage.credits_remaining);
            match left {
                Some(left) => state.reading = Some(Reading { left, at: now }),
                // More than half is left: Zoho does not tell how much.
                None if reply.is_success() => state.reading = None,
                None => {}
            }
        });
    }

    fn remaining(&self, reply: &Reply) -> Option<u64> {
        credits_remaining(reply)
    }

    async fn ask_token(
        &self,
        http: &Http,
        moment: Moment,
        stale: Option<&StoredToken>,
    ) -> Result<Granted, Fault> {
        self.count(|usage| usage.token_calls += 1);
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", self.credentials.client_id.reveal()),
            ("client_secret", self.credentials.client_secret.reveal()),
            ("refresh_token", self.credentials.refresh_token.reveal()),
        ];
        let reply = http
            .ask_token(Self::NAME, self.hosts.token_url(), &form)
            .await?;
        let granted = oauth::read(reply.status, &reply.body, moment, |text| self.scrub(text))?;
        let api_base = match granted.api_base {
            Some(named) => self.hosts.follow(&named)?,
            // A reply that names no base leaves the one that was in use.
            None => stale
                .filter(|token| self.accepts(token))
                .and_then(base_of)
                .unwrap_or_else(|| self.hosts.api_base())
                .to_owned(),
        };
        Ok(Granted {
            api_base: Some(format!("{api_base}#{}", self.mark)),
            ..granted
        })
    }
}

/// The base of a stored token, without its mark.
fn base_of(token: &StoredToken) -> Option<&str> {
    token.api_base.as_deref()?.split('#').next()
}

/// `X-API-CREDITS-REMAINING`; Zoho sends it only once half of the day's credits are used.
pub(crate) fn credits_remaining(reply: &Reply) -> Option<u64> {
    reply.header("X-API-CREDITS-REMAINING")?.parse().ok()
}
