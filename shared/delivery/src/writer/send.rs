//! What a pack leaves in the queues: edits of the CRM for Sage, records that are tried again, children that are released.
//!
//! What the CRM has for Sage goes by way of `crm-events`, like any other edit in the CRM: the transform reads the record
//! itself and decides.

use std::time::Duration;

use counterpart_config::TargetConfig;
use counterpart_domain::{Class, CrmId, Fault};

use super::compare::Decided;
use super::results::PackResults;
use super::snapshot::PackWork;
use super::waiting::LOOK_AGAIN;
use super::{CrmWriter, Mapper};
use crate::event::{Change, EventSource};
use crate::pack::{Head, cut};
use crate::ports::prelude::*;
use crate::ports::{Outgoing, QueueName};
use crate::send::{json, send_all};
use crate::{CrmEvent, Entry, Pack, Reason, backoff};

impl<P: Ports, M: Mapper> CrmWriter<'_, P, M> {
    /// Sends an event for each row that has something for Sage. A comparison that the transform asked for needs none.
    pub(super) async fn emit_events<'r>(
        &self,
        work: &PackWork<'_, P::Crm>,
        rows: impl Iterator<Item = &'r Decided>,
    ) -> Result<(), Fault> {
        if work.pack.reason == Reason::Edited {
            return Ok(());
        }
        let mut events = Vec::new();
        for row in rows.filter(|row| row.for_sage) {
            let linked = row.prepared.link.as_ref();
            let linked = linked.and_then(|link| link.crm_id.clone());
            if let Some(id) = row.found.clone().or(linked) {
                events.push(self.event(work, id)?);
            }
        }
        send_all(self.queue, self.clock, &QueueName::CrmEvents, events).await
    }

    fn event(&self, work: &PackWork<'_, P::Crm>, record: CrmId) -> Result<Outgoing, Fault> {
        let event = CrmEvent::new(
            self.clock.new_id(),
            work.pack.target.clone(),
            work.entity.module.clone(),
            record,
            Change::Updated,
            EventSource::Comparison,
            self.clock.now(),
        );
        Ok(Outgoing::now(json(&event)?))
    }

    /// Sends what has to be tried again: repairs at once, retries after a pause that grows.
    pub(super) async fn send_again(
        &self,
        pack: &Pack,
        target: &TargetConfig,
        results: &mut PackResults,
    ) -> Result<(), Fault> {
        let repairs = std::mem::take(&mut results.repairs);
        self.send(pack, target, Reason::Repair, repairs, Duration::ZERO)
            .await?;
        let retries = std::mem::take(&mut results.retries);
        let tried = retries.iter().map(|entry| entry.attempts).max();
        let pause = backoff::delay_after(tried.unwrap_or(0));
        let spread = self.clock.random_below(pause.as_secs() / 4 + 1);
        let pause = (pause + Duration::from_secs(spread)).min(LOOK_AGAIN);
        self.send(pack, target, Reason::Retry, retries, pause)
            .await?;
        let creating = std::mem::take(&mut results.creating);
        let looks = creating.iter().map(|entry| entry.attempts).max();
        let pause = backoff::delay_after(looks.unwrap_or(0));
        self.send(pack, target, Reason::Waiting, creating, pause)
            .await?;
        let held_up = std::mem::take(&mut results.held_up);
        self.send(pack, target, Reason::Waiting, held_up, LOOK_AGAIN)
            .await
    }

    pub(super) async fn send(
        &self,
        pack: &Pack,
        target: &TargetConfig,
        reason: Reason,
        entries: Vec<Entry>,
        delay: Duration,
    ) -> Result<(), Fault> {
        if entries.is_empty() {
            return Ok(());
        }
        let head = Head {
            target: &pack.target,
            company: &pack.company,
            entity: pack.entity,
            reason,
            config_version: pack.config_version,
        };
        let (ready, too_large) = cut(
            head,
            entries,
            target.crm.profile().bulk_size,
            self.queue.longest_body(),
            delay,
            self.clock,
        )?;
        if let Some(entry) = too_large.first() {
            // It came out of a message, so it fits into one; should the limit have been lowered, the pack is kept.
            return Err(Fault::new(
                Class::Configuration,
                "E_RECORD_TOO_LARGE",
                format!("{} no longer fits into a queue message.", entry.local_key),
            ));
        }
        send_all(
            self.queue,
            self.clock,
            &QueueName::writes(&pack.target),
            ready,
        )
        .await
    }
}
