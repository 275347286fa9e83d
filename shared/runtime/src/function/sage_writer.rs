//! The sage-writer function: a batch of jobs for Sage.

use std::collections::BTreeMap;

use counterpart_aws::SystemClock;
use counterpart_config::SageWay;
use counterpart_delivery::ports::QueueName;
use counterpart_delivery::{Message, SageWriter};
use counterpart_domain::{Company, Fault};
use counterpart_sage100::AgentClient;
use jiff::Timestamp;
use serde_json::Value;

use super::Function;
use super::batch::{self, BatchFunction};
use crate::{Active, Deployment, SageClient, UsageLine};

/// The function.
pub struct SageWriterFunction(Deployment);

impl SageWriterFunction {
    /// Over a deployment.
    #[must_use]
    pub const fn new(deployment: Deployment) -> Self {
        Self(deployment)
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

impl BatchFunction for SageWriterFunction {
    const NAME: &'static str = "sage-writer";

    fn deployment(&self) -> &Deployment {
        &self.0
    }

    fn queue(&self, _arn: &str) -> Option<QueueName> {
        Some(QueueName::SageWrites)
    }

    async fn take(
        &self,
        batch: &[Message],
        deadline: Timestamp,
        usage: &mut UsageLine,
    ) -> Result<Vec<String>, Fault> {
        let active = self.0.active().await?;
        let (agents, writes) = self.sage(&active).await;
        let writer = SageWriter {
            context: self.0.context(&active),
            agents: &agents,
            writes: &writes,
        };
        let report = Box::pin(writer.handle(batch, deadline)).await;
        usage.jobs = report.jobs;
        usage.parked = report.parked;
        usage.paused = report.paused;
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
        Ok(report.failed)
    }
}

impl Function for SageWriterFunction {
    async fn of_process() -> Result<Self, Fault> {
        Ok(Self(Deployment::of_process()?))
    }

    async fn handle(&self, event: Value, deadline: Timestamp) -> Result<Value, Fault> {
        batch::handle(self, event, deadline).await
    }
}
