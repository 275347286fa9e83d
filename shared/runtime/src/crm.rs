//! The CRM of a target, whichever product it is.

mod records;

use std::sync::Arc;

use counterpart_aws::SystemClock;
use counterpart_config::{CrmSettings, SalesforceSettings, TargetConfig, ZohoSettings};
use counterpart_delivery::SecretText;
use counterpart_delivery::ports::{
    Crm, CrmMetadata, CrmModule, CrmOrg, CrmRecord, CrmUser, RowOutcome, Tokens, UpdateRow,
    UpsertCall,
};
use counterpart_domain::{Class, Fault, SageKey, TargetName};
use counterpart_salesforce::{self as salesforce, SalesforceClient};
use counterpart_zoho::{self as zoho, DataCenter, ZohoClient};

use crate::SharedTokens;

/// A client of one target; clones share connections, token and counters. A new CRM is a variant here, and nowhere else in
/// the wiring. `T` holds the access token: the deployment's table, or the memory of a command.
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
        let client = secret.and_then(|secret| match &target.crm {
            CrmSettings::Zoho(settings) => {
                zoho_client(name, settings, &secret, tokens, allow_loopback)
            }
            CrmSettings::Salesforce(settings) => {
                salesforce_client(name, settings, &secret, tokens, allow_loopback)
            }
        });
        client.unwrap_or_else(Self::Unusable)
    }

    /// What its calls came to.
    #[must_use]
    pub fn used(&self) -> CrmUse {
        match self {
            Self::Zoho(client) => {
                let usage = client.usage();
                CrmUse {
                    calls: usage.calls(),
                    write_calls: usage.write_calls,
                    rows: usage.rows_written,
                    credits: usage.credits,
                }
            }
            Self::Salesforce(client) => {
                let usage = client.usage();
                CrmUse {
                    calls: usage.calls(),
                    write_calls: usage.write_calls,
                    rows: usage.rows_written,
                    credits: usage.credits,
                }
            }
            Self::Unusable(_) => CrmUse::default(),
        }
    }
}

fn zoho_client<T: Tokens>(
    name: &TargetName,
    settings: &ZohoSettings,
    secret: &SecretText,
    tokens: T,
    allow_loopback: bool,
) -> Result<TargetClient<T>, Fault> {
    let data_center: DataCenter = settings.data_center.parse().map_err(|_unknown| {
        Fault::new(
            Class::Configuration,
            "E_CRM_DATA_CENTER",
            format!("{} is no data centre of Zoho.", settings.data_center),
        )
    })?;
    let mut connection = zoho::Connection::to(data_center);
    connection.accounts_url.clone_from(&settings.accounts_url);
    connection.api_url.clone_from(&settings.api_url);
    connection.allow_loopback = allow_loopback;
    let credentials = zoho::Credentials::from_json(secret.reveal())?;
    let client = ZohoClient::new(name.clone(), &connection, credentials, tokens, SystemClock)?;
    Ok(TargetClient::Zoho(Arc::new(client)))
}

fn salesforce_client<T: Tokens>(
    name: &TargetName,
    settings: &SalesforceSettings,
    secret: &SecretText,
    tokens: T,
    allow_loopback: bool,
) -> Result<TargetClient<T>, Fault> {
    let mut connection = salesforce::Connection::to(&settings.my_domain);
    connection.login_url.clone_from(&settings.login_url);
    connection.instance_url.clone_from(&settings.instance_url);
    connection.api_version.clone_from(&settings.api_version);
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
        match self {
            Self::Zoho(client) => client.upsert(call).await,
            Self::Salesforce(client) => client.upsert(call).await,
            Self::Unusable(fault) => Err(fault.clone()),
        }
    }

    async fn update_linked(
        &self,
        module: &str,
        rows: &[UpdateRow],
    ) -> Result<Vec<RowOutcome>, Fault> {
        match self {
            Self::Zoho(client) => client.update_linked(module, rows).await,
            Self::Salesforce(client) => client.update_linked(module, rows).await,
            Self::Unusable(fault) => Err(fault.clone()),
        }
    }

    async fn read(
        &self,
        module: &str,
        key_field: &str,
        keys: &[SageKey],
        fields: &[String],
    ) -> Result<Vec<CrmRecord>, Fault> {
        match self {
            Self::Zoho(client) => client.read(module, key_field, keys, fields).await,
            Self::Salesforce(client) => client.read(module, key_field, keys, fields).await,
            Self::Unusable(fault) => Err(fault.clone()),
        }
    }

    async fn users(&self) -> Result<Vec<CrmUser>, Fault> {
        match self {
            Self::Zoho(client) => client.users().await,
            Self::Salesforce(client) => client.users().await,
            Self::Unusable(fault) => Err(fault.clone()),
        }
    }
}

impl<T: Tokens> CrmMetadata for TargetClient<T> {
    async fn describe(&self, module: &str) -> Result<Option<CrmModule>, Fault> {
        match self {
            Self::Zoho(client) => client.describe(module).await,
            Self::Salesforce(client) => client.describe(module).await,
            Self::Unusable(fault) => Err(fault.clone()),
        }
    }

    async fn org(&self) -> Result<CrmOrg, Fault> {
        match self {
            Self::Zoho(client) => client.org().await,
            Self::Salesforce(client) => client.org().await,
            Self::Unusable(fault) => Err(fault.clone()),
        }
    }
}

#[cfg(test)]
mod tests;
