//! The channel keeper function: keeps Zoho's watch channels alive and reads what was missed.

use counterpart_runtime::ChannelKeeperFunction;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    counterpart_serve::serve::<ChannelKeeperFunction>().await
}
