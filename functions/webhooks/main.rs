//! The webhooks function: takes what CRMs post and answers when the queue has it.

use counterpart_runtime::WebhooksFunction;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    counterpart_serve::serve::<WebhooksFunction>().await
}
