//! What a request brings: query parameters, and the body of a write.

use axum::{body::Bytes, http::HeaderMap};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::errors::Failure;
use crate::shared::Pairs;

/// Most rows of one write.
pub const MAX_ROWS: usize = 100;
/// Automations that `trigger` may name.
const TRIGGERS: &[&str] = &[
    "approval",
    "workflow",
    "blueprint",
    "pathfinder",
    "orchestration",
];

/// Query parameters; the last of a name counts.
#[derive(Debug, Default)]
pub struct Params(Pairs);

impl Params {
    /// Reads a raw query string.
    pub fn parse(raw: Option<&str>) -> Self {
        Self(Pairs::parse(raw))
    }

    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)
    }

    /// A number from 1 to `most`.
    pub fn number(&self, name: &str, default: usize, most: usize) -> Result<usize, Failure> {
        match self.get(name).map(str::parse::<usize>) {
            None => Ok(default),
            Some(Ok(number)) if (1..=most).contains(&number) => Ok(number),
            Some(_) => Err(Failure::invalid_param(name)),
        }
    }

    /// All parameters but one, in order: what a page token is bound to.
    pub fn without(&self, names: &[&str]) -> String {
        let mut pairs: Vec<String> = self
            .0
            .iter()
            .filter(|(name, _)| !names.contains(name))
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.sort();
        pairs.join("&")
    }
}

/// The instant of a header such as If-Modified-Since, to the second.
///
/// # Errors
/// INVALID_DATA when it is no time with an offset.
pub fn instant(headers: &HeaderMap, name: &str) -> Result<Option<i64>, Failure> {
    let Some(value) = headers.get(name) else {
        return Ok(None);
    };
    let time = value
        .to_str()
        .ok()
        .and_then(|text| text.parse::<Timestamp>().ok());
    match time {
        Some(time) => Ok(Some(time.as_second())),
        None => Err(Failure::new(
            400,
            "INVALID_DATA",
            &json!({"header": name}),
            "invalid data",
        )),
    }
}

/// The body of an insert, update or upsert.
#[derive(Debug)]
pub struct WriteBody {
    /// The rows; what is not an object is refused row by row.
    pub rows: Vec<Value>,
    /// How many automations each row sets off.
    pub triggers: u64,
    /// Whether workflow rules run.
    pub workflow: bool,
    /// `duplicate_check_fields`, if they were sent.
    pub check_fields: Option<Vec<String>>,
}

impl WriteBody {
    /// Reads a body.
    ///
    /// # Errors
    /// The request-level error that Zoho gives: no JSON, no `data`, too many rows.
    pub fn parse(bytes: &Bytes) -> Result<Self, Failure> {
        let mut body: Map<String, Value> = serde_json::from_slice(bytes).map_err(|_| {
            let details =
                json!({"expected_data_type": "jsonobject", "api_name": "body", "json_path": "$"});
            Failure::new(400, "INVALID_DATA", &details, "body")
        })?;
        let rows = match body.remove("data") {
            Some(Value::Array(rows)) if !rows.is_empty() => rows,
            Some(Value::Array(_)) | None => {
                let details = json!({"api_name": "data", "json_path": "$.data"});
                return Err(Failure::new(
                    400,
                    "MANDATORY_NOT_FOUND",
                    &details,
                    "required field not found",
                ));
            }
            Some(_) => return Err(wrong_type("data", "$.data", "jsonarray")),
        };
        if rows.len() > MAX_ROWS {
            let details = json!({"maximum_length": MAX_ROWS, "api_name": "data"});
            return Err(Failure::new(
                400,
                "LIMIT_EXCEEDED",
                &details,
                "count of records in your request exceeds the limit",
            ));
        }
        let (triggers, workflow) = match body.remove("trigger") {
            None | Some(Value::Null) => (3, true),
            Some(Value::Array(names)) => {
                for (index, name) in names.iter().enumerate() {
                    if !name.as_str().is_some_and(|name| TRIGGERS.contains(&name)) {
                        return Err(unsupported(
                            "trigger",
                            &format!("$.trigger[{index}]"),
                            TRIGGERS,
                        ));
                    }
                }
                (
                    names.len() as u64,
                    names.iter().any(|name| name == "workflow"),
                )
            }
            Some(_) => return Err(wrong_type("trigger", "$.trigger", "jsonarray")),
        };
        let check_fields = match body.remove("duplicate_check_fields") {
            None | Some(Value::Null) => None,
            Some(Value::Array(names)) => {
                let names: Option<Vec<String>> = names
                    .iter()
                    .map(|name| name.as_str().map(str::to_owned))
                    .collect();
                Some(names.ok_or_else(|| {
                    wrong_type(
                        "duplicate_check_fields",
                        "$.duplicate_check_fields[0]",
                        "text",
                    )
                })?)
            }
            Some(_) => {
                return Err(wrong_type(
                    "duplicate_check_fields",
                    "$.duplicate_check_fields",
                    "jsonarray",
                ));
            }
        };
        Ok(Self {
            rows,
            triggers,
            workflow,
            check_fields,
        })
    }

    /// Credits of the write: one per ten rows.
    pub fn cost(&self) -> u64 {
        (self.rows.len() as u64).div_ceil(10)
    }
}

fn wrong_type(name: &str, path: &str, expected: &str) -> Failure {
    let details = json!({"expected_data_type": expected, "api_name": name, "json_path": path});
    Failure::new(400, "INVALID_DATA", &details, "invalid data")
}

/// A value outside of a fixed list.
pub fn unsupported(name: &str, path: &str, supported: &[&str]) -> Failure {
    let details = json!({"api_name": name, "json_path": path, "supported_values": supported});
    Failure::new(400, "INVALID_DATA", &details, "invalid data")
}
