//! The channel keeper: Zoho's watch channels live for a week at most, and tell nobody when they end.
//!
//! A channel is renewed at half of its life. What was changed while none was alive, the sweep reads. Nobody else is asked
//! when a channel ends, so a lapse is an error line.

mod channel;

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;

use counterpart_config::TargetConfig;
use counterpart_domain::{Class, Fault, TargetName};
use futures_util::FutureExt as _;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::HookSecrets;
use crate::ports::CrmChannels;
use crate::ports::prelude::*;
use channel::Terms;

/// A call to Zoho is begun only with this much time left.
const MARGIN: SignedDuration = SignedDuration::from_secs(60);

/// The handler.
pub struct ChannelKeeper<'a, P: Ports, H> {
    /// What all handlers share.
    pub context: Context<'a, P>,
    /// The CRM client of each target.
    pub crms: &'a BTreeMap<TargetName, P::Crm>,
    /// What callers have to know: path and token.
    pub secrets: &'a H,
}

in_context!(ChannelKeeper, H);

/// What one target's channels came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TargetChannels {
    /// The target.
    pub target: TargetName,
    /// Channels subscribed, anew or for the first time.
    pub subscribed: u64,
    /// Channels renewed.
    pub renewed: u64,
    /// Channels ended because nobody watches their modules any more.
    pub ended: u64,
    /// Modules whose channel had lapsed: changes were not told of for a while.
    pub lapsed: Vec<String>,
    /// Modules that this run had no time left for.
    pub behind: Vec<String>,
    /// What went wrong, in words for operations.
    pub faults: Vec<Fault>,
}

impl TargetChannels {
    fn of(target: &TargetName) -> Self {
        Self {
            target: target.clone(),
            subscribed: 0,
            renewed: 0,
            ended: 0,
            lapsed: Vec::new(),
            behind: Vec::new(),
            faults: Vec::new(),
        }
    }
}

/// What a run came to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct KeeperReport {
    /// By target.
    pub targets: Vec<TargetChannels>,
}

impl KeeperReport {
    /// How many channels had lapsed: for the measure that an alarm looks at.
    #[must_use]
    pub fn lapsed(&self) -> usize {
        self.targets.iter().map(|target| target.lapsed.len()).sum()
    }
}

impl<P: Ports, H: HookSecrets> ChannelKeeper<'_, P, H>
where
    P::Crm: CrmChannels,
{
    /// Looks after the channels of every target that has some. `deadline` is when the function will be stopped. One target
    /// that fails takes no other along.
    pub async fn handle(&self, deadline: Timestamp) -> KeeperReport {
        let mut report = KeeperReport::default();
        for (name, target) in &self.config.targets {
            if !target.crm.profile().ways_in.channels {
                continue;
            }
            let mut kept = TargetChannels::of(name);
            let keep = self.target(name, target, deadline, &mut kept);
            let done = AssertUnwindSafe(keep).catch_unwind().await;
            if let Err(fault) = done.unwrap_or_else(|_| Err(panicked())) {
                self.failed(&mut kept, "-", fault);
            }
            report.targets.push(kept);
        }
        report
    }

    async fn target(
        &self,
        name: &TargetName,
        target: &TargetConfig,
        deadline: Timestamp,
        report: &mut TargetChannels,
    ) -> Result<(), Fault> {
        let stored = self.store.channels(name).await?;
        let watch = match &target.events.notify_url {
            Some(_) => target.events.watch.as_slice(),
            None => &[],
        };
        let stale = stored
            .iter()
            .filter(|channel| !watch.contains(&channel.module));
        let stale: Vec<_> = stale
            .filter(|channel| channel.expires_at.is_some())
            .collect();
        if watch.is_empty() && stale.is_empty() {
            return Ok(());
        }
        let Some(crm) = self.crms.get(name) else {
            return Err(Fault::new(
                Class::Configuration,
                "E_TARGET_UNKNOWN",
                format!("There is no client for {name}: its channels are not looked after."),
            ));
        };
        for channel in stale {
            if let Err(fault) = self.end(crm, channel, report).await {
                self.failed(report, &channel.module, fault);
            }
        }
        if watch.is_empty() {
            return Ok(());
        }
        let terms = Terms::of(name, target, &self.secrets.hook(name).await?)?;
        for module in watch {
            if self.is_late(deadline, MARGIN) {
                report.behind.push(module.clone());
                continue;
            }
            let channel = stored.iter().find(|channel| channel.module == *module);
            let channel = channel
                .cloned()
                .unwrap_or_else(|| channel::unheard(name, module));
            // None: another keeper was faster, and the channel is in its hands.
            if let Err(fault) = self.keep(crm, channel, &terms, report).await {
                self.failed(report, module, fault);
            }
        }
        Ok(())
    }

    fn failed(&self, report: &mut TargetChannels, module: &str, fault: Fault) {
        if fault.is_retryable() {
            tracing::warn!(target.name = %report.target, crm.module = module, fault.code = %fault.code, fault = %fault,
                "a channel could not be looked after; the next run tries again");
        } else {
            tracing::error!(target.name = %report.target, crm.module = module, fault.code = %fault.code, fault = %fault,
                "a channel cannot be looked after");
        }
        report.faults.push(fault);
    }
}

fn panicked() -> Fault {
    Fault::new(
        Class::Bug,
        "E_PANIC",
        "The channel keeper panicked on a target; the next run tries again.",
    )
}
