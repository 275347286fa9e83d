//! How far a fault reaches: whether it is one record's own, a matter of the call, or everybody's.
//!
//! The class of a [`Fault`] says whether the same work may succeed by itself. Its reach says who else is concerned: what parks or
//! holds one record while the others go on, what makes calls smaller, what opens a circuit. Both follow from the product, the
//! operation and the product's code: a client's table says which of our codes that is, and [`CODES`] how far it reaches.
//! Nobody else decides it. `docs/reach.md` shows the tables; tests hold it against them.

mod codes;

pub use codes::{CODES, CodeReach, Reach};

use std::fmt;

use crate::{Class, Fault};

impl Reach {
    /// All of them, the narrowest first.
    pub const ALL: [Self; 5] = [
        Self::Record,
        Self::Call,
        Self::Unclear,
        Self::Module,
        Self::Connection,
    ];

    /// How far a fault reaches: by its code, or by its class where the code is in no table. What is said of a record's content
    /// (class data) or of a mistake of ours never reaches further than the call.
    #[must_use]
    pub fn of(fault: &Fault) -> Self {
        let known = Self::of_code(&fault.code);
        match fault.class {
            Class::Data | Class::Bug if known == Some(Self::Call) => Self::Call,
            Class::Data | Class::Bug => Self::Record,
            // Whether it happened is open; whoever met it looks. Nothing says that others meet it, too.
            Class::Ambiguous => known.unwrap_or(Self::Record),
            Class::Transient | Class::Throttled | Class::Configuration => {
                known.unwrap_or(Self::Connection)
            }
        }
    }

    /// How far a code reaches; none for one that is in no table.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        let mut codes = CODES.iter();
        codes
            .find(|known| known.code == code)
            .map(|known| known.reach)
    }

    /// Whether a fault of a whole call is about what it holds: its records, or their number. Then fewer of them may pass.
    #[must_use]
    pub fn is_within(fault: &Fault) -> bool {
        match Self::of(fault) {
            Self::Record => true,
            // Without an answer nobody knows whether fewer would do: the next call has fewer.
            Self::Call => matches!(fault.class, Class::Data | Class::Bug),
            Self::Unclear | Self::Module | Self::Connection => false,
        }
    }

    /// Its name in the documentation.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::Call => "call",
            Self::Unclear => "unclear",
            Self::Module => "module",
            Self::Connection => "connection",
        }
    }
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_code_stands_there_once() {
        let codes: BTreeSet<&str> = CODES.iter().map(|known| known.code).collect();
        assert_eq!(codes.len(), CODES.len());
    }

    #[test]
    fn the_page_shows_the_table() {
        let page = include_str!("../../../../docs/reach.md");
        let lines = CODES
            .iter()
            .map(|known| format!("| `{}` | {} | {} |", known.code, known.reach, known.says));
        let table: Vec<String> = lines.collect();
        let shown: Vec<&str> = page
            .lines()
            .filter(|line| line.starts_with("| `E_"))
            .collect();
        assert_eq!(shown, table, "docs/reach.md wants:\n{}", table.join("\n"));
    }

    #[test]
    fn what_is_in_no_table_goes_by_its_class() {
        for (class, reach) in [
            (Class::Data, Reach::Record),
            (Class::Bug, Reach::Record),
            (Class::Ambiguous, Reach::Record),
            (Class::Transient, Reach::Connection),
            (Class::Configuration, Reach::Connection),
        ] {
            assert_eq!(Reach::of(&Fault::new(class, "E_OTHER", "")), reach);
        }
    }
}
