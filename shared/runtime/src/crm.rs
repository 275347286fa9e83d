//! The CRM of a target, whichever product it is: the one place that knows which client belongs to which profile.

use std::collections::BTreeMap;
use std::sync::Arc;

use counterpart_aws::SystemClock;
use counterpart_config::{CrmSettings, SALESFORCE, TargetConfig, ZOHO};
use counterpart_delivery::SecretText;
use counterpart_delivery::ports::{
    ChangedId, ChangesAfter, ChannelRequest, Crm, CrmChannels, CrmMetadata, CrmModule, CrmOrg,
    CrmRecord, CrmRecords, CrmRelays, CrmUser, CurrencyRate, DeletedSince, Deletions, Document,
    DocumentQuery, Past, Relay, RowOutcome, Tokens, UpdateRow, UpsertCall,
};
use counterpart_domain::{Class, CrmId, Fault, Fields, SageKey, TargetName};
use counterpart_salesforce::{self as salesforce, SalesforceClient};
use counterpart_zoho::{self as zoho, DataCenter, ZohoClient};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::SharedTokens;

/// A client of one target; clones share connections, token and counters. A new CRM is a variant and an arm of `call!` here,
/// and nowhere else in the wiring. `T` holds the access token: the deployment's table, or the memory of a command.
#[derive(Clone)]
pub enum TargetClient<T = SharedTokens> {
    /// Zoho CRM.
    Zoho(Arc<ZohoClient<T, SystemClock>>),
    /// Salesforce.
    Salesforce(Arc<SalesforceClient<T, SystemClock>>),
    /// No client could be made: every call fails with this. The other targets go on.
    Unusable(Fault),
}

/// What a client's calls came to since it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CrmUse {
    /// Calls of every kind, without those for tokens.
    pub calls: u64,
    /// Calls that wrote.
    pub write_calls: u64,
    /// Rows that they carried.
    pub rows: u64,
    /// What they cost, in the CRM's own unit.
    pub credits: u64,
}

impl CrmUse {
    /// What came since `earlier`.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Self {
        Self {
            calls: self.calls.saturating_sub(earlier.calls),
            write_calls: self.write_calls.saturating_sub(earlier.write_calls),
            rows: self.rows.saturating_sub(earlier.rows),
            credits: self.credits.saturating_sub(earlier.credits),
        }
    }

    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            calls: self.calls + other.calls,
            write_calls: self.write_calls + other.write_calls,
            rows: self.rows + other.rows,
            credits: self.credits + other.credits,
        }
    }
}

/// Calls the client of a target, whichever it is.
macro_rules! call {
    ($target:expr, $client:ident => $answer:expr) => {
        match $target {
            Self::Zoho($client) => $answer,
            Self::Salesforce($client) => $answer,
            Self::Unusable(fault) => Err(fault.clone()),
        }
    };
}

impl<T: Tokens> TargetClient<T> {
    /// A client for a target of `sync.toml`. Nothing is called yet.
    #[must_use]
    pub fn new(
        name: &TargetName,
        target: &TargetConfig,
        secret: Result<SecretText, Fault>,
        tokens: T,
        allow_loopback: bool,
    ) -> Self {
        let (settings, product) = (&target.crm, target.crm.profile());
        let client = secret.and_then(|secret| {
            if product == &ZOHO {
                zoho_client(name, settings, &secret, tokens, allow_loopback)
            } else if product == &SALESFORCE {
                salesforce_client(name, settings, &secret, tokens, allow_loopback)
            } else {
                Err(Fault::new(
                    Class::Bug,
                    "E_CRM_NO_CLIENT",
                    format!("This program has no client for {}.", product.title),
                ))
            }
        });
        client.unwrap_or_else(Self::Unusable)
    }

    /// What its calls came to.
    #[must_use]
    pub fn used(&self) -> CrmUse {
        let used: Result<CrmUse, Fault> = call!(self, client => {
            let usage = client.usage();
            Ok(CrmUse {
                calls: usage.calls(),
                write_calls: usage.write_calls,
                rows: usage.rows_written,
                credits: usage.credits,
            })
        });
        used.unwrap_or_default()
    }
}

