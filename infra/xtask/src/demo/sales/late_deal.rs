//! An order of the CRM that gets its deal later.

use serde_json::json;

use super::sale::{self, Sale};
use super::{BY_SOAP, company, ours};
use crate::demo::orders::deal::LINES;
use crate::demo::orders::kinds::{deal_field, deal_of, order_of};
use crate::demo::orders::record::Record;
use crate::demo::orders::wait::{PATIENCE, a_moment, settle};
use crate::demo::orders::{self, in_sage};
use crate::error::{Result, ensure};
use crate::say::Say;
use crate::stack::Stack;
use crate::target::titles;

/// A Sales_Order of Zoho and an Order of Salesforce are in Sage; then they are given a deal, and that is won.
///
/// # Errors
/// When there is a second order, or the deal does not show the first.
pub fn stays_one_order<'a>(stack: &'a Stack, say: &Say) -> Result<Vec<Sale<'a>>> {
    let title = format!(
        "orders of {} that get their deal later, won as well, stay one order each",
        titles()
    );
    say.step(&title, || {
        let before = ours(stack)?;
        let mut sales = sale::won(stack, |crm| {
            let name = "Ordered without a deal";
            Sale::open(crm, company(crm, BY_SOAP), order_of(crm), name, &LINES)
        })?;
        for sale in &mut sales {
            let crm = sale.crm;
            let account = orders::account(crm, sale.company)?;
            let deal = Record::open(crm, deal_of(crm), &account, "The deal of it", &LINES)?;
            let pointer = if crm.target.fields.lookups.is_empty() {
                json!({ "id": deal.id })
            } else {
                json!(deal.id)
            };
            sale.record
                .set(crm, &json!({ (deal_field(crm)): pointer }))?;
            sale.others.push(deal);
        }
        settle(stack, PATIENCE)?;
        a_moment();
        for sale in &sales {
            for deal in &sale.others {
                deal.win(sale.crm)?;
            }
        }
        for sale in &sales {
            let number = sale.record.number(sale.crm)?;
            for deal in &sale.others {
                let shown = orders::number(sale.crm, deal)?;
                ensure(shown == number, || {
                    format!("the order shows {number}, its deal {shown}")
                })?;
            }
        }
        settle(stack, PATIENCE)?;
        for sale in &sales {
            let order = in_sage::order(stack, sale.company, &sale.record.number(sale.crm)?)?;
            ensure(sale.agrees(&order)?, || format!("it is now {order:?}"))?;
        }
        let made = ours(stack)? - before;
        ensure(made == sales.len(), || {
            format!("{made} orders came of {} sales", sales.len())
        })?;
        Ok(sales)
    })
}
