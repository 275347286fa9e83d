//! What must be true at rest, whatever happened on the way.

use std::collections::{BTreeMap, BTreeSet};

use counterpart_config::Verdict;
use counterpart_delivery::ports::{Ledger as _, Links as _, Parking as _};
use counterpart_delivery::{Stage, Totals};
use counterpart_domain::{Company, Entity, SageKey, TargetName, Value};

use super::World;

impl World {
    /// Everything that is not as it must be at rest, in words; empty: all is well. `parked`: keys that are expected to be
    /// parked and therefore need not be in the CRM.
    #[must_use]
    pub fn faults_at_rest(&self, parked: &[SageKey]) -> Vec<String> {
        let mut wrong = Vec::new();
        for (name, target) in &self.config.targets {
            for company in &target.companies {
                for (entity, config) in &target.entities {
                    self.check_entity(name, company, *entity, config, parked, &mut wrong);
                }
            }
            self.check_no_strangers(name, &mut wrong);
            let items = self
                .clock
                .block_on(self.store.inner.parked_of(name.as_str(), None, 1000))
                .unwrap_or_default();
            for item in items {
                if !item.key.as_ref().is_some_and(|key| parked.contains(key)) {
                    wrong.push(format!("{} is parked: {}", item.id, item.fault));
                }
            }
        }
        if !self.queue.inner.is_empty() {
            wrong.push("the queue is not empty".to_owned());
        }
        wrong
    }

    fn check_entity(
        &self,
        name: &TargetName,
        company: &Company,
        entity: Entity,
        config: &counterpart_config::EntityConfig,
        parked: &[SageKey],
        wrong: &mut Vec<String>,
    ) {
        let (Some(crm), Some(target)) = (self.crms.get(name), self.config.targets.get(name)) else {
            return;
        };
        // Whoever is left out takes its children along.
        let customers = target.entities.get(&Entity::Customer);
        let out: BTreeSet<SageKey> = customers
            .filter(|_| config.parent_field.is_some())
            .map(|of| {
                let rows = self.sage.rows(company, Entity::Customer).into_iter();
                rows.filter(|(key, record)| of.include(key, record) != Ok(Verdict::Include))
                    .map(|(key, _)| key)
                    .collect()
            })
            .unwrap_or_default();
        for (key, record) in self.sage.rows(company, entity) {
            let link = self
                .clock
                .block_on(self.store.inner.links(name, std::slice::from_ref(&key)));
            let link = link.ok().and_then(|mut links| links.pop().flatten());
            let held = crm.with_key(&config.module, &key.text());
            let with_parent = record
                .parent(company)
                .is_some_and(|parent| out.contains(&parent));
            let left_out = config.include(&key, &record) != Ok(Verdict::Include) || with_parent;
            if parked.contains(&key) || (left_out && held.is_empty()) {
                continue;
            }
            let [held] = held.as_slice() else {
                wrong.push(format!(
                    "{key} is {} times in {}",
                    held.len(),
                    config.module
                ));
                continue;
            };
            let Some(link) = link.filter(|link| link.stage == Stage::Linked) else {
                wrong.push(format!("{key} has no link"));
                continue;
            };
            if link.crm_id.as_ref() != Some(&held.id) {
                wrong.push(format!(
                    "the link of {key} names {:?}, the CRM holds {}",
                    link.crm_id, held.id
                ));
            }
            if link.dirty || link.parked.is_some() {
                wrong.push(format!("the link of {key} is not at rest"));
            }
            let back = self.clock.block_on(self.store.inner.key_of(name, &held.id));
            if back.ok().flatten().as_ref() != Some(&key) {
                wrong.push(format!("the reverse link of {} is not {key}", held.id));
            }
            if left_out {
                continue;
            }
            for (field, value) in config.map(&key, &record).unwrap_or_default().fields {
                let there = held.fields.get(&field).unwrap_or(&Value::Blank);
                let wanted = match &value {
                    Value::Text(text) => Value::text(text.trim()),
                    other => other.clone(),
                };
                if *there != wanted {
                    wrong.push(format!(
                        "{field} of {key} is {there:?}, should be {wanted:?}"
                    ));
                }
            }
        }
    }

    fn check_no_strangers(&self, name: &TargetName, wrong: &mut Vec<String>) {
        let (Some(crm), Some(target)) = (self.crms.get(name), self.config.targets.get(name)) else {
            return;
        };
        for config in target.entities.values() {
            let mut by_key: BTreeMap<String, u32> = BTreeMap::new();
            for held in crm.records(&config.module) {
                if let Some(key) = held.key {
                    *by_key.entry(key).or_default() += 1;
                }
            }
            for (key, count) in by_key.into_iter().filter(|(_, count)| *count > 1) {
                wrong.push(format!("{key} is {count} times in {}", config.module));
            }
        }
    }

    /// The totals of every run of a company in a target, with the identity of each checked.
    ///
    /// # Panics
    /// When a record of a window is neither done nor in flight.
    #[must_use]
    #[expect(clippy::panic, reason = "a world without faults reads its own store")]
    pub fn totals(&self, company: &Company, target: &TargetName) -> Vec<Totals> {
        let store = &self.store.inner;
        let runs = self
            .clock
            .block_on(store.runs(company, 1000))
            .unwrap_or_else(|fault| panic!("{fault}"));
        runs.iter()
            .map(|run| {
                let t = self
                    .clock
                    .block_on(store.totals(&run.id, target))
                    .unwrap_or_else(|fault| panic!("{fault}"));
                let explained =
                    t.created + t.updated + t.unchanged + t.excluded + t.superseded + t.parked;
                assert_eq!(
                    t.seen,
                    explained + t.waiting + t.in_flight,
                    "unexplained records in {run:?}: {t:?}"
                );
                t
            })
            .collect()
    }
}
