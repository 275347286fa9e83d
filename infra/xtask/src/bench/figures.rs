//! The figures, the ratios, and what is asked of them.

use std::collections::BTreeMap;

use serde::Serialize;

use super::amount::{megabytes, rounded};
use super::order::Order;
use super::packs::{PHASES, Phase};
use super::phases::Spent;
use super::side::{BATCHED, IDIOMATIC, OURS};
use super::start::Start;
use crate::error::{Failure, Result, ensure};

/// What a thousand records cost one side in one phase.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Cost {
    /// CPU time of the writer's process, in seconds.
    pub cpu_s: f64,
    /// Requests to DynamoDB.
    pub dynamodb_requests: f64,
    /// Write units by DynamoDB's published rules.
    pub write_units: f64,
    /// Write units that MiniStack told; `None`: the writer does not ask.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub write_units_told: Option<f64>,
    /// Calls of the CRM.
    pub crm_calls: f64,
    /// The most memory that was resident during the phase, in megabytes. Not per thousand.
    pub peak_rss_mb: f64,
    /// Time between events and answers, in seconds.
    pub wall_s: f64,
}

impl Cost {
    /// Of a phase.
    pub fn of(spent: &Spent) -> Self {
        let per_1000 = |amount: f64| amount * 1_000.0 / (spent.records.max(1) as f64);
        let told = rounded(per_1000(spent.told_units), 1);
        Self {
            cpu_s: rounded(per_1000(spent.cpu.as_secs_f64()), 4),
            dynamodb_requests: rounded(per_1000(spent.requests as f64), 1),
            write_units: rounded(per_1000(spent.write_units as f64), 1),
            write_units_told: (told > 0.0).then_some(told),
            crm_calls: rounded(per_1000(spent.crm_calls as f64), 1),
            peak_rss_mb: rounded(megabytes(spent.peak), 1),
            wall_s: rounded(per_1000(spent.wall.as_secs_f64()), 3),
        }
    }
}

/// How many times as much a peer takes as our writer.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Ratio {
    /// Of CPU time.
    pub cpu: f64,
    /// Of requests to DynamoDB.
    pub dynamodb_requests: f64,
    /// Of peak memory.
    pub peak_rss: f64,
}

/// Something that is asked of the figures.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Goal {
    /// What.
    pub goal: String,
    /// The figure that is asked for.
    pub wanted: f64,
    /// The figure that was found.
    pub found: f64,
    /// Whether it holds.
    pub holds: bool,
}

/// By phase, and by side.
pub type Costs = BTreeMap<&'static str, BTreeMap<&'static str, Cost>>;

/// Everything.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Records of each phase.
    pub size: u32,
    /// Those that the idiomatic peer was given.
    pub size_idiomatic: u32,
    /// By phase and side.
    pub per_1000: Costs,
    /// By phase and peer.
    pub ratios: BTreeMap<&'static str, BTreeMap<&'static str, Ratio>>,
    /// By side.
    pub start: BTreeMap<&'static str, Start>,
    /// Left out with `--no-order`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<Order>,
    /// What is asked for, and whether it holds.
    pub goals: Vec<Goal>,
}

/// Requests to DynamoDB for 1,000 records that the batched peer may need at most: with more it is no peer.
const ACCEPTED: [(Phase, f64); 4] = [
    (Phase::Created, 45.0),
    (Phase::Changed, 30.0),
    (Phase::Redelivered, 10.0),
    (Phase::Unchanged, 50.0),
];
/// How many times the CPU time the peers have to need at least.
const TIMES_BATCHED: [(Phase, f64); 4] = [
    (Phase::Created, 2.0),
    (Phase::Changed, 1.5),
    (Phase::Redelivered, 1.5),
    (Phase::Unchanged, 2.0),
];
const TIMES_IDIOMATIC: f64 = 25.0;
/// Write units for 1,000 records at most.
const UNITS: [(Phase, f64); 2] = [(Phase::Created, 8_000.0), (Phase::Changed, 4_000.0)];

/// Whether the batched peer is as thrifty as it has to be.
///
/// # Errors
/// With the first phase in which it is not.
pub fn accept(costs: &Costs) -> Result<()> {
    for (phase, most) in ACCEPTED {
        let found = cost(costs, phase, BATCHED)?.dynamodb_requests;
        ensure(found <= most, || {
            format!(
                "the batched peer needs {found} requests to DynamoDB for 1,000 records that are {}; with more than {most} \
                 it is no measure",
                phase.name()
            )
        })?;
    }
    Ok(())
}

/// The ratios of all phases.
///
/// # Errors
/// When a side or a phase is missing.
pub fn ratios(costs: &Costs) -> Result<BTreeMap<&'static str, BTreeMap<&'static str, Ratio>>> {
    let mut ratios = BTreeMap::new();
    for phase in PHASES {
        let ours = cost(costs, phase, OURS)?;
        let mut peers = BTreeMap::new();
        for peer in [BATCHED, IDIOMATIC] {
            let theirs = cost(costs, phase, peer)?;
            let ratio = Ratio {
                cpu: times(theirs.cpu_s, ours.cpu_s),
                dynamodb_requests: times(theirs.dynamodb_requests, ours.dynamodb_requests),
                peak_rss: times(theirs.peak_rss_mb, ours.peak_rss_mb),
            };
            peers.insert(peer, ratio);
        }
        ratios.insert(phase.name(), peers);
    }
    Ok(ratios)
}

