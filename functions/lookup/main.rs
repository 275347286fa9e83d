//! The lookup function: answers what a CRM screen asks about credit, stock and prices.

use counterpart_runtime::LookupFunction;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    counterpart_serve::serve::<LookupFunction>().await
}
