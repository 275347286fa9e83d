//! `@{reference.member}`: results of earlier calls of a composite one.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::errors::Fail;

/// Puts results of earlier calls in the place of `@{reference.member}`.
///
/// # Errors
/// PROCESSING_HALTED: there is no such result.
pub fn fill(value: &Value, done: &BTreeMap<String, Value>) -> Result<Value, Fail> {
    match value {
        Value::String(text) => fill_text(text, done).map(Value::String),
        Value::Array(values) => values.iter().map(|value| fill(value, done)).collect(),
        Value::Object(members) => {
            let filled: Result<Map<String, Value>, Fail> = members
                .iter()
                .map(|(name, value)| fill(value, done).map(|value| (name.clone(), value)))
                .collect();
            filled.map(Value::Object)
        }
        other => Ok(other.clone()),
    }
}

fn fill_text(text: &str, done: &BTreeMap<String, Value>) -> Result<String, Fail> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("@{") {
        let Some((expression, tail)) = after.split_once('}') else {
            break;
        };
        filled.push_str(before);
        filled.push_str(&referred(expression, done)?);
        rest = tail;
    }
    filled.push_str(rest);
    Ok(filled)
}

fn referred(expression: &str, done: &BTreeMap<String, Value>) -> Result<String, Fail> {
    let wrong = |why: String| {
        Fail::new(
            400,
            "PROCESSING_HALTED",
            format!("Invalid reference specified. {why}"),
        )
    };
    let (reference, members) = expression.split_once('.').unwrap_or((expression, ""));
    let mut here = done
        .get(reference)
        .ok_or_else(|| wrong(format!("No value for {reference} found.")))?;
    for part in members.split(['.', '[']).filter(|part| !part.is_empty()) {
        let part = part.trim_end_matches(']');
        let found = match part.parse::<usize>() {
            Ok(index) if here.is_array() => here.get(index),
            _ => here.get(part),
        };
        here = found
            .ok_or_else(|| wrong(format!("No value for {expression} found in {reference}.")))?;
    }
    Ok(here
        .as_str()
        .map_or_else(|| here.to_string(), str::to_owned))
}
