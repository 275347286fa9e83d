//! The circuit breaker of whatever is called: a target's CRM, or a company's Sage under a name of its own. An outage costs
//! one probe at a time, and parks nothing.

use counterpart_config::SyncConfig;
use counterpart_domain::{Class, Company, Fault, Reach, TargetName, bounded};
use jiff::{SignedDuration, Timestamp};

use crate::backoff::{self, Sent, Wait};
use crate::not_done::{NotDone, SHUT};
use crate::pause::{Hold, Pausing, Scope};
use crate::ports::{Circuit, Clock, Ids, Settings};

/// The longest pause that nobody asked for. What is handed back just before a probe gets through waits for its own pause
/// after it (see [`crate::backoff`]): both together are less than an hour.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_mins(4);
/// The longest that somebody may ask for: the longest limits are those of a day.
const LONGEST_ASKED: SignedDuration = SignedDuration::from_hours(24);
/// The pause after the first failure.
const FIRST_PAUSE: SignedDuration = SignedDuration::from_secs(2);
/// A fault that a person has to mend is looked at again this often.
const CONFIGURATION_PAUSE: SignedDuration = SignedDuration::from_mins(4);
/// A call that was too much is halved, but not below this: an outage of the network looks the same, and would make single
/// calls of everything.
const FEWEST_ROWS: usize = 10;
/// The longest that is kept of what the other side said, and of who met it.
const LONGEST_DETAIL: usize = 200;
/// How long a probe has the circuit to itself.
const PROBE: SignedDuration = SignedDuration::from_secs(60);

/// The name that the circuit of a company's Sage is stored under.
#[must_use]
pub fn of_company(company: &Company) -> Option<TargetName> {
    TargetName::new(&format!("sage-{}", company.as_str().to_lowercase()))
}

/// Whether a target may be called now.
pub(crate) enum Gate {
    /// Yes.
    Open(Circuit),
    /// Not before this.
    Shut(Timestamp),
    /// The work is paused.
    Paused(Hold),
}

/// Who finds out whether a target that failed can be called again.
pub(crate) enum Probe {
    /// Whoever asked, or nobody has to: it may be called.
    Ours(Circuit),
    /// Somebody else, until then.
    Others(Timestamp),
}

/// The sizes of calls, in rows.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sizes {
    /// Of the largest that was answered.
    pub(crate) largest: usize,
    /// Of the smallest that was too large, by what was answered.
    pub(crate) too_much: Option<usize>,
    /// Of the largest that the CRM takes.
    pub(crate) bulk: usize,
}

/// Circuits, where they are stored.
#[derive(Debug)]
pub(crate) struct Breaker<'a, S, C> {
    pub(crate) store: &'a S,
    pub(crate) clock: &'a C,
    pub(crate) config: &'a SyncConfig,
}

