//! Items and their attributes.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use counterpart_domain::{Class, Fault};
use jiff::Timestamp;

use crate::fault::Service;

/// An item, or part of one.
pub(super) type Item = HashMap<String, AttributeValue>;

/// DynamoDB's limit is 400 KB; some of it is left for names and overhead.
const LARGEST: usize = 395 * 1024;

/// A text attribute.
pub(super) fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

/// A number attribute.
pub(super) fn n(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// An instant as milliseconds: comparable in conditions.
pub(super) fn ms(instant: Timestamp) -> AttributeValue {
    n(instant.as_millisecond())
}

/// Names to attributes.
pub(super) fn attributes<const N: usize>(pairs: [(&str, AttributeValue); N]) -> Item {
    pairs.map(|(name, value)| (name.to_owned(), value)).into()
}

/// A primary key.
pub(super) fn key(pk: &str, sk: &str) -> Item {
    attributes([("pk", s(pk)), ("sk", s(sk))])
}

/// Reading attributes. What is missing or of another type is `None`.
pub(super) trait Read {
    fn text(&self, name: &str) -> Option<&str>;
    fn number<T: std::str::FromStr>(&self, name: &str) -> Option<T>;
    fn instant(&self, name: &str) -> Option<Timestamp>;
}

impl Read for Item {
    fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_s().ok().map(String::as_str)
    }

    fn number<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.get(name)?.as_n().ok()?.parse().ok()
    }

    fn instant(&self, name: &str) -> Option<Timestamp> {
        Timestamp::from_millisecond(self.number(name)?).ok()
    }
}

/// An item that this version cannot read.
pub(super) fn unreadable(table: &str, item: &Item, why: impl std::fmt::Display) -> Fault {
    let part = |name| item.text(name).unwrap_or("?");
    let place = format!("{} / {}", part("pk"), part("sk"));
    Service::Store
        .fault(
            Class::Bug,
            "UNREADABLE",
            format!("An item of table {table} cannot be read: {place}."),
        )
        .with_detail(why)
}

/// An item's size in bytes, as DynamoDB counts it.
pub(super) fn size(item: &Item) -> usize {
    let attributes = item.iter();
    attributes
        .map(|(name, value)| name.len() + size_of_value(value))
        .sum()
}

/// The units of reading `asked` keys that brought `found`: one per 4 KB and item, one for a key without item.
pub(super) fn read_units(asked: usize, found: &[Item]) -> f64 {
    let of_found: usize = found.iter().map(|item| size(item).div_ceil(4096)).sum();
    (of_found + asked.saturating_sub(found.len())) as f64
}

/// Refuses an item that DynamoDB would refuse, in words.
pub(super) fn fits(table: &str, item: &Item) -> Result<(), Fault> {
    let size = size(item);
    if size <= LARGEST {
        return Ok(());
    }
    let place = item.text("pk").unwrap_or("?");
    let text = format!("A record is too large for table {table}: {place} has {size} bytes.");
    Err(Service::Store
        .fault(Class::Data, "ITEM_TOO_LARGE", text)
        .with_detail(format!("at most {LARGEST} bytes are stored")))
}

fn size_of_value(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) | AttributeValue::N(text) => text.len(),
        AttributeValue::B(bytes) => bytes.as_ref().len(),
        // Only texts, numbers, bytes and flags are ever written.
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_costs_a_unit_per_key_and_more_for_large_items() {
        let mut large = key("a", "link");
        large.insert("body".to_owned(), s("x".repeat(5000)));
        assert_eq!(read_units(3, &[key("b", "link"), large]), 4.0);
    }

    #[test]
    fn an_item_over_the_limit_is_refused_by_name() {
        let mut item = key("zoho#customer#ABC:01-ABF", "link");
        assert!(fits("t-links", &item).is_ok());
        item.insert("body".to_owned(), s("x".repeat(400 * 1024)));
        let fault = fits("t-links", &item).unwrap_err();
        assert_eq!(fault.code, "E_STORE_ITEM_TOO_LARGE");
        assert!(fault.message.contains("ABC:01-ABF") && fault.message.len() < 200);
    }
}
