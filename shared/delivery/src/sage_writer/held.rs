//! An intent under this worker's lease.

use jiff::Timestamp;

use super::desk::Desk;
use super::stop::Stop;
use super::{PAUSE, SageWriter};
use crate::event::EventSource;
use crate::intent::{IntentId, IntentKind, Shown};
use crate::ports::IntentLease;
use crate::ports::prelude::*;
use crate::{Intent, IntentStage};
use counterpart_domain::Fault;
use counterpart_domain::sale::Reference;

/// What is in Sage is known as another sale's order, and may be this one's.
pub(super) const OF_ANOTHER_SALE: &str = "E_ORDER_OF_ANOTHER_SALE";

/// The intent as it is worked on, and as it was last stored.
pub(super) struct Held {
    pub(super) intent: Intent,
    pub(super) stored: Option<Intent>,
    /// As it was when this job began.
    pub(super) first: Option<Intent>,
    /// The job came to nothing, because another one counts: what the other one was refused for stands.
    pub(super) is_overtaken: bool,
}

impl Held {
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
    pub(super) async fn hold(&self, desk: &Desk<'_, P>, id: &IntentId) -> Result<Held, Stop> {
        let (job, now) = (desk.job, self.clock.now());
        // Noted first: a lease whose answer is lost is given back as well.
        desk.held.borrow_mut().push(id.clone());
        let lease = self
            .store
            .lease_intent(&job.target, id, &desk.owner, now, desk.until)
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
            Intent::new(job.target.clone(), id.clone(), desk.company.clone(), now)
        });
        // A version that did not note it left what it sent in doubt all the same.
        let is_sent = intent.id.kind == IntentKind::Order && intent.stage == IntentStage::Sent;
        if is_sent && intent.in_doubt.is_none() {
            intent.in_doubt = Some(intent.updated_at.max(intent.sent_at.unwrap_or_default()));
        }
        let first = stored.clone();
        let mut held = Held {
            intent,
            stored,
            first,
            is_overtaken: false,
        };
        if is_answered(desk, &held, OF_ANOTHER_SALE) {
            let mark = Reference::of(&job.target, desk.company, &job.event.record);
            held.intent.other_marks.push(mark);
        }
        Ok(held)
    }

    /// Stores the intent as it is now, if this worker still has the lease.
    pub(super) async fn save(&self, desk: &Desk<'_, P>, held: &mut Held) -> Result<(), Fault> {
        crate::invariants::intents::debug_check(held.stored.as_ref(), &held.intent);
        held.intent.updated_at = self.clock.now();
        held.intent.rev = self.store.save_intent(&held.intent, &desk.owner).await?;
        held.stored = Some(held.intent.clone());
        Ok(())
    }
}

/// Whether a person sends this job again who was told of this, and it is what the intent still says.
pub(super) fn is_answered<P: Ports>(desk: &Desk<'_, P>, held: &Held, told: &str) -> bool {
    let first = held.first.as_ref();
    desk.job.event.is_answer_to(told)
        && first.is_some_and(|first| first.code.as_deref() == Some(told))
}

/// Whether a person sends again what is parked for another reason than one of these questions: what was in the way is
/// mended, and what was in doubt before is as it was.
pub(super) fn is_mended<P: Ports>(desk: &Desk<'_, P>, held: &Held, questions: &[&str]) -> bool {
    let event = &desk.job.event;
    let first = held.first.as_ref();
    let code = first.and_then(|first| first.code.as_deref());
    event.source == EventSource::Redrive
        && event.answers.as_deref() == code
        && code.is_some_and(|code| !questions.contains(&code))
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
