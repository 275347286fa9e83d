//! One message: read, checked, taken, acknowledged or handed back.

use counterpart_domain::{Class, CrmId, Fault, TargetName};
use jiff::{SignedDuration, Timestamp};

use super::work::Work;
use super::{CONFIG_SPREADS, MARGIN, OrderTransform, TransformReport};
use crate::circuit::Gate;
use crate::disposition::Disposition;
use crate::event::EventSource;
use crate::ingress::source_of_lines;
use crate::intent::{IntentId, IntentKind};
use crate::kills::Guarded;
use crate::not_done::NotDone;
use crate::pause::Scope;
use crate::ports::prelude::*;
use crate::worker::Handler;
use crate::{CrmEvent, Message};

impl<P: Ports> Handler for OrderTransform<'_, P> {
    type Work = CrmEvent;
    type Report = TransformReport;
    const MARGIN: SignedDuration = MARGIN;

    fn decode(&self, message: &Message) -> Result<CrmEvent, Fault> {
        CrmEvent::decode(&message.body)
    }

    fn name(event: &CrmEvent) -> String {
        format!(
            "event of {} {} {}",
            event.target, event.module, event.record
        )
    }

    fn called(&self, _message: &Message, event: Option<&CrmEvent>) -> Option<TargetName> {
        event.map(|event| event.target.clone())
    }

    async fn work(
        &self,
        message: &Message,
        event: CrmEvent,
        deadline: Timestamp,
        report: &mut TransformReport,
    ) -> Result<(), Disposition> {
        report.events += 1;
        if !self.take_event(message, event, deadline, report).await? {
            report.quiet += 1;
        }
        Ok(())
    }

    fn paused(report: &mut TransformReport) -> &mut u64 {
        &mut report.paused
    }

    async fn park_message(
        &self,
        message: &Message,
        fault: &Fault,
        report: &mut TransformReport,
    ) -> Result<(), Fault> {
        let event = CrmEvent::decode(&message.body).ok();
        let target = event.as_ref().map_or("-", |event| event.target.as_str());
        self.park_body(message, target, fault).await?;
        report.parked += 1;
        Ok(())
    }
}

impl<P: Ports> OrderTransform<'_, P> {
    /// Takes one event. `false`: nothing had to be done.
    async fn take_event(
        &self,
        message: &Message,
        mut event: CrmEvent,
        deadline: Timestamp,
        report: &mut TransformReport,
    ) -> Result<bool, Disposition> {
        let name = event.target.clone();
        let known = self.config.targets.get(&name).zip(self.crms.get(&name));
        let Some((target, crm)) = known else {
            let now = self.clock.now();
            if self.is_behind || now.duration_since(event.received_at) < CONFIG_SPREADS {
                // The way in may know a newer configuration than this worker has read yet, or can read at all.
                let fault = Fault::new(
                    Class::Transient,
                    "E_CONFIG_OLDER",
                    format!(
                        "Target {name} of an event is not in the configuration that this worker knows."
                    ),
                );
                return Err(fault.into());
            }
            let fault = Fault::new(
                Class::Configuration,
                "E_TARGET_UNKNOWN",
                format!(
                    "Target {name} of an event is not in sync.toml. Add it and push the configuration, then redrive this message."
                ),
            );
            return Err(Disposition::Park(Box::new(fault)));
        };
        if let Some(full) = (target.crm.profile().ids.record)(&event.record.0) {
            event.record = CrmId(full);
        }
        let source = target
            .orders
            .as_ref()
            .and_then(|orders| Some((orders, orders.source(&event.module)?)));
        let entity = target
            .entities
            .iter()
            .find(|(entity, config)| entity.goes_to_crm() && config.module == event.module);
        let lines = source_of_lines(target, &event.module);
        let kind = match (source, entity) {
            (Some(_), _) => IntentKind::Order,
            (None, Some((entity, _))) => IntentKind::Record(*entity),
            (None, None) if lines.is_some() => IntentKind::Order,
            (None, None) => {
                tracing::debug!(target.name = %name, module = event.module, "an event of a module that nothing is made of");
                return Ok(false);
            }
        };
        // For which company is not known before the record is read: what is paused by company waits in the queue to Sage.
        let scope = [Scope::told_by(&name, Some(kind))];
        let circuit = match self.breaker().gate(&name, &scope).await? {
            Gate::Open(circuit) => circuit,
            Gate::Shut(until) => return Err(NotDone::shut(until).into()),
            Gate::Paused(hold) => return Err(NotDone::paused(&hold).into()),
        };
        let receive_count = message.receive_count;
        let mut work = Work {
            event,
            told_of: None,
            target,
            crm,
            circuit,
            company: None,
            utc_offset_minutes: None,
            told: None,
            admitted: false,
            claimed: false,
            receive_count,
            deadline,
        };
        let taking = async {
            match (source, entity) {
                (Some((orders, source)), _) => {
                    self.take_sale(&mut work, orders, source, report).await
                }
                (None, Some((entity, config))) => {
                    self.take_record(&mut work, *entity, config, report).await
                }
                (None, None) => match lines {
                    Some((orders, source)) => {
                        self.take_line(&mut work, orders, source, report).await
                    }
                    None => Ok(false),
                },
            }
        };
        let (kills, kills_id) = (self.kills(), kills_id(message));
        let taken = kills.guard(&kills_id, receive_count, taking);
        let id = |root: &CrmId| IntentId {
            kind,
            root: root.clone(),
        };
        let done = match taken.await? {
            Guarded::Done(done) => done,
            Guarded::Killer(kills) => {
                let event = &work.event;
                let fault = Fault::new(
                    Class::Bug,
                    "E_KILLS_WORKER",
                    format!(
                        "The transform ended {kills} times without a word while it worked on {} {}. The record is set aside; please report it with its content.",
                        event.module, event.record
                    ),
                );
                // By an id of its own: a job of the record that gets through says nothing of this event.
                self.park_event(event, &killer(&id(&event.record)), &fault, report)
                    .await?;
                return Ok(true);
            }
        };
        if work.event.source == EventSource::Redrive && !matches!(done, Err(Disposition::Retry(_)))
        {
            let id = id(&work.event.record);
            self.store.unpark(&name, &killer(&id)).await?;
        }
        if done.is_ok() && work.claimed {
            self.got_through(&work).await;
        }
        match done {
            Err(Disposition::Park(fault)) => {
                self.is_set_aside(&work).await;
                let id = id(&work.event.record);
                self.park_event(&work.event, &id.storage(), &fault, report)
                    .await?;
                Ok(true)
            }
            done => done,
        }
    }
}

/// What an event is parked under that ends the workers who take it.
fn killer(id: &IntentId) -> String {
    format!("killer-{}", id.storage())
}

/// The same at each receive of the message; no pack has such an id.
fn kills_id(message: &Message) -> String {
    format!("event#{}", message.id)
}
