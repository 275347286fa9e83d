//! The poller function: reads what changed in Sage 100 and queues it, by schedule and by signed hint.

use std::sync::Arc;

use counterpart_runtime::{PollerFunction, deadline, init_for_function};
use lambda_runtime::{Diagnostic, Error, LambdaEvent, run, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    init_for_function();
    let function = Arc::new(PollerFunction::of_process().await?);
    run(service_fn(move |event: LambdaEvent<Value>| {
        let function = Arc::clone(&function);
        async move {
            let until = deadline(event.context.deadline);
            let answer = function.handle(&event.payload, until).await;
            answer.map_err(|fault| Diagnostic {
                error_type: fault.code.to_string(),
                error_message: fault.to_string(),
            })
        }
    }))
    .await
}
