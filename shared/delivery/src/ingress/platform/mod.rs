//! Salesforce's events by EventBridge and a queue: Change Data Capture and platform events.
//!
//! Each message has its own fate. What cannot be read is parked and takes nobody along; what cannot be stored or sent stays
//! in the queue and comes again. Lost events (a gap, an overflow) become a look at the record, or a note that the whole
//! object has to be read anew.

mod capture;
mod envelope;
mod own;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::AssertUnwindSafe;

use counterpart_config::{TargetConfig, salesforce_id};
use counterpart_domain::{Class, CrmId, Fault, TargetName, bounded};
use futures_util::FutureExt as _;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::sweep;
use crate::disposition::Disposition;
use crate::event::{Change, EventSource};
use crate::not_done::NotDone;
use crate::ports::prelude::*;
use crate::ports::{Outgoing, QueueName, Resync};
use crate::send::{TRIES, event_message, send};
use crate::transform::CONFIG_SPREADS;
use crate::{CrmEvent, Message};
use envelope::{Envelope, instant, target_of, unreadable};

/// A message is begun only with this much time left: what was read has to be sent yet.
const MARGIN: SignedDuration = SignedDuration::from_secs(10);

/// What a batch came to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct PlatformReport {
    /// Messages that are not done: they stay in the queue.
    pub failed: Vec<String>,
    /// Events on `crm-events`.
    pub queued: u64,
    /// Changes left out because we made them.
    pub own: u64,
    /// Changes and events left out because nobody waits for them.
    pub dropped: u64,
    /// Messages parked.
    pub parked: u64,
    /// Notes that an object has to be read anew.
    pub resyncs: u64,
}

/// The handler.
pub struct PlatformEvents<'a, P: Ports> {
    /// What all handlers share.
    pub context: Context<'a, P>,
}

in_context!(PlatformEvents);

/// What one message comes to.
#[derive(Debug, Default)]
struct Judged {
    events: Vec<CrmEvent>,
    resyncs: Vec<Resync>,
    own: u64,
    dropped: u64,
    /// The module that it tells of, where somebody waits for it.
    module: Option<String>,
}

/// What was heard of: by target, modules and sources.
type HeardOf = BTreeMap<TargetName, BTreeSet<String>>;

/// Where an event comes from, and when it came.
struct Scene<'a> {
    name: &'a TargetName,
    target: &'a TargetConfig,
    /// For ids of events: two orgs may have records and transactions of the same id.
    source: &'a str,
    now: Timestamp,
}

