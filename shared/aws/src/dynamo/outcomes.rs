//! Outcomes: items of their own, each written under its condition, many at a time.

use std::collections::BTreeMap;

use counterpart_delivery::{Outcome, OutcomeItem};
use counterpart_domain::{Fault, SageKey, TargetName};
use futures_util::{StreamExt as _, stream};

use super::DynamoStore;
use super::body::{BODY, body};
use super::call::Expression;
use super::item::{Item, Read as _, attributes, key, n, s, unreadable};
use super::ledger::partition;
use super::query::Query;

const PREFIX: &str = "o#";
/// Writes under way at once.
const CONCURRENT: usize = 16;

impl DynamoStore {
    /// Writes them all, even if some fail, and answers with the first fault.
    pub(super) async fn write_outcomes(&self, outcomes: &[OutcomeItem]) -> Result<(), Fault> {
        let writes = outcomes.iter().map(|outcome| self.write_outcome(outcome));
        stream::iter(writes)
            .buffer_unordered(CONCURRENT)
            .fold(Ok(()), async |sum, one| sum.and(one))
            .await
    }

    async fn write_outcome(&self, outcome: &OutcomeItem) -> Result<(), Fault> {
        let storage = outcome.key.storage();
        let pk = partition(&outcome.run, &outcome.target);
        let mut item = key(&pk, &format!("{PREFIX}{storage}"));
        // Nanoseconds with leading zeros: texts in order of time.
        let order = format!(
            "{:020}#{}#{}",
            outcome.at.as_nanosecond(),
            outcome.run,
            outcome.target
        );
        item.insert("key_pk".to_owned(), s(storage));
        item.insert("key_sk".to_owned(), s(order));
        let verdict = body(&outcome.outcome)?;
        item.insert("verdict".to_owned(), verdict);
        let settled = u8::from(outcome.outcome.is_final());
        item.insert("settled".to_owned(), n(settled));
        item.insert("expires_at".to_owned(), n(self.ledger_expiry()));
        item.insert(BODY.to_owned(), body(outcome)?);
        let open = "attribute_not_exists(pk) OR settled = :no";
        let open = Expression::new(open, attributes([(":no", n(0))]));
        // Refused: a final outcome is stored already, and stays.
        self.put(&self.tables.ledger, item, Some(open)).await?;
        Ok(())
    }

    /// A run's outcomes in a target, by local key.
    pub(super) async fn outcomes_of(
        &self,
        run: &str,
        target: &TargetName,
    ) -> Result<BTreeMap<String, Outcome>, Fault> {
        let table = &self.tables.ledger;
        let query = Query::of(table, partition(run, target)).prefix(PREFIX);
        let (items, _) = self.query(query.only("pk, sk, verdict")).await?;
        let read = |item: &Item| {
            let storage = item.text("sk").and_then(|sk| sk.strip_prefix(PREFIX));
            let key = SageKey::from_storage(storage.unwrap_or_default())
                .map_err(|error| unreadable(table, item, error))?;
            let verdict = serde_json::from_str(item.text("verdict").unwrap_or_default())
                .map_err(|error| unreadable(table, item, error))?;
            Ok((key.local, verdict))
        };
        items.iter().map(read).collect()
    }
}
