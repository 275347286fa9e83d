//! What both doors of Sage have of the control door: they show and change the same state.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    edits::{self, Edit},
    entities::{ENTITIES, Entity},
    order_edits::shown_order,
    sales::{File, Order},
    settings::{Dropped, Lock, Refused, Settings},
    world::{World, shown},
};
use crate::{
    clock::{Clock, ClockChange},
    control::{Faults, ResetBody, Rule, Which},
    data::{DataSet, Values},
};

/// What can be set.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Body {
    clear: bool,
    rules: Vec<Rule>,
    clock: Option<ClockChange>,
    counter_lost: bool,
    expire_positions: bool,
    locks: Vec<Lock>,
    release_locks: bool,
    drop: Vec<Dropped>,
    refuse: Vec<Refused>,
    take_numbers: BTreeMap<String, u32>,
    site: Map<String, Value>,
    /// The SOAP service's binding: a known name, or members to change.
    pub binding: Option<Value>,
}

impl Body {
    /// Whether everything goes back to how it was set at the start.
    pub fn clears(&self) -> bool {
        self.clear
    }
}

/// Counts.
pub fn stats(world: &World, system: &str, calls: Value) -> Value {
    let companies: Vec<Value> = world
        .companies
        .iter()
        .map(|(code, company)| {
            let mut counts: Map<String, Value> = ENTITIES
                .iter()
                .map(|entity| {
                    let count = company.table(entity).map_or(0, super::table::Table::len);
                    (entity.name.to_owned(), json!(count))
                })
                .collect();
            let sales = &company.sales;
            counts.insert("sales_orders".to_owned(), json!(sales.orders.len()));
            counts.insert("sales_order_history".to_owned(), json!(sales.history.len()));
            counts.insert("invoices".to_owned(), json!(sales.invoices.len()));
            json!({"code": code, "records": counts})
        })
        .collect();
    json!({
        "system": system,
        "calls": calls,
        "companies": companies,
        "server_time": world.server_time(),
    })
}

/// The records of a module.
pub fn records(world: &World, module: &str, which: &Which) -> Result<Vec<Value>, String> {
    let companies = world
        .companies
        .iter()
        .filter(|(code, _)| which.get("company").is_none_or(|wanted| wanted == *code));
    let is_wanted = |key: &str| which.get("key").is_none_or(|wanted| wanted == key);
    if let Some(entity) = Entity::named(module) {
        return Ok(companies
            .flat_map(|(code, company)| {
                company
                    .table(entity)
                    .into_iter()
                    .flat_map(|table| table.after(None))
                    .map(move |row| (code, row))
            })
            .filter(|(_, row)| is_wanted(&row.key))
            .map(|(code, row)| {
                let mut record = shown(row);
                record["company"] = json!(code);
                record
            })
            .collect());
    }
    let mut records = Vec::new();
    for (code, company) in companies {
        let sales = &company.sales;
        let mut table = |rows: &mut dyn Iterator<Item = (String, &Values)>| {
            for (key, fields) in rows.filter(|(key, _)| is_wanted(key)) {
                records.push(json!({"company": code, "key": key, "fields": fields}));
            }
        };
        let named = |(key, row): (&String, _)| (key.clone(), row);
        match module {
            "sales_orders" => records.extend(
                sales
                    .all_orders()
                    .filter(|(file, order)| order_fits(*file, order, which))
                    .map(|(file, order)| shown_order(code, file, order)),
            ),
            "price_codes" => table(&mut sales.price_codes.iter().map(named)),
            "invoices" => table(&mut sales.invoices.iter().map(named)),
            "stock" => table(
                &mut sales
                    .stock
                    .iter()
                    .map(|((item, warehouse), row)| (format!("{item}@{warehouse}"), row)),
            ),
            _ => {
                let entities: Vec<&str> = ENTITIES.iter().map(|entity| entity.name).collect();
                return Err(format!(
                    "there is no module {module:?}; there are {}, sales_orders, stock, price_codes, invoices",
                    entities.join(", ")
                ));
            }
        }
    }
    Ok(records)
}

/// `reference` is looked for in UDF_CRM_REFERENCE and CustomerPONo, or in `column`.
fn order_fits(file: File, order: &Order, which: &Which) -> bool {
    let is = |name: &str, value: &str| which.get(name).is_none_or(|wanted| wanted == value);
    let file = match file {
        File::Open => "open",
        File::History => "history",
    };
    let columns: Vec<&str> = match which.get("column") {
        Some(column) => vec![column],
        None => vec!["UDF_CRM_REFERENCE", "CustomerPONo"],
    };
    is("key", order.number())
        && is("customer", &order.customer())
        && is("file", file)
        && is("status", order.status().name())
        && which
            .get("reference")
            .is_none_or(|wanted| columns.iter().any(|column| order.text(column) == wanted))
}

/// Makes edits.
pub fn edit(world: &mut World, edits: &[Edit]) -> Result<Vec<Value>, String> {
    edits.iter().map(|edit| edits::apply(world, edit)).collect()
}

/// Sets what a body tells.
pub fn set(world: &mut World, faults: &mut Faults, body: Body) -> Result<Value, String> {
    if body.clear {
        faults.clear();
        world.clock = Clock::new(-360);
        world.settings = Settings::default();
    }
    if let Some(change) = &body.clock {
        world.clock.change(change)?;
    }
    if body.counter_lost {
        world.lose_counter();
    }
    if body.expire_positions {
        world.generation += 1;
    }
    let settings = &mut world.settings;
    if body.release_locks {
        settings.locks.clear();
    }
    if !body.site.is_empty() {
        let mut site = serde_json::to_value(&settings.site).map_err(|error| error.to_string())?;
        for (name, value) in body.site {
            site[name] = value;
        }
        settings.site = serde_json::from_value(site).map_err(|error| format!("site: {error}"))?;
    }
    settings.locks.extend(body.locks);
    settings.dropped.extend(body.drop);
    settings.refused.extend(body.refuse);
    for (company, times) in body.take_numbers {
        *settings.taken_numbers.entry(company).or_default() += times;
    }
    for rule in body.rules {
        faults.add(rule)?;
    }
    Ok(standing(world, faults))
}

/// What stands.
pub fn standing(world: &World, faults: &Faults) -> Value {
    let settings = &world.settings;
    json!({
        "rules": faults.rules(),
        "locks": settings.locks,
        "drop": settings.dropped,
        "refuse": settings.refused,
        "take_numbers": settings.taken_numbers,
        "site": settings.site,
        "server_time": world.server_time(),
    })
}

/// Puts everything back to the start.
pub fn reset(world: &mut World, body: &ResetBody) -> (Option<u64>, Option<u32>) {
    let data = DataSet {
        seed: body.seed.unwrap_or(world.data.seed),
        customers: body.customers.unwrap_or(world.data.customers).min(200_000),
    };
    *world = World::new(data);
    (Some(data.seed), Some(data.customers))
}
