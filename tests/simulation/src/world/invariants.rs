//! What must be true at rest, whatever happened on the way.

use std::collections::{BTreeMap, BTreeSet};

use counterpart_config::Verdict;
use counterpart_delivery::invariants::records::{HeldFacts, RecordFacts};
use counterpart_delivery::invariants::{self, Broken};
use counterpart_delivery::ports::{Ledger as _, Links as _, Parking as _};
use counterpart_delivery::{Stage, Totals};
use counterpart_domain::{Company, Entity, SageKey, TargetName};

use super::World;

impl World {
    /// Everything that is not as it must be at rest, in words; empty: all is well. `parked`: keys that are expected to be
    /// parked and therefore need not be in the CRM.
    #[must_use]
    pub fn faults_at_rest(&self, parked: &[SageKey]) -> Vec<String> {
        let mut wrong: Vec<String> = self
            .records_at_rest(parked)
            .iter()
            .map(|broken| broken.what.clone())
            .collect();
        for name in self.config.targets.keys() {
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
        if !self.queue.inner.is_written() {
            wrong.push("the queue is not empty".to_owned());
        }
        wrong
    }

    /// What is not as it must be with customers and contacts. `but`: keys that are not looked at.
    #[must_use]
    pub fn records_at_rest(&self, but: &[SageKey]) -> Vec<Broken> {
        let mut broken = Vec::new();
        for (name, target) in &self.config.targets {
            for company in &target.companies {
                for (entity, config) in &target.entities {
                    let facts = self.record_facts(name, company, *entity, config, but);
                    broken.extend(facts.iter().flat_map(invariants::records::record));
                }
            }
            self.check_no_strangers(name, &mut broken);
        }
        broken
    }

    fn record_facts(
        &self,
        name: &TargetName,
        company: &Company,
        entity: Entity,
        config: &counterpart_config::EntityConfig,
        but: &[SageKey],
    ) -> Vec<RecordFacts> {
        let mut all = Vec::new();
        let (Some(crm), Some(target)) = (self.crms.get(name), self.config.targets.get(name)) else {
            return all;
        };
        // Whoever is left out takes its children along.
        let customers = target.entities.get(&Entity::CUSTOMER);
        let out: BTreeSet<SageKey> = customers
            .filter(|_| config.parent_field.is_some())
            .map(|of| {
                let rows = self.sage.rows(company, Entity::CUSTOMER).into_iter();
                rows.filter(|(key, record)| of.include(key, record) != Ok(Verdict::Include))
                    .map(|(key, _)| key)
                    .collect()
            })
            .unwrap_or_default();
        for (key, record) in self.sage.rows(company, entity) {
            let mut held = crm.with_key(&config.module, &key.text());
            let with_parent = record
                .parent(company)
                .is_some_and(|parent| out.contains(&parent));
            let by_itself = matches!(config.include(&key, &record), Ok(Verdict::Exclude { .. }));
            let left_out = config.include(&key, &record) != Ok(Verdict::Include) || with_parent;
            if but.contains(&key) || (left_out && held.is_empty()) {
                continue;
            }
            let link = self.clock.block_on(self.store.inner.link(name, &key));
            let link = link.ok().flatten();
            let link = link.filter(|link| link.stage == Stage::Linked);
            // One whose key was emptied is still the one that is linked.
            let linked = link.as_ref().and_then(|link| link.crm_id.as_ref());
            let linked = linked.filter(|id| !held.iter().any(|held| held.id == **id));
            held.extend(linked.and_then(|id| crm.record(&config.module, id)));
            let held = held.into_iter().map(|held| {
                let reverse = self.clock.block_on(self.store.inner.key_of(name, &held.id));
                HeldFacts {
                    id: held.id,
                    fields: held.fields,
                    reverse: reverse.ok().flatten(),
                }
            });
            all.push(RecordFacts {
                module: config.module.clone(),
                held: held.collect(),
                at_rest: link
                    .as_ref()
                    .is_none_or(|link| !link.dirty && link.parked.is_none()),
                untold: by_itself && link.as_ref().is_some_and(|link| !link.rests()),
                linked: link.map(|link| link.crm_id),
                wanted: (!left_out).then(|| config.map(&key, &record).unwrap_or_default().fields),
                key,
            });
        }
        all
    }

    fn check_no_strangers(&self, name: &TargetName, broken: &mut Vec<Broken>) {
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
                let what = format!("{key} is {count} times in {}", config.module);
                broken.push(Broken::new(&invariants::ONE_RECORD, what));
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
                assert_eq!(t.unexplained(), 0, "unexplained records in {run:?}: {t:?}");
                t
            })
            .collect()
    }
}
