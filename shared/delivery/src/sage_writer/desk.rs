//! A job's surroundings: who works on it, until when, with which company, and the line to its Sage.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use counterpart_config::{CompanyConfig, CreditPolicy, EntityConfig, OrdersConfig, TargetConfig};
use counterpart_domain::{Class, Company, Entity, Fault, TargetName, digest_of};
use jiff::Timestamp;

use super::stop::Stop;
use super::{CLOCK_SKEW, LONGEST_REQUEST, PAUSE, SageWriter};
use crate::circuit::{self, Gate};
use crate::intent::IntentId;
use crate::job::Work;
use crate::not_done::{NotDone, SHUT};
use crate::ports::prelude::*;
use crate::ports::{Circuit, Seat};
use crate::{Outcome, SageJob};

/// What one job works with.
pub(super) struct Desk<'a, P: Ports> {
    pub(super) job: &'a SageJob,
    pub(super) company: &'a Company,
    pub(super) settings: &'a CompanyConfig,
    pub(super) target: &'a TargetConfig,
    pub(super) agent: &'a P::Agent,
    pub(super) write: &'a P::Write,
    /// Who has the leases and the seat: fresh for each receive.
    pub(super) owner: String,
    /// When the function will be stopped.
    pub(super) deadline: Timestamp,
    /// Until when leases and seat are taken.
    pub(super) until: Timestamp,
    pub(super) receive_count: u32,
    pub(super) circuit_name: TargetName,
    pub(super) circuit: RefCell<Circuit>,
    pub(super) claimed: Cell<bool>,
    pub(super) held: RefCell<Vec<IntentId>>,
    /// What this job counted as a creation.
    pub(super) counted: RefCell<BTreeSet<String>>,
    seated: Cell<bool>,
    /// What was done to Sage, for report and ledger.
    pub(super) effect: Cell<Option<Outcome>>,
}

impl<P: Ports> Desk<'_, P> {
    pub(super) fn orders(&self) -> Result<&OrdersConfig, Stop> {
        self.target.orders.as_ref().ok_or_else(|| {
            let message = format!(
                "Target {} has no [orders] in sync.toml any more. Add it and push the configuration, then redrive this sale.",
                self.job.target
            );
            Fault::new(Class::Data, "E_ORDERS_UNKNOWN", message).into()
        })
    }

    pub(super) fn entity(&self, entity: Entity) -> Result<&EntityConfig, Stop> {
        self.target.entities.get(&entity).ok_or_else(|| {
            let message = format!(
                "{}.{entity} is not in sync.toml any more. Add it and push the configuration, then redrive this record.",
                self.job.target
            );
            Fault::new(Class::Data, "E_ENTITY_UNKNOWN", message).into()
        })
    }
}

/// The company that a job is for.
pub(super) fn company_of(job: &SageJob) -> &Company {
    match &job.work {
        Work::PlaceOrder(place) => &place.order.company,
        Work::CancelOrder(cancel) => &cancel.company,
        Work::CreateCustomer(create) => &create.customer.company,
        Work::CreateChild(create) => &create.customer.company,
        Work::ChangeRecord(change) => &change.key.company,
        Work::LinkCustomer(link) => &link.key.company,
    }
}

