//! What people do with orders in Sage: enter, change, hold, close, delete, invoice.

use serde_json::{Value, json};

use super::{
    edits::{Action, Edit, missing},
    orders::{LineWrite, Matching, OrderWrite},
    refusal::Refusal,
    sales::{File, Order, text},
    world::World,
};
use crate::data::{ORDER, Values};

/// Makes an edit; answers what the order is now.
pub fn apply(world: &mut World, edit: &Edit) -> Result<Value, String> {
    let mut desk = world
        .desk(&edit.company)
        .ok_or_else(|| format!("there is no company {:?}", edit.company))?;
    let number = match edit.action {
        Action::Create => {
            let number = if edit.key.is_empty() {
                desk.company.sales.next_order_number()
            } else {
                edit.key.clone()
            };
            let write = write(edit, &number);
            desk.create_order(&write, true)
                .map_err(|refusal| words(&refusal))?;
            number
        }
        Action::Set => {
            change(&mut desk, edit)?;
            edit.key.clone()
        }
        Action::Hold | Action::Open | Action::Close => {
            let status = match edit.action {
                Action::Hold => "H",
                Action::Open => "O",
                _ => "C",
            };
            let order = open_order(&mut desk, edit)?;
            order
                .header
                .insert("OrderStatus".to_owned(), status.to_owned());
            touch(&mut desk, edit);
            edit.key.clone()
        }
        Action::Delete => {
            desk.delete_order(&edit.key)
                .map_err(|refusal| words(&refusal))?;
            return Ok(json!({"company": edit.company, "key": edit.key, "deleted": true}));
        }
        Action::Invoice => {
            desk.invoice_order(&edit.key)?;
            let order = desk
                .company
                .sales
                .history
                .last()
                .ok_or_else(|| missing(edit))?;
            return Ok(shown_order(&edit.company, File::History, order));
        }
        Action::Renumber => return Err("an order keeps its number".to_owned()),
    };
    let order = desk
        .company
        .sales
        .orders
        .get(&number)
        .ok_or_else(|| missing(edit))?;
    Ok(shown_order(&edit.company, File::Open, order))
}

/// An order as the control door shows it.
pub fn shown_order(company: &str, file: File, order: &Order) -> Value {
    let file = match file {
        File::Open => "open",
        File::History => "history",
    };
    json!({
        "company": company,
        "key": order.number(),
        "customer": order.customer(),
        "file": file,
        "status": order.status().name(),
        "total": order.total().to_string(),
        "fields": order.header,
        "lines": order.lines,
        "payments": order.payments,
    })
}

fn write(edit: &Edit, number: &str) -> OrderWrite {
    let customer = format!(
        "{}-{}",
        text(&edit.fields, "ARDivisionNo"),
        text(&edit.fields, "CustomerNo")
    );
    let header: Values = edit
        .fields
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "ARDivisionNo" | "CustomerNo"))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    OrderWrite {
        number: number.to_owned(),
        customer: if customer == "-" {
            String::new()
        } else {
            customer
        },
        header,
        lines: edit
            .lines
            .as_ref()
            .map(|lines| lines.iter().map(line).collect()),
        removed: Vec::new(),
        payments: None,
    }
}

fn line(values: &Values) -> LineWrite {
    let mut values = values.clone();
    LineWrite {
        key: values.remove("LineKey"),
        values,
    }
}

/// A person may set every column; totals follow when lines are given.
fn change(desk: &mut super::desk::Desk<'_>, edit: &Edit) -> Result<(), String> {
    let unknown = edit
        .fields
        .keys()
        .find(|name| !ORDER.iter().any(|column| column.name == name.as_str()));
    if let Some(name) = unknown {
        return Err(format!("sales_orders have no column {name:?}"));
    }
    if edit.lines.is_some() {
        let write = OrderWrite {
            header: Values::new(),
            customer: String::new(),
            ..write(edit, &edit.key)
        };
        desk.update_order(&write, Matching::ByItem)
            .map_err(|refusal| words(&refusal))?;
    }
    let before = open_order(desk, edit)?.clone();
    let mut after = before.clone();
    after.header.extend(edit.fields.clone());
    desk.rebind(Some(&before), Some(&after));
    *open_order(desk, edit)? = after;
    touch(desk, edit);
    Ok(())
}

fn open_order<'a>(
    desk: &'a mut super::desk::Desk<'_>,
    edit: &Edit,
) -> Result<&'a mut Order, String> {
    desk.company
        .sales
        .orders
        .get_mut(&edit.key)
        .ok_or_else(|| missing(edit))
}

fn touch(desk: &mut super::desk::Desk<'_>, edit: &Edit) {
    if !edit.stamp {
        return;
    }
    let now = desk.now.clone();
    if let Some(order) = desk.company.sales.orders.get_mut(&edit.key) {
        for (name, value) in [
            ("DateUpdated", now.date.as_str()),
            ("TimeUpdated", &now.time),
            ("UserUpdatedKey", "0000000007"),
        ] {
            order.header.insert(name.to_owned(), value.to_owned());
        }
    }
}

fn words(refusal: &Refusal) -> String {
    let at = refusal
        .line
        .map_or(String::new(), |line| format!("line {line}: "));
    let column = refusal
        .column
        .as_ref()
        .map_or(String::new(), |column| format!("{column}: "));
    format!("{at}{column}{}", refusal.message)
}
