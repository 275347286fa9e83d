//! One order from its event to its number in Sage and back, through the demo's stack.

use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use super::amount::rounded;
use super::side::CRM;
use crate::demo::{orders, polls, reps};
use crate::error::Result;
use crate::say::Say;
use crate::stack::{Stack, Wanted};
use crate::workspace::Workspace;

/// Orders that are measured: the CPU time of one is hardly more than a tick of the clock that counts it.
const ORDERS: usize = 10;

/// Milliseconds from the closing of the deal to the end of each hop, in the middle of several orders.
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
    /// CPU time of all functions from the closing until nothing was queued any more, on average.
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
    let crm_name = CRM.short;
    let crm = stack.crm(CRM.name)?;
    // The first one starts the functions, and they learn what they learn once: it is not counted.
    say.step(&format!("a deal closed in {crm_name}, to warm up"), || {
        orders::one(&stack, crm, 1)
    })?;
    let title = format!(
        "{ORDERS} deals closed in {crm_name} are as many orders in Sage 100, their numbers are back"
    );
    let orders = say.step(&title, || {
        let deals = (0..ORDERS).map(|_| orders::one(&stack, crm, 1));
        deals.collect::<Result<Vec<_>>>()
    })?;
    let hop = |name: &str| {
        let hops = orders
            .iter()
            .filter_map(|order| order.hops_ms.get(name).copied());
        middle(hops.collect())
    };
    let cpu: Duration = orders.iter().map(|order| order.functions_cpu).sum();
    Ok(Order {
        taken_ms: hop("taken"),
        job_ms: hop("transformed"),
        in_sage_ms: hop("in_sage"),
        number_back_ms: hop("written_back"),
        functions_cpu_s: rounded(cpu.as_secs_f64() / ORDERS as f64, 3),
    })
}

fn middle(mut samples: Vec<u64>) -> u64 {
    samples.sort_unstable();
    samples.get(samples.len() / 2).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_hops_is_not_moved_by_a_slow_one() {
        assert_eq!(middle(vec![900, 20, 30]), 30);
        assert_eq!(middle(Vec::new()), 0);
    }
}
