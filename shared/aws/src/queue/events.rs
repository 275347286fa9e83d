//! The queue of CRM changes, and that of Salesforce's events.

use std::sync::Arc;
use std::time::Duration;

use aws_types::SdkConfig;
use counterpart_delivery::ports::{EventQueue, Outgoing};
use counterpart_domain::Fault;
use jiff::Timestamp;

use super::sender::{Letter, Place, Sender};
use crate::Usage;

/// `crm-events`, or `salesforce-events`.
pub struct SqsEvents {
    /// The name in faults.
    name: &'static str,
    sender: Sender,
    url: String,
}

impl SqsEvents {
    /// The queue behind a URL, with the bounds of [`SqsQueue`](super::SqsQueue). Without a URL every call is refused.
    #[must_use]
    pub fn new(config: &SdkConfig, url: String, usage: Arc<Usage>) -> Self {
        Self::named("crm-events queue", config, url, usage)
    }

    /// As [`SqsEvents::new`], under another name in faults.
    #[must_use]
    pub fn named(name: &'static str, config: &SdkConfig, url: String, usage: Arc<Usage>) -> Self {
        Self {
            name,
            sender: Sender::new(config, usage),
            url,
        }
    }

    fn place(&self) -> Result<Place<'_>, Fault> {
        Place::of(self.name, &self.url)
    }
}

impl EventQueue for SqsEvents {
    fn longest_event(&self) -> usize {
        self.sender.longest_body
    }

    async fn send_events(&self, messages: &[Outgoing]) -> Result<Vec<Result<(), Fault>>, Fault> {
        let letters: Vec<_> = messages.iter().map(Letter::from).collect();
        self.sender.send(&self.place()?, &letters).await
    }

    async fn hand_back_event(&self, receipt: &str, delay: Duration) -> Result<(), Fault> {
        self.sender.hand_back(&self.place()?, receipt, delay).await
    }

    async fn send_event_anew(
        &self,
        body: &str,
        first_sent: Timestamp,
        delay: Duration,
    ) -> Result<(), Fault> {
        let letter = Letter::anew(body, first_sent, delay);
        self.sender.send_one(&self.place()?, letter).await
    }
}