impl<P: Ports> PlatformEvents<'_, P> {
    /// Takes a batch. `deadline` is when the function will be stopped: what cannot be begun before is left in the queue.
    /// Never fails as a whole.
    pub async fn handle(&self, batch: &[Message], deadline: Timestamp) -> PlatformReport {
        let mut report = PlatformReport::default();
        // All events of the batch go out together; each message is done only if all of its own did.
        let (mut outgoing, mut owners) = (Vec::new(), Vec::new());
        let mut heard = HeardOf::new();
        for message in batch {
            if self.is_late(deadline, MARGIN) {
                if !self.leave(message, None).await {
                    report.failed.push(message.id.clone());
                }
                continue;
            }
            let judged = AssertUnwindSafe(self.take(message, &mut heard, &mut report))
                .catch_unwind()
                .await
                .unwrap_or_else(|_| Err(Disposition::Park(Box::new(panicked()))));
            match judged {
                Ok(messages) => {
                    owners.extend(messages.iter().map(|_| message));
                    outgoing.extend(messages);
                }
                Err(wrong) => self.not_done(message, wrong, &mut report).await,
            }
        }
        self.send(&outgoing, &owners, &mut report).await;
        for (target, of) in heard {
            sweep::note(self.store, self.clock, &target, of).await;
        }
        tracing::info!(
            messages = batch.len(),
            queued = report.queued,
            own = report.own,
            dropped = report.dropped,
            parked = report.parked,
            resyncs = report.resyncs,
            failed = report.failed.len(),
            "{} platform events taken",
            batch.len()
        );
        report
    }

    async fn take(
        &self,
        message: &Message,
        heard: &mut HeardOf,
        report: &mut PlatformReport,
    ) -> Result<Vec<Outgoing>, Disposition> {
        let envelope = Envelope::read(&message.body).map_err(unusable)?;
        let (name, target) = target_of(self.config, &envelope.source)
            .map_err(|fault| self.unknown(message, fault))?;
        let scene = Scene {
            name,
            target,
            source: &envelope.source,
            now: self.clock.now(),
        };
        let judged = match envelope.header().map_err(unusable)? {
            Some(header) => self.capture(&scene, &envelope, &header).await?,
            None => named(&scene, &envelope).map_err(unusable)?,
        };
        for resync in &judged.resyncs {
            self.store.note_resync(resync).await?;
            report.resyncs += 1;
            tracing::error!(target.name = %resync.target, crm.module = %resync.module, reason = %resync.reason,
                fault.code = "E_EVENTS_LOST", "the CRM lost events of an object; all of its records have to be read anew");
        }
        if let Some(module) = judged.module {
            let of = heard.entry(name.clone()).or_default();
            of.extend([module, bounded(envelope.source.clone(), 200)]);
        }
        report.own += judged.own;
        report.dropped += judged.dropped;
        let messages = judged.events.iter().map(event_message);
        messages.collect::<Result<_, Fault>>().map_err(unusable)
    }

    /// An organisation that is not listed may be in a configuration that this worker has not read yet, or cannot read.
    fn unknown(&self, message: &Message, fault: Fault) -> Disposition {
        let age = self.clock.now().duration_since(message.sent.first);
        if self.is_behind || age < CONFIG_SPREADS {
            fault.into()
        } else {
            unusable(fault)
        }
    }

    async fn back(&self, message: &Message, back: &NotDone, report: &mut PlatformReport) {
        if !self.hand_back(message, None, back).await {
            report.failed.push(message.id.clone());
        }
    }

    async fn send(&self, outgoing: &[Outgoing], owners: &[&Message], report: &mut PlatformReport) {
        if outgoing.is_empty() {
            return;
        }
        let answers = match send(
            self.queue,
            self.clock,
            &QueueName::CrmEvents,
            outgoing,
            TRIES,
        )
        .await
        {
            Ok(answers) => answers,
            Err(fault) => outgoing.iter().map(|_| Err(fault.clone())).collect(),
        };
        let mut refused = None;
        let mut back: Vec<(&Message, Fault)> = Vec::new();
        for (owner, answer) in owners.iter().zip(answers) {
            match answer {
                Ok(()) => report.queued += 1,
                Err(fault) => {
                    if back.last().is_none_or(|(last, _)| last != owner) {
                        back.push((owner, fault.clone()));
                    }
                    refused = Some(fault);
                }
            }
        }
        for (message, fault) in back {
            self.back(message, &NotDone::trouble(fault, None), report)
                .await;
        }
        if let Some(fault) = refused {
            tracing::warn!(fault.code = %fault.code, fault = %fault, failed = report.failed.len(),
                "events could not be queued; their messages come again");
        }
    }

    async fn not_done(&self, message: &Message, wrong: Disposition, report: &mut PlatformReport) {
        let back = match wrong {
            Disposition::Retry(back) => {
                tracing::warn!(message.id, fault.code = %back.fault.code, fault = %back.fault,
                    "an event could not be taken; it comes again");
                *back
            }
            Disposition::Park(fault) => {
                match self.park_body(message, message.target(), &fault).await {
                    Ok(()) => {
                        report.parked += 1;
                        return;
                    }
                    Err(store) => {
                        tracing::error!(message.id, fault.code = %fault.code, fault = %fault, store = %store,
                            "an event could not be parked; it comes again");
                        store.into()
                    }
                }
            }
        };
        self.back(message, &back, report).await;
    }
}

/// A message that will never be anything else.
fn unusable(fault: Fault) -> Disposition {
    Disposition::Park(Box::new(fault))
}

/// Whether a body can be read as an event of EventBridge: only then a redrive leads anywhere.
pub(crate) fn is_event(body: &str) -> bool {
    Envelope::read(body).is_ok_and(|envelope| envelope.header().is_ok())
}

fn panicked() -> Fault {
    Fault::new(
        Class::Bug,
        "E_PANIC",
        "The handler panicked on an event; it is kept as it came.",
    )
}

/// Platform events of one's own: the configuration says which field names the record.
fn named(scene: &Scene<'_>, envelope: &Envelope<'_>) -> Result<Judged, Fault> {
    let Some(named) = scene
        .target
        .events
        .platform_events
        .get(&envelope.detail_type)
    else {
        tracing::info!(target.name = %scene.name, event.name = %bounded(envelope.detail_type.clone(), 80),
            "a platform event that sync.toml does not name is left out");
        return Ok(Judged {
            dropped: 1,
            ..Judged::default()
        });
    };
    let record = envelope
        .text(&named.id_field)
        .and_then(|id| salesforce_id(id.trim()))
        .ok_or_else(|| {
            unreadable(
                &format!("its field {} holds no record id", named.id_field),
                None,
            )
        })?;
    // Stable when the event is replayed; EventBridge's own id is another one then.
    let uuid = envelope.text("EventUuid").filter(|uuid| !uuid.is_empty());
    let id = uuid.unwrap_or_else(|| envelope.id.clone());
    let created = envelope.payload.get("CreatedDate");
    let event = CrmEvent {
        user: envelope
            .text("CreatedById")
            .and_then(|user| salesforce_id(&user))
            .map(CrmId),
        occurred_at: created.and_then(|raw| instant(raw)),
        ..CrmEvent::new(
            bounded(format!("pe-{id}"), 120),
            scene.name.clone(),
            named.module.clone(),
            CrmId(record),
            Change::Unknown,
            EventSource::PlatformEvent,
            scene.now,
        )
    };
    Ok(Judged {
        module: Some(event.module.clone()),
        events: vec![event],
        ..Judged::default()
    })
}
