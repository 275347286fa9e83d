//! The CRM side: one record as a whole, and writing by id.

use std::collections::BTreeMap;

use counterpart_domain::{CrmId, Fault, Fields, Value};
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{CrmRecord, RowOutcome, UpdateRow};

/// What is wanted of a record. A field's name may lead over lookups: `Account.Sage_Key__c`, `Account_Name.Sage_Key`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DocumentQuery {
    /// The module or object.
    pub module: String,
    /// Fields of the record, and of what its lookups point to.
    pub fields: Vec<String>,
    /// Its lines, where it has some.
    pub lines: Option<LinesQuery>,
}

/// The lines of a record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LinesQuery {
    /// Salesforce: the child relationship (`OpportunityLineItems`, `OrderItems`). Zoho: the subform (`Ordered_Items`).
    pub relation: String,
    /// Fields of each line, with lookups: `Product2.ProductCode`, `Product_Name.Product_Code`.
    pub fields: Vec<String>,
}

/// A record with its lines, all of one reading as far as the CRM allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The module or object.
    pub module: String,
    /// Its id.
    pub id: CrmId,
    /// By the names that were asked for. A lookup itself is a [`Value::Reference`](counterpart_domain::Value); what a
    /// blank lookup would lead to is blank. Numbers are exact.
    pub fields: Fields,
    /// In the CRM's order. The line's own id is its field `id`.
    pub lines: Vec<Fields>,
    /// When it was created.
    pub created: Option<Timestamp>,
    /// When it was last modified.
    pub modified: Option<Timestamp>,
    /// By whom.
    pub modified_by: Option<CrmId>,
}

/// A value that a field has had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Was {
    /// Since when; with the CRM's resolution (Zoho: a second).
    pub at: Timestamp,
    /// The value.
    pub value: Value,
}

/// The values that fields have had, by field: oldest first, beginning with the record's creation.
pub type Past = BTreeMap<String, Vec<Was>>;

/// A record that was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedId {
    /// Its id.
    pub id: CrmId,
    /// When; with the CRM's resolution (Zoho: a second).
    pub modified: Timestamp,
    /// By whom, where the CRM tells.
    pub modified_by: Option<CrmId>,
    /// Whether it was deleted.
    pub deleted: bool,
    /// Of a line of a sale that is a record of its own: the record that it is a line of.
    pub line_of: Option<CrmId>,
}

/// Where a reading of changes goes on: after this record, in the order of (modified, id).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ChangesAfter {
    /// The last record's time.
    pub modified: Timestamp,
    /// The last record's id.
    pub id: CrmId,
}

/// A page of what was deleted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Deletions {
    /// In no order.
    pub rows: Vec<ChangedId>,
    /// Whether there is another page after this one.
    pub more: bool,
}

/// What was deleted since a time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeletedSince {
    /// The records; in no order.
    pub ids: Vec<CrmId>,
    /// Whether more was deleted than is listed here: of a record that is not among `ids` nothing is said.
    pub cut: bool,
}

/// What a currency is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrencyRate {
    /// ISO 4217.
    pub iso: String,
    /// Units of this currency for one unit of the org's own (both CRMs keep it so).
    pub per_home: Decimal,
    /// Whether it is the org's own currency.
    pub home: bool,
    /// Since when the rate holds, where the CRM tells.
    pub since: Option<Date>,
}

/// A CRM org, as far as single records are read and written. These calls serve orders: a budget that is kept for them lets
/// them through.
pub trait CrmRecords {
    /// A record. `None`: it is not there (deleted, or never was), or is shown to nobody like us.
    ///
    /// # Errors
    /// When a call failed; `E_CRM_FIELD_UNKNOWN` (class configuration) when a field or relation does not exist.
    async fn document(&self, query: &DocumentQuery, id: &CrmId) -> Result<Option<Document>, Fault>;

    /// What the CRM remembers of fields of a record; `now`: these fields as they are. A field of which it does not remember everything, from the record's
    /// creation on, is absent: it keeps no history of it, has forgotten a part, or shows none to us. What changed a moment
    /// ago may be missing yet.
    ///
    /// # Errors
    /// When a call failed. That there is no history is no fault.
    async fn past(&self, module: &str, id: &CrmId, now: &Fields) -> Result<Past, Fault>;

    /// Writes rows by their ids, at most [`super::Crm::bulk_size`]. One outcome per row, in order. A row whose record is
    /// not there has `E_CRM_RECORD_GONE` (class data).
    ///
    /// # Errors
    /// When the call as a whole failed; it may be repeated.
    async fn update(&self, module: &str, rows: &[UpdateRow]) -> Result<Vec<RowOutcome>, Fault>;

