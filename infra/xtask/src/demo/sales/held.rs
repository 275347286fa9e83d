//! At the end, all sales are held against Sage.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::ours;
use super::sale::Sale;
use crate::demo::figures::SalesFigures;
use crate::demo::orders::CUSTOMER;
use crate::demo::orders::in_sage;
use crate::error::{Result, ensure};
use crate::stack::Stack;

/// What the step shows.
pub const TITLE: &str = "every sale is one order of its own, with the CRM's lines and money, and Sage has no other of ours";

/// Holds every sale against Sage, and counts.
///
/// # Errors
/// With the first that differs.
pub fn against_sage(
    stack: &Stack,
    sales: &[Sale<'_>],
) -> Result<BTreeMap<&'static str, SalesFigures>> {
    let mut figures = BTreeMap::new();
    let mut all = BTreeSet::new();
    for crm in &stack.crms {
        let target = crm.target.name;
        let (mut crm_total, mut sage_total) = (Decimal::ZERO, Decimal::ZERO);
        let mut orders = BTreeSet::new();
        let own = sales.iter().filter(|sale| sale.crm.target.name == target);
        let own: Vec<&Sale<'_>> = own.collect();
        for sale in &own {
            let number = sale.record.number(crm)?;
            for record in &sale.others {
                let shown = record.number(crm)?;
                ensure(shown == number, || {
                    format!("{} shows order {shown}, its sale is {number}", record.id)
                })?;
            }
            let order = in_sage::order(stack, sale.company, &number)?;
            let lines = sale.record.lines(crm)?;
            let holds = sale.agrees(&order)? && order.customer == CUSTOMER;
            ensure(holds, || format!("{lines:?} became {order:?}"))?;
            crm_total += lines.iter().map(|line| line.amount).sum::<Decimal>();
            sage_total += order.total;
            orders.insert((order.company, order.number));
        }
        ensure(orders.len() == own.len(), || {
            format!("{} sales are {} orders", own.len(), orders.len())
        })?;
        let counted = SalesFigures {
            checked_records: own.len() as u64,
            orders: orders.len() as u64,
            crm_total: format!("{crm_total:.2}"),
            sage_total: format!("{sage_total:.2}"),
        };
        all.append(&mut orders);
        figures.insert(target, counted);
    }
    let now = ours(stack)?;
    ensure(now == all.len(), || {
        format!("Sage has {now} orders of ours, of {} sales", all.len())
    })?;
    Ok(figures)
}
