//! Logs. What they hold, and what they never hold, is in docs/logging.md.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;

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

/// For a function: one JSON object per line on standard output, its fields at the top.
pub fn init_for_function() {
    let result = fmt()
        .json()
        .flatten_event(true)
        // The invocation's span carries its request id.
        .with_current_span(true)
        .with_span_list(false)
        .with_env_filter(filter("info"))
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
        .try_init();
    if let Err(error) = result {
        eprintln!("logs were set up before: {error}");
    }
}
