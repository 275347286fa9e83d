//! What is Zoho's own about a call: hosts, header, token endpoint, credits.

use counterpart_config::ZOHO;
use counterpart_delivery::SecretText;
use counterpart_delivery::ports::StoredToken;
use counterpart_domain::{Fault, digest_of};
use counterpart_http::{Allowance, Budget, Granted, Http, Moment, Product, Reply};
use jiff::Timestamp;

use crate::credentials::Credentials;
use crate::credits::{check_reserve, credits_remaining, upsert_credits};
use crate::faults::{NAME, is_token_refused};
use crate::hosts::Hosts;
use crate::oauth;

/// Zoho CRM, as the calling sees it.
pub(crate) struct Zoho {
    hosts: Hosts,
    credentials: Credentials,
    reserve_credits: u64,
    /// What a stored token must have been got for.
    mark: String,
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
        }
    }
}

impl Product for Zoho {
    const NAME: &'static str = NAME;
    /// Zoho hands out 10 tokens per 10 minutes, and each refusal prolongs the wait; at most 15 live at once, and the
    /// 16th kills the oldest. Less 2 for people at the API console and for windows that are cut otherwise on Zoho's
    /// side. Pages: "Refresh access tokens", "Token validity".
    const ALLOWANCE: Allowance = Allowance {
        most: 8,
        window_seconds: 600,
    };

    /// Page: "Upsert Records".
    const MOST_ROWS: usize = ZOHO.bulk_size;
    /// A token without a mark was stored by an earlier version, and lives for an hour at most.
    const TAKES_UNMARKED: bool = true;
    /// Credits.
    type Left = u64;

    fn api_base(&self) -> &str {
        self.hosts.api_base()
    }

    fn follow(&self, base: &str) -> Result<String, Fault> {
        self.hosts.follow(base)
    }

    fn mark(&self) -> &str {
        &self.mark
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

    fn budget(&self, reply: &Reply) -> Budget<u64> {
        match credits_remaining(reply) {
            Some(left) => Budget::Left(left),
            // More than half is left: Zoho does not tell how much.
            None if reply.is_success() => Budget::Plenty,
            None => Budget::Untold,
        }
    }

    fn remaining(left: &u64) -> u64 {
        *left
    }

    fn is_charged(&self, reply: &Reply) -> bool {
        !matches!(reply.status, 401 | 429)
    }

    fn write_credits(rows: u64) -> u64 {
        upsert_credits(rows)
    }

    fn check_reserve(&self, left: &u64) -> Result<(), Fault> {
        check_reserve(*left, self.reserve_credits)
    }

    async fn ask_token(&self, http: &Http, moment: Moment) -> Result<Granted, Fault> {
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", self.credentials.client_id.reveal()),
            ("client_secret", self.credentials.client_secret.reveal()),
            ("refresh_token", self.credentials.refresh_token.reveal()),
        ];
        let reply = http
            .ask_token(Self::NAME, self.hosts.token_url(), &form)
            .await?;
        oauth::read(reply.status, &reply.body, moment, |text| self.scrub(text))
    }
}