/// The scopes that a client's token has to be granted, by product, for those that have such.
#[must_use]
pub fn scopes() -> Vec<(&'static str, String)> {
    vec![(ZOHO.short, zoho::scope_names().replace(',', ", "))]
}

fn zoho_client<T: Tokens>(
    name: &TargetName,
    settings: &CrmSettings,
    secret: &SecretText,
    tokens: T,
    allow_loopback: bool,
) -> Result<TargetClient<T>, Fault> {
    let data_center = settings.get("data_center").unwrap_or_default();
    let data_center: DataCenter = data_center.parse().map_err(|_unknown| {
        Fault::new(
            Class::Configuration,
            "E_CRM_DATA_CENTER",
            format!("{data_center} is no data centre of Zoho."),
        )
    })?;
    let mut connection = zoho::Connection::to(data_center);
    connection.accounts_url = settings.get("accounts_url").map(str::to_owned);
    connection.api_url = settings.get("api_url").map(str::to_owned);
    connection.allow_loopback = allow_loopback;
    let credentials = zoho::Credentials::from_json(secret.reveal())?;
    let client = ZohoClient::new(name.clone(), &connection, credentials, tokens, SystemClock)?;
    Ok(TargetClient::Zoho(Arc::new(client)))
}

fn salesforce_client<T: Tokens>(
    name: &TargetName,
    settings: &CrmSettings,
    secret: &SecretText,
    tokens: T,
    allow_loopback: bool,
) -> Result<TargetClient<T>, Fault> {
    let mut connection = salesforce::Connection::to(settings.get("my_domain").unwrap_or_default());
    connection.login_url = settings.get("login_url").map(str::to_owned);
    connection.instance_url = settings.get("instance_url").map(str::to_owned);
    settings
        .api_version()
        .clone_into(&mut connection.api_version);
    connection.allow_loopback = allow_loopback;
    let credentials = salesforce::Credentials::from_json(secret.reveal())?;
    let client =
        SalesforceClient::new(name.clone(), &connection, credentials, tokens, SystemClock)?;
    Ok(TargetClient::Salesforce(Arc::new(client)))
}

impl<T: Tokens> Crm for TargetClient<T> {
    fn bulk_size(&self) -> usize {
        match self {
            Self::Zoho(client) => client.bulk_size(),
            Self::Salesforce(client) => client.bulk_size(),
            // Whatever it is, nothing will be written.
            Self::Unusable(_) => 100,
        }
    }

    async fn upsert(&self, call: &UpsertCall) -> Result<Vec<RowOutcome>, Fault> {
        call!(self, client => client.upsert(call).await)
    }

    async fn update_linked(
        &self,
        module: &str,
        rows: &[UpdateRow],
    ) -> Result<Vec<RowOutcome>, Fault> {
        call!(self, client => client.update_linked(module, rows).await)
    }

    async fn read(
        &self,
        module: &str,
        key_field: &str,
        keys: &[SageKey],
        fields: &[String],
    ) -> Result<Vec<CrmRecord>, Fault> {
        call!(self, client => client.read(module, key_field, keys, fields).await)
    }

    async fn users(&self) -> Result<Vec<CrmUser>, Fault> {
        call!(self, client => client.users().await)
    }
}

impl<T: Tokens> CrmMetadata for TargetClient<T> {
    async fn describe(&self, module: &str) -> Result<Option<CrmModule>, Fault> {
        call!(self, client => client.describe(module).await)
    }

    async fn org(&self) -> Result<CrmOrg, Fault> {
        call!(self, client => client.org().await)
    }
}

impl<T: Tokens> CrmRecords for TargetClient<T> {
    async fn document(&self, query: &DocumentQuery, id: &CrmId) -> Result<Option<Document>, Fault> {
        call!(self, client => client.document(query, id).await)
    }

