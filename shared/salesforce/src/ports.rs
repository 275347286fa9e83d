//! The ports that an org serves; each question is answered where it is at home.

use std::collections::BTreeMap;

use counterpart_delivery::ports::{
    ChangedId, ChangesAfter, Clock, Crm, CrmMetadata, CrmModule, CrmOrg, CrmRecord, CrmRecords,
    CrmUser, CurrencyRate, DeletedSince, Document, DocumentQuery, Ids, Past, RowOutcome, Tokens,
    UpdateRow, UpsertCall,
};
use counterpart_domain::{CrmId, Fault, Fields, SageKey};
use counterpart_http::{Priority, Product as _};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::client::SalesforceClient;
use crate::product::Salesforce;

impl<T: Tokens, C: Clock + Ids> Crm for SalesforceClient<T, C> {
    fn bulk_size(&self) -> usize {
        Salesforce::MOST_ROWS
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

impl<T: Tokens, C: Clock + Ids> CrmMetadata for SalesforceClient<T, C> {
    async fn describe(&self, module: &str) -> Result<Option<CrmModule>, Fault> {
        self.described(module).await
    }

    async fn org(&self) -> Result<CrmOrg, Fault> {
        self.own_org().await
    }
}

impl<T: Tokens, C: Clock + Ids> CrmRecords for SalesforceClient<T, C> {
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

    async fn survivor(&self, module: &str, id: &CrmId) -> Result<Option<CrmId>, Fault> {
        self.survivor_of(module, id).await
    }

    async fn merged_into(&self, module: &str, id: &CrmId) -> Result<Vec<CrmId>, Fault> {
        self.merged_with(module, id).await
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

    async fn record_of_line(&self, module: &str, id: &CrmId) -> Result<Option<CrmId>, Fault> {
        self.parent_of_line(module, id).await
    }

    async fn deleted_since(&self, module: &str, since: Timestamp) -> Result<DeletedSince, Fault> {
        self.deleted(module, since).await
    }

    async fn currencies(&self, day: Date) -> Result<BTreeMap<String, CurrencyRate>, Fault> {
        self.rates(day).await
    }
}
