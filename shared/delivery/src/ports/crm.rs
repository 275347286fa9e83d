//! The CRM side. A CRM crate knows its wire format and nothing of storage; handlers know this port and no CRM.

use counterpart_domain::{CrmId, Fault, Fields, SageKey};
use jiff::Timestamp;

/// One bulk write: rows of one module, matched by the unique field that holds the Sage key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpsertCall {
    /// The module or object (`Accounts`).
    pub module: String,
    /// The unique field that holds [`SageKey::text`].
    pub key_field: String,
    /// At most [`Crm::bulk_size`] rows, no key twice.
    pub rows: Vec<UpsertRow>,
}

/// One row of a bulk write. Absent fields stay untouched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpsertRow {
    /// The Sage key; the adapter writes its text into the key field.
    pub key: SageKey,
    /// The fields to write, by the CRM's names.
    pub fields: Fields,
}

/// Fields of one record, known by its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdateRow {
    /// Its id.
    pub id: CrmId,
    /// What is written; absent fields stay untouched.
    pub fields: Fields,
}

/// What became of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The record's id.
    pub id: CrmId,
    /// Whether it was created by this call.
    pub created: bool,
    /// When the CRM says it was modified.
    pub modified: Option<Timestamp>,
}

/// Positional: the n-th outcome belongs to the n-th row.
pub type RowOutcome = Result<Written, Fault>;

/// A record as the CRM holds it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrmRecord {
    /// Its id.
    pub id: CrmId,
    /// The text in its key field, where it has one.
    pub key: Option<String>,
    /// The fields asked for.
    pub fields: Fields,
    /// When it was last modified.
    pub modified: Option<Timestamp>,
}

/// A user of the CRM, for the rep mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrmUser {
    /// The user's id.
    pub id: CrmId,
    /// Full name.
    pub name: String,
    /// E-mail address.
    pub email: String,
}

/// A CRM org, as far as records are written to it and read from it.
pub trait Crm {
    /// The most rows of one bulk call (Zoho 100, Salesforce 200).
    fn bulk_size(&self) -> usize;

    /// Writes up to [`Crm::bulk_size`] rows in one call. `Ok` has exactly one outcome per row, in the rows' order.
    ///
    /// Row faults the handler acts on: `E_CRM_MATCHED_OTHER_FIELD` (another unique field decided which record was
    /// written), `E_CRM_PARENT_NOT_FOUND` (a reference points to nothing), `E_CRM_RECORD_LOCKED` (transient),
    /// `E_CRM_REQUIRED_MISSING`, `E_CRM_INVALID_DATA`, `E_CRM_DUPLICATE`.
    ///
    /// # Errors
    /// When the call as a whole failed; nothing is then known to be written (class ambiguous included: an upsert by
    /// key may be repeated). `E_CRM_TIMEOUT` and `E_CRM_TOO_SLOW` make the handler's next calls smaller;
    /// `E_CRM_UNEXPLAINED` has it look for a row that the call fails for.
    async fn upsert(&self, call: &UpsertCall) -> Result<Vec<RowOutcome>, Fault>;

    /// Writes rows by their ids, at most [`Crm::bulk_size`], as [`Crm::upsert`] does by their keys: the key is one of the
    /// fields, and nothing is ever created. A row whose record is not there has `E_CRM_RECORD_GONE` (class data).
    ///
    /// # Errors
    /// As with [`Crm::upsert`].
    async fn update_linked(
        &self,
        module: &str,
        rows: &[UpdateRow],
    ) -> Result<Vec<RowOutcome>, Fault>;

    /// Reads `fields` of the records with these keys, in as few calls as the CRM allows. Absent records are left out.
    ///
    /// # Errors
    /// When a call failed as a whole.
    async fn read(
        &self,
        module: &str,
        key_field: &str,
        keys: &[SageKey],
        fields: &[String],
    ) -> Result<Vec<CrmRecord>, Fault>;

    /// The active users.
    ///
    /// # Errors
    /// When a call failed.
    async fn users(&self) -> Result<Vec<CrmUser>, Fault>;
}
