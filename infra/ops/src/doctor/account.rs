//! What the account has to give: functions enough at once, and somebody who hears the alarms.
//!
//! Two calls to services that nothing else here talks to: signed by hand, so that no client of theirs has to be built.

use std::time::SystemTime;

use aws_credential_types::provider::ProvideCredentials as _;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use counterpart_domain::{Class, Fault};
use counterpart_runtime::Deployment;
use futures_util::future::join;
use serde_json::Value;

use super::probe::{Found, Probe, Subject};

/// What each event source may have at once in the template, and how many of them there are beside the targets'.
const OF_A_QUEUE: u64 = 4;
const OTHER_QUEUES: u64 = 3;
/// Polls, the channel keeper, webhooks and questions of screens.
const BESIDE_QUEUES: u64 = 6;
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// Tries both.
pub(super) async fn probes(deployment: &Deployment) -> Vec<Probe> {
    let lambda = Subject::new("aws", "lambda");
    let topic = topic(deployment);
    let name = topic.as_deref().and_then(|topic| topic.rsplit(':').next());
    let sns = Subject::new("aws", name.unwrap_or("alarms"));
    let (one, other) = join(
        lambda.probe("concurrency", concurrency(deployment)),
        sns.probe("subscriptions", subscriptions(deployment, topic.as_deref())),
    )
    .await;
    vec![one, other]
}

async fn concurrency(deployment: &Deployment) -> Result<Found, Fault> {
    let call = Call {
        service: "lambda",
        method: "GET",
        path: "/2016-08-19/account-settings/",
        body: String::new(),
    };
    let Ok(said) = call.send(deployment).await else {
        return Ok(unasked("lambda:GetAccountSettings"));
    };
    let said: Value = serde_json::from_str(&said).unwrap_or_default();
    let limit = said.pointer("/AccountLimit/UnreservedConcurrentExecutions");
    Ok(match limit.and_then(Value::as_u64) {
        Some(limit) => enough(limit, deployment.environment.queues.len() as u64),
        None => unasked("lambda:GetAccountSettings"),
    })
}

/// Whether so many functions at once are enough for so many targets.
fn enough(limit: u64, targets: u64) -> Found {
    let needed = OF_A_QUEUE * (targets + OTHER_QUEUES) + BESIDE_QUEUES;
    let found = format!("{limit} functions at once; this deployment may need {needed}");
    if limit >= needed {
        return Found::Well(found);
    }
    Found::Doubtful(
        found,
        "Ask for more in Service Quotas (AWS Lambda, Concurrent executions): a backlog could otherwise keep out what the CRMs tell."
            .into(),
    )
}

async fn subscriptions(deployment: &Deployment, topic: Option<&str>) -> Result<Found, Fault> {
    let Some(topic) = topic else {
        return Ok(unasked("sns:GetTopicAttributes"));
    };
    // Of the ARN's characters only the colon means something in a form.
    let call = Call {
        service: "sns",
        method: "POST",
        path: "/",
        body: format!(
            "Action=GetTopicAttributes&Version=2010-03-31&TopicArn={}",
            topic.replace(':', "%3A")
        ),
    };
    let Ok(said) = call.send(deployment).await else {
        return Ok(unasked("sns:GetTopicAttributes"));
    };
    Ok(match (attribute(&said, "SubscriptionsConfirmed"), attribute(&said, "SubscriptionsPending")) {
        (Some(0), pending) => Found::Doubtful(
            match pending {
                Some(1..) => "nobody hears the alarms: the subscription waits to be confirmed".into(),
                _ => "nobody hears the alarms".into(),
            },
            "Deploy with AlarmEmail, or subscribe to the topic, and follow the link in the message that comes.".into(),
        ),
        (Some(confirmed), _) => Found::Well(format!("{confirmed} who hear the alarms")),
        (None, _) => unasked("sns:GetTopicAttributes"),
    })
}

/// What could not be looked at is no fault of the deployment.
fn unasked(right: &str) -> Found {
    Found::Doubtful(
        "AWS did not say".into(),
        format!("The credentials of this command need the right {right} to look."),
    )
}

