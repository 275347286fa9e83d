//! The bulk call: one per pack. A call that is refused as a whole because of its content is halved until the row that is
//! to blame stands alone.

use counterpart_config::EntityConfig;
use counterpart_domain::{Class, Fault};

use super::verdict::Decided;
use super::{BatchReport, CrmWriter, Mapper};
use crate::ports::{Clock, Crm, Ids, Queue, RowOutcome, Store, UpsertCall, UpsertRow};

/// The fewest rows that together say something about the mapping rather than about themselves.
const ENOUGH_TO_TELL: usize = 10;

impl<K: Crm, S: Store, Q: Queue, C: Clock + Ids, M: Mapper> CrmWriter<'_, K, S, Q, C, M> {
    /// Writes rows, at most a bulk call's worth at a time. One outcome per row, in order.
    ///
    /// # Errors
    /// When the CRM as a whole is out of reach, out of patience or not open to us.
    pub(super) async fn write(
        &self,
        crm: &K,
        entity: &EntityConfig,
        rows: &[Decided],
        report: &mut BatchReport,
    ) -> Result<Vec<RowOutcome>, Fault> {
        let mut outcomes = Vec::with_capacity(rows.len());
        // Last in, first out: the halves are pushed in reverse, so that outcomes stay in order.
        let mut open: Vec<&[Decided]> = rows.chunks(crm.bulk_size().max(1)).rev().collect();
        while let Some(part) = open.pop() {
            report.calls += 1;
            report.rows += part.len() as u64;
            match crm.upsert(&call(entity, part)).await {
                Ok(part_outcomes) if part_outcomes.len() == part.len() => {
                    if let Some(fault) = of_all(&part_outcomes) {
                        return Err(fault);
                    }
                    outcomes.extend(part_outcomes)
                }
                Ok(other) => return Err(miscounted(part.len(), other.len())),
                Err(fault) if matches!(fault.class, Class::Data | Class::Bug) => match part.len() {
                    1 => outcomes.push(Err(fault)),
                    _ => {
                        let (left, right) = part.split_at(part.len() / 2);
                        open.push(right);
                        open.push(left);
                    }
                },
                Err(fault) => return Err(fault),
            }
        }
        Ok(outcomes)
    }
}

fn call(entity: &EntityConfig, rows: &[Decided]) -> UpsertCall {
    UpsertCall {
        module: entity.module.clone(),
        key_field: entity.key_field.clone(),
        rows: rows
            .iter()
            .map(|row| UpsertRow {
                key: row.prepared.key.clone(),
                fields: row.decision.to_crm.clone(),
            })
            .collect(),
    }
}

/// The fault of a call whose rows were all refused for the same thing that a person has to mend: a field that the CRM does
/// not have, a permission. That is no fault of the records, and parking every one of them would help nobody. Only a call
/// with enough rows can tell: one row, or a few, may have a fault of their own.
fn of_all(outcomes: &[RowOutcome]) -> Option<Fault> {
    let first = outcomes.first()?.as_ref().err()?;
    let alike = |outcome: &RowOutcome| {
        let fault = outcome.as_ref().err();
        fault.is_some_and(|fault| fault.class == Class::Configuration && fault.code == first.code)
    };
    (outcomes.len() >= ENOUGH_TO_TELL && outcomes.iter().all(alike)).then(|| first.clone())
}

fn miscounted(sent: usize, answered: usize) -> Fault {
    Fault::new(
        Class::Ambiguous,
        "E_CRM_ANSWER_COUNT",
        "The CRM answered for another number of rows than were sent; they are sent again.",
    )
    .with_detail(format_args!("{sent} sent, {answered} answered"))
}
