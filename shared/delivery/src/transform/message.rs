//! One message: read, checked, taken, acknowledged or handed back.

use std::panic::AssertUnwindSafe;

use counterpart_domain::{Class, Fault};
use futures_util::FutureExt as _;
use jiff::{SignedDuration, Timestamp};

use super::work::{Halt, Work};
use super::{CONFIG_SPREADS, OrderTransform, ReceivedEvent, TransformReport};
use crate::CrmEvent;
use crate::circuit::Gate;
use crate::event::EventSource;
use crate::hand_back::{self, out_of_time, panicked};
use crate::intent::{IntentId, IntentKind};
use crate::kills::{MOST_KILLS, WHOLE};
use crate::not_done::NotDone;
use crate::ports::QueueName;
use crate::ports::Route;
use crate::ports::prelude::*;
use crate::writer::park;
use counterpart_domain::{CrmId, TargetName};

/// The pause before another worker takes what this one has no time for.
const SOON: SignedDuration = SignedDuration::from_secs(1);

impl<P: Ports> OrderTransform<'_, P> {
    pub(super) async fn take(
        &self,
        message: &ReceivedEvent,
        deadline: Timestamp,
        report: &mut TransformReport,
    ) -> bool {
        let event = match CrmEvent::decode(&message.body) {
            Ok(event) => event,
            Err(fault) => return self.refuse_body(message, None, &fault, report).await,
        };
        let called = event.target.clone();
        if self.is_late(deadline) {
            let soon = self.clock.now().saturating_add(SOON).ok();
            let back = NotDone::turn(out_of_time(), soon);
            return self.hand_back(message, Some(&called), &back).await;
        }
        report.events += 1;
        let (name, record) = (event.target.clone(), event.record.clone());
        match AssertUnwindSafe(self.take_event(message, event, deadline, report))
            .catch_unwind()
            .await
        {
            Ok(Ok(true)) => true,
            Ok(Ok(false)) => {
                report.quiet += 1;
                true
            }
            Ok(Err(back)) => {
                tracing::warn!(target.name = %name, record.id = %record, fault = %back.fault, "an event is handed back");
                self.hand_back(message, Some(&called), &back).await
            }
            Err(_) => {
                tracing::error!(target.name = %name, record.id = %record, "the transform panicked on an event");
                self.hand_back(message, Some(&called), &panicked().into())
                    .await
            }
        }
    }

    /// Takes one event. `false`: nothing had to be done.
    async fn take_event(
        &self,
        message: &ReceivedEvent,
        mut event: CrmEvent,
        deadline: Timestamp,
        report: &mut TransformReport,
    ) -> Result<bool, NotDone> {
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
            self.park_body(message, Some(&name), &fault, report).await?;
            return Ok(true);
        };
        if let Some(full) = target.crm.kind().full_id(&event.record.0) {
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
        let kind = match (source, entity) {
            (Some(_), _) => IntentKind::Order,
            (None, Some((entity, _))) => IntentKind::Record(*entity),
            (None, None) => {
                tracing::debug!(target.name = %name, module = event.module, "an event of a module that nothing is made of");
                return Ok(false);
            }
        };
        let circuit = match self.breaker().gate(&name).await? {
            Gate::Open(circuit) => circuit,
            Gate::Shut(until) => return Err(NotDone::shut(until)),
        };
        let mut watched = self
            .kills()
            .of(&kills_id(message), message.receive_count)
            .await?;
        let kills = watched.as_ref().map_or(0, |watched| watched.kills(WHOLE));
        if kills >= MOST_KILLS {
            let fault = Fault::new(
                Class::Bug,
                "E_KILLS_WORKER",
                format!(
                    "The transform ended {kills} times without a word while it worked on {} {}. The record is set aside; please report it with its content.",
                    event.module, event.record
                ),
            );
            let id = IntentId {
                kind,
                root: event.record.clone(),
            };
            // By an id of its own: a job of the record that gets through says nothing of this event.
            self.park_event(&event, &killer(&id), &fault, report)
                .await?;
            return Ok(true);
        }
        let mut work = Work {
            event,
            target,
            crm,
            circuit,
            company: None,
            told: None,
            admitted: false,
            claimed: false,
            receive_count: message.receive_count,
            deadline,
        };
        if let Some(watched) = &mut watched {
            self.kills().begin(watched, WHOLE).await?;
        }
        let done = match (source, entity) {
            (Some((orders, source)), _) => self.take_sale(&mut work, orders, source, report).await,
            (None, Some((entity, config))) => {
                self.take_record(&mut work, *entity, config, report).await
            }
            (None, None) => Ok(false),
        };
        self.kills().end(watched).await;
        if work.event.source == EventSource::Redrive && !matches!(done, Err(Halt::Later(_))) {
            let id = IntentId {
                kind,
                root: work.event.record.clone(),
            };
            self.store.unpark(&name, &killer(&id)).await?;
        }
        match done {
            Ok(done) => Ok(done),
            Err(Halt::Later(not_done)) => Err(*not_done),
            Err(Halt::Refused(fault)) => {
                let id = IntentId {
                    kind,
                    root: work.event.record.clone(),
                };
                self.park_event(&work.event, &id.storage(), &fault, report)
                    .await?;
                Ok(true)
            }
        }
    }

    async fn refuse_body(
        &self,
        message: &ReceivedEvent,
        target: Option<&TargetName>,
        fault: &Fault,
        report: &mut TransformReport,
    ) -> bool {
        match self.park_body(message, target, fault, report).await {
            Ok(()) => true,
            Err(store) => {
                tracing::warn!(fault = %store, "an event could not be parked and stays in the queue");
                self.hand_back(message, target, &store.into()).await
            }
        }
    }

    async fn park_body(
        &self,
        message: &ReceivedEvent,
        target: Option<&TargetName>,
        fault: &Fault,
        report: &mut TransformReport,
    ) -> Result<(), Fault> {
        let target = target.map_or("-", TargetName::as_str);
        let now = self.clock.now();
        let parked = park::unread(target, Route::CrmEvents, "body", &message.body, fault, now);
        self.store.park(&parked).await?;
        tracing::error!(target.name = target, fault = %fault, "an event is parked");
        report.parked += 1;
        Ok(())
    }

    /// Hands a message back. `true`: it was sent anew, and may be acknowledged.
    async fn hand_back(
        &self,
        message: &ReceivedEvent,
        called: Option<&TargetName>,
        back: &NotDone,
    ) -> bool {
        let breaker = self.breaker();
        let pause = breaker
            .back_off(called, back, message.sent, message.receive_count)
            .await;
        hand_back::event(
            self.queue,
            self.clock,
            &QueueName::CrmEvents,
            message,
            pause,
        )
        .await
    }
}

/// What an event is parked under that ends the workers who take it.
fn killer(id: &IntentId) -> String {
    format!("killer-{}", id.storage())
}

/// The same at each receive of the message; no pack has such an id.
fn kills_id(message: &ReceivedEvent) -> String {
    format!("event#{}", message.message_id)
}
