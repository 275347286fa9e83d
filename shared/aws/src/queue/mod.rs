//! SQS: the queues of packs, of CRM changes, and of jobs for Sage.

mod events;
mod jobs;
mod sender;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aws_types::SdkConfig;
use counterpart_delivery::ports::{Outgoing, Queue};
use counterpart_domain::{Class, Fault, TargetName};
use jiff::Timestamp;

pub use events::SqsEvents;
pub use jobs::SqsJobs;
pub use sender::FIRST_SENT;

use crate::Usage;
use crate::fault::Service;
use sender::{Letter, Place, Sender};

/// The `crm-writes` queues.
pub struct SqsQueue {
    sender: Sender,
    urls: BTreeMap<TargetName, String>,
}

impl SqsQueue {
    /// Queues by target. A body may have 240 KiB, a batch 1000 KiB.
    #[must_use]
    pub fn new(config: &SdkConfig, urls: BTreeMap<TargetName, String>, usage: Arc<Usage>) -> Self {
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

    fn place<'a>(&'a self, target: &'a TargetName) -> Result<Place<'a>, Fault> {
        let url = self.urls.get(target).map(String::as_str).ok_or_else(|| {
            Service::Queue.fault(
                Class::Configuration,
                "UNKNOWN_TARGET",
                format!("Target {target} has no crm-writes queue in this deployment."),
            )
        })?;
        Ok(Place {
            name: format!("crm-writes queue of {target}"),
            url,
        })
    }
}

impl Queue for SqsQueue {
    fn longest_body(&self) -> usize {
        self.sender.longest_body
    }

    async fn send(
        &self,
        target: &TargetName,
        messages: &[Outgoing],
    ) -> Result<Vec<Result<(), Fault>>, Fault> {
        let letters: Vec<_> = messages.iter().map(Letter::from).collect();
        self.sender.send(&self.place(target)?, &letters).await
    }

    async fn hand_back(
        &self,
        target: &TargetName,
        receipt: &str,
        delay: Duration,
    ) -> Result<(), Fault> {
        self.sender
            .hand_back(&self.place(target)?, receipt, delay)
            .await
    }

    async fn send_anew(
        &self,
        target: &TargetName,
        body: &str,
        first_sent: Timestamp,
        delay: Duration,
    ) -> Result<(), Fault> {
        let letter = Letter::anew(body, first_sent, delay);
        self.sender.send_one(&self.place(target)?, letter).await
    }
}
