//! Canonical Sage records: the columns that are kept in step, typed, under Sage's own names, plus a bag for UDFs.
//!
//! Left out on purpose: tax ids, social security numbers, card fields, encrypted values. They are never read or stored.

mod wire;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;

use crate::{
    Class, ColumnKind, ColumnSpec, Company, Digest, Entity, Fault, Fields, RepKey, SageKey, Value,
    bounded, digest_of,
};

/// One row of an entity's table. Its content is shared: a copy costs nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    entity: Entity,
    content: Arc<Content>,
}

/// The values of a record.
#[derive(Debug, PartialEq, Eq)]
struct Content {
    /// By the places of the columns in the entity's table. A flag that is not set is `false`, anything else [`Value::Blank`].
    values: Box<[Value]>,
    /// User-defined fields that are not blank, by column name (`UDF_…`).
    udf: BTreeMap<String, String>,
    /// Columns and UDFs whose texts are longer than what is kept, with their lengths in characters.
    unread: BTreeMap<String, usize>,
}

impl Record {
    /// Reads a record from the agent's columns (all values text, blank = empty). Unknown columns are left out, `UDF_*`
    /// columns go into the bag. A text that is longer than an agent may send one is not kept,
    /// which [`Record::unread`] tells.
    ///
    /// # Errors
    /// `E_SAGE_RECORD_INVALID` (class data), naming every column that cannot be read, or a key that is not the record's.
    pub fn from_columns(key: &SageKey, columns: &BTreeMap<String, String>) -> Result<Self, Fault> {
        let mut reader = Reader {
            columns,
            problems: Vec::new(),
            unread: BTreeMap::new(),
        };
        let specs = key.entity.columns().iter();
        let content = Content {
            values: specs.map(|spec| reader.column(spec)).collect(),
            udf: reader.udfs(),
            unread: std::mem::take(&mut reader.unread),
        };
        if !reader.problems.is_empty() {
            return Err(invalid(key, &reader.problems));
        }
        let record = Self {
            entity: key.entity,
            content: Arc::new(content),
        };
        let own = record.local_key();
        if own == key.local {
            Ok(record)
        } else {
            Err(invalid(key, &[format!("the key columns say {own:?}")]))
        }
    }

    /// What it is.
    #[must_use]
    pub const fn entity(&self) -> Entity {
        self.entity
    }

    /// The key within its company, made from the key columns.
    #[must_use]
    pub fn local_key(&self) -> String {
        let shape = &self.entity.spec().key;
        shape.join(shape.columns().map(|column| self.text(column)))
    }

    /// The record that it belongs to: a contact's customer.
    #[must_use]
    pub fn parent(&self, company: &Company) -> Option<SageKey> {
        let parent = self.entity.spec().parent.as_ref()?;
        let parts = parent.columns.iter().map(|column| self.text(column));
        Some(SageKey {
            company: company.clone(),
            entity: parent.entity,
            local: parent.entity.spec().key.join(parts),
        })
    }

    /// The value of a column or UDF, by Sage's name. `None`: this entity has no such column and the record no such UDF.
    #[must_use]
    pub fn get(&self, column: &str) -> Option<Value> {
        match self.value(column) {
            Some(value) => Some(value.clone()),
            None => self.content.udf.get(column).map(Value::text),
        }
    }

    /// How many characters a column or UDF has whose text was too long to be kept: it is blank here, and not in Sage.
    #[must_use]
    pub fn unread(&self, column: &str) -> Option<usize> {
        self.content.unread.get(column).copied()
    }

    /// The record with other values in some of its columns, as Sage will show them.
    ///
    /// # Errors
    /// As [`Record::from_columns`].
    pub fn with(&self, key: &SageKey, changes: &Fields) -> Result<Self, Fault> {
        let mut columns: BTreeMap<String, String> = self.content.udf.clone();
        let own = self.entity.columns().iter().zip(&self.content.values);
        columns.extend(own.map(|(spec, value)| (spec.name.to_owned(), value.in_sage())));
        let changed = changes
            .iter()
            .map(|(name, value)| (name.clone(), value.in_sage()));
        columns.extend(changed);
        let mut record = Self::from_columns(key, &columns)?;
        if let Some(content) = Arc::get_mut(&mut record.content) {
            let unread = self.content.unread.iter();
            let unread = unread.filter(|(name, _)| !changes.contains_key(*name));
            content
                .unread
                .extend(unread.map(|(name, characters)| (name.clone(), *characters)));
        }
        Ok(record)
    }

    /// The text of a column; empty where it is blank, or holds something else than text.
    #[must_use]
    pub fn text(&self, column: &str) -> &str {
        match self.value(column) {
            Some(Value::Text(text)) => text,
            _ => "",
        }
    }

    fn value(&self, column: &str) -> Option<&Value> {
        let place = self.entity.columns().iter();
        let place = place.take_while(|spec| spec.name != column).count();
        self.content.values.get(place)
    }