/// A number among the attributes of SNS's answer.
fn attribute(said: &str, name: &str) -> Option<u64> {
    let (_, rest) = said.split_once(&format!("<key>{name}</key>"))?;
    let (_, rest) = rest.split_once("<value>")?;
    let (value, _) = rest.split_once("</value>")?;
    value.trim().parse().ok()
}

/// The ARN of the template's topic: account and name follow from the URL of a queue and the prefix of the secrets.
fn topic(deployment: &Deployment) -> Option<String> {
    let url = deployment.environment.queues.values().next()?;
    let account = url.rsplit('/').nth(1)?;
    let region = deployment.sdk.region()?.as_ref();
    let stack = deployment.environment.secrets_prefix.trim_end_matches('/');
    let partition = partition(region).0;
    Some(format!(
        "arn:{partition}:sns:{region}:{account}:{stack}-alarms"
    ))
}

/// The partition of a region, and the end of its hosts' names.
fn partition(region: &str) -> (&'static str, &'static str) {
    if region.starts_with("cn-") {
        ("aws-cn", "amazonaws.com.cn")
    } else if region.starts_with("us-gov-") {
        ("aws-us-gov", "amazonaws.com")
    } else {
        ("aws", "amazonaws.com")
    }
}

struct Call {
    service: &'static str,
    method: &'static str,
    path: &'static str,
    body: String,
}

impl Call {
    async fn send(&self, deployment: &Deployment) -> Result<String, Fault> {
        let sdk = &deployment.sdk;
        let region = sdk.region().map_or("us-east-1", |region| region.as_ref());
        let host = format!("https://{}.{region}.{}", self.service, partition(region).1);
        let own = std::env::var(format!("AWS_ENDPOINT_URL_{}", self.service.to_uppercase()));
        let base = own.ok().filter(|url| !url.is_empty());
        let base = base
            .or_else(|| sdk.endpoint_url().map(str::to_owned))
            .unwrap_or(host);
        let url = format!("{}{}", base.trim_end_matches('/'), self.path);
        let client = counterpart_http::client()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(failed)?;
        let mut request = client
            .request(self.method.parse().map_err(failed)?, &url)
            .header(FORM.0, FORM.1)
            .body(self.body.clone());
        for (name, value) in self.signature(deployment, &url, region).await? {
            request = request.header(name, value);
        }
        let answer = request.send().await.map_err(failed)?;
        let answer = answer.error_for_status().map_err(failed)?;
        answer.text().await.map_err(failed)
    }

    /// The headers that say who asks.
    async fn signature(
        &self,
        deployment: &Deployment,
        url: &str,
        region: &str,
    ) -> Result<Vec<(String, String)>, Fault> {
        let provider = deployment.sdk.credentials_provider();
        let provider = provider.ok_or_else(|| failed("there are no credentials"))?;
        let identity = provider.provide_credentials().await.map_err(failed)?.into();
        let parameters = SigningParams::builder()
            .identity(&identity)
            .region(region)
            .name(self.service)
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()
            .map_err(failed)?
            .into();
        let body = SignableBody::Bytes(self.body.as_bytes());
        let signable = SignableRequest::new(self.method, url, [FORM].into_iter(), body);
        let signed = sign(signable.map_err(failed)?, &parameters).map_err(failed)?;
        let headers = signed.output().headers();
        Ok(headers
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect())
    }
}

fn failed(error: impl ToString) -> Fault {
    Fault::new(
        Class::Transient,
        "E_AWS_REFUSED",
        "AWS did not answer a question about the account.",
    )
    .with_detail(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_account_is_told_to_ask_for_more() {
        assert!(
            matches!(enough(10, 1), Found::Doubtful(found, _) if found.contains("may need 22"))
        );
        assert!(matches!(enough(1000, 2), Found::Well(_)));
    }

    #[test]
    fn attributes_are_found_in_the_answer() {
        let said = "<Attributes><entry><key>SubscriptionsConfirmed</key>\n  <value>2</value></entry>\
                    <entry><key>SubscriptionsPending</key><value>1</value></entry></Attributes>";
        assert_eq!(attribute(said, "SubscriptionsConfirmed"), Some(2));
        assert_eq!(attribute(said, "SubscriptionsPending"), Some(1));
        assert_eq!(attribute(said, "Owner"), None);
    }
}
