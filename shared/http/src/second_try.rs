//! A bulk write whose rows may meet another writer.

use counterpart_delivery::ports::{RowOutcome, UpsertRow};
use counterpart_domain::Fault;

/// The verdict on one row.
#[derive(Debug)]
pub enum Judged {
    /// Final.
    Final(RowOutcome),
    /// Somebody created, or deleted, the record at the same moment. A second try finds how it stands; where it does not,
    /// this fault stands.
    Raced(Fault),
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
            (Judged::Raced(fault), Ok(again)) => match again.next() {
                Some(Judged::Final(outcome)) => outcome,
                Some(Judged::Raced(fault)) => Err(fault),
                None => Err(fault),
            },
            // The first call stands for its other rows; these share the fate of the second.
            (Judged::Raced(_), Err(fault)) => Err(fault.clone()),
        })
        .collect())
}
