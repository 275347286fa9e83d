//! Closing a run's window: what was seen against what became of it.

use std::collections::BTreeMap;

use crate::{ManifestEntry, ManifestVerdict, Outcome, Totals};

impl Totals {
    /// Counts a run's manifests against its outcomes (by local key). A key counts once, however many parts list it: its
    /// outcome says what became of it; without one it is in flight if any part sent it, else what the poller decided.
    /// Outcomes of keys that no manifest lists are left out.
    #[must_use]
    pub fn count<'a>(
        manifests: impl IntoIterator<Item = &'a ManifestEntry>,
        outcomes: &BTreeMap<String, Outcome>,
    ) -> Self {
        let mut seen: BTreeMap<&str, ManifestVerdict> = BTreeMap::new();
        for entry in manifests {
            let verdict = seen.entry(&entry.local_key).or_insert(entry.verdict);
            if weight(entry.verdict) > weight(*verdict) {
                *verdict = entry.verdict;
            }
        }
        let mut totals = Self::default();
        for (key, verdict) in seen {
            totals.seen += 1;
            let counter = match (outcomes.get(key), verdict) {
                (Some(Outcome::Created), _) => &mut totals.created,
                (Some(Outcome::Updated), _) => &mut totals.updated,
                (Some(Outcome::Superseded), _) => &mut totals.superseded,
                (Some(Outcome::Waiting), _) => &mut totals.waiting,
                (Some(Outcome::Unchanged), _) | (None, ManifestVerdict::Unchanged) => {
                    &mut totals.unchanged
                }
                (Some(Outcome::Excluded), _) | (None, ManifestVerdict::Excluded) => {
                    &mut totals.excluded
                }
                (Some(Outcome::Parked), _) | (None, ManifestVerdict::Parked) => &mut totals.parked,
                (None, ManifestVerdict::Sent) => &mut totals.in_flight,
            };
            *counter += 1;
        }
        totals
    }

    /// Seen, but in none of the other counts. Zero, or something was lost.
    #[must_use]
    pub const fn unexplained(&self) -> u64 {
        let explained = self.created
            + self.updated
            + self.unchanged
            + self.excluded
            + self.superseded
            + self.parked
            + self.waiting
            + self.in_flight;
        self.seen.abs_diff(explained)
    }
}

/// Which verdict counts where two parts of a run list one key: the one that promises the most work.
const fn weight(verdict: ManifestVerdict) -> u8 {
    match verdict {
        ManifestVerdict::Unchanged => 0,
        ManifestVerdict::Excluded => 1,
        ManifestVerdict::Parked => 2,
        ManifestVerdict::Sent => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(key: &str, verdict: ManifestVerdict) -> ManifestEntry {
        ManifestEntry {
            local_key: key.to_owned(),
            hash: None,
            verdict,
        }
    }

    #[test]
    fn a_key_in_two_parts_counts_once_and_its_outcome_decides() {
        use ManifestVerdict::{Excluded, Parked, Sent, Unchanged};
        let manifest = [
            entry("01-A", Unchanged),
            entry("01-A", Sent),
            entry("01-B", Sent),
            entry("01-B", Unchanged),
            entry("01-C", Parked),
            entry("01-D", Excluded),
        ];
        let outcomes = [("01-A", Outcome::Updated), ("01-Z", Outcome::Created)]
            .map(|(key, outcome)| (key.to_owned(), outcome))
            .into();
        let totals = Totals::count(&manifest, &outcomes);
        let wanted = Totals {
            seen: 4,
            updated: 1,
            in_flight: 1,
            parked: 1,
            excluded: 1,
            ..Totals::default()
        };
        assert_eq!(totals, wanted);
        assert_eq!(totals.unexplained(), 0);
    }
}
