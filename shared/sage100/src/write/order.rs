//! The bodies of orders: new ones, and changes of open ones.

use std::collections::BTreeMap;

use counterpart_delivery::ports::WriteContext;
use counterpart_domain::sale::{LineChange, OrderChange, SaleOrder, code};
use counterpart_domain::{Class, Entity, Fault, SageKey, Value};
use serde::Serialize;

use crate::http::json;
use crate::text::{Columns, bug, check_header, check_line, check_lines, columns, line_columns};

#[derive(Serialize)]
struct Order<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<&'a str>,
    customer: &'a str,
    reference: Reference<'a>,
    fields: Columns,
    /// As a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    lines: Option<Vec<Line<'a>>>,
    /// Or what changes of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    changed_lines: Vec<Line<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    removed_lines: Vec<&'a str>,
}

#[derive(Serialize)]
struct Reference<'a> {
    column: &'a str,
    value: &'a str,
}

#[derive(Serialize)]
struct Line<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    line_key: Option<&'a str>,
    fields: Columns,
}

/// A new order.
pub(super) fn create(
    number: &str,
    customer: &SageKey,
    order: &SaleOrder,
    context: WriteContext<'_>,
) -> Result<Vec<u8>, Fault> {
    check_customer(customer, &order.company)?;
    check_lines(order.lines.len())?;
    check_header(&order.header, context.reference_column)?;
    let lines: Result<Vec<Line<'_>>, Fault> = order
        .lines
        .iter()
        .map(|line| {
            Ok(Line {
                line_key: None,
                fields: columns(&line_columns(line)?),
            })
        })
        .collect();
    json(&Order {
        number: Some(number),
        customer: &customer.local,
        reference: Reference {
            column: context.reference_column,
            value: order.reference.as_str(),
        },
        fields: columns(&order.header),
        lines: Some(lines?),
        changed_lines: Vec::new(),
        removed_lines: Vec::new(),
    })
}

/// A change of an open order. `by_key`: the agent knows lines by their key; otherwise it tells them apart by item and place.
pub(super) fn change(
    customer: &SageKey,
    change: &OrderChange,
    context: WriteContext<'_>,
    by_key: bool,
) -> Result<Vec<u8>, Fault> {
    check_customer(customer, &change.company)?;
    check_header(&change.header, context.reference_column)?;
    let (mut lines, mut changed, mut removed) = (None, Vec::new(), Vec::new());
    if by_key {
        changed = keyed(&change.lines)?;
        removed = change.removed.iter().map(|(key, _)| key.as_str()).collect();
    } else {
        let all = by_item(change)?;
        check_lines(all.len())?;
        lines = Some(all);
    }
    json(&Order {
        number: None,
        customer: &customer.local,
        reference: Reference {
            column: context.reference_column,
            value: change.reference.as_str(),
        },
        fields: columns(&change.header),
        lines,
        changed_lines: changed,
        removed_lines: removed,
    })
}

fn keyed(lines: &[LineChange]) -> Result<Vec<Line<'_>>, Fault> {
    lines
        .iter()
        .filter(|line| !line.columns.is_empty())
        .map(|line| {
            check_line(&line.columns)?;
            Ok(Line {
                line_key: line.key.as_deref(),
                fields: columns(&line.columns),
            })
        })
        .collect()
}

/// As an agent takes them that matches the first free line of an item. One that stays names what it holds.
fn by_item(change: &OrderChange) -> Result<Vec<Line<'_>>, Fault> {
    let mut first_gone: BTreeMap<String, &str> = BTreeMap::new();
    for (key, item) in &change.removed {
        let first = first_gone.entry(code(item)).or_insert(key);
        *first = (*first).min(key.as_str());
    }
    let mut lines = Vec::with_capacity(change.lines.len());
    for line in &change.lines {
        check_line(&line.columns)?;
        let gone = first_gone.get(&code(&line.item));
        if let (Some(key), Some(gone)) = (&line.key, gone)
            && key.as_str() > *gone
        {
            return Err(two_of_one(&line.item));
        }
        let mut named = line.columns.clone();
        let item = Value::text(line.item.as_str());
        named.entry("ItemCode".to_owned()).or_insert(item);
        if let Some((quantity, _)) = line.seen {
            let quantity = Value::Number(quantity);
            named
                .entry("QuantityOrdered".to_owned())
                .or_insert(quantity);
        }
        lines.push(Line {
            line_key: None,
            fields: columns(&named),
        });
    }
    Ok(lines)
}

fn two_of_one(item: &str) -> Fault {
    Fault::new(
        Class::Configuration,
        "E_SAGE_NOT_OFFERED",
        format!(
            "The order has several lines of item {item} and the first of them goes, which this agent cannot be told: a newer agent is needed, whose `writes` name order_lines. Until then, take the line out in Sage 100."
        ),
    )
}

fn check_customer(customer: &SageKey, company: &counterpart_domain::Company) -> Result<(), Fault> {
    if customer.entity != Entity::CUSTOMER || customer.company != *company {
        return Err(bug("the customer is none of the order's company"));
    }
    Ok(())
}