impl<'a, P: Ports> SageWriter<'a, P> {
    /// Everything that a job needs, if its company may be called now.
    pub(super) async fn desk<'b>(
        &'b self,
        job: &'b SageJob,
        receive_count: u32,
        deadline: Timestamp,
    ) -> Result<Desk<'b, P>, Stop> {
        let company = company_of(job);
        let missing = |what: String| {
            let message = format!(
                "{what} is not in sync.toml, or is not written. Add it and push the configuration, then redrive."
            );
            Stop::Refused(Fault::new(
                Class::Configuration,
                "E_COMPANY_UNKNOWN",
                message,
            ))
        };
        let settings = self.config.companies.get(company);
        let target = self.config.targets.get(&job.target);
        let target = target.filter(|target| target.companies.contains(company));
        let target = target
            .ok_or_else(|| missing(format!("Target {} for company {company}", job.target)))?;
        let (Some(settings), Some(agent), Some(write), Some(circuit_name)) = (
            settings,
            self.agents.get(company),
            self.writes.get(company),
            circuit::of_company(company),
        ) else {
            return Err(missing(format!("Company {company}")));
        };
        let circuit = match self.breaker().gate(&circuit_name).await? {
            Gate::Open(circuit) => circuit,
            Gate::Shut(until) => return Err(shut(until).into()),
        };
        let agent = match agent {
            Ok(agent) => agent,
            // Nothing is wrong with the job, whatever the class of the fault: it waits in its place until the agent can be
            // called.
            Err(fault) => {
                let breaker = self.breaker();
                let until = breaker.open(&circuit_name, &circuit, fault, None).await;
                return Err(NotDone::from(fault.clone().until(until)).into());
            }
        };
        let beyond = LONGEST_REQUEST.saturating_add(CLOCK_SKEW);
        Ok(Desk {
            job,
            company,
            settings,
            target,
            agent,
            write,
            owner: self.clock.new_id(),
            deadline,
            until: deadline.saturating_add(beyond).unwrap_or(Timestamp::MAX),
            receive_count,
            circuit_name,
            circuit: RefCell::new(circuit),
            claimed: Cell::new(false),
            held: RefCell::default(),
            counted: RefCell::default(),
            seated: Cell::new(false),
            effect: Cell::new(None),
        })
    }

    /// Makes sure of a seat at the company, and of the time for one more request. Who gets none hands the work back; that
    /// is no failure.
    pub(super) async fn sit(&self, desk: &Desk<'_, P>) -> Result<(), Stop> {
        if self.is_late(desk.deadline, LONGEST_REQUEST) {
            let now = Some(self.clock.now());
            let why = "The time of this worker is nearly over; another one goes on.";
            return Err(Stop::back("E_OUT_OF_TIME", why, now));
        }
        if desk.seated.get() {
            return Ok(());
        }
        // Taken for as long as the leases, even where the answer is lost.
        desk.seated.set(true);
        // Credit that is checked holds until the order is there only if no other order of the company is written meanwhile:
        // such jobs share one seat, however many there are.
        let alone = matches!(desk.job.work, Work::PlaceOrder(_))
            && desk
                .target
                .orders
                .as_ref()
                .is_some_and(|orders| orders.credit != CreditPolicy::Ignore);
        let seats = if alone {
            1
        } else {
            desk.settings.writers.max(1)
        };
        let now = self.clock.now();
        let seat = self
            .store
            .take_seat(desk.company, seats, &desk.owner, now, desk.until)
            .await?;
        match seat {
            Seat::Taken => Ok(()),
            Seat::Busy(free_at) => {
                desk.seated.set(false);
                let soon = now.saturating_add(self.jittered(PAUSE));
                let until = soon.map_or(free_at, |soon| soon.min(free_at));
                let why = "Another worker writes to this company just now.";
                Err(Stop::back("E_SAGE_SEATS_TAKEN", why, Some(until)))
            }
        }
    }

    /// Gives back whatever the job took.
    pub(super) async fn let_go(&self, desk: &Desk<'_, P>) {
        for id in desk.held.take() {
            let released = self
                .store
                .release_intent(&desk.job.target, &id, &desk.owner)
                .await;
            if let Err(fault) = released {
                tracing::warn!(intent.id = id.storage(), fault = %fault, "a lease runs out by itself");
            }
        }
        if desk.seated.replace(false)
            && let Err(fault) = self.store.leave_seat(desk.company, &desk.owner).await
        {
            tracing::warn!(company.code = %desk.company, fault = %fault, "a seat falls free by itself");
        }
    }

    /// A pause and up to as much again.
    pub(super) fn jittered(&self, pause: jiff::SignedDuration) -> jiff::SignedDuration {
        let most = u64::try_from(pause.as_millis()).unwrap_or(0);
        let more = i64::try_from(self.clock.random_below(most)).unwrap_or(0);
        pause.saturating_add(jiff::SignedDuration::from_millis(more))
    }
}

pub(super) fn shut(until: Timestamp) -> Fault {
    let message = "Sage 100 is not to be called for now.";
    Fault::new(Class::Throttled, SHUT, message).until(until)
}

/// The key of one effect: the same for each try of it. Keys of Sage hold spaces and slashes, and agents take visible ASCII of
/// a bounded length, so it is a digest.
pub(super) fn idempotency_key<const N: usize>(parts: [&str; N]) -> String {
    digest_of(parts).as_str().to_owned()
}
