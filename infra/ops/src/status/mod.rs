//! `counterpart status`: what came, what became of it, and how far behind we are.

mod collect;
mod render;
mod since;

use std::collections::BTreeMap;

use counterpart_delivery::ports::{Circuit, Cursor};
use counterpart_delivery::{Run, Totals};
use counterpart_domain::{Company, Entity, TargetName};
use counterpart_runtime::QueueDepths;
use jiff::Timestamp;
use serde_json::Value;

pub use collect::{Query, collect};
pub use render::answer;
pub use since::{since, span};

/// A run with what became of its records, per target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunState {
    /// The run.
    pub run: Run,
    /// Per target.
    pub totals: BTreeMap<TargetName, Totals>,
}

/// One cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CursorState {
    /// The cursor.
    pub cursor: Cursor,
    /// How far behind it is, in seconds; none before the first window.
    pub lag_seconds: Option<i64>,
}

/// How much was created in a company lately.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Creations {
    /// Orders, customers and contacts of the last hour.
    pub last_hour: u32,
    /// So many at most.
    pub most: u32,
}

/// What stands still now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Paused {
    /// A line for each.
    pub lines: Vec<String>,
    /// For programs: what people paused.
    pub pauses: Vec<Value>,
    /// For programs: quiet windows.
    pub quiet: Vec<Value>,
    /// Those that have lasted too long not to be told of.
    pub forgotten: Vec<String>,
}

/// All of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// When it was asked.
    pub at: Timestamp,
    /// The configuration in force.
    pub config_version: u64,
    /// Pauses and quiet windows that are on, in words and for programs.
    pub paused: Paused,
    /// Newest first.
    pub runs: Vec<RunState>,
    /// The sums of the runs.
    pub totals: BTreeMap<TargetName, BTreeMap<Entity, Totals>>,
    /// One per company and polled entity.
    pub cursors: Vec<CursorState>,
    /// Per target.
    pub circuits: BTreeMap<TargetName, Circuit>,
    /// How many records are parked, per target and under `-`; counted up to 10,000.
    pub parked: BTreeMap<String, usize>,
    /// Records that the filters leave out since the CRM has them, per target; counted up to 10,000.
    pub resting: BTreeMap<TargetName, usize>,
    /// Per company that is written: what was created in it within the last hour, and how much may be.
    pub creations: BTreeMap<Company, Creations>,
    /// Per target; empty where the queues cannot be asked.
    pub queues: BTreeMap<TargetName, QueueDepths>,
}

impl Status {
    /// What needs a person, each with a code.
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        for (target, circuit) in &self.circuits {
            if circuit.open_until.is_some_and(|until| until > self.at) {
                problems.push((
                    "E_CIRCUIT_OPEN",
                    format!(
                        "No calls to {target} before {:.0}: {}",
                        circuit.open_until.unwrap_or(self.at),
                        circuit.reason
                    ),
                ));
            }
        }
        for forgotten in &self.paused.forgotten {
            problems.push((
                "E_PAUSE_FORGOTTEN",
                format!("This has been paused for long: {forgotten}. Jobs for Sage 100 wait for thirteen and a half days at most."),
            ));
        }
        for (company, creations) in &self.creations {
            let Creations { last_hour, most } = creations;
            if last_hour >= most {
                problems.push((
                    "E_SAGE_CREATIONS_FULL",
                    format!("{last_hour} orders, customers and contacts were created in company {company} within the last hour, and {most} may be: what is beyond waits."),
                ));
            }
        }
        for (target, depths) in &self.queues {
            if depths.dead.is_some_and(|dead| dead > 0) {
                problems.push((
                    "E_DEAD_LETTERS",
                    format!("Dead letters lie behind the queue of {target}."),
                ));
            }
            if is_dead_end(target) && depths.visible > 0 {
                problems.push(("E_DEAD_LETTERS", format!("Dead letters lie in {target}.")));
            }
        }
        for state in &self.runs {
            for (target, totals) in &state.totals {
                let unexplained = totals.unexplained();
                if unexplained > 0 {
                    problems.push((
                        "E_UNEXPLAINED",
                        format!("Run {} holds {unexplained} records for {target} that nothing explains.", state.run.id),
                    ));
                }
            }
        }
        problems
    }
}

/// Whether only failures come into it.
fn is_dead_end(queue: &TargetName) -> bool {
    queue.as_str().ends_with("-dead")
}

#[cfg(test)]
mod tests;
