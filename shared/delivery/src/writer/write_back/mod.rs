//! Write-backs: what became of a sale, a customer or a contact in Sage, shown on the CRM's records; and the stock of ordered
//! items.
//!
//! A write-back names what is to be shown; what it is, is read here. Whoever was slow and may have written something older
//! over something newer finds the newer state after its call, and has it shown again.

mod rows;
mod stock;
mod work;

use std::collections::BTreeSet;

use counterpart_config::TargetConfig;
use counterpart_domain::{Class, Fault};
use jiff::SignedDuration;

use self::rows::rows_of;
use self::work::WriteBackWork;
use super::{BatchReport, CrmWriter, Mapper};
use crate::backoff;
use crate::disposition::Disposition;
use crate::intent::{Intent, IntentId, IntentKind};
use crate::kills::Guarded;
use crate::not_done::NotDone;
use crate::pause::Scope;
use crate::ports::prelude::*;
use crate::ports::{Outgoing, Parked, QueueName, Route};
use crate::send::{json, send_all};
use crate::{Message, Show, WriteBack};

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
        let scope = self.scope_of(of, target).await?;
        let circuit = self.check_circuit(&of.target, &scope).await?;
        let work = WriteBackWork {
            of,
            target,
            crm,
            scope,
            circuit,
            again: message.is_again(),
        };
        let receives = message.receive_count;
        let shown = self.show(work, report);
        match self.kills().guard(&of.id, receives, shown).await? {
            Guarded::Done(done) => Ok(done?),
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
        work: WriteBackWork<'_, P::Crm>,
        report: &mut BatchReport,
    ) -> Result<(), NotDone> {
        match &work.of.write_back {
            Show::Intents(ids) => self.show_intents(work, ids, report).await,
            Show::Stock { as_of, rows } => match work.target.orders.as_ref().map(|o| &o.stock) {
                Some(Some(fields)) => self.show_stock(work, fields, *as_of, rows, report).await,
                _ => Ok(()),
            },
        }
    }

    /// What a write-back is about. Intents that are shown together are of one job, so that the first speaks for all.
    async fn scope_of(&self, of: &WriteBack, target: &TargetConfig) -> Result<Scope, Fault> {
        let orders = target.orders.as_ref().map(|orders| &orders.company);
        let (kind, mut company) = match &of.write_back {
            Show::Intents(ids) => (ids.first().map(|id| id.kind), target.companies.first()),
            Show::Stock { .. } => (Some(IntentKind::Order), orders),
        };
        let intent = match &of.write_back {
            // One company is that of all its intents.
            Show::Intents(ids) if target.companies.len() > 1 => match ids.first() {
                Some(id) => self.store.intent(&of.target, id).await?,
                None => None,
            },
            _ => None,
        };
        company = intent.as_ref().map(|intent| &intent.company).or(company);
        Ok(Scope {
            company: company.cloned(),
            target: Some(of.target.clone()),
            kind,
        })
    }

    /// Whether its record has been locked for long. The time in which the CRM was not called does not count.
    async fn is_old(&self, work: &WriteBackWork<'_, P::Crm>) -> Result<bool, Fault> {
        let pauses = self.store.pauses().await?;
        let pausing = self.pausing(&pauses);
        let since = work.circuit.counts_from(work.of.first_sent);
        let since = since.and_then(|since| pausing.counts_from(&work.scope, since));
        Ok(since.is_some_and(|since| self.clock.now().duration_since(since) > TRIED_FOR))
    }

    async fn park_show(
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

    async fn show_later(&self, of: &WriteBack, show: Show) -> Result<(), Fault> {
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

fn locked(record: &str) -> Fault {
    Fault::new(
        Class::Data,
        "E_CRM_RECORD_LOCKED",
        format!(
            "Record {record} of the CRM has been locked for a day, and what Sage 100 answered is not shown on it. Unlock it, then redrive this message."
        ),
    )
}

impl<P: Ports, M: Mapper> CrmWriter<'_, P, M> {
    /// Shows intents until what is shown is what they say: whoever finds something newer after its call may have written
    /// something older over it.
    async fn show_intents(
        &self,
        mut work: WriteBackWork<'_, P::Crm>,
        ids: &[IntentId],
        report: &mut BatchReport,
    ) -> Result<(), NotDone> {
        let mut due: BTreeSet<IntentId> = ids.iter().cloned().collect();
        for _ in 0..ROUNDS {
            due = self.show_once(&work, due, report).await?;
            if due.is_empty() {
                return Ok(());
            }
            work.again = true;
            work.circuit = self.check_circuit(&work.of.target, &work.scope).await?;
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
    async fn show_once(
        &self,
        work: &WriteBackWork<'_, P::Crm>,
        ids: BTreeSet<IntentId>,
        report: &mut BatchReport,
    ) -> Result<BTreeSet<IntentId>, NotDone> {
        let of = work.of;
        let mut intents: Vec<Intent> = Vec::new();
        for id in ids {
            let Some(intent) = self.store.intent(&of.target, &id).await? else {
                continue;
            };
            // A receive that ended without a verdict may have written something older since.
            let shown = self.store.written_back(&of.target, &id).await?;
            if work.again || shown < intent.rev {
                intents.push(intent);
            }
        }
        let mut rows = Vec::new();
        for (number, intent) in intents.iter().enumerate() {
            rows.extend(rows_of(work.target, intent, number));
        }
        let (results, stopped) = self.write_rows(work, rows, report).await?;
        let (mut later, mut newer) = (Vec::new(), BTreeSet::new());
        for (number, intent) in intents.into_iter().enumerate() {
            if let Some(fault) = results.refused.get(&number) {
                self.park_intent(of, &intent, fault, report).await?;
            } else if results.is_done(number) {
                self.store
                    .mark_written_back(&of.target, &intent.id, intent.rev)
                    .await?;
                self.store.unpark(&of.target, &shown_id(&intent.id)).await?;
                let now_is = self.store.intent(&of.target, &intent.id).await?;
                if now_is.is_some_and(|now_is| now_is.rev > intent.rev) {
                    newer.insert(intent.id);
                }
            } else if results.later.contains(&number) {
                if self.is_old(work).await? {
                    let fault = locked(&intent.id.root.0);
                    self.park_intent(of, &intent, &fault, report).await?;
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

    async fn park_intent(
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
}

/// Under which a write-back that the CRM refuses is parked.
fn shown_id(id: &IntentId) -> String {
    format!("shown#{}", id.storage())
}
