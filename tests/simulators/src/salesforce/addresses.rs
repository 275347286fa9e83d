//! Addresses when the picklists of states and countries are on: texts must be labels of known
//! places, labels and codes complete each other, a state needs its country.

use serde_json::{Value, json};

use super::{
    errors::Fail,
    places::{self, COUNTRIES, Place},
    render::country_code,
    rows::Change,
    schema::{Kind, Object},
    store::Record,
};

/// Checks and completes the addresses that a change touches.
///
/// # Errors
/// FIELD_INTEGRITY_EXCEPTION.
pub fn complete(object: &Object, record: &mut Record, change: &Change) -> Result<(), Fail> {
    for field in object.fields {
        let Kind::Address(part) = field.kind else {
            continue;
        };
        country(object, record, change, part)?;
        state(object, record, change, part)?;
    }
    Ok(())
}

/// The names of a text field and its code field, as the object has them.
fn names(
    object: &Object,
    part: &str,
    what: &str,
) -> Option<(&'static str, &'static str, &'static str)> {
    let text = object.field(&format!("{part}{what}"))?;
    let code = object.field(&format!("{part}{what}Code"))?;
    Some((text.name, code.name, text.label))
}

fn set(record: &mut Record, (text, code): (&'static str, &'static str), place: Option<Place>) {
    match place {
        Some((known, label)) => {
            record.values.insert(text, json!(label));
            record.values.insert(code, json!(known));
        }
        None => {
            record.values.remove(text);
            record.values.remove(code);
        }
    }
}

/// The place that a change tells by code or by label: `Err` if there is none, `None` if the change
/// tells nothing.
type Told = Option<Result<Option<Place>, String>>;

fn told(change: &Change, text: &str, code: &str, places: &'static [Place]) -> Told {
    let of = |name: &str, find: fn(&'static [Place], &str) -> Option<Place>| {
        change.get(name).map(|value| match value {
            Value::String(text) => find(places, text).map(Some).ok_or_else(|| text.clone()),
            _ => Ok(None),
        })
    };
    // The code counts when both are sent.
    match (of(code, places::by_code), of(text, places::by_label)) {
        (Some(Ok(None)), Some(text)) => Some(text),
        (Some(code), _) => Some(code),
        (None, text) => text,
    }
}

fn country(object: &Object, record: &mut Record, change: &Change, part: &str) -> Result<(), Fail> {
    let Some((text, code, label)) = names(object, part, "Country") else {
        return Ok(());
    };
    match told(change, text, code, COUNTRIES) {
        None => Ok(()),
        Some(Ok(place)) => {
            set(record, (text, code), place);
            Ok(())
        }
        Some(Err(_)) => Err(Fail::field(
            "FIELD_INTEGRITY_EXCEPTION",
            text,
            format!(
                "There's a problem with this country, even though it may appear correct. Please select a country/territory from the list of valid countries.: {label}"
            ),
        )),
    }
}

fn state(object: &Object, record: &mut Record, change: &Change, part: &str) -> Result<(), Fail> {
    let Some((text, code, label)) = names(object, part, "State") else {
        return Ok(());
    };
    let country = country_code(record, part);
    let states = country.map_or(&[][..], places::states);
    match told(change, text, code, states) {
        Some(Ok(place)) => {
            set(record, (text, code), place);
            Ok(())
        }
        Some(Err(_)) if country.is_none() => Err(Fail::field(
            "FIELD_INTEGRITY_EXCEPTION",
            text,
            format!(
                "A country/territory must be specified before specifying a state value for field: {label}"
            ),
        )),
        Some(Err(_)) => Err(Fail::field(
            "FIELD_INTEGRITY_EXCEPTION",
            text,
            format!(
                "There's a problem with this state, even though it may appear correct. Please select a state from the list of valid states.: {label}"
            ),
        )),
        None => {
            let kept = record.text(text).to_owned();
            if kept.is_empty() || places::by_label(states, &kept).is_some() {
                return Ok(());
            }
            Err(Fail::field(
                "FIELD_INTEGRITY_EXCEPTION",
                text,
                format!(
                    "The existing country/territory doesn't recognize the state value {kept} for field: {label}"
                ),
            ))
        }
    }
}
