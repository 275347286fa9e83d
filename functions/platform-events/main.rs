//! The platform events function: turns Salesforce's platform events and change events into changed records.

use counterpart_runtime::PlatformEventsFunction;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    counterpart_serve::serve::<PlatformEventsFunction>().await
}
