//! What a mapped field can come out as, to be held against the CRM's own field.

use std::collections::BTreeSet;

use counterpart_domain::{ColumnKind, Entity, Value};

use super::name::TITLES;
use super::standard::texts_of;
use super::{FieldMap, Helper, Otherwise, Source};

/// What a [`FieldMap`] can make.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Makes {
    /// The kinds of value, beside blank; empty when it is always blank.
    pub kinds: Vec<ColumnKind>,
    /// The longest text in characters, `length` regarded: what is longer is cut or parked. `None`: no text, or nobody
    /// knows.
    pub longest: Option<usize>,
    /// All texts that it can make, where they are known: for pick lists.
    pub texts: Option<BTreeSet<String>>,
    /// Whether it can be blank.
    pub blank: bool,
}

/// A flag as text is `Y` or `N`, a date `2026-11-22`; a decimal has 28 digits, a sign and a point.
const fn text_length(kind: ColumnKind) -> Option<usize> {
    match kind {
        ColumnKind::Flag => Some(1),
        ColumnKind::Date => Some(10),
        ColumnKind::Number => Some(30),
        ColumnKind::Text => None,
    }
}

/// What a column holds; UDFs and columns that are not known are text.
pub(crate) fn column_kind(entity: Entity, column: &str) -> ColumnKind {
    let specs = entity.columns();
    let spec = specs.iter().find(|spec| spec.name == column);
    spec.map_or(ColumnKind::Text, |spec| spec.kind)
}

impl FieldMap {
    /// What this map can make of records of `entity`, with the lengths of Sage's text columns as the agent tells them
    /// (`None`: not told).
    #[must_use]
    pub fn makes(&self, entity: Entity, length_of: impl Fn(&str) -> Option<usize>) -> Makes {
        let mut makes = match &self.from {
            Source::Const(value) => of_values([value]),
            Source::Computed(expression) => match expression.kind() {
                None => Makes {
                    blank: true,
                    ..Makes::default()
                },
                Some(kind) => {
                    let length = expression.longest(length_of).or(text_length(kind));
                    self.of_columns(&[kind], &[length])
                }
            },
            Source::Columns(columns) => {
                let kinds: Vec<_> = columns
                    .iter()
                    .map(|column| column_kind(entity, column))
                    .collect();
                let lengths: Vec<_> = columns
                    .iter()
                    .zip(&kinds)
                    .map(|(column, kind)| text_length(*kind).or_else(|| length_of(column)))
                    .collect();
                self.of_columns(&kinds, &lengths)
            }
        };
        if let (Some(length), true) = (self.length, makes.has_text()) {
            let length = length as usize;
            makes.longest = Some(makes.longest.map_or(length, |longest| longest.min(length)));
        }
        makes
    }

    fn of_columns(&self, kinds: &[ColumnKind], lengths: &[Option<usize>]) -> Makes {
        let first = kinds.first().copied().unwrap_or(ColumnKind::Text);
        let length = lengths.first().copied().flatten();
        // A column that has its type already passes through the helpers for UDFs.
        let as_it_is = Makes {
            kinds: vec![first],
            longest: length.filter(|_| first == ColumnKind::Text),
            texts: None,
            blank: first != ColumnKind::Flag,
        };
        let read = |kind| Makes {
            kinds: vec![kind],
            longest: None,
            texts: None,
            blank: as_it_is.blank || self.otherwise == Otherwise::Blank,
        };
        let text = |longest| Makes {
            kinds: vec![ColumnKind::Text],
            longest,
            texts: None,
            blank: true,
        };
        let sum = |between: usize| {
            let all: Option<usize> = lengths.iter().copied().sum();
            all.map(|all| all + between * lengths.len().saturating_sub(1))
        };
        match &self.with {
            Helper::Copy => as_it_is,
            Helper::Text => text(length),
            Helper::Number => read(ColumnKind::Number),
            Helper::Flag => read(ColumnKind::Flag),
            Helper::Date => read(ColumnKind::Date),
            Helper::Join { by } => text(sum(by.chars().count())),
            Helper::AddressLines => text(sum(1)),
            Helper::Phone => text(sum(" ext. ".len())),
            Helper::Email | Helper::Website | Helper::FirstName => text(length),
            // In the place of a name stands a contact's code (10 characters) or a customer's number (20).
            Helper::LastName => Makes {
                blank: false,
                ..text(length.map(|length| length.max(20)))
            },
            Helper::Salutation => {
                let titles = TITLES.iter().map(|(_, title)| Value::text(*title));
                self.among(titles.collect::<Vec<_>>().iter(), &as_it_is, true)
            }
            Helper::PostalCode { .. } => text(length.map(|length| length.max("53205-1204".len()))),
            Helper::State { .. } | Helper::Country { .. } => {
                let texts = texts_of(&self.with).into_iter().map(Value::text);
                self.among(texts.collect::<Vec<_>>().iter(), &as_it_is, true)
            }
            Helper::Values(table) => {
                // A blank is blank, unless the table has a line for it.
                let blank = as_it_is.blank && !table.contains_key("");
                self.among(table.values(), &as_it_is, blank)
            }
        }
    }

