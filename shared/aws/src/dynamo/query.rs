//! Reading many items.

use std::time::Duration;

use aws_sdk_dynamodb::types::{KeysAndAttributes, ReturnConsumedCapacity};
use counterpart_domain::{Class, Fault};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::DynamoStore;
use super::item::{Item, attributes, read_units, s, unreadable};
use crate::fault::{Service, classify};

/// Keys of one BatchGetItem call.
const BATCH_GET: usize = 100;
/// BatchGetItem calls under way at once.
const CONCURRENT: usize = 4;
/// How often keys that DynamoDB left out are asked for again without any of them coming.
const PATIENCE: u32 = 6;

/// A query of one partition.
#[derive(Debug, Clone)]
pub(super) struct Query<'a> {
    table: &'a str,
    index: Option<&'a str>,
    pk: String,
    prefix: Option<String>,
    after: Option<String>,
    start: Option<Item>,
    newest_first: bool,
    eventually: bool,
    limit: usize,
}

impl<'a> Query<'a> {
    /// All items of a partition, strongly consistent, in order of the sort key.
    pub(super) fn of(table: &'a str, pk: impl Into<String>) -> Self {
        Self {
            table,
            index: None,
            pk: pk.into(),
            prefix: None,
            after: None,
            start: None,
            newest_first: false,
            eventually: false,
            limit: usize::MAX,
        }
    }

    /// Of the index of reps instead (`rep_pk`, `rep_sk`); eventually consistent.
    pub(super) fn by(mut self, index: &'a str) -> Self {
        self.index = Some(index);
        self
    }

    /// Only sort keys that begin so.
    pub(super) fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = Some(prefix.into());
        self
    }

    /// Only sort keys after this one.
    pub(super) fn after(mut self, sk: Option<&str>) -> Self {
        self.after = sk.map(str::to_owned);
        self
    }

    /// Goes on after this item.
    pub(super) fn start(mut self, key: Option<Item>) -> Self {
        self.start = key;
        self
    }

    /// At half the price, and perhaps without what was written in the last second.
    pub(super) fn eventually(mut self) -> Self {
        self.eventually = true;
        self
    }

    /// From the last sort key down.
    pub(super) fn newest_first(mut self) -> Self {
        self.newest_first = true;
        self
    }

    /// At most so many.
    pub(super) fn limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    fn condition(&self) -> (String, Item) {
        let (pk, sk) = match self.index {
            Some(_) => ("rep_pk", "rep_sk"),
            None => ("pk", "sk"),
        };
        let mut values = attributes([(":pk", s(&self.pk))]);
        let mut text = format!("{pk} = :pk");
        if let Some(prefix) = &self.prefix {
            text.push_str(&format!(" AND begins_with({sk}, :prefix)"));
            values.insert(":prefix".to_owned(), s(prefix));
        } else if let Some(after) = &self.after {
            text.push_str(&format!(" AND {sk} > :after"));
            values.insert(":after".to_owned(), s(after));
        }
        (text, values)
    }
}

impl DynamoStore {
    /// Runs a query to its end or its limit. With the items comes whether there may be more.
    pub(super) async fn query(&self, query: Query<'_>) -> Result<(Vec<Item>, bool), Fault> {
        let (text, values) = query.condition();
        let mut items = Vec::new();
        let mut start = query.start.clone();
        while items.len() < query.limit {
            self.usage.dynamodb_request();
            let room = i32::try_from(query.limit - items.len()).ok();
            let answer = self
                .client
                .query()
                .table_name(query.table)
                .set_index_name(query.index.map(str::to_owned))
                .consistent_read(query.index.is_none() && !query.eventually)
                .key_condition_expression(&text)
                .set_expression_attribute_values(Some(values.clone()))
                .scan_index_forward(!query.newest_first)
                .set_exclusive_start_key(start.take())
                .set_limit(room)
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(|error| classify(Service::Store, query.table, &error))?;
            self.count_read(&answer.consumed_capacity);
            items.extend(answer.items.unwrap_or_default());
            start = answer.last_evaluated_key.filter(|key| !key.is_empty());
            if start.is_none() {
                return Ok((items, false));
            }
        }
        Ok((items, true))
    }

    /// Reads any number of items by key, none of them twice; those that do not exist are left out.
    pub(super) async fn batch_get_all(
        &self,
        table: &str,
        mut keys: Vec<Item>,
    ) -> Result<Vec<Item>, Fault> {
        let mut calls = Vec::new();
        while !keys.is_empty() {
            let rest = keys.split_off(keys.len().min(BATCH_GET));
            let some = std::mem::replace(&mut keys, rest);
            calls.push(self.batch_get(table, some));
        }
        let found: Vec<Vec<Item>> = stream::iter(calls)
            .buffer_unordered(CONCURRENT)
            .try_collect()
            .await?;
        Ok(found.into_iter().flatten().collect())
    }

    /// Reads up to [`BATCH_GET`] items by key, strongly consistent; those that do not exist are left out.
    async fn batch_get(&self, table: &str, keys: Vec<Item>) -> Result<Vec<Item>, Fault> {
        let mut found = Vec::with_capacity(keys.len());
        let mut wanted = keys;
        let mut waits = 0;
        while !wanted.is_empty() {
            let asked = wanted.len();
            let request = KeysAndAttributes::builder()
                .set_keys(Some(wanted))
                .consistent_read(true)
                .build()
                .map_err(|error| unreadable(table, &Item::new(), error))?;
            self.usage.dynamodb_request();
            let call = self.client.batch_get_item().request_items(table, request);
            let answer = call
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(|error| classify(Service::Store, table, &error))?;
            let responses = answer.responses.unwrap_or_default();
            let got: Vec<Item> = responses.into_values().flatten().collect();
            let left_out = answer.unprocessed_keys.unwrap_or_default();
            wanted = left_out.into_values().flat_map(|rest| rest.keys).collect();
            match answer.consumed_capacity.as_deref() {
                // The local stand-in reports no units for this one call: they are counted by DynamoDB's rule.
                None | Some([]) => {
                    let read = asked.saturating_sub(wanted.len());
                    self.usage.read_units(read_units(read, &got));
                }
                Some(used) => self.count_read(used),
            }
            found.extend(got);
            if wanted.len() == asked {
                waits += 1;
                if waits == PATIENCE {
                    let text = format!("DynamoDB table {table} gives only part of what is asked.");
                    return Err(Service::Store.fault(Class::Throttled, "THROTTLED", text));
                }
                tokio::time::sleep(Duration::from_millis(25 << waits)).await;
            } else {
                waits = 0;
            }
        }
        Ok(found)
    }
}
