//! What a CRM org is like: modules, fields, who we are there. For checks before anything is put in force; no handler of
//! records needs it.

use counterpart_domain::{CrmId, Fault};
use jiff::Timestamp;

/// What a field holds, as far as it decides which values can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CrmFieldKind {
    /// One line of text, or several.
    Text,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// A web address.
    Url,
    /// A number, an amount of money, a percentage.
    Number,
    /// Yes or no.
    Flag,
    /// A day.
    Date,
    /// A moment.
    DateTime,
    /// One of a list of values.
    Picklist,
    /// Several of a list of values.
    MultiPicklist,
    /// Points to a record, or a user.
    Reference,
    /// A record's own id.
    Id,
    /// Anything else; nothing is said about its values.
    Other,
}

/// A field of a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrmField {
    /// Its API name.
    pub name: String,
    /// As people see it.
    pub label: String,
    /// What it holds.
    pub kind: CrmFieldKind,
    /// The CRM's own name for its type.
    pub native_type: String,
    /// The most characters of a text; none where it has no such limit.
    pub length: Option<u32>,
    /// The most digits of a number before the point, and after it.
    pub digits: Option<(u32, u32)>,
    /// Whether no record can be created without it.
    pub required: bool,
    /// Whether no two records may hold the same value.
    pub unique: bool,
    /// Whether it may serve as the key of an upsert: in Salesforce an External ID, in Zoho any unique field.
    pub upsert_key: bool,
    /// Whether we may write it at creation.
    pub createable: bool,
    /// Whether we may write it afterwards.
    pub updateable: bool,
    /// A picklist's active values, as the API writes them.
    pub values: Vec<String>,
    /// Whether other values are refused.
    pub restricted: bool,
    /// The modules that a reference may point to.
    pub references: Vec<String>,
    /// What a path calls a reference to read the record that it points to; none where the CRM does not let it be followed.
    pub relation: Option<String>,
}

/// A kind of record within a module: Salesforce's record type, Zoho's layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrmRecordType {
    /// Its id.
    pub id: CrmId,
    /// Its name (in Salesforce the developer name).
    pub name: String,
    /// Whether we may use it.
    pub available: bool,
}

/// A module, or object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrmModule {
    /// Its API name.
    pub name: String,
    /// Whether we may create records.
    pub createable: bool,
    /// Whether we may change records.
    pub updateable: bool,
    /// All fields that we can see.
    pub fields: Vec<CrmField>,
    /// Its kinds of records; empty where it has one only.
    pub record_types: Vec<CrmRecordType>,
}

/// Who we are in an org, and how it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrmOrg {
    /// The org's id.
    pub id: String,
    /// Its name, where it tells.
    pub name: String,
    /// The user whose rights we have.
    pub user_id: CrmId,
    /// That user's name, or what the CRM calls it.
    pub user_name: String,
    /// The CRM's clock, from its answer.
    pub server_time: Option<Timestamp>,
    /// What is used and what is allowed within the CRM's own window, in its own unit.
    pub budget: Option<CrmBudget>,
}

/// The API budget of an org.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CrmBudget {
    /// Used in the present window.
    pub used: u64,
    /// Allowed in a window.
    pub allowed: u64,
}

/// A CRM org, as far as it can be asked what it is like.
pub trait CrmMetadata {
    /// A module with its fields; none when the org has no such module, or shows it to nobody like us.
    ///
    /// # Errors
    /// When a call failed.
    async fn describe(&self, module: &str) -> Result<Option<CrmModule>, Fault>;

    /// Who we are there. A call that every working connection allows: it proves address, credentials and token.
    ///
    /// # Errors
    /// When a call failed.
    async fn org(&self) -> Result<CrmOrg, Fault>;
}
