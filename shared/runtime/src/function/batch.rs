//! A function that a queue starts: a batch in, the messages that are not done out.

use counterpart_delivery::ports::{Clock as _, QueueName};
use counterpart_delivery::{Message, hand_back_all};
use counterpart_domain::Fault;
use jiff::Timestamp;
use serde_json::Value;

use super::end;
use crate::{Deployment, SqsBatch, UsageLine};

/// What is particular to one of them.
pub(super) trait BatchFunction {
    /// Its name in usage lines.
    const NAME: &'static str;

    /// Its deployment.
    fn deployment(&self) -> &Deployment;

    /// The queue that an ARN names; none: it is none of this function's.
    fn queue(&self, arn: &str) -> Option<QueueName>;

    /// Takes a batch; the answer: the ids of the messages that are not done.
    ///
    /// # Errors
    /// When none could be taken: what all of them need is out of reach.
    async fn take(
        &self,
        batch: &[Message],
        deadline: Timestamp,
        usage: &mut UsageLine,
    ) -> Result<Vec<String>, Fault>;
}

/// Handles one event of Lambda.
pub(super) async fn handle<F: BatchFunction>(
    function: &F,
    event: Value,
    deadline: Timestamp,
) -> Result<Value, Fault> {
    let deployment = function.deployment();
    let started = deployment.clock.now();
    let mut usage = UsageLine::new(F::NAME);
    let batch = SqsBatch::read(event, started, |arn| function.queue(arn)).inspect_err(|fault| {
        tracing::error!(fault.code = %fault.code, fault = %fault, "the batch cannot be read");
    })?;
    let mut failed = batch.odd;
    let messages = batch.messages;
    // Boxed: the compiler lays futures out whole, and the SDK's are deep.
    match Box::pin(function.take(&messages, deadline, &mut usage)).await {
        Ok(left) => failed.extend(left),
        Err(fault) => {
            usage.fault_code = Some(fault.code.to_string());
            tracing::error!(fault.code = %fault.code, fault = %fault, "no message could be taken");
            // Nothing was begun: what all of them need is out of reach.
            let back = hand_back_all(&deployment.queue, &deployment.clock, &messages);
            failed.extend(back.await);
        }
    }
    // What is paused waits as it should.
    usage.handed_back = (failed.len() as u64).saturating_sub(usage.paused);
    end(deployment, usage, started);
    Ok(SqsBatch::answer(&failed))
}
