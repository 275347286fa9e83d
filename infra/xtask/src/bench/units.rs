//! Write units by DynamoDB's published rules, computed from what is asked for: a unit for each kilobyte begun of the larger of
//! the old and the new item, twice that in a transaction, and the same for each index whose entry is written, once.
//!
//! So that no side depends on what MiniStack counts. An item's size is known because all of a side's tables were empty at
//! first and every write to them passed by here.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use serde_json::Value;

use super::item::{Item, size};
use super::tables::{Index, Table};

/// What one write costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Units {
    /// On the table.
    pub table: u64,
    /// On its indexes.
    pub indexes: u64,
}

impl Units {
    /// Together.
    pub const fn total(self) -> u64 {
        self.table + self.indexes
    }
}

/// The items that are stored, as far as their size matters.
#[derive(Debug, Default)]
pub struct Book {
    tables: HashMap<String, Table>,
    items: HashMap<(String, String), Known>,
}

#[derive(Clone, Debug, Default)]
struct Known {
    size: usize,
    views: Vec<Option<View>>,
}

/// An item as an index shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct View {
    key: u64,
    content: u64,
    size: usize,
}

impl Book {
    /// Of empty tables.
    pub fn new(tables: &[Table]) -> Self {
        let named = tables
            .iter()
            .map(|table| (table.name.clone(), table.clone()));
        Self {
            tables: named.collect(),
            items: HashMap::new(),
        }
    }

    /// An item is put in the place of what was there.
    pub fn put(&mut self, table: &str, item: &Item) -> Units {
        let Some(definition) = self.tables.get(table) else {
            return Units::default();
        };
        let new = Known {
            size: size(item),
            views: definition
                .indexes
                .iter()
                .map(|index| view(definition, index, item))
                .collect(),
        };
        let place = (table.to_owned(), key(definition, item));
        let old = self.items.insert(place, new.clone());
        cost(old.as_ref(), Some(&new))
    }

    /// An item is deleted. `names`: its key.
    pub fn delete(&mut self, table: &str, names: &Item) -> Units {
        let Some(definition) = self.tables.get(table) else {
            return Units::default();
        };
        let place = (table.to_owned(), key(definition, names));
        cost(self.items.remove(&place).as_ref(), None)
    }

    /// An item is updated by an expression. It grows by what the expression brings, at most: expressions are not evaluated,
    /// and what they do to indexes is not seen.
    pub fn update(&mut self, table: &str, names: &Item, values: &Item) -> Units {
        let Some(definition) = self.tables.get(table) else {
            return Units::default();
        };
        let place = (table.to_owned(), key(definition, names));
        let known = self.items.entry(place).or_insert_with(|| Known {
            size: size(names),
            views: vec![None; definition.indexes.len()],
        });
        known.size += size(values);
        Units {
            table: kilobytes(known.size),
            indexes: 0,
        }
    }

    /// What a write costs whose condition did not hold: the item that is there was looked at.
    pub fn refused(&self, table: &str, names: &Item) -> Units {
        let known = self.tables.get(table).and_then(|definition| {
            let place = (table.to_owned(), key(definition, names));
            self.items.get(&place)
        });
        Units {
            table: kilobytes(known.map_or(0, |known| known.size)),
            indexes: 0,
        }
    }
}

fn cost(old: Option<&Known>, new: Option<&Known>) -> Units {
    let bytes = |known: Option<&Known>| known.map_or(0, |known| known.size);
    let count = old.or(new).map_or(0, |known| known.views.len());
    let seen = |known: Option<&Known>, at: usize| -> Option<View> {
        known.and_then(|known| known.views.get(at).copied().flatten())
    };
    Units {
        table: kilobytes(bytes(old).max(bytes(new))),
        indexes: (0..count)
            .map(|at| of_index(seen(old, at), seen(new, at)))
            .sum(),
    }
}

/// One write to add, change or remove an entry; two where it moves, because its key is another one; none where nothing that
/// the index shows was changed.
fn of_index(old: Option<View>, new: Option<View>) -> u64 {
    match (old, new) {
        (None, None) => 0,
        (Some(one), None) | (None, Some(one)) => kilobytes(one.size),
        (Some(old), Some(new)) if old.key != new.key => kilobytes(old.size) + kilobytes(new.size),
        (Some(old), Some(new)) if old.content == new.content => 0,
        (Some(old), Some(new)) => kilobytes(old.size.max(new.size)),
    }
}

fn kilobytes(bytes: usize) -> u64 {
    bytes.div_ceil(1024).max(1) as u64
}

