//! Receives that ended without a verdict: the worker was killed, out of memory, timed out. They leave nothing but the
//! queue's count; what was handed back in order is subtracted from it.

use counterpart_domain::Fault;
use jiff::SignedDuration;

use crate::ports::{Clock, PackProgress, Settings};

/// Receives before anybody looks at how the earlier ones ended.
pub(crate) const SUSPICIOUS: u32 = 3;
/// Ends without a verdict before a message with several records is taken record by record.
pub(crate) const KILLS_OF_A_PACK: u32 = 3;
/// Ends without a verdict while one record was being tried before it is parked.
pub(crate) const KILLS_OF_A_RECORD: u32 = 3;
/// Ends without a verdict before a message of one record is parked.
pub(crate) const KILLS_OF_A_MESSAGE: u32 = KILLS_OF_A_PACK + KILLS_OF_A_RECORD;
/// How often a noting is tried again.
const TRIES: u32 = 3;
/// How long a message is remembered: longer than any queue keeps it.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24 * 15);

/// The count, by an id of the message that is the same at each receive.
#[derive(Debug)]
pub(crate) struct Kills<'a, S, C> {
    pub(crate) store: &'a S,
    pub(crate) clock: &'a C,
}

impl<S: Settings, C: Clock> Kills<'_, S, C> {
    /// How many of its earlier receives ended without a verdict. Asks the store only where the count makes one wonder.
    pub(crate) async fn of(&self, id: &str, receive_count: u32) -> Result<u32, Fault> {
        if receive_count <= SUSPICIOUS {
            return Ok(0);
        }
        let progress = self.store.pack_progress(id).await?;
        Ok(kills(&progress, receive_count))
    }

    /// Notes that a receive ended in handing the message back.
    pub(crate) async fn note_handed_back(&self, id: &str) -> Result<(), Fault> {
        let mut tries = 0;
        loop {
            match self.try_note(id).await {
                // Unnoted, it would count as a kill, perhaps of an innocent record: worth some patience.
                Err(fault) if tries < TRIES && fault.is_retryable() => {
                    tries += 1;
                    self.clock
                        .sleep(std::time::Duration::from_millis(300 << tries))
                        .await;
                }
                other => return other,
            }
        }
    }

    async fn try_note(&self, id: &str) -> Result<(), Fault> {
        let mut progress = self.store.pack_progress(id).await?;
        progress.handed_back += 1;
        progress.trying = None;
        self.remember(id, &progress).await
    }

    /// Keeps what is known of a message.
    pub(crate) async fn remember(&self, id: &str, progress: &PackProgress) -> Result<(), Fault> {
        let until = self
            .clock
            .now()
            .saturating_add(REMEMBERED)
            .unwrap_or(jiff::Timestamp::MAX);
        self.store.put_pack_progress(id, progress, until).await
    }
}

/// Receives before this one that nobody handed back.
pub(crate) fn kills(progress: &PackProgress, receive_count: u32) -> u32 {
    receive_count
        .saturating_sub(1)
        .saturating_sub(progress.handed_back)
}
