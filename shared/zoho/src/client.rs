//! The client: who is called, with which token, and what it cost.

use std::collections::BTreeMap;

use counterpart_delivery::ports::{
    ChangedId, ChangesAfter, ChannelRequest, Clock, Crm, CrmChannels, CrmRecord, CrmRecords,
    CrmUser, CurrencyRate, Document, DocumentQuery, Ids, Past, RowOutcome, Tokens, UpdateRow,
    UpsertCall,
};
use counterpart_domain::{CrmId, Fault, Fields, SageKey, TargetName};
use counterpart_http::{Api, ApiCall, Http, Moment, Priority, Product as _, Reply, Timeouts};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::credentials::Credentials;
use crate::fields::Known;
use crate::hosts::{DataCenter, Environment, Hosts};
use crate::product::Zoho;
use crate::upsert::MOST_ROWS;
use crate::usage::Usage;

/// Where an org is, and how it is spoken to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// Its data centre.
    pub data_center: DataCenter,
    /// Production, sandbox or developer edition.
    pub environment: Environment,
    /// The full address of another token endpoint; loopback only.
    pub accounts_url: Option<String>,
    /// Another API base; loopback only. The token reply's `api_domain` goes before it.
    pub api_url: Option<String>,
    /// Whether loopback addresses, and plain http to them, are let through. Never in production.
    pub allow_loopback: bool,
    /// How many of the day's credits are kept for orders; records wait when no more are left.
    pub reserve_credits: u64,
    /// How long one call may take.
    pub timeouts: Timeouts,
}

impl Connection {
    /// What is kept for orders where nothing else is said: some hundred orders' worth. A tenth of the credits of the
    /// smallest edition, one in a hundred of the next. Page: "API limits".
    pub const RESERVE_CREDITS: u64 = 500;

    /// The production environment of a data centre.
    #[must_use]
    pub fn to(data_center: DataCenter) -> Self {
        Self {
            data_center,
            environment: Environment::Production,
            accounts_url: None,
            api_url: None,
            allow_loopback: false,
            reserve_credits: Self::RESERVE_CREDITS,
            timeouts: Timeouts::default(),
        }
    }
}

/// A Zoho CRM org. `T` holds the access token that all instances share; `C` is time, chance and ids.
pub struct ZohoClient<T, C> {
    api: Api<Zoho, T, C>,
    /// What is known of the modules' fields.
    pub(crate) known: Known,
}

impl<T: Tokens, C: Clock + Ids> ZohoClient<T, C> {
    /// A client of the org that sync.toml calls `target`. Nothing is sent yet.
    ///
    /// # Errors
    /// `E_CRM_ADDRESS` (configuration) when an address override is not loopback, or loopback is not allowed;
    /// `E_CRM_HTTP_CLIENT` when the TLS set-up of this machine fails.
    pub fn new(
        target: TargetName,
        connection: &Connection,
        credentials: Credentials,
        tokens: T,
        clock: C,
    ) -> Result<Self, Fault> {
        let hosts = Hosts::new(
            connection.data_center,
            connection.environment,
            connection.accounts_url.as_deref(),
            connection.api_url.as_deref(),
            connection.allow_loopback,
        )?;
        let http = Http::new(Zoho::NAME, connection.timeouts, connection.allow_loopback)?;
        let product = Zoho::new(hosts, credentials, connection.reserve_credits);
        Ok(Self {
            api: Api::new(target, product, http, tokens, clock),
            known: Known::default(),
        })
    }

    /// What was called and what it cost since the client was made.
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.api.product.usage()
    }

    pub(crate) fn count(&self, change: impl FnOnce(&mut Usage)) {
        self.api.product.count(change);
    }

    pub(crate) const fn target(&self) -> &TargetName {
        &self.api.target
    }

    pub(crate) fn moment(&self) -> Moment {
        self.api.moment()
    }

    pub(crate) async fn call(&self, call: &ApiCall<'_>) -> Result<Reply, Fault> {
        self.api.call(call).await
    }
}

/// Lets only API names into addresses and queries.
pub(crate) fn checked_name(name: &str) -> Result<&str, Fault> {
    counterpart_http::checked_name(name, "a Zoho module or field")
}

impl<T: Tokens, C: Clock + Ids> Crm for ZohoClient<T, C> {
    fn bulk_size(&self) -> usize {
        MOST_ROWS
    }

    async fn upsert(&self, call: &UpsertCall) -> Result<Vec<RowOutcome>, Fault> {
        self.upsert_rows(call).await
    }

    async fn update_linked(
        &self,
        module: &str,
        rows: &[UpdateRow],
    ) -> Result<Vec<RowOutcome>, Fault> {
        self.update_rows(module, rows, Priority::Record).await
    }

    async fn read(
        &self,
        module: &str,
        key_field: &str,
        keys: &[SageKey],
        fields: &[String],
    ) -> Result<Vec<CrmRecord>, Fault> {
        self.read_by_key(module, key_field, keys, fields).await
    }

    async fn users(&self) -> Result<Vec<CrmUser>, Fault> {
        self.active_users().await
    }
}

impl<T: Tokens, C: Clock + Ids> CrmRecords for ZohoClient<T, C> {
    async fn document(&self, query: &DocumentQuery, id: &CrmId) -> Result<Option<Document>, Fault> {
        self.read_document(query, id).await
    }

    async fn past(&self, module: &str, id: &CrmId, now: &Fields) -> Result<Past, Fault> {
        self.read_past(module, id, now).await
    }

    async fn update(&self, module: &str, rows: &[UpdateRow]) -> Result<Vec<RowOutcome>, Fault> {
        self.update_rows(module, rows, Priority::Order).await
    }

    /// Zoho tells of a record that was merged no more than that it is gone.
    async fn survivor(&self, _module: &str, _id: &CrmId) -> Result<Option<CrmId>, Fault> {
        Ok(None)
    }

    async fn merged_into(&self, _module: &str, _id: &CrmId) -> Result<Vec<CrmId>, Fault> {
        Ok(Vec::new())
    }

    async fn changed_since(
        &self,
        module: &str,
        since: Timestamp,
        after: Option<&ChangesAfter>,
        limit: u32,
    ) -> Result<Vec<ChangedId>, Fault> {
        self.changed(module, since, after, limit).await
    }

    async fn deleted_since(&self, module: &str, since: Timestamp) -> Result<Vec<CrmId>, Fault> {
        let deleted = self.deleted(checked_name(module)?, since).await?;
        Ok(deleted.into_iter().map(|row| row.id).collect())
    }

    /// Zoho keeps no rates of other days.
    async fn currencies(&self, _day: Date) -> Result<BTreeMap<String, CurrencyRate>, Fault> {
        self.rates().await
    }
}

impl<T: Tokens, C: Clock + Ids> CrmChannels for ZohoClient<T, C> {
    async fn subscribe(&self, request: &ChannelRequest) -> Result<Timestamp, Fault> {
        self.watch(reqwest::Method::POST, request).await
    }

    async fn renew(&self, request: &ChannelRequest) -> Result<Timestamp, Fault> {
        self.watch(reqwest::Method::PATCH, request).await
    }

    async fn unsubscribe(&self, channel_ids: &[String]) -> Result<(), Fault> {
        self.unwatch(channel_ids).await
    }
}
