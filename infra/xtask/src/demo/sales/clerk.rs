//! What a clerk did at Sage's screen is not undone by the next edit in the CRM.

use rust_decimal::Decimal;
use serde_json::json;

use super::sale::{self, Sale};
use super::{BY_AGENT, company};
use crate::demo::orders::deal::LINES;
use crate::demo::orders::in_sage::SageOrder;
use crate::demo::orders::kinds::deal_of;
use crate::demo::orders::wait::{PATIENCE, a_moment, settle};
use crate::error::{Result, ensure};
use crate::say::Say;
use crate::stack::Stack;

/// What the clerk adds.
const ADDED: &str = "1001-HON-H254";
/// What is changed in the CRM.
const SOLD: &str = "8983";

/// A clerk adds a line; the CRM's next edit waits for a person, who sees both sides; the line stays in any case.
///
/// # Errors
/// When the line is gone, or nobody is told.
pub fn is_heeded<'a>(stack: &'a Stack, say: &Say) -> Result<Vec<Sale<'a>>> {
    let title = "a clerk adds a line in Sage: the next edit in the CRM is parked, with both sides";
    let sales = say.step(title, || {
        let sales = sale::won(stack, |crm| {
            let name = "The clerk knows better";
            Sale::open(crm, company(crm, BY_AGENT), deal_of(crm), name, &LINES)
        })?;
        for sale in &sales {
            sale.order(stack)?.by_hand(stack, Some(ADDED), None)?;
            sale.record
                .set_line(sale.crm, SOLD, &json!({ "Quantity": 4 }))?;
        }
        for sale in &sales {
            sale.until_it_says("changed in Sage 100")?;
        }
        settle(stack, PATIENCE)?;
        for sale in &sales {
            let parked = sale.is_parked(stack, "E_ORDER_CHANGED_IN_SAGE")?;
            ensure(parked.message.contains(ADDED), || {
                format!("it does not say what was added: {}", parked.message)
            })?;
            let detail = sale.detail(stack)?;
            let sides = ["Sage 100:", "the sale:", ADDED, SOLD];
            ensure(sides.iter().all(|side| detail.contains(side)), || {
                format!("it does not show both sides: {detail:?}")
            })?;
            let order = sale.order(stack)?;
            ensure(order.line(ADDED).is_some() && sells(&order, 2), || {
                format!("Sage was changed all the same: {order:?}")
            })?;
        }
        Ok(sales)
    })?;
    let title =
        "redriven, the edit is in Sage, the clerk's line stays, and the record says what was added";
    say.step(title, || {
        for sale in &sales {
            sale.redrive(stack)?;
        }
        for sale in &sales {
            let both = |order: &SageOrder| Ok(order.line(ADDED).is_some() && sells(order, 4));
            sale.until(stack, both)?;
            // Both totals, and what makes the difference.
            let text = sale.until_it_says("But it comes to")?;
            ensure(text.contains(ADDED), || format!("it only says {text:?}"))?;
        }
        settle(stack, PATIENCE)
    })?;
    let title = "the clerk takes it out again: the next edit in the CRM goes through, and nothing is parked";
    say.step(title, || {
        a_moment();
        for sale in &sales {
            sale.order(stack)?.by_hand(stack, None, Some(ADDED))?;
            sale.record
                .set_line(sale.crm, SOLD, &json!({ "Quantity": 3 }))?;
        }
        for sale in &sales {
            sale.until_it_agrees(stack)?;
        }
        settle(stack, PATIENCE)?;
        for sale in &sales {
            let parked = sale.parked(stack)?;
            ensure(parked.is_none(), || format!("still there: {parked:?}"))?;
            let text = sale.record.status_text(sale.crm)?;
            ensure(!text.contains(ADDED), || format!("it still says {text:?}"))?;
        }
        Ok(())
    })?;
    Ok(sales)
}

fn sells(order: &SageOrder, quantity: u32) -> bool {
    let line = order.line(SOLD);
    line.is_some_and(|line| line.quantity == Decimal::from(quantity))
}
