//! What is Salesforce's own about a call: hosts, headers, token endpoint, the day's calls.

use std::sync::{Mutex, PoisonError};

use counterpart_delivery::SecretText;
use counterpart_delivery::ports::StoredToken;
use counterpart_domain::Fault;
use counterpart_http::{
    Allowance, ApiCall, Granted, Http, Moment, Priority, Product, Purpose, Reply, later, scrubbed,
};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::credentials::{Credentials, Grant};
use crate::faults::{Refusal, refusal};
use crate::hosts::Hosts;
use crate::limits::{LimitInfo, Reading};
use crate::usage::Usage;
use crate::{jwt, oauth};

/// Salesforce, as the calling sees it.
pub(crate) struct Salesforce {
    hosts: Hosts,
    credentials: Credentials,
    reserve_percent: u8,
    /// What a stored token must have been got for.
    mark: String,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    usage: Usage,
    reading: Option<Reading>,
}

/// The client's name in the `changeOrigin` of change events, where Salesforce keeps it.
const CALL_OPTIONS: (&str, &str) = ("Sforce-Call-Options", "client=counterpart");
/// Assignment rules would give the record to another owner than the one that is written, on updates too.
const NO_AUTO_ASSIGN: (&str, &str) = ("Sforce-Auto-Assign", "FALSE");

/// A session keeps the rights that the app had when it began. One that is older than this is replaced when the app is
/// refused, since the app may have been mended meanwhile; a younger one is not.
const APP_SECONDS: i64 = 15 * 60;

impl Salesforce {
    pub(crate) fn new(hosts: Hosts, credentials: Credentials, reserve_percent: u8) -> Self {
        let mark = mark(&hosts, &credentials);
        Self {
            hosts,
            credentials,
            reserve_percent,
            mark,
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

    async fn ask(&self, http: &Http, moment: Moment) -> Result<Granted, Fault> {
        let client_id = self.credentials.client_id.reveal();
        let assertion;
        let form = match &self.credentials.grant {
            Grant::ClientCredentials { client_secret } => [
                ("grant_type", "client_credentials"),
                ("client_id", client_id),
                ("client_secret", client_secret.reveal()),
            ]
            .to_vec(),
            Grant::JwtBearer {
                username,
                private_key,
            } => {
                assertion = jwt::assertion(
                    &self.credentials.client_id,
                    username,
                    private_key,
                    self.hosts.audience(),
                    moment.now,
                )?;
                [
                    ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
                    ("assertion", assertion.reveal()),
                ]
                .to_vec()
            }
        };
        let reply = http
            .ask_token(Self::NAME, self.hosts.token_url(), &form)
            .await?;
        // Whatever answers may repeat what it was sent.
        let sent: Vec<SecretText> = form
            .iter()
            .filter(|(name, _)| *name == "assertion")
            .map(|(_, value)| SecretText::new(*value))
            .collect();
        oauth::read(reply.status, &reply.body, moment, |text| {
            self.scrub(scrubbed(text, &sent))
        })
    }
}

/// A session has no end of its own: without a mark, a token of the org or user that sync.toml named before would be used
/// on after both were changed.
fn mark(hosts: &Hosts, credentials: &Credentials) -> String {
    let username = match &credentials.grant {
        Grant::ClientCredentials { .. } => "",
        Grant::JwtBearer { username, .. } => username.reveal(),
    };
    let parts = [
        hosts.my_domain(),
        hosts.token_url().as_str(),
        credentials.client_id.reveal(),
        username,
    ];
    let digest = Sha256::digest(parts.join("\n"));
    digest[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The base and the mark of a stored token.
fn parts(token: &StoredToken) -> Option<(&str, &str)> {
    token.api_base.as_deref()?.split_once('#')
}

impl Product for Salesforce {
    const NAME: &'static str = "Salesforce";
    /// Salesforce lets a user log in 3,600 times an hour; a token that needs replacing oftener than this has another
    /// trouble, such as sessions locked to one address.
    const ALLOWANCE: Allowance = Allowance {
        most: 10,
        window_seconds: 600,
    };

    fn base(&self, token: &StoredToken) -> Result<String, Fault> {
        match parts(token) {
            Some((base, _)) => self.hosts.follow(base),
            None => Ok(self.hosts.api_base().to_owned()),
        }
    }

    fn accepts(&self, token: &StoredToken) -> bool {
        parts(token).is_some_and(|(_, mark)| mark == self.mark)
    }

    fn authorization(&self, token: &SecretText) -> String {
        format!("Bearer {}", token.reveal())
    }

    fn is_token_refused(&self, reply: &Reply, token: &StoredToken, now: Timestamp) -> bool {
        match refusal(reply) {
            Some(Refusal::Session) => true,
            Some(Refusal::App) => {
                later(now, oauth::LIFETIME_SECONDS - APP_SECONDS) > token.expires_at
            }
            None => false,
        }
    }

    fn scrub(&self, text: String) -> String {
        self.credentials.scrub(text)
    }

    fn headers(&self, call: &ApiCall<'_>) -> &[(&'static str, &'static str)] {
        match call.purpose {
            Purpose::Write => &[CALL_OPTIONS, NO_AUTO_ASSIGN],
            Purpose::Read | Purpose::Metadata => &[CALL_OPTIONS],
        }
    }

    fn admit(&self, call: &ApiCall<'_>, moment: Moment) -> Result<(), Fault> {
        // Questions about the org are few, and asked by people who look for the reason. For orders the reserve is kept.
        if call.purpose == Purpose::Metadata || call.priority == Priority::Order {
            return Ok(());
        }
        let reading = self.with(|state| state.reading);
        reading.map_or(Ok(()), |reading| {
            reading.admit(self.reserve_percent, moment)
        })
    }

    fn sending(&self, call: &ApiCall<'_>) {
        self.count(|usage| match call.purpose {
            Purpose::Write => usage.write_calls += 1,
            Purpose::Read => usage.read_calls += 1,
            Purpose::Metadata => usage.metadata_calls += 1,
        });
    }

    fn answered(&self, call: &ApiCall<'_>, reply: &Reply, now: Timestamp) {
        let info = limit_info(reply);
        self.with(|state| {
            if reply.status != 401 {
                state.usage.credits += call.credits;
            }
            if let Some(info) = info {
                state.usage.limit = Some(info);
                state.reading = Some(Reading { info, at: now });
            }
        });
    }

    fn remaining(&self, reply: &Reply) -> Option<u64> {
        limit_info(reply).map(|info| info.remaining())
    }

    async fn ask_token(
        &self,
        http: &Http,
        moment: Moment,
        stale: Option<&StoredToken>,
    ) -> Result<Granted, Fault> {
        self.count(|usage| usage.token_calls += 1);
        let granted = self.ask(http, moment).await?;
        let base = match &granted.api_base {
            Some(named) => self.hosts.follow(named)?,
            // A reply may leave the instance out: the one that was in use stays.
            None => match stale.filter(|token| self.accepts(token)).and_then(parts) {
                Some((base, _)) => base.to_owned(),
                None => self.hosts.api_base().to_owned(),
            },
        };
        Ok(Granted {
            api_base: Some(format!("{base}#{}", self.mark)),
            ..granted
        })
    }
}

fn limit_info(reply: &Reply) -> Option<LimitInfo> {
    LimitInfo::of(reply.header("Sforce-Limit-Info")?)
}
