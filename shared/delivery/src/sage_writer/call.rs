//! A call to Sage, behind the circuit of its company.

use counterpart_domain::{Class, Fault};

use super::SageWriter;
use super::desk::{Desk, shut};
use super::odd::{Whose, maybe_own};
use crate::circuit::Gate;
use crate::ports::Circuit;
use crate::ports::prelude::*;

/// A write that something else answered in Sage's place.
const NO_VERDICT: &str = "E_SAGE_NO_VERDICT";

impl<P: Ports> SageWriter<'_, P> {
    /// One call to a company's Sage, behind its circuit. A fault that means Sage as a whole opens it, and says when it is
    /// worth another try.
    pub(super) async fn call<T>(
        &self,
        desk: &Desk<'_, P>,
        request: impl Future<Output = Result<T, Fault>>,
    ) -> Result<T, Fault> {
        if !desk.claimed.get() {
            let circuit = desk.circuit.borrow().clone();
            match self.breaker().claim(&desk.circuit_name, circuit).await? {
                Gate::Open(circuit) => desk.circuit.replace(circuit),
                Gate::Shut(until) => return Err(shut(until)),
            };
            desk.claimed.set(true);
        }
        let mut circuit = desk.circuit.borrow().clone();
        let mut answer = request.await;
        if let Err(fault) = &mut answer
            && maybe_own(fault)
        {
            let (whose, now_is) = self.whose(desk).await?;
            desk.circuit.replace(now_is.clone());
            circuit = now_is;
            match whose {
                Whose::Everybodys => {}
                Whose::Unknown => return Err(fault.clone()),
                // Sage has answered, and will answer so each time.
                Whose::Own => fault.class = Class::Data,
            }
        }
        match answer {
            Err(fault) if is_outage(&fault) => {
                if fault.class == Class::Configuration {
                    tracing::error!(company.code = %desk.company, fault = %fault, "Sage 100 lets nobody in: a person has to mend this");
                }
                let breaker = self.breaker();
                let until = breaker
                    .open(&desk.circuit_name, &circuit, &fault, None)
                    .await;
                Err(fault.until(until))
            }
            Err(fault) if fault.class == Class::Ambiguous => Err(fault),
            answer => {
                if circuit.failures > 0 {
                    let breaker = self.breaker();
                    match breaker.close(&desk.circuit_name, &circuit, 0, 0).await {
                        Ok(()) => {
                            desk.circuit.replace(Circuit {
                                since: Some(self.clock.now()),
                                odd: circuit.odd,
                                rev: circuit.rev + 1,
                                ..Circuit::default()
                            });
                        }
                        // Sage has done what was asked: what the store says afterwards is no answer of Sage's.
                        Err(fault) => {
                            tracing::warn!(company.code = %desk.company, fault = %fault, "a circuit that works is not closed yet");
                        }
                    }
                }
                answer
            }
        }
    }
}

/// Whether a fault says something of Sage as a whole, not of one record.
fn is_outage(fault: &Fault) -> bool {
    match fault.class {
        Class::Transient => fault.code != "E_SAGE_LOCKED",
        Class::Configuration => fault.code != super::stop::NOT_OFFERED,
        Class::Throttled => true,
        // Whether it was written is open; that something else answers in Sage's place is not.
        Class::Ambiguous => fault.code == NO_VERDICT,
        Class::Data | Class::Bug => false,
    }
}