fn key(table: &Table, item: &Item) -> String {
    let parts = table.key.iter().map(|name| match item.get(name) {
        Some(value) => value.to_string(),
        None => String::new(),
    });
    parts.collect::<Vec<_>>().join("\n")
}

/// `None`: the item lacks a part of the index's key.
fn view(table: &Table, index: &Index, item: &Item) -> Option<View> {
    if !index.key.iter().all(|name| item.contains_key(name)) {
        return None;
    }
    let shown: Item = item
        .iter()
        .filter(|(name, _)| {
            index.all
                || index.key.contains(name)
                || table.key.contains(name)
                || index.more.contains(name)
        })
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let key: Vec<&Value> = index.key.iter().filter_map(|name| item.get(name)).collect();
    Some(View {
        key: hash(&format!("{key:?}")),
        content: hash(&Value::Object(shown.clone()).to_string()),
        size: size(&shown),
    })
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn book() -> Book {
        let names = |names: &[&str]| {
            names
                .iter()
                .map(|&name| name.to_owned())
                .collect::<Vec<_>>()
        };
        let index = |key: &[&str], all| Index {
            key: names(key),
            all,
            more: Vec::new(),
        };
        Book::new(&[Table {
            name: "ledger".to_owned(),
            key: names(&["pk", "sk"]),
            indexes: vec![index(&["key_pk", "key_sk"], true), index(&["rep"], false)],
        }])
    }

    fn item(value: Value) -> Item {
        value.as_object().unwrap().clone()
    }

    fn outcome(at: &str, body: &str) -> Item {
        item(json!({
            "pk": {"S": "run"}, "sk": {"S": "o#1"}, "key_pk": {"S": "k"}, "key_sk": {"S": at}, "body": {"S": body},
        }))
    }

    #[test]
    fn a_new_item_costs_its_kilobytes_on_the_table_and_on_each_index_that_shows_it() {
        let mut book = book();
        let small = book.put("ledger", &outcome("1", "x"));
        assert_eq!((small.table, small.indexes, small.total()), (1, 1, 2));
        let mut large = outcome("1", &"x".repeat(1_024));
        large.insert("sk".to_owned(), json!({"S": "o#2"}));
        let large = book.put("ledger", &large);
        assert_eq!((large.table, large.indexes), (2, 2));
        let plain = item(json!({"pk": {"S": "run"}, "sk": {"S": "m"}, "body": {"S": "x"}}));
        assert_eq!(book.put("ledger", &plain).indexes, 0);
    }

    #[test]
    fn what_is_replaced_counts_by_the_larger_of_both() {
        let mut book = book();
        book.put("ledger", &outcome("1", &"x".repeat(3_000)));
        assert_eq!(book.put("ledger", &outcome("1", "x")).table, 3);
        assert_eq!(book.put("ledger", &outcome("1", "x")).table, 1);
    }

    #[test]
    fn an_index_is_written_where_its_view_changes_and_twice_where_the_entry_moves() {
        let mut book = book();
        let index =
            |book: &mut Book, at: &str, body: &str| book.put("ledger", &outcome(at, body)).indexes;
        assert_eq!(index(&mut book, "1", "x"), 1);
        assert_eq!(index(&mut book, "1", "x"), 0, "the same again");
        assert_eq!(index(&mut book, "1", "y"), 1, "another body");
        assert_eq!(index(&mut book, "2", "y"), 2, "another place");
        let names = item(json!({"pk": {"S": "run"}, "sk": {"S": "o#1"}}));
        assert_eq!(
            book.delete("ledger", &names),
            Units {
                table: 1,
                indexes: 1
            }
        );
    }

    #[test]
    fn an_index_of_keys_alone_is_not_written_for_other_attributes() {
        let mut book = book();
        let mapped = |body: &str| {
            item(
                json!({"pk": {"S": "a"}, "sk": {"S": "b"}, "rep": {"S": "r"}, "body": {"S": body}}),
            )
        };
        assert_eq!(book.put("ledger", &mapped("x")).indexes, 1);
        assert_eq!(book.put("ledger", &mapped("y")).indexes, 0);
    }

    #[test]
    fn a_refusal_costs_what_was_looked_at_and_an_update_what_it_may_have_become() {
        let mut book = book();
        let names = item(json!({"pk": {"S": "run"}, "sk": {"S": "o#1"}}));
        assert_eq!(book.refused("ledger", &names).table, 1);
        book.put("ledger", &outcome("1", &"x".repeat(1_500)));
        assert_eq!(book.refused("ledger", &names).table, 2);
        let values = item(json!({":b": {"S": "x".repeat(600)}}));
        assert_eq!(book.update("ledger", &names, &values).table, 3);
    }
}
