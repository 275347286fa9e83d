//! What the CRM tells by itself is noted by module: changes of which nothing was heard are a sign that it has stopped.

use counterpart_domain::TargetName;
use jiff::{SignedDuration, Timestamp};

use super::Scene;
use super::reading::{after, before};
use crate::ports::{ChangedId, Clock, Heard, Sweeps};

/// How long a CRM may take to tell. Seconds are usual.
const TELLS_WITHIN: SignedDuration = SignedDuration::from_mins(10);
/// How far the CRM's clock and ours may be apart.
const SKEW: SignedDuration = SignedDuration::from_mins(2);

/// Notes that these were heard of. That it could not be noted is no reason to refuse what was told.
pub(in crate::ingress) async fn note<S: Sweeps, C: Clock>(
    store: &S,
    clock: &C,
    target: &TargetName,
    of: impl IntoIterator<Item = String>,
) {
    for of in of {
        let heard = Heard {
            target: target.clone(),
            of,
            at: clock.now(),
        };
        if let Err(fault) = store.note_heard(&heard).await {
            tracing::warn!(target.name = %target, heard.of = %heard.of, fault.code = %fault.code, fault = %fault,
                "that a change was told of could not be noted");
        }
    }
}

impl<K> Scene<'_, K> {
    /// How many of these changes are old enough to have been told of, and newer than anything that was heard of their module.
    /// A module that never told anything has no way to: nothing is missed.
    pub(super) fn untold(&self, module: &str, changes: &[ChangedId], now: Timestamp) -> u64 {
        let heard = self.heard.iter().find(|heard| heard.of == module);
        let Some(heard) = heard else { return 0 };
        let ours = self.target.events.integration_user.as_ref();
        if ours.is_none() && !self.target.crm.profile().ways_in.tells_of_our_writes {
            // Not every way tells of our own writes, and which they are is not known.
            return 0;
        }
        let (told_by, heard) = (before(now, TELLS_WITHIN), after(heard.at, SKEW));
        let untold = changes.iter().filter(|change| {
            let own = ours.is_some() && change.modified_by.as_ref() == ours;
            !own && !change.deleted && change.modified <= told_by && change.modified > heard
        });
        untold.count() as u64
    }
}
