//! One order from its event to its number in Sage and back, through the demo's stack.

use std::path::Path;

use serde::Serialize;

use crate::demo::{orders, polls, reps};
use crate::error::Result;
use crate::say::Say;
use crate::stack::{Stack, Wanted};
use crate::workspace::Workspace;

/// Milliseconds from the closing of the deal to the end of each hop.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Order {
    /// The way in has queued the event.
    pub taken_ms: u64,
    /// The job for Sage is queued.
    pub job_ms: u64,
    /// Sage has the order.
    pub in_sage_ms: u64,
    /// The CRM shows the number.
    pub number_back_ms: u64,
    /// CPU time of all functions from the closing until nothing was queued any more.
    pub functions_cpu_s: f64,
}

/// Starts a stack, has a deal closed in Salesforce, and follows it.
///
/// # Errors
/// When the stack does not start, or the order is not what it should be.
pub fn run(workspace: &Workspace, say: &Say, dir: &Path, seed: u64) -> Result<Order> {
    let wanted = Wanted {
        customers: 0,
        seed,
        scheduled: false,
        dir: dir.join("stack"),
    };
    let stack = Stack::start(workspace, say, &wanted)?;
    say.step(
        "map salespersons, import the demo companies, subscribe",
        || {
            let (mappings, _left) = reps::by_email(&stack)?;
            reps::import(&stack, "reps.csv", &mappings)?;
            polls::poll_all(&stack, "customer")?;
            polls::drain(&stack, say, "customers")?;
            orders::subscribe(&stack, 1)
        },
    )?;
    let crm = stack.crm("salesforce")?;
    // The first one starts the functions, and they learn what they learn once: it is not counted.
    say.step("a deal closed in Salesforce, to warm up", || {
        orders::one(&stack, crm, 1)
    })?;
    say.step(
        "a deal closed in Salesforce is an order in Sage 100, its number is back",
        || {
            let order = orders::one(&stack, crm, 1)?;
            let hop = |name: &str| order.hops_ms.get(name).copied().unwrap_or(0);
            Ok(Order {
                taken_ms: hop("taken"),
                job_ms: hop("transformed"),
                in_sage_ms: hop("in_sage"),
                number_back_ms: hop("written_back"),
                functions_cpu_s: order.functions_cpu.as_secs_f64(),
            })
        },
    )
}
