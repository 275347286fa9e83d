//! Waiting for what an edit sets off.

use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::aws::Depth;
use crate::error::{Failure, Result, ensure};
use crate::stack::Stack;

/// "Within seconds", on a machine that does everything at once.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// Passes before a person's next edit. CRMs count in whole seconds: of two edits within one nobody knows which came last, and
/// the record is read again some seconds later.
pub fn a_moment() {
    sleep(Duration::from_millis(1100));
}

/// Looks until there is something, and returns it.
///
/// # Errors
/// With the sentence that `otherwise` gives, once the patience is over; or when a look fails.
pub fn until<T>(
    mut look: impl FnMut() -> Result<Option<T>>,
    otherwise: impl Fn() -> Result<String>,
) -> Result<T> {
    let patience = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look()? {
            return Ok(found);
        }
        if Instant::now() >= patience {
            return Err(Failure::new(otherwise()?));
        }
        sleep(Duration::from_millis(20));
    }
}

/// Waits until nothing lies in any queue, and nothing in a dead-letter queue.
///
/// # Errors
/// When a queue does not become empty, or there are dead letters.
pub fn settle(stack: &Stack, patience: Duration) -> Result<()> {
    let queues = stack.aws.queues()?;
    let patience = Instant::now() + patience;
    let mut empty = 0;
    while empty < 3 {
        let mut depth = Depth::default();
        for queue in &queues {
            let found = stack.aws.depth(queue)?;
            ensure(!queue.contains("-dead") || found.is_empty(), || {
                format!("there are dead letters in {queue}")
            })?;
            depth = depth.plus(found);
        }
        empty = if depth.is_empty() { empty + 1 } else { 0 };
        ensure(Instant::now() < patience, || {
            format!("the queues do not become empty: {depth:?}")
        })?;
        sleep(Duration::from_millis(150));
    }
    Ok(())
}
