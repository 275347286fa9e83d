//! A record out of the agent's columns.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::{Class, ColumnKind, ColumnSpec, Fault, SageKey, Value, bounded};

/// The longest text that is kept of one column.
const LONGEST_TEXT: usize = 4_000;
/// The most UDFs that are kept of one record.
const MOST_UDFS: usize = 200;

pub(super) fn invalid(key: &SageKey, problems: &[String]) -> Fault {
    Fault::new(
        Class::Data,
        "E_SAGE_RECORD_INVALID",
        format!("Sage 100 sent a {} that cannot be read: {key}.", key.entity),
    )
    .with_detail(problems.join("; "))
}

/// What a column holds that nothing was said of.
pub(super) const fn blank(kind: ColumnKind) -> Value {
    match kind {
        ColumnKind::Flag => Value::Flag(false),
        ColumnKind::Text | ColumnKind::Number | ColumnKind::Date => Value::Blank,
    }
}

/// Reads columns one by one and collects what is wrong.
pub(super) struct Reader<'a> {
    pub(super) columns: &'a BTreeMap<String, String>,
    pub(super) problems: Vec<String>,
}

impl Reader<'_> {
    pub(super) fn column(&mut self, spec: &ColumnSpec) -> Value {
        let text = self.columns.get(spec.name).map_or("", |text| trimmed(text));
        if text.is_empty() {
            return blank(spec.kind);
        }
        value(spec.kind, text).unwrap_or_else(|| {
            let shown = bounded(text.to_owned(), 40);
            self.problems.push(format!("{} holds {shown:?}", spec.name));
            blank(spec.kind)
        })
    }

    pub(super) fn udfs(&mut self) -> BTreeMap<String, String> {
        let udfs: BTreeMap<_, _> = self
            .columns
            .iter()
            .filter(|(name, _)| name.starts_with("UDF_"))
            .map(|(name, text)| (name.clone(), trimmed(text).to_owned()))
            .filter(|(_, text)| !text.is_empty())
            .collect();
        if udfs.len() > MOST_UDFS {
            self.problems
                .push(format!("{} UDFs, at most {MOST_UDFS} are kept", udfs.len()));
        }
        if let Some((name, _)) = udfs
            .iter()
            .find(|(_, text)| text.chars().count() > LONGEST_TEXT)
        {
            self.problems
                .push(format!("{name} is longer than {LONGEST_TEXT} characters"));
        }
        udfs
    }
}

/// ODBC text is padded with spaces on the right; leading spaces belong to the value.
fn trimmed(text: &str) -> &str {
    text.trim_end_matches([' ', '\0'])
}

/// A text that is not empty, in the column's type.
fn value(kind: ColumnKind, text: &str) -> Option<Value> {
    match kind {
        ColumnKind::Text => {
            (text.chars().count() <= LONGEST_TEXT).then(|| Value::Text(text.to_owned()))
        }
        ColumnKind::Number => text.trim().parse().ok().map(Value::Number),
        ColumnKind::Flag => match text {
            "Y" => Some(Value::Flag(true)),
            "N" => Some(Value::Flag(false)),
            _ => None,
        },
        ColumnKind::Date => {
            let date = (text.len() == 8).then(|| Date::strptime("%Y%m%d", text).ok())??;
            // Sage Premium's blank date.
            Some(if date.year() > 1753 {
                Value::Date(date)
            } else {
                Value::Blank
            })
        }
    }
}
