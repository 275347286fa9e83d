//! What the account has to give: functions enough at once, and somebody who hears the alarms.

use counterpart_domain::Fault;
use counterpart_runtime::Deployment;
use futures_util::future::join;
use serde_json::Value;

use super::probe::{Found, LONGEST, Probe, Subject};
use crate::signed::{Call, partition};

/// What each event source may have at once in the template, and how many of them there are beside the targets'.
const OF_A_QUEUE: u64 = 4;
const OTHER_QUEUES: u64 = 3;
/// Polls, the channel keeper, webhooks and questions of screens.
const BESIDE_QUEUES: u64 = 6;

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
        path: "/2016-08-19/account-settings/".to_owned(),
        body: String::new(),
        longest: LONGEST,
    };
    let Ok(said) = call.send(deployment).await else {
        return Ok(unasked("lambda:GetAccountSettings"));
    };
    let said: Value = serde_json::from_str(&said.body).unwrap_or_default();
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
        path: "/".to_owned(),
        longest: LONGEST,
        body: format!(
            "Action=GetTopicAttributes&Version=2010-03-31&TopicArn={}",
            topic.replace(':', "%3A")
        ),
    };
    Ok(match call.send(deployment).await {
        Ok(said) => heard(&said.body),
        Err(_) => unasked("sns:GetTopicAttributes"),
    })
}

/// Whether anybody hears the alarms, by what SNS says of the topic.
fn heard(said: &str) -> Found {
    let remedy = "Deploy with AlarmEmail, or subscribe to the topic, and follow the link in the message that comes.";
    match attribute(said, "SubscriptionsConfirmed") {
        Some(0) => {
            let waits = attribute(said, "SubscriptionsPending").is_some_and(|pending| pending > 0);
            let found = if waits {
                "nobody hears the alarms: a subscription waits to be confirmed"
            } else {
                "nobody hears the alarms"
            };
            Found::Doubtful(found.into(), remedy.into())
        }
        Some(confirmed) => Found::Well(format!("the alarms go to {confirmed}")),
        None => unasked("sns:GetTopicAttributes"),
    }
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
    fn alarms_that_nobody_hears_are_told_of() {
        let said = |confirmed: u8, pending: u8| {
            format!(
                "<entry><key>SubscriptionsConfirmed</key><value>{confirmed}</value></entry>\
                 <entry><key>SubscriptionsPending</key><value>{pending}</value></entry>"
            )
        };
        assert!(matches!(heard(&said(1, 0)), Found::Well(_)));
        assert!(matches!(heard(&said(0, 1)), Found::Doubtful(found, _) if found.contains("waits")));
        assert!(
            matches!(heard(&said(0, 0)), Found::Doubtful(found, _) if found.ends_with("alarms"))
        );
        assert!(
            matches!(heard("<Error/>"), Found::Doubtful(_, remedy) if remedy.contains("right"))
        );
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
