//! The order transform function: reads changed CRM records and decides what Sage is to be told.

use counterpart_runtime::OrderTransformFunction;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    counterpart_serve::serve::<OrderTransformFunction>().await
}
