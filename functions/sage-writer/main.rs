//! The sage writer function: writes orders, customers and edits to Sage 100, each once.

use counterpart_runtime::SageWriterFunction;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    counterpart_serve::serve::<SageWriterFunction>().await
}
