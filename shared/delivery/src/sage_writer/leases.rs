//! What a job takes hold of while it works: its intent under a lease, and one of the slots to write to the company; and how it
//! gives them back.

use counterpart_config::CreditPolicy;
use counterpart_domain::Fault;
use counterpart_domain::sale::Reference;
use jiff::Timestamp;

use super::context::JobContext;
use super::stop::Stop;
use super::{LONGEST_REQUEST, PAUSE, SageWriter};
use crate::event::EventSource;
use crate::intent::{IntentId, IntentKind, Shown};
use crate::job::Work;
use crate::ports::prelude::*;
use crate::ports::{IntentLease, Slot};
use crate::{CrmEvent, Intent, IntentStage};

/// What is in Sage is known as another sale's order, and may be this one's. A person's answer is noted with the lease.
pub(super) const OF_ANOTHER_SALE: &str = "E_ORDER_OF_ANOTHER_SALE";

/// The intent as it is worked on, and as it was last stored.
pub(super) struct LeasedIntent {
    pub(super) intent: Intent,
    pub(super) stored: Option<Intent>,
    /// As it was when this job began.
    pub(super) first: Option<Intent>,
    /// The job came to nothing, because another one counts: what the other one was refused for stands.
    pub(super) is_overtaken: bool,
    /// This job counted it as a creation.
    pub(super) is_counted: bool,
}

impl LeasedIntent {
    /// Whether anything but the bookkeeping differs from what is stored.
    pub(super) fn is_changed(&self) -> bool {
        self.stored.as_ref().is_none_or(|stored| {
            let same = Intent {
                updated_at: stored.updated_at,
                modified: stored.modified,
                rev: stored.rev,
                ..self.intent.clone()
            };
            same != *stored
        })
    }

    /// Whether the time of the newest event differs.
    pub(super) fn is_touched(&self) -> bool {
        let stored = self.stored.as_ref().and_then(|stored| stored.modified);
        stored != self.intent.modified
    }

    /// The revision that the job began with, where the CRM would show the same of it as of what there is now.
    pub(super) fn looks_like(&self) -> Option<u64> {
        let first = self.first.as_ref()?;
        let (before, now) = (seen(first), seen(&self.intent));
        (before == now).then_some(first.rev)
    }

    /// Whether what the intent was refused for is what it was refused for when this job began.
    pub(super) fn says_the_same(&self) -> bool {
        let first = self.first.as_ref();
        first.is_some_and(|first| {
            first.code == self.intent.code && first.status_text == self.intent.status_text
        })
    }

    /// Whether a person who was told of this sends the job again by this event, and it is what the intent still says.
    pub(super) fn is_answered(&self, event: &CrmEvent, told: &str) -> bool {
        let first = self.first.as_ref();
        event.is_answer_to(told) && first.is_some_and(|first| first.code.as_deref() == Some(told))
    }

    /// Whether a person sends again what is parked for another reason than one of these questions: what was in the way is
    /// mended, and what was in doubt before is as it was.
    pub(super) fn is_mended(&self, event: &CrmEvent, questions: &[&str]) -> bool {
        let first = self.first.as_ref();
        let code = first.and_then(|first| first.code.as_deref());
        event.source == EventSource::Redrive
            && event.answers.as_deref() == code
            && code.is_some_and(|code| !questions.contains(&code))
    }

    /// Takes note of further records that show the state.
    pub(super) fn show_on(&mut self, shown: &[Shown]) {
        for record in shown {
            if !self.intent.shown.contains(record) {
                self.intent.shown.push(record.clone());
            }
        }
    }
}

