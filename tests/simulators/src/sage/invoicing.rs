//! Invoicing: an order that is invoiced in full leaves the open file, and stands in the history.

use rust_decimal::Decimal;

use super::{
    check::scaled,
    desk::Desk,
    effects::bound,
    sales::{Order, number, text},
};
use crate::data::{INVOICE, ORDER_HISTORY, Values, filled};

impl Desk<'_> {
    /// Invoices an order in full and posts it; answers the invoice's number. As posting does, it leaves the
    /// stamp of the customer alone.
    ///
    /// # Errors
    /// It is not in the open file.
    pub fn invoice_order(&mut self, number: &str) -> Result<String, String> {
        let Some(before) = self.company.sales.orders.remove(number) else {
            return Err(format!("there is no open order {number:?}"));
        };
        self.rebind(Some(&before), None);
        for ((item, warehouse), quantity) in bound(&before) {
            self.add_to_stock(&item, &warehouse, "QuantityOnHand", -quantity);
        }
        let total = before.total();
        let invoice = self.company.sales.next_invoice_number();
        self.add_to_customer(&before.customer(), "CurrentBalance", total);
        let order = self.shipped(before, &invoice, total);
        let row = self.invoice(&order, &invoice);
        self.company.sales.invoices.insert(invoice.clone(), row);
        self.company.sales.history.push(order);
        Ok(invoice)
    }

    fn shipped(&self, mut order: Order, invoice: &str, total: Decimal) -> Order {
        for line in &mut order.lines {
            let ordered = text(line, "QuantityOrdered").to_owned();
            line.insert("QuantityShipped".to_owned(), ordered);
        }
        let today = self.today();
        let amount = scaled(total, 2);
        order.header.extend(filled(
            ORDER_HISTORY,
            &[
                ("LastInvoiceDate", &today),
                ("LastInvoiceNo", invoice),
                ("InvoicedAmt", &amount),
            ],
        ));
        for (column, value) in [
            ("OrderStatus", "C"),
            ("LastInvoiceOrderNo", invoice),
            ("LastInvoiceOrderDate", &today),
        ] {
            order.header.insert(column.to_owned(), value.to_owned());
        }
        self.touch_values(&mut order.header, false);
        order
    }

    fn invoice(&self, order: &Order, number_of_invoice: &str) -> Values {
        let today = self.today();
        let mut row = filled(
            INVOICE,
            &[
                ("InvoiceNo", number_of_invoice),
                ("HeaderSeqNo", "000000"),
                ("ModuleCode", "S/O"),
                ("InvoiceType", "IN"),
                ("InvoiceDate", &today),
                ("TransactionDate", &today),
                ("ShipDate", &today),
            ],
        );
        let same = INVOICE
            .iter()
            .filter_map(|column| Some((column.name, order.header.get(column.name)?)));
        for (name, value) in same {
            row.insert(name.to_owned(), value.clone());
        }
        for (column, source) in [
            ("TaxableSalesAmt", "TaxableAmt"),
            ("NonTaxableSalesAmt", "NonTaxableAmt"),
        ] {
            row.insert(column.to_owned(), scaled(number(&order.header, source), 2));
        }
        row
    }
}
