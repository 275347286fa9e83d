//! Reading it from the store.

use std::collections::BTreeMap;

use counterpart_config::{SageWay, SyncConfig};
use counterpart_delivery::pause::Pausing;
use counterpart_delivery::ports::{self, Cursor, Store};
use counterpart_delivery::{Run, Totals, circuit_of_company};
use counterpart_domain::{Company, Entity, Fault, TargetName};
use counterpart_runtime::{Active, QueueDepths, lag_seconds};
use jiff::Timestamp;

use super::{Creations, CursorState, RunState, Status};
use crate::parked::{self, NO_TARGET};
use crate::pauses;

/// The most runs of a company that `--since` looks through.
const MOST_RUNS: usize = 2000;
/// Parked records and those that rest are counted up to here.
const MOST_PARKED: usize = 10_000;

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Only this company.
    pub company: Option<Company>,
    /// Runs that started then or later, instead of the newest.
    pub since: Option<Timestamp>,
    /// The newest so many of each company.
    pub runs: usize,
}

/// Reads the status.
///
/// # Errors
/// When the store cannot be read.
pub async fn collect(
    store: &(impl Store + ports::Creations),
    active: &Active,
    query: &Query,
    queues: BTreeMap<TargetName, QueueDepths>,
    now: Timestamp,
) -> Result<Status, Fault> {
    let config = &active.config;
    let wanted = |company: &&Company| query.company.as_ref().is_none_or(|only| only == *company);
    let mut runs = Vec::new();
    let mut cursors = Vec::new();
    for company in config.companies.keys().filter(wanted) {
        for entity in Entity::ALL {
            let cursor = store.cursor(company, entity).await?;
            if cursor.is_none() && !is_polled(config, company, entity) {
                continue;
            }
            let cursor = cursor.unwrap_or_else(|| Cursor::new(company.clone(), entity));
            let lag_seconds = lag_seconds(&cursor, now);
            cursors.push(CursorState {
                cursor,
                lag_seconds,
            });
        }
        for run in newest(store, company, query).await? {
            runs.push(with_totals(store, config, run).await?);
        }
    }
    runs.sort_by(|one, other| {
        other
            .run
            .started_at
            .cmp(&one.run.started_at)
            .then(other.run.id.cmp(&one.run.id))
    });
    let mut circuits = BTreeMap::new();
    let (mut parked, mut resting) = (BTreeMap::new(), BTreeMap::new());
    for target in config.targets.keys() {
        circuits.insert(target.clone(), store.circuit(target).await?);
        resting.insert(target.clone(), store.resting(target, MOST_PARKED).await?);
    }
    // The circuits of companies that are written are kept beside those of the targets.
    let written = config
        .companies
        .iter()
        .filter(|(company, rules)| rules.write != SageWay::None && wanted(company));
    let mut creations = BTreeMap::new();
    for (company, rules) in written {
        let counted = Creations {
            last_hour: store.creations(company, now).await?,
            most: rules.creations_per_hour,
        };
        creations.insert(company.clone(), counted);
        if let Some(name) = circuit_of_company(company) {
            let circuit = store.circuit(&name).await?;
            circuits.insert(name, circuit);
        }
    }
    for target in config
        .targets
        .keys()
        .map(TargetName::as_str)
        .chain([NO_TARGET])
    {
        let count = parked::all(store, &[target.to_owned()], MOST_PARKED)
            .await?
            .len();
        parked.insert(target.to_owned(), count);
    }
    let pauses = store.pauses().await?;
    let pausing = Pausing {
        pauses: &pauses,
        config,
        now,
    };
    Ok(Status {
        at: now,
        config_version: active.version,
        paused: pauses::stands_still(&pausing),
        totals: sums(&runs),
        runs,
        cursors,
        circuits,
        parked,
        resting,
        creations,
        queues,
    })
}

/// Whether it is polled for a target.
fn is_polled(config: &SyncConfig, company: &Company, entity: Entity) -> bool {
    config.targets_of(company, entity).next().is_some()
}

async fn newest(store: &impl Store, company: &Company, query: &Query) -> Result<Vec<Run>, Fault> {
    match query.since {
        None => store.runs(company, query.runs).await,
        Some(since) => {
            let mut runs = store.runs(company, MOST_RUNS).await?;
            runs.retain(|run| run.started_at >= since);
            Ok(runs)
        }
    }
}

async fn with_totals(store: &impl Store, config: &SyncConfig, run: Run) -> Result<RunState, Fault> {
    let mut totals = BTreeMap::new();
    for (target, _, _) in config.targets_of(&run.company, run.entity) {
        totals.insert(target.clone(), store.totals(&run.id, target).await?);
    }
    Ok(RunState { run, totals })
}

fn sums(runs: &[RunState]) -> BTreeMap<TargetName, BTreeMap<Entity, Totals>> {
    let mut sums: BTreeMap<TargetName, BTreeMap<Entity, Totals>> = BTreeMap::new();
    for state in runs {
        for (target, totals) in &state.totals {
            let sum = sums
                .entry(target.clone())
                .or_default()
                .entry(state.run.entity)
                .or_default();
            *sum = add(*sum, *totals);
        }
    }
    sums
}

const fn add(one: Totals, other: Totals) -> Totals {
    Totals {
        seen: one.seen + other.seen,
        created: one.created + other.created,
        updated: one.updated + other.updated,
        unchanged: one.unchanged + other.unchanged,
        excluded: one.excluded + other.excluded,
        superseded: one.superseded + other.superseded,
        parked: one.parked + other.parked,
        waiting: one.waiting + other.waiting,
        in_flight: one.in_flight + other.in_flight,
    }
}
