//! What a handler leaves of many records, written together: the link of each, what is parked of it, and the outcome.

use counterpart_domain::Fault;

use crate::ports::Parked;
use crate::{LinkWrite, OutcomeItem, PutLink};

/// What becomes of the parked item of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParkedItem {
    /// It stays as it is, or absent.
    Stays,
    /// The record is set aside: the item is put, as [`Parking::park`](super::Parking::park) does.
    Put(Box<Parked>),
    /// The record got through: the item goes, if there is one.
    Goes,
}

/// The end of one record's part: all of it is stored, or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its link, on the condition that nobody wrote it since it was read.
    pub write: LinkWrite,
    /// Its parked item, under the link's target and storage key.
    pub parked: ParkedItem,
    /// Its outcome.
    pub outcome: Option<OutcomeItem>,
}

impl Commit {
    /// A link alone.
    #[must_use]
    pub const fn link(write: LinkWrite) -> Self {
        Self {
            write,
            parked: ParkedItem::Stays,
            outcome: None,
        }
    }
}

/// Many records at once, at a cost that grows with the pack and not with the record.
pub trait Commits {
    /// Writes each record as [`Links::put_link`](super::Links::put_link) would, its parked item with it. One answer per
    /// record, in order: a record that lost, or whose CRM id is another's, is left out as a whole and holds up no other.
    ///
    /// A record's outcome is written together with its link: whoever finds the link as this call would leave it may rely on
    /// the outcome being in the ledger. Outcomes that go `along` are written with some of the records, or by themselves.
    ///
    /// # Errors
    /// When some of it could not be written, or nobody knows. Some records may be stored then: reading their links tells,
    /// and doing everything again is safe.
    async fn commit(
        &self,
        records: &[Commit],
        along: &[OutcomeItem],
    ) -> Result<Vec<PutLink>, Fault>;
}
