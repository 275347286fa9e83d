//! Results of queries that did not fit into one answer.

use std::collections::VecDeque;

use serde_json::Value;

use super::ids::Id;

/// Open results of one user; one more closes the oldest.
const MOST: usize = 10;

/// The open results, oldest first.
#[derive(Debug, Default)]
pub struct Locators {
    open: VecDeque<(Id, Vec<Value>)>,
    next: u64,
}

impl Locators {
    /// Keeps a result.
    pub fn keep(&mut self, records: Vec<Value>) -> Id {
        self.next += 1;
        let id = Id::new("01g", self.next);
        self.open.push_back((id.clone(), records));
        while self.open.len() > MOST {
            self.open.pop_front();
        }
        id
    }

    /// The result of a locator.
    pub fn find(&self, id: &Id) -> Option<&[Value]> {
        self.open
            .iter()
            .find(|(known, _)| known == id)
            .map(|(_, records)| records.as_slice())
    }

    /// All results are gone.
    pub fn expire(&mut self) {
        self.open.clear();
    }
}
