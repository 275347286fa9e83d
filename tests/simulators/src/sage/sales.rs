//! What a company sells, and its orders: the open file, the history, the counters.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::zip::ZipCodes;
use crate::data::{OrderData, SalesData, Values};

/// A sales order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Order {
    /// SO_SalesOrderHeader.
    pub header: Values,
    /// SO_SalesOrderDetail, in order.
    pub lines: Vec<Values>,
    /// SO_SalesOrderPayment.
    pub payments: Vec<Values>,
}

/// Which file an order stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum File {
    /// The open file.
    Open,
    /// The history: invoiced, or deleted.
    History,
}

/// What `OrderStatus` means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// `N`.
    New,
    /// `O`.
    Open,
    /// `H`.
    Hold,
    /// `C`.
    Closed,
    /// `X`, in the history.
    Cancelled,
}

impl Status {
    /// The agent's word for it.
    pub fn name(self) -> &'static str {
        match self {
            Status::New => "new",
            Status::Open => "open",
            Status::Hold => "hold",
            Status::Closed => "closed",
            Status::Cancelled => "cancelled",
        }
    }
}

impl Order {
    /// A header column; blank if it is not there.
    pub fn text(&self, column: &str) -> &str {
        text(&self.header, column)
    }

    /// `SalesOrderNo`.
    pub fn number(&self) -> &str {
        self.text("SalesOrderNo")
    }

    /// The customer's key.
    pub fn customer(&self) -> String {
        format!("{}-{}", self.text("ARDivisionNo"), self.text("CustomerNo"))
    }

    /// What its status means.
    pub fn status(&self) -> Status {
        match self.text("OrderStatus") {
            "O" => Status::Open,
            "H" => Status::Hold,
            "C" => Status::Closed,
            "X" => Status::Cancelled,
            _ => Status::New,
        }
    }

    /// Whether it binds stock and credit: quotes, masters and repeating orders do not.
    pub fn binds(&self) -> bool {
        matches!(self.text("OrderType"), "S" | "B")
    }

    /// What it comes to.
    pub fn total(&self) -> Decimal {
        let amount = |column| number(&self.header, column);
        amount("TaxableAmt")
            + amount("NonTaxableAmt")
            + amount("SalesTaxAmt")
            + amount("FreightAmt")
            - amount("DiscountAmt")
    }
}

impl From<OrderData> for Order {
    fn from(data: OrderData) -> Self {
        Self {
            header: data.header,
            lines: data.lines,
            payments: Vec::new(),
        }
    }
}

/// A text of a record; blank if it is not there.
pub fn text<'a>(values: &'a Values, column: &str) -> &'a str {
    values.get(column).map_or("", String::as_str)
}

/// A number of a record; zero if it is not there.
pub fn number(values: &Values, column: &str) -> Decimal {
    Decimal::from_str_exact(text(values, column)).unwrap_or_default()
}

/// The sales side of a company.
#[derive(Debug, Default)]
pub struct Sales {
    /// IM_ItemWarehouse by ItemCode and WarehouseCode.
    pub stock: BTreeMap<(String, String), Values>,
    /// IM_PriceCode by all parts of its key.
    pub price_codes: BTreeMap<String, Values>,
    /// The open file by SalesOrderNo.
    pub orders: BTreeMap<String, Order>,
    /// The history; a number may stand there twice.
    pub history: Vec<Order>,
    /// AR_InvoiceHistoryHeader by InvoiceNo.
    pub invoices: BTreeMap<String, Values>,
    /// SY_ZipCode.
    pub zip_codes: ZipCodes,
    next_order: u32,
    next_customer: u32,
    next_invoice: u32,
}

/// The parts of IM_PriceCode's key.
pub const PRICE_KEY: [&str; 6] = [
    "PriceCodeRecord",
    "PriceCode",
    "ItemCode",
    "CustomerPriceLevel",
    "ARDivisionNo",
    "CustomerNo",
];

/// The key of a price code, parts separated by `/`.
pub fn price_key(values: &Values) -> String {
    PRICE_KEY.map(|part| text(values, part)).join("/")
}

impl Sales {
    /// The state at the start.
    pub fn new(data: SalesData) -> Self {
        let by = |column: &'static str| move |row: Values| (text(&row, column).to_owned(), row);
        Self {
            stock: data
                .stock
                .into_iter()
                .map(|row| {
                    let key = (
                        text(&row, "ItemCode").to_owned(),
                        text(&row, "WarehouseCode").to_owned(),
                    );
                    (key, row)
                })
                .collect(),
            price_codes: data
                .price_codes
                .into_iter()
                .map(|row| (price_key(&row), row))
                .collect(),
            orders: data
                .orders
                .into_iter()
                .map(|order| {
                    let order = Order::from(order);
                    (order.number().to_owned(), order)
                })
                .collect(),
            history: data.history.into_iter().map(Order::from).collect(),
            invoices: data.invoices.into_iter().map(by("InvoiceNo")).collect(),
            zip_codes: ZipCodes::default(),
            // Behind the last documented number, 0000341.
            next_order: 342,
            next_customer: 51,
            next_invoice: 100_059,
        }
    }

    /// Moves the order counter on; numbers that are in use are passed over.
    pub fn next_order_number(&mut self) -> String {
        loop {
            let number = format!("{:07}", self.next_order);
            self.next_order = self.next_order.wrapping_add(1);
            if !self.orders.contains_key(&number) && !self.in_history(&number) {
                return number;
            }
        }
    }

    /// Moves the customer counter on. `is_used` says whether a number is taken.
    pub fn next_customer_number(&mut self, is_used: impl Fn(&str) -> bool) -> String {
        loop {
            let number = format!("{:07}", self.next_customer);
            self.next_customer = self.next_customer.wrapping_add(1);
            if !is_used(&number) {
                return number;
            }
        }
    }

    /// Moves the invoice counter on.
    pub fn next_invoice_number(&mut self) -> String {
        let number = format!("{:07}", self.next_invoice);
        self.next_invoice = self.next_invoice.wrapping_add(1);
        number
    }

    /// Whether the history has an order of this number.
    pub fn in_history(&self, number: &str) -> bool {
        self.history.iter().any(|order| order.number() == number)
    }

    /// All orders, the open file first. One that stands in both files comes twice.
    pub fn all_orders(&self) -> impl Iterator<Item = (File, &Order)> {
        let open = self.orders.values().map(|order| (File::Open, order));
        open.chain(self.history.iter().map(|order| (File::History, order)))
    }
}
