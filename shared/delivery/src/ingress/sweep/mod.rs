//! The sweep: every module that somebody waits for is read by its change stamp, on a schedule, whether or not anything is
//! known to have gone wrong.
//!
//! A CRM tells of a change once, or not at all: a gateway throttles, a function crashes, a relay stands still, a watch channel
//! ends, an overflow drops events. None of that has to be noticed by anybody. Whatever was changed since the last reading is
//! queued as the event that a notification would have been; whoever takes it reads the record, so that what was told already
//! does no harm. Names only are read: ids and stamps.

mod deleted;
mod heard;
mod own;
mod reading;
mod relays;

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;

use counterpart_config::TargetConfig;
use counterpart_domain::{Class, Fault, TargetName};
use futures_util::FutureExt as _;
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::modules::{knows, listened};
use crate::pause::Scope;
use crate::ports::prelude::*;
use crate::ports::{Heard, Resync, Sweep};

pub(super) use heard::note;

/// A page is begun only with this much time left: it has to be queued, and its place stored.
const MARGIN: SignedDuration = SignedDuration::from_secs(60);
/// The longest that the first reading of a module goes back.
const FIRST: SignedDuration = SignedDuration::from_hours(24);
/// How far back before what was read last: longer than the longest transaction of a CRM (Salesforce ends one after ten
/// minutes), whose records are stamped before they can be seen, and than clocks differ.
const OVERLAP: SignedDuration = SignedDuration::from_mins(20);

/// The handler.
pub struct Sweeper<'a, P: Ports> {
    /// What all handlers share.
    pub context: Context<'a, P>,
    /// The CRM client of each target.
    pub crms: &'a BTreeMap<TargetName, P::Crm>,
}

in_context!(Sweeper);

/// What one target's sweep came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TargetSweep {
    /// The target.
    pub target: TargetName,
    /// Changes that were read.
    pub read: u64,
    /// Of these, queued now.
    pub queued: u64,
    /// Of these, left out because they are our own writes, and nothing else.
    pub own: u64,
    /// Changes that are old enough to have been told of, in modules of which nothing was heard since.
    pub untold: u64,
    /// Modules of which more is to be read by the next run.
    pub behind: Vec<String>,
    /// Relays that told us of changes before, and do not run: their sources.
    pub stopped: Vec<String>,
    /// What went wrong, in words for operations.
    pub faults: Vec<Fault>,
}

/// What a run came to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct SweepReport {
    /// By target.
    pub targets: Vec<TargetSweep>,
}

impl SweepReport {
    /// A count over all targets.
    #[must_use]
    pub fn sum(&self, of: impl Fn(&TargetSweep) -> u64) -> u64 {
        self.targets.iter().map(of).sum()
    }
}

/// One target, as this run finds it.
struct Scene<'a, K> {
    name: &'a TargetName,
    target: &'a TargetConfig,
    crm: &'a K,
    resyncs: Vec<Resync>,
    heard: Vec<Heard>,
}

impl<K> Scene<'_, K> {
    /// Whether deletions are read by themselves.
    fn lists_deletions(&self) -> bool {
        self.target.crm.profile().ways_in.lists_deletions
    }
}

