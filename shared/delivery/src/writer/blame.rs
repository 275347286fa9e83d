//! Whose a refusal is that may be one row's own, or everybody's: a permission, a read-only field, a call that failed without a
//! word. Where others get through it is the row's; the row is looked for by halving. Where nobody does, the circuit's notes
//! tell ([`crate::odd`]).

use counterpart_domain::{Class, Fault, Reach, TargetName};

use super::row_end::{RowEnd, is_unclear};
use super::write::{Bulk, Limits, Wrote};
use super::{BatchReport, CrmWriter, Mapper};
use crate::odd::{Of, Whose};
use crate::ports::prelude::*;
use crate::ports::{Circuit, RowOutcome};

/// The fewest rows that together say something about the mapping rather than about themselves. So many, or fewer, are tried one
/// by one where halves do not tell.
const ENOUGH_TO_TELL: usize = 10;

/// What a call was answered, and the rows of the largest call that an answer came to.
pub(super) struct Answered {
    pub(super) outcomes: Vec<RowOutcome>,
    pub(super) largest: usize,
}

impl<P: Ports, M: Mapper> CrmWriter<'_, P, M> {
    /// One call, or as many as it takes to find the rows that it fails for. One outcome per row, in order; what is said there is
    /// the row's own, as far as anybody can tell yet.
    ///
    /// # Errors
    /// What concerns all rows alike.
    pub(super) async fn ask<R>(
        &self,
        of: &impl Bulk<R>,
        target: &TargetName,
        limits: Limits,
        part: &[R],
        wrote: &mut Wrote,
        report: &mut BatchReport,
    ) -> Result<Answered, Fault> {
        let mut largest = part.len();
        let mut outcomes = match self.call(of, part, report).await {
            // An answer came, though it says little: each row may be written again.
            Err(fault) if Reach::of(&fault) == Reach::Unclear => {
                // The whole of it was not answered: only halves were.
                largest /= 2;
                let outcomes = self.isolate(of, limits, part, fault, report).await?;
                // Of halves that are too few to tell the whole may be enough.
                of_all(&outcomes).map_or(Ok(outcomes), Err)?
            }
            answer => answer?,
        };
        if outcomes.iter().any(Result::is_ok) {
            outcomes.iter_mut().for_each(own);
        } else if outcomes.iter().any(is_unclear) {
            self.ask_notes(of, target, part, &mut outcomes, wrote)
                .await?;
            let told = |outcome: &RowOutcome| !is_unclear(outcome);
            largest = if outcomes.iter().any(told) {
                largest.max(1)
            } else {
                0
            };
        }
        Ok(Answered { outcomes, largest })
    }

    /// One call. One outcome per row, in order.
    async fn call<R>(
        &self,
        of: &impl Bulk<R>,
        part: &[R],
        report: &mut BatchReport,
    ) -> Result<Vec<RowOutcome>, Fault> {
        report.calls += 1;
        report.rows += part.len() as u64;
        let outcomes = of.call(part).await?;
        if outcomes.len() != part.len() {
            return Err(miscounted(part.len(), outcomes.len()));
        }
        of_all(&outcomes).map_or(Ok(outcomes), Err)
    }

    /// Looks for the rows that a whole call fails for. Both halves of a call are tried: where both fail, it is not one row. A
    /// few rows are then tried one by one, if the CRM was well until now; else it is the CRM as a whole that fails.
    async fn isolate<R>(
        &self,
        of: &impl Bulk<R>,
        limits: Limits,
        part: &[R],
        fault: Fault,
        report: &mut BatchReport,
    ) -> Result<Vec<RowOutcome>, Fault> {
        if part.len() == 1 {
            return Ok(vec![Err(fault)]);
        }
        let (mut before, mut after) = (Vec::new(), Vec::new());
        let (mut suspects, mut fault) = (part, fault);
        while suspects.len() > 1 {
            let (left, right) = suspects.split_at(suspects.len() / 2);
            let answers = (
                self.call(of, left, report).await,
                self.call(of, right, report).await,
            );
            match answers {
                (Ok(left), Ok(right)) => {
                    before.extend(left);
                    before.extend(right);
                    suspects = &[];
                }
                (Ok(passed), Err(again)) if Reach::of(&again) == Reach::Unclear => {
                    before.extend(passed);
                    (suspects, fault) = (right, again);
                }
                (Err(again), Ok(passed)) if Reach::of(&again) == Reach::Unclear => {
                    after.push(passed);
                    (suspects, fault) = (left, again);
                }
                (Err(again), Err(_)) if limits.is_well && suspects.len() <= ENOUGH_TO_TELL => {
                    before.extend(self.one_by_one(of, suspects, again, report).await?);
                    suspects = &[];
                }
                (Err(again), _) | (_, Err(again)) => return Err(again),
            }
        }
        if !suspects.is_empty() {
            before.push(Err(fault));
        }
        before.extend(after.into_iter().rev().flatten());
        Ok(before)
    }

    /// Several rows of a few may be bad: each is tried alone.
    async fn one_by_one<R>(
        &self,
        of: &impl Bulk<R>,
        rows: &[R],
        fault: Fault,
        report: &mut BatchReport,
    ) -> Result<Vec<RowOutcome>, Fault> {
        let mut outcomes = Vec::with_capacity(rows.len());
        for row in rows.chunks(1) {
            match self.call(of, row, report).await {
                Ok(outcome) => outcomes.extend(outcome),
                Err(fault) if Reach::of(&fault) == Reach::Unclear => outcomes.push(Err(fault)),
                Err(fault) => return Err(fault),
            }
        }
        if outcomes.iter().any(|outcome| !is_unclear(outcome)) {
            Ok(outcomes)
        } else {
            Err(fault)
        }
    }

    /// Nobody got through: whether others do is noted with the circuit. The rows of one call say nothing of each other.
    async fn ask_notes<R>(
        &self,
        of: &impl Bulk<R>,
        target: &TargetName,
        part: &[R],
        outcomes: &mut [RowOutcome],
        wrote: &mut Wrote,
    ) -> Result<(), Fault> {
        let asked = part.iter().zip(outcomes.iter_mut());
        let asked = asked.filter(|(_, outcome)| is_unclear(outcome));
        let (names, asked): (Vec<String>, Vec<&mut RowOutcome>) =
            asked.map(|(row, outcome)| (of.name(row), outcome)).unzip();
        let ids: Vec<&str> = names.iter().map(String::as_str).collect();
        let told = self.breaker().whose_each(target, &ids, &of.kind()).await;
        let (whose, circuit) = match told {
            Ok(told) => told,
            Err(store) => {
                tracing::warn!(target.name = %target, fault = %store, "whose a refusal is could not be noted");
                return Ok(());
            }
        };
        wrote.noted = Some(circuit);
        for (outcome, whose) in asked.into_iter().zip(whose) {
            match (whose, &*outcome) {
                (Whose::Everybodys, Err(fault)) => return Err(fault.clone()),
                (Whose::Own, _) => own(outcome),
                _ => {}
            }
        }
        Ok(())
    }

    /// Notes how rows ended, where others of their kind failed.
    pub(super) async fn rows_ended(
        &self,
        target: &TargetName,
        known: &Circuit,
        kind: &str,
        rows: impl Iterator<Item = (String, RowEnd)>,
    ) {
        if known.odd.is_empty() {
            return;
        }
        let mut others = None;
        for (id, end) in rows {
            let of = Of { id: &id, kind };
            let is_known = known.odd.contains_key(&id);
            match end {
                RowEnd::Written if is_known => self.breaker().got_through(target, known, of).await,
                RowEnd::Written => others = others.or(Some(id)),
                RowEnd::Ended => self.breaker().ended(target, known, of).await,
                RowEnd::Open => {}
            }
        }
        if let Some(id) = others {
            let of = Of { id: &id, kind };
            self.breaker().got_through(target, known, of).await;
        }
    }
}

/// Others get through: what waiting does not mend is the row's own.
fn own(outcome: &mut RowOutcome) {
    if let Err(fault) = outcome
        && Reach::of(fault) == Reach::Unclear
        && fault.class == Class::Configuration
    {
        fault.class = Class::Data;
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
