//! Every call to a company's Sage goes through here, behind its circuit.

use counterpart_domain::{Class, Fault, Reach};

use super::SageWriter;
use super::context::{JobContext, shut};
use crate::circuit::{Probe, Sizes};
use crate::job::Work;
use crate::odd::{Of, Whose};
use crate::ports::Circuit;
use crate::ports::prelude::*;

impl<P: Ports> SageWriter<'_, P> {
    /// One call to a company's Sage, behind its circuit. A fault that means Sage as a whole opens it, and says when it is
    /// worth another try.
    pub(super) async fn call<T>(
        &self,
        context: &JobContext<'_, P>,
        request: impl Future<Output = Result<T, Fault>>,
    ) -> Result<T, Fault> {
        let ours = &context.circuit;
        if !ours.is_claimed() {
            match self.breaker().claim(&ours.name, ours.state()).await? {
                Probe::Ours(circuit) => ours.claim(circuit),
                Probe::Others(until) => return Err(shut(until)),
            }
        }
        let mut circuit = ours.state();
        let answer = request.await;
        let reach = answer.as_ref().err().map(Reach::of);
        if let (Err(fault), Some(Reach::Unclear)) = (&answer, reach) {
            let (whose, now_is) = self.breaker().whose(&ours.name, of(context)).await?;
            ours.set(now_is.clone());
            circuit = now_is;
            match (whose, fault.class) {
                (Whose::Everybodys, _) => {}
                // Sage has answered, and will answer so each time.
                (Whose::Own, Class::Configuration) => {
                    let mut own = fault.clone();
                    own.class = Class::Data;
                    self.close(context, circuit).await;
                    return Err(own);
                }
                (Whose::Own | Whose::Unknown, _) => {
                    self.close(context, circuit).await;
                    return Err(fault.clone());
                }
            }
        }
        match answer {
            Err(fault) if reach > Some(Reach::Call) => {
                Err(self.stop_company(context, &circuit, fault).await)
            }
            Err(fault) if fault.class == Class::Ambiguous => Err(fault),
            answer => {
                self.close(context, circuit).await;
                answer
            }
        }
    }

    /// Closes a circuit that was being tried: Sage has answered.
    async fn close(&self, context: &JobContext<'_, P>, circuit: Circuit) {
        if circuit.failures == 0 {
            return;
        }
        let (ours, breaker) = (&context.circuit, self.breaker());
        match breaker.close(&ours.name, &circuit, Sizes::default()).await {
            Ok(()) => {
                ours.set(Circuit {
                    since: Some(self.clock.now()),
                    odd: circuit.odd,
                    rev: circuit.rev + 1,
                    ..Circuit::default()
                });
            }
            // Sage has done what was asked: what the store says afterwards is no answer of Sage's.
            Err(fault) => {
                tracing::warn!(company.code = %context.company, fault = %fault, "a circuit that works is not closed yet");
            }
        }
    }
}

impl<P: Ports> SageWriter<'_, P> {
    /// Opens the company's circuit; the fault says until when.
    async fn stop_company(
        &self,
        context: &JobContext<'_, P>,
        circuit: &Circuit,
        fault: Fault,
    ) -> Fault {
        if fault.class == Class::Configuration {
            tracing::error!(company.code = %context.company, job.id = context.job.id, record.id = %context.job.event.record, fault = %fault, "a person has to mend this before Sage 100 takes anything of the company");
        }
        let (name, met, breaker) = (&context.circuit.name, met_by(context), self.breaker());
        let until = breaker.open(name, circuit, &fault, None, &met).await;
        fault.until(until)
    }

    /// Notes that a job got through, where others of its kind failed.
    pub(super) async fn got_through(&self, context: &JobContext<'_, P>) {
        let (ours, breaker) = (&context.circuit, self.breaker());
        breaker
            .got_through(&ours.name, &ours.state(), of(context))
            .await;
    }
}

/// The record of the CRM that a job is about.
pub(super) fn met_by<P: Ports>(context: &JobContext<'_, P>) -> String {
    let event = &context.job.event;
    format!("{} {} of {}", event.module, event.record, event.target)
}

fn of<'a, P: Ports>(context: &'a JobContext<'_, P>) -> Of<'a> {
    Of {
        id: &context.job.id,
        kind: kind_of(&context.job.work),
    }
}

const fn kind_of(work: &Work) -> &'static str {
    match work {
        Work::PlaceOrder(_) => "place_order",
        Work::CancelOrder(_) => "cancel_order",
        Work::CreateCustomer(_) => "create_customer",
        Work::CreateChild(_) => "create_contact",
        Work::ChangeRecord(_) => "change_record",
        Work::LinkCustomer(_) => "link_customer",
    }
}
