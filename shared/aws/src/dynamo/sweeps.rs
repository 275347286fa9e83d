//! How far modules were read by their stamps, and when they were heard of.

use counterpart_delivery::ports::{Heard, Sweep, Sweeps};
use counterpart_domain::{Fault, TargetName};

use super::DynamoStore;
use super::body::{BODY, body, read_body};
use super::call::{Expression, Wrote};
use super::item::{Item, Read as _, attributes, key, ms, n, s, unreadable};
use super::query::Query;
use crate::clock::write_id;

fn sweeps_of(target: &TargetName) -> String {
    format!("sweep#{target}")
}

fn heard_of(target: &TargetName) -> String {
    format!("heard#{target}")
}

impl Sweeps for DynamoStore {
    async fn sweeps(&self, target: &TargetName) -> Result<Vec<Sweep>, Fault> {
        let table = &self.tables.cursors;
        let (items, _) = self.query(Query::of(table, sweeps_of(target))).await?;
        let read = |item: &Item| {
            let mut sweep: Sweep = read_body(table, item)?;
            let rev = item.number("rev");
            sweep.rev = rev.ok_or_else(|| unreadable(table, item, "no rev"))?;
            Ok(sweep)
        };
        items.iter().map(read).collect()
    }

    async fn put_sweep(&self, sweep: &Sweep) -> Result<bool, Fault> {
        let mine = write_id();
        let mut item = key(&sweeps_of(&sweep.target), &sweep.module);
        item.insert("rev".to_owned(), n(sweep.rev + 1));
        item.insert("write_id".to_owned(), s(&mine));
        item.insert(BODY.to_owned(), body(sweep)?);
        let unchanged = if sweep.rev == 0 {
            Expression::new("attribute_not_exists(pk)", Item::new())
        } else {
            Expression::new("rev = :rev", attributes([(":rev", n(sweep.rev))]))
        };
        let put = self.put(&self.tables.cursors, item, Some(unchanged));
        Ok(match put.await? {
            Wrote::Done(_) => true,
            Wrote::Refused(found) => {
                found.is_some_and(|found| found.text("write_id") == Some(&mine))
            }
        })
    }

    async fn note_heard(&self, heard: &Heard) -> Result<(), Fault> {
        let mut item = key(&heard_of(&heard.target), &heard.of);
        item.insert("at".to_owned(), ms(heard.at));
        self.put(&self.tables.cursors, item, None).await?;
        Ok(())
    }

    async fn heard(&self, target: &TargetName) -> Result<Vec<Heard>, Fault> {
        let table = &self.tables.cursors;
        let (items, _) = self.query(Query::of(table, heard_of(target))).await?;
        let read = |item: &Item| {
            let missing = |name: &str| unreadable(table, item, format!("no {name}"));
            Ok(Heard {
                target: target.clone(),
                of: item.text("sk").ok_or_else(|| missing("sk"))?.to_owned(),
                at: item.instant("at").ok_or_else(|| missing("at"))?,
            })
        };
        items.iter().map(read).collect()
    }
}
