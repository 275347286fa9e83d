//! How long Sage's texts may be.

use std::collections::BTreeMap;

use counterpart_domain::TableSpec;

/// The greatest lengths of Sage's text columns, in characters, by table: they differ by Sage's version and by site, and the
/// agent names them. Empty: only what the configuration names is checked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lengths(BTreeMap<(&'static TableSpec, String), u32>);

impl Lengths {
    /// None known.
    #[must_use]
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// Notes the length of a column.
    pub fn insert(&mut self, table: &'static TableSpec, column: &str, length: u32) {
        self.0.insert((table, column.to_owned()), length);
    }

    /// The length of a column, where it is known.
    #[must_use]
    pub fn get(&self, table: &'static TableSpec, column: &str) -> Option<u32> {
        self.0.get(&(table, column.to_owned())).copied()
    }
}

impl FromIterator<(&'static TableSpec, String, u32)> for Lengths {
    fn from_iter<T: IntoIterator<Item = (&'static TableSpec, String, u32)>>(known: T) -> Self {
        let pairs = known.into_iter();
        Self(
            pairs
                .map(|(table, column, length)| ((table, column), length))
                .collect(),
        )
    }
}
