//! Pauses: what people stop for a while (`counterpart pause`), beside the quiet windows of `sync.toml`. What they keep from being
//! done waits where it is, as in an outage, and goes on by itself.
//!
//! Whether work may be done now is decided in one place: [`Pausing`].

pub mod change;
mod decide;
mod scope;

use counterpart_domain::Fault;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

pub use decide::{Hold, Pausing};
pub use scope::Scope;

/// A pause whose end nobody named is taken for forgotten after this.
const FORGOTTEN: SignedDuration = SignedDuration::from_hours(2 * 24);
/// Any pause is told of after this: jobs for Sage are kept for fourteen days.
const LONG: SignedDuration = SignedDuration::from_hours(10 * 24);

/// A pause that a person began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// Short, and unique among those that are kept.
    pub id: String,
    /// What stands still.
    pub scope: Scope,
    /// Who began it.
    pub by: String,
    /// Why.
    pub reason: String,
    /// Since when.
    pub since: Timestamp,
    /// When it ends by itself; none: when somebody ends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// When somebody ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
}

impl Pause {
    /// When it was over, if it is by now.
    #[must_use]
    pub fn over_at(&self, now: Timestamp) -> Option<Timestamp> {
        let ends = self.until.into_iter().chain(self.ended);
        ends.min().filter(|end| *end <= now)
    }

    /// Whether it has lasted so long that somebody should look: nobody said when it ends, and it has not for two days; or it
    /// ends late, and jobs for Sage are about to grow too old in their queue.
    #[must_use]
    pub fn is_forgotten(&self, now: Timestamp) -> bool {
        let most = match self.until {
            None => FORGOTTEN,
            Some(_) => LONG,
        };
        self.is_on(now) && now.duration_since(self.since) >= most
    }

    /// Whether it is in force. It is from the moment at which it is stored, whatever the clock of who asks shows.
    #[must_use]
    pub fn is_on(&self, now: Timestamp) -> bool {
        self.over_at(now).is_none()
    }
}

/// All pauses that people began and that are not forgotten yet: those that are over still say from when time limits count.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Pauses {
    /// The oldest first.
    pub all: Vec<Pause>,
    /// The optimistic lock; 0: never stored.
    pub rev: u64,
}

impl Pauses {
    /// Those in force.
    pub fn on(&self, now: Timestamp) -> impl Iterator<Item = &Pause> {
        self.all.iter().filter(move |pause| pause.is_on(now))
    }
}

/// What the ledger says of a pause: who began or ended it, when, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PauseNote {
    /// When.
    pub at: Timestamp,
    /// What was done.
    pub did: Did,
    /// Who did it.
    pub by: String,
    /// The pause as it is since.
    pub pause: Pause,
}

/// What was done to a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Did {
    /// It was begun.
    Began,
    /// It was ended.
    Ended,
}

/// The code of what waits for a pause to be over.
pub(crate) const PAUSED: &str = "E_PAUSED";

/// Whether work was handed back, or not begun, because it is paused.
#[must_use]
pub fn is_paused(fault: &Fault) -> bool {
    fault.code == PAUSED
}
