//! From a Sage record to a CRM's field values. Pure: the same record and configuration always give the same fields.

mod address;
mod helper;
mod makes;
mod name;
mod phone;
pub(crate) mod place;
mod standard;
#[cfg(test)]
mod tests;
mod web;

use std::collections::BTreeSet;

use counterpart_domain::{Class, Fault, Fields, Note, Record, SageKey, Value, bounded};

use crate::Expression;
pub use address::StreetLines;
pub use helper::{Helper, Otherwise, PlaceForm};
pub(crate) use helper::{date as as_date, flag as as_flag, number as as_number};
pub use makes::Makes;
pub(crate) use makes::column_kind;
pub(crate) use name::title;
pub(crate) use web::{first_of_several, is_addressed, with_first};

/// Where a field's value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Sage columns or UDFs.
    Columns(Vec<String>),
    /// An expression over the record's columns.
    Computed(Expression),
    /// The configuration itself: the same value in every record.
    Const(Value),
}

/// One mapped CRM field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldMap {
    /// The CRM's API name.
    pub field: String,
    /// Where the value comes from.
    pub from: Source,
    /// How it is made.
    pub with: Helper,
    /// What happens to what the helper cannot read.
    pub otherwise: Otherwise,
    /// The greatest length of a text, in characters.
    pub length: Option<u32>,
    /// Whether a longer text is cut; otherwise the record is parked.
    pub cut: bool,
}

/// A record as the CRM's fields.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mapped {
    /// The fields' values.
    pub fields: Fields,
    /// Fields whose columns hold something that no value could be made of. They are blank in `fields`, and stay as they are in
    /// the CRM: only a blank takes a value away.
    pub unread: BTreeSet<String>,
    /// What went over as it was, because it could not be standardised, and what did not go over.
    pub notes: Vec<Note>,
}

/// Why one field could not be mapped.
pub(crate) struct Refusal {
    /// `E_MAPPING_…`.
    pub code: &'static str,
    /// The end of the sentence `FIELD of KEY cannot be made from COLUMNS: VALUE …`.
    pub why: String,
}

/// Why a field has no value.
enum Miss {
    /// The record is refused.
    Refused(Fault),
    /// The field alone is left as it is; a note where that is worth saying.
    Unread(Option<Note>),
}

pub(crate) fn map(fields: &[FieldMap], key: &SageKey, record: &Record) -> Result<Mapped, Fault> {
    let mut mapped = Mapped::default();
    let mut faults: Vec<Fault> = Vec::new();
    for field in fields {
        match field.value(key, record, &mut mapped.notes) {
            Ok(value) => {
                mapped.fields.insert(field.field.clone(), value);
            }
            Err(Miss::Unread(note)) => {
                mapped.fields.insert(field.field.clone(), Value::Blank);
                mapped.unread.insert(field.field.clone());
                mapped.notes.extend(note);
            }
            Err(Miss::Refused(fault)) => faults.push(fault),
        }
    }
    let others: Vec<String> = faults.iter().skip(1).map(Fault::to_string).collect();
    match faults.into_iter().next() {
        None => Ok(mapped),
        Some(first) if others.is_empty() => Err(first),
        Some(first) => Err(first.with_detail(others.join("; "))),
    }
}

impl FieldMap {
    /// The value of this field for a record.
    fn value(&self, key: &SageKey, record: &Record, notes: &mut Vec<Note>) -> Result<Value, Miss> {
        let columns = match &self.from {
            Source::Const(value) => return Ok(value.clone()),
            Source::Computed(expression) => return self.computed(expression, key, record, notes),
            Source::Columns(columns) => columns,
        };
        self.all_read(columns.iter().map(String::as_str), record)?;
        let mut values = Vec::with_capacity(columns.len());
        for column in columns {
            match record.get(column) {
                Some(value) => values.push(value),
                // A UDF that is blank is absent.
                None if column.starts_with("UDF_") => values.push(Value::Blank),
                None => return Err(Miss::Refused(self.no_column(column, record))),
            }
        }
        let fault = |refusal| Miss::Refused(self.fault(key, &refusal, columns, &values));
        match self.with.apply(&values, record, self, notes) {
            Ok(value) => self.fit(value).map_err(fault),
            Err(refusal) if self.otherwise == Otherwise::Blank => {
                Err(Miss::Unread(self.left(&refusal, &shown(&values))))
            }
            Err(refusal) => Err(fault(refusal)),
        }
    }

