//! Batches from SQS, decoded message by message: one that cannot be understood is reported by itself.

use std::collections::BTreeMap;

use counterpart_aws::FIRST_SENT;
use counterpart_delivery::ports::QueueName;
use counterpart_delivery::{Message, Sent};
use counterpart_domain::{Class, Fault, bounded};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

/// A batch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SqsBatch {
    /// The messages.
    pub messages: Vec<Message>,
    /// Ids of records that lack what a message has, or came from no queue that is known: they are reported as failed, and come
    /// again.
    pub odd: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    receipt_handle: String,
    body: String,
    #[serde(rename = "eventSourceARN")]
    event_source_arn: String,
    #[serde(default)]
    attributes: Attributes,
    #[serde(default)]
    message_attributes: BTreeMap<String, Attribute>,
}

impl Wire {
    /// Without the time of its sending, a message is as if it had been sent now: nothing that counts from there runs out.
    fn sent(&self, now: Timestamp) -> Sent {
        let at = instant(self.attributes.sent_timestamp.as_deref()).unwrap_or(now);
        let first = self.message_attributes.get(FIRST_SENT);
        let first = first.and_then(|first| instant(first.string_value.as_deref()));
        Sent {
            at,
            first: first.filter(|first| *first < at).unwrap_or(at),
        }
    }
}

/// An instant in milliseconds since 1970.
fn instant(text: Option<&str>) -> Option<Timestamp> {
    let milliseconds = text?.parse().ok()?;
    Timestamp::from_millisecond(milliseconds).ok()
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Attribute {
    string_value: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Attributes {
    approximate_receive_count: Option<String>,
    message_group_id: Option<String>,
    sent_timestamp: Option<String>,
}

impl SqsBatch {
    /// Reads a batch at this time. `queue`: which queue an ARN names.
    ///
    /// # Errors
    /// `E_EVENT` when it is no batch at all, or a record has not even an id: then none can be told apart from the others,
    /// and all come again.
    pub fn read(
        event: Value,
        now: Timestamp,
        queue: impl Fn(&str) -> Option<QueueName>,
    ) -> Result<Self, Fault> {
        let refuse = |detail: String| {
            Fault::new(
                Class::Configuration,
                "E_EVENT",
                "A function was called with something that is no batch from SQS.",
            )
            .with_detail(bounded(detail, 200))
        };
        let Value::Object(mut event) = event else {
            return Err(refuse("not an object".into()));
        };
        let Some(Value::Array(records)) = event.remove("Records") else {
            return Err(refuse("no Records".into()));
        };
        let mut batch = Self::default();
        for record in records {
            let id = record
                .get("messageId")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned();
            if id.is_empty() {
                return Err(refuse("a record without messageId".into()));
            }
            match serde_json::from_value::<Wire>(record) {
                Ok(wire) => {
                    let Some(queue) = queue(&wire.event_source_arn) else {
                        tracing::error!(message.id = %id, queue.arn = %wire.event_source_arn,
                            "a message came from a queue of no target in COUNTERPART_TARGETS");
                        batch.odd.push(id);
                        continue;
                    };
                    batch.messages.push(Message {
                        id,
                        queue,
                        sent: wire.sent(now),
                        receipt: wire.receipt_handle,
                        receive_count: wire
                            .attributes
                            .approximate_receive_count
                            .and_then(|count| count.parse().ok())
                            .unwrap_or(1),
                        group: wire.attributes.message_group_id,
                        body: wire.body,
                    });
                }
                Err(error) => {
                    tracing::error!(message.id = %id, error = %error, "a record of the batch is no message");
                    batch.odd.push(id);
                }
            }
        }
        Ok(batch)
    }

    /// The answer that names those that are not done. Ids are only ever those of the batch: an unknown one would fail all.
    #[must_use]
    pub fn answer(failed: &[String]) -> Value {
        let failures: Vec<Value> = failed
            .iter()
            .map(|id| json!({"itemIdentifier": id}))
            .collect();
        json!({"batchItemFailures": failures})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(_arn: &str) -> Option<QueueName> {
        Some(QueueName::CrmEvents)
    }

    fn now() -> Timestamp {
        "2026-11-22T19:30:00Z".parse().unwrap()
    }

    fn record(id: &str) -> Value {
        json!({"messageId": id, "receiptHandle": "r", "body": "not json at all", "eventSource": "aws:sqs",
               "eventSourceARN": "arn:aws:sqs:us-east-1:1:cp-crm-writes-zoho", "attributes": {"ApproximateReceiveCount": "3"}})
    }

    #[test]
    fn messages_are_read_whatever_their_bodies_hold() {
        let batch = SqsBatch::read(json!({"Records": [record("m1")]}), now(), queue).unwrap();
        assert_eq!(batch.messages[0].receive_count, 3);
        assert_eq!(batch.messages[0].sent, Sent::once(now()));
        assert_eq!(batch.messages[0].body, "not json at all");
    }

    #[test]
    fn a_message_that_was_sent_anew_keeps_its_first_time() {
        let mut sent = record("m1");
        sent["attributes"]["SentTimestamp"] = json!("1764000000000");
        let read = |record: Value| {
            let batch = SqsBatch::read(json!({"Records": [record]}), now(), queue).unwrap();
            let Sent { at, first } = batch.messages[0].sent;
            (at.as_millisecond(), first.as_millisecond())
        };
        assert_eq!(read(sent.clone()), (1_764_000_000_000, 1_764_000_000_000));
        for (first, is) in [
            ("1763000000000", 1_763_000_000_000),
            ("1765000000000", 1_764_000_000_000),
            ("soon", 1_764_000_000_000),
        ] {
            sent["messageAttributes"] =
                json!({"FirstSent": {"stringValue": first, "dataType": "Number"}});
            assert_eq!(read(sent.clone()), (1_764_000_000_000, is), "{first}");
        }
    }

    #[test]
    fn an_odd_record_is_reported_by_itself() {
        let batch = SqsBatch::read(
            json!({"Records": [record("m1"), {"messageId": "m2", "body": 7}]}),
            now(),
            queue,
        )
        .unwrap();
        assert_eq!(
            (batch.messages.len(), batch.odd.clone()),
            (1, vec!["m2".to_owned()])
        );
        assert_eq!(
            SqsBatch::answer(&batch.odd).to_string(),
            r#"{"batchItemFailures":[{"itemIdentifier":"m2"}]}"#
        );
    }

    #[test]
    fn what_is_no_batch_fails_as_a_whole() {
        for event in [json!([]), json!({}), json!({"Records": [{"body": "x"}]})] {
            assert_eq!(
                SqsBatch::read(event, now(), queue).unwrap_err().code,
                "E_EVENT"
            );
        }
    }
}
