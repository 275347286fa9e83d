//! The end of a job: what became of it is stored, parked where a person has to act, shown in the CRM, and only then
//! acknowledged.

use counterpart_domain::{Fault, Note, SageKey, bounded, digest_of};
use futures_util::future::try_join;

use super::context::JobContext;
use super::leases::LeasedIntent;
use super::stop::Stop;
use super::{JobsReport, SageWriter};
use crate::event::EventSource;
use crate::intent::{IntentId, IntentKind};
use crate::job::Work;
use crate::not_done::NotDone;
use crate::ports::prelude::*;
use crate::ports::{Outgoing, Parked, QueueName, Route};
use crate::send::{json, send_all};
use crate::{IntentStage, Outcome, OutcomeItem, SageJob, Show, WRITE_BACK_VERSION, WriteBack};

/// The longest status text that is kept, in characters.
const LONGEST_TEXT: usize = 1000;

impl<P: Ports> SageWriter<'_, P> {
    /// Ends a job that has an intent.
    pub(super) async fn finish(
        &self,
        context: &JobContext<'_, P>,
        leased: &mut LeasedIntent,
        worked: Result<(), Stop>,
        report: &mut JobsReport,
    ) -> Result<(), NotDone> {
        self.forget_creation(context, leased).await;
        let (fault, stage) = match worked {
            Ok(()) => return Ok(self.finish_done(context, leased).await?),
            Err(Stop::Back(not_done)) => {
                return Err(self
                    .note_lock(context, leased.intent.customer.as_ref(), *not_done)
                    .await);
            }
            // What was sent before may still come to be there.
            Err(Stop::Refused(fault)) if leased.intent.in_doubt.is_some() => {
                (fault, IntentStage::Ambiguous)
            }
            Err(Stop::Refused(fault)) => (fault, IntentStage::Refused),
            Err(Stop::Ambiguous(fault)) => (fault, IntentStage::Ambiguous),
        };
        // What Sage has stays there, whatever is refused afterwards.
        if !matches!(
            leased.intent.stage,
            IntentStage::Done | IntentStage::Cancelled
        ) {
            leased.intent.stage = stage;
        }
        leased.intent.code = Some(fault.code.clone().into_owned());
        leased.intent.status_text = bounded(fault.message.clone(), LONGEST_TEXT);
        let said = leased.says_the_same() && context.job.event.source != EventSource::Redrive;
        self.save_and_write_back(context, leased).await?;
        let id = leased.intent.id.clone();
        let key = leased.intent.customer.clone();
        self.park(context.job, (&id, key.as_ref()), &fault, said, report)
            .await?;
        if let Some(key) = &key {
            self.note(context, key, Some(Outcome::Parked), Some(&fault))
                .await?;
        }
        Ok(())
    }

    /// Ends a job that went through: nothing is parked of it any more.
    async fn finish_done(
        &self,
        context: &JobContext<'_, P>,
        leased: &mut LeasedIntent,
    ) -> Result<(), Fault> {
        self.save_and_write_back(context, leased).await?;
        let parked = leased.intent.id.storage();
        let stands = leased.is_overtaken && is_refused(leased);
        let unpark = async {
            if stands {
                return Ok(());
            }
            // What an event was set aside for came after the job was sent: its sender took away what was there before.
            let known = self
                .store
                .parked(context.job.target.as_str(), &parked)
                .await?;
            if known.is_none_or(|known| known.route == Route::CrmEvents) {
                return Ok(());
            }
            self.store.unpark(&context.job.target, &parked).await
        };
        let note = async {
            match &leased.intent.customer {
                Some(key) => self.note(context, key, context.effect.get(), None).await,
                None => Ok(()),
            }
        };
        try_join(unpark, note).await?;
        Ok(())
    }

    /// Ends a job that has no intent, or never got hold of it.
    pub(super) async fn give_up(
        &self,
        context: &JobContext<'_, P>,
        stop: Stop,
        report: &mut JobsReport,
    ) -> Result<(), NotDone> {
        match stop {
            Stop::Back(not_done) => Err(*not_done),
            Stop::Refused(fault) | Stop::Ambiguous(fault) => {
                Ok(self.park_job(context.job, &fault, report).await?)
            }
        }
    }

    /// Stores what changed, and has the CRM show it. What the CRM shows already is not shown again: a write-back is an edit in
    /// the CRM, and that the next event, which would bring the same job once more.
    pub(super) async fn save_and_write_back(
        &self,
        context: &JobContext<'_, P>,
        leased: &mut LeasedIntent,
    ) -> Result<(), Fault> {
        let (target, id) = (context.job.target.clone(), leased.intent.id.clone());
        if leased.is_changed() || leased.is_touched() {
            self.save(context, leased).await?;
        }
        // Read after the save: whoever showed something between the two is found out.
        let (shown, rev) = (
            self.store.written_back(&target, &id).await?,
            leased.intent.rev,
        );
        if shown >= rev {
            return Ok(());
        }
        if leased.looks_like() == Some(shown) {
            return self.store.mark_written_back(&target, &id, rev).await;
        }
        self.write_back(context, Show::Intents(vec![id])).await
    }

    /// Has the CRM show something.
    pub(super) async fn write_back(
        &self,
        context: &JobContext<'_, P>,
        show: Show,
    ) -> Result<(), Fault> {
        let message = WriteBack {
            version: WRITE_BACK_VERSION,
            id: self.clock.new_id(),
            target: context.job.target.clone(),
            config_version: self.config_version,
            first_sent: self.clock.now(),
            write_back: show,
        };
        let ready = vec![Outgoing::now(json(&message)?)];
        let queue = QueueName::writes(&context.job.target);
        send_all(self.queue, self.clock, &queue, ready).await
    }

    /// Sets a job aside by the event that it came from: a redrive reads the CRM anew. `said`: it was set aside for the very
    /// same before, and nobody has to hear of it again.
    async fn park(
        &self,
        job: &SageJob,
        (id, key): (&IntentId, Option<&SageKey>),
        fault: &Fault,
        said: bool,
        report: &mut JobsReport,
    ) -> Result<(), Fault> {
        let parked = Parked {
            key: key.cloned(),
            run: Some(job.id.clone()),
            ..Parked::new(
                job.target.as_str(),
                id.storage(),
                Route::SageWrites,
                fault.clone(),
                json(&job.event)?,
                self.clock.now(),
            )
        };
        if said {
            tracing::info!(job.id = job.id, target.name = %job.target, parked.id = parked.id, fault.code = %fault.code, "a job stays parked");
        } else {
            tracing::error!(job.id = job.id, target.name = %job.target, parked.id = parked.id, fault = %fault, "a job is parked");
        }
        self.store.park(&parked).await?;
        report.parked += 1;
        Ok(())
    }

    /// As [`SageWriter::park`], under the id that its work has.
    pub(super) async fn park_job(
        &self,
        job: &SageJob,
        fault: &Fault,
        report: &mut JobsReport,
    ) -> Result<(), Fault> {
        self.park(job, (&intent_of(job), None), fault, false, report)
            .await
    }

    /// An entry in the ledger, of jobs that did something.
    pub(super) async fn note(
        &self,
        context: &JobContext<'_, P>,
        key: &SageKey,
        outcome: Option<Outcome>,
        fault: Option<&Fault>,
    ) -> Result<(), Fault> {
        let Some(outcome) = outcome else {
            return Ok(());
        };
        let mut item = self.entry(context, key, outcome, fault);
        if context.receive_count > 1 && fault.is_none() {
            let tries = context.receive_count;
            item.notes = vec![Note::new(
                "",
                "N_SAGE_RECOVERED",
                format!("It went through at the {tries}. try."),
            )];
        }
        self.store.put_outcomes(&[item]).await
    }

    /// A lock stands in the ledger by itself, so that failure and recovery are both there afterwards. That the entry could
    /// not be written keeps nothing from being tried again.
    pub(super) async fn note_lock(
        &self,
        context: &JobContext<'_, P>,
        key: Option<&SageKey>,
        not_done: NotDone,
    ) -> NotDone {
        let locked = not_done.fault.code == "E_SAGE_LOCKED";
        let Some(key) = key.filter(|_| locked) else {
            return not_done;
        };
        let mut item = self.entry(context, key, Outcome::Waiting, Some(&not_done.fault));
        item.run = format!("{}-lock-{}", context.job.id, context.receive_count);
        if let Err(fault) = self.store.put_outcomes(&[item]).await {
            tracing::warn!(job.id = context.job.id, fault = %fault, "a lock could not be noted");
        }
        not_done
    }

    fn entry(
        &self,
        context: &JobContext<'_, P>,
        key: &SageKey,
        outcome: Outcome,
        fault: Option<&Fault>,
    ) -> OutcomeItem {
        OutcomeItem {
            code: fault.map(|fault| fault.code.clone().into_owned()),
            attempts: context.receive_count,
            ..OutcomeItem::new(
                context.job.id.clone(),
                context.job.target.clone(),
                key.clone(),
                outcome,
                digest_of([""]),
                self.clock.now(),
            )
        }
    }
}

/// Whether something is parked for what the intent says.
fn is_refused(leased: &LeasedIntent) -> bool {
    let code = leased.intent.code.as_deref();
    code.is_some_and(|code| !super::follow::TOLD.contains(&code))
}

/// The intent that a job is about; of changes, the one that its record would have.
pub(super) fn intent_of(job: &SageJob) -> IntentId {
    match &job.work {
        Work::PlaceOrder(place) => place.intent.clone(),
        Work::CancelOrder(cancel) => cancel.intent.clone(),
        Work::CreateCustomer(create) => create.intent.clone(),
        Work::CreateChild(create) => create.intent.clone(),
        Work::LinkCustomer(link) => link.intent.clone(),
        Work::ChangeRecord(change) => IntentId {
            kind: IntentKind::Record(change.key.entity),
            root: change.id.clone(),
        },
    }
}
