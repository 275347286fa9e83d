//! Sales as they really go: won before anybody was connected, joined by their deal late, changed by two sides. Each is one
//! order in Sage 100, of the money that the CRM says, or a person is told why not.

mod clerk;
mod described;
mod discount;
mod held;
mod late_deal;
mod old;
mod operator;
mod renumbered;
mod sale;
mod total;

use crate::demo::figures::Figures;
use crate::demo::orders::kinds::deal_of;
use crate::demo::orders::record::Record;
use crate::demo::orders::{self, in_sage};
use crate::error::Result;
use crate::say::Say;
use crate::stack::Stack;
use crate::stack::crm::Crm;
use crate::target::TARGETS;
use sale::Sale;

/// Companies of the simulated Sage, and how `infra/local/sync.toml` has them written.
const BY_SOAP: &str = "ABC";
/// See [`BY_SOAP`].
const BY_AGENT: &str = "XYZ";

/// Sales that are older than the connection.
pub struct Before<'a>(Vec<Sale<'a>>);

/// Wins a deal in each CRM long before `since`. It is for a time at which nobody listens to the CRMs yet.
///
/// # Errors
/// When a CRM refuses it.
pub fn before<'a>(stack: &'a Stack, say: &Say) -> Result<Before<'a>> {
    say.step(old::TITLE, || {
        let crms = stack.crms.iter();
        crms.map(old::won).collect::<Result<_>>().map(Before)
    })
}

/// Plays the scenes. The subscriptions are there, and the plain deal of each CRM is an order already.
///
/// # Errors
/// When an order is missing, or wrong, or there twice, or nobody is told why.
pub fn run(stack: &Stack, say: &Say, before: Before<'_>, figures: &mut Figures) -> Result<()> {
    say.step(described::TITLE, || described::as_real_ones_do(stack))?;
    // That a deal may be told of more than once, the plain ones have shown.
    orders::relay(stack, 1)?;
    let mut made = plain(stack, figures)?;
    made.extend(old::stay_out_until_redriven(stack, say, before.0)?);
    made.extend(late_deal::stays_one_order(stack, say)?);
    made.extend(discount::follows(stack, say)?);
    made.extend(clerk::is_heeded(stack, say)?);
    made.extend(total::agrees(stack, say)?);
    made.extend(operator::mends(stack, say)?);
    renumbered::is_mended(stack, say)?;
    figures.sales = say.step(held::TITLE, || held::against_sage(stack, &made))?;
    Ok(())
}

/// The deals that were there before.
fn plain<'a>(stack: &'a Stack, figures: &Figures) -> Result<Vec<Sale<'a>>> {
    let deals = figures.orders.iter().map(|(target, order)| {
        let crm = stack.crm(target)?;
        let record = Record {
            kind: deal_of(crm),
            id: order.crm_id.clone(),
        };
        Ok(Sale::of(crm, orders::COMPANY, record))
    });
    deals.collect()
}

/// The company that sells: the first CRM's sales go to this one, the others' to the other, so that both are written.
fn company(crm: &Crm, of_first: &'static str) -> &'static str {
    let is_first = TARGETS.first().is_some_and(|first| first == crm.target);
    match (is_first, of_first) {
        (true, company) => company,
        (false, BY_SOAP) => BY_AGENT,
        (false, _) => BY_SOAP,
    }
}

/// Orders in Sage that are ours.
fn ours(stack: &Stack) -> Result<usize> {
    let mut count = 0;
    for company in [BY_SOAP, BY_AGENT] {
        let orders = in_sage::orders(stack, company)?;
        count += orders.iter().filter(|order| order.is_ours()).count();
    }
    Ok(count)
}
