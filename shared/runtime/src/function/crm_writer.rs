//! The CRM writer function: a batch of packs.

use std::collections::BTreeSet;

use counterpart_delivery::ports::QueueName;
use counterpart_delivery::{ConfiguredMapper, CrmWriter, Message};
use counterpart_domain::{Fault, TargetName};
use jiff::Timestamp;
use serde_json::Value;

use super::batch::{self, BatchFunction};
use super::{Function, used};
use crate::{Deployment, UsageLine};

/// The function.
pub struct CrmWriterFunction(Deployment);

impl CrmWriterFunction {
    /// Over a deployment.
    #[must_use]
    pub const fn new(deployment: Deployment) -> Self {
        Self(deployment)
    }
}

impl BatchFunction for CrmWriterFunction {
    const NAME: &'static str = "crm-writer";

    fn deployment(&self) -> &Deployment {
        &self.0
    }

    fn queue(&self, arn: &str) -> Option<QueueName> {
        let target = self.0.environment.target_of_arn(arn)?;
        Some(QueueName::writes(target))
    }

    async fn take(
        &self,
        batch: &[Message],
        deadline: Timestamp,
        usage: &mut UsageLine,
    ) -> Result<Vec<String>, Fault> {
        let targets: BTreeSet<&TargetName> = batch
            .iter()
            .filter_map(|message| message.queue.target())
            .collect();
        let targets: Vec<_> = targets.into_iter().collect();
        // A writer has one queue: the messages of a batch are all for one target.
        usage.target = targets.first().map(ToString::to_string);
        let active = self.0.active().await?;
        let crms = self.0.crms(&active, &targets).await;
        let before = used(&crms);
        let writer = CrmWriter {
            context: self.0.context(&active),
            crms: &crms,
            mapper: ConfiguredMapper,
        };
        // Boxed: the compiler lays futures out whole, and the SDK's are deep.
        let report = Box::pin(writer.handle(batch, deadline)).await;
        for failed in &report.faults {
            if let Some(target) = active.config.targets.get(&failed.target) {
                self.0.secret_refused(&target.secret, &failed.fault);
            }
        }
        usage.crm(used(&crms).since(before));
        usage.packs = report.packs;
        usage.pack_records = report.records;
        usage.parked = report.parked;
        usage.paused = report.paused;
        tracing::info!(
            packs = report.packs,
            records = report.records,
            parked = report.parked,
            calls = report.calls,
            rows = report.rows,
            failed = report.failed.len(),
            "{} packs taken",
            report.packs
        );
        Ok(report.failed)
    }
}

impl Function for CrmWriterFunction {
    async fn of_process() -> Result<Self, Fault> {
        Ok(Self(Deployment::of_process()?))
    }

    async fn handle(&self, event: Value, deadline: Timestamp) -> Result<Value, Fault> {
        batch::handle(self, event, deadline).await
    }
}
