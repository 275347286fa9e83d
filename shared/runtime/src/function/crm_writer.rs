//! The CRM writer function: a batch of packs.

use counterpart_delivery::ports::Clock as _;
use counterpart_delivery::{BatchReport, ConfiguredMapper, CrmWriter, Received, hand_back_packs};
use counterpart_domain::{Fault, TargetName};
use jiff::Timestamp;
use serde_json::Value;

use super::{Function, milliseconds, used};
use crate::{Deployment, SqsBatch, SqsMessage, UsageLine};

/// The function.
pub struct CrmWriterFunction(Deployment);

impl CrmWriterFunction {
    /// Over a deployment.
    #[must_use]
    pub const fn new(deployment: Deployment) -> Self {
        Self(deployment)
    }

    /// The messages with their targets, and the ids of those that came from no queue of this deployment.
    fn received(&self, messages: Vec<SqsMessage>) -> (Vec<Received>, Vec<String>) {
        let (mut received, mut strangers) = (Vec::new(), Vec::new());
        for message in messages {
            let Some(target) = self.0.environment.target_of_arn(&message.source_arn) else {
                tracing::error!(message.id = %message.id, queue.arn = %message.source_arn,
                    "a message came from a queue of no target in COUNTERPART_TARGETS");
                strangers.push(message.id);
                continue;
            };
            received.push(Received {
                target: target.clone(),
                message_id: message.id,
                receipt: message.receipt,
                receive_count: message.receive_count,
                sent: message.sent,
                body: message.body,
            });
        }
        (received, strangers)
    }

    async fn write(
        &self,
        batch: &[Received],
        deadline: Timestamp,
        usage: &mut UsageLine,
    ) -> Result<BatchReport, Fault> {
        let active = self.0.active().await?;
        let mut targets: Vec<&TargetName> = batch.iter().map(|message| &message.target).collect();
        targets.sort();
        targets.dedup();
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
        Ok(report)
    }
}

impl Function for CrmWriterFunction {
    async fn of_process() -> Result<Self, Fault> {
        Ok(Self(Deployment::of_process()?))
    }

    async fn handle(&self, event: Value, deadline: Timestamp) -> Result<Value, Fault> {
        let started = self.0.clock.now();
        let mut usage = UsageLine::new("crm-writer");
        let batch = SqsBatch::read(event, started).inspect_err(|fault| {
            tracing::error!(fault.code = %fault.code, fault = %fault, "the batch cannot be read");
        })?;
        let mut failed = batch.odd;
        let (received, strangers) = self.received(batch.messages);
        // A writer has one queue: the messages of a batch are all for one target.
        usage.target = received.first().map(|message| message.target.to_string());
        failed.extend(strangers);
        match Box::pin(self.write(&received, deadline, &mut usage)).await {
            Ok(report) => failed.extend(report.failed),
            Err(fault) => {
                // Nothing was begun: what all of them need is out of reach.
                usage.fault_code = Some(fault.code.to_string());
                tracing::error!(fault.code = %fault.code, fault = %fault, "no pack could be taken");
                let back = hand_back_packs(&self.0.queue, &self.0.clock, &received);
                failed.extend(back.await);
            }
        }
        usage.handed_back = failed.len() as u64;
        self.0.close(&mut usage);
        usage.duration_ms = milliseconds(started, self.0.clock.now());
        usage.emit();
        Ok(SqsBatch::answer(&failed))
    }
}
