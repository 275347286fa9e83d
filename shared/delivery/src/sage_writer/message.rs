//! One message: read, checked, taken as a job, acknowledged or handed back.

use std::panic::AssertUnwindSafe;

use counterpart_domain::{Class, Fault};
use futures_util::FutureExt as _;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::desk::Desk;
use super::stop::Stop;
use super::{JobsReport, MARGIN, PAUSE, ReceivedJob, SagePorts, SageWriter};
use crate::job::{JOB_VERSION, Work};
use crate::kills::{KILLS_OF_A_PACK, KILLS_OF_A_RECORD, SUSPICIOUS, kills};
use crate::not_done::NotDone;
use crate::ports::{Clock as _, JobQueue as _, Parked, Parking as _, Route, Settings as _};
use crate::{CrmEvent, Outcome, SageJob};

/// The longest that a job is put off.
const LONGEST: SignedDuration = SignedDuration::from_hours(1);
/// What of a body that cannot be read is kept, in characters.
const LONGEST_PAYLOAD: usize = 256 * 1024;

/// How long whoever was sent without an answer waits before the next look, by how often that has been so: reads may get
/// through all the while, and keep the circuit shut.
pub(super) fn patience(receive_count: u32) -> SignedDuration {
    let times = 1 << receive_count.saturating_sub(1).min(6);
    PAUSE.saturating_mul(times).min(LONGEST)
}

/// The parts of a body that are enough to set it aside where it belongs.
#[derive(Deserialize)]
struct Envelope {
    version: Option<u64>,
    event: Option<CrmEvent>,
}

impl<P: SagePorts> SageWriter<'_, P> {
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
            self.hand_back(message, Some(&job.id), SignedDuration::from_secs(1))
                .await;
            return false;
        }
        report.jobs += 1;
        let taken = AssertUnwindSafe(self.take_job(message, &job, deadline, report));
        match taken.catch_unwind().await {
            Ok(Ok(())) => true,
            Ok(Err(NotDone { fault, until })) => {
                tracing::warn!(job.id = job.id, target.name = %job.target, fault = %fault, "a job is handed back");
                report.held += u64::from(fault.code == super::guard::FULL);
                let mut pause = until.map_or_else(
                    || self.jittered(PAUSE),
                    |until| until.duration_since(self.clock.now()),
                );
                if fault.class == Class::Ambiguous {
                    pause = pause.max(patience(message.receive_count));
                }
                self.hand_back(message, Some(&job.id), pause).await;
                false
            }
            Err(_) => {
                // Not counted as handed back: it is one of the receives that ended without a verdict.
                tracing::error!(job.id = job.id, target.name = %job.target, "the Sage writer panicked on a job");
                self.hand_back(message, None, PAUSE).await;
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
            let until = self.clock.now().saturating_add(PAUSE).ok();
            return Err(NotDone { fault, until });
        }
        if let Some(killer) = self.suspect(message, job).await? {
            self.park_job(job, &killer, report).await?;
            return Ok(());
        }
        let desk = match self.desk(job, message.receive_count, deadline).await {
            Ok(desk) => desk,
            Err(Stop::Back(not_done)) => return Err(*not_done),
            Err(Stop::Refused(fault) | Stop::Ambiguous(fault)) => {
                self.park_job(job, &fault, report).await?;
                return Ok(());
            }
        };
        // Leases and the seat of a job that panicked are given back as well.
        let worked = AssertUnwindSafe(self.work(&desk, report))
            .catch_unwind()
            .await;
        self.let_go(&desk).await;
        match worked {
            Ok(done) => {
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
            Work::CreateContact(create) => self.create_contact(desk, create, report).await,
            Work::ChangeRecord(change) => self.change_record(desk, change, report).await,
            Work::LinkCustomer(link) => self.link_customer(desk, link, report).await,
        }
    }

    /// A job that may be what ends its workers. A job that is received with others is not to blame for their ends: only
    /// receives that ended while it was being tried alone count in the end.
    async fn suspect(&self, message: &ReceivedJob, job: &SageJob) -> Result<Option<Fault>, Fault> {
        if message.receive_count <= SUSPICIOUS {
            return Ok(None);
        }
        let mut progress = self.store.pack_progress(&job.id).await?;
        if kills(&progress, message.receive_count) < KILLS_OF_A_PACK {
            return Ok(None);
        }
        if let Some(tried) = progress.trying.take() {
            *progress.kills.entry(tried).or_default() += 1;
        }
        let kills = progress.kills.get(&job.id).copied().unwrap_or_default();
        if kills >= KILLS_OF_A_RECORD {
            return Ok(Some(Fault::new(
                Class::Bug,
                "E_KILLS_WORKER",
                format!(
                    "The Sage writer ended {kills} times without a word while it worked on {}. Look in Sage 100 what is there of it before it is redriven, and please report it.",
                    job.event.record
                ),
            )));
        }
        progress.trying = Some(job.id.clone());
        self.kills().remember(&job.id, &progress).await?;
        Ok(None)
    }

    /// Leaves a message in the queue because one of its group before it failed.
    pub(super) async fn leave(&self, message: &ReceivedJob) {
        let id = serde_json::from_str::<SageJob>(&message.body).map(|job| job.id);
        // The group waits for the one that failed, however soon this one is visible.
        self.hand_back(message, id.as_deref().ok(), SignedDuration::from_secs(1))
            .await;
    }

    pub(super) async fn hand_back(
        &self,
        message: &ReceivedJob,
        id: Option<&str>,
        pause: SignedDuration,
    ) {
        if let Some(id) = id
            && let Err(fault) = self.kills().note_handed_back(id).await
        {
            tracing::warn!(job.id = id, fault = %fault, "handing back could not be noted");
        }
        let pause = pause.clamp(SignedDuration::ZERO, LONGEST);
        let pause = std::time::Duration::try_from(pause).unwrap_or_default();
        if let Err(fault) = self.jobs.hand_back_job(&message.receipt, pause).await {
            tracing::warn!(message.id = message.message_id, fault = %fault, "a job comes back when its visibility ends");
        }
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
                self.hand_back(message, None, PAUSE).await;
                false
            }
        }
    }
}
