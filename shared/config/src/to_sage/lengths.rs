//! What is known of a company's Sage beside its tables: how long its texts may be, and where its days begin.

use std::collections::BTreeMap;

use counterpart_domain::TableSpec;
use jiff::tz::TimeZone;

/// The greatest lengths of Sage's text columns, in characters, by table: they differ by Sage's version and by site, and the
/// agent names them. Empty: only what the configuration names is checked. And the company's time zone, which says on which of
/// its days a moment is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lengths {
    texts: BTreeMap<(&'static TableSpec, String), u32>,
    zone: Option<TimeZone>,
}

impl Lengths {
    /// None known.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            texts: BTreeMap::new(),
            zone: None,
        }
    }

    /// With the company's time zone; none: it is not known.
    #[must_use]
    pub fn in_zone(self, zone: Option<TimeZone>) -> Self {
        Self { zone, ..self }
    }

    /// The company's time zone, where it is known.
    #[must_use]
    pub const fn zone(&self) -> Option<&TimeZone> {
        self.zone.as_ref()
    }

    /// Notes the length of a column.
    pub fn insert(&mut self, table: &'static TableSpec, column: &str, length: u32) {
        self.texts.insert((table, column.to_owned()), length);
    }

    /// The length of a column, where it is known.
    #[must_use]
    pub fn get(&self, table: &'static TableSpec, column: &str) -> Option<u32> {
        self.texts.get(&(table, column.to_owned())).copied()
    }
}

impl FromIterator<(&'static TableSpec, String, u32)> for Lengths {
    fn from_iter<T: IntoIterator<Item = (&'static TableSpec, String, u32)>>(known: T) -> Self {
        let pairs = known.into_iter();
        let texts = pairs.map(|(table, column, length)| ((table, column), length));
        Self {
            texts: texts.collect(),
            zone: None,
        }
    }
}
