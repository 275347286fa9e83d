//! What an order and a record do not share of the protocol.

use counterpart_domain::Fault;
use jiff::Timestamp;

use crate::Intent;
use crate::sage_writer::leased_intent::LeasedIntent;
use crate::sage_writer::stop::Stop;

/// What Sage holds of it.
pub(super) enum Seen {
    /// It is there. The intent says so by now, and is stored.
    Ours,
    /// Under its key stands another's.
    Anothers,
    /// Nobody can tell whether what is there is it.
    Doubtful(Stop),
    /// Nothing.
    Nothing,
}

/// Whether a key may be used.
pub(super) enum Claim<T> {
    /// It is reserved for this one.
    Ours,
    /// It turns out to be there, under another key.
    There(T),
    /// It was begun under another key, which the intent has by now.
    UnderWay,
    /// It belongs to another.
    Anothers,
}

/// What became of one key.
pub(super) enum Attempt {
    /// Sage took it just now.
    Written,
    /// It is there, of an earlier try.
    Found,
    /// The key is another's.
    Taken,
}

/// What the protocol has to know of what is created. The steps stand in the order in which they are called.
pub(super) trait Strategy {
    /// What it is sent under: reserved and stored before anything else.
    type Key;
    /// What whoever asked for it gets.
    type Created;
    /// Whether slot and time are looked at once more between the save and the send.
    const CHECKS_TIME_BEFORE_SENDING: bool;
    /// Codes of refusals that leave open whether it is there.
    const OPEN_REFUSALS: &'static [&'static str];

    /// Whether it is there, as far as that can be known without a key.
    async fn recognise(&mut self, leased: &mut LeasedIntent)
    -> Result<Option<Self::Created>, Stop>;
    /// Refuses what a person has to settle before anything is created.
    async fn admit(&mut self, leased: &mut LeasedIntent) -> Result<(), Stop>;
    /// Checks what Sage itself would take.
    async fn check(&mut self, leased: &mut LeasedIntent) -> Result<(), Stop>;
    /// Makes sure of a key, stored before anything is done with it.
    async fn reserve(&mut self, leased: &mut LeasedIntent) -> Result<Self::Key, Stop>;
    /// Keeps the key from everybody else.
    async fn claim(
        &mut self,
        leased: &mut LeasedIntent,
        key: &Self::Key,
    ) -> Result<Claim<Self::Created>, Stop>;
    /// Looks under the key, where the key is all that tells it from others. `Nothing`: it may be sent, once more if need be.
    async fn look_before(
        &mut self,
        leased: &mut LeasedIntent,
        key: &Self::Key,
    ) -> Result<Seen, Stop>;
    /// Notes what is about to be sent.
    fn note_content(&self, intent: &mut Intent, now: Timestamp);
    /// Sends it.
    async fn send(&self, leased: &LeasedIntent, key: &Self::Key) -> Result<(), Fault>;
    /// Looks for what was just sent, where the answer does not say it.
    async fn look_after(
        &mut self,
        leased: &mut LeasedIntent,
        key: &Self::Key,
    ) -> Result<Seen, Stop>;
    /// Sage has taken it.
    fn note_created(&self, intent: &mut Intent, key: &Self::Key);
    /// The key is another's, the `lost`th of this job: there is a next one, or a person is asked.
    async fn lose(
        &mut self,
        leased: &mut LeasedIntent,
        key: &Self::Key,
        lost: u32,
    ) -> Result<(), Stop>;
    /// It is there, and the intent says so: everybody else learns of it. `wrote`: Sage took it just now; otherwise it is of an
    /// earlier try, and may have another content.
    async fn commit(
        &mut self,
        leased: &mut LeasedIntent,
        key: Self::Key,
        wrote: bool,
    ) -> Result<Self::Created, Stop>;
}
