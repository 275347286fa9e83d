//! A record in JSON, as it lies in queues and tables: `{"customer":{"CustomerNo":"ABF",…,"udf":{…}}}`. Blank columns are left
//! out. Columns that no record holds any more are passed over.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};

use super::blank;
use super::{Content, Record};
use crate::{ColumnKind, ColumnSpec, Entity, Value};

/// The member that holds the UDFs.
const UDF: &str = "udf";
/// The member that names what was too long to be kept.
const UNREAD: &str = "unread";

impl Serialize for Record {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(self.entity.name(), &Body(self))?;
        map.end()
    }
}

/// The columns that are not blank.
struct Body<'a>(&'a Record);

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let content = &self.0.content;
        for (spec, value) in self.0.entity.columns().iter().zip(&content.values) {
            match value {
                Value::Blank | Value::Flag(false) => {}
                Value::Text(text) | Value::Reference(text) => {
                    map.serialize_entry(spec.name, text)?
                }
                Value::Number(number) => map.serialize_entry(spec.name, number)?,
                Value::Flag(flag) => map.serialize_entry(spec.name, flag)?,
                Value::Date(date) => map.serialize_entry(spec.name, date)?,
            }
        }
        if !content.udf.is_empty() {
            map.serialize_entry(UDF, &content.udf)?;
        }
        if !content.unread.is_empty() {
            map.serialize_entry(UNREAD, &content.unread)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Record {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Tagged)
    }
}

/// `{"customer": …}`.
struct Tagged;

impl<'de> Visitor<'de> for Tagged {
    type Value = Record;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a record under the name of its entity")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Record, A::Error> {
        let none = || A::Error::custom("a record without an entity");
        let entity = map.next_key::<Entity>()?.ok_or_else(none)?;
        let content = map.next_value_seed(Columns(entity))?;
        if map.next_key::<IgnoredAny>()?.is_some() {
            return Err(A::Error::custom("a record of two entities"));
        }
        Ok(Record {
            entity,
            content: Arc::new(content),
        })
    }
}

/// The columns of an entity.
struct Columns(Entity);

