//! What a CRM's screen asks about Sage 100, live: the credit of a customer, the stock of an item, a price.
//!
//! A question is signed as callouts are ([`crate::signature`]). It changes nothing, so one that is sent twice is answered
//! twice. Somebody looks at the screen: the answer comes within seconds, and an outage is no error page but the answer
//! that nobody knows, with the reason. Amounts and quantities are texts, so that no digit is lost in a browser.

mod ask;
mod cache;
mod question;
mod reply;

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::time::Duration;

use counterpart_config::TargetConfig;
use counterpart_domain::{Class, Company, Fault, TargetName};
use futures_util::FutureExt as _;
use futures_util::future::{Either, select};

pub use cache::LookupCache;
use question::Question;
use reply::Reply;

use crate::SecretText;
use crate::ingress::{HookSecrets, Refusal, WebhookRequest, WebhookResponse, is_json};
use crate::ports::prelude::*;
use crate::signature::{self, Unsigned};

/// How long somebody at a screen waits for an answer.
pub const TIME_OUT: Duration = Duration::from_secs(4);
/// The most bytes of a question.
pub const LONGEST_QUESTION: usize = 4 * 1024;

/// The handler. `agents` gives the agent of a company.
pub struct Lookup<'a, P: Ports, A, H> {
    /// What all handlers share.
    pub context: Context<'a, P>,
    /// The agents.
    pub agents: &'a A,
    /// What callers have to know: the key is the callouts'.
    pub secrets: &'a H,
    /// The last answers.
    pub cache: &'a LookupCache,
    /// How long an answer may take; [`TIME_OUT`] unless there is a reason.
    pub time_out: Duration,
}

in_context!(Lookup, A, H);

impl<P, A, H> Lookup<'_, P, A, H>
where
    P: Ports,
    A: AsyncFn(&Company) -> Result<P::Agent, Fault>,
    H: HookSecrets,
{
    /// Answers `POST /lookup/{target}`. Decided in the order of the webhooks: route (404), method (405), size (413), content
    /// type (415), who it is (401), what it says (400). Whoever gets that far has 200, whatever Sage does.
    pub async fn handle(&self, request: &WebhookRequest) -> WebhookResponse {
        let answer = AssertUnwindSafe(self.take(request)).catch_unwind().await;
        let refusal = match answer {
            Ok(Ok(response)) => return response,
            Ok(Err(refusal)) => refusal,
            Err(_) => Refusal::Later(Fault::new(
                Class::Bug,
                "E_PANIC",
                "The handler panicked on a look-up.",
            )),
        };
        tracing::warn!(
            status = refusal.status(),
            fault.code = refusal.code(),
            why = refusal.why(),
            body.bytes = request.body.len(),
            "a look-up is refused"
        );
        refusal.answer()
    }

    async fn take(&self, request: &WebhookRequest) -> Result<WebhookResponse, Refusal> {
        let name = target_of(request).ok_or(Refusal::Route)?;
        if !request.method.eq_ignore_ascii_case("POST") {
            return Err(Refusal::Method);
        }
        if request.body.len() > LONGEST_QUESTION {
            return Err(Refusal::TooLarge(LONGEST_QUESTION));
        }
        is_json(request)?;
        let (name, target) = self.caller(name, request).await?;
        let question = Question::read(&request.body, target).map_err(Refusal::Body)?;
        let reply = self.reply(name, target, &question).await;
        Ok(WebhookResponse::json(200, &reply.json(self.clock.now())))
    }

    /// The target that asks, once its signature holds. A target that is not there has the answer of a wrong signature.
    async fn caller(
        &self,
        name: &str,
        request: &WebhookRequest,
    ) -> Result<(&TargetName, &TargetConfig), Refusal> {
        let target =
            TargetName::new(name).and_then(|name| self.config.targets.get_key_value(&name));
        let key = match target {
            Some((name, _)) => {
                let secret = self.secrets.hook(name).await.map_err(Refusal::Later)?;
                secret.hmac_key
            }
            None => None,
        };
        // The work is the same where there is no key.
        let nobody = SecretText::new(self.clock.new_id());
        let given = request.header(signature::HEADER);
        let now = self.clock.now();
        let signed = signature::verify(key.as_ref().unwrap_or(&nobody), given, &request.body, now);
        match (signed, key, target) {
            (Ok(_), Some(_), Some(target)) => Ok(target),
            (Err(Unsigned::Stale), Some(_), Some(_)) => Err(Refusal::Stale),
            _ => Err(Refusal::Unauthenticated("the target or the signature")),
        }
    }

    async fn reply(&self, name: &TargetName, target: &TargetConfig, question: &Question) -> Reply {
        let asked_at = self.clock.now();
        if let Some(reply) = self.cache.find(name, question, asked_at) {
            return reply;
        }
        let ask = pin!(self.ask(name, target, question));
        let patience = pin!(self.clock.sleep(self.time_out));
        let answer = match select(ask, patience).await {
            Either::Left((answer, _)) => answer,
            Either::Right(_) => Err(Fault::new(
                Class::Transient,
                "E_LOOKUP_TIME_OUT",
                format!("No answer within {} seconds.", self.time_out.as_secs()),
            )),
        };
        let reply = Reply::of(question, answer, asked_at);
        if let Some(fault) = &reply.fault {
            tracing::warn!(target.name = %name, kind = question.kind(), fault.code = %fault.code, fault = %fault,
                "a look-up could not be answered");
        } else {
            tracing::info!(target.name = %name, kind = question.kind(), known = reply.known(), "a look-up is answered");
        }
        self.cache.keep(name, question, &reply, self.clock.now());
        reply
    }
}

/// `/lookup/{target}`, perhaps behind a stage; the gateway's own parameter goes before it.
fn target_of(request: &WebhookRequest) -> Option<&str> {
    let mut parts = request.path.rsplit('/');
    let (last, before) = (parts.next()?, parts.next()?);
    let given = request.parameters.get("target").map(String::as_str);
    let target = given.unwrap_or(last);
    (before == "lookup" && !target.is_empty()).then_some(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_target_is_found_also_behind_a_stage() {
        let of = |path: &str| {
            let request = WebhookRequest {
                path: path.into(),
                ..WebhookRequest::default()
            };
            target_of(&request).map(str::to_owned)
        };
        assert_eq!(of("/lookup/zoho").as_deref(), Some("zoho"));
        assert_eq!(of("/live/lookup/zoho").as_deref(), Some("zoho"));
        for path in [
            "",
            "/",
            "/lookup",
            "/lookup/",
            "/lookup/zoho/x",
            "/callouts/zoho",
        ] {
            assert_eq!(of(path), None, "{path}");
        }
    }
}
