//! What there is: companies, the clock, the agent's observation counter and the positions that it issued.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard},
};

use serde_json::{Value, json};

use super::{
    entities::{CUSTOMERS, ENTITIES, Entity, ITEMS},
    sales::Sales,
    settings::Settings,
    table::Table,
};
use crate::{
    clock::Clock,
    control::lock,
    data::{self, DataSet, Row, Stamp, Values},
};

/// Offset of the simulated server's wall clock: US Central Standard Time.
const UTC_OFFSET_MINUTES: i32 = -360;

/// Sage 100 behind its lock.
pub struct Sage(Mutex<World>);

impl Sage {
    /// A Sage 100 with the data of a data set.
    pub fn new(data: DataSet) -> Self {
        Self(Mutex::new(World::new(data)))
    }

    /// The state.
    pub fn world(&self) -> MutexGuard<'_, World> {
        lock(&self.0)
    }
}

/// One company.
pub struct Company {
    /// The company's name.
    pub name: String,
    /// What it sells, and its orders.
    pub sales: Sales,
    /// By the names of entities.
    tables: BTreeMap<&'static str, Table>,
}

impl Company {
    /// A table.
    pub fn table(&self, entity: &Entity) -> Option<&Table> {
        self.tables.get(entity.name)
    }

    /// An item's columns.
    pub fn item(&self, code: &str) -> Option<&Values> {
        Some(&self.table(&ITEMS)?.get(code)?.fields)
    }

    /// A table, to change it.
    pub fn table_mut(&mut self, entity: &'static Entity) -> &mut Table {
        self.tables.entry(entity.name).or_default()
    }

    /// The keys of a table that begin with a text.
    pub fn keys_below(&self, entity: &Entity, prefix: &str) -> Vec<String> {
        let after = (!prefix.is_empty()).then_some(prefix);
        self.table(entity)
            .into_iter()
            .flat_map(|table| table.after(after))
            .map(|row| row.key.clone())
            .take_while(|key| key.starts_with(prefix))
            .collect()
    }

    /// Takes out what belongs to a record of a table, and what belongs to that.
    pub fn remove_below(&mut self, entity: &Entity, key: &str) {
        for child in entity.children() {
            for below in self.keys_below(child, &child.prefix_below(key)) {
                self.remove_below(child, &below);
                self.table_mut(child).remove(&below);
            }
        }
    }

    /// The next CustomerNo that no division uses; the counter has moved on.
    pub fn next_customer_number(&mut self) -> String {
        let customers = self.tables.get(CUSTOMERS.name);
        self.sales.next_customer_number(|number| {
            customers.is_some_and(|table| {
                (0..100).any(|division| table.get(&format!("{division:02}-{number}")).is_some())
            })
        })
    }
}

/// Everything there is.
pub struct World {
    /// What it started from.
    pub data: DataSet,
    /// Companies by code.
    pub companies: BTreeMap<String, Company>,
    /// The Sage server's clock.
    pub clock: Clock,
    /// Page positions of earlier generations have expired.
    pub generation: u32,
    /// What the control door has set.
    pub settings: Settings,
    epoch: u64,
    sequence: u64,
}

impl World {
    /// The state at the start.
    pub fn new(data: DataSet) -> Self {
        let companies = data::companies()
            .into_iter()
            .map(|company| {
                let tables = ENTITIES
                    .iter()
                    .map(|entity| (entity.name, Table::new((entity.rows)(company.code, data))))
                    .collect();
                (
                    company.code.to_owned(),
                    Company {
                        name: company.name.to_owned(),
                        sales: Sales::new(company.sales),
                        tables,
                    },
                )
            })
            .collect();
        Self {
            data,
            companies,
            clock: Clock::new(UTC_OFFSET_MINUTES),
            generation: 1,
            settings: Settings::default(),
            epoch: 1,
            sequence: 0,
        }
    }

    /// Takes the next observation from the counter. Call it before reading.
    pub fn observe(&mut self) -> Value {
        self.sequence += 1;
        json!({"epoch": self.epoch, "sequence": self.sequence})
    }

    /// The counter is lost: a new epoch begins, and the sequence starts again.
    pub fn lose_counter(&mut self) {
        self.epoch += 1;
        self.sequence = 0;
    }

    /// The server's wall clock, as the contract shows it.
    pub fn server_time(&self) -> Value {
        let instant = self.clock.now();
        let stamp = self.stamp_now();
        json!({
            "date": stamp.date,
            "time": stamp.time,
            "utc_offset_minutes": self.clock.utc_offset_minutes(),
            "instant": instant.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        })
    }

    /// What Sage would stamp a record with now.
    pub fn stamp_now(&self) -> Stamp {
        let wall = self.clock.wall(self.clock.now());
        let seconds = i64::from(wall.hour()) * 3600
            + i64::from(wall.minute()) * 60
            + i64::from(wall.second());
        Stamp::new(wall.strftime("%Y%m%d").to_string(), Stamp::hours(seconds))
    }
}

/// A record as the contract shows it.
pub fn shown(row: &Row) -> Value {
    json!({
        "key": row.key,
        "date_updated": row.stamp.date,
        "time_updated": row.stamp.time,
        "fields": row.fields,
    })
}
