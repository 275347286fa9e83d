//! The webhooks function: one request of a CRM.

use counterpart_delivery::ingress::{LONGEST_BODY, WebhookRequest, Webhooks};
use counterpart_domain::Fault;
use jiff::Timestamp;
use serde_json::Value;

use super::Function;
use super::http::{self, HttpFunction};
use crate::hooks::DeployedHooks;
use crate::{Deployment, HttpAnswer, UsageLine};

/// The function.
pub struct WebhooksFunction(Deployment);

impl WebhooksFunction {
    /// Over a deployment.
    #[must_use]
    pub const fn new(deployment: Deployment) -> Self {
        Self(deployment)
    }
}

impl HttpFunction for WebhooksFunction {
    const NAME: &'static str = "webhooks";

    fn deployment(&self) -> &Deployment {
        &self.0
    }

    async fn answer(
        &self,
        request: &WebhookRequest,
        usage: &mut UsageLine,
    ) -> Result<HttpAnswer, Fault> {
        let active = self.0.active().await?;
        let webhooks = Webhooks {
            context: self.0.context(&active),
            secrets: &DeployedHooks {
                deployment: &self.0,
                config: &active.config,
            },
            longest_body: LONGEST_BODY,
        };
        // Boxed: the compiler lays futures out whole, and the SDK's are deep.
        let response = Box::pin(webhooks.handle(request)).await;
        if response.status >= 500 {
            usage.fault_code = Some("E_WEBHOOK_LATER".to_owned());
        }
        Ok(HttpAnswer::of(response))
    }
}

impl Function for WebhooksFunction {
    async fn of_process() -> Result<Self, Fault> {
        Ok(Self(Deployment::of_process()?))
    }

    async fn handle(&self, event: Value, _deadline: Timestamp) -> Result<Value, Fault> {
        Ok(http::handle(self, &event).await)
    }
}