    /// The records of which a field holds one of these values (of a lookup: ids), with `fields` and without their keys; in no
    /// order, and whatever the case of the letters. `blank`: only those of which this field is blank. What nobody like us may
    /// see is not among them. `most`: once more than so many are found, no more are read; what comes back is then longer than
    /// `most`, and not all of them.
    ///
    /// # Errors
    /// When a call failed; `E_CRM_FIELD_UNKNOWN` or `E_CRM_FIELD_INVALID` (class configuration) when a field does not exist.
    async fn find_by(
        &self,
        module: &str,
        field: &str,
        values: &[String],
        blank: Option<&str>,
        fields: &[String],
        most: Option<usize>,
    ) -> Result<Vec<CrmRecord>, Fault>;

    /// The record that one was merged into, where the CRM tells. `None`: it was not, or nobody can tell.
    ///
    /// # Errors
    /// When a call failed.
    async fn survivor(&self, module: &str, id: &CrmId) -> Result<Option<CrmId>, Fault>;

    /// The records that were merged into this one, where the CRM tells.
    ///
    /// # Errors
    /// When a call failed.
    async fn merged_into(&self, module: &str, id: &CrmId) -> Result<Vec<CrmId>, Fault>;

    /// Records changed since `since` (inclusive), and deleted ones where the CRM keeps them in one list, in the order of (modified, id), at most `limit`; `after` goes on within
    /// one reading. Fewer than `limit`: that was all there is now. What is being written meanwhile may yet appear among
    /// what was read, within the same second or somewhat before: the next reading begins earlier than this one ended.
    ///
    /// # Errors
    /// When a call failed.
    async fn changed_since(
        &self,
        module: &str,
        since: Timestamp,
        after: Option<&ChangesAfter>,
        limit: u32,
    ) -> Result<Vec<ChangedId>, Fault>;

    /// A page of what was deleted at `since` or later, where the CRM keeps a list of its own for that; `page` counts from 1.
    /// Where [`CrmRecords::changed_since`] tells of deletions as well there is nothing here.
    ///
    /// # Errors
    /// When a call failed.
    async fn deletions(
        &self,
        _module: &str,
        _since: Timestamp,
        _page: u32,
    ) -> Result<Deletions, Fault> {
        Ok(Deletions::default())
    }

    /// The record that a line is, or was, a line of. `None`: nobody can tell, or lines are no records of their own.
    ///
    /// # Errors
    /// When a call failed.
    async fn record_of_line(&self, _module: &str, _id: &CrmId) -> Result<Option<CrmId>, Fault> {
        Ok(None)
    }

    /// The records of a module that were deleted (or merged into others) at `since` or later, as far as the CRM still lists
    /// them. A list that is longer than a client reads (Salesforce: the 2,000 newest; Zoho: 50 pages of 200, in no order that
    /// is documented) is cut, and says so.
    ///
    /// # Errors
    /// When a call failed.
    async fn deleted_since(&self, module: &str, since: Timestamp) -> Result<DeletedSince, Fault>;

    /// The currencies of the org with their rates on `day` (where the CRM keeps rates by day, else the present ones);
    /// empty where the org has only one.
    ///
    /// # Errors
    /// When a call failed.
    async fn currencies(&self, day: Date) -> Result<BTreeMap<String, CurrencyRate>, Fault>;
}

/// A subscription to changes that has to be renewed: Zoho's watch channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelRequest {
    /// Digits, chosen by us.
    pub channel_id: String,
    /// `Deals.all`, `Accounts.edit`.
    pub events: Vec<String>,
    /// Where callbacks go. A secret: its last segment is what callers have to know.
    pub notify_url: crate::SecretText,
    /// The token that callbacks carry, at most 50 characters. A secret.
    pub token: crate::SecretText,
    /// Until when it is wanted.
    pub expiry: Timestamp,
}

/// A CRM org that notifies by channels.
pub trait CrmChannels {
    /// Subscribes, or subscribes anew. The answer is the expiry that the CRM granted, which may be earlier than asked for.
    ///
    /// # Errors
    /// When the call failed, or the CRM refused.
    async fn subscribe(&self, request: &ChannelRequest) -> Result<Timestamp, Fault>;

    /// Prolongs. `E_CRM_NOT_SUBSCRIBED` (class data) when the channel is not there any more: subscribe anew.
    ///
    /// # Errors
    /// When the call failed.
    async fn renew(&self, request: &ChannelRequest) -> Result<Timestamp, Fault>;

    /// Ends subscriptions. Ending what is not there is no fault.
    ///
    /// # Errors
    /// When the call failed.
    async fn unsubscribe(&self, channel_ids: &[String]) -> Result<(), Fault>;
}
