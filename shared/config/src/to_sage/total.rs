//! The sale's total in the CRM against what its order comes to in Sage.

use counterpart_domain::sale::SaleOrder;
use counterpart_domain::{Class, Fault};
use rust_decimal::Decimal;

use crate::{OrdersConfig, TotalsPolicy};

impl OrdersConfig {
    /// How far the CRM's total and Sage's may be apart.
    #[must_use]
    pub fn total_tolerance(&self, order: &SaleOrder) -> Decimal {
        order.total_tolerance(self.totals_tolerance, self.currency.price_decimals)
    }

    /// Refuses an order that would come to something else in Sage than in the CRM, before Sage has anything of it. Where Sage
    /// prices, that is known afterwards only.
    pub(super) fn check_total(&self, order: &SaleOrder) -> Result<(), Fault> {
        let (TotalsPolicy::Park, Some(crm), Some(meant)) =
            (self.totals, order.crm_net(), order.meant_net())
        else {
            return Ok(());
        };
        if (crm - meant).abs() <= self.total_tolerance(order) {
            return Ok(());
        }
        let but_tax = match order.crm_tax {
            Some(tax) if !tax.is_zero() => " without tax",
            _ => "",
        };
        let what = match &order.currency {
            Some(note) => format!("{crm:.2} {}{but_tax}, converted,", note.to),
            None => format!("{crm:.2}{but_tax}"),
        };
        Err(Fault::new(
            Class::Data,
            "E_ORDER_TOTAL_DIFFERS",
            format!(
                "The sale comes to {what} in the CRM, and to {meant:.2} in Sage 100, by the products, freight and discount \
                 that go there. Put discounts and charges of the whole sale into its products, or have them mapped to columns \
                 of the order."
            ),
        ))
    }
}
