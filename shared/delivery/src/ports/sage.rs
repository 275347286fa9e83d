//! The Sage 100 side: discovery and reading, through the agent's contract.

use counterpart_domain::{
    AsOf, Company, Entity, Fault, Record, SageKey, ServerTime, Stamp, TableSpec,
};

/// What part of the change feed is wanted: `from` inclusive, `to` inclusive where given, from the agent's own position
/// `after` where a window is resumed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// Lower bound, inclusive.
    pub from: Stamp,
    /// Upper bound, inclusive; none for the first page of a window.
    pub to: Option<Stamp>,
    /// The agent's opaque position, from the page before.
    pub after: Option<String>,
    /// The most records of the page.
    pub limit: u32,
}

/// One record of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedRecord {
    /// Its key.
    pub key: SageKey,
    /// Sage's stamp; serves the cursor only.
    pub stamp: Stamp,
    /// Its content, or why it cannot be read (a fault of class data: the record is reported, its neighbours go on).
    pub record: Result<Record, Fault>,
    /// Where it cannot be read: the text as it came, bounded.
    pub raw: Option<String>,
}

/// An entry of a page whose key itself cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyless {
    /// Why.
    pub fault: Fault,
    /// The text as it came, bounded.
    pub raw: String,
}

/// One page of the change feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The order of this observation: taken by the agent before it read.
    pub as_of: AsOf,
    /// The ERP's clock.
    pub server_time: ServerTime,
    /// In order of (stamp, key).
    pub records: Vec<ChangedRecord>,
    /// Entries whose key itself could not be read, each with its reason.
    pub unreadable: Vec<Keyless>,
    /// Where the next page starts; none at the end.
    pub next: Option<String>,
}

/// The answer to a question for named keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordsAnswer {
    /// The order of this observation.
    pub as_of: AsOf,
    /// The ERP's clock.
    pub server_time: ServerTime,
    /// Those that exist.
    pub records: Vec<ChangedRecord>,
    /// Those that do not.
    pub missing: Vec<SageKey>,
}

/// How Sage holds texts at a site.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TextRules {
    /// The IANA name of its code page; none: nobody knows.
    pub code_page: Option<String>,
    /// The greatest lengths of its text columns in characters, as far as they are known.
    pub lengths: Vec<(&'static TableSpec, String, u32)>,
}

/// Sage 100, as far as it is read.
pub trait Sage {
    /// A page of what changed.
    ///
    /// # Errors
    /// `E_SAGE_POSITION_EXPIRED` (transient) when the window has to start anew; `E_SAGE_*` by class otherwise.
    async fn changes(
        &self,
        company: &Company,
        entity: Entity,
        window: &Window,
    ) -> Result<Page, Fault>;

    /// Named records, at most 100 keys of one company and entity.
    ///
    /// # Errors
    /// `E_SAGE_*` by class.
    async fn records(&self, keys: &[SageKey]) -> Result<RecordsAnswer, Fault>;

    /// How a company's texts are held. An adapter may remember the answer for some minutes.
    ///
    /// # Errors
    /// `E_SAGE_*` by class.
    async fn text_rules(&self, company: &Company) -> Result<TextRules, Fault>;
}
