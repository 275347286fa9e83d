//! One Sage table with two orders: by key, and by (date, time as a number, key).

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
};

use crate::data::{Row, Stamp};

/// Where a record stands in the order of changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChangePoint {
    /// `YYYYMMDD`.
    pub date: String,
    /// Millionths of an hour.
    pub time: i64,
    /// The record's key.
    pub key: String,
}

impl ChangePoint {
    /// The point of a record.
    pub fn of(row: &Row) -> Self {
        Self {
            date: row.stamp.date.clone(),
            time: Stamp::time_number(&row.stamp.time).unwrap_or(0),
            key: row.key.clone(),
        }
    }
}

/// The records of one entity in one company.
#[derive(Debug, Default)]
pub struct Table {
    rows: BTreeMap<String, Row>,
    by_change: BTreeSet<ChangePoint>,
}

impl Table {
    /// A table of these records.
    pub fn new(rows: Vec<Row>) -> Self {
        let mut table = Self::default();
        for row in rows {
            table.put(row);
        }
        table
    }

    /// Adds a record or replaces the one with its key.
    pub fn put(&mut self, row: Row) {
        self.remove(&row.key.clone());
        self.by_change.insert(ChangePoint::of(&row));
        self.rows.insert(row.key.clone(), row);
    }

    /// Takes a record out.
    pub fn remove(&mut self, key: &str) -> Option<Row> {
        let row = self.rows.remove(key)?;
        self.by_change.remove(&ChangePoint::of(&row));
        Some(row)
    }

    /// The record of a key.
    pub fn get(&self, key: &str) -> Option<&Row> {
        self.rows.get(key)
    }

    /// Records in the order of changes, from a point on.
    pub fn changes(&self, from: Bound<ChangePoint>) -> impl Iterator<Item = (&ChangePoint, &Row)> {
        self.by_change
            .range((from, Bound::Unbounded))
            .filter_map(|point| self.rows.get(&point.key).map(|row| (point, row)))
    }

    /// Records in the order of keys (bytes of the key text), after a key.
    pub fn after(&self, key: Option<&str>) -> impl Iterator<Item = &Row> {
        let from = key.map_or(Bound::Unbounded, |key| Bound::Excluded(key.to_owned()));
        self.rows
            .range((from, Bound::Unbounded))
            .map(|(_, row)| row)
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }
}
