//! How a change is written down: as the relay does, as the Pub/Sub API's Avro looks when somebody
//! turns it into JSON, and as AppFlow does.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::change::{Change, Part, told};
use crate::salesforce::schema::Kind;

/// The shape of events.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// Event Relay: ISO dates, names of changed fields, only what was changed.
    #[default]
    Relay,
    /// As of the Pub/Sub API: epoch dates, bitmaps, all fields, null for most.
    Pubsub,
    /// AppFlow: as the relay, without the level `payload`.
    Appflow,
}

/// An instant in milliseconds as ISO 8601.
pub fn instant(ms: i64) -> String {
    let at = Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH);
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

fn header(change: &Change) -> Map<String, Value> {
    let shown = json!({
        "entityName": change.object.name,
        "recordIds": change.ids,
        "changeType": change.kind,
        "changeOrigin": change.origin,
        "transactionKey": change.transaction,
        "sequenceNumber": change.sequence,
        "commitTimestamp": change.committed_ms,
        "commitNumber": change.commit,
        "commitUser": change.user,
    });
    match shown {
        Value::Object(shown) => shown,
        _ => Map::new(),
    }
}

/// `detail` of the EventBridge event.
pub fn detail(change: &Change, shape: Shape, enriched: &[String]) -> Value {
    match shape {
        Shape::Relay => json!({"payload": relayed(change, enriched)}),
        Shape::Appflow => relayed(change, enriched),
        Shape::Pubsub => json!({"payload": decoded(change)}),
    }
}

fn relayed(change: &Change, enriched: &[String]) -> Value {
    let mut header = header(change);
    let names: Vec<String> = if change.kind == "UPDATE" {
        told(change.kind, &change.values).map(name).collect()
    } else {
        Vec::new()
    };
    header.insert("changedFields".to_owned(), json!(names));
    let mut body = Map::new();
    body.insert("ChangeEventHeader".to_owned(), Value::Object(header));
    for part in told(change.kind, &change.values) {
        put(&mut body, part, iso(part));
    }
    // Empty enriched fields are left out here.
    let more = change.values.iter().filter(|part| {
        matches!(change.kind, "UPDATE" | "DELETE")
            && enriched.iter().any(|wanted| *wanted == name(part))
            && !part.value.is_null()
    });
    for part in more {
        put(&mut body, part, iso(part));
    }
    Value::Object(body)
}

fn name(part: &Part) -> String {
    match part.component {
        Some(component) => format!("{}.{component}", part.field),
        None => part.field.to_owned(),
    }
}

fn put(body: &mut Map<String, Value>, part: &Part, value: Value) {
    let Some(component) = part.component else {
        body.insert(part.field.to_owned(), value);
        return;
    };
    let compound = body
        .entry(part.field.to_owned())
        .or_insert_with(|| json!({}));
    if let Value::Object(compound) = compound {
        compound.insert(component.to_owned(), value);
    }
}

fn epoch(part: &Part) -> Option<i64> {
    let text = part.value.as_str()?;
    match part.kind {
        Kind::DateTime => Timestamp::strptime("%Y-%m-%dT%H:%M:%S%.f%z", text)
            .ok()
            .map(|at| at.as_millisecond()),
        Kind::Date => {
            let day: jiff::civil::Date = text.parse().ok()?;
            let midnight = day.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
            Some(midnight.timestamp().as_millisecond())
        }
        _ => None,
    }
}

fn iso(part: &Part) -> Value {
    match part.kind {
        Kind::DateTime => epoch(part).map_or(Value::Null, |ms| json!(instant(ms))),
        _ => part.value.clone(),
    }
}

/// All fields of the schema in their order, and bitmaps of the changed ones. The header is the
/// schema's first field.
fn decoded(change: &Change) -> Value {
    let mut places: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let (mut changed, mut nulled) = (Bits::default(), Bits::default());
    let mut nested: BTreeMap<usize, (Bits, Bits)> = BTreeMap::new();
    let update = change.kind == "UPDATE";
    let mut body = Map::new();
    body.insert("ChangeEventHeader".to_owned(), Value::Null);
    for part in &change.values {
        let next = places.len() + 1;
        let (at, within) = places.entry(part.field).or_insert((next, 0));
        let (at, inside) = (*at, *within);
        *within += usize::from(part.component.is_some());
        if update && part.changed {
            let (changed, nulled, place) = match part.component {
                Some(_) => {
                    let (changed, nulled) = nested.entry(at).or_default();
                    (changed, nulled, inside)
                }
                None => (&mut changed, &mut nulled, at),
            };
            changed.set(place);
            if part.value.is_null() {
                nulled.set(place);
            }
        }
        let shows = match change.kind {
            "UPDATE" => part.changed,
            "CREATE" | "UNDELETE" => true,
            _ => false,
        };
        let value = if shows {
            epoch(part).map_or_else(|| part.value.clone(), |ms| json!(ms))
        } else {
            Value::Null
        };
        match part.component {
            None => put(&mut body, part, value),
            // A compound field of which nothing is there is null.
            Some(_) if value.is_null() => {
                body.entry(part.field.to_owned()).or_insert(Value::Null);
            }
            Some(_) => {
                if body.get(part.field).is_some_and(Value::is_null) {
                    body.remove(part.field);
                }
                put(&mut body, part, value);
            }
        }
    }
    let list = |bits: &Bits, nested: Vec<(usize, &Bits)>| -> Vec<String> {
        bits.shown()
            .into_iter()
            .chain(
                nested
                    .into_iter()
                    .filter_map(|(at, bits)| Some(format!("{at}-{}", bits.shown()?))),
            )
            .collect()
    };
    let changed = list(
        &changed,
        nested.iter().map(|(at, (bits, _))| (*at, bits)).collect(),
    );
    let nulled = list(
        &nulled,
        nested.iter().map(|(at, (_, bits))| (*at, bits)).collect(),
    );
    let mut header = header(change);
    header.insert("changedFields".to_owned(), json!(changed));
    header.insert("nulledFields".to_owned(), json!(nulled));
    header.insert("diffFields".to_owned(), json!([]));
    body.insert("ChangeEventHeader".to_owned(), Value::Object(header));
    Value::Object(body)
}

/// A set of places as a hexadecimal number: the lowest bit is the first place.
#[derive(Debug, Default)]
struct Bits(Vec<u8>);

impl Bits {
    fn set(&mut self, place: usize) {
        let digit = place / 4;
        if self.0.len() <= digit {
            self.0.resize(digit + 1, 0);
        }
        if let Some(digit) = self.0.get_mut(digit) {
            *digit |= 1 << (place % 4);
        }
    }

    fn shown(&self) -> Option<String> {
        if self.0.is_empty() {
            return None;
        }
        // Whole bytes.
        let mut digits: Vec<char> = self
            .0
            .iter()
            .map(|digit| char::from_digit(u32::from(*digit), 16).unwrap_or('0'))
            .map(|digit| digit.to_ascii_uppercase())
            .collect();
        if digits.len() % 2 == 1 {
            digits.push('0');
        }
        digits.reverse();
        Some(format!("0x{}", digits.into_iter().collect::<String>()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bitmap_counts_from_its_lowest_bit() {
        let mut bits = Bits::default();
        assert_eq!(bits.shown(), None);
        bits.set(11);
        bits.set(22);
        assert_eq!(bits.shown().unwrap(), "0x400800");
        let mut first = Bits::default();
        first.set(0);
        assert_eq!(first.shown().unwrap(), "0x01");
    }
}
