//! Bulk writes: what is too much for a call, no record twice in one, and rows that met another writer.

use std::borrow::Cow;
use std::collections::HashMap;

use counterpart_delivery::ports::{RowOutcome, UpdateRow, UpsertRow};
use counterpart_domain::{Class, CrmId, Fault};

use crate::product::Product;

/// The verdict on one row.
#[derive(Debug)]
pub enum Judged {
    /// Final.
    Final(RowOutcome),
    /// Somebody created, or deleted, the record at the same moment. A second try finds how it stands; where it does not,
    /// this fault stands.
    Raced(Fault),
}

impl Judged {
    /// What stands where there is no second try.
    fn outcome(self) -> RowOutcome {
        match self {
            Self::Final(outcome) => outcome,
            Self::Raced(fault) => Err(fault),
        }
    }
}

/// Passes if one call takes so many rows.
///
/// # Errors
/// `E_CRM_LIMIT_EXCEEDED` (bug).
pub fn check_rows<P: Product>(rows: usize) -> Result<(), Fault> {
    if rows <= P::MOST_ROWS {
        return Ok(());
    }
    Err(Fault::new(
        Class::Bug,
        "E_CRM_LIMIT_EXCEEDED",
        format!(
            "{rows} rows for one call; {} takes {}.",
            P::NAME,
            P::MOST_ROWS
        ),
    ))
}

/// Splits rows into calls in which no name stands twice, as positions, in order: the later of two rows goes into a later
/// call, and what comes of it is what would have come of it in a pack of its own.
#[must_use]
pub fn without_twins(names: impl IntoIterator<Item = String>) -> Vec<Vec<usize>> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut calls: Vec<Vec<usize>> = Vec::new();
    for (at, name) in names.into_iter().enumerate() {
        let times = seen.entry(name).or_default();
        if calls.len() <= *times {
            calls.push(Vec::new());
        }
        calls[*times].push(at);
        *times += 1;
    }
    calls
}

/// One call for all rows and, for those that raced, one more.
///
/// # Errors
/// When the first call as a whole failed.
pub async fn with_second_try(
    rows: &[&UpsertRow],
    once: impl AsyncFn(&[&UpsertRow]) -> Result<Vec<Judged>, Fault>,
) -> Result<Vec<RowOutcome>, Fault> {
    let judged = once(rows).await?;
    let raced: Vec<&UpsertRow> = rows
        .iter()
        .zip(&judged)
        .filter(|(_, judged)| matches!(judged, Judged::Raced(_)))
        .map(|(row, _)| *row)
        .collect();
    let second = if raced.is_empty() {
        Ok(Vec::new())
    } else {
        once(&raced).await
    };
    let mut second = second.map(Vec::into_iter);
    Ok(judged
        .into_iter()
        .map(|judged| match (judged, &mut second) {
            (Judged::Final(outcome), _) => outcome,
            (Judged::Raced(fault), Ok(again)) => again.next().map_or(Err(fault), Judged::outcome),
            // The first call stands for its other rows; these share the fate of the second.
            (Judged::Raced(_), Err(fault)) => Err(fault.clone()),
        })
        .collect())
}

/// Updates by id: one call for all rows, or more where an id comes twice. `record_id` gives an id in the one form that the
/// product writes; none for a text that is the id of no record, for which nothing is sent.
///
/// # Errors
/// When a call as a whole failed: a later one takes the earlier ones along, since all of them may be repeated.
pub async fn update_by_id<P: Product>(
    rows: &[UpdateRow],
    record_id: impl Fn(&str) -> Option<String>,
    once: impl AsyncFn(&[&UpdateRow]) -> Result<Vec<Judged>, Fault>,
) -> Result<Vec<RowOutcome>, Fault> {
    check_rows::<P>(rows.len())?;
    let mut outcomes: Vec<RowOutcome> = rows.iter().map(|row| Err(no_record::<P>(row))).collect();
    let known: Vec<(usize, Cow<'_, UpdateRow>)> = rows
        .iter()
        .enumerate()
        .filter_map(|(at, row)| {
            let id = record_id(&row.id.0)?;
            let same = id == row.id.0;
            let renamed = || UpdateRow {
                id: CrmId(id),
                fields: row.fields.clone(),
            };
            let row = if same {
                Cow::Borrowed(row)
            } else {
                Cow::Owned(renamed())
            };
            Some((at, row))
        })
        .collect();
    for positions in without_twins(known.iter().map(|(_, row)| row.id.0.clone())) {
        let part = || positions.iter().filter_map(|at| known.get(*at));
        let sent: Vec<&UpdateRow> = part().map(|(_, row)| &**row).collect();
        let judged = once(&sent).await?;
        for ((at, _), judged) in part().zip(judged) {
            if let Some(place) = outcomes.get_mut(*at) {
                *place = judged.outcome();
            }
        }
    }
    Ok(outcomes)
}

fn no_record<P: Product>(row: &UpdateRow) -> Fault {
    Fault::new(
        Class::Data,
        "E_CRM_RECORD_GONE",
        format!("{} is no record of {}.", row.id, P::NAME),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_later_of_two_goes_into_a_later_call() {
        let names = ["a", "b", "a", "c", "a"].map(str::to_owned);
        assert_eq!(without_twins(names), [vec![0, 1, 3], vec![2], vec![4]]);
        assert!(without_twins([]).is_empty());
    }
}
