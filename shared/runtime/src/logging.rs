//! Logs. What they hold, and what they never hold, is in docs/logging.md.

use tracing::{Level, Metadata};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::{FilterFn, filter_fn};
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// The variable that says how much is logged: `info`, or `info,counterpart_zoho=debug`.
const LEVELS: &str = "COUNTERPART_LOG";

fn filter(otherwise: &str) -> EnvFilter {
    let levels = std::env::var(LEVELS)
        .ok()
        .filter(|levels| !levels.trim().is_empty());
    let (levels, unreadable) = match levels.as_deref().map(EnvFilter::try_new) {
        Some(Ok(filter)) => return filter,
        Some(Err(error)) => (EnvFilter::new(otherwise), Some(error)),
        None => (EnvFilter::new(otherwise), None),
    };
    if let Some(error) = unreadable {
        eprintln!("{LEVELS} cannot be read, {otherwise} is taken: {error}");
    }
    levels
}

/// Whatever level is asked for: at `trace`, other people's crates write whole requests, with the secrets in them. Lambda's
/// runtime writes each event as it came.
fn without_bodies() -> FilterFn {
    let harmless = |line: &Metadata<'_>| {
        line.target().starts_with("counterpart") || *line.level() <= Level::DEBUG
    };
    filter_fn(harmless as fn(&Metadata<'_>) -> bool)
}

/// For a function: one JSON object per line on standard output, its fields at the top.
pub fn init_for_function() {
    let result = fmt()
        .json()
        .flatten_event(true)
        // The invocation's span carries its request id.
        .with_current_span(true)
        .with_span_list(false)
        .with_env_filter(filter("info"))
        .finish()
        .with(without_bodies())
        .try_init();
    if let Err(error) = result {
        eprintln!("logs were set up before: {error}");
    }
}

/// For the command: plain lines on standard error, warnings only.
pub fn init_for_command() {
    let result = fmt()
        .without_time()
        .with_target(false)
        .with_ansi(false)
        .with_writer(std::io::stderr)
        .with_env_filter(filter("error"))
        .finish()
        .with(without_bodies())
        .try_init();
    if let Err(error) = result {
        eprintln!("logs were set up before: {error}");
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn no_level_shows_the_event_that_a_function_was_called_with() {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = fmt()
            .with_env_filter(EnvFilter::new(
                "trace,lambda_runtime=trace,lambda_runtime::layers=trace",
            ))
            .with_writer(move || writer.clone())
            .finish()
            .with(without_bodies());
        tracing::subscriber::with_default(subscriber, || {
            tracing::trace!(target: "lambda_runtime::layers::api_response", body = "hush", "raw JSON event received from Lambda");
            tracing::debug!(target: "hyper_util::client", "a connection");
            tracing::trace!(target: "counterpart_sage100::port", "a page");
        });
        let said = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        assert!(!said.contains("hush"), "{said}");
        assert!(said.contains("a connection") && said.contains("a page"));
    }
}
