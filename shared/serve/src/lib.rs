#![doc = include_str!("../README.md")]

use std::sync::Arc;

use counterpart_runtime::{Function, deadline, init_for_function};
use futures_util::FutureExt as _;
use lambda_runtime::{Diagnostic, Error, LambdaEvent, run, service_fn};
use serde_json::Value;

/// Makes the function from this process's environment and answers Lambda's events with it, until the process is ended.
///
/// # Errors
/// When the environment does not describe a deployment, or Lambda's runtime interface fails.
pub async fn serve<F: Function>() -> Result<(), Error> {
    init_for_function();
    let function = Arc::new(F::of_process().await?);
    run(service_fn(move |event: LambdaEvent<Value>| {
        let function = Arc::clone(&function);
        async move {
            let until = deadline(event.context.deadline);
            // Boxed, its type erased: the compiler would lay the whole of the SDK's futures out in every binary.
            let answer = function.handle(event.payload, until).boxed_local().await;
            answer.map_err(|fault| Diagnostic {
                error_type: fault.code.to_string(),
                error_message: fault.to_string(),
            })
        }
    }))
    .await
}