    /// Whether Sage has put it aside, in its entity's way. Where that has none, nothing is inactive.
    #[must_use]
    pub fn is_inactive(&self) -> bool {
        let rule = self.entity.spec().inactive.as_ref();
        rule.is_some_and(|rule| self.text(rule.column).eq_ignore_ascii_case(rule.value))
    }

    /// The rep that a record is assigned to, from `column` (the one that its entity names, combined with the division, or a
    /// UDF). `None`: blank, or the entity has none.
    #[must_use]
    pub fn rep(&self, company: &Company, column: &str) -> Option<RepKey> {
        let rep = match &self.entity.spec().rep {
            Some(rep) if rep.number == column => {
                let number = Some(self.text(column)).filter(|number| !number.is_empty())?;
                format!("{}-{number}", self.text(rep.division))
            }
            _ => match self.get(column)? {
                Value::Blank => return None,
                value => value.to_string(),
            },
        };
        Some(RepKey {
            company: company.clone(),
            rep,
        })
    }

    /// The hash of the content: every column and UDF that is not blank, by name. The audit columns are no part of it.
    #[must_use]
    pub fn content_hash(&self) -> Digest {
        let mut parts = vec![self.entity.name().to_owned()];
        for (spec, value) in self.entity.columns().iter().zip(&self.content.values) {
            let text = match value {
                Value::Blank => continue,
                Value::Number(number) => number.normalize().to_string(),
                value => value.to_string(),
            };
            parts.extend([spec.name.to_owned(), text]);
        }
        let udf = self.content.udf.iter();
        let udf = udf.flat_map(|(name, text)| [name.as_str(), text]);
        let unread = self.content.unread.iter();
        let unread: Vec<String> = unread
            .flat_map(|(name, characters)| [name.clone(), characters.to_string()])
            .collect();
        let all = parts.iter().map(String::as_str).chain(udf);
        digest_of(all.chain(unread.iter().map(String::as_str)))
    }
}

/// The longest text that is kept of one column, in characters: the longest that an agent may send.
const LONGEST_TEXT: usize = 65_536;
/// The most UDFs that are kept of one record.
const MOST_UDFS: usize = 200;

fn invalid(key: &SageKey, problems: &[String]) -> Fault {
    Fault::new(
        Class::Data,
        "E_SAGE_RECORD_INVALID",
        format!("Sage 100 sent a {} that cannot be read: {key}.", key.entity),
    )
    .with_detail(problems.join("; "))
}

/// What a column holds that nothing was said of.
const fn blank(kind: ColumnKind) -> Value {
    match kind {
        ColumnKind::Flag => Value::Flag(false),
        ColumnKind::Text | ColumnKind::Number | ColumnKind::Date => Value::Blank,
    }
}

/// Reads columns one by one and collects what is wrong.
struct Reader<'a> {
    columns: &'a BTreeMap<String, String>,
    problems: Vec<String>,
    unread: BTreeMap<String, usize>,
}

impl Reader<'_> {
    fn column(&mut self, spec: &ColumnSpec) -> Value {
        let text = self.columns.get(spec.name).map_or("", |text| trimmed(text));
        if text.is_empty() {
            return blank(spec.kind);
        }
        if spec.kind == ColumnKind::Text && self.is_too_long(spec.name, text) {
            return Value::Blank;
        }
        value(spec.kind, text).unwrap_or_else(|| {
            let shown = bounded(text.to_owned(), 40);
            self.problems.push(format!("{} holds {shown:?}", spec.name));
            blank(spec.kind)
        })
    }

    fn udfs(&mut self) -> BTreeMap<String, String> {
        let columns = self.columns;
        let udfs: BTreeMap<_, _> = columns
            .iter()
            .filter(|(name, _)| name.starts_with("UDF_"))
            .map(|(name, text)| (name.clone(), trimmed(text).to_owned()))
            .filter(|(name, text)| !text.is_empty() && !self.is_too_long(name, text))
            .collect();
        if udfs.len() > MOST_UDFS {
            self.problems
                .push(format!("{} UDFs, at most {MOST_UDFS} are kept", udfs.len()));
        }
        udfs
    }

    /// Whether a text is too long to be kept, which is noted. The other columns are none the worse for it.
    fn is_too_long(&mut self, column: &str, text: &str) -> bool {
        // A character has a byte or more.
        let characters = if text.len() > LONGEST_TEXT {
            text.chars().count()
        } else {
            0
        };
        if characters > LONGEST_TEXT {
            self.unread.insert(column.to_owned(), characters);
        }
        characters > LONGEST_TEXT
    }
}

/// ODBC text is padded with spaces on the right; leading spaces belong to the value.
fn trimmed(text: &str) -> &str {
    text.trim_end_matches([' ', '\0'])
}