impl<S: Settings, C: Clock + Ids> Breaker<'_, S, C> {
    /// Whether it may be called now for this work, as far as is known. Work may be about more than one thing: an order may
    /// bring its customer.
    pub(crate) async fn gate(&self, target: &TargetName, work: &[Scope]) -> Result<Gate, Fault> {
        let (circuit, pauses) = self.store.circuit_and_pauses(target).await?;
        let now = self.clock.now();
        let pausing = Pausing {
            pauses: &pauses,
            config: self.config,
            now,
        };
        if let Some(hold) = work.iter().find_map(|work| pausing.hold(work)) {
            return Ok(Gate::Paused(hold));
        }
        if let Some(until) = circuit.open_until.filter(|until| *until > now) {
            return Ok(Gate::Shut(until));
        }
        Ok(Gate::Open(circuit))
    }

    /// To be asked right before the first call: a half-open circuit lets one caller through, the others wait for its
    /// result. Work that calls nobody never gets here.
    pub(crate) async fn claim(
        &self,
        target: &TargetName,
        circuit: Circuit,
    ) -> Result<Probe, Fault> {
        if circuit.failures == 0 {
            return Ok(Probe::Ours(circuit));
        }
        let now = self.clock.now();
        let probe = Circuit {
            open_until: now.checked_add(PROBE).ok(),
            probing: true,
            ..circuit
        };
        if self.store.put_circuit(target, &probe).await? {
            let rev = probe.rev + 1;
            Ok(Probe::Ours(Circuit { rev, ..probe }))
        } else {
            Ok(Probe::Others(
                now.saturating_add(SignedDuration::from_secs(5))
                    .unwrap_or(Timestamp::MAX),
            ))
        }
    }

    /// Notes that calls got through. Calls that had to be small may grow again, by and by; those that were too large by what
    /// the CRM answered are smaller the next time, however few rows that leaves: it has answered.
    pub(crate) async fn close(
        &self,
        target: &TargetName,
        circuit: &Circuit,
        sizes: Sizes,
    ) -> Result<(), Fault> {
        let Sizes {
            largest,
            too_much,
            bulk,
        } = sizes;
        let most_rows = match (too_much, circuit.most_rows) {
            (Some(too_much), _) => Some(largest.min(too_much / 2).max(1)),
            (None, Some(most)) if largest < most => Some(most),
            (None, Some(most)) => Some(most.saturating_mul(2)).filter(|most| *most < bulk),
            (None, None) => None,
        };
        if circuit.failures > 0 || most_rows != circuit.most_rows {
            let closed = Circuit {
                since: if circuit.failures > 0 {
                    Some(self.clock.now())
                } else {
                    circuit.since
                },
                most_rows,
                odd: circuit.odd.clone(),
                rev: circuit.rev,
                ..Circuit::default()
            };
            self.store.put_circuit(target, &closed).await?;
        }
        Ok(())
    }

    /// Notes that the target failed as a whole, at a write of so many `rows` where it was one, and says when it is to be
    /// tried again. `met_by`: the record or work that met it, for whoever reads the reason.
    pub(crate) async fn open(
        &self,
        target: &TargetName,
        circuit: &Circuit,
        fault: &Fault,
        rows: Option<usize>,
        met_by: &str,
    ) -> Timestamp {
        // One record never stops all others: who calls this has asked how far it reaches.
        debug_assert!(Reach::of(fault) != Reach::Record, "{fault}");
        let now = self.clock.now();
        let until = now
            .saturating_add(self.pause(circuit.failures, fault, now))
            .unwrap_or(Timestamp::MAX);
        let opened = Circuit {
            failures: circuit.failures.saturating_add(1),
            since: circuit.since.filter(|_| circuit.failures > 0).or(Some(now)),
            probing: false,
            open_until: Some(until),
            reason: reason(fault, met_by),
            most_rows: rows
                .filter(|rows| may_be_the_size(fault) && *rows > FEWEST_ROWS)
                .map(|rows| (rows / 2).max(FEWEST_ROWS))
                .or(circuit.most_rows),
            odd: circuit.odd.clone(),
            rev: circuit.rev,
        };
        tracing::warn!(target.name = %target, fault = %fault, met_by, circuit.open_until = %until, "not to be called for now");
        if let Err(store) = self.store.put_circuit(target, &opened).await {
            // The message is handed back all the same.
            tracing::warn!(target.name = %target, fault = %store, "the circuit could not be stored");
        }
        until
    }

    /// How long work stays away that goes back, by how long the trouble of what it calls has lasted. What that cannot be
    /// read of is as if it had lasted since the work was sent.
    pub(crate) async fn back_off(
        &self,
        called: Option<&TargetName>,
        back: &NotDone,
        sent: Sent,
        receives: u32,
    ) -> SignedDuration {
        let circuit = match called.filter(|_| !back.is_paused()) {
            Some(called) => self.store.circuit(called).await.unwrap_or_default(),
            None => Circuit::default(),
        };
        // Somebody is finding out just now whether it is over.
        let is_probed = circuit.probing && back.fault.code == SHUT;
        let wait = if back.is_paused() {
            Wait::Pause(back.since)
        } else if back.is_turn || is_probed {
            Wait::Turn
        } else if says_nothing_of(&circuit, &back.fault) {
            Wait::Trouble(back.since)
        } else {
            Wait::Trouble(back.since.or(circuit.since))
        };
        let (now, chance) = (self.clock.now(), self.clock.random_below(u64::MAX));
        backoff::pause(wait, sent, receives, back.until, now, chance)
    }

    fn pause(&self, failures: u32, fault: &Fault, now: Timestamp) -> SignedDuration {
        let asked = fault.not_before.map(|until| until.duration_since(now));
        let base = match (asked, fault.class) {
            (Some(asked), _) => asked.clamp(SignedDuration::from_secs(1), LONGEST_ASKED),
            (None, Class::Configuration) => CONFIGURATION_PAUSE,
            (None, _) => FIRST_PAUSE
                .saturating_mul(1 << failures.min(9))
                .min(LONGEST_PAUSE),
        };
        let jitter = self
            .clock
            .random_below(u64::try_from(base.as_millis() / 4).unwrap_or(0));
        base.saturating_add(SignedDuration::from_millis(
            i64::try_from(jitter).unwrap_or(0),
        ))
    }
}

/// Whether how long the circuit has been as it is says nothing of how long this trouble has lasted. Others may get through
/// all the while, and an answer that tells nobody anything closes a circuit without being any better.
fn says_nothing_of(circuit: &Circuit, fault: &Fault) -> bool {
    let is_unclear = circuit.failures == 0 && Reach::of(fault) == Reach::Unclear;
    fault.class == Class::Ambiguous || is_unclear
}

/// Whether fewer rows may spare it, or show whose it is.
fn may_be_the_size(fault: &Fault) -> bool {
    matches!(Reach::of(fault), Reach::Call | Reach::Unclear)
}

/// What people read of an open circuit: code, sentence, what the other side said, and who met it.
fn reason(fault: &Fault, met_by: &str) -> String {
    let said = match fault.detail.as_str() {
        "" => String::new(),
        detail => format!(" ({})", bounded(detail.to_owned(), LONGEST_DETAIL)),
    };
    let met = bounded(met_by.to_owned(), LONGEST_DETAIL);
    format!("{}: {}{said} Met by {met}.", fault.code, fault.message)
}
