//! Step `write`: from decided rows to bulk calls, at most two per pack, one for a write-back. A call that is refused as a whole
//! because of its content is halved until the row that is to blame stands alone. One that was too much for the CRM is made
//! smaller the next time.

use counterpart_domain::{Class, Fault, Value};
use jiff::SignedDuration;

use super::compare::Decided;
use super::snapshot::PackWork;
use super::{BatchReport, CrmWriter, Mapper};
use crate::not_done::NotDone;
use crate::ports::prelude::*;
use crate::ports::{Circuit, Crm, RowOutcome, UpdateRow, UpsertCall, UpsertRow};

/// The fewest rows that together say something about the mapping rather than about themselves.
const ENOUGH_TO_TELL: usize = 10;
/// After this, no further call smaller than the CRM takes is begun in one turn. A worker begins a pack with time for two
/// calls at their slowest and a token: what is spent here comes off that.
const TURN: SignedDuration = SignedDuration::from_secs(15);
/// A failure of a whole call that nobody explains, which one of its rows may have caused.
const UNEXPLAINED: &str = "E_CRM_UNEXPLAINED";

/// One kind of bulk call.
pub(super) trait Bulk<R> {
    /// The call. One outcome per row, in order.
    async fn call(&self, rows: &[R]) -> Result<Vec<RowOutcome>, Fault>;
    /// Whether a row that stands alone has been tried before.
    fn tried(&self, row: &R) -> bool;
}

/// How much one call may hold.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// What the CRM takes in bulk.
    pub(super) bulk: usize,
    /// What is not too much for it now.
    pub(super) most: usize,
}

impl Limits {
    pub(super) fn of(crm: &impl Crm, circuit: &Circuit) -> Self {
        let bulk = crm.bulk_size().max(1);
        let most = circuit.most_rows.map_or(bulk, |most| most.clamp(1, bulk));
        Self { bulk, most }
    }
}

/// Records that are linked to none of the CRM's yet, by their keys.
pub(super) struct Upserts<'a, 'b, K>(pub(super) &'a PackWork<'b, K>);

impl<K: Crm> Bulk<Decided> for Upserts<'_, '_, K> {
    async fn call(&self, rows: &[Decided]) -> Result<Vec<RowOutcome>, Fault> {
        let entity = self.0.entity;
        let call = UpsertCall {
            module: entity.module.clone(),
            key_field: entity.key_field.clone(),
            rows: rows
                .iter()
                .map(|row| UpsertRow {
                    key: row.prepared.key.clone(),
                    fields: row.decision.to_crm.clone(),
                })
                .collect(),
        };
        self.0.crm.upsert(&call).await
    }

    fn tried(&self, row: &Decided) -> bool {
        self.0.again || row.prepared.entry.attempts > 0
    }
}

/// Records by the ids that their links name. The key goes along: whoever emptied it, it is there again.
pub(super) struct ById<'a, 'b, K>(pub(super) &'a PackWork<'b, K>);

impl<K: Crm> Bulk<Decided> for ById<'_, '_, K> {
    async fn call(&self, rows: &[Decided]) -> Result<Vec<RowOutcome>, Fault> {
        let entity = self.0.entity;
        let rows: Vec<UpdateRow> = rows
            .iter()
            .filter_map(|row| {
                let id = row.prepared.known_id()?.clone();
                let mut fields = row.decision.to_crm.clone();
                let key = Value::text(row.prepared.key.text());
                fields.insert(entity.key_field.clone(), key);
                Some(UpdateRow { id, fields })
            })
            .collect();
        self.0.crm.update_linked(&entity.module, &rows).await
    }

    fn tried(&self, row: &Decided) -> bool {
        self.0.again || row.prepared.entry.attempts > 0
    }
}

/// The rows of a pack by what is to be done about them.
pub(super) struct Writes {
    /// To be written.
    pub(super) due: Vec<Decided>,
    /// Nothing to write.
    pub(super) quiet: Vec<Decided>,
}

