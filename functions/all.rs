//! All functions in one binary, for the local stack. Which one this process is, the template's `Handler` says: Lambda's
//! runtime interface passes it on in `_HANDLER`.

use counterpart_runtime::{
    ChannelKeeperFunction, CrmWriterFunction, LookupFunction, OrderTransformFunction,
    PlatformEventsFunction, PollerFunction, SageWriterFunction, WebhooksFunction,
};
use counterpart_serve::serve;
use lambda_runtime::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let handler = std::env::var("_HANDLER").unwrap_or_default();
    match handler.as_str() {
        "channel-keeper" => serve::<ChannelKeeperFunction>().await,
        "crm-writer" => serve::<CrmWriterFunction>().await,
        "lookup" => serve::<LookupFunction>().await,
        "order-transform" => serve::<OrderTransformFunction>().await,
        "platform-events" => serve::<PlatformEventsFunction>().await,
        "poller" => serve::<PollerFunction>().await,
        "sage-writer" => serve::<SageWriterFunction>().await,
        "webhooks" => serve::<WebhooksFunction>().await,
        unknown => Err(format!(
            "_HANDLER is {unknown:?}, which is none of the functions: the template's Handler names the one to run."
        )
        .into()),
    }
}
