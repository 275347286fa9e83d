//! What the CRM takes off a whole order, or puts on it.

use serde_json::{Value, json};

use super::discount::LINES;
use super::sale::Sale;
use super::{BY_AGENT, company};
use crate::demo::orders::deal;
use crate::demo::orders::in_sage::SageOrder;
use crate::demo::orders::kinds::order_of;
use crate::demo::orders::wait::{PATIENCE, a_moment, settle};
use crate::error::{Result, ensure};
use crate::say::Say;
use crate::stack::Stack;

/// What the order comes to with its discount.
const TOTAL: &str = "309.98";

/// What the whole order has off or on it. Of the two CRMs, Zoho alone has such fields; what an Opportunity or an Order of
/// Salesforce comes to is the sum of its lines.
///
/// # Errors
/// When Sage does not come to the same, or an amount that it has no place for is not told.
pub fn agrees<'a>(stack: &'a Stack, say: &Say) -> Result<Vec<Sale<'a>>> {
    let mut sales = Vec::new();
    for crm in &stack.crms {
        let Some(whole) = &order_of(crm).whole else {
            continue;
        };
        let title = crm.target.title;
        let name = "Something off the whole order";
        let kind = order_of(crm);
        let step =
            format!("a discount of a whole Sales Order ({title}) is the order's own in Sage");
        let sale = say.step(&step, || {
            let sale = Sale::open(crm, company(crm, BY_AGENT), kind, name, &deal::LINES)?;
            sale.record.set(crm, &json!({ (whole.discount): off()? }))?;
            a_moment();
            sale.win()?;
            comes_to(stack, &sale, TOTAL)?;
            settle(stack, PATIENCE)?;
            Ok(sale)
        })?;
        let step =
            "an adjustment of the whole, which Sage has no place for, is told: Sage stays as it is";
        say.step(step, || {
            a_moment();
            sale.record.set(crm, &json!({ (whole.adjustment): -5 }))?;
            sale.until_it_says(whole.adjustment)?;
            settle(stack, PATIENCE)?;
            sale.is_parked(stack, "E_ORDER_ADJUSTMENT")?;
            let total = sale.order(stack)?.total.to_string();
            ensure(total == TOTAL, || format!("by now it comes to {total}"))
        })?;
        say.step(
            "given to a product instead, all of it goes by itself",
            || {
                a_moment();
                let line = json!({ "Discount": off()? });
                sale.record.set_line(crm, LINES[1].item, &line)?;
                a_moment();
                let none = json!({ (whole.discount): null, (whole.adjustment): null });
                sale.record.set(crm, &none)?;
                sale.until_it_agrees(stack)?;
                settle(stack, PATIENCE)?;
                let parked = sale.parked(stack)?;
                ensure(parked.is_none(), || format!("still there: {parked:?}"))
            },
        )?;
        sales.push(sale);
    }
    Ok(sales)
}

/// Waits until the order and the record come to this.
fn comes_to(stack: &Stack, sale: &Sale<'_>, total: &str) -> Result<()> {
    let comes = |order: &SageOrder| {
        let in_crm = sale.record.total(sale.crm)?;
        let same = in_crm == Some(order.total) && order.total.to_string() == total;
        Ok(same && order.lines == sale.record.lines(sale.crm)?)
    };
    sale.until(stack, comes).map(drop)
}

fn off() -> Result<Value> {
    Ok(serde_json::from_str(LINES[1].off)?)
}