impl Writes {
    pub(super) fn of(decided: Vec<Decided>) -> Self {
        let (due, quiet) = decided.into_iter().partition(|row| {
            row.decision.create
                || !row.decision.to_crm.is_empty()
                || row.prepared.unkeyed().is_some()
                || row.lost_key
        });
        Self { due, quiet }
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = &Decided> {
        self.due.iter().chain(&self.quiet)
    }
}

/// The rows of a pack once the CRM has spoken.
pub(super) struct Written {
    /// `due`: those that were answered for.
    pub(super) writes: Writes,
    /// The answers, one for each row that was due.
    pub(super) answers: Vec<RowOutcome>,
    /// Why there are not more.
    pub(super) stopped: Option<Stopped>,
}

/// What came of writing rows.
#[derive(Default)]
pub(super) struct Wrote {
    /// Outcomes in the rows' order: of all of them, or of the first ones.
    pub(super) rows: Vec<RowOutcome>,
    /// Rows of the largest call that was answered; 0: none was.
    pub(super) largest: usize,
    /// Why the rows after those were not written.
    pub(super) stopped: Option<Stopped>,
}

/// Why writing ended before the last row.
pub(super) enum Stopped {
    /// The CRM as a whole is out of reach, out of patience or not open to us: said of a call of so many rows.
    Failed(Fault, usize),
    /// It takes its time; the rest has a turn of its own.
    Slow,
}

impl<P: Ports, M: Mapper> CrmWriter<'_, P, M> {
    /// Writes rows, at most a bulk call's worth at a time, or what the circuit says is not too much.
    pub(super) async fn write<R>(
        &self,
        of: &impl Bulk<R>,
        Limits { bulk, most }: Limits,
        rows: &[R],
        report: &mut BatchReport,
    ) -> Wrote {
        let began = self.clock.now();
        let mut wrote = Wrote::default();
        // Last in, first out: the halves are pushed in reverse, so that outcomes stay in order.
        let mut open: Vec<&[R]> = rows.chunks(most).rev().collect();
        while let Some(part) = open.pop() {
            let spent = self.clock.now().duration_since(began);
            if most < bulk && !wrote.rows.is_empty() && spent > TURN {
                wrote.stopped = Some(Stopped::Slow);
                break;
            }
            let mut answered = part.len();
            let answer = match self.call(of, part, report).await {
                Err(fault) if fault.code == UNEXPLAINED => {
                    if let [row] = part
                        && of.tried(row)
                    {
                        // It stood alone before: it counts as the row's own, which has an end. Nobody got through, though.
                        wrote.rows.push(Err(fault));
                        continue;
                    }
                    // The whole of it was not: only halves were.
                    answered /= 2;
                    self.isolate(of, part, fault, report).await
                }
                answer => answer,
            };
            match answer {
                Ok(outcomes) => {
                    wrote.largest = wrote.largest.max(answered);
                    wrote.rows.extend(outcomes);
                }
                Err(fault) if matches!(fault.class, Class::Data | Class::Bug) => match part.len() {
                    1 => {
                        wrote.largest = wrote.largest.max(1);
                        wrote.rows.push(Err(fault));
                    }
                    _ => {
                        let (left, right) = part.split_at(part.len() / 2);
                        open.push(right);
                        open.push(left);
                    }
                },
                Err(fault) => {
                    wrote.stopped = Some(Stopped::Failed(fault, part.len()));
                    break;
                }
            }
        }
        wrote
    }

    /// Writes what is due of a pack, and notes what that says of the CRM. `reads`: it was called for the pack before.
    ///
    /// # Errors
    /// When nothing could be written, since the CRM as a whole is out of reach.
    pub(super) async fn write_pack(
        &self,
        work: &mut PackWork<'_, P::Crm>,
        mut writes: Writes,
        reads: bool,
        report: &mut BatchReport,
    ) -> Result<Written, NotDone> {
        // Known by their ids: last, in a call of their own.
        writes.due.sort_by_key(|row| row.prepared.is_linked());
        let called = reads || !writes.due.is_empty();
        if called && !reads {
            work.circuit = self.claim_probe(&work.pack.target, &work.circuit).await?;
        }
        let Wrote {
            rows,
            largest,
            stopped,
        } = self.write_all(work, &writes.due, report).await;
        let (target, circuit) = (&work.pack.target, &work.circuit);
        match stopped {
            Some(Stopped::Failed(fault, at)) if rows.is_empty() => {
                return Err(self
                    .open_circuit(target, circuit, fault, Some(at), report)
                    .await);
            }
            Some(Stopped::Failed(..)) => {}
            _ if called && (largest > 0 || writes.due.is_empty()) => {
                let bulk = work.crm.bulk_size();
                self.breaker().close(target, circuit, largest, bulk).await?;
            }
            _ => {}
        }
        writes.due.truncate(rows.len());
        Ok(Written {
            writes,
            answers: rows,
            stopped,
        })
    }

    /// The rows that are found by key, then those that are known by id.
    async fn write_all(
        &self,
        work: &PackWork<'_, P::Crm>,
        rows: &[Decided],
        report: &mut BatchReport,
    ) -> Wrote {
        let limits = Limits::of(work.crm, &work.circuit);
        let by_key = rows.partition_point(|row| !row.prepared.is_linked());
        let (by_key, by_id) = rows.split_at(by_key);
        let mut wrote = self.write(&Upserts(work), limits, by_key, report).await;
        if wrote.stopped.is_none() && !by_id.is_empty() {
            let more = self.write(&ById(work), limits, by_id, report).await;
            wrote.rows.extend(more.rows);
            wrote.largest = wrote.largest.max(more.largest);
            wrote.stopped = more.stopped;
        }
        wrote
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

    /// Looks for the row that a whole call fails for. Both halves of a call are tried: where both fail, it is not one row,
    /// and the CRM as a whole is said to fail.
    async fn isolate<R>(
        &self,
        of: &impl Bulk<R>,
        part: &[R],
        fault: Fault,
        report: &mut BatchReport,
    ) -> Result<Vec<RowOutcome>, Fault> {
        if part.len() == 1 {
            // Nothing tells it from an outage.
            return Err(fault);
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
                (Ok(passed), Err(again)) if again.code == UNEXPLAINED => {
                    before.extend(passed);
                    (suspects, fault) = (right, again);
                }
                (Err(again), Ok(passed)) if again.code == UNEXPLAINED => {
                    after.push(passed);
                    (suspects, fault) = (left, again);
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
