//! The channel-keeper function: a look after the watch channels, and the sweep over what was changed.

use counterpart_delivery::ingress::{ChannelKeeper, KeeperReport, SweepReport, Sweeper};
use counterpart_delivery::pause::Pausing;
use counterpart_delivery::ports::{Clock as _, Settings as _};
use counterpart_domain::{Class, Fault, TargetName};
use futures_util::future::join;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Function, end};
use crate::hooks::DeployedHooks;
use crate::{CrmUse, Deployment, UsageLine, paused};

/// The function.
pub struct ChannelKeeperFunction(Deployment);

/// What a run came to.
#[derive(Serialize)]
struct Report {
    channels: KeeperReport,
    sweep: SweepReport,
}

impl ChannelKeeperFunction {
    /// Over a deployment.
    #[must_use]
    pub const fn new(deployment: Deployment) -> Self {
        Self(deployment)
    }

    async fn keep(&self, deadline: Timestamp, usage: &mut UsageLine) -> Result<Report, Fault> {
        let active = self.0.active().await?;
        let targets: Vec<&TargetName> = active.config.targets.keys().collect();
        let crms = self.0.crms(&active, &targets).await;
        let used = || {
            let used = crms.values().map(crate::TargetClient::used);
            used.fold(CrmUse::default(), CrmUse::plus)
        };
        let before = used();
        let keeper = ChannelKeeper {
            context: self.0.context(&active),
            crms: &crms,
            secrets: &DeployedHooks {
                deployment: &self.0,
                config: &active.config,
            },
        };
        let sweeper = Sweeper {
            context: self.0.context(&active),
            crms: &crms,
        };
        // Side by side: a CRM that does not answer about its channels keeps no other from being read.
        let (channels, sweep) = join(
            Box::pin(keeper.handle(deadline)),
            Box::pin(sweeper.handle(deadline)),
        )
        .await;
        usage.crm(used().since(before));
        let kept = channels
            .targets
            .iter()
            .map(|kept| (&kept.target, &kept.faults));
        let swept = sweep
            .targets
            .iter()
            .map(|swept| (&swept.target, &swept.faults));
        for (name, faults) in kept.chain(swept) {
            let Some(target) = active.config.targets.get(name) else {
                continue;
            };
            for fault in faults {
                self.0.secret_refused(&target.secret, fault);
                self.0.secret_refused(&target.events.secret, fault);
            }
        }
        Ok(Report { channels, sweep })
    }
}

impl ChannelKeeperFunction {
    /// Tells the alarms which queues are paused, and a person which pauses were forgotten.
    async fn tell_pauses(&self, usage: &mut UsageLine) -> Result<(), Fault> {
        let active = self.0.active().await?;
        let pauses = self.0.store.pauses().await?;
        let pausing = Pausing {
            pauses: &pauses,
            config: &active.config,
            now: self.0.clock.now(),
        };
        paused::emit(&paused::queues(&pausing));
        let forgotten = paused::forgotten(&pausing);
        usage.pauses_forgotten = (forgotten > 0).then_some(forgotten);
        Ok(())
    }
}

impl Function for ChannelKeeperFunction {
    async fn of_process() -> Result<Self, Fault> {
        Ok(Self(Deployment::of_process()?))
    }

    async fn handle(&self, _event: Value, deadline: Timestamp) -> Result<Value, Fault> {
        let started = self.0.clock.now();
        let mut usage = UsageLine::new("channel-keeper");
        if let Err(fault) = self.tell_pauses(&mut usage).await {
            tracing::warn!(fault.code = %fault.code, fault = %fault, "the pauses cannot be read");
        }
        let kept = self.keep(deadline, &mut usage).await;
        match &kept {
            Ok(report) => {
                let counted = |count: u64| (count > 0).then_some(count);
                usage.lapsed = counted(report.channels.lapsed() as u64);
                usage.events = report.sweep.sum(|target| target.queued);
                usage.untold = counted(report.sweep.sum(|target| target.untold));
                usage.relays_stopped =
                    counted(report.sweep.sum(|target| target.stopped.len() as u64));
                let channels = report.channels.targets.iter();
                let sweep = report.sweep.targets.iter();
                let mut faults = channels
                    .flat_map(|target| &target.faults)
                    .chain(sweep.flat_map(|target| &target.faults));
                usage.fault_code = faults.next().map(|fault| fault.code.to_string());
            }
            Err(fault) => {
                usage.fault_code = Some(fault.code.to_string());
                tracing::error!(fault.code = %fault.code, fault = %fault, "the channels could not be looked after");
            }
        }
        end(&self.0, usage, started);
        let report = match kept {
            Ok(report) => report,
            // The next look comes by itself: Lambda has nothing to try again, and nothing to set aside.
            Err(fault) if fault.class != Class::Bug => return Ok(json!({"fault": fault})),
            Err(fault) => return Err(fault),
        };
        serde_json::to_value(&report).map_err(|error| {
            Fault::new(
                Class::Bug,
                "E_ENCODE",
                "A report could not be written as JSON.",
            )
            .with_detail(error)
        })
    }
}
