//! What the CRM takes off a whole order.

use serde_json::{Value, json};

use super::discount::LINES;
use super::sale::Sale;
use super::{BY_AGENT, company, ours};
use crate::demo::orders::deal;
use crate::demo::orders::kinds::order_of;
use crate::demo::orders::wait::{PATIENCE, a_moment, settle};
use crate::error::{Result, ensure};
use crate::say::Say;
use crate::stack::Stack;

/// A discount of the whole order that nothing in Sage would show. Of the two CRMs, Zoho alone has such a field; what an
/// Opportunity or an Order of Salesforce comes to is the sum of its lines.
///
/// # Errors
/// When an order is made of the wrong money, or nobody is told.
pub fn is_told<'a>(stack: &'a Stack, say: &Say) -> Result<Vec<Sale<'a>>> {
    let mut sales = Vec::new();
    for crm in &stack.crms {
        let Some(discount) = order_of(crm).whole_discount else {
            continue;
        };
        let title = crm.target.title;
        let name = "Something off the whole order";
        let open = || {
            Sale::open(
                crm,
                company(crm, BY_AGENT),
                order_of(crm),
                name,
                &deal::LINES,
            )
        };
        let step = format!(
            "a discount of a whole Sales Order ({title}) is told: no order, and the record says both totals"
        );
        let sale = say.step(&step, || {
            let before = ours(stack)?;
            let sale = open()?;
            sale.record.set(crm, &json!({ (discount): off()? }))?;
            a_moment();
            sale.win()?;
            let text = sale.until_it_says("309.98")?;
            ensure(text.contains("335.18"), || format!("it only says {text:?}"))?;
            settle(stack, PATIENCE)?;
            sale.is_parked(stack, "E_ORDER_TOTAL_DIFFERS")?;
            let now = ours(stack)?;
            ensure(now == before, || {
                format!("{before} orders were ours, {now} are")
            })?;
            Ok(sale)
        })?;
        say.step("given to a product instead, it goes by itself", || {
            a_moment();
            sale.record
                .set_line(crm, LINES[1].item, &json!({ "Discount": off()? }))?;
            a_moment();
            sale.record.set(crm, &json!({ (discount): null }))?;
            sale.until_it_agrees(stack)?;
            settle(stack, PATIENCE)?;
            let parked = sale.parked(stack)?;
            ensure(parked.is_none(), || format!("still there: {parked:?}"))
        })?;
        sales.push(sale);
    }
    Ok(sales)
}

fn off() -> Result<Value> {
    Ok(serde_json::from_str(LINES[1].off)?)
}
