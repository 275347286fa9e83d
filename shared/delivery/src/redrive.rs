//! Redrive: what was set aside is tried again. It is said first what each item would do; sending may be repeated, since
//! every way that it can go bears repetition.

use std::fmt;
use std::time::Duration;

use counterpart_domain::{CrmId, Fault, SageKey, TargetName};

use crate::event::EventSource;
use crate::ingress::is_event;
use crate::intent::{IntentId, IntentKind, IntentStage};
use crate::pack::{Head, cut};
use crate::ports::prelude::*;
use crate::ports::{Outgoing, Parked, QueueName, Route};
use crate::send::{json, send_all};
use crate::{CrmEvent, Entry, Pack, Reason, SageJob, Show, Stage, WriteBack};

/// What a redrive of one item would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Would {
    /// The CRM's record is read anew, and what it asks for goes to Sage.
    ReadAgain(Box<CrmEvent>),
    /// The record goes to the CRM, by today's mapping.
    WriteAgain(Box<Entry>, SageKey),
    /// What Sage answered is shown on the CRM's record again.
    ShowAgain(Box<WriteBack>),
    /// The message goes into its queue as it is: it could not be read then, and can be now.
    SendAgain,
    /// It has got through since; the item is only taken away. The sentence says what there is.
    AlreadyDone(String),
    /// Something newer has been applied since; the item is only taken away.
    Superseded,
    /// It cannot be sent as it is; the sentence says why.
    Impossible(&'static str),
}

impl Would {
    /// For programs.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ReadAgain(_) => "read_again",
            Self::WriteAgain(..) => "write_again",
            Self::ShowAgain(_) => "show_again",
            Self::SendAgain => "send_again",
            Self::AlreadyDone(_) => "already_done",
            Self::Superseded => "superseded",
            Self::Impossible(_) => "impossible",
        }
    }

    /// For people.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::ReadAgain(event) => format!(
                "would read {} {} again and send what it asks for to Sage 100",
                event.module, event.record
            ),
            Self::WriteAgain(_, key) => {
                format!("would write {key} to the CRM, by today's mapping")
            }
            Self::ShowAgain(_) => "would show Sage 100's answer in the CRM again".to_owned(),
            Self::SendAgain => "would send the message again as it is".to_owned(),
            Self::AlreadyDone(what) => format!("already done: {what}"),
            Self::Superseded => "nothing to do: something newer has been applied".to_owned(),
            Self::Impossible(why) => format!("cannot be sent: {why}"),
        }
    }
}

const UNREADABLE: &str = "it cannot be read by this version of Counterpart either";
const NO_RECORD: &str =
    "its content is not the whole record; the next poll that sees it in Sage 100 brings it again";
const NO_TARGET: &str = "it names no target that can be read";

/// How long a message is kept back that is taken away after it was sent.
const BEFORE_IT_COMES: Duration = Duration::from_secs(15);

/// Redrives over these ports.
pub struct Redrive<'a, P: Ports> {
    /// Durable state.
    pub store: &'a P::Store,
    /// The queues.
    pub queue: &'a P::Queue,
    /// Time and ids.
    pub clock: &'a P::Clock,
    /// The version of the configuration in force; 0: none is.
    pub config_version: u64,
}

impl<P: Ports> fmt::Debug for Redrive<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redrive")
            .field("config_version", &self.config_version)
            .finish_non_exhaustive()
    }
}

