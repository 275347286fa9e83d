//! `GET …/orders`: by number or by reference, the history included.

use serde_json::{Map, Value, json};

use super::{errors::Failure, query::Query};
use crate::{
    data::{AUDIT, Column, ORDER, ORDER_HISTORY, ORDER_LINE, Values},
    sage::{File, Order, World},
};

/// The most orders that one reference is answered with.
const MOST: usize = 100;

/// The orders of a number or of a reference.
pub fn find(world: &mut World, company: &str, query: &Query) -> Result<Value, Failure> {
    let column = query
        .one("reference_column")?
        .ok_or_else(|| Failure::bad_request("The parameter reference_column is required."))?;
    if !ORDER.iter().any(|known| known.name == column) {
        return Err(Failure::unknown_column(column));
    }
    let (number, reference) = (query.one("number")?, query.one("reference")?);
    if number.is_some() == reference.is_some() {
        return Err(Failure::bad_request(
            "Exactly one of number and reference is given.",
        ));
    }
    let as_of = world.observe();
    let kept = world.settings.site.order_history;
    let mut found: Vec<(File, &Order)> = world
        .companies
        .get(company)
        .into_iter()
        .flat_map(|company| company.sales.all_orders())
        .filter(|(file, _)| kept || *file == File::Open)
        .filter(|(_, order)| number.is_none_or(|number| order.number() == number))
        .filter(|(_, order)| reference.is_none_or(|text| order.text(column).trim() == text.trim()))
        .collect();
    found.sort_by_key(|(file, order)| (order.number(), *file == File::History));
    // One that stands in both files comes as it is in the open one.
    let mut last: Option<(&str, File)> = None;
    found.retain(|(file, order)| {
        let hidden = *file == File::History && last == Some((order.number(), File::Open));
        last = Some((order.number(), if hidden { File::Open } else { *file }));
        !hidden
    });
    let orders: Vec<Value> = found.into_iter().take(MOST).map(shown).collect();
    Ok(json!({"as_of": as_of, "orders": orders}))
}

fn shown((file, order): (File, &Order)) -> Value {
    let columns = ORDER.iter().chain(AUDIT);
    let fields = match file {
        File::Open => some_of(&order.header, columns),
        File::History => some_of(&order.header, columns.chain(ORDER_HISTORY)),
    };
    let lines: Vec<Value> = order
        .lines
        .iter()
        .map(|line| {
            json!({
                "line_key": line.get("LineKey"),
                "fields": some_of(line, ORDER_LINE.iter()),
            })
        })
        .collect();
    json!({
        "number": order.number(),
        "customer": order.customer(),
        "file": if file == File::Open { "open" } else { "history" },
        "status": order.status().name(),
        "fields": fields,
        "lines": lines,
    })
}

/// The columns that the agent offers, of a record that may hold more.
pub fn some_of<'a>(
    values: &Values,
    columns: impl Iterator<Item = &'a Column>,
) -> Map<String, Value> {
    columns
        .filter_map(|column| {
            let value = values.get(column.name)?;
            Some((column.name.to_owned(), json!(value)))
        })
        .collect()
}
