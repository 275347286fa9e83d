//! What Zoho computes: totals of lines and orders, what a stage means, rates of currencies.

use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Map, Value, json};

use super::{deals::STAGES, lines::merged};
use crate::zoho::{
    errors::RowError,
    org::Org,
    org_meta::rate,
    rows::Row,
    schema::{Kind, Module},
    setup,
    store::Record,
};

/// Completes a record after a row was applied to it.
///
/// # Errors
/// A row of a subform names one that is not there.
pub fn complete(
    org: &mut Org,
    module: &Module,
    row: &Row,
    old: Option<&Record>,
    record: &mut Record,
) -> Result<(), RowError> {
    if old.is_none() {
        setup::count(org, module, record);
    }
    for field in module.fields {
        let (Kind::Subform(_), Some(lines)) = (field.kind, row.lines.get(field.name)) else {
            continue;
        };
        let rows = merged(org, field, lines, old)?;
        record.values.insert(field.name, rows);
    }
    match module.name {
        "Deals" => deal(row, record),
        "Sales_Orders" => order(org, old.is_none(), record),
        _ => {}
    }
    let sold = matches!(module.name, "Deals" | "Sales_Orders");
    if sold && org.settings.multi_currency {
        let code = record
            .values
            .entry("Currency")
            .or_insert_with(|| json!("USD"))
            .clone();
        let told = row.values.contains_key("Exchange_Rate");
        if !told && (old.is_none() || row.values.contains_key("Currency")) {
            let code = code.as_str().unwrap_or("USD");
            record.values.insert("Exchange_Rate", rate(code));
        }
    }
    Ok(())
}

fn number(value: Option<&Value>) -> Decimal {
    let Some(Value::Number(number)) = value else {
        return Decimal::ZERO;
    };
    let text = number.to_string();
    text.parse()
        .or_else(|_| Decimal::from_scientific(&text))
        .unwrap_or_default()
}

fn shown(number: Decimal) -> Value {
    let rounded = number
        .round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
        .normalize();
    serde_json::from_str(&rounded.to_string()).unwrap_or_default()
}

fn deal(row: &Row, record: &mut Record) {
    let stage = STAGES.iter().find(|(name, _)| {
        record
            .values
            .get("Stage")
            .is_some_and(|stage| stage == name)
    });
    if let Some((_, probability)) = stage
        && row.values.contains_key("Stage")
        && !row.values.contains_key("Probability")
    {
        record.values.insert("Probability", json!(probability));
    }
    let expected = number(record.values.get("Amount")) * number(record.values.get("Probability"))
        / Decimal::ONE_HUNDRED;
    record.values.insert("Expected_Revenue", shown(expected));
}

fn order(org: &Org, new: bool, record: &mut Record) {
    if new {
        let count = org
            .stores
            .get("Sales_Orders")
            .map_or(0, |store| store.len() + store.deleted.len());
        record.values.insert(
            "SO_Number",
            json!((record.id % 1_000_000 + count as u64).to_string()),
        );
    }
    let mut subtotal = Decimal::ZERO;
    if let Some(Value::Array(lines)) = record.values.get_mut("Ordered_Items") {
        for (index, line) in lines.iter_mut().enumerate() {
            if let Value::Object(line) = line {
                line.insert("Sequence_Number".to_owned(), json!((index + 1).to_string()));
                subtotal += compute(org, line);
            }
        }
    }
    let tax = taxed(record.values.get_mut("$line_tax"), subtotal);
    let total = subtotal - number(record.values.get("Discount"))
        + tax
        + number(record.values.get("Adjustment"));
    record.values.insert("Sub_Total", shown(subtotal));
    record.values.insert("Tax", shown(tax));
    record.values.insert("Grand_Total", shown(total));
}

/// The totals of a line; answers the net one. A line without a price has its product's.
fn compute(org: &Org, line: &mut Map<String, Value>) -> Decimal {
    if !line.contains_key("List_Price") {
        let product = line
            .get("Product_Name")
            .and_then(|id| id.as_str()?.parse().ok())
            .and_then(|id| org.stores.get("Products")?.get(id));
        let price = product
            .and_then(|product| product.values.get("Unit_Price").cloned())
            .unwrap_or(json!(0));
        line.insert("List_Price".to_owned(), price);
    }
    line.entry("Discount").or_insert(json!(0));
    let total = number(line.get("Quantity")) * number(line.get("List_Price"));
    let after = total - number(line.get("Discount"));
    let tax = taxed(line.get_mut("Line_Tax"), after);
    let net = after + tax;
    for (name, amount) in [
        ("Total", total),
        ("Total_After_Discount", after),
        ("Tax", tax),
        ("Net_Total", net),
    ] {
        line.insert(name.to_owned(), shown(amount));
    }
    net
}

/// What the taxes of a list make; each is told its amount.
fn taxed(taxes: Option<&mut Value>, base: Decimal) -> Decimal {
    let Some(Value::Array(taxes)) = taxes else {
        return Decimal::ZERO;
    };
    let mut sum = Decimal::ZERO;
    for tax in taxes {
        let amount = base * number(tax.get("percentage")) / Decimal::ONE_HUNDRED;
        if let Value::Object(tax) = tax {
            tax.insert("value".to_owned(), shown(amount));
        }
        sum += amount;
    }
    sum
}
