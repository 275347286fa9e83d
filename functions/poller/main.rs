//! The poller function: reads what changed in Sage 100 and queues it, by schedule and by signed hint.

use counterpart_runtime::PollerFunction;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    counterpart_serve::serve::<PollerFunction>().await
}
