//! Every phase for all sides, pack by pair: whatever else this machine does meets all of them alike.

use std::time::Duration;

use serde_json::{Value, json};

use super::packs::{PHASES, Packs, Phase, event};
use super::proc;
use super::side::Side;
use super::worker::Worker;
use crate::error::{Result, ensure};
use crate::say::Say;
use crate::stack::simulators::Door;

/// What one phase cost one side.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spent {
    /// Records that it was given.
    pub records: u64,
    /// CPU time of its process.
    pub cpu: Duration,
    /// From handing an event over to its answer, all events together.
    pub wall: Duration,
    /// Requests to DynamoDB.
    pub requests: u64,
    /// Write units by the published rules.
    pub write_units: u64,
    /// Write units that MiniStack told it; nothing where it did not ask.
    pub told_units: f64,
    /// Calls of the CRM, without those for a token.
    pub crm_calls: u64,
    /// The most memory that its process had resident, in bytes.
    pub peak: u64,
}

/// A side at work.
pub struct Running<'a> {
    /// The side.
    pub side: &'a Side,
    /// Its process.
    pub worker: Worker,
    /// How many packs it is given of each run.
    pub packs: usize,
}

/// Runs one phase.
///
/// # Errors
/// When a side fails, hands a message back, or calls the CRM where nothing is to be written.
pub fn run(
    say: &Say,
    packs: &Packs,
    phase: Phase,
    running: &mut [Running<'_>],
) -> Result<Vec<Spent>> {
    let bodies = packs.bodies(phase)?;
    let mut spent = vec![Spent::default(); running.len()];
    for (one, spent) in running.iter_mut().zip(&mut spent) {
        one.side.proxy.take();
        proc::forget_peak(one.worker.pid())?;
        spent.cpu = proc::cpu(one.worker.pid())?;
        spent.crm_calls = crm_calls(&one.side.crm)?;
    }
    for (nth, body) in bodies.iter().enumerate() {
        let event = event(phase, nth, body);
        let records = records(body)?;
        for turn in 0..running.len() {
            // Another one begins each time.
            let at = (turn + nth) % running.len();
            let one = &mut running[at];
            if nth < one.packs {
                spent[at].wall += take(one, &event)?;
                spent[at].records += records;
            }
        }
        say.note(&format!(
            "{}: pack {} of {}",
            phase.name(),
            nth + 1,
            bodies.len()
        ));
    }
    for (one, spent) in running.iter_mut().zip(&mut spent) {
        spent.cpu = proc::cpu(one.worker.pid())?.saturating_sub(spent.cpu);
        spent.peak = proc::peak(one.worker.pid())?;
        spent.crm_calls = crm_calls(&one.side.crm)?.saturating_sub(spent.crm_calls);
        let counted = one.side.proxy.take();
        spent.requests = counted.requests;
        spent.write_units = counted.write_units;
        spent.told_units = counted.told_units;
        let name = one.side.name;
        ensure(counted.failed == 0, || {
            format!("{} requests of {name} to DynamoDB failed", counted.failed)
        })?;
        ensure(phase.writes() || spent.crm_calls == 0, || {
            format!(
                "{name} called the CRM {} times, and nothing was to be written",
                spent.crm_calls
            )
        })?;
    }
    Ok(spent)
}

/// The title of each phase as a step.
pub fn title(phase: Phase) -> String {
    let nth = PHASES.iter().position(|one| *one == phase).unwrap_or(0) + 1;
    format!("phase {nth} of {}: {}", PHASES.len(), phase.name())
}

fn take(one: &mut Running<'_>, event: &str) -> Result<Duration> {
    let (answer, took) = one
        .worker
        .invoke(event)
        .map_err(|failure| failure.during(one.side.name))?;
    ensure(answer == json!({"batchItemFailures": []}), || {
        format!("{} did not take a message: {answer}", one.side.name)
    })?;
    Ok(took)
}

fn records(body: &str) -> Result<u64> {
    let pack: Value = serde_json::from_str(body)?;
    let entries = pack.get("entries").and_then(Value::as_array);
    Ok(entries.map_or(0, Vec::len) as u64)
}

fn crm_calls(door: &Door) -> Result<u64> {
    let stats = door.stats()?;
    Ok(calls(&stats))
}

fn calls(stats: &Value) -> u64 {
    let calls = stats.get("calls").and_then(Value::as_array);
    calls
        .into_iter()
        .flatten()
        .filter(|call| call.get("operation") != Some(&json!("token")))
        .filter_map(|call| call.get("count")?.as_u64())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_for_a_token_are_not_calls_of_the_crm() {
        let stats = json!({"calls": [
            {"operation": "token", "status": 200, "count": 1},
            {"operation": "Account.collections.upsert", "status": 200, "count": 5},
            {"operation": "Account.upsert", "status": 503, "count": 2},
        ]});
        assert_eq!(calls(&stats), 7);
    }
}
