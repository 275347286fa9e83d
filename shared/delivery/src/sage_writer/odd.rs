//! Jobs that fail for something that looks like configuration, and may be their own: an answer that is not what the contract
//! says, a column that one target names wrongly, a document that is too large. Waiting mends none of these, and none of them
//! is a reason to call Sage for nobody else. Whether it is the job's own shows in what becomes of the others: one that fails
//! three times, while others of its kind get through each time in between, is parked. Where several fail and nobody gets
//! through, it is everybody's: that opens the circuit and parks nothing.

use std::collections::BTreeMap;

use counterpart_domain::{Class, Fault};

use super::SageWriter;
use super::context::JobContext;
use crate::job::Work;
use crate::ports::prelude::*;
use crate::ports::{Circuit, OddJob};

/// Faults that may be one job's own. What is refused to all alike (a token, an address, a company) is none of them.
const MAYBE_OWN: [&str; 5] = [
    "E_SAGE_CONTRACT",
    "E_SAGE_UNKNOWN_COLUMN",
    "E_SAGE_UNKNOWN_ENTITY",
    "E_SAGE_TOO_LARGE",
    "E_SAGE_REFUSED",
];
/// Failures of a job, others getting through in between, before it is parked.
const MOST_FAILURES: u32 = 3;
/// Jobs that are remembered at most; of more, the oldest are forgotten.
const MOST_JOBS: usize = 20;
/// How often a note is tried again that somebody else was faster with.
const TRIES: u32 = 3;

/// Whose a fault is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// The job's: waiting mends nothing.
    Own,
    /// Everybody's: an outage.
    Everybodys,
    /// Nobody can tell yet.
    Unknown,
}

pub(super) fn maybe_own(fault: &Fault) -> bool {
    fault.class == Class::Configuration && MAYBE_OWN.contains(&fault.code.as_ref())
}

/// Notes that a job failed so, and says whose fault that is.
fn failed(odd: &mut BTreeMap<String, OddJob>, job: &str, kind: &str) -> Whose {
    let others_fail = odd
        .iter()
        .any(|(other, known)| other != job && !known.others_passed);
    let known = odd.get(job);
    let passed = known.is_some_and(|known| known.others_passed);
    let failures = match known {
        Some(known) if passed => known.failures.saturating_add(1),
        Some(known) => known.failures,
        None => 1,
    };
    if failures >= MOST_FAILURES {
        odd.remove(job);
        return Whose::Own;
    }
    let noted = OddJob {
        kind: kind.to_owned(),
        failures,
        others_passed: false,
    };
    odd.insert(job.to_owned(), noted);
    while odd.len() > MOST_JOBS {
        odd.pop_first();
    }
    if others_fail && !passed {
        Whose::Everybodys
    } else {
        Whose::Unknown
    }
}

/// Notes that a job got through. `false`: there is nothing to note.
fn passed(odd: &mut BTreeMap<String, OddJob>, job: &str, kind: &str) -> bool {
    let mut news = odd.remove(job).is_some();
    for known in odd.values_mut().filter(|known| known.kind == kind) {
        news |= !std::mem::replace(&mut known.others_passed, true);
    }
    news
}

impl<P: Ports> SageWriter<'_, P> {
    /// Whose a fault is that may be the job's own, with the circuit as it is now.
    pub(super) async fn whose(
        &self,
        context: &JobContext<'_, P>,
    ) -> Result<(Whose, Circuit), Fault> {
        let mut circuit = Circuit::default();
        for _ in 0..TRIES {
            circuit = self.store.circuit(&context.circuit.name).await?;
            let whose = failed(
                &mut circuit.odd,
                &context.job.id,
                kind_of(&context.job.work),
            );
            if self
                .store
                .put_circuit(&context.circuit.name, &circuit)
                .await?
            {
                circuit.rev += 1;
                return Ok((whose, circuit));
            }
        }
        Ok((Whose::Unknown, circuit))
    }

    /// Notes that a job got through, where others of its kind failed. Not noted, it is noted by the next.
    pub(super) async fn got_through(&self, context: &JobContext<'_, P>) {
        if context.circuit.state().odd.is_empty() {
            return;
        }
        let noted = async {
            let mut circuit = self.store.circuit(&context.circuit.name).await?;
            let news = passed(
                &mut circuit.odd,
                &context.job.id,
                kind_of(&context.job.work),
            );
            if news {
                self.store
                    .put_circuit(&context.circuit.name, &circuit)
                    .await?;
            }
            Ok::<_, Fault>(())
        };
        if let Err(fault) = noted.await {
            tracing::warn!(company.code = %context.company, fault = %fault, "that a job got through could not be noted");
        }
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_job_that_fails_while_others_of_its_kind_get_through_is_its_own_trouble() {
        let mut odd = BTreeMap::new();
        for _ in 0..2 {
            assert_eq!(failed(&mut odd, "odd", "place_order"), Whose::Unknown);
            assert!(!passed(&mut odd, "b", "change_record"), "of another kind");
            assert_eq!(failed(&mut odd, "odd", "place_order"), Whose::Unknown);
            assert!(passed(&mut odd, "a", "place_order"));
            assert!(!passed(&mut odd, "a", "place_order"), "noted once");
        }
        assert_eq!(failed(&mut odd, "odd", "place_order"), Whose::Own);
        assert!(odd.is_empty());
    }

    #[test]
    fn what_several_fail_for_and_nobody_gets_through_is_everybodys() {
        let mut odd = BTreeMap::new();
        assert_eq!(failed(&mut odd, "a", "place_order"), Whose::Unknown);
        for job in ["b", "c", "a", "b"] {
            assert_eq!(failed(&mut odd, job, "place_order"), Whose::Everybodys);
        }
        assert!(passed(&mut odd, "d", "place_order"));
        assert_eq!(failed(&mut odd, "a", "place_order"), Whose::Unknown);
    }

    proptest! {
        /// Without anybody getting through, however many fail however often, nothing is anybody's own.
        #[test]
        fn an_outage_parks_nothing(jobs in proptest::collection::vec(0..40_u32, 0..300)) {
            let mut odd = BTreeMap::new();
            for job in jobs {
                prop_assert_ne!(failed(&mut odd, &job.to_string(), "place_order"), Whose::Own);
                prop_assert!(odd.len() <= MOST_JOBS);
            }
        }
    }
}
