//! Orders as Sage holds them, read through its simulator's control door.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::record::{Sold, decimal};
use crate::error::{Failure, Result, ensure};
use crate::stack::Stack;

/// The column of Sage that holds our reference (`infra/local/sync.toml`).
const REFERENCE: &str = "UDF_CRM_REFERENCE";

/// An order.
#[derive(Clone, Debug)]
pub struct SageOrder {
    /// The company.
    pub company: String,
    /// `SalesOrderNo`.
    pub number: String,
    /// Division and number of the customer.
    pub customer: String,
    /// Our mark in it; empty in an order that is none of ours.
    pub reference: String,
    /// What it comes to.
    pub total: Decimal,
    /// Its lines, as Sage computed them.
    pub lines: Vec<Sold>,
}

impl SageOrder {
    fn of(order: &Value) -> Self {
        let text = |pointer: &str| {
            let found = order.pointer(pointer).and_then(Value::as_str);
            found.unwrap_or_default().to_owned()
        };
        let lines = order.get("lines").and_then(Value::as_array);
        let sold = |line: &Value| Sold {
            item: line
                .get("ItemCode")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned(),
            quantity: decimal(line.get("QuantityOrdered")),
            amount: decimal(line.get("ExtensionAmt")),
        };
        Self {
            company: text("/company"),
            number: text("/key"),
            customer: text("/customer"),
            reference: text(&format!("/fields/{REFERENCE}")),
            total: decimal(order.get("total")),
            lines: lines.into_iter().flatten().map(sold).collect(),
        }
    }

    /// Whether it carries a mark of ours.
    pub fn is_ours(&self) -> bool {
        self.reference.starts_with("CP-")
    }

    /// The line of an item.
    pub fn line(&self, item: &str) -> Option<&Sold> {
        self.lines.iter().find(|line| line.item == item)
    }

    /// What a clerk does at Sage's screen: the lines stay as they are, but for one that is added, or taken out.
    ///
    /// # Errors
    /// When Sage refuses.
    pub fn by_hand(&self, stack: &Stack, added: Option<&str>, gone: Option<&str>) -> Result<()> {
        let stay = self
            .lines
            .iter()
            .filter(|line| Some(line.item.as_str()) != gone);
        let mut lines: Vec<Value> = stay.map(|line| json!({ "ItemCode": line.item })).collect();
        lines.extend(added.map(|item| json!({ "ItemCode": item, "QuantityOrdered": "1" })));
        stack
            .sage
            .edit(&json!({
                "entity": "sales_orders", "company": self.company, "key": self.number, "lines": lines,
            }))
            .map(drop)
    }
}

/// Sage's orders of a company, the history included.
///
/// # Errors
/// When the simulator does not answer as documented.
pub fn orders(stack: &Stack, company: &str) -> Result<Vec<SageOrder>> {
    read(stack, &format!("company={company}"))
}

/// The order of a number, which carries a reference of ours that no other one has.
///
/// # Errors
/// When there is none, or its reference is missing, or another order has it, too.
pub fn order(stack: &Stack, company: &str, number: &str) -> Result<SageOrder> {
    let order = read(stack, &format!("company={company}&key={number}"))?
        .pop()
        .ok_or_else(|| Failure::new(format!("Sage 100 has no order {number} in {company}")))?;
    let reference = &order.reference;
    ensure(order.is_ours(), || {
        format!("order {number} has no reference of ours: {reference:?}")
    })?;
    let same = read(stack, &format!("company={company}&reference={reference}"))?.len();
    ensure(same == 1, || {
        format!("{same} orders have the reference {reference}")
    })?;
    Ok(order)
}

fn read(stack: &Stack, narrowed: &str) -> Result<Vec<SageOrder>> {
    let said = stack
        .sage
        .get(&format!("/_sim/records/sales_orders?{narrowed}"))?;
    let records = said.get("records").and_then(Value::as_array);
    let records = records.ok_or_else(|| Failure::new("the simulator showed no orders"))?;
    Ok(records.iter().map(SageOrder::of).collect())
}