    /// Passes if the record holds all of these columns that Sage has.
    fn all_read<'c>(
        &self,
        columns: impl IntoIterator<Item = &'c str>,
        record: &Record,
    ) -> Result<(), Miss> {
        let unread = columns
            .into_iter()
            .find_map(|column| Some((column, record.unread(column)?)));
        let Some((column, characters)) = unread else {
            return Ok(());
        };
        let message = format!(
            "{}: {column} has {characters} characters, which is more than is taken over. The field was left as it is.",
            self.field
        );
        let note = Note::new(&self.field, "N_MAPPING_TOO_LONG", message);
        Err(Miss::Unread(Some(note)))
    }

    /// What is said of a field that was left as it is. That a text has no title is ordinary.
    fn left(&self, refusal: &Refusal, shown: &str) -> Option<Note> {
        let code = match refusal.code {
            "E_MAPPING_SALUTATION" => return None,
            "E_MAPPING_STATE" => "N_ADDRESS_STATE",
            "E_MAPPING_COUNTRY" => "N_ADDRESS_COUNTRY",
            "E_MAPPING_POSTAL_CODE" => "N_ADDRESS_POSTAL_CODE",
            _ => "N_MAPPING_UNREAD",
        };
        let message = format!(
            "{}: {shown:?} {}. The field was left as it is.",
            self.field, refusal.why
        );
        Some(Note::new(&self.field, code, message))
    }

    /// The value of an expression, through the helper if there is one.
    fn computed(
        &self,
        expression: &Expression,
        key: &SageKey,
        record: &Record,
        notes: &mut Vec<Note>,
    ) -> Result<Value, Miss> {
        self.all_read(expression.columns(), record)?;
        let refuse = |code, why: String| {
            let message = format!("{} of {key} cannot be computed: {why}.", self.field);
            let fault = Fault::new(Class::Data, code, message);
            Miss::Refused(fault.with_detail(expression.source()))
        };
        let value = match expression.value(key, record) {
            Ok(value) => value,
            // What an expression has no value for is a blank: that is what the configuration says.
            Err(_) if self.otherwise == Otherwise::Blank => return Ok(Value::Blank),
            Err(why) => return Err(refuse("E_MAPPING_COMPUTED", why)),
        };
        let fault = |refusal: Refusal| {
            let shown = shown(std::slice::from_ref(&value));
            refuse(refusal.code, format!("{shown:?} {}", refusal.why))
        };
        let made = self
            .with
            .apply(std::slice::from_ref(&value), record, self, notes);
        match made {
            Ok(made) => self.fit(made).map_err(fault),
            Err(refusal) if self.otherwise == Otherwise::Blank => Err(Miss::Unread(
                self.left(&refusal, &shown(std::slice::from_ref(&value))),
            )),
            Err(refusal) => Err(fault(refusal)),
        }
    }

    /// Holds a text to its greatest length.
    fn fit(&self, value: Value) -> Result<Value, Refusal> {
        let (Value::Text(text), Some(length)) = (&value, self.length) else {
            return Ok(value);
        };
        let count = text.chars().count();
        if count <= length as usize {
            return Ok(value);
        }
        if self.cut {
            let cut: String = text.chars().take(length as usize).collect();
            return Ok(Value::text(cut.trim_end()));
        }
        Err(Refusal {
            code: "E_MAPPING_TOO_LONG",
            why: format!("makes {count} characters, {length} are allowed"),
        })
    }

    fn fault(
        &self,
        key: &SageKey,
        refusal: &Refusal,
        columns: &[String],
        values: &[Value],
    ) -> Fault {
        let shown = shown(values);
        Fault::new(
            Class::Data,
            refusal.code,
            format!(
                "{} of {key} cannot be made from {}: {shown:?} {}.",
                self.field,
                columns.join(" and "),
                refusal.why
            ),
        )
    }

    fn no_column(&self, column: &str, record: &Record) -> Fault {
        let entity = record.entity();
        Fault::new(
            Class::Bug,
            "E_MAPPING_COLUMN",
            format!(
                "{} is mapped from {column}, which no {entity} has.",
                self.field
            ),
        )
    }
}

/// Values in a sentence.
fn shown(values: &[Value]) -> String {
    let shown: Vec<String> = values.iter().map(Helper::source_text).collect();
    bounded(shown.join(" | "), 80)
}
