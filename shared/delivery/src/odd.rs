//! Work that fails for something that may be its own, or everybody's: an answer that is not what was agreed, a refusal that nobody
//! knows, a permission. Waiting mends none of these, and none of them is a reason to call for nobody else. Whose it is shows in
//! what becomes of the others: work that fails three times, while others of its kind get through each time in between, has a
//! trouble of its own. Where several of a kind fail and nobody gets through, it is everybody's. What failed in one call is one
//! testimony, however many rows it had; and what nobody met again for a while says nothing any more.

use std::collections::BTreeMap;

use counterpart_domain::{Fault, TargetName};
use jiff::{SignedDuration, Timestamp};

use crate::circuit::Breaker;
use crate::ports::{Circuit, Clock, Ids, OddJob, Settings};

/// Failures, others getting through in between, before it is somebody's own.
const MOST_FAILURES: u32 = 3;
/// What is remembered at most; of more, the oldest are forgotten.
const MOST_JOBS: usize = 20;
/// How long a failure says something. What still fails is noted anew at each try, and in a long trouble some of those are
/// missed: with pauses of nearly an hour, whoever comes while the circuit is open comes back an hour later.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(4);
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

/// The notes of a circuit.
type Notes = BTreeMap<String, OddJob>;

/// Notes that these failed in one call, and says of each whose fault that is, by what was noted before it.
fn failed(odd: &mut Notes, jobs: &[&str], kind: &str, now: Timestamp) -> Vec<Whose> {
    odd.retain(|_, known| now.duration_since(known.at) < REMEMBERED);
    let before = odd.clone();
    let whose = jobs
        .iter()
        .map(|job| one_failed(&before, odd, job, kind, now));
    let whose = whose.collect();
    while odd.len() > MOST_JOBS {
        let oldest = odd.iter().min_by_key(|(_, known)| known.at);
        let Some(oldest) = oldest.map(|(job, _)| job.clone()) else {
            break;
        };
        odd.remove(&oldest);
    }
    whose
}

fn one_failed(before: &Notes, odd: &mut Notes, job: &str, kind: &str, now: Timestamp) -> Whose {
    let known = before.get(job).filter(|known| known.kind == kind);
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
    let first = known.map_or(now, |known| known.first);
    let noted = OddJob {
        kind: kind.to_owned(),
        failures,
        others_passed: false,
        first,
        at: now,
    };
    odd.insert(job.to_owned(), noted);
    // Those that failed first in the same call are no others. Jobs for a Sage name no module: one contract is that of all kinds.
    let others_fail = before.iter().any(|(other, known)| {
        let says = known.kind == kind || !kind.contains(' ');
        other != job && says && known.first != first && !known.others_passed
    });
    if others_fail && !passed {
        Whose::Everybodys
    } else {
        Whose::Unknown
    }
}

/// Notes that a job got through. `false`: there is nothing to note.
fn passed(odd: &mut Notes, job: &str, kind: &str) -> bool {
    let mut news = ended(odd, job, kind);
    for known in odd.values_mut().filter(|known| known.kind == kind) {
        news |= !std::mem::replace(&mut known.others_passed, true);
    }
    news
}

/// Forgets a job that came to its end, however it did. `false`: nothing was known of it.
fn ended(odd: &mut Notes, job: &str, kind: &str) -> bool {
    odd.get(job).is_some_and(|known| known.kind == kind) && odd.remove(job).is_some()
}

/// What failed, or got through.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Of<'a> {
    /// The work: a job, an event, a record.
    pub(crate) id: &'a str,
    /// Of which sort it is, and what was done: only others of it say something.
    pub(crate) kind: &'a str,
}

impl<S: Settings, C: Clock + Ids> Breaker<'_, S, C> {
    /// Whose a fault is that may be one's own, with the circuit as it is now.
    pub(crate) async fn whose(
        &self,
        name: &TargetName,
        of: Of<'_>,
    ) -> Result<(Whose, Circuit), Fault> {
        let (whose, circuit) = self.whose_each(name, &[of.id], of.kind).await?;
        Ok((whose.first().copied().unwrap_or(Whose::Unknown), circuit))
    }

    /// The same for each of those that failed in one call.
    pub(crate) async fn whose_each(
        &self,
        name: &TargetName,
        ids: &[&str],
        kind: &str,
    ) -> Result<(Vec<Whose>, Circuit), Fault> {
        let mut circuit = Circuit::default();
        for _ in 0..TRIES {
            circuit = self.store.circuit(name).await?;
            let whose = failed(&mut circuit.odd, ids, kind, self.clock.now());
            if self.store.put_circuit(name, &circuit).await? {
                circuit.rev += 1;
                return Ok((whose, circuit));
            }
        }
        Ok((vec![Whose::Unknown; ids.len()], circuit))
    }

    /// Notes that work got through, where others of its kind failed. Not noted, it is noted by the next.
    pub(crate) async fn got_through(&self, name: &TargetName, known: &Circuit, of: Of<'_>) {
        if !known.odd.is_empty() {
            self.note(name, |odd| passed(odd, of.id, of.kind)).await;
        }
    }

    /// Forgets work that is not tried again, though it did not get through: it is parked, or the other side has said what it is.
    pub(crate) async fn ended(&self, name: &TargetName, known: &Circuit, of: Of<'_>) {
        if known.odd.contains_key(of.id) {
            self.note(name, |odd| ended(odd, of.id, of.kind)).await;
        }
    }

    async fn note(&self, name: &TargetName, change: impl Fn(&mut Notes) -> bool) {
        let noted = async {
            let mut circuit = self.store.circuit(name).await?;
            if change(&mut circuit.odd) {
                self.store.put_circuit(name, &circuit).await?;
            }
            Ok::<_, Fault>(())
        };
        if let Err(fault) = noted.await {
            tracing::warn!(target.name = %name, fault = %fault, "what became of work could not be noted");
        }
    }
}

#[cfg(test)]
mod tests;
