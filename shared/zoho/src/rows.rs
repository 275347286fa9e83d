//! What became of one row of a bulk write. The HTTP status says nothing of a row: 200, 201, 202, 207 and 400 all carry
//! one entry per row, in the rows' order. Pages: "Upsert Records", "Update Records".

use std::fmt;

use counterpart_delivery::ports::{RowOutcome, UpdateRow, UpsertRow, Written};
use counterpart_domain::{Class, CrmId, Fault, Fields, Value, bounded};
use counterpart_http::{About, Judged, Moment, opening};
use jiff::Timestamp;
use serde_json::Value as Json;

use crate::faults::sentence;
use crate::refusals::meaning;
use crate::wire::error::ApiError;
use crate::wire::records::Success;

/// A row as it was sent, as far as the verdict on it needs it.
#[derive(Clone, Copy)]
pub(crate) struct Sent<'a> {
    /// What it is called in sentences: its key, or its id.
    name: &'a dyn fmt::Display,
    fields: &'a Fields,
    /// What decides which record is written.
    by: By<'a>,
}

#[derive(Clone, Copy)]
enum By<'a> {
    /// The unique field that holds the Sage key.
    Key(&'a str),
    /// The record's id.
    Id(&'a str),
}

impl<'a> Sent<'a> {
    /// A row that is known by its key.
    pub(crate) fn by_key(key_field: &'a str, row: &'a UpsertRow) -> Self {
        Self {
            name: &row.key,
            fields: &row.fields,
            by: By::Key(key_field),
        }
    }

    /// A row that is known by its id.
    pub(crate) fn by_id(row: &'a UpdateRow) -> Self {
        Self {
            name: &row.id,
            fields: &row.fields,
            by: By::Id(&row.id.0),
        }
    }
}

/// Judges the reply's entry for `row`.
pub(crate) fn judge(row: Sent<'_>, entry: &Json, moment: Moment) -> Judged {
    if let Some(success) = Success::of(entry) {
        return Judged::Final(match row.by {
            By::Key(key_field) => written(key_field, row, &success),
            By::Id(id) => updated(id, row, &success),
        });
    }
    let Some(error) = ApiError::of(entry) else {
        return Judged::Final(Err(puzzling(row, &opening(&entry.to_string()))));
    };
    if let By::Key(key_field) = row.by
        && is_race(key_field, &error)
    {
        return Judged::Raced(hidden_duplicate(key_field, row, &error));
    }
    Judged::Final(Err(refusal(row, &error, moment)))
}

fn written(key_field: &str, row: Sent<'_>, success: &Success<'_>) -> RowOutcome {
    let Some(id) = success.id.clone() else {
        return Err(puzzling(row, "no id"));
    };
    let created = match success.action {
        Some("insert") => true,
        Some("update") => false,
        other => {
            return Err(puzzling(row, &format!("record {id}: action {other:?}")));
        }
    };
    // Zoho goes on to the module's other unique fields when ours matches nothing: that record is somebody else's.
    if !created && success.duplicate_field != Some(key_field) {
        let matched = success.duplicate_field.map_or_else(
            || "a field it does not name".to_owned(),
            |name| bounded(name.to_owned(), 100),
        );
        return Err(Fault::new(
            Class::Data,
            "E_CRM_MATCHED_OTHER_FIELD",
            format!(
                "Zoho wrote {} into record {id} because {matched} has the same value, not {key_field}: check that \
                 record, and that no other field of the module is unique.",
                row.name
            ),
        )
        .with_detail(format!("id={id} duplicate_field={matched}")));
    }
    Ok(Written {
        id: CrmId(id),
        created,
        modified: success
            .modified
            .and_then(|text| text.parse::<Timestamp>().ok()),
    })
}

/// An update tells neither an action nor what it went by.
fn updated(id: &str, row: Sent<'_>, success: &Success<'_>) -> RowOutcome {
    match success.id.as_deref() {
        Some(answered) if answered == id => Ok(Written {
            id: CrmId(id.to_owned()),
            created: false,
            modified: success.modified.and_then(|text| text.parse().ok()),
        }),
        other => {
            let why = format!("record {id} was sent, {other:?} answered");
            Err(puzzling(row, &why))
        }
    }
}

/// Whether the row was written is not said; it may be repeated.
fn puzzling(row: Sent<'_>, why: &str) -> Fault {
    Fault::new(
        Class::Ambiguous,
        "E_CRM_REPLY_UNREADABLE",
        format!(
            "Zoho's answer for {} cannot be read; it is tried again.",
            row.name
        ),
    )
    .with_detail(why)
}

fn is_race(key_field: &str, error: &ApiError) -> bool {
    let on_key = |error: &ApiError| {
        error.code == "DUPLICATE_DATA" && error.field().as_deref() == Some(key_field)
    };
    let inner = error.inner();
    on_key(error)
        || error.code == "MULTIPLE_OR_MULTI_ERRORS" && !inner.is_empty() && inner.iter().all(on_key)
}

fn hidden_duplicate(key_field: &str, row: Sent<'_>, error: &ApiError) -> Fault {
    let other = error.other_record().map(|id| format!(" (record {id})"));
    Fault::new(
        Class::Data,
        "E_CRM_DUPLICATE",
        format!(
            "Zoho says that {key_field} {} exists already{}, yet does not match it: the record may be in the recycle \
             bin, or hidden from the integration user.",
            row.name,
            other.unwrap_or_default()
        ),
    )
    .with_detail(error.detail())
}

/// The fault of a refused row, with a sentence that names the record and the field.
fn refusal(row: Sent<'_>, error: &ApiError, moment: Moment) -> Fault {
    if error.code == "MULTIPLE_OR_MULTI_ERRORS" {
        let faults: Vec<Fault> = error
            .inner()
            .iter()
            .map(|inner| refusal(row, inner, moment))
            .collect();
        // What a person must mend outweighs what passes by itself.
        let first = faults.iter().find(|fault| !fault.is_retryable());
        if let Some(first) = first.or(faults.first()) {
            let all: Vec<&str> = faults.iter().map(|fault| fault.message.as_str()).collect();
            return Fault::new(first.class, first.code.clone(), all.join(" "))
                .with_detail(error.detail());
        }
    }
    let (class, code) =
        meaning(About::Record, &error.code).unwrap_or((Class::Data, "E_CRM_REFUSED"));
    let field = error.field();
    let reference = field
        .as_deref()
        .and_then(|field| row.fields.get(field))
        .and_then(|value| match value {
            Value::Reference(id) => Some(bounded(id.clone(), 40)),
            _ => None,
        });
    let (code, message) = match (code, field.as_deref(), reference) {
        ("E_CRM_INVALID_DATA", Some("id"), _) if matches!(row.by, By::Id(_)) => (
            "E_CRM_RECORD_GONE",
            format!(
                "Zoho did not write {}: there is no such record, or not any more.",
                row.name
            ),
        ),
        ("E_CRM_INVALID_DATA", Some("Owner"), id) => (
            "E_CRM_OWNER_INVALID",
            format!(
                "Zoho refused the owner of {}: the user{} does not exist or is not active.",
                row.name,
                id.map(|id| format!(" {id}")).unwrap_or_default()
            ),
        ),
        ("E_CRM_INVALID_DATA", Some(field), Some(id)) => (
            "E_CRM_PARENT_NOT_FOUND",
            format!(
                "Zoho does not know record {id}, which {field} of {} points to.",
                row.name
            ),
        ),
        (code, field, _) => (code, plain_sentence(row, error, code, field)),
    };
    let fault = Fault::new(class, code, message).with_detail(error.detail());
    if class == Class::Throttled {
        fault.until(moment.after(1))
    } else {
        fault
    }
}

fn plain_sentence(row: Sent<'_>, error: &ApiError, code: &str, field: Option<&str>) -> String {
    let key = row.name;
    let of = field.map_or_else(|| key.to_string(), |field| format!("{field} of {key}"));
    match code {
        "E_CRM_REQUIRED_MISSING" => match field {
            Some(field) => format!("Zoho wants {field} for {key}, and it is empty."),
            None => format!("Zoho wants a field for {key} that is empty."),
        },
        "E_CRM_DUPLICATE" => {
            let other = error.other_record().map(|id| format!(" {id}"));
            format!(
                "Zoho refused {of}: another record{} has the same value.",
                other.unwrap_or_default()
            )
        }
        "E_CRM_RECORD_LOCKED" => format!(
            "Zoho did not write {key}: a user or a process holds the record ({}); it is tried again.",
            error.code
        ),
        "E_CRM_ALREADY_MODIFIED" => {
            format!(
                "Zoho did not write {key}: somebody changed it at the same moment; it is tried again."
            )
        }
        "E_CRM_INVALID_DATA" | "E_CRM_FIELD_DEPENDENCY" | "E_CRM_REFUSED" => {
            let wanted = error.wanted().map(|wanted| format!(" ({wanted})"));
            format!(
                "Zoho refused {of}: {}{}.",
                error.said(),
                wanted.unwrap_or_default()
            )
        }
        other => format!("Zoho did not write {key}. {}", sentence(other)),
    }
}

#[cfg(test)]
mod tests;
