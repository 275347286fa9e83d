//! SQS: the queues of packs, of CRM changes, of Salesforce's events, and of jobs for Sage.

mod fifo;
mod sender;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aws_types::SdkConfig;
use counterpart_delivery::ports::{Outgoing, Queue, QueueName, check_anew, check_kind};
use counterpart_domain::{Class, Fault};
use jiff::Timestamp;

pub use sender::FIRST_SENT;

use crate::Usage;
use crate::fault::Service;
use sender::{Letter, Place, Sender};

/// The queues of a deployment.
pub struct SqsQueues {
    sender: Sender,
    urls: BTreeMap<QueueName, String>,
}

impl SqsQueues {
    /// Queues by their URLs; calls to others are refused. A body may have 240 KiB, a batch 1000 KiB.
    #[must_use]
    pub fn new(config: &SdkConfig, urls: BTreeMap<QueueName, String>, usage: Arc<Usage>) -> Self {
        Self {
            sender: Sender::new(config, usage),
            urls,
        }
    }

    /// With other bounds, in bytes: of one body, and of all bodies of one call (256 KiB where a queue is older than 2025,
    /// 1 MiB today).
    #[must_use]
    pub fn with_limits(mut self, longest_body: usize, longest_batch: usize) -> Self {
        self.sender = self.sender.with_limits(longest_body, longest_batch);
        self
    }

    fn place(&self, queue: &QueueName) -> Result<Place<'_>, Fault> {
        let url = self.urls.get(queue).map(String::as_str).ok_or_else(|| {
            let (suffix, text) = match queue {
                QueueName::CrmWrites(target) => (
                    "UNKNOWN_TARGET",
                    format!("Target {target} has no crm-writes queue in this deployment."),
                ),
                _ => ("UNKNOWN", format!("This deployment has no {queue}.")),
            };
            Service::Queue.fault(Class::Configuration, suffix, text)
        })?;
        Ok(Place {
            name: queue.to_string(),
            url,
        })
    }
}

impl Queue for SqsQueues {
    fn longest_body(&self) -> usize {
        self.sender.longest_body
    }

    async fn send(
        &self,
        queue: &QueueName,
        messages: &[Outgoing],
    ) -> Result<Vec<Result<(), Fault>>, Fault> {
        for message in messages {
            check_kind(queue, message)?;
        }
        let place = self.place(queue)?;
        let letters: Vec<_> = messages.iter().map(Letter::from).collect();
        if queue.is_fifo() {
            self.sender.send_in_order(&place, &letters).await
        } else {
            self.sender.send(&place, &letters).await
        }
    }

    async fn hand_back(
        &self,
        queue: &QueueName,
        receipt: &str,
        delay: Duration,
    ) -> Result<(), Fault> {
        let place = self.place(queue)?;
        self.sender.hand_back(&place, receipt, delay).await
    }

    async fn send_anew(
        &self,
        queue: &QueueName,
        body: &str,
        first_sent: Timestamp,
        delay: Duration,
    ) -> Result<(), Fault> {
        check_anew(queue)?;
        let letter = Letter::anew(body, first_sent, delay);
        self.sender.send_one(&self.place(queue)?, letter).await
    }
}
