//! The shapes on the wire. Records stay raw until they are read one by one.

use std::collections::BTreeMap;

use counterpart_domain::{AsOf, Fault, ServerTime, Stamp};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::http::contract_fault;

#[derive(Deserialize)]
pub(crate) struct WireTime {
    date: String,
    time: String,
    utc_offset_minutes: i32,
    instant: Timestamp,
}

impl WireTime {
    /// The ERP's clock, checked: it drives the cursor, so a nonsensical one is worse than none.
    pub(crate) fn read(&self) -> Result<ServerTime, Fault> {
        let wall = Stamp::parse(&self.date, &self.time)
            .map_err(|error| contract_fault(format!("server_time: {error}")))?;
        if wall == Stamp::BEGINNING {
            return Err(contract_fault("server_time has no date"));
        }
        // From UTC-12 to UTC+14.
        if !(-720..=840).contains(&self.utc_offset_minutes) {
            return Err(contract_fault(format!(
                "server_time.utc_offset_minutes is {}",
                self.utc_offset_minutes
            )));
        }
        Ok(ServerTime {
            wall,
            utc_offset_minutes: self.utc_offset_minutes,
            instant: self.instant,
        })
    }
}

#[derive(Deserialize)]
pub(crate) struct WirePage<'a> {
    pub as_of: AsOf,
    pub server_time: WireTime,
    #[serde(borrow)]
    pub records: Vec<&'a RawValue>,
    pub next: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct WireRecords<'a> {
    pub as_of: AsOf,
    pub server_time: WireTime,
    #[serde(borrow)]
    pub records: Vec<&'a RawValue>,
    pub missing: Vec<String>,
}

#[derive(Deserialize)]
pub(crate) struct WireOne<'a> {
    pub as_of: AsOf,
    pub server_time: WireTime,
    #[serde(borrow)]
    pub record: &'a RawValue,
}

/// The part of a record without which it cannot even be reported by name.
#[derive(Deserialize)]
#[serde(expecting = "a record with a key")]
pub(crate) struct WireKey {
    pub key: String,
}

#[derive(Deserialize)]
#[serde(expecting = "a record with date_updated, time_updated and fields")]
pub(crate) struct WireRecord {
    pub date_updated: String,
    pub time_updated: String,
    pub fields: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(expecting = "a record with a key")]
pub(crate) struct WireKeys {
    pub as_of: AsOf,
    pub keys: Vec<String>,
    pub next: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct WireDigests {
    pub as_of: AsOf,
    pub ranges: Vec<WireRange>,
    pub next: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct WireRange {
    pub first: String,
    pub last: String,
    pub count: u64,
    pub hash: String,
}
