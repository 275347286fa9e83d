//! Calls that may not take longer than a person waits.

use std::time::Duration;

use counterpart_domain::{Class, Fault};

/// The result of `work`, or a fault when it takes longer than `most`.
///
/// # Errors
/// What `work` says; `E_TIMEOUT` (transient).
pub async fn within<T>(
    most: Duration,
    work: impl Future<Output = Result<T, Fault>>,
) -> Result<T, Fault> {
    tokio::time::timeout(most, work).await.unwrap_or_else(|_| {
        Err(Fault::new(
            Class::Transient,
            "E_TIMEOUT",
            format!(
                "There was no answer within {} seconds: a firewall that drops packets, another service at that address, or an overloaded server.",
                most.as_secs()
            ),
        ))
    })
}
