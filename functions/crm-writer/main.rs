//! The crm writer function: takes packs and write-backs from a target's queue and writes them to its CRM.

use counterpart_runtime::CrmWriterFunction;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    counterpart_serve::serve::<CrmWriterFunction>().await
}
