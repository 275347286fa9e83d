//! Write-backs: what became of a sale, a customer or a contact in Sage, shown on the CRM's records; and the stock of ordered
//! items.
//!
//! A write-back names what is to be shown; what it is, is read here. Whoever was slow and may have written something older
//! over something newer finds the newer state after its call, and has it shown again.

use std::collections::{BTreeMap, BTreeSet};

use counterpart_domain::{Class, Fault};
use jiff::SignedDuration;

use super::call::{Limits, Stopped};
use super::message::NotDone;
use super::showing::{Showing, Told, Updates};
use super::shown::{Row, rows_of};
use super::{BatchReport, CrmWriter, Mapper};
use crate::backoff;
use crate::circuit::Gate;
use crate::disposition::Disposition;
use crate::intent::{Intent, IntentId};
use crate::kills::Guarded;
use crate::ports::prelude::*;
use crate::ports::{Outgoing, Parked, QueueName, Route};
use crate::send::{json, send_all};
use crate::{Message, Show, TargetFault, WriteBack};

/// How long a write-back whose record is locked is tried again.
const TRIED_FOR: SignedDuration = SignedDuration::from_hours(24);
/// How often one receive follows an intent that changes while it is shown.
const ROUNDS: u32 = 3;

impl<P: Ports, M: Mapper> CrmWriter<'_, P, M> {
    /// Takes one write-back.
    pub(super) async fn take_write_back(
        &self,
        message: &Message,
        of: &WriteBack,
        report: &mut BatchReport,
    ) -> Result<(), Disposition> {
        report.write_backs += 1;
        self.knows_config(of.config_version, "write-back")?;
        let known = self.config.targets.get(&of.target);
        let place = known
            .zip(self.crms.get(&of.target))
            .filter(|_| message.queue.target() == Some(&of.target));
        let Some((target, crm)) = place else {
            let fault = Fault::new(
                Class::Configuration,
                "E_TARGET_UNKNOWN",
                format!(
                    "Target {} of a write-back is not in sync.toml, or the write-back lay in the queue of {}. Add the target and push the configuration, then redrive this message.",
                    of.target,
                    message.target()
                ),
            );
            return Err(Disposition::Park(Box::new(fault)));
        };
        let circuit = match self.breaker().gate(&of.target).await? {
            Gate::Open(circuit) => circuit,
            Gate::Shut(until) => return Err(NotDone::shut(until).into()),
        };
        let showing = Showing {
            of,
            target,
            crm,
            circuit,
            again: message.is_again(),
        };
        let receives = message.receive_count;
        let work = self.show(showing, report);
        match self.kills().guard(&of.id, receives, work).await? {
            Guarded::Done(shown) => Ok(shown?),
            Guarded::Killer(kills) => {
                let fault = Fault::new(
                    Class::Bug,
                    "E_KILLS_WORKER",
                    format!(
                        "The writer ended {kills} times without a word while it worked on a write-back. It is set aside; please report it with its content."
                    ),
                );
                Err(Disposition::Park(Box::new(fault)))
            }
        }
    }

    async fn show(
        &self,
        showing: Showing<'_, P::Crm>,
        report: &mut BatchReport,
    ) -> Result<(), NotDone> {
        match &showing.of.write_back {
            Show::Intents(ids) => self.show_intents(showing, ids, report).await,
            Show::Stock { as_of, rows } => match showing.target.orders.as_ref().map(|o| &o.stock) {
                Some(Some(fields)) => self.show_stock(showing, fields, *as_of, rows, report).await,
                _ => Ok(()),
            },
        }
    }

    /// Shows intents until what is shown is what they say: whoever finds something newer after its call may have written
    /// something older over it.
    async fn show_intents(
        &self,
        mut showing: Showing<'_, P::Crm>,
        ids: &[IntentId],
        report: &mut BatchReport,
    ) -> Result<(), NotDone> {
        let mut due: BTreeSet<IntentId> = ids.iter().cloned().collect();
        for _ in 0..ROUNDS {
            due = self.show_round(&showing, due, report).await?;
            if due.is_empty() {
                return Ok(());
            }
            showing.again = true;
            showing.circuit = match self.breaker().gate(&showing.of.target).await? {
                Gate::Open(circuit) => circuit,
                Gate::Shut(until) => return Err(NotDone::shut(until)),
            };
        }
        // The next receive writes it whatever was noted.
        Err(Fault::new(
            Class::Transient,
            "E_INTENT_CHANGING",
            "What is to be shown changes faster than it can be written.",
        )
        .into())
    }

    /// One round; the answer: what is newer by now.
    async fn show_round(
        &self,
        showing: &Showing<'_, P::Crm>,
        ids: BTreeSet<IntentId>,
        report: &mut BatchReport,
    ) -> Result<BTreeSet<IntentId>, NotDone> {
        let of = showing.of;
        let mut intents: Vec<Intent> = Vec::new();
        for id in ids {
            let Some(intent) = self.store.intent(&of.target, &id).await? else {
                continue;
            };
            // A receive that ended without a verdict may have written something older since.
            let shown = self.store.written_back(&of.target, &id).await?;
            if showing.again || shown < intent.rev {
                intents.push(intent);
            }
        }
        let mut rows = Vec::new();
        for (number, intent) in intents.iter().enumerate() {
            rows.extend(rows_of(showing.target, intent, number));
        }
        let (told, stopped) = self.update(showing, rows, report).await?;
        let (mut later, mut newer) = (Vec::new(), BTreeSet::new());
        for (number, intent) in intents.into_iter().enumerate() {
            if let Some(fault) = told.refused.get(&number) {
                self.park_shown(of, &intent, fault, report).await?;
            } else if told.is_done(number) {
                self.store
                    .mark_written_back(&of.target, &intent.id, intent.rev)
                    .await?;
                self.store.unpark(&of.target, &shown_id(&intent.id)).await?;
                let now_is = self.store.intent(&of.target, &intent.id).await?;
                if now_is.is_some_and(|now_is| now_is.rev > intent.rev) {
                    newer.insert(intent.id);
                }
            } else if told.later.contains(&number) {
                if self.is_old(showing) {
                    let fault = locked(&intent.id.root.0);
                    self.park_shown(of, &intent, &fault, report).await?;
                } else {
                    later.push(intent.id);
                }
            }
        }
        if !later.is_empty() {
            self.show_later(of, Show::Intents(later)).await?;
        }
        stopped.map_or(Ok(newer), Err)
    }

    /// Writes rows, module by module.
    pub(super) async fn update(
        &self,
        showing: &Showing<'_, P::Crm>,
        rows: Vec<Row>,
        report: &mut BatchReport,
    ) -> Result<(Told, Option<NotDone>), NotDone> {
        let mut told = Told::default();
        if rows.is_empty() {
            return Ok((told, None));
        }
        let target = &showing.of.target;
        let breaker = self.breaker();
        let claimed = breaker.claim(target, showing.circuit.clone()).await?;
        let circuit = match claimed {
            Gate::Open(circuit) => circuit,
            Gate::Shut(until) => return Err(NotDone::shut(until)),
        };
        let limits = Limits::of(showing.crm, &circuit);
        let mut by_module: BTreeMap<String, Vec<Row>> = BTreeMap::new();
        for row in rows {
            by_module.entry(row.module.clone()).or_default().push(row);
        }
        let (mut largest, mut stopped) = (0, None);
        for (module, rows) in by_module {
            if stopped.is_some() {
                told.left.extend(rows.iter().map(|row| row.number));
                continue;
            }
            let updates = Updates {
                crm: showing.crm,
                module: &module,
                again: showing.again,
            };
            let wrote = self.write(&updates, limits, &rows, report).await;
            largest = largest.max(wrote.largest);
            let reached = wrote.rows.len();
            for (row, outcome) in rows.iter().zip(wrote.rows) {
                match outcome {
                    Ok(_) => {}
                    Err(fault) if fault.code == "E_CRM_RECORD_GONE" => {
                        tracing::info!(target.name = %target, record.id = %row.update.id, "what was to be shown is on a record that is gone");
                    }
                    Err(fault) if fault.is_retryable() => {
                        told.later.insert(row.number);
                    }
                    Err(fault) => {
                        told.refused.insert(row.number, fault);
                    }
                }
            }
            told.left
                .extend(rows.iter().skip(reached).map(|row| row.number));
            stopped = wrote.stopped;
        }
        let stopped = match stopped {
            None => None,
            Some(Stopped::Slow) => Some(NotDone::slow(self.clock.now())),
            Some(Stopped::Failed(fault, at)) => {
                report.faults.push(TargetFault {
                    target: target.clone(),
                    fault: fault.clone(),
                });
                let until = breaker.open(target, &circuit, &fault, Some(at)).await;
                Some(NotDone::trouble(fault, Some(until)))
            }
        };
        if stopped.is_none() {
            self.breaker()
                .close(target, &circuit, largest, limits.bulk)
                .await?;
        }
        Ok((told, stopped))
    }

    /// Whether its record has been locked for long. The time in which the CRM could not be called does not count.
    pub(super) fn is_old(&self, showing: &Showing<'_, P::Crm>) -> bool {
        let since = showing.circuit.counts_from(showing.of.first_sent);
        since.is_some_and(|since| self.clock.now().duration_since(since) > TRIED_FOR)
    }

    async fn park_shown(
        &self,
        of: &WriteBack,
        intent: &Intent,
        fault: &Fault,
        report: &mut BatchReport,
    ) -> Result<(), Fault> {
        let show = Show::Intents(vec![intent.id.clone()]);
        self.park_show(of, &shown_id(&intent.id), show, fault, report)
            .await
    }

    pub(super) async fn park_show(
        &self,
        of: &WriteBack,
        id: &str,
        show: Show,
        fault: &Fault,
        report: &mut BatchReport,
    ) -> Result<(), Fault> {
        let payload = WriteBack {
            write_back: show,
            ..of.clone()
        };
        let parked = Parked::new(
            of.target.as_str(),
            id.to_owned(),
            Route::CrmWrites,
            fault.clone(),
            json(&payload)?,
            self.clock.now(),
        );
        self.store.park(&parked).await?;
        tracing::error!(target.name = %of.target, parked.id = id, fault.code = %fault.code, "what Sage answered cannot be shown");
        report.parked += 1;
        Ok(())
    }

    pub(super) async fn show_later(&self, of: &WriteBack, show: Show) -> Result<(), Fault> {
        let now = self.clock.now();
        let delay = backoff::delay(now.duration_since(of.first_sent));
        let again = WriteBack {
            id: self.clock.new_id(),
            write_back: show,
            ..of.clone()
        };
        let message = Outgoing::delayed(json(&again)?, delay);
        send_all(
            self.queue,
            self.clock,
            &QueueName::writes(&of.target),
            vec![message],
        )
        .await
    }
}

/// Under which a write-back that the CRM refuses is parked.
pub(crate) fn shown_id(id: &IntentId) -> String {
    format!("shown#{}", id.storage())
}

pub(super) fn locked(record: &str) -> Fault {
    Fault::new(
        Class::Data,
        "E_CRM_RECORD_LOCKED",
        format!(
            "Record {record} of the CRM has been locked for a day, and what Sage 100 answered is not shown on it. Unlock it, then redrive this message."
        ),
    )
}
