//! What one job works with: who asks, for which company, with which settings, the lines to its Sage, what it holds while it
//! works, and the circuit of the company's Sage as it knows it.

use std::cell::{Cell, RefCell};

use counterpart_config::{CompanyConfig, EntityConfig, OrdersConfig, TargetConfig};
use counterpart_domain::{Class, Company, Entity, Fault, TargetName, digest_of};
use jiff::Timestamp;

use super::stop::Stop;
use super::{CLOCK_SKEW, LONGEST_REQUEST, SageWriter};
use crate::circuit::{self, Gate};
use crate::intent::{IntentId, IntentKind};
use crate::job::Work;
use crate::not_done::{NotDone, SHUT};
use crate::pause::Scope;
use crate::ports::Circuit;
use crate::ports::prelude::*;
use crate::{Outcome, SageJob};

/// What one job works with. Nothing of it changes but what the job holds, what it knows of the circuit, and its effect.
pub(super) struct JobContext<'a, P: Ports> {
    pub(super) job: &'a SageJob,
    pub(super) company: &'a Company,
    pub(super) settings: &'a CompanyConfig,
    pub(super) target: &'a TargetConfig,
    pub(super) agent: &'a P::Agent,
    pub(super) write: &'a P::Write,
    /// When the function will be stopped.
    pub(super) deadline: Timestamp,
    pub(super) receive_count: u32,
    /// What the job holds.
    pub(super) leases: Leases,
    /// The circuit of the company's Sage, as this job knows it.
    pub(super) circuit: CompanyCircuit,
    /// What was done to Sage, for report and ledger.
    pub(super) effect: Cell<Option<Outcome>>,
}

impl<P: Ports> JobContext<'_, P> {
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

/// What a job holds while it works, under one owner and until one time: the leases of intents, and the slot to write to the
/// company.
pub(super) struct Leases {
    /// Who holds them: fresh for each receive.
    pub(super) owner: String,
    /// Until when they are taken.
    pub(super) until: Timestamp,
    intents: RefCell<Vec<IntentId>>,
    slot: Cell<bool>,
}

impl Leases {
    pub(super) const fn new(owner: String, until: Timestamp) -> Self {
        Self {
            owner,
            until,
            intents: RefCell::new(Vec::new()),
            slot: Cell::new(false),
        }
    }

    pub(super) fn note_intent(&self, id: IntentId) {
        self.intents.borrow_mut().push(id);
    }

    pub(super) fn take_intents(&self) -> Vec<IntentId> {
        self.intents.take()
    }

    pub(super) const fn has_slot(&self) -> bool {
        self.slot.get()
    }

    /// Notes whether there is a slot; answers whether there was one.
    pub(super) fn note_slot(&self, has: bool) -> bool {
        self.slot.replace(has)
    }
}

/// The circuit of a company's Sage as one job knows it, and whether this job may call behind it.
pub(super) struct CompanyCircuit {
    pub(super) name: TargetName,
    state: RefCell<Circuit>,
    claimed: Cell<bool>,
}

impl CompanyCircuit {
    pub(super) const fn new(name: TargetName, circuit: Circuit) -> Self {
        Self {
            name,
            state: RefCell::new(circuit),
            claimed: Cell::new(false),
        }
    }

    pub(super) fn state(&self) -> Circuit {
        self.state.borrow().clone()
    }

    pub(super) fn set(&self, circuit: Circuit) {
        self.state.replace(circuit);
    }

    /// Whether the circuit let this job through: it is asked once.
    pub(super) const fn is_claimed(&self) -> bool {
        self.claimed.get()
    }

