//! Cursors and their leases: one item each, one call each.

use counterpart_delivery::ports::{Cursor, Cursors, Leased};
use counterpart_domain::{Class, Company, Entity, Fault};
use jiff::Timestamp;

use super::DynamoStore;
use super::body::{BODY, body, read_body};
use super::call::{Expression, Wrote};
use super::item::{Item, Read as _, attributes, key, ms, s, unreadable};

fn place(company: &Company, entity: Entity) -> Item {
    key(company.as_str(), entity.name())
}

impl DynamoStore {
    /// An item may have a lease and no cursor yet.
    fn read_cursor(&self, item: &Item) -> Result<Option<Cursor>, Fault> {
        item.contains_key(BODY)
            .then(|| read_body(&self.tables.cursors, item))
            .transpose()
    }
}

impl Cursors for DynamoStore {
    async fn lease_cursor(
        &self,
        company: &Company,
        entity: Entity,
        owner: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Leased, Fault> {
        let table = &self.tables.cursors;
        let values = attributes([
            (":owner", s(owner)),
            (":now", ms(now)),
            (":until", ms(until)),
        ]);
        let take = Expression::new("SET lease_owner = :owner, lease_until = :until", values);
        let free =
            "attribute_not_exists(lease_owner) OR lease_until <= :now OR lease_owner = :owner";
        let at = place(company, entity);
        match self.update(table, at, take, Some(free)).await? {
            Wrote::Done(item) => {
                let stored = self.read_cursor(&item)?;
                let cursor = stored.unwrap_or_else(|| Cursor::new(company.clone(), entity));
                Ok(Leased::Ours(Box::new(cursor)))
            }
            Wrote::Refused(item) => {
                let item = item.unwrap_or_default();
                let its_end = item.instant("lease_until");
                let its_end = its_end.ok_or_else(|| unreadable(table, &item, "no lease_until"))?;
                Ok(Leased::Busy(its_end))
            }
        }
    }

    async fn save_cursor(&self, cursor: &Cursor, owner: &str) -> Result<(), Fault> {
        let values = attributes([(":owner", s(owner)), (":body", body(cursor)?)]);
        let save = Expression::new("SET body = :body", values);
        let at = place(&cursor.company, cursor.entity);
        let saved = self.update(&self.tables.cursors, at, save, Some("lease_owner = :owner"));
        match saved.await? {
            Wrote::Done(_) => Ok(()),
            Wrote::Refused(_) => Err(Fault::new(
                Class::Transient,
                "E_LEASE_LOST",
                format!(
                    "Another poller has taken over {} of company {}.",
                    cursor.entity, cursor.company
                ),
            )),
        }
    }

    async fn release_cursor(
        &self,
        company: &Company,
        entity: Entity,
        owner: &str,
    ) -> Result<(), Fault> {
        let values = attributes([(":owner", s(owner))]);
        let release = Expression::new("REMOVE lease_owner, lease_until", values);
        let at = place(company, entity);
        // Refused: it is not ours to give back.
        self.update(
            &self.tables.cursors,
            at,
            release,
            Some("lease_owner = :owner"),
        )
        .await?;
        Ok(())
    }

    async fn cursor(&self, company: &Company, entity: Entity) -> Result<Option<Cursor>, Fault> {
        let item = self
            .get(&self.tables.cursors, place(company, entity))
            .await?;
        item.map_or(Ok(None), |item| self.read_cursor(&item))
    }
}
