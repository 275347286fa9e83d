//! One message: read, checked, taken as a job, acknowledged or handed back.

use std::panic::AssertUnwindSafe;

use counterpart_domain::{Class, Fault};
use futures_util::FutureExt as _;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::desk::{Desk, company_of};
use super::stop::Stop;
use super::{JobsReport, MARGIN, PAUSE, Ports, ReceivedJob, SageWriter};
use crate::backoff;
use crate::circuit;
use crate::hand_back::{self, out_of_time, panicked};
use crate::job::{JOB_VERSION, Work};
use crate::kills::{MOST_KILLS, WHOLE};
use crate::not_done::NotDone;
use crate::ports::prelude::*;
use crate::ports::{Parked, Route};
use crate::{CrmEvent, Outcome, SageJob};

/// The pause before another worker takes what this one has no time for.
const SOON: SignedDuration = SignedDuration::from_secs(1);
/// What of a body that cannot be read is kept, in characters.
const LONGEST_PAYLOAD: usize = 256 * 1024;

/// The parts of a body that are enough to set it aside where it belongs.
#[derive(Deserialize)]
struct Envelope {
    version: Option<u64>,
    event: Option<CrmEvent>,
}

impl<P: Ports> SageWriter<'_, P> {
    /// Takes one message. `true`: it may be acknowledged.
    pub(super) async fn take(
        &self,
        message: &ReceivedJob,
        deadline: Timestamp,
        report: &mut JobsReport,
    ) -> bool {
        let job: SageJob = match serde_json::from_str(&message.body) {
            Ok(job) => job,
            Err(error) => {
                return self
                    .refuse_body(message, "E_JOB_MALFORMED", &error, report)
                    .await;
            }
        };
        if job.version != JOB_VERSION {
            let why = format!("version {}, this writer reads {JOB_VERSION}", job.version);
            return self
                .refuse_body(message, "E_JOB_VERSION", &why, report)
                .await;
        }
        if self.is_late(deadline, MARGIN) {
            self.put_off(message, Some(&job)).await;
            return false;
        }
        report.jobs += 1;
        let taken = AssertUnwindSafe(self.take_job(message, &job, deadline, report));
        match taken.catch_unwind().await {
            Ok(Ok(())) => true,
            Ok(Err(mut back)) => {
                tracing::warn!(job.id = job.id, target.name = %job.target, fault = %back.fault, "a job is handed back");
                if backoff::expires_soon(message.sent, self.clock.now())
                    && self.park_expiring(&job, &back.fault, report).await
                {
                    return true;
                }
                report.held += u64::from(back.fault.code == super::guard::FULL);
                if back.is_turn && back.until.is_none() {
                    back.until = self.clock.now().saturating_add(self.jittered(PAUSE)).ok();
                }
                self.hand_back(message, Some(&job), &back).await;
                false
            }
            Err(_) => {
                tracing::error!(job.id = job.id, target.name = %job.target, "the Sage writer panicked on a job");
                self.hand_back(message, Some(&job), &panicked().into())
                    .await;
                false
            }
        }
    }

    async fn take_job(
        &self,
        message: &ReceivedJob,
        job: &SageJob,
        deadline: Timestamp,
        report: &mut JobsReport,
    ) -> Result<(), NotDone> {
        if job.config_version > self.config_version {
            let fault = Fault::new(
                Class::Transient,
                "E_CONFIG_OLDER",
                "The job was made with a newer configuration than this worker has read yet.",
            );
            return Err(fault.into());
        }
        let desk = match self.desk(job, message.receive_count, deadline).await {
            Ok(desk) => desk,
            Err(Stop::Back(not_done)) => return Err(*not_done),
            Err(Stop::Refused(fault) | Stop::Ambiguous(fault)) => {
                self.park_job(job, &fault, report).await?;
                return Ok(());
            }
        };
        let mut watched = self.kills().of(&job.id, message.receive_count).await?;
        if let Some(watched) = &mut watched {
            if watched.kills(WHOLE) >= MOST_KILLS {
                self.let_go(&desk).await;
                return Ok(self.park_job(job, &killer(job), report).await?);
            }
            self.kills().begin(watched, WHOLE).await?;
        }
        // Leases and the seat of a job that panicked are given back as well.
        let worked = AssertUnwindSafe(self.work(&desk, report))
            .catch_unwind()
            .await;
        self.let_go(&desk).await;
        match worked {
            Ok(done) => {
                self.kills().end(watched).await;
                if done.is_ok() {
                    self.got_through(&desk).await;
                }
                match desk.effect.get() {
                    Some(Outcome::Created) => report.created += 1,
                    Some(Outcome::Updated) => report.changed += 1,
                    _ => {}
                }
                done
            }
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }

    async fn work(&self, desk: &Desk<'_, P>, report: &mut JobsReport) -> Result<(), NotDone> {
        match &desk.job.work {
            Work::PlaceOrder(place) => self.place_order(desk, place, report).await,
            Work::CancelOrder(cancel) => self.cancel_order(desk, cancel, report).await,
            Work::CreateCustomer(create) => self.create_customer(desk, create, report).await,
            Work::CreateChild(create) => self.create_child(desk, create, report).await,
            Work::ChangeRecord(change) => self.change_record(desk, change, report).await,
            Work::LinkCustomer(link) => self.link_customer(desk, link, report).await,
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

    /// Leaves a message in the queue because one of its group before it failed.
    pub(super) async fn leave(&self, message: &ReceivedJob) {
        let job: Option<SageJob> = serde_json::from_str(&message.body).ok();
        // The group waits for the one that failed, however soon this one is visible.
        self.put_off(message, job.as_ref()).await;
    }

    async fn put_off(&self, message: &ReceivedJob, job: Option<&SageJob>) {
        let soon = self.clock.now().saturating_add(SOON).ok();
        let back = NotDone::turn(out_of_time(), soon);
        self.hand_back(message, job, &back).await;
    }

    /// Hands a job back, by how long its company's Sage has been in trouble.
    async fn hand_back(&self, message: &ReceivedJob, job: Option<&SageJob>, back: &NotDone) {
        let called = job.and_then(|job| circuit::of_company(company_of(job)));
        let breaker = self.breaker();
        let pause = breaker
            .back_off(called.as_ref(), back, message.sent, message.receive_count)
            .await;
        hand_back::job(self.queue, message, pause).await;
    }

    async fn refuse_body(
        &self,
        message: &ReceivedJob,
        code: &'static str,
        why: &(dyn std::fmt::Display + Sync),
        report: &mut JobsReport,
    ) -> bool {
        let fault = Fault::new(
            Class::Data,
            code,
            "A message in the queue to Sage 100 is no job that this writer can read; it is kept as it is.",
        )
        .with_detail(why);
        // Where its event can be read, a redrive can begin with it again.
        let envelope: Option<Envelope> = serde_json::from_str(&message.body).ok();
        if let Some(version) = envelope.as_ref().and_then(|envelope| envelope.version) {
            tracing::warn!(job.version = version, "a job of another make");
        }
        let event = envelope.and_then(|envelope| envelope.event);
        let target = event.as_ref().map(|event| event.target.to_string());
        let payload = event.and_then(|event| serde_json::to_string(&event).ok());
        let now = self.clock.now();
        let parked = Parked {
            target: target.unwrap_or_else(|| "-".to_owned()),
            id: format!(
                "body#{}",
                counterpart_domain::digest_of([message.body.as_str()])
            ),
            route: Route::SageWrites,
            key: None,
            fault,
            payload: payload.unwrap_or_else(|| {
                counterpart_domain::bounded(message.body.clone(), LONGEST_PAYLOAD)
            }),
            run: None,
            first_at: now,
            at: now,
            times: 1,
        };
        match self.store.park(&parked).await {
            Ok(()) => {
                tracing::error!(target.name = parked.target, fault = %parked.fault, "a message is parked");
                report.parked += 1;
                true
            }
            Err(store) => {
                tracing::warn!(fault = %store, "a message could not be parked and stays in the queue");
                self.hand_back(message, None, &store.into()).await;
                false
            }
        }
    }
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
