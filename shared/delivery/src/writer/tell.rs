//! What the CRM has to tell Sage goes by way of `crm-events`, like any other edit in the CRM: the transform reads the record
//! itself and decides.

use counterpart_domain::{CrmId, Fault};

use super::verdict::Decided;
use super::work::Work;
use super::{CrmWriter, Mapper};
use crate::event::{Change, EventSource};
use crate::ports::prelude::*;
use crate::ports::{Outgoing, QueueName};
use crate::send::{json, send_all};
use crate::{CrmEvent, Reason};

impl<P: Ports, M: Mapper> CrmWriter<'_, P, M> {
    /// Sends an event for each row that has something for Sage. A comparison that the transform asked for has been told.
    pub(super) async fn tell_sage<'r>(
        &self,
        work: &Work<'_, P::Crm>,
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

    fn event(&self, work: &Work<'_, P::Crm>, record: CrmId) -> Result<Outgoing, Fault> {
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
}
