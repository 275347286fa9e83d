//! Configuration versions, circuits, and the progress of packs.

use counterpart_delivery::pause::{PauseNote, Pauses};
use counterpart_delivery::ports::{Circuit, ConfigVersion, PackProgress, Settings};
use counterpart_domain::{Fault, TargetName};
use jiff::Timestamp;

use super::DynamoStore;
use super::body::{BODY, body, read_body};
use super::call::{Expression, Wrote};
use super::item::{Item, Read as _, attributes, key, n, s};
use super::query::Query;
use super::step::Step;
use super::transaction::Together;
use crate::clock::write_id;

const CONFIG: &str = "config";
const CIRCUIT: &str = "circuit";
/// One item of the settings; in the ledger, the partition of what was done to it.
const PAUSES: &str = "pauses";

/// Progress is kept in the ledger, since that table forgets by itself.
fn progress_key(pack: &str) -> Item {
    key(&format!("pack#{pack}"), "progress")
}

/// Whether a write holds; one that was refused by our own, repeated by the SDK, holds too.
fn holds(wrote: Wrote, mine: &str) -> bool {
    match wrote {
        Wrote::Done(_) => true,
        Wrote::Refused(found) => found.is_some_and(|found| found.text("write_id") == Some(mine)),
    }
}

impl Settings for DynamoStore {
    async fn config(&self) -> Result<Option<ConfigVersion>, Fault> {
        let table = &self.tables.settings;
        let newest = Query::of(table, CONFIG).newest_first().limit(1);
        let (items, _) = self.query(newest).await?;
        let newest = items.first();
        newest.map(|item| read_body(table, item)).transpose()
    }

    async fn configs_before(
        &self,
        version: u64,
        limit: usize,
    ) -> Result<Vec<ConfigVersion>, Fault> {
        let table = &self.tables.settings;
        // Those after it are few: pushed since it was read.
        let newest = Query::of(table, CONFIG).newest_first();
        let (items, _) = self.query(newest.limit(limit.saturating_add(1))).await?;
        let read = items.iter().map(|item| read_body(table, item));
        let versions: Vec<ConfigVersion> = read.collect::<Result<_, _>>()?;
        Ok(versions
            .into_iter()
            .filter(|config| config.version < version)
            .take(limit)
            .collect())
    }

    async fn push_config(&self, text: &str, expected: u64, now: Timestamp) -> Result<bool, Fault> {
        let newest = self.config().await?.map_or(0, |config| config.version);
        if newest != expected {
            return Ok(false);
        }
        // Every version is an item of its own and is never written twice: who comes second finds it there.
        let config = ConfigVersion {
            version: expected + 1,
            text: text.to_owned(),
            pushed_at: now,
        };
        let mine = write_id();
        let mut item = key(CONFIG, &format!("{:012}", config.version));
        item.insert("write_id".to_owned(), s(&mine));
        item.insert(BODY.to_owned(), body(&config)?);
        let new = Expression::new("attribute_not_exists(pk)", Item::new());
        let wrote = self.put(&self.tables.settings, item, Some(new)).await?;
        Ok(holds(wrote, &mine))
    }

    async fn circuit(&self, target: &TargetName) -> Result<Circuit, Fault> {
        let table = &self.tables.settings;
        let item = self.get(table, key(CIRCUIT, target.as_str())).await?;
        item.map_or_else(|| Ok(Circuit::default()), |item| read_body(table, &item))
    }

    async fn put_circuit(&self, target: &TargetName, circuit: &Circuit) -> Result<bool, Fault> {
        let mut next = circuit.clone();
        next.rev += 1;
        let mine = write_id();
        let mut item = key(CIRCUIT, target.as_str());
        item.insert("rev".to_owned(), n(next.rev));
        item.insert("write_id".to_owned(), s(&mine));
        item.insert(BODY.to_owned(), body(&next)?);
        let unchanged = if circuit.rev == 0 {
            Expression::new("attribute_not_exists(pk)", Item::new())
        } else {
            Expression::new("rev = :rev", attributes([(":rev", n(circuit.rev))]))
        };
        let wrote = self
            .put(&self.tables.settings, item, Some(unchanged))
            .await?;
        Ok(holds(wrote, &mine))
    }

    async fn pauses(&self) -> Result<Pauses, Fault> {
        let table = &self.tables.settings;
        let item = self.get(table, key(PAUSES, PAUSES)).await?;
        item.map_or_else(|| Ok(Pauses::default()), |item| read_body(table, &item))
    }

    async fn circuit_and_pauses(&self, target: &TargetName) -> Result<(Circuit, Pauses), Fault> {
        let table = &self.tables.settings;
        let keys = vec![key(CIRCUIT, target.as_str()), key(PAUSES, PAUSES)];
        let items = self.batch_get_all(table, keys).await?;
        let of = |pk| items.iter().find(|item| item.text("pk") == Some(pk));
        let circuit = of(CIRCUIT).map(|item| read_body(table, item));
        let pauses = of(PAUSES).map(|item| read_body(table, item));
        Ok((
            circuit.transpose()?.unwrap_or_default(),
            pauses.transpose()?.unwrap_or_default(),
        ))
    }

    async fn put_pauses(&self, pauses: &Pauses, note: &PauseNote) -> Result<bool, Fault> {
        let mut next = pauses.clone();
        next.rev += 1;
        let mine = write_id();
        let mut item = key(PAUSES, PAUSES);
        item.insert("rev".to_owned(), n(next.rev));
        item.insert("write_id".to_owned(), s(&mine));
        item.insert(BODY.to_owned(), body(&next)?);
        let unchanged = if pauses.rev == 0 {
            Expression::new("attribute_not_exists(pk)", Item::new())
        } else {
            Expression::new("rev = :rev", attributes([(":rev", n(pauses.rev))]))
        };
        let mut told = key(PAUSES, &format!("{:020}#{mine}", note.at.as_nanosecond()));
        told.insert("expires_at".to_owned(), n(self.ledger_expiry()));
        told.insert(BODY.to_owned(), body(note)?);
        let kept = Step::put(&self.tables.settings, item, Some(unchanged));
        let told = Step::put(&self.tables.ledger, told, None);
        match self.transact(&[&kept, &told]).await? {
            Together::Done => Ok(true),
            Together::Refused(found) => Ok(found.iter().any(|(_, item)| {
                let item = item.as_ref();
                item.is_some_and(|item| item.text("write_id") == Some(mine.as_str()))
            })),
        }
    }

    async fn pause_notes(&self, limit: usize) -> Result<Vec<PauseNote>, Fault> {
        let table = &self.tables.ledger;
        let newest = Query::of(table, PAUSES).newest_first().limit(limit);
        let (items, _) = self.query(newest).await?;
        items.iter().map(|item| read_body(table, item)).collect()
    }

    async fn pack_progress(&self, pack: &str) -> Result<PackProgress, Fault> {
        let table = &self.tables.ledger;
        // A pack's id is never used again: an item that outlives its time does no harm.
        let item = self.get(table, progress_key(pack)).await?;
        item.map_or_else(
            || Ok(PackProgress::default()),
            |item| read_body(table, &item),
        )
    }

    async fn put_pack_progress(
        &self,
        pack: &str,
        progress: &PackProgress,
        expires_at: Timestamp,
    ) -> Result<(), Fault> {
        let mut item = progress_key(pack);
        item.insert("expires_at".to_owned(), n(expires_at.as_second()));
        item.insert(BODY.to_owned(), body(progress)?);
        self.put(&self.tables.ledger, item, None).await?;
        Ok(())
    }
}
