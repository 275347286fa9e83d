//! One message: read, checked, taken as a job, acknowledged or handed back.

use std::panic::AssertUnwindSafe;

use counterpart_domain::{Class, Fault, TargetName};
use futures_util::FutureExt as _;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::context::{JobContext, company_of};
use super::stop::Stop;
use super::{JobsReport, MARGIN, PAUSE, SageWriter};
use crate::disposition::Disposition;
use crate::job::{JOB_VERSION, Work};
use crate::kills::{Guarded, MOST_KILLS};
use crate::not_done::NotDone;
use crate::ports::prelude::*;
use crate::send::json;
use crate::worker::Handler;
use crate::{CrmEvent, Message, Outcome, SageJob, backoff, circuit};

/// The parts of a body that are enough to set it aside where it belongs.
#[derive(Deserialize)]
struct Envelope {
    event: Option<CrmEvent>,
}

impl<P: Ports> Handler for SageWriter<'_, P> {
    type Work = SageJob;
    type Report = JobsReport;
    const MARGIN: SignedDuration = MARGIN;

    fn decode(&self, message: &Message) -> Result<SageJob, Fault> {
        let job: SageJob = serde_json::from_str(&message.body)
            .map_err(|error| unreadable("E_JOB_MALFORMED").with_detail(error))?;
        if job.version == JOB_VERSION {
            return Ok(job);
        }
        let why = format!("version {}, this writer reads {JOB_VERSION}", job.version);
        Err(unreadable("E_JOB_VERSION").with_detail(why))
    }

    fn name(job: &SageJob) -> String {
        format!("job {} of {}", job.id, job.target)
    }

    fn called(&self, _message: &Message, job: Option<&SageJob>) -> Option<TargetName> {
        job.and_then(|job| circuit::of_company(company_of(job)))
    }

    async fn work(
        &self,
        message: &Message,
        job: SageJob,
        deadline: Timestamp,
        report: &mut JobsReport,
    ) -> Result<(), Disposition> {
        report.jobs += 1;
        let Err(mut back) = self.take_job(message, &job, deadline, report).await else {
            return Ok(());
        };
        if backoff::expires_soon(message.sent, self.clock.now())
            && self.park_expiring(&job, &back.fault, report).await
        {
            return Ok(());
        }
        report.held += u64::from(back.fault.code == super::check::FULL);
        if back.is_turn && back.until.is_none() {
            back.until = self.clock.now().saturating_add(self.jittered(PAUSE)).ok();
        }
        Err(back.into())
    }

    fn paused(report: &mut JobsReport) -> &mut u64 {
        &mut report.paused
    }

    async fn park_message(
        &self,
        message: &Message,
        fault: &Fault,
        report: &mut JobsReport,
    ) -> Result<(), Fault> {
        // Where its event can be read, a redrive can begin with it again.
        let envelope: Option<Envelope> = serde_json::from_str(&message.body).ok();
        let event = envelope.and_then(|envelope| envelope.event);
        let target = event.as_ref().map_or("-", |event| event.target.as_str());
        let event_body = event.as_ref().and_then(|event| json(event).ok());
        self.park_instead(message, target, event_body, fault)
            .await?;
        report.parked += 1;
        Ok(())
    }
}

impl<P: Ports> SageWriter<'_, P> {
    async fn take_job(
        &self,
        message: &Message,
        job: &SageJob,
        deadline: Timestamp,
        report: &mut JobsReport,
    ) -> Result<(), NotDone> {
        self.knows_config(job.config_version, "job")?;
        let context = match self.job_context(job, message.receive_count, deadline).await {
            Ok(context) => context,
            Err(Stop::Back(not_done)) => return Err(*not_done),
            Err(Stop::Refused(fault) | Stop::Ambiguous(fault)) => {
                self.park_job(job, &fault, report).await?;
                return Ok(());
            }
        };
        let work = async {
            // Leases and the slot of a job that panicked are given back as well.
            let worked = AssertUnwindSafe(self.work_at(&context, report))
                .catch_unwind()
                .await;
            self.release_all(&context).await;
            match worked {
                Ok(done) => done,
                Err(panic) => std::panic::resume_unwind(panic),
            }
        };
        let receives = message.receive_count;
        let Guarded::Done(done) = self.kills().guard(&job.id, receives, work).await? else {
            self.release_all(&context).await;
            return Ok(self.park_job(job, &killer(job), report).await?);
        };
        // Who never asked Sage says nothing of whether it answers.
        if done.is_ok() && context.circuit.is_claimed() {
            self.got_through(&context).await;
        }
        match context.effect.get() {
            Some(Outcome::Created) => report.created += 1,
            Some(Outcome::Updated) => report.changed += 1,
            _ => {}
        }
        done
    }

    async fn work_at(
        &self,
        context: &JobContext<'_, P>,
        report: &mut JobsReport,
    ) -> Result<(), NotDone> {
        match &context.job.work {
            Work::PlaceOrder(place) => self.place_order(context, place, report).await,
            Work::CancelOrder(cancel) => self.cancel_order(context, cancel, report).await,
            Work::CreateCustomer(create) => self.create_customer(context, create, report).await,
            Work::CreateChild(create) => self.create_child(context, create, report).await,
            Work::ChangeRecord(change) => self.change_record(context, change, report).await,
            Work::LinkCustomer(link) => self.link_customer(context, link, report).await,
        }
    }

    /// Sets a job aside that its queue is about to forget: nobody would hear of it. `false`: it could not be, and goes back.
    async fn park_expiring(&self, job: &SageJob, why: &Fault, report: &mut JobsReport) -> bool {
        let fault = Fault::new(
            Class::Data,
            "E_JOB_EXPIRES",
            format!(
                "A job for Sage 100 has waited for nearly fourteen days, after which its queue forgets it. The reason at last: {}: {} Mend that, then redrive.",
                why.code, why.message
            ),
        );
        let parked = self.park_job(job, &fault, report).await;
        if let Err(store) = &parked {
            tracing::warn!(job.id = job.id, fault = %store, "a job that its queue is about to forget could not be parked");
        }
        parked.is_ok()
    }
}

fn unreadable(code: &'static str) -> Fault {
    Fault::new(
        Class::Data,
        code,
        "A message in the queue to Sage 100 is no job that this writer can read; it is kept as it is.",
    )
}

fn killer(job: &SageJob) -> Fault {
    Fault::new(
        Class::Bug,
        "E_KILLS_WORKER",
        format!(
            "The Sage writer ended {MOST_KILLS} times without a word while it worked on {}. Look in Sage 100 what is there of it before it is redriven, and please report it.",
            job.event.record
        ),
    )
}