impl<P: Ports> Redrive<'_, P> {
    /// What a redrive of this item would do now. Sends nothing.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn plan(&self, parked: &Parked) -> Result<Would, Fault> {
        match parked.route {
            Route::CrmEvents | Route::SageWrites => self.plan_event(parked).await,
            Route::PlatformEvents if is_event(&parked.payload) => Ok(Would::SendAgain),
            Route::PlatformEvents => Ok(Would::Impossible(UNREADABLE)),
            Route::CrmWrites if WriteBack::is_one(&parked.payload) => {
                self.plan_write_back(parked).await
            }
            Route::CrmWrites => match &parked.key {
                Some(key) => self.plan_entry(parked, key).await,
                None if Pack::decode(&parked.payload).is_ok() => Ok(Would::SendAgain),
                None => Ok(Would::Impossible(UNREADABLE)),
            },
        }
    }

    async fn plan_event(&self, parked: &Parked) -> Result<Would, Fault> {
        let event = CrmEvent::decode(&parked.payload).ok().or_else(|| {
            // A whole job that could not be read then.
            let job: Option<SageJob> = serde_json::from_str(&parked.payload).ok();
            job.map(|job| job.event)
        });
        let Some(event) = event else {
            return Ok(Would::Impossible(UNREADABLE));
        };
        let order = parked.id.strip_prefix("order#").map(|root| IntentId {
            kind: IntentKind::Order,
            root: CrmId(root.to_owned()),
        });
        if let Some(id) = order
            && let Some(intent) = self.store.intent(&event.target, &id).await?
            && intent.stage == IntentStage::Done
            && intent.code.is_none()
            && intent.updated_at > parked.at
            && let Some(number) = &intent.number
        {
            return Ok(Would::AlreadyDone(format!(
                "order {number} stands in Sage 100"
            )));
        }
        Ok(Would::ReadAgain(Box::new(event)))
    }

    async fn plan_write_back(&self, parked: &Parked) -> Result<Would, Fault> {
        let Ok(of) = WriteBack::decode(&parked.payload) else {
            return Ok(Would::Impossible(UNREADABLE));
        };
        if let Show::Intents(ids) = &of.write_back {
            let mut shown = !ids.is_empty();
            for id in ids {
                let intent = self.store.intent(&of.target, id).await?;
                let rev = intent.map_or(0, |intent| intent.rev);
                shown &= self.store.written_back(&of.target, id).await? >= rev;
            }
            if shown {
                return Ok(Would::AlreadyDone(
                    "the CRM shows the newest state".to_owned(),
                ));
            }
        }
        Ok(Would::ShowAgain(Box::new(of)))
    }

    async fn plan_entry(&self, parked: &Parked, key: &SageKey) -> Result<Would, Fault> {
        let Ok(entry) = serde_json::from_str::<Entry>(&parked.payload) else {
            return Ok(Would::Impossible(NO_RECORD));
        };
        let Some(target) = TargetName::new(&parked.target) else {
            return Ok(Would::Impossible(NO_TARGET));
        };
        if let Some(link) = self.store.link(&target, key).await? {
            if link.parked.unwrap_or_default().max(link.as_of) > entry.as_of {
                return Ok(Would::Superseded);
            }
            let applied = link.stage == Stage::Linked && link.parked.is_none();
            if applied && link.as_of == entry.as_of {
                return Ok(Would::AlreadyDone(format!("{key} is in the CRM")));
            }
        }
        Ok(Would::WriteAgain(Box::new(entry), key.clone()))
    }

    /// Does what was planned.
    ///
    /// # Errors
    /// When a queue or the store does not take it; repeating it does no harm.
    pub async fn send(&self, parked: &Parked, would: Would) -> Result<(), Fault> {
        let target = TargetName::new(&parked.target);
        let mut over = false;
        // What nobody takes away when it got through: a message has no record of its own.
        let take_away = parked.id.starts_with("body#") || parked.id.starts_with("stock#");
        // Delayed, so that it is taken away here before it is perhaps set aside once more.
        let delay = if take_away {
            BEFORE_IT_COMES
        } else {
            Duration::ZERO
        };
        let after = |body: String| Outgoing::delayed(body, delay);
        match would {
            Would::ReadAgain(event) => {
                let again = CrmEvent {
                    source: EventSource::Redrive,
                    attempts: event.attempts.saturating_add(1),
                    received_at: self.clock.now(),
                    answers: Some(parked.fault.code.clone().into_owned()),
                    ..*event
                };
                let message = after(json(&again)?);
                send_all(self.queue, self.clock, &QueueName::CrmEvents, vec![message]).await?;
            }
            Would::WriteAgain(entry, key) => {
                let Some(target) = &target else {
                    return Ok(());
                };
                let head = Head {
                    target,
                    company: &key.company,
                    entity: key.entity,
                    reason: Reason::Redrive,
                    config_version: self.config_version,
                };
                let entry = Entry {
                    attempts: 0,
                    first_sent: self.clock.now(),
                    ..entry.answering(&parked.fault.code)
                };
                let longest = self.queue.longest_body();
                let (ready, _too_large) =
                    cut(head, vec![entry], 1, longest, Duration::ZERO, self.clock)?;
                send_all(self.queue, self.clock, &QueueName::writes(target), ready).await?;
            }
            Would::ShowAgain(of) => {
                let again = WriteBack {
                    id: self.clock.new_id(),
                    first_sent: self.clock.now(),
                    ..*of
                };
                let message = after(json(&again)?);
                send_all(
                    self.queue,
                    self.clock,
                    &QueueName::writes(&again.target),
                    vec![message],
                )
                .await?;
            }
            Would::SendAgain if parked.route == Route::PlatformEvents => {
                let message = after(parked.payload.clone());
                send_all(
                    self.queue,
                    self.clock,
                    &QueueName::SalesforceEvents,
                    vec![message],
                )
                .await?;
            }
            Would::SendAgain => {
                let Some(target) = &target else {
                    return Ok(());
                };
                let message = after(parked.payload.clone());
                send_all(
                    self.queue,
                    self.clock,
                    &QueueName::writes(target),
                    vec![message],
                )
                .await?;
            }
            Would::AlreadyDone(_) | Would::Superseded => over = true,
            Would::Impossible(_) => return Ok(()),
        }
        match target.filter(|_| take_away || over) {
            Some(target) => self.store.unpark(&target, &parked.id).await,
            None => Ok(()),
        }
    }
}
