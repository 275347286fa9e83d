//! What people did by hand.

use counterpart_delivery::ports::{Audit, ByHand};
use counterpart_domain::Fault;

use super::DynamoStore;
use super::body::{BODY, body, read_body};
use super::item::key;
use super::query::Query;
use crate::clock::write_id;

const AUDIT: &str = "audit";

impl Audit for DynamoStore {
    async fn note_by_hand(&self, deed: &ByHand) -> Result<(), Fault> {
        // In order of time; two of one instant are two.
        let at = format!("{:015}#{}", deed.at.as_millisecond(), write_id());
        let mut item = key(AUDIT, &at);
        item.insert(BODY.to_owned(), body(deed)?);
        self.put(&self.tables.settings, item, None).await?;
        Ok(())
    }

    async fn by_hand(&self, limit: usize) -> Result<Vec<ByHand>, Fault> {
        let table = &self.tables.settings;
        let newest = Query::of(table, AUDIT).newest_first().limit(limit);
        let (items, _) = self.query(newest).await?;
        items.iter().map(|item| read_body(table, item)).collect()
    }
}