impl<P: Ports> SageWriter<'_, P> {
    /// Takes the lease of an intent: as it is stored, or a new one.
    pub(super) async fn lease_intent(
        &self,
        context: &JobContext<'_, P>,
        id: &IntentId,
    ) -> Result<LeasedIntent, Stop> {
        let (job, now) = (context.job, self.clock.now());
        // Noted first: a lease whose answer is lost is given back as well.
        context.leases.note_intent(id.clone());
        let lease = self
            .store
            .lease_intent(
                &job.target,
                id,
                &context.leases.owner,
                now,
                context.leases.until,
            )
            .await?;
        let stored = match lease {
            IntentLease::Ours(stored) => *stored,
            IntentLease::Busy(until) => {
                let soon = now.saturating_add(self.jittered(PAUSE));
                let until = soon.map_or(until, |soon| soon.min(until));
                let why = "Another worker has this record.";
                return Err(Stop::back("E_INTENT_BUSY", why, Some(until)));
            }
        };
        let mut intent = stored.clone().unwrap_or_else(|| {
            Intent::new(job.target.clone(), id.clone(), context.company.clone(), now)
        });
        // A version that did not note it left what it sent in doubt all the same.
        let is_sent = intent.id.kind == IntentKind::Order && intent.stage == IntentStage::Sent;
        if is_sent && intent.in_doubt.is_none() {
            intent.in_doubt = Some(intent.updated_at.max(intent.sent_at.unwrap_or_default()));
        }
        let first = stored.clone();
        let mut leased = LeasedIntent {
            intent,
            stored,
            first,
            is_overtaken: false,
            is_counted: false,
        };
        if leased.is_answered(&job.event, OF_ANOTHER_SALE) {
            let mark = Reference::of(&job.target, context.company, &job.event.record);
            leased.intent.other_marks.push(mark);
        }
        Ok(leased)
    }

    /// Stores the intent as it is now, if this worker still has the lease.
    pub(super) async fn save(
        &self,
        context: &JobContext<'_, P>,
        leased: &mut LeasedIntent,
    ) -> Result<(), Fault> {
        crate::invariants::intents::debug_check(leased.stored.as_ref(), &leased.intent);
        leased.intent.updated_at = self.clock.now();
        leased.intent.rev = self
            .store
            .save_intent(&leased.intent, &context.leases.owner)
            .await?;
        leased.stored = Some(leased.intent.clone());
        Ok(())
    }

    /// Sage said for certain that nothing was written: the intent is as it was before.
    pub(super) async fn undo(
        &self,
        context: &JobContext<'_, P>,
        leased: &mut LeasedIntent,
        before: Intent,
    ) -> Result<(), Fault> {
        leased.intent = Intent {
            rev: leased.intent.rev,
            ..before
        };
        self.save(context, leased).await
    }

    /// Makes sure of a slot to write to the company, and of the time for one more request. Who gets none hands the work back; that
    /// is no failure.
    pub(super) async fn acquire_slot(&self, context: &JobContext<'_, P>) -> Result<(), Stop> {
        if self.is_late(context.deadline, LONGEST_REQUEST) {
            let now = Some(self.clock.now());
            let why = "The time of this worker is nearly over; another one goes on.";
            return Err(Stop::back("E_OUT_OF_TIME", why, now));
        }
        let leases = &context.leases;
        if leases.has_slot() {
            return Ok(());
        }
        // Taken for as long as the leases, even where the answer is lost.
        leases.note_slot(true);
        // Credit that is checked holds until the order is there only if no other order of the company is written meanwhile:
        // such jobs share one slot, however many there are.
        let alone = matches!(context.job.work, Work::PlaceOrder(_))
            && context
                .target
                .orders
                .as_ref()
                .is_some_and(|orders| orders.credit != CreditPolicy::Ignore);
        let slots = if alone {
            1
        } else {
            context.settings.writers.max(1)
        };
        let now = self.clock.now();
        let slot = self
            .store
            .acquire_slot(context.company, slots, &leases.owner, now, leases.until)
            .await?;
        match slot {
            Slot::Acquired => Ok(()),
            Slot::Busy(free_at) => {
                leases.note_slot(false);
                let soon = now.saturating_add(self.jittered(PAUSE));
                let until = soon.map_or(free_at, |soon| soon.min(free_at));
                let why = "Another worker writes to this company just now.";
                Err(Stop::back("E_SAGE_SEATS_TAKEN", why, Some(until)))
            }
        }
    }

    /// Gives back whatever the job took.
    pub(super) async fn release_all(&self, context: &JobContext<'_, P>) {
        let leases = &context.leases;
        for id in leases.take_intents() {
            let released = self
                .store
                .release_intent(&context.job.target, &id, &leases.owner)
                .await;
            if let Err(fault) = released {
                tracing::warn!(intent.id = id.storage(), fault = %fault, "a lease runs out by itself");
            }
        }
        if leases.note_slot(false)
            && let Err(fault) = self
                .store
                .release_slot(context.company, &leases.owner)
                .await
        {
            tracing::warn!(company.code = %context.company, fault = %fault, "a slot falls free by itself");
        }
    }
}

/// An intent as far as the CRM shows it. What only counts for us (numbers that are not used yet, tries, times) is left out.
fn seen(intent: &Intent) -> Intent {
    let in_sage = matches!(intent.stage, IntentStage::Done | IntentStage::Cancelled);
    let of = intent.clone();
    Intent {
        stage: if in_sage {
            IntentStage::Done
        } else {
            IntentStage::Open
        },
        reference: of.reference,
        number: of.number.filter(|_| in_sage),
        shown: of.shown,
        code: of.code,
        status_text: of.status_text,
        sage_status: of.sage_status,
        sage_total: of.sage_total,
        invoice: of.invoice,
        ..Intent::new(of.target, of.id, of.company, of.created_at)
    }
}

/// A job that a newer one has overtaken does nothing. What the newer one was refused for stands: it stays parked, by the
/// event that it came from.
pub(super) fn overtaken(leased: &mut LeasedIntent) -> Result<(), Stop> {
    leased.is_overtaken = true;
    Ok(())
}

/// Whether a job with this time was overtaken by one that was taken into account already.
pub(super) fn is_older(known: Option<Timestamp>, job: Option<Timestamp>) -> bool {
    known.zip(job).is_some_and(|(known, job)| job < known)
}

/// Whether a job with this time is later than all that was taken into account.
pub(super) fn is_newer(known: Option<Timestamp>, job: Option<Timestamp>) -> bool {
    match (known, job) {
        (Some(known), Some(job)) => job > known,
        (None, Some(_)) => true,
        (_, None) => false,
    }
}
