//! A function that a CRM calls: one request in, one answer out.

use counterpart_delivery::ingress::WebhookRequest;
use counterpart_delivery::ports::Clock as _;
use counterpart_domain::Fault;
use serde_json::Value;

use super::end;
use crate::event::webhook;
use crate::{Deployment, HttpAnswer, UsageLine};

/// What is particular to one of them.
pub(super) trait HttpFunction {
    /// Its name in usage lines.
    const NAME: &'static str;

    /// Its deployment.
    fn deployment(&self) -> &Deployment;

    /// Answers a request.
    ///
    /// # Errors
    /// When nobody could look at it: the caller is asked to come again.
    async fn answer(
        &self,
        request: &WebhookRequest,
        usage: &mut UsageLine,
    ) -> Result<HttpAnswer, Fault>;
}

/// Handles one event of Lambda.
pub(super) async fn handle<F: HttpFunction>(function: &F, event: &Value) -> Value {
    let deployment = function.deployment();
    let started = deployment.clock.now();
    let mut usage = UsageLine::new(F::NAME);
    let answer = match webhook(event) {
        Some(request) => Box::pin(function.answer(&request, &mut usage)).await,
        None => Ok(HttpAnswer::undecodable()),
    };
    let answer = answer.unwrap_or_else(|fault| {
        usage.fault_code = Some(fault.code.to_string());
        tracing::error!(fault.code = %fault.code, fault = %fault, "a request could not be taken");
        HttpAnswer::later()
    });
    end(deployment, usage, started);
    serde_json::to_value(answer).unwrap_or_default()
}
