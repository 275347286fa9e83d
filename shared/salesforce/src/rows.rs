//! What became of one row of a bulk write. The HTTP status says nothing of a row: 200 carries one result per row, in the
//! rows' order. Page: "sObject Collections".

use std::fmt;

use counterpart_config::salesforce_id;
use counterpart_delivery::ports::{RowOutcome, UpdateRow, UpsertRow, Written};
use counterpart_domain::{Class, CrmId, Fault, Fields, Reach, Value, bounded};
use counterpart_http::{About, Judged, Moment, opening, text};
use serde_json::Value as Json;

use crate::codes::{pause_seconds, sentence};
use crate::refusals::meaning;
use crate::wire::error::ApiError;

/// The standard name of the field that holds a record's owner.
const OWNER: &str = "OwnerId";

/// A row as it was sent, as far as the verdict on it needs it.
#[derive(Clone, Copy)]
pub(crate) struct Sent<'a> {
    /// What it is called in sentences: its key, or its id.
    name: &'a dyn fmt::Display,
    fields: &'a Fields,
    /// The external id field that decides which record is written; none where the row is known by its id.
    key_field: Option<&'a str>,
}

impl<'a> Sent<'a> {
    /// A row that is known by its key.
    pub(crate) fn by_key(key_field: &'a str, row: &'a UpsertRow) -> Self {
        Self {
            name: &row.key,
            fields: &row.fields,
            key_field: Some(key_field),
        }
    }

    /// A row that is known by its id.
    pub(crate) fn by_id(row: &'a UpdateRow) -> Self {
        Self {
            name: &row.id,
            fields: &row.fields,
            key_field: None,
        }
    }
}

/// Judges the reply's entry for `row`.
pub(crate) fn judge(row: Sent<'_>, entry: &Json, moment: Moment) -> Judged {
    if entry.get("success").and_then(Json::as_bool) == Some(true) {
        return Judged::Final(written(row, entry));
    }
    let within = entry.get("errors").and_then(Json::as_array);
    let mut errors: Vec<ApiError> = within
        .into_iter()
        .flatten()
        .take(10)
        .filter_map(ApiError::of)
        .collect();
    // Some results are an error themselves.
    if errors.is_empty() {
        errors.extend(ApiError::of(entry));
    }
    let faults: Vec<(Fault, bool)> = errors
        .iter()
        .map(|error| (refusal(row, error, moment), is_race(row, error)))
        .collect();
    let raced = !faults.is_empty() && faults.iter().all(|(_, raced)| *raced);
    // What a person must mend outweighs what passes by itself.
    let first = faults.iter().find(|(fault, _)| !fault.is_retryable());
    let Some((first, _)) = first.or(faults.first()) else {
        return Judged::Final(Err(puzzling(row, &opening(&entry.to_string()))));
    };
    let mut fault = first.clone();
    if faults.len() > 1 {
        let all: Vec<&str> = faults
            .iter()
            .map(|(fault, _)| fault.message.as_str())
            .collect();
        let details: Vec<String> = errors.iter().map(ApiError::detail).collect();
        fault = Fault {
            not_before: first.not_before,
            ..Fault::new(first.class, first.code.clone(), all.join(" "))
                .with_detail(details.join("; "))
        };
    }
    if raced {
        Judged::Raced(fault)
    } else {
        Judged::Final(Err(fault))
    }
}

/// The fewest rows that together say something about the org rather than about themselves.
const ENOUGH_TO_TELL: usize = 10;

/// The fault of the whole call, where every row met one that every other row would meet, too. Some faults may be a
/// record's own: of them only a call with enough rows can tell, or one record would stop all others for ever.
pub(crate) fn met_by_all(judged: &[Judged]) -> Option<Fault> {
    let faults: Option<Vec<&Fault>> = judged
        .iter()
        .map(|judged| match judged {
            Judged::Final(Err(fault)) => Some(fault),
            _ => None,
        })
        .collect();
    let faults = faults?;
    let first = faults.first()?;
    faults
        .iter()
        .all(|fault| match Reach::of(fault) {
            Reach::Module | Reach::Connection => true,
            Reach::Unclear => faults.len() >= ENOUGH_TO_TELL,
            Reach::Record | Reach::Call => false,
        })
        .then(|| (*first).clone())
}

fn written(row: Sent<'_>, entry: &Json) -> RowOutcome {
    let Some(id) = text(entry, "id") else {
        return Err(puzzling(row, "no id"));
    };
    Ok(Written {
        id: CrmId(salesforce_id(id).unwrap_or_else(|| bounded(id.to_owned(), 40))),
        created: entry.get("created").and_then(Json::as_bool) == Some(true),
        // The answer does not tell.
        modified: None,
    })
}

