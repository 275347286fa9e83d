//! The channel-keeper function: a look after the watch channels.

use counterpart_delivery::ingress::{ChannelKeeper, KeeperReport};
use counterpart_delivery::ports::Clock as _;
use counterpart_domain::{Class, Fault, TargetName};
use jiff::Timestamp;
use serde_json::Value;

use super::{Function, milliseconds};
use crate::hooks::DeployedHooks;
use crate::{Deployment, UsageLine};

/// The function.
pub struct ChannelKeeperFunction(Deployment);

impl ChannelKeeperFunction {
    /// Over a deployment.
    #[must_use]
    pub const fn new(deployment: Deployment) -> Self {
        Self(deployment)
    }

    async fn keep(&self, deadline: Timestamp) -> Result<KeeperReport, Fault> {
        let active = self.0.active().await?;
        let targets: Vec<&TargetName> = active.config.targets.keys().collect();
        let crms = self.0.crms(&active, &targets).await;
        let keeper = ChannelKeeper {
            crms: &crms,
            store: &*self.0.store,
            queue: &self.0.events,
            clock: &self.0.clock,
            secrets: &DeployedHooks {
                deployment: &self.0,
                config: &active.config,
            },
            config: &active.config,
        };
        let report = Box::pin(keeper.handle(deadline)).await;
        for kept in &report.targets {
            let Some(target) = active.config.targets.get(&kept.target) else {
                continue;
            };
            for fault in &kept.faults {
                self.0.secret_refused(&target.secret, fault);
                self.0.secret_refused(&target.events.secret, fault);
            }
        }
        Ok(report)
    }
}

impl Function for ChannelKeeperFunction {
    async fn of_process() -> Result<Self, Fault> {
        Ok(Self(Deployment::of_process()?))
    }

    async fn handle(&self, _event: Value, deadline: Timestamp) -> Result<Value, Fault> {
        let started = self.0.clock.now();
        let mut usage = UsageLine::new("channel-keeper");
        let kept = self.keep(deadline).await;
        match &kept {
            Ok(report) => {
                let lapsed = report.lapsed() as u64;
                usage.lapsed = (lapsed > 0).then_some(lapsed);
                usage.events = report.targets.iter().map(|target| target.caught_up).sum();
                let mut faults = report.targets.iter().flat_map(|target| &target.faults);
                usage.fault_code = faults.next().map(|fault| fault.code.to_string());
            }
            Err(fault) => {
                usage.fault_code = Some(fault.code.to_string());
                tracing::error!(fault.code = %fault.code, fault = %fault, "the channels could not be looked after");
            }
        }
        self.0.close(&mut usage);
        usage.duration_ms = milliseconds(started, self.0.clock.now());
        usage.emit();
        let report = kept?;
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
