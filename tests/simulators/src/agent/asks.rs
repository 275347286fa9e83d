//! Items, stock, credit and prices.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{errors::Failure, orders::some_of, query::Query};
use crate::{
    data::{AUDIT, ITEM, STOCK, Values},
    sage::{CUSTOMERS, World, price},
};

/// The most codes that one call may name.
const MOST_CODES: usize = 100;

/// `GET …/items`.
pub fn items(world: &mut World, company: &str, query: &Query) -> Result<Value, Failure> {
    let codes = codes(query)?;
    let as_of = world.observe();
    let company = company_of(world, company)?;
    let (mut items, mut missing) = (Vec::new(), Vec::new());
    for code in codes {
        match company.item(&code.to_uppercase()) {
            Some(item) => {
                items.push(json!({"code": code, "fields": some_of(item, ITEM.iter().chain(AUDIT))}))
            }
            None => missing.push(code),
        }
    }
    Ok(json!({"as_of": as_of, "items": items, "missing": missing}))
}

/// `GET …/stock`.
pub fn stock(world: &mut World, company: &str, query: &Query) -> Result<Value, Failure> {
    let codes = codes(query)?;
    let as_of = world.observe();
    let company = company_of(world, company)?;
    let (mut stock, mut missing) = (Vec::new(), Vec::new());
    for code in codes {
        let upper = code.to_uppercase();
        if company.item(&upper).is_none() {
            missing.push(code);
            continue;
        }
        let from = (upper.clone(), String::new());
        let rows = company
            .sales
            .stock
            .range(from..)
            .take_while(|((item, _), _)| *item == upper);
        for ((item, warehouse), row) in rows {
            stock.push(json!({
                "item": item,
                "warehouse": warehouse,
                "fields": some_of(row, STOCK.iter()),
            }));
        }
    }
    Ok(json!({"as_of": as_of, "stock": stock, "missing": missing}))
}

/// Columns that tell of a customer's credit.
const CREDIT: [&str; 9] = [
    "CustomerStatus",
    "CreditHold",
    "CreditLimit",
    "CurrentBalance",
    "AgingCategory1",
    "AgingCategory2",
    "AgingCategory3",
    "AgingCategory4",
    "OpenOrderAmt",
];

/// `GET …/credit`.
pub fn credit(world: &mut World, company: &str, query: &Query) -> Result<Value, Failure> {
    let key = required(query, "customer")?.to_owned();
    let as_of = world.observe();
    let customer = customer(world, company, &key)?;
    let fields: serde_json::Map<String, Value> = CREDIT
        .iter()
        .filter_map(|column| Some(((*column).to_owned(), json!(customer.get(*column)?))))
        .collect();
    Ok(json!({"as_of": as_of, "customer": key, "fields": fields}))
}

/// `GET …/price`.
pub fn price_of(world: &mut World, company: &str, query: &Query) -> Result<Value, Failure> {
    let key = required(query, "customer")?.to_owned();
    let code = required(query, "item")?.to_owned();
    let text = required(query, "quantity")?.to_owned();
    let quantity = Decimal::from_str_exact(&text)
        .map_err(|_| Failure::bad_request(format!("quantity is a number, not {text:?}.")))?;
    let as_of = world.observe();
    let today = world.stamp_now().date;
    let customer = customer(world, company, &key)?.clone();
    let company = company_of(world, company)?;
    let Some(item) = company.item(&code.to_uppercase()) else {
        return Err(Failure::new(
            "E_NOT_FOUND",
            format!("There is no item {code:?}."),
        ));
    };
    let unit = item.get("SalesUnitOfMeasure").map_or("", String::as_str);
    let price = price(&company.sales, &customer, item, unit, quantity, &today);
    Ok(json!({
        "as_of": as_of,
        "customer": key,
        "item": code,
        "quantity": text,
        "unit": price.unit,
        "unit_price": price.amount.to_string(),
        "basis": price.basis,
    }))
}

fn required<'a>(query: &'a Query, name: &'a str) -> Result<&'a str, Failure> {
    query
        .one(name)?
        .filter(|value| !value.is_empty())
        .ok_or_else(|| Failure::bad_request(format!("The parameter {name} is required.")))
}

fn codes(query: &Query) -> Result<Vec<String>, Failure> {
    let codes: Vec<String> = query.all("code").map(str::to_owned).collect();
    if codes.is_empty() || codes.len() > MOST_CODES {
        return Err(Failure::bad_request(format!(
            "Name 1 to {MOST_CODES} codes, not {}.",
            codes.len()
        )));
    }
    if let Some(code) = codes
        .iter()
        .find(|code| code.is_empty() || code.chars().count() > 60)
    {
        return Err(Failure::bad_request(format!("{code:?} is no item code.")));
    }
    Ok(codes)
}

fn company_of<'a>(world: &'a World, code: &str) -> Result<&'a crate::sage::Company, Failure> {
    world.companies.get(code).ok_or_else(|| {
        Failure::new(
            "E_UNKNOWN_COMPANY",
            format!("There is no company {code:?}."),
        )
    })
}

fn customer<'a>(world: &'a World, company: &str, key: &str) -> Result<&'a Values, Failure> {
    company_of(world, company)?
        .table(&CUSTOMERS)
        .and_then(|table| table.get(key))
        .map(|row| &row.fields)
        .ok_or_else(|| Failure::new("E_NOT_FOUND", format!("{company} has no customer {key:?}.")))
}