impl<P: Ports> Sweeper<'_, P> {
    /// Reads what was changed in every target. `deadline` is when the function will be stopped. Targets are read side by side:
    /// one that fails, or does not answer at all, takes no other along.
    pub async fn handle(&self, deadline: Timestamp) -> SweepReport {
        let targets = self.config.targets.iter();
        let targets = targets.filter(|(_, target)| !listened(target).is_empty());
        let swept = targets.map(async |(name, target)| {
            let mut swept = TargetSweep {
                target: name.clone(),
                read: 0,
                queued: 0,
                own: 0,
                untold: 0,
                behind: Vec::new(),
                stopped: Vec::new(),
                faults: Vec::new(),
            };
            let sweep = self.target(name, target, deadline, &mut swept);
            let done = AssertUnwindSafe(sweep).catch_unwind().await;
            if let Err(fault) = done.unwrap_or_else(|_| Err(panicked())) {
                failed(&mut swept, "-", fault);
            }
            swept
        });
        SweepReport {
            targets: join_all(swept).await,
        }
    }

    async fn target(
        &self,
        name: &TargetName,
        target: &TargetConfig,
        deadline: Timestamp,
        report: &mut TargetSweep,
    ) -> Result<(), Fault> {
        if self.held(&Scope::told_by(name, None)).await?.is_some() {
            // What the CRM tells by itself is queued all the while; the rest is read afterwards, from where this stopped.
            tracing::info!(target.name = %name, "the reading of changes is paused");
            return Ok(());
        }
        let resyncs = self.store.resyncs(name).await?;
        let mut sweeps = self.sweeps(name, target, &resyncs).await?;
        let Some(crm) = self.crms.get(name) else {
            return Err(Fault::new(
                Class::Configuration,
                "E_TARGET_UNKNOWN",
                format!("There is no client for {name}: its changes are not read."),
            ));
        };
        let scene = Scene {
            name,
            target,
            crm,
            resyncs,
            heard: self.store.heard(name).await?,
        };
        // Who was read longest ago comes first: a module with very many changes holds no other up for ever.
        sweeps.sort_by_key(|sweep| sweep.read_until);
        let modules: Vec<String> = sweeps.iter().map(|sweep| sweep.module.clone()).collect();
        for sweep in sweeps {
            let module = sweep.module.clone();
            if let Err(fault) = self.read(&scene, sweep, deadline, report).await {
                failed(report, &module, fault);
            }
        }
        // After the changes of all modules: however long a list of deletions is, it holds no change up.
        self.deletions(&scene, &modules, deadline, report).await?;
        self.ask_relays(&scene, report).await;
        Ok(())
    }

    /// How far each module has been read. Where one was never read its beginning is stored before the CRM is asked: it stays
    /// where it is, however long the CRM lets nobody in.
    async fn sweeps(
        &self,
        name: &TargetName,
        target: &TargetConfig,
        resyncs: &[Resync],
    ) -> Result<Vec<Sweep>, Fault> {
        let stored = self.store.sweeps(name).await?;
        let mut modules = listened(target);
        let lost = resyncs.iter().map(|lost| lost.module.as_str());
        modules.extend(lost.filter(|module| knows(target, module)));
        let mut sweeps = Vec::new();
        for module in modules {
            if let Some(known) = stored.iter().find(|sweep| sweep.module == module) {
                sweeps.push(known.clone());
                continue;
            }
            let mut sweep = first(name, target, resyncs, module, self.clock.now());
            // Otherwise another run begins it just now.
            if self.store.put_sweep(&sweep).await? {
                sweep.rev += 1;
                sweeps.push(sweep);
            }
        }
        Ok(sweeps)
    }
}

/// The sweep of a module that was never read. It begins when sales begin to count, a day ago at most: what was changed
/// while nobody listened yet is found, and years of changes are not.
fn first(
    name: &TargetName,
    target: &TargetConfig,
    resyncs: &[Resync],
    module: &str,
    now: Timestamp,
) -> Sweep {
    let orders = target.orders.iter().filter_map(|one| one.since);
    let creations = target.entities.values();
    let creations = creations.filter_map(|entity| entity.to_sage.create.as_ref()?.since);
    let earliest = now.saturating_sub(FIRST).unwrap_or(now);
    let counts = orders.chain(creations).map(|since| since.at()).min();
    let lost = resyncs.iter().filter(|lost| lost.module == module);
    let lost = lost.map(|lost| lost.since).min();
    let from = counts.map_or(now, |since| since.clamp(earliest, now));
    Sweep {
        target: name.clone(),
        module: module.to_owned(),
        read_until: lost.map_or(from, |lost| lost.min(from)),
        open: None,
        deleted_until: None,
        open_deleted: None,
        queued: BTreeMap::new(),
        rev: 0,
    }
}

fn failed(report: &mut TargetSweep, module: &str, fault: Fault) {
    if fault.is_retryable() {
        tracing::warn!(target.name = %report.target, crm.module = module, fault.code = %fault.code, fault = %fault,
            "changes could not be read; the next run goes on where this one stopped");
    } else {
        tracing::error!(target.name = %report.target, crm.module = module, fault.code = %fault.code, fault = %fault,
            "changes cannot be read");
    }
    report.faults.push(fault);
}

fn panicked() -> Fault {
    Fault::new(
        Class::Bug,
        "E_PANIC",
        "The sweep panicked on a target; the next run tries again.",
    )
}