impl<'de> DeserializeSeed<'de> for Columns {
    type Value = Content;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Content, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Columns {
    type Value = Content;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the columns of a {}", self.0)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Content, A::Error> {
        let specs = self.0.columns();
        let mut values: Box<[Value]> = specs.iter().map(|spec| blank(spec.kind)).collect();
        let (mut udf, mut unread) = (BTreeMap::new(), BTreeMap::new());
        let mut next = 0;
        while let Some(member) = map.next_key_seed(Member { specs, next })? {
            match member {
                Known::Column(place) => {
                    let kind = specs.get(place).map_or(ColumnKind::Text, |spec| spec.kind);
                    let value = map.next_value_seed(Kind(kind))?;
                    if let Some(held) = values.get_mut(place) {
                        *held = value;
                    }
                    next = place + 1;
                }
                Known::Udf => udf = map.next_value()?,
                Known::Unread => unread = map.next_value()?,
                Known::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(Content {
            values,
            udf,
            unread,
        })
    }
}

/// A member's name. Members come in the table's order, so that the search begins behind the one before.
struct Member {
    specs: &'static [ColumnSpec],
    next: usize,
}

enum Known {
    Column(usize),
    Udf,
    Unread,
    Other,
}

impl<'de> DeserializeSeed<'de> for Member {
    type Value = Known;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Known, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Member {
    type Value = Known;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a column's name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Known, E> {
        let (before, behind) = self.specs.split_at(self.next.min(self.specs.len()));
        let is_it = |spec: &ColumnSpec| spec.name == name;
        let place = behind
            .iter()
            .position(is_it)
            .map(|place| place + before.len());
        Ok(match place.or_else(|| before.iter().position(is_it)) {
            Some(place) => Known::Column(place),
            None if name == UDF => Known::Udf,
            None if name == UNREAD => Known::Unread,
            None => Known::Other,
        })
    }
}

/// A value of a column of this kind.
struct Kind(ColumnKind);

impl<'de> DeserializeSeed<'de> for Kind {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Ok(match self.0 {
            ColumnKind::Text => Value::text(String::deserialize(deserializer)?),
            ColumnKind::Flag => Value::Flag(bool::deserialize(deserializer)?),
            ColumnKind::Number => {
                Option::<Decimal>::deserialize(deserializer)?.map_or(Value::Blank, Value::Number)
            }
            ColumnKind::Date => {
                Option::<Date>::deserialize(deserializer)?.map_or(Value::Blank, Value::Date)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Company, SageKey};

    /// As versions before wrote them, with the content hashes that they gave them.
    const BEFORE: [(&str, &str); 3] = [
        (
            r#"{"customer":{"ARDivisionNo":"01","CustomerNo":"ABF","CustomerName":"American Business Futures","City":"Milwaukee","SalespersonDivisionNo":"01","SalespersonNo":"0100","CustomerStatus":"A","CreditHold":true,"CreditLimit":"120000.00","CurrentBalance":"-12.5","DateEstablished":"2020-02-29","udf":{"UDF_A":"x","UDF_REGION":"MIDWEST"}}}"#,
            "b2ba73189feba906009ec4b117c20616",
        ),
        (
            r#"{"contact":{"ARDivisionNo":"01","CustomerNo":"ABF","ContactCode":"ARTIE JOHN","ContactName":"Artie Johnson \"AJ\"","EmailAddress":"artie@abf.example"}}"#,
            "9b16e992a8aa90709b468220f9b067e0",
        ),
        (
            r#"{"salesperson":{"SalespersonDivisionNo":"01","SalespersonNo":"0100","SalespersonName":"Jim Kentley"}}"#,
            "6ed71dbb4465c8de33afeb1e0d3e06f5",
        ),
    ];

    #[test]
    fn what_lies_in_queues_and_tables_is_read_written_and_hashed_as_before() {
        for (text, hash) in BEFORE {
            let record: Record = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&record).unwrap(), text);
            assert_eq!(record.content_hash().as_str(), hash);
        }
        let [(customer, _), (contact, _), _] = BEFORE;
        let customer: Record = serde_json::from_str(customer).unwrap();
        let contact: Record = serde_json::from_str(contact).unwrap();
        let company = Company::new("ABC").unwrap();
        assert_eq!(customer.local_key(), "01-ABF");
        assert_eq!(customer.parent(&company), None);
        assert_eq!(contact.local_key(), "01-ABF/ARTIE JOHN");
        let parent = SageKey::new(&company, Entity::CUSTOMER, "01-ABF").unwrap();
        assert_eq!(contact.parent(&company), Some(parent));
    }

    #[test]
    fn members_come_in_any_order_and_unknown_ones_are_passed_over() {
        let text = r#"{"customer":{"udf":{},"City":"Racine","Gone":[1,{}],"CreditLimit":null,"CustomerNo":"ABF","ARDivisionNo":"01"}}"#;
        let record: Record = serde_json::from_str(text).unwrap();
        assert_eq!(
            serde_json::to_string(&record).unwrap(),
            r#"{"customer":{"ARDivisionNo":"01","CustomerNo":"ABF","City":"Racine"}}"#
        );
        for broken in [
            "{}",
            r#"{"ship":{}}"#,
            r#"{"customer":{},"contact":{}}"#,
            r#"{"customer":{"CreditLimit":"much"}}"#,
            r#"{"customer":[]}"#,
        ] {
            assert!(serde_json::from_str::<Record>(broken).is_err(), "{broken}");
        }
    }

    /// Columns of an entity as an agent would send them.
    fn columns(entity: Entity) -> impl Strategy<Value = BTreeMap<String, String>> {
        let parts = entity.spec().key.parts.iter().map(|part| {
            let longest = if part.fixed { part.longest } else { 3 };
            (part.column, format!("[A-Z]{{{longest}}}"))
        });
        let parts: Vec<(&str, String)> = parts.collect();
        let forms = entity.columns().iter().map(move |spec| {
            let of_key = parts.iter().find(|(column, _)| *column == spec.name);
            let form = match (of_key, spec.kind) {
                (Some((_, form)), _) => form,
                (None, ColumnKind::Text) => "(| ?[a-zÄ\"\\\\]{1,6} ?)",
                (None, ColumnKind::Number) => "(|-?[0-9]{1,9}(\\.[0-9]{1,4})?)",
                (None, ColumnKind::Flag) => "[YN]?",
                (None, ColumnKind::Date) => "(|1753|20[0-9]{2}(0[1-9]|1[0-2])([01][1-9]|2[0-8]))",
            };
            let text = proptest::string::string_regex(form).unwrap();
            text.prop_map(move |text| {
                let text = if text == "1753" {
                    "17530101".to_owned()
                } else {
                    text
                };
                (spec.name.to_owned(), text)
            })
        });
        let udf = proptest::collection::btree_map("UDF_[A-C]{1,2}", "[a-z ]{0,3}", 0..3);
        (forms.collect::<Vec<_>>(), udf)
            .prop_map(|(columns, udf)| columns.into_iter().chain(udf).collect())
    }

    proptest! {
        #[test]
        fn a_record_survives_json_with_its_hash(
            (entity, columns) in prop::sample::select(&Entity::ALL[..]).prop_flat_map(|entity| (Just(entity), columns(entity))),
        ) {
            let shape = &entity.spec().key;
            let parts = shape.columns().map(|column| columns.get(column).cloned().unwrap_or_default());
            let key = SageKey::new(&Company::new("ABC").unwrap(), entity, &shape.join(parts)).unwrap();
            let record = Record::from_columns(&key, &columns).unwrap();
            let text = serde_json::to_string(&record).unwrap();
            let read: Record = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(read.content_hash(), record.content_hash());
            prop_assert_eq!(&read, &record);
            prop_assert_eq!(serde_json::to_string(&read).unwrap(), text);
            for spec in entity.columns() {
                prop_assert_eq!(read.get(spec.name), record.get(spec.name));
            }
        }
    }
}
