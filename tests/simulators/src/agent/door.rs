//! What is the agent's own of the control door.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    edits::{self, Edit},
    entity::Entity,
    world::{System, World, shown},
};
use crate::{
    clock::{Clock, ClockChange},
    control::{Doorkeeper, Faults, ResetBody, Rule, Which},
    data::DataSet,
};

/// What can be set.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FaultBody {
    clear: bool,
    rules: Vec<Rule>,
    clock: Option<ClockChange>,
    counter_lost: bool,
    expire_positions: bool,
}

impl Doorkeeper for System {
    type Edit = Edit;
    type Settings = FaultBody;

    fn stats(&self, calls: Value) -> Value {
        let world = self.world();
        let companies: Vec<Value> = world
            .companies
            .iter()
            .map(|(code, company)| {
                let counts: serde_json::Map<String, Value> = Entity::ALL
                    .into_iter()
                    .map(|entity| {
                        (
                            entity.name().to_owned(),
                            json!(company.table(entity).map_or(0, super::table::Table::len)),
                        )
                    })
                    .collect();
                json!({"code": code, "records": counts})
            })
            .collect();
        json!({
            "system": "agent",
            "calls": calls,
            "companies": companies,
            "server_time": world.server_time(),
        })
    }

    fn records(&self, module: &str, which: &Which) -> Result<Vec<Value>, String> {
        let entity = Entity::named(module).ok_or_else(|| {
            format!("there is no module {module:?}; there are customers, contacts, salespersons")
        })?;
        let world = self.world();
        let wanted = world
            .companies
            .iter()
            .filter(|(code, _)| which.get("company").is_none_or(|wanted| wanted == *code));
        let records: Vec<Value> = wanted
            .flat_map(|(code, company)| {
                company
                    .table(entity)
                    .into_iter()
                    .flat_map(|table| table.after(None))
                    .map(move |row| (code, row))
            })
            .filter(|(_, row)| which.get("key").is_none_or(|key| *key == row.key))
            .map(|(code, row)| {
                let mut record = shown(row);
                record["company"] = json!(code);
                record
            })
            .collect();
        Ok(records)
    }

    fn edit(&self, edits: &[Edit]) -> Result<Vec<Value>, String> {
        let mut world = self.world();
        edits
            .iter()
            .map(|edit| edits::apply(&mut world, edit))
            .collect()
    }

    fn set(&self, faults: &mut Faults, body: FaultBody) -> Result<Value, String> {
        let mut world = self.world();
        if body.clear {
            faults.clear();
            world.clock = Clock::new(-360);
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
        for rule in body.rules {
            faults.add(rule)?;
        }
        Ok(json!({"rules": faults.rules(), "server_time": world.server_time()}))
    }

    fn standing(&self, faults: &Faults) -> Value {
        json!({"rules": faults.rules()})
    }

    fn reset(&self, body: &ResetBody) -> (Option<u64>, Option<u32>) {
        let mut world = self.world();
        let data = DataSet {
            seed: body.seed.unwrap_or(world.data.seed),
            customers: body.customers.unwrap_or(world.data.customers).min(200_000),
        };
        *world = World::new(data);
        (Some(data.seed), Some(data.customers))
    }
}
