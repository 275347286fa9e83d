//! One message: read, checked, taken, acknowledged or handed back.

use std::panic::AssertUnwindSafe;

use counterpart_domain::{Class, Fault};
use futures_util::FutureExt as _;
use jiff::{SignedDuration, Timestamp};

use super::work::{Halt, Work};
use super::{OrderTransform, ReceivedEvent, TransformReport};
use crate::CrmEvent;
use crate::circuit::Gate;
use crate::event::EventSource;
use crate::intent::{IntentId, IntentKind};
use crate::kills::KILLS_OF_A_MESSAGE;
use crate::not_done::NotDone;
use crate::ports::{
    Clock, Crm, CrmRecords, EventQueue, Ids, Intents, JobQueue, Queue, Route, Store,
};
use crate::writer::park;
use counterpart_domain::{CrmId, Entity, TargetName};

/// The pause before a message is looked at again when nothing better is known.
const PAUSE: SignedDuration = SignedDuration::from_secs(15);
/// Within this, every function has read a configuration that was pushed: it is kept for a minute.
const CONFIG_SPREADS: SignedDuration = SignedDuration::from_mins(5);

impl<K, S, Q, E, J, C> OrderTransform<'_, K, S, Q, E, J, C>
where
    K: Crm + CrmRecords,
    S: Store + Intents,
    Q: Queue,
    E: EventQueue,
    J: JobQueue,
    C: Clock + Ids,
{
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
        let id = kills_id(message);
        if self.is_late(deadline) {
            self.hand_back(message, Some(&id), SignedDuration::from_secs(1))
                .await;
            return false;
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
            Ok(Err(NotDone { fault, until })) => {
                tracing::warn!(target.name = %name, record.id = %record, fault = %fault, "an event is handed back");
                let pause = until.map_or(PAUSE, |until| until.duration_since(self.clock.now()));
                self.hand_back(message, Some(&id), pause).await;
                false
            }
            Err(_) => {
                // Not counted as handed back: it is one of the receives that ended without a verdict.
                tracing::error!(target.name = %name, record.id = %record, "the transform panicked on an event");
                self.hand_back(message, None, PAUSE).await;
                false
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
            if now.duration_since(event.received_at) < CONFIG_SPREADS {
                // The way in may know a newer configuration than this worker has read yet.
                let fault = Fault::new(
                    Class::Transient,
                    "E_CONFIG_OLDER",
                    format!(
                        "Target {name} of an event is not in the configuration that this worker knows."
                    ),
                );
                let until = now.saturating_add(PAUSE).ok();
                return Err(NotDone { fault, until });
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
            (None, Some((Entity::Customer, _))) => IntentKind::Customer,
            (None, Some(_)) => IntentKind::Contact,
            (None, None) => {
                tracing::debug!(target.name = %name, module = event.module, "an event of a module that nothing is made of");
                return Ok(false);
            }
        };
        let kills = self
            .kills()
            .of(&kills_id(message), message.receive_count)
            .await?;
        if kills >= KILLS_OF_A_MESSAGE {
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
        let circuit = match self.breaker().gate(&name).await? {
            Gate::Open(circuit) => circuit,
            Gate::Shut(until) => return Err(NotDone::shut(until)),
        };
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
        let done = match (source, entity) {
            (Some((orders, source)), _) => self.take_sale(&mut work, orders, source, report).await,
            (None, Some((entity, config))) => {
                self.take_record(&mut work, *entity, config, report).await
            }
            (None, None) => Ok(false),
        };
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
                self.hand_back(message, None, PAUSE).await;
                false
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

    /// Keeps a message invisible for a while. With `id`, the receive is noted as one that ended in order. Failures are no
    /// harm: the message comes back by itself.
    async fn hand_back(&self, message: &ReceivedEvent, id: Option<&str>, pause: SignedDuration) {
        if let Some(id) = id
            && let Err(fault) = self.kills().note_handed_back(id).await
        {
            tracing::warn!(message.id = message.message_id, fault = %fault, "handing an event back could not be noted");
        }
        let jitter =
            SignedDuration::from_millis(i64::try_from(self.clock.random_below(2_000)).unwrap_or(0));
        let pause = pause
            .clamp(SignedDuration::ZERO, SignedDuration::from_mins(15))
            .saturating_add(jitter);
        let pause = std::time::Duration::try_from(pause).unwrap_or_default();
        if let Err(fault) = self.events.hand_back_event(&message.receipt, pause).await {
            tracing::warn!(message.id = message.message_id, fault = %fault, "an event could not be handed back and comes back by itself");
        }
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
