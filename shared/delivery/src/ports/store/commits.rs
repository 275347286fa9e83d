//! What a handler leaves of many records, written together: the link of each, what is parked of it, and the outcome.

use counterpart_domain::Fault;

use crate::ports::Parked;
use crate::{Link, LinkWrite, OutcomeItem, PutLink};

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
    /// Its outcome, once the link is stored.
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

    /// The outcome to be written although another was faster with the link: what it holds now is this very observation, and
    /// it says what became of it in this run. Two workers may share a pack, and both may end before they are done.
    #[must_use]
    pub fn told_by(&self, now_is: &Link) -> Option<OutcomeItem> {
        let (ours, outcome) = (&self.write.link, self.outcome.as_ref()?);
        let last = now_is.last.as_ref()?;
        let same = now_is.is_settled()
            && last.run == outcome.run
            && now_is.as_of == ours.as_of
            && now_is.source_hash == ours.source_hash
            && now_is.mapping_version == ours.mapping_version
            && now_is.rep_version == ours.rep_version;
        same.then(|| OutcomeItem {
            outcome: last.outcome,
            ..outcome.clone()
        })
    }
}

/// Many records at once, at a cost that grows with the pack and not with the record.
pub trait Commits {
    /// Writes each record as [`Links::put_link`](super::Links::put_link) would, its parked item with it. One answer per
    /// record, in order: a record that lost, or whose CRM id is another's, is left out as a whole and holds up no other.
    ///
    /// The outcomes of the records that are stored, of those that [another stored](Commit::told_by), and those that go
    /// `along`, are written together with the last of the records, and not before all others are. So whoever finds every
    /// link as this call would leave it may rely on every outcome being in the ledger.
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
