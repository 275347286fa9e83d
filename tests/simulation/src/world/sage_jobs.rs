//! The way to Sage: the Sage writer over these ports, and its queue.

use counterpart_delivery::ports::{Clock as _, Ids as _, Outgoing};
use counterpart_delivery::{JobsReport, Message, SageJob, SageWriter};
use jiff::SignedDuration;

use super::{MemoryPorts, World};

impl World {
    /// The Sage writer over these ports.
    #[must_use]
    pub fn sage_writer(&self) -> SageWriter<'_, MemoryPorts> {
        SageWriter {
            context: self.context(),
            agents: &self.agents,
            writes: &self.sages,
        }
    }

    /// Sends a job, as the transform does.
    ///
    /// # Panics
    /// When the queue refuses it.
    #[expect(clippy::panic, reason = "a world without faults sends")]
    pub fn send_job(&self, job: &SageJob) {
        let body = serde_json::to_string(job).unwrap_or_default();
        let message = Outgoing::in_group(body, job.group(), self.clock.new_id());
        let sent = self.jobs().send(&[message]);
        match sent.map(|mut answers| answers.pop()) {
            Ok(Some(Ok(()))) => {}
            other => panic!("not sent: {other:?}"),
        }
    }

    /// Receives up to ten jobs, as an event source does.
    #[must_use]
    pub fn receive_jobs(&self) -> Vec<Message> {
        self.receive_some_jobs(10)
    }

    /// Deletes what a batch did not report as failed, as the event source does.
    pub fn acknowledge_jobs(&self, batch: &[Message], report: &JobsReport) {
        for message in batch
            .iter()
            .filter(|message| !report.failed.contains(&message.id))
        {
            self.jobs().delete(&message.receipt);
        }
    }

    /// Runs one Sage writer over one batch; none when there was none.
    pub fn write_sage_once(&self) -> Option<JobsReport> {
        let (batch, chain) = self.invoke_sage_writer(10);
        if batch.is_empty() {
            return None;
        }
        let agents = self.agents_now();
        let writer = SageWriter {
            agents: &agents,
            ..self.sage_writer()
        };
        let handled = writer.handle(&batch, self.deadline());
        let report = self.lambda.within(chain, || self.clock.block_on(handled));
        self.acknowledge_jobs(&batch, &report);
        Some(report)
    }

    /// Runs Sage writers, and lets time pass, until their queue is empty or `within` has passed. Whether it is empty.
    pub fn drain_jobs_within(&self, within: SignedDuration) -> bool {
        let end = self.clock.now() + within;
        while let Some(next) = self.jobs().next_visible() {
            if next > end {
                return false;
            }
            self.clock.advance_to(next);
            while self.write_sage_once().is_some() {}
        }
        true
    }

    /// Runs Sage writers until their queue is empty.
    ///
    /// # Panics
    /// When it is not within two days.
    pub fn drain_jobs(&self) {
        assert!(
            self.drain_jobs_within(SignedDuration::from_hours(48)),
            "the queue to Sage does not empty"
        );
    }
}
