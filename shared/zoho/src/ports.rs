//! The ports that an org serves; each question is answered where it is at home.

use std::collections::BTreeMap;

use counterpart_delivery::ports::{
    ChangedId, ChangesAfter, ChannelRequest, Clock, Crm, CrmChannels, CrmRecord, CrmRecords,
    CrmUser, CurrencyRate, DeletedSince, Deletions, Document, DocumentQuery, Ids, Past, RowOutcome,
    Tokens, UpdateRow, UpsertCall,
};
use counterpart_domain::{CrmId, Fault, Fields, SageKey};
use counterpart_http::{Priority, Product as _};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::client::{ZohoClient, checked_name};
use crate::product::Zoho;

impl<T: Tokens, C: Clock + Ids> Crm for ZohoClient<T, C> {
    fn bulk_size(&self) -> usize {
        Zoho::MOST_ROWS
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

    async fn find_by(
        &self,
        module: &str,
        field: &str,
        values: &[String],
        blank: Option<&str>,
        fields: &[String],
        most: Option<usize>,
    ) -> Result<Vec<CrmRecord>, Fault> {
        self.read_by_field(module, field, values, blank, fields, most)
            .await
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

    async fn deletions(
        &self,
        module: &str,
        since: Timestamp,
        page: u32,
    ) -> Result<Deletions, Fault> {
        self.deleted_page(checked_name(module)?, since, page).await
    }

    async fn deleted_since(&self, module: &str, since: Timestamp) -> Result<DeletedSince, Fault> {
        self.deleted(checked_name(module)?, since).await
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
