//! The webhooks function: one request of a CRM.

use counterpart_delivery::ingress::{LONGEST_BODY, WebhookRequest, Webhooks};
use counterpart_delivery::ports::Clock as _;
use counterpart_domain::Fault;
use jiff::Timestamp;
use serde_json::Value;

use super::{Function, milliseconds};
use crate::event::webhook;
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
        let started = self.0.clock.now();
        let mut usage = UsageLine::new("webhooks");
        let answer = match webhook(&event) {
            Some(request) => self.answer(&request, &mut usage).await,
            None => Ok(HttpAnswer::undecodable()),
        };
        let answer = match answer {
            Ok(answer) => answer,
            Err(fault) => {
                usage.fault_code = Some(fault.code.to_string());
                tracing::error!(fault.code = %fault.code, fault = %fault, "a call of a CRM could not be taken");
                HttpAnswer::later()
            }
        };
        self.0.close(&mut usage);
        usage.duration_ms = milliseconds(started, self.0.clock.now());
        usage.emit();
        Ok(serde_json::to_value(answer).unwrap_or_default())
    }
}
