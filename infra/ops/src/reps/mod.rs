//! `counterpart reps`: which CRM user a Sage salesperson stands for.

mod coverage;
mod customers;
mod file;
mod names;
mod pairing;
mod plan;
mod proposals;
mod table;
mod users;
mod verb;

use file::{Row, parse, read_bytes, wrong};
use plan::{Plan, plan};
use proposals::Proposals;
use table::{export, lines, list};
pub use verb::run;

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
