//! Work that fails for something that may be its own, or everybody's: an answer that is not what was agreed, a refusal that nobody
//! knows, a permission. Waiting mends none of these, and none of them is a reason to call for nobody else. Whose it is shows in
//! what becomes of the others: work that fails three times, while others of its kind get through each time in between, has a
//! trouble of its own. Where several fail and nobody gets through, it is everybody's.

use std::collections::BTreeMap;

use counterpart_domain::{Fault, TargetName};

use crate::circuit::Breaker;
use crate::ports::{Circuit, Clock, Ids, OddJob, Settings};

/// Failures, others getting through in between, before it is somebody's own.
const MOST_FAILURES: u32 = 3;
/// What is remembered at most; of more, the oldest are forgotten.
const MOST_JOBS: usize = 20;
/// How often a note is tried again that somebody else was faster with.
const TRIES: u32 = 3;

/// Whose a fault is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    /// That of the work at hand: waiting mends nothing.
    Own,
    /// Everybody's: an outage.
    Everybodys,
    /// Nobody can tell yet.
    Unknown,
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

/// What failed, or got through.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Of<'a> {
    /// The work: a job, an event, a record.
    pub(crate) id: &'a str,
    /// Of which sort it is: only others of it say something.
    pub(crate) kind: &'a str,
}

impl<S: Settings, C: Clock + Ids> Breaker<'_, S, C> {
    /// Whose a fault is that may be one's own, with the circuit as it is now.
    pub(crate) async fn whose(
        &self,
        name: &TargetName,
        of: Of<'_>,
    ) -> Result<(Whose, Circuit), Fault> {
        let mut circuit = Circuit::default();
        for _ in 0..TRIES {
            circuit = self.store.circuit(name).await?;
            let whose = failed(&mut circuit.odd, of.id, of.kind);
            if self.store.put_circuit(name, &circuit).await? {
                circuit.rev += 1;
                return Ok((whose, circuit));
            }
        }
        Ok((Whose::Unknown, circuit))
    }

    /// Notes that work got through, where others of its kind failed. Not noted, it is noted by the next.
    pub(crate) async fn got_through(&self, name: &TargetName, known: &Circuit, of: Of<'_>) {
        if known.odd.is_empty() {
            return;
        }
        let noted = async {
            let mut circuit = self.store.circuit(name).await?;
            if passed(&mut circuit.odd, of.id, of.kind) {
                self.store.put_circuit(name, &circuit).await?;
            }
            Ok::<_, Fault>(())
        };
        if let Err(fault) = noted.await {
            tracing::warn!(target.name = %name, fault = %fault, "that work got through could not be noted");
        }
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
