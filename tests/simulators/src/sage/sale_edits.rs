//! What people do with stock, prices and zip codes in Sage.

use serde_json::{Value, json};

use super::{
    check::Source,
    edits::{Action, Edit, missing},
    sales::{PRICE_KEY, Sales},
    world::World,
};
use crate::data::{Column, PRICE_CODE, STOCK, Values, filled};

/// Makes an edit; answers what the record is now.
pub fn apply(world: &mut World, edit: &Edit) -> Result<Value, String> {
    let company = world
        .companies
        .get_mut(&edit.company)
        .ok_or_else(|| format!("there is no company {:?}", edit.company))?;
    let sales = &mut company.sales;
    match edit.entity.as_str() {
        "zip_codes" => return zip(sales, edit),
        "stock" => return stock(sales, edit),
        _ => {}
    }
    let keys: Vec<(&str, &str)> = PRICE_KEY.into_iter().zip(edit.key.split('/')).collect();
    let values = checked(PRICE_CODE, edit)?;
    let table = &mut sales.price_codes;
    match edit.action {
        Action::Set => {
            let row = table.get_mut(&edit.key).ok_or_else(|| missing(edit))?;
            row.extend(values);
            Ok(shown(edit, row))
        }
        Action::Create => {
            if table.contains_key(&edit.key) {
                return Err(format!("{:?} exists already", edit.key));
            }
            let mut row = filled(PRICE_CODE, &keys);
            row.extend(values);
            table.insert(edit.key.clone(), row.clone());
            Ok(shown(edit, &row))
        }
        Action::Delete => {
            table.remove(&edit.key).ok_or_else(|| missing(edit))?;
            Ok(json!({"company": edit.company, "key": edit.key, "deleted": true}))
        }
        _ => Err(format!("{} are set, created and deleted", edit.entity)),
    }
}

/// The key of a stock record is `ITEM@WAREHOUSE`.
fn stock(sales: &mut Sales, edit: &Edit) -> Result<Value, String> {
    let (item, warehouse) = edit
        .key
        .rsplit_once('@')
        .ok_or_else(|| format!("{:?} is no key of stock (1001-HON-H252@000)", edit.key))?;
    let key = (item.to_owned(), warehouse.to_owned());
    let values = checked(STOCK, edit)?;
    match edit.action {
        Action::Create => {
            let row = filled(STOCK, &[("ItemCode", item), ("WarehouseCode", warehouse)]);
            sales.stock.entry(key.clone()).or_insert(row);
        }
        Action::Delete => {
            sales.stock.remove(&key).ok_or_else(|| missing(edit))?;
            return Ok(json!({"company": edit.company, "key": edit.key, "deleted": true}));
        }
        _ => {}
    }
    let row = sales.stock.get_mut(&key).ok_or_else(|| missing(edit))?;
    row.extend(values);
    Ok(shown(edit, row))
}

fn zip(sales: &mut Sales, edit: &Edit) -> Result<Value, String> {
    match edit.action {
        Action::Create => sales.zip_codes.add(&edit.key),
        Action::Delete => sales.zip_codes.remove(&edit.key),
        _ => return Err("zip_codes are created and deleted".to_owned()),
    }
    Ok(json!({"company": edit.company, "key": edit.key}))
}

fn checked(columns: &'static [Column], edit: &Edit) -> Result<Values, String> {
    let source = Source {
        object: "",
        columns,
        read_only: &[],
        old_lengths: false,
    };
    edit.fields
        .iter()
        .map(|(name, value)| match source.check(name, value) {
            Ok(value) => Ok((name.clone(), value)),
            Err(refusal) => Err(format!("{name}: {}", refusal.message)),
        })
        .collect()
}

fn shown(edit: &Edit, row: &Values) -> Value {
    json!({"company": edit.company, "key": edit.key, "fields": row})
}
