//! Every call to a company's Sage goes through here, behind its circuit.

use counterpart_domain::{Class, Fault};

use super::SageWriter;
use super::context::{JobContext, is_outage, shut};
use super::odd::{Whose, maybe_own};
use crate::circuit::Probe;
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
        let mut answer = request.await;
        if let Err(fault) = &mut answer
            && maybe_own(fault)
        {
            let (whose, now_is) = self.whose(context).await?;
            ours.set(now_is.clone());
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
                    tracing::error!(company.code = %context.company, fault = %fault, "Sage 100 lets nobody in: a person has to mend this");
                }
                let breaker = self.breaker();
                let until = breaker.open(&ours.name, &circuit, &fault, None).await;
                Err(fault.until(until))
            }
            Err(fault) if fault.class == Class::Ambiguous => Err(fault),
            answer => {
                if circuit.failures > 0 {
                    let breaker = self.breaker();
                    match breaker.close(&ours.name, &circuit, 0, 0).await {
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
                answer
            }
        }
    }
}
