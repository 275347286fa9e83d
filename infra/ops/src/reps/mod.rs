//! `counterpart reps`: which CRM user a Sage salesperson stands for.

mod file;
mod plan;
mod table;

pub use file::{Row, parse, read_bytes, wrong};
pub use plan::{Plan, plan};
pub use table::{export, lines, list};

use counterpart_delivery::ports::{Clock, Ids, Reps};
use counterpart_delivery::remap_token;
use counterpart_domain::Fault;

/// Writes the changes, each with a token of its own: the customers concerned are then looked at again.
///
/// # Errors
/// When the store cannot be written. What was written before stays; importing again writes the rest.
pub async fn apply(
    store: &impl Reps,
    clock: &(impl Clock + Ids),
    plan: &Plan,
) -> Result<(), Fault> {
    for change in &plan.changes {
        let token = remap_token(clock.now(), clock);
        store
            .put_rep(&change.target, &change.rep, change.after.as_ref(), &token)
            .await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