/// Whether the row was written is not said; an upsert by key may be repeated.
fn puzzling(row: Sent<'_>, why: &str) -> Fault {
    Fault::new(
        Class::Ambiguous,
        "E_CRM_REPLY_UNREADABLE",
        format!(
            "Salesforce's answer for {} cannot be read; it is tried again.",
            row.name
        ),
    )
    .with_detail(why)
}

/// The key itself was created, or the record deleted, by somebody else at the same moment.
fn is_race(row: Sent<'_>, error: &ApiError) -> bool {
    let Some(key_field) = row.key_field else {
        return false;
    };
    match row_meaning(error).1 {
        "E_CRM_DUPLICATE" => is_on_key(key_field, error) || is_masked(error),
        "E_CRM_RECORD_GONE" => matches!(gone(row, error), Gone::Record),
        _ => false,
    }
}

/// Which field is meant is not shown to us. It may be the key: a second try tells, and does no harm where it is another one.
fn is_masked(error: &ApiError) -> bool {
    error.fields.is_empty() && error.mentions("duplicate value found: <unknown>")
}

fn is_on_key(key_field: &str, error: &ApiError) -> bool {
    error
        .fields
        .iter()
        .any(|field| field.eq_ignore_ascii_case(key_field))
        || error.mentions(&format!("{key_field} duplicates"))
        || error.mentions(&format!("{key_field}:"))
        || error.mentions("duplicate external id")
}

/// What an error of a record that is gone is about.
enum Gone<'a> {
    /// A reference of the row: its field and id.
    Pointed(&'a str, &'a str),
    /// A field that holds no reference of ours.
    Field,
    /// The record itself.
    Record,
}

/// The reference that the error names, by field or by id; else the one that there is, a parent before the owner.
fn gone<'a>(row: Sent<'a>, error: &ApiError) -> Gone<'a> {
    let references: Vec<(&str, &str)> = row
        .fields
        .iter()
        .filter_map(|(name, value)| match value {
            Value::Reference(id) => Some((name.as_str(), id.as_str())),
            _ => None,
        })
        .collect();
    let named = |(name, id): &&(&str, &str)| {
        error
            .fields
            .iter()
            .any(|field| field.eq_ignore_ascii_case(name))
            || id
                .get(..15)
                .is_some_and(|short| error.message.contains(short))
    };
    let found = references.iter().find(named);
    if found.is_none() && !error.fields.is_empty() {
        return Gone::Field;
    }
    // A row that is known by its id has a record that may be gone, too: these two codes speak of it.
    let own = matches!(error.code.as_str(), "ENTITY_IS_DELETED" | "NOT_FOUND");
    if found.is_none() && row.key_field.is_none() && own {
        return Gone::Record;
    }
    let parent = |(name, _): &&(&str, &str)| *name != OWNER;
    let found = found.or_else(|| references.iter().find(parent));
    match found.or(references.first()) {
        Some((name, id)) => Gone::Pointed(name, id),
        None => Gone::Record,
    }
}

/// What an error means for a row.
fn row_meaning(error: &ApiError) -> (Class, &'static str) {
    meaning(About::Record, error).unwrap_or((Class::Data, "E_CRM_REFUSED"))
}

/// The fault of a refused row, with a sentence that names the record and the field.
fn refusal(row: Sent<'_>, error: &ApiError, moment: Moment) -> Fault {
    let (mut class, mut code) = row_meaning(error);
    let gone = gone(row, error);
    if code == "E_CRM_RECORD_GONE" {
        code = match gone {
            Gone::Pointed(OWNER, _) => "E_CRM_OWNER_INVALID",
            Gone::Pointed(..) => "E_CRM_PARENT_NOT_FOUND",
            Gone::Field => "E_CRM_INVALID_DATA",
            Gone::Record => code,
        };
    }
    if code == "E_CRM_RECORD_GONE" && error.code == "ENTITY_IS_DELETED" && row.key_field.is_some() {
        // Deleted while it was written: the next try makes it anew.
        class = Class::Transient;
    }
    let message = match (code, gone) {
        ("E_CRM_PARENT_NOT_FOUND", Gone::Pointed(field, id)) if !error.mentions("foreign key") => {
            format!(
                "Salesforce does not know record {}, which {field} of {} points to.",
                bounded(id.to_owned(), 40),
                row.name
            )
        }
        ("E_CRM_DUPLICATE", _) => match row.key_field.filter(|field| is_on_key(field, error)) {
            Some(key_field) => format!(
                "Salesforce says that {key_field} {} exists already, yet does not match it: the record may be in the \
                 recycle bin, or hidden from the integration user. Salesforce says: {}",
                row.name,
                error.said()
            ),
            None => plain_sentence(row, error, code),
        },
        _ => plain_sentence(row, error, code),
    };
    let fault = Fault::new(class, code, message).with_detail(error.detail());
    if class == Class::Throttled {
        fault.until(moment.after(pause_seconds(code)))
    } else {
        fault
    }
}

