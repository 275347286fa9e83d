//! The sage-writer function: a batch of jobs for Sage.

use std::collections::BTreeMap;

use counterpart_aws::SystemClock;
use counterpart_config::SageWay;
use counterpart_delivery::ports::Clock as _;
use counterpart_delivery::{JobsReport, ReceivedJob, SageWriter, hand_back_jobs};
use counterpart_domain::{Company, Fault};
use counterpart_sage100::AgentClient;
use jiff::Timestamp;
use serde_json::Value;

use super::{Function, milliseconds};
use crate::{Active, Deployment, SageClient, SqsBatch, UsageLine};

/// The function.
pub struct SageWriterFunction(Deployment);

impl SageWriterFunction {
    /// Over a deployment.
    #[must_use]
    pub const fn new(deployment: Deployment) -> Self {
        Self(deployment)
    }

    async fn take(&self, batch: &[ReceivedJob], deadline: Timestamp) -> Result<JobsReport, Fault> {
        let active = self.0.active().await?;
        let (agents, writes) = self.sage(&active).await;
        let writer = SageWriter {
            context: self.0.context(&active),
            agents: &agents,
            writes: &writes,
        };
        Ok(Box::pin(writer.handle(batch, deadline)).await)
    }

    /// The agent and the way to write of each company that is written. Where one cannot be made, its place holds the fault,
    /// and a line says why: the company's jobs are handed back.
    async fn sage(
        &self,
        active: &Active,
    ) -> (
        BTreeMap<Company, Result<AgentClient<SystemClock>, Fault>>,
        BTreeMap<Company, SageClient>,
    ) {
        let (mut agents, mut writes) = (BTreeMap::new(), BTreeMap::new());
        for (code, company) in &active.config.companies {
            if company.write == SageWay::None {
                continue;
            }
            let agent = self.0.agent(company).await;
            if let Err(fault) = &agent {
                tracing::error!(company = %code, fault = %fault, "the agent of this company cannot be called");
                self.0.secret_refused(&company.agent_secret, fault);
            }
            agents.insert(code.clone(), agent);
            let client = self.0.sage_client(code, company).await;
            if let SageClient::Unusable(fault) = &client {
                tracing::error!(company = %code, fault = %fault, "this company cannot be written");
            }
            writes.insert(code.clone(), client);
        }
        (agents, writes)
    }
}

impl Function for SageWriterFunction {
    async fn of_process() -> Result<Self, Fault> {
        Ok(Self(Deployment::of_process()?))
    }

    async fn handle(&self, event: Value, deadline: Timestamp) -> Result<Value, Fault> {
        let started = self.0.clock.now();
        let mut usage = UsageLine::new("sage-writer");
        let batch = SqsBatch::read(event, started).inspect_err(|fault| {
            tracing::error!(fault.code = %fault.code, fault = %fault, "the batch cannot be read");
        })?;
        let mut failed = batch.odd;
        let received: Vec<_> = batch
            .messages
            .into_iter()
            .map(|message| ReceivedJob {
                message_id: message.id,
                receipt: message.receipt,
                group: message.group,
                receive_count: message.receive_count,
                sent: message.sent,
                body: message.body,
            })
            .collect();
        match self.take(&received, deadline).await {
            Ok(report) => {
                usage.jobs = report.jobs;
                usage.parked = report.parked;
                usage.creations_held = Some(report.held);
                tracing::info!(
                    jobs = report.jobs,
                    created = report.created,
                    changed = report.changed,
                    parked = report.parked,
                    failed = report.failed.len(),
                    "{} jobs for Sage taken",
                    report.jobs
                );
                failed.extend(report.failed);
            }
            Err(fault) => {
                usage.fault_code = Some(fault.code.to_string());
                tracing::error!(fault.code = %fault.code, fault = %fault, "no job could be taken");
                // Nothing was begun: what all of them need is out of reach.
                let back = hand_back_jobs(&self.0.queue, &self.0.clock, &received);
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
