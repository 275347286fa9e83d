//! What was changed while no channel was alive, read by Modified_Time, page by page.

use counterpart_domain::{Fault, digest_of};
use jiff::{SignedDuration, Timestamp};

use super::channel::is_behind;
use super::{ChannelKeeper, TargetChannels};
use crate::CrmEvent;
use crate::event::{Change, EVENT_VERSION, EventSource};
use crate::ingress::{HookSecrets, send};
use crate::ports::{
    ChangedId, ChangesAfter, Channel, Channels, Clock, CrmChannels, CrmRecords, EventQueue, Ids,
};

/// How far back before the last known moment: clocks differ, Zoho's times are whole seconds, and its index takes a while.
const OVERLAP: SignedDuration = SignedDuration::from_mins(10);
/// The records of a page: the most that one query gives.
const PAGE: u32 = 200;
/// The most pages of one module in one run; the next one goes on where this one stopped.
const MOST_PAGES: usize = 25;
/// How often a page is sent before the run gives up.
const TRIES: u64 = 3;

impl<K, S, Q, C, H> ChannelKeeper<'_, K, S, Q, C, H>
where
    K: CrmChannels + CrmRecords,
    S: Channels,
    Q: EventQueue,
    C: Clock + Ids,
    H: HookSecrets,
{
    /// Reads what the channel could not tell of, if there is any. Progress is stored after each page, once the queue has it.
    pub(super) async fn catch_up(
        &self,
        crm: &K,
        mut channel: Channel,
        deadline: Timestamp,
        report: &mut TargetChannels,
    ) -> Result<(), Fault> {
        let Some(alive_since) = channel.alive_since.filter(|_| is_behind(&channel)) else {
            return Ok(());
        };
        let since = channel.seen_until;
        let since = since.saturating_sub(OVERLAP).unwrap_or(since);
        for _ in 0..MOST_PAGES {
            if self.is_late(deadline) {
                break;
            }
            let changes = crm
                .changed_since(&channel.module, since, channel.after.as_ref(), PAGE)
                .await?;
            let events: Vec<CrmEvent> = changes
                .iter()
                .map(|change| self.event(&channel, change))
                .collect();
            send::send_all(self.queue, self.clock, &events, TRIES).await?;
            report.caught_up += events.len() as u64;
            if let Some(last) = changes.last() {
                channel.after = Some(ChangesAfter {
                    modified: last.modified,
                    id: last.id.clone(),
                });
            }
            let is_last = changes.len() < PAGE as usize;
            if is_last {
                channel.after = None;
                channel.seen_until = alive_since;
            }
            match self.put(channel).await? {
                Some(stored) => channel = stored,
                None => return Ok(()),
            }
            if is_last {
                tracing::info!(target.name = %channel.target, crm.module = %channel.module, since = %since,
                    "what was changed without a channel is queued");
                return Ok(());
            }
        }
        report.behind.push(channel.module.clone());
        Ok(())
    }

    fn event(&self, channel: &Channel, change: &ChangedId) -> CrmEvent {
        let modified = change.modified.to_string();
        let parts = [
            channel.module.as_str(),
            change.id.0.as_str(),
            modified.as_str(),
        ];
        CrmEvent {
            version: EVENT_VERSION,
            id: format!("cu-{}", digest_of(parts)),
            target: channel.target.clone(),
            module: channel.module.clone(),
            record: change.id.clone(),
            change: if change.deleted {
                Change::Deleted
            } else {
                Change::Updated
            },
            source: EventSource::CatchUp,
            user: change.modified_by.clone(),
            occurred_at: Some(change.modified),
            received_at: self.clock.now(),
            transaction: std::collections::BTreeMap::new(),
            attempts: 0,
            answers: None,
        }
    }
}