fn plain_sentence(row: Sent<'_>, error: &ApiError, code: &str) -> String {
    let key = row.name;
    let said = error.said();
    let fields = error.fields.join(", ");
    let of = if fields.is_empty() {
        key.to_string()
    } else {
        format!("{fields} of {key}")
    };
    match code {
        "E_CRM_REQUIRED_MISSING" if fields.is_empty() => {
            format!("Salesforce wants a field for {key} that is empty: {said}")
        }
        "E_CRM_REQUIRED_MISSING" => {
            format!("Salesforce wants {fields} for {key}, and it is empty.")
        }
        "E_CRM_TOO_LONG" => match longest(&error.message) {
            Some(most) => format!("Salesforce refused {of}: more than {most} characters."),
            None => format!("Salesforce refused {of}: too long."),
        },
        "E_CRM_VALIDATION_RULE" => {
            format!("A validation rule of the Salesforce org refused {of}: {said}")
        }
        "E_CRM_PICKLIST" => {
            format!("Salesforce refused {of}: the value is not on the picklist. It says: {said}")
        }
        "E_CRM_DUPLICATE_RULE" => by_duplicate_rule(row, error),
        "E_CRM_OWNER_INVALID" => {
            let id = match row.fields.get(OWNER) {
                Some(Value::Reference(id)) => format!(" {}", bounded(id.clone(), 40)),
                _ => String::new(),
            };
            format!(
                "Salesforce refused the owner of {key}: the user{id} does not exist or is not active. It says: {said}"
            )
        }
        "E_CRM_PARENT_NOT_FOUND" => {
            format!("Salesforce does not know a record that {key} points to: {said}")
        }
        "E_CRM_AUTOMATION_LIMIT" => format!(
            "The triggers and flows of the Salesforce org need more for {key} than one call may use, even alone: whoever looks after them has to make them cheaper, then redrive. It says: {said}"
        ),
        "E_CRM_AUTOMATION_FAILED" => {
            format!("A trigger or flow of the Salesforce org failed on {key}: {said}")
        }
        "E_CRM_DUPLICATE" => {
            format!("Salesforce refused {of}: another record has the same value. It says: {said}")
        }
        "E_CRM_MATCHED_SEVERAL" => format!("{key}: {} It says: {said}", sentence(code)),
        "E_CRM_RECORD_GONE" if row.key_field.is_none() => {
            format!(
                "Salesforce did not write {key}: there is no such record, or not any more. It says: {said}"
            )
        }
        "E_CRM_RECORD_GONE" => {
            format!(
                "Salesforce did not write {key}: a record was deleted at the same moment. It says: {said}"
            )
        }
        "E_CRM_RECORD_LOCKED" => format!(
            "Salesforce did not write {key}: a user or a process holds the record or its parent; it is tried again."
        ),
        "E_CRM_INVALID_DATA" | "E_CRM_FIELD_DEPENDENCY" | "E_CRM_REFUSED" => {
            format!("Salesforce refused {of}: {said}")
        }
        other => format!(
            "Salesforce did not write {key}. {} It says: {said}",
            sentence(other)
        ),
    }
}

fn by_duplicate_rule(row: Sent<'_>, error: &ApiError) -> String {
    let rule = error.duplicate.clone().unwrap_or_default();
    let name = rule.name.map(|name| format!(" {name}")).unwrap_or_default();
    let records = if rule.records.is_empty() {
        String::new()
    } else {
        format!(" ({})", rule.records.join(", "))
    };
    format!(
        "The duplicate rule{name} of the Salesforce org holds {} for the same as another record{records}: merge them or \
         give the other one our key, or exempt the integration user from the rule. It says: {}",
        row.name,
        error.said()
    )
}

/// `(max length=80)`
fn longest(message: &str) -> Option<u32> {
    let (_, rest) = message.rsplit_once("max length=")?;
    rest.split(|c: char| !c.is_ascii_digit())
        .next()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests;