/// What is asked for.
///
/// # Errors
/// When a side or a phase is missing.
pub fn goals(costs: &Costs) -> Result<Vec<Goal>> {
    let ratios = ratios(costs)?;
    let cpu = |phase: Phase, peer: &str| {
        let ratio = ratios.get(phase.name()).and_then(|peers| peers.get(peer));
        ratio.map_or(0.0, |ratio| ratio.cpu)
    };
    let mut goals = Vec::new();
    let mut at_least = |goal: String, wanted: f64, found: f64| {
        let holds = found >= wanted;
        goals.push(Goal {
            goal,
            wanted,
            found,
            holds,
        });
    };
    for (phase, wanted) in TIMES_BATCHED {
        let goal = format!(
            "{}: times the CPU by the batched peer, at least",
            phase.name()
        );
        at_least(goal, wanted, cpu(phase, BATCHED));
    }
    for phase in PHASES {
        let goal = format!(
            "{}: times the CPU by the idiomatic peer, at least",
            phase.name()
        );
        at_least(goal, TIMES_IDIOMATIC, cpu(phase, IDIOMATIC));
    }
    let mut at_most = |goal: String, wanted: f64, found: f64| {
        let holds = found <= wanted;
        goals.push(Goal {
            goal,
            wanted,
            found,
            holds,
        });
    };
    for phase in PHASES {
        let (ours, theirs) = (cost(costs, phase, OURS)?, cost(costs, phase, BATCHED)?);
        let goal = format!(
            "{}: DynamoDB requests, not above the batched peer",
            phase.name()
        );
        at_most(goal, theirs.dynamodb_requests, ours.dynamodb_requests);
    }
    let peak = |side| -> Result<f64> {
        let mut most = 0.0_f64;
        for phase in PHASES {
            most = most.max(cost(costs, phase, side)?.peak_rss_mb);
        }
        Ok(most)
    };
    let half = rounded(peak(BATCHED)? / 2.0, 1);
    at_most(
        "peak memory, below half of the batched peer's, MB".to_owned(),
        half,
        peak(OURS)?,
    );
    for (phase, wanted) in UNITS {
        let goal = format!("{}: write units, at most", phase.name());
        // A unit or two of a process's first event are not a record's.
        at_most(goal, wanted, cost(costs, phase, OURS)?.write_units.round());
    }
    Ok(goals)
}

/// A cost by phase and side.
///
/// # Errors
/// When it was not measured.
pub fn cost<'a>(costs: &'a Costs, phase: Phase, side: &str) -> Result<&'a Cost> {
    let of_phase = costs.get(phase.name());
    of_phase
        .and_then(|sides| sides.get(side))
        .ok_or_else(|| Failure::new(format!("{side} was not measured: {}", phase.name())))
}

fn times(theirs: f64, ours: f64) -> f64 {
    if ours > 0.0 {
        rounded(theirs / ours, 2)
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn costs(ours: Cost, batched: Cost, idiomatic: Cost) -> Costs {
        let sides = BTreeMap::from([(OURS, ours), (BATCHED, batched), (IDIOMATIC, idiomatic)]);
        PHASES.map(|phase| (phase.name(), sides.clone())).into()
    }

    fn of(cpu_s: f64, dynamodb_requests: f64, peak_rss_mb: f64) -> Cost {
        Cost {
            cpu_s,
            dynamodb_requests,
            peak_rss_mb,
            write_units: 4_000.0,
            ..Cost::default()
        }
    }

    #[test]
    fn costs_are_those_of_a_thousand_records_but_for_memory() {
        let cost = Cost::of(&Spent {
            records: 2_000,
            cpu: Duration::from_millis(500),
            wall: Duration::from_secs(4),
            requests: 90,
            write_units: 16_000,
            told_units: 15_000.0,
            crm_calls: 10,
            peak: 20_000_000,
        });
        assert_eq!(
            (cost.cpu_s, cost.wall_s, cost.dynamodb_requests),
            (0.25, 2.0, 45.0)
        );
        assert_eq!(
            (cost.write_units, cost.write_units_told),
            (8_000.0, Some(7_500.0))
        );
        assert_eq!((cost.crm_calls, cost.peak_rss_mb), (5.0, 20.0));
    }

    #[test]
    fn a_ratio_is_how_many_times_as_much_the_peer_takes() {
        let costs = costs(
            of(0.1, 20.0, 25.0),
            of(0.25, 10.0, 50.0),
            of(3.0, 2_000.0, 100.0),
        );
        let ratios = ratios(&costs).unwrap();
        let batched = ratios["created"][BATCHED];
        assert_eq!(
            (batched.cpu, batched.dynamodb_requests, batched.peak_rss),
            (2.5, 0.5, 2.0)
        );
        assert_eq!(ratios["unchanged"][IDIOMATIC].cpu, 30.0);
    }

    #[test]
    fn goals_hold_at_their_edge_and_not_beyond() {
        let missed = |costs: &Costs| -> Vec<String> {
            let goals = goals(costs).unwrap();
            goals
                .into_iter()
                .filter(|goal| !goal.holds)
                .map(|goal| goal.goal)
                .collect()
        };
        let peers = (of(0.2, 10.0, 50.0), of(2.5, 2_000.0, 90.0));
        assert!(missed(&costs(of(0.1, 10.0, 25.0), peers.0, peers.1)).is_empty());
        let slow = missed(&costs(of(0.15, 11.0, 26.0), peers.0, peers.1));
        // 1.33 times the batched peer, 16.7 times the idiomatic one: all eight; four of requests; memory.
        assert_eq!(slow.len(), 13, "{slow:?}");
    }

    #[test]
    fn a_peer_that_asks_too_much_is_no_measure() {
        let peers = |requests| costs(of(0.1, 1.0, 1.0), of(0.2, requests, 1.0), of(1.0, 1.0, 1.0));
        assert!(accept(&peers(10.0)).is_ok());
        let refused = accept(&peers(10.5)).unwrap_err().to_string();
        assert!(refused.contains("redelivered"), "{refused}");
    }
}
