//! Records that wait for a full pack, and the pages they came from.

use std::collections::VecDeque;

use crate::Entry;

/// The buffer of one target. Packs are filled over page borders; the cursor may only pass a page once every record of it
/// has left the buffer.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    entries: VecDeque<(u32, Entry)>,
    /// Pages that ended, with the position after each; those that are durable but for the last one are dropped.
    ended: VecDeque<(u32, Option<String>)>,
}

impl Buffer {
    /// Takes a record of `page`. A record that is there already (it was edited while paging) is replaced.
    pub(super) fn push(&mut self, page: u32, entry: Entry) {
        self.entries
            .retain(|(_, there)| there.local_key != entry.local_key);
        self.entries.push_back((page, entry));
    }

    /// Notes that a page was taken in as a whole.
    pub(super) fn page_ends(&mut self, page: u32, position: Option<String>) {
        self.ended.push_back((page, position));
    }

    /// Takes out as many records as fill packs of `most`; with `all`, the rest too.
    pub(super) fn take_full(&mut self, most: usize, all: bool) -> Vec<Entry> {
        let most = most.max(1);
        let full = if all {
            self.entries.len()
        } else {
            self.entries.len() / most * most
        };
        self.entries.drain(..full).map(|(_, entry)| entry).collect()
    }

    /// The last page of which no record is left in here, with the position after it; `None` before the first.
    pub(super) fn durable_until(&mut self) -> Option<(u32, Option<String>)> {
        let held = self
            .entries
            .iter()
            .map(|(page, _)| *page)
            .min()
            .unwrap_or(u32::MAX);
        let mut durable = None;
        while self.ended.front().is_some_and(|(page, _)| *page < held) {
            durable = self.ended.pop_front();
        }
        // Kept at the front, so that asking again gives the same answer.
        if let Some(last) = &durable {
            self.ended.push_front(last.clone());
        }
        durable
    }
}

#[cfg(test)]
mod tests {
    use counterpart_domain::{AsOf, Record, digest_of};
    use jiff::Timestamp;

    use super::*;

    fn entry(key: &str) -> Entry {
        Entry {
            local_key: key.to_owned(),
            as_of: AsOf::default(),
            hash: digest_of([key]),
            record: serde_json::from_str::<Record>(r#"{"salesperson":{}}"#).unwrap(),
            run: "r".to_owned(),
            first_sent: Timestamp::UNIX_EPOCH,
            attempts: 0,
        }
    }

    #[test]
    fn the_position_waits_for_the_last_record_of_a_page() {
        let mut buffer = Buffer::default();
        for key in ["01-A", "01-B", "01-C"] {
            buffer.push(1, entry(key));
        }
        buffer.page_ends(1, Some("one".to_owned()));
        assert_eq!(buffer.durable_until(), None);
        buffer.push(2, entry("01-D"));
        buffer.page_ends(2, Some("two".to_owned()));
        assert_eq!(buffer.take_full(3, false).len(), 3);
        assert_eq!(buffer.durable_until(), Some((1, Some("one".to_owned()))));
        assert_eq!(buffer.durable_until(), Some((1, Some("one".to_owned()))));
        assert_eq!(buffer.take_full(3, true).len(), 1);
        assert_eq!(buffer.durable_until(), Some((2, Some("two".to_owned()))));
    }

    #[test]
    fn a_record_seen_again_replaces_the_older_one() {
        let mut buffer = Buffer::default();
        buffer.push(1, entry("01-A"));
        buffer.push(
            2,
            Entry {
                attempts: 7,
                ..entry("01-A")
            },
        );
        let taken = buffer.take_full(100, true);
        assert_eq!((taken.len(), taken[0].attempts), (1, 7));
    }
}
