//! The lookup function: one question of a CRM's screen.

use counterpart_aws::SystemClock;
use counterpart_delivery::ingress::WebhookRequest;
use counterpart_delivery::lookup::{Lookup, LookupCache, TIME_OUT};
use counterpart_domain::{Class, Company, Fault};
use counterpart_sage100::AgentClient;
use jiff::Timestamp;
use serde_json::Value;

use super::Function;
use super::http::{self, HttpFunction};
use crate::hooks::DeployedHooks;
use crate::{Active, Deployment, HttpAnswer, UsageLine};

/// The function. Its cache lives as long as its process.
pub struct LookupFunction {
    deployment: Deployment,
    cache: LookupCache,
}

impl LookupFunction {
    /// Over a deployment.
    #[must_use]
    pub fn new(deployment: Deployment) -> Self {
        Self {
            deployment,
            cache: LookupCache::default(),
        }
    }

    async fn agent(
        &self,
        active: &Active,
        company: &Company,
    ) -> Result<AgentClient<SystemClock>, Fault> {
        let known = active.config.companies.get(company).ok_or_else(|| {
            Fault::new(
                Class::Configuration,
                "E_COMPANY_UNKNOWN",
                format!("Company {company} is not in sync.toml."),
            )
        })?;
        self.deployment.agent(known).await
    }
}

impl HttpFunction for LookupFunction {
    const NAME: &'static str = "lookup";

    fn deployment(&self) -> &Deployment {
        &self.deployment
    }

    async fn answer(
        &self,
        request: &WebhookRequest,
        _usage: &mut UsageLine,
    ) -> Result<HttpAnswer, Fault> {
        let deployment = &self.deployment;
        let active = deployment.active().await?;
        let lookup = Lookup {
            context: deployment.context(&active),
            agents: &async |company: &Company| self.agent(&active, company).await,
            secrets: &DeployedHooks {
                deployment,
                config: &active.config,
            },
            cache: &self.cache,
            time_out: TIME_OUT,
        };
        Ok(HttpAnswer::of(Box::pin(lookup.handle(request)).await))
    }
}

impl Function for LookupFunction {
    async fn of_process() -> Result<Self, Fault> {
        Ok(Self::new(Deployment::of_process()?))
    }

    async fn handle(&self, event: Value, _deadline: Timestamp) -> Result<Value, Fault> {
        Ok(http::handle(self, &event).await)
    }
}
