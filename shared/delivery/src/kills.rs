//! Receives that ended without a verdict: the worker was killed, out of memory, timed out. They leave nothing but the
//! queue's count, which says little: a message may have waited through an outage. So what is tried is noted before, where
//! the count makes one wonder, and taken back afterwards; whoever finds the note has a kill before him.

use counterpart_domain::Fault;
use jiff::SignedDuration;

use crate::ports::{Clock, PackProgress, Settings};

/// Receives before anybody notes what is tried.
pub(crate) const SUSPICIOUS: u32 = 3;
/// Ends without a verdict while a pack was being tried before it is taken record by record.
pub(crate) const KILLS_OF_A_PACK: u32 = 2;
/// Ends without a verdict while one record, or a message of one record, was being tried before it is parked.
pub(crate) const MOST_KILLS: u32 = 3;
/// The message as a whole, as it is noted.
pub(crate) const WHOLE: &str = "";
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

/// A message that has come often enough to be watched.
#[derive(Debug)]
pub(crate) struct Watched {
    id: String,
    progress: PackProgress,
}

impl Watched {
    /// How many receives ended while this was being tried.
    pub(crate) fn kills(&self, what: &str) -> u32 {
        self.progress.kills.get(what).copied().unwrap_or_default()
    }
}

/// What became of a message of one thing that was watched.
pub(crate) enum Guarded<T> {
    /// It was not taken: so many receives of it ended without a verdict.
    Killer(u32),
    /// It came to an end, whatever became of it.
    Done(T),
}

impl<S: Settings, C: Clock> Kills<'_, S, C> {
    /// Does the work of a message that is taken as a whole, unless it has ended too many workers.
    pub(crate) async fn guard<T>(
        &self,
        id: &str,
        receive_count: u32,
        work: impl Future<Output = T>,
    ) -> Result<Guarded<T>, Fault> {
        let mut watched = self.of(id, receive_count).await?;
        if let Some(watched) = &mut watched {
            let kills = watched.kills(WHOLE);
            if kills >= MOST_KILLS {
                return Ok(Guarded::Killer(kills));
            }
            self.begin(watched, WHOLE).await?;
        }
        let done = work.await;
        self.end(watched).await;
        Ok(Guarded::Done(done))
    }

    /// What is known of a message; none: it has not come often enough for anybody to wonder.
    pub(crate) async fn of(&self, id: &str, receive_count: u32) -> Result<Option<Watched>, Fault> {
        if receive_count <= SUSPICIOUS {
            return Ok(None);
        }
        let mut progress = self.store.pack_progress(id).await?;
        if let Some(tried) = progress.trying.take() {
            *progress.kills.entry(tried).or_default() += 1;
        }
        Ok(Some(Watched {
            id: id.to_owned(),
            progress,
        }))
    }

    /// Notes what is tried now.
    pub(crate) async fn begin(&self, watched: &mut Watched, what: &str) -> Result<(), Fault> {
        watched.progress.trying = Some(what.to_owned());
        let noted = self.remember(watched).await;
        if noted.is_err() {
            // It may be noted all the same, and nothing is tried under it: left there, it would count as a kill.
            watched.progress.trying = None;
            self.remember(watched).await.ok();
        }
        noted
    }

    /// Takes the note back: what was tried came to an end in order, whatever became of it. It kills nobody, then: what
    /// ended workers before had another reason, or a note was left that could not be taken back.
    pub(crate) async fn end(&self, watched: Option<Watched>) {
        let Some(mut watched) = watched else { return };
        let Some(tried) = watched.progress.trying.take() else {
            return;
        };
        watched.progress.kills.remove(&tried);
        let mut tries = 0;
        while let Err(fault) = self.remember(&watched).await {
            // Left there, it would count as a kill, perhaps of an innocent record: worth some patience.
            if tries == TRIES || !fault.is_retryable() {
                tracing::warn!(message.id = watched.id, fault = %fault, "that a message came to an end could not be noted");
                return;
            }
            tries += 1;
            self.clock
                .sleep(std::time::Duration::from_millis(300 << tries))
                .await;
        }
    }

    async fn remember(&self, watched: &Watched) -> Result<(), Fault> {
        let until = self
            .clock
            .now()
            .saturating_add(REMEMBERED)
            .unwrap_or(jiff::Timestamp::MAX);
        self.store
            .put_pack_progress(&watched.id, &watched.progress, until)
            .await
    }
}
