//! Runs of packs.

use std::collections::BTreeMap;

use counterpart_delivery::{Entry, Pack, Reason, WIRE_VERSION};
use counterpart_domain::{AsOf, Company, Entity, Record, SageKey, TargetName};
use jiff::Timestamp;

use crate::Outcome;
use crate::rows::{Columns, change};

/// What one call to Salesforce takes, and therefore what the poller packs.
const PACK: usize = 200;
const COMPANY: &str = "ABC";
const TARGET: &str = "salesforce";

/// The packs of one run.
pub struct Run {
    /// What happened.
    pub name: &'static str,
    /// Its packs.
    pub packs: Vec<Pack>,
}

/// All of them.
pub fn all(customers: &[Columns]) -> Outcome<Vec<Run>> {
    let mut changed = customers.to_vec();
    for (index, row) in changed.iter_mut().enumerate() {
        change(row, index);
    }
    Ok(vec![
        run("created", customers, 1, 1)?,
        run("changed", &changed, 2, 2)?,
        run("unchanged", &changed, 3, 2)?,
        run("touched", &changed, 4, 4)?,
    ])
}

/// `nth` tells the run from the others, `observed` says when its records were read.
fn run(name: &'static str, customers: &[Columns], nth: u64, observed: u64) -> Outcome<Run> {
    let company = Company::new(COMPANY)?;
    let target = TargetName::new(TARGET).ok_or("no name of a target")?;
    let mut packs = Vec::new();
    for (at, part) in customers.chunks(PACK).enumerate() {
        let first = observed * 1_000_000 + (at * PACK) as u64;
        let entries = part
            .iter()
            .zip(first..)
            .map(|(columns, sequence)| entry(&company, columns, nth, sequence))
            .collect::<Outcome<Vec<Entry>>>()?;
        packs.push(Pack {
            version: WIRE_VERSION,
            id: format!("bench{nth:01}p{at:020}"),
            target: target.clone(),
            company: company.clone(),
            entity: Entity::CUSTOMER,
            reason: Reason::Change,
            config_version: 0,
            entries,
        });
    }
    Ok(Run { name, packs })
}

fn entry(company: &Company, columns: &Columns, nth: u64, sequence: u64) -> Outcome<Entry> {
    let column = |name: &str| columns.get(name).map_or("", |text| text.trim_end());
    let local = format!("{}-{}", column("ARDivisionNo"), column("CustomerNo"));
    let key = SageKey::new(company, Entity::CUSTOMER, &local)?;
    let columns: BTreeMap<String, String> = columns.clone();
    let record = Record::from_columns(&key, &columns).map_err(|fault| fault.to_string())?;
    Ok(Entry {
        local_key: local,
        as_of: AsOf { epoch: 1, sequence },
        hash: record.content_hash(),
        record,
        run: format!("bench{nth:01}r00000000000000000000"),
        first_sent: Timestamp::now(),
        attempts: 0,
        answers: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn customers(count: usize) -> Vec<Columns> {
        (0..count)
            .map(|index| {
                let pairs = [
                    ("ARDivisionNo", "01".to_owned()),
                    ("CustomerNo", format!("C{index}")),
                    ("CustomerName", "Harbor Tools".to_owned()),
                ];
                pairs.map(|(name, value)| (name.to_owned(), value)).into()
            })
            .collect()
    }

    #[test]
    fn a_changed_record_has_another_hash_and_an_unchanged_one_the_same() {
        let runs = all(&customers(201)).unwrap();
        let names: Vec<_> = runs.iter().map(|run| run.name).collect();
        assert_eq!(names, ["created", "changed", "unchanged", "touched"]);
        let sizes: Vec<_> = runs[0]
            .packs
            .iter()
            .map(|pack| pack.entries.len())
            .collect();
        assert_eq!(sizes, [200, 1]);
        let all = |run: &Run| -> Vec<Entry> {
            run.packs
                .iter()
                .flat_map(|pack| pack.entries.clone())
                .collect()
        };
        let (created, changed, unchanged) = (all(&runs[0]), all(&runs[1]), all(&runs[2]));
        for ((before, after), again) in created.iter().zip(&changed).zip(&unchanged) {
            assert_eq!(before.local_key, after.local_key);
            assert_ne!(before.hash, after.hash);
            assert_eq!(after.hash, again.hash);
            assert!(before.as_of < after.as_of && after.as_of == again.as_of);
            assert_ne!(after.run, again.run);
        }
        for (again, touched) in unchanged.iter().zip(&all(&runs[3])) {
            assert_eq!(again.hash, touched.hash);
            assert!(again.as_of < touched.as_of);
        }
    }
}