    pub(super) fn claim(&self, circuit: Circuit) {
        self.set(circuit);
        self.claimed.set(true);
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

/// What a job is about: what it asks for, and the customer that a sale brings along.
fn scopes_of(job: &SageJob) -> Vec<Scope> {
    let mut scopes = vec![scope_of(job)];
    if let Work::PlaceOrder(place) = &job.work
        && place.order.customer.key.is_none()
    {
        let customers = IntentKind::Record(Entity::CUSTOMER);
        scopes.push(Scope::between(company_of(job), &job.target, customers));
    }
    scopes
}

/// What a job asks for.
pub(super) fn scope_of(job: &SageJob) -> Scope {
    let kind = match &job.work {
        Work::PlaceOrder(_) | Work::CancelOrder(_) => IntentKind::Order,
        Work::CreateCustomer(_) => IntentKind::Record(Entity::CUSTOMER),
        Work::CreateChild(create) => create.intent.kind,
        Work::ChangeRecord(change) => IntentKind::Record(change.key.entity),
        Work::LinkCustomer(link) => IntentKind::Record(link.key.entity),
    };
    Scope::between(company_of(job), &job.target, kind)
}

impl<'a, P: Ports> SageWriter<'a, P> {
    /// From when the time counts that a job has waited since `first` for Sage to show what was written: none while Sage is not
    /// called.
    pub(super) async fn counts_from(
        &self,
        context: &JobContext<'_, P>,
        first: Timestamp,
    ) -> Result<Option<Timestamp>, Fault> {
        let pauses = self.store.pauses().await?;
        let from = context.circuit.state().counts_from(first);
        let scope = scope_of(context.job);
        Ok(from.and_then(|from| self.pausing(&pauses).counts_from(&scope, from)))
    }

    /// Everything that a job needs, if its company may be called now.
    pub(super) async fn job_context<'b>(
        &'b self,
        job: &'b SageJob,
        receive_count: u32,
        deadline: Timestamp,
    ) -> Result<JobContext<'b, P>, Stop> {
        let company = company_of(job);
        let settings = self.config.companies.get(company);
        let target = self.config.targets.get(&job.target);
        let target = target.filter(|target| target.companies.contains(company));
        let target = target
            .ok_or_else(|| missing(&format!("Target {} for company {company}", job.target)))?;
        let (Some(settings), Some(agent), Some(write), Some(circuit_name)) = (
            settings,
            self.agents.get(company),
            self.writes.get(company),
            circuit::of_company(company),
        ) else {
            return Err(missing(&format!("Company {company}")));
        };
        let scopes = scopes_of(job);
        let circuit = match self.breaker().gate(&circuit_name, &scopes).await? {
            Gate::Open(circuit) => circuit,
            Gate::Shut(until) => return Err(shut(until).into()),
            Gate::Paused(hold) => return Err(NotDone::paused(&hold).into()),
        };
        let agent = match agent {
            Ok(agent) => agent,
            // Nothing is wrong with the job, whatever the class of the fault: it waits in its place until the agent can be
            // called.
            Err(fault) => {
                let (name, all, breaker) = (&circuit_name, company.as_str(), self.breaker());
                let until = breaker.open(name, &circuit, fault, None, all).await;
                return Err(NotDone::from(fault.clone().until(until)).into());
            }
        };
        let beyond = LONGEST_REQUEST.saturating_add(CLOCK_SKEW);
        let until = deadline.saturating_add(beyond).unwrap_or(Timestamp::MAX);
        Ok(JobContext {
            job,
            company,
            settings,
            target,
            agent,
            write,
            deadline,
            receive_count,
            leases: Leases::new(self.clock.new_id(), until),
            circuit: CompanyCircuit::new(circuit_name, circuit),
            effect: Cell::new(None),
        })
    }
}

/// The configuration in force lacks what a job names.
fn missing(what: &str) -> Stop {
    let message = format!(
        "{what} is not in sync.toml, or is not written. Add it and push the configuration, then redrive."
    );
    Stop::Refused(Fault::new(
        Class::Configuration,
        "E_COMPANY_UNKNOWN",
        message,
    ))
}

/// The key of one effect: the same for each try of it. Keys of Sage hold spaces and slashes, and agents take visible ASCII of
/// a bounded length, so it is a digest.
pub(super) fn idempotency_key<const N: usize>(parts: [&str; N]) -> String {
    digest_of(parts).as_str().to_owned()
}

pub(super) fn shut(until: Timestamp) -> Fault {
    let message = "Sage 100 is not to be called for now.";
    Fault::new(Class::Throttled, SHUT, message).until(until)
}