/// A text that is not empty, in the column's type.
fn value(kind: ColumnKind, text: &str) -> Option<Value> {
    match kind {
        ColumnKind::Text => Some(Value::Text(text.to_owned())),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect()
    }

    fn abf() -> SageKey {
        SageKey::new(&Company::new("ABC").unwrap(), Entity::CUSTOMER, "01-ABF").unwrap()
    }

    const ABF: [(&str, &str); 6] = [
        ("ARDivisionNo", "01"),
        ("CustomerNo", "ABF"),
        ("CustomerName", "American Business Futures   "),
        ("CreditLimit", "120000.00"),
        ("CreditHold", "N"),
        ("UDF_REGION", "MIDWEST"),
    ];

    #[test]
    fn columns_become_typed_values_and_udfs_a_bag() {
        let record = Record::from_columns(&abf(), &columns(&ABF)).unwrap();
        assert_eq!(
            record.get("CustomerName"),
            Some(Value::text("American Business Futures"))
        );
        assert_eq!(
            record.get("CreditLimit"),
            Some(Value::Number("120000.00".parse().unwrap()))
        );
        assert_eq!(record.get("CreditHold"), Some(Value::Flag(false)));
        assert_eq!(record.get("UDF_REGION"), Some(Value::text("MIDWEST")));
        assert_eq!(record.get("TaxpayerIDSocialSecurityNo"), None);
    }

    #[test]
    fn the_hash_leaves_the_audit_columns_and_trailing_zeros_out() {
        let hash = |extra: &[(&str, &str)]| {
            let mut all = ABF.to_vec();
            all.extend_from_slice(extra);
            Record::from_columns(&abf(), &columns(&all))
                .unwrap()
                .content_hash()
        };
        assert_eq!(
            hash(&[]),
            hash(&[("DateUpdated", "20261122"), ("CreditLimit", "120000")])
        );
        assert_ne!(hash(&[]), hash(&[("City", "Racine")]));
        assert_ne!(hash(&[]), hash(&[("UDF_REGION", "WEST")]));
    }

    #[test]
    fn every_unreadable_column_is_named_at_once() {
        let fault = Record::from_columns(
            &abf(),
            &columns(&[
                ("ARDivisionNo", "01"),
                ("CustomerNo", "ABF"),
                ("CreditLimit", "much"),
                ("DateEstablished", "yesterday"),
            ]),
        )
        .unwrap_err();
        assert_eq!(fault.code, "E_SAGE_RECORD_INVALID");
        assert!(fault.detail.contains("CreditLimit") && fault.detail.contains("DateEstablished"));
    }

    #[test]
    fn a_text_beyond_the_bound_is_told_and_the_record_is_read() {
        let long = "é".repeat(LONGEST_TEXT + 1);
        let mut pairs = ABF.to_vec();
        pairs.extend([
            ("Comment", long.as_str()),
            ("UDF_LONG", &long),
            ("City", "Racine"),
        ]);
        let record = Record::from_columns(&abf(), &columns(&pairs)).unwrap();
        assert_eq!(record.text("City"), "Racine");
        assert_eq!(record.unread("City"), None);
        for column in ["Comment", "UDF_LONG"] {
            assert_eq!(record.unread(column), Some(LONGEST_TEXT + 1));
            assert!(record.get(column).is_none_or(|value| value.is_blank()));
        }
        let text = serde_json::to_string(&record).unwrap();
        assert_eq!(serde_json::from_str::<Record>(&text).unwrap(), record);
        let changed = Fields::from([("Comment".to_owned(), Value::text("short"))]);
        let changed = record.with(&abf(), &changed).unwrap();
        assert_eq!(
            (changed.unread("Comment"), changed.text("Comment")),
            (None, "short")
        );
        assert_eq!(changed.unread("UDF_LONG"), Some(LONGEST_TEXT + 1));
        assert_ne!(changed.content_hash(), record.content_hash());
    }

    #[test]
    fn a_record_under_anothers_key_is_refused() {
        let other = columns(&[("ARDivisionNo", "02"), ("CustomerNo", "ABF")]);
        assert!(Record::from_columns(&abf(), &other).is_err());
    }

    #[test]
    fn the_division_is_part_of_the_rep() {
        let mut pairs = ABF.to_vec();
        pairs.extend([("SalespersonDivisionNo", "01"), ("SalespersonNo", "0100")]);
        let record = Record::from_columns(&abf(), &columns(&pairs)).unwrap();
        let company = Company::new("ABC").unwrap();
        assert_eq!(
            record.rep(&company, "SalespersonNo").unwrap().to_string(),
            "ABC:01-0100"
        );
        assert_eq!(
            record.rep(&company, "UDF_REGION").unwrap().to_string(),
            "ABC:MIDWEST"
        );
        assert_eq!(record.rep(&company, "UDF_NONE"), None);
    }

    #[test]
    fn a_record_survives_json() {
        let record = Record::from_columns(&abf(), &columns(&ABF)).unwrap();
        let text = serde_json::to_string(&record).unwrap();
        assert!(
            !text.contains("AddressLine1"),
            "blank columns cost nothing: {text}"
        );
        assert_eq!(serde_json::from_str::<Record>(&text).unwrap(), record);
    }
}