    async fn past(&self, module: &str, id: &CrmId, now: &Fields) -> Result<Past, Fault> {
        call!(self, client => client.past(module, id, now).await)
    }

    async fn update(&self, module: &str, rows: &[UpdateRow]) -> Result<Vec<RowOutcome>, Fault> {
        call!(self, client => client.update(module, rows).await)
    }

    async fn find_by(
        &self,
        module: &str,
        field: &str,
        values: &[String],
        blank: Option<&str>,
        fields: &[String],
        most: Option<usize>,
    ) -> Result<Vec<CrmRecord>, Fault> {
        call!(self, client => client.find_by(module, field, values, blank, fields, most).await)
    }

    async fn survivor(&self, module: &str, id: &CrmId) -> Result<Option<CrmId>, Fault> {
        call!(self, client => client.survivor(module, id).await)
    }

    async fn merged_into(&self, module: &str, id: &CrmId) -> Result<Vec<CrmId>, Fault> {
        call!(self, client => client.merged_into(module, id).await)
    }

    async fn changed_since(
        &self,
        module: &str,
        since: Timestamp,
        after: Option<&ChangesAfter>,
        limit: u32,
    ) -> Result<Vec<ChangedId>, Fault> {
        call!(self, client => client.changed_since(module, since, after, limit).await)
    }

    async fn deletions(
        &self,
        module: &str,
        since: Timestamp,
        page: u32,
    ) -> Result<Deletions, Fault> {
        call!(self, client => client.deletions(module, since, page).await)
    }

    async fn record_of_line(&self, module: &str, id: &CrmId) -> Result<Option<CrmId>, Fault> {
        call!(self, client => client.record_of_line(module, id).await)
    }

    async fn deleted_since(&self, module: &str, since: Timestamp) -> Result<DeletedSince, Fault> {
        call!(self, client => client.deleted_since(module, since).await)
    }

    async fn currencies(&self, day: Date) -> Result<BTreeMap<String, CurrencyRate>, Fault> {
        call!(self, client => client.currencies(day).await)
    }
}

impl<T: Tokens> CrmChannels for TargetClient<T> {
    async fn subscribe(&self, request: &ChannelRequest) -> Result<Timestamp, Fault> {
        match self {
            Self::Zoho(client) => client.subscribe(request).await,
            Self::Salesforce(_) => Err(no_channels()),
            Self::Unusable(fault) => Err(fault.clone()),
        }
    }

    async fn renew(&self, request: &ChannelRequest) -> Result<Timestamp, Fault> {
        match self {
            Self::Zoho(client) => client.renew(request).await,
            Self::Salesforce(_) => Err(no_channels()),
            Self::Unusable(fault) => Err(fault.clone()),
        }
    }

    async fn unsubscribe(&self, channel_ids: &[String]) -> Result<(), Fault> {
        match self {
            Self::Zoho(client) => client.unsubscribe(channel_ids).await,
            Self::Salesforce(_) => Err(no_channels()),
            Self::Unusable(fault) => Err(fault.clone()),
        }
    }
}

impl<T: Tokens> CrmRelays for TargetClient<T> {
    async fn relays(&self) -> Result<Vec<Relay>, Fault> {
        match self {
            Self::Zoho(_) => Ok(Vec::new()),
            Self::Salesforce(client) => client.relays().await,
            Self::Unusable(fault) => Err(fault.clone()),
        }
    }

    async fn selected(&self) -> Result<Option<Vec<String>>, Fault> {
        match self {
            Self::Zoho(_) => Ok(None),
            Self::Salesforce(client) => client.selected().await,
            Self::Unusable(fault) => Err(fault.clone()),
        }
    }
}

fn no_channels() -> Fault {
    Fault::new(
        Class::Configuration,
        "E_CRM_NO_CHANNELS",
        "This CRM has no watch channels: its events come as platform events, change events or outbound messages.",
    )
}

#[cfg(test)]
mod tests;
