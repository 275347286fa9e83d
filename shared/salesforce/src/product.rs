//! What is Salesforce's own about a call: hosts, headers, token endpoint, the day's calls.

use counterpart_config::SALESFORCE;
use counterpart_delivery::SecretText;
use counterpart_delivery::ports::StoredToken;
use counterpart_domain::Fault;
use counterpart_http::{
    Allowance, ApiCall, Budget, Granted, Http, Moment, Product, Purpose, Reply, later, scrubbed,
};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::credentials::{Credentials, Grant};
use crate::faults::{NAME, Refusal, refusal};
use crate::hosts::Hosts;
use crate::limits::LimitInfo;
use crate::{jwt, oauth};

/// Salesforce, as the calling sees it.
pub(crate) struct Salesforce {
    hosts: Hosts,
    credentials: Credentials,
    reserve_percent: u8,
    /// What a stored token must have been got for.
    mark: String,
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
        }
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

impl Product for Salesforce {
    const NAME: &'static str = NAME;
    /// Salesforce lets a user log in 3,600 times an hour; a token that needs replacing oftener than this has another
    /// trouble, such as sessions locked to one address.
    const ALLOWANCE: Allowance = Allowance {
        most: 10,
        window_seconds: 600,
    };

    /// Page: "Upsert Multiple Records with Fewer Round-Trips".
    const MOST_ROWS: usize = SALESFORCE.bulk_size;
    const TAKES_UNMARKED: bool = false;
    type Left = LimitInfo;

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

    fn budget(&self, reply: &Reply) -> Budget<LimitInfo> {
        let told = reply.header("Sforce-Limit-Info");
        told.and_then(LimitInfo::of)
            .map_or(Budget::Untold, Budget::Left)
    }

    fn remaining(left: &LimitInfo) -> u64 {
        left.remaining()
    }

    fn is_charged(&self, reply: &Reply) -> bool {
        reply.status != 401
    }

    fn write_credits(_rows: u64) -> u64 {
        1
    }

    fn check_reserve(&self, left: &LimitInfo) -> Result<(), Fault> {
        left.check_reserve(self.reserve_percent)
    }

    async fn ask_token(&self, http: &Http, moment: Moment) -> Result<Granted, Fault> {
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
