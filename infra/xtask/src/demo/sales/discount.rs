//! Discounts of the CRM, in Sage.

use serde_json::{Value, json};

use super::sale::{self, Sale};
use super::{BY_SOAP, company};
use crate::demo::orders::kinds::deal_of;
use crate::demo::orders::products::Line;
use crate::demo::orders::wait::{PATIENCE, a_moment, settle};
use crate::error::{Result, ensure};
use crate::say::Say;
use crate::stack::Stack;

/// What has the discount.
const ITEM: &str = "1001-HON-H252";
/// A tenth off the second line.
pub const LINES: [Line; 2] = [
    Line::plain("8983", 2, "41.59"),
    Line {
        item: ITEM,
        quantity: 3,
        price: "84.00",
        off: "25.20",
        percent: "10",
    },
];

/// A deal with a discount on a line: more of it, then no discount any more.
///
/// # Errors
/// When Sage does not follow to the cent.
pub fn follows<'a>(stack: &'a Stack, say: &Say) -> Result<Vec<Sale<'a>>> {
    let title = "of a discounted line more is sold: Sage comes to what the CRM comes to";
    let sales = say.step(title, || {
        let sales = sale::won(stack, |crm| {
            let name = "A tenth off the cabinets";
            Sale::open(crm, company(crm, BY_SOAP), deal_of(crm), name, &LINES)
        })?;
        change(stack, &sales, &json!({ "Quantity": 5 }))?;
        Ok(sales)
    })?;
    say.step(
        "a discount taken away in the CRM is taken away in Sage",
        || {
            let discounted = sales.iter().map(|sale| sale.order(stack));
            let discounted: Vec<_> = discounted.collect::<Result<_>>()?;
            settle(stack, PATIENCE)?;
            a_moment();
            change(stack, &sales, &json!({ "Discount": null }))?;
            for (sale, before) in sales.iter().zip(discounted) {
                let after = sale.order(stack)?;
                ensure(after.total > before.total, || {
                    format!(
                        "it came to {}, and to {} without",
                        before.total, after.total
                    )
                })?;
            }
            Ok(())
        },
    )?;
    Ok(sales)
}

fn change(stack: &Stack, sales: &[Sale<'_>], fields: &Value) -> Result<()> {
    for sale in sales {
        sale.record.set_line(sale.crm, ITEM, fields)?;
    }
    for sale in sales {
        sale.until_it_agrees(stack)?;
    }
    Ok(())
}
