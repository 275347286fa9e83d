//! What was won before the connection was switched on.

use serde_json::json;

use super::sale::Sale;
use super::{BY_AGENT, company, ours};
use crate::demo::orders::deal::LINES;
use crate::demo::orders::kinds::deal_of;
use crate::demo::orders::wait::{PATIENCE, a_moment, settle};
use crate::error::{Result, ensure};
use crate::say::Say;
use crate::stack::Stack;
use crate::stack::crm::Crm;

/// What is done before anybody listens.
pub const TITLE: &str = "deals are won in the CRMs in 2019, before Counterpart was switched on";
/// Some days before `since` (`infra/local/sync.toml`).
const OPENED: &str = "2019-12-20T15:00:00Z";
const DAY: u32 = 24 * 60 * 60;

/// A deal that was opened in 2019 and won a day later.
///
/// # Errors
/// When the CRM refuses.
pub fn won(crm: &Crm) -> Result<Sale<'_>> {
    let clock = |change| crm.door.faults(&json!({ "clock": change })).map(drop);
    clock(json!({ "now": OPENED }))?;
    let name = "Won long ago";
    let sale = Sale::open(crm, company(crm, BY_AGENT), deal_of(crm), name, &LINES)?;
    clock(json!({ "advance_seconds": DAY }))?;
    sale.win()?;
    clock(json!({ "offset_seconds": 0 }))?;
    Ok(sale)
}

/// Somebody edits them today: they make no order and say why. A person who knows that one is not in Sage sends it, once.
///
/// # Errors
/// When one goes by itself, or nobody is told, or it goes twice.
pub fn stay_out_until_redriven<'a>(
    stack: &Stack,
    say: &Say,
    sales: Vec<Sale<'a>>,
) -> Result<Vec<Sale<'a>>> {
    let before = ours(stack)?;
    let title = "a deal won before `since` is edited today: no order, and the record and `parked list` say why";
    say.step(title, || {
        touch(&sales, "Looked at again")?;
        for sale in &sales {
            sale.until_it_says("before Counterpart was switched on")?;
        }
        settle(stack, PATIENCE)?;
        for sale in &sales {
            sale.is_parked(stack, "E_SALE_TOO_OLD")?;
            let number = sale.record.number(sale.crm)?;
            ensure(number.is_empty(), || format!("it shows order {number}"))?;
        }
        let now = ours(stack)?;
        ensure(now == before, || {
            format!("{before} orders were ours, {now} are")
        })
    })?;
    let title = "`parked redrive --yes` sends it, and it is one order, whoever edits it afterwards";
    say.step(title, || {
        for sale in &sales {
            sale.redrive(stack)?;
        }
        for sale in &sales {
            sale.until_it_agrees(stack)?;
        }
        settle(stack, PATIENCE)?;
        a_moment();
        touch(&sales, "And again")?;
        settle(stack, PATIENCE)?;
        for sale in &sales {
            let parked = sale.parked(stack)?;
            ensure(parked.is_none(), || format!("still there: {parked:?}"))?;
        }
        let made = ours(stack)? - before;
        ensure(made == sales.len(), || {
            format!("{made} orders came of {} sales", sales.len())
        })
    })?;
    Ok(sales)
}

/// An edit that means nothing.
fn touch(sales: &[Sale<'_>], words: &str) -> Result<()> {
    sales
        .iter()
        .try_for_each(|sale| sale.record.set(sale.crm, &json!({ "Description": words })))
}