    /// One of some values, and what `otherwise` adds to them.
    fn among<'v>(
        &self,
        values: impl IntoIterator<Item = &'v Value>,
        kept: &Makes,
        blank: bool,
    ) -> Makes {
        let mut makes = of_values(values);
        makes.blank |= blank || self.otherwise == Otherwise::Blank;
        if self.otherwise == Otherwise::Keep {
            let longest = makes.longest.unwrap_or(0);
            makes.longest = kept.longest.map(|length| length.max(longest));
            makes.texts = None;
            let more = kept.kinds.iter().filter(|kind| !makes.kinds.contains(kind));
            let more: Vec<_> = more.copied().collect();
            makes.kinds.extend(more);
        }
        makes
    }
}

impl Makes {
    /// Whether a text is among what can be made.
    #[must_use]
    pub fn has_text(&self) -> bool {
        self.kinds.contains(&ColumnKind::Text)
    }
}

/// Exactly these values.
fn of_values<'v>(values: impl IntoIterator<Item = &'v Value>) -> Makes {
    let mut makes = Makes::default();
    let mut texts = BTreeSet::new();
    for value in values {
        let kind = match value {
            Value::Blank => {
                makes.blank = true;
                continue;
            }
            Value::Text(text) | Value::Reference(text) => {
                makes.longest = makes.longest.max(Some(text.chars().count()));
                texts.insert(text.clone());
                ColumnKind::Text
            }
            Value::Number(_) => ColumnKind::Number,
            Value::Flag(_) => ColumnKind::Flag,
            Value::Date(_) => ColumnKind::Date,
        };
        if !makes.kinds.contains(&kind) {
            makes.kinds.push(kind);
        }
    }
    makes.texts = makes.has_text().then_some(texts);
    makes
}

#[cfg(test)]
mod tests {
    use counterpart_domain::ColumnKind::{Date, Flag, Number, Text};

    use super::*;
    use crate::testing::{entity, fields};

    fn makes(line: &str) -> Makes {
        let config = entity(&fields(line), Entity::CUSTOMER);
        let name = line.split_once(" =").unwrap().0;
        let map = config.fields.iter().find(|map| map.field == name).unwrap();
        map.makes(Entity::CUSTOMER, |column| match column {
            "CustomerName" | "AddressLine1" | "AddressLine2" | "AddressLine3" => Some(30),
            "CustomerStatus" => Some(1),
            "TelephoneNo" => Some(17),
            "TelephoneExt" => Some(5),
            _ => None,
        })
    }

    #[test]
    fn kinds_and_lengths_follow_the_columns_and_the_helper() {
        for (line, kinds, longest, blank) in [
            ("A = \"CustomerName\"", vec![Text], Some(30), true),
            ("A = \"UDF_X\"", vec![Text], None, true),
            ("A = \"CreditLimit\"", vec![Number], None, true),
            ("A = \"CreditHold\"", vec![Flag], None, false),
            (
                "A = { from = \"CreditHold\", with = \"text\" }",
                vec![Text],
                Some(1),
                true,
            ),
            (
                "A = { from = \"UDF_D\", with = \"date\" }",
                vec![Date],
                None,
                true,
            ),
            (
                "A = { from = [\"AddressLine1\", \"AddressLine2\", \"AddressLine3\"], with = \"address_lines\" }",
                vec![Text],
                Some(92),
                true,
            ),
            (
                "A = { from = [\"AddressLine1\", \"UDF_X\"], with = \"join\" }",
                vec![Text],
                None,
                true,
            ),
            (
                "A = { from = [\"TelephoneNo\", \"TelephoneExt\"], with = \"phone\" }",
                vec![Text],
                Some(28),
                true,
            ),
            (
                "A = { from = \"CustomerName\", length = 20 }",
                vec![Text],
                Some(20),
                true,
            ),
            (
                "A = { from = \"UDF_X\", length = 20, cut = true }",
                vec![Text],
                Some(20),
                true,
            ),
            (
                "A = { from = \"CustomerName\", with = \"last_name\" }",
                vec![Text],
                Some(30),
                false,
            ),
            ("A = { const = 3 }", vec![Number], None, false),
            ("A = { const = \"\" }", vec![], None, true),
            (
                "A = { from = \"CustomerStatus\", values = { A = \"Active\", I = false } }",
                vec![Text, Flag],
                Some(6),
                true,
            ),
            (
                "A = { from = \"CustomerName\", values = { A = \"Active\" }, otherwise = \"keep\" }",
                vec![Text],
                Some(30),
                true,
            ),
        ] {
            let makes = makes(line);
            assert_eq!(
                (makes.kinds, makes.longest, makes.blank),
                (kinds, longest, blank),
                "{line}"
            );
        }
    }

    #[test]
    fn the_texts_of_a_table_are_known_unless_others_are_kept() {
        let table = "A = { from = \"CustomerStatus\", values = { A = \"Active\", \"\" = \"None\" }";
        let said = makes(&format!("{table} }}"));
        assert_eq!(
            said.texts,
            Some(["Active", "None"].map(str::to_owned).into())
        );
        assert!(!said.blank);
        assert!(makes(&format!("{table}, otherwise = \"blank\" }}")).blank);
        assert_eq!(
            makes(&format!("{table}, otherwise = \"keep\" }}")).texts,
            None
        );
        assert_eq!(makes("A = \"CustomerName\"").texts, None);
        let titles = makes("A = { from = \"CustomerName\", with = \"salutation\" }").texts;
        assert!(titles.unwrap().contains("Prof."));
    }
}
