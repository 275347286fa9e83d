//! How full the queues are. SQS's figures are approximate, and may be behind by a minute.

use std::collections::BTreeMap;
use std::error::Error;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName as Name;
use counterpart_domain::{Class, Fault, TargetName};

use crate::Deployment;

/// One queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QueueDepths {
    /// Messages that wait.
    pub visible: u64,
    /// Messages that were received and are not done.
    pub in_flight: u64,
    /// Messages that were sent with a delay.
    pub delayed: u64,
    /// Messages in its dead-letter queue; none where it has none, or it may not be asked.
    pub dead: Option<u64>,
}

type Attributes = BTreeMap<String, String>;

impl Deployment {
    /// The queues of all targets, and under their own names, which no target can have, those on the way to Sage and those that
    /// only failures come into. One of the latter that cannot be asked is left out: an older template has not all of them.
    ///
    /// # Errors
    /// When another queue cannot be asked.
    pub async fn queue_depths(&self) -> Result<BTreeMap<TargetName, QueueDepths>, Fault> {
        let client = Client::new(&self.sdk);
        let mut depths = BTreeMap::new();
        for (name, url) in self.environment.all_queues() {
            let Some(name) = TargetName::new(&name) else {
                continue;
            };
            let attributes = attributes(&client, &url)
                .await
                .map_err(|error| fault(&name, &*error))?;
            let dead = match dead_letter_arn(&attributes) {
                Some(arn) => dead_letters(&client, &arn).await.unwrap_or_else(|error| {
                    tracing::warn!(target.name = %name, error = %error, "the dead-letter queue cannot be asked");
                    None
                }),
                None => None,
            };
            depths.insert(
                name,
                QueueDepths {
                    dead,
                    ..depth(&attributes)
                },
            );
        }
        for (name, url) in self.environment.dead_ends() {
            match (TargetName::new(&name), attributes(&client, &url).await) {
                (Some(name), Ok(attributes)) => {
                    depths.insert(name, depth(&attributes));
                }
                (_, Err(error)) => {
                    tracing::warn!(queue.name = name, error = %error, "the queue cannot be asked");
                }
                (None, Ok(_)) => {}
            }
        }
        Ok(depths)
    }
}

fn depth(attributes: &Attributes) -> QueueDepths {
    QueueDepths {
        visible: number(attributes, &Name::ApproximateNumberOfMessages),
        in_flight: number(attributes, &Name::ApproximateNumberOfMessagesNotVisible),
        delayed: number(attributes, &Name::ApproximateNumberOfMessagesDelayed),
        dead: None,
    }
}

async fn attributes(client: &Client, url: &str) -> Result<Attributes, Box<dyn Error>> {
    let answer = client
        .get_queue_attributes()
        .queue_url(url)
        .attribute_names(Name::All)
        .send()
        .await?;
    let attributes = answer.attributes.unwrap_or_default();
    Ok(attributes
        .into_iter()
        .map(|(name, value)| (name.as_str().to_owned(), value))
        .collect())
}

async fn dead_letters(client: &Client, arn: &str) -> Result<Option<u64>, Box<dyn Error>> {
    let Some(name) = arn.rsplit(':').next() else {
        return Ok(None);
    };
    let answer = client.get_queue_url().queue_name(name).send().await?;
    let Some(url) = answer.queue_url else {
        return Ok(None);
    };
    let attributes = attributes(client, &url).await?;
    Ok(Some(number(
        &attributes,
        &Name::ApproximateNumberOfMessages,
    )))
}

fn dead_letter_arn(attributes: &Attributes) -> Option<String> {
    let policy = attributes.get(Name::RedrivePolicy.as_str())?;
    let policy: serde_json::Value = serde_json::from_str(policy).ok()?;
    Some(policy.get("deadLetterTargetArn")?.as_str()?.to_owned())
}

fn number(attributes: &Attributes, name: &Name) -> u64 {
    attributes
        .get(name.as_str())
        .and_then(|text| text.parse().ok())
        .unwrap_or(0)
}

fn fault(target: &TargetName, error: &dyn Error) -> Fault {
    let cause = error.source().map(ToString::to_string).unwrap_or_default();
    Fault::new(
        Class::Transient,
        "E_QUEUE_DEPTHS",
        format!("The queue of {target} does not say how full it is."),
    )
    .with_detail(format!("{error}: {cause}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dead_letter_queue_is_named_by_the_redrive_policy() {
        let policy =
            r#"{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:1:dead","maxReceiveCount":1000}"#;
        let attributes = [("RedrivePolicy".to_owned(), policy.to_owned())].into();
        assert_eq!(
            dead_letter_arn(&attributes).as_deref(),
            Some("arn:aws:sqs:us-east-1:1:dead")
        );
        assert_eq!(dead_letter_arn(&Attributes::new()), None);
    }
}
