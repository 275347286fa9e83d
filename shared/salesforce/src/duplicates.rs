//! No key twice in a call.

use counterpart_delivery::ports::UpsertRow;
use counterpart_http::without_twins;

/// Splits rows into calls in which no key stands twice, as positions. Salesforce compares external ids without regard to
/// case unless the field was made otherwise, so `01-abf` and `01-ABF` count as one here. The later of two goes into a
/// later call, and what comes of it is what would have come of it in a pack of its own: where the field does regard case,
/// two records; else one, and the answer names the same id for both, which the caller sees.
pub(crate) fn calls(rows: &[UpsertRow]) -> Vec<Vec<usize>> {
    without_twins(rows.iter().map(|row| row.key.text().trim().to_lowercase()))
}

#[cfg(test)]
mod tests {
    use counterpart_domain::{Company, Entity, Fields, SageKey};

    use super::*;

    #[test]
    fn keys_that_differ_in_case_only_go_into_calls_of_their_own_in_order() {
        let company = Company::new("ABC").unwrap();
        let rows: Vec<UpsertRow> = ["01-A/x", "01-B/x", "01-A/X", "01-C/x", "01-a/x"]
            .iter()
            .map(|local| UpsertRow {
                key: SageKey::new(&company, Entity::CONTACT, local).unwrap(),
                fields: Fields::new(),
            })
            .collect();
        assert_eq!(calls(&rows), [vec![0, 1, 3], vec![2], vec![4]]);
        assert!(calls(&[]).is_empty());
    }
}
