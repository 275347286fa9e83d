//! Step `write`: from decided rows to bulk calls, at most two per pack, one for a write-back. A call that is refused as a whole
//! because of its content is halved until the row that is to blame stands alone. One that was too much for the CRM is made
//! smaller, and so are the next ones. Whose a refusal is that may be one row's own: see [`super::blame`].

use counterpart_domain::{Fault, Reach, TargetName, Value};
use jiff::SignedDuration;

use super::compare::Decided;
use super::row_end::RowEnd;
use super::snapshot::PackWork;
use super::{BatchReport, CrmWriter, Mapper};
use crate::circuit::Sizes;
use crate::not_done::NotDone;
use crate::ports::prelude::*;
use crate::ports::{Circuit, Crm, RowOutcome, UpdateRow, UpsertCall, UpsertRow};

/// After this, no further call smaller than the CRM takes is begun in one turn. A worker begins a pack with time for two
/// calls at their slowest and a token: what is spent here comes off that.
const TURN: SignedDuration = SignedDuration::from_secs(15);

/// One kind of bulk call.
pub(super) trait Bulk<R> {
    /// The call. One outcome per row, in order.
    async fn call(&self, rows: &[R]) -> Result<Vec<RowOutcome>, Fault>;
    /// What it does, and to which module: only others of the kind say something of a row's refusal ([`crate::odd`]).
    fn kind(&self) -> String;
    /// What a row is called.
    fn name(&self, row: &R) -> String;
}

/// How much one call may hold.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// What the CRM takes in bulk.
    pub(super) bulk: usize,
    /// What is not too much for it now.
    pub(super) most: usize,
    /// Whether it got through the last time.
    pub(super) is_well: bool,
}

impl Limits {
    pub(super) fn of(crm: &impl Crm, circuit: &Circuit) -> Self {
        let bulk = crm.bulk_size().max(1);
        let most = circuit.most_rows.map_or(bulk, |most| most.clamp(1, bulk));
        let is_well = circuit.failures == 0;
        Self {
            bulk,
            most,
            is_well,
        }
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

    fn kind(&self) -> String {
        creation_of(&self.0.entity.module)
    }

    fn name(&self, row: &Decided) -> String {
        row.prepared.key.to_string()
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

    fn kind(&self) -> String {
        update_of(&self.0.entity.module)
    }

    fn name(&self, row: &Decided) -> String {
        row.prepared.key.to_string()
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
    /// Rows of the smallest call that was too large by what the CRM answered.
    pub(super) too_much: Option<usize>,
    /// Why the rows after those were not written.
    pub(super) stopped: Option<Stopped>,
    /// The circuit, where something was noted there.
    pub(super) noted: Option<Circuit>,
}

/// The kind of a write to records by their ids.
pub(super) fn update_of(module: &str) -> String {
    format!("update {module}")
}

/// The kind of a write to records that are found by their keys, or created.
fn creation_of(module: &str) -> String {
    format!("create {module}")
}

impl Wrote {
    /// Adds what came of the rows that follow.
    pub(super) fn extend(&mut self, more: Self) {
        self.rows.extend(more.rows);
        self.largest = self.largest.max(more.largest);
        if let Some(rows) = more.too_much {
            self.is_too_much(rows);
        }
        self.stopped = more.stopped;
        self.noted = more.noted.or(self.noted.take());
    }

    fn is_too_much(&mut self, rows: usize) {
        let known = self.too_much.unwrap_or(usize::MAX);
        self.too_much = Some(known.min(rows));
    }
}

impl Sizes {
    pub(super) fn of(wrote: &Wrote, crm: &impl Crm) -> Self {
        Self {
            largest: wrote.largest,
            too_much: wrote.too_much,
            bulk: crm.bulk_size(),
        }
    }
}

/// Why writing ended before the last row.
pub(super) enum Stopped {
    /// The CRM as a whole is out of reach, out of patience or not open to us: said of a call of so many rows.
    Failed {
        fault: Fault,
        rows: usize,
        /// The first of them.
        met_by: String,
    },
    /// It takes its time; the rest has a turn of its own.
    Slow,
}

/// Rows in order: those that are to be written, and those that were answered for out of turn.
enum Part<'r, R> {
    Open(&'r [R]),
    Answered(Vec<RowOutcome>),
}

/// Parts, the first one last: the next is popped.
type Parts<'r, R> = Vec<Part<'r, R>>;

/// Cuts what is open into calls of at most `most` rows.
fn cut<'r, R>(parts: Parts<'r, R>, most: usize) -> Parts<'r, R> {
    let pieces = parts.into_iter().flat_map(|part| match part {
        Part::Open(rows) => rows.chunks(most.max(1)).rev().map(Part::Open).collect(),
        answered @ Part::Answered(_) => vec![answered],
    });
    pieces.collect()
}

/// The rows of a call of which some were too much: those are open again, in their places.
fn again<R>(rows: &[R], outcomes: Vec<RowOutcome>) -> Parts<'_, R> {
    let mut parts: Parts<'_, R> = Vec::new();
    let mut from = 0;
    for (at, outcome) in outcomes.into_iter().enumerate() {
        if is_too_much(&outcome) {
            continue;
        }
        if let Some(open) = rows.get(from..at).filter(|open| !open.is_empty()) {
            parts.push(Part::Open(open));
        }
        parts.push(Part::Answered(vec![outcome]));
        from = at + 1;
    }
    if let Some(open) = rows.get(from..).filter(|open| !open.is_empty()) {
        parts.push(Part::Open(open));
    }
    parts.reverse();
    parts
}

fn is_too_much(outcome: &RowOutcome) -> bool {
    outcome
        .as_ref()
        .is_err_and(|fault| Reach::of(fault) == Reach::Call)
}

impl<P: Ports, M: Mapper> CrmWriter<'_, P, M> {
    /// Writes rows, at most a bulk call's worth at a time, or what the circuit says is not too much.
    pub(super) async fn write<R>(
        &self,
        of: &impl Bulk<R>,
        target: &TargetName,
        limits: Limits,
        rows: &[R],
        report: &mut BatchReport,
    ) -> Wrote {
        let began = self.clock.now();
        let mut wrote = Wrote::default();
        let mut most = limits.most;
        let mut open = cut(vec![Part::Open(rows)], most);
        while let Some(part) = open.pop() {
            let part = match part {
                Part::Open(part) => part,
                Part::Answered(outcomes) => {
                    wrote.rows.extend(outcomes);
                    continue;
                }
            };
            let spent = self.clock.now().duration_since(began);
            if most < limits.bulk && !wrote.rows.is_empty() && spent > TURN {
                wrote.stopped = Some(Stopped::Slow);
                break;
            }
            let answer = self.ask(of, target, limits, part, &mut wrote, report).await;
            match answer {
                Ok(answer) if part.len() > 1 && answer.outcomes.iter().any(is_too_much) => {
                    wrote.is_too_much(part.len());
                    most = most.min(part.len().div_ceil(2));
                    open.extend(again(part, answer.outcomes));
                    open = cut(open, most);
                }
                Ok(answer) => {
                    wrote.largest = wrote.largest.max(answer.largest);
                    wrote.rows.extend(answer.outcomes);
                }
                Err(fault) if !Reach::is_within(&fault) => {
                    wrote.stopped = Some(Stopped::Failed {
                        fault,
                        rows: part.len(),
                        met_by: part.first().map(|row| of.name(row)).unwrap_or_default(),
                    });
                    break;
                }
                Err(fault) if part.len() == 1 => {
                    wrote.largest = wrote.largest.max(1);
                    wrote.rows.push(Err(fault));
                }
                Err(_) => {
                    let (left, right) = part.split_at(part.len() / 2);
                    open.extend([Part::Open(right), Part::Open(left)]);
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
        let wrote = self.write_all(work, &writes.due, report).await;
        work.circuit = wrote.noted.clone().unwrap_or_else(|| work.circuit.clone());
        let (target, circuit) = (&work.pack.target, &work.circuit);
        let Wrote { rows, stopped, .. } = match wrote.stopped {
            Some(Stopped::Failed {
                fault,
                rows,
                met_by,
            }) if wrote.rows.is_empty() => {
                return Err(self
                    .open_circuit(target, circuit, fault, Some(rows), &met_by, report)
                    .await);
            }
            Some(Stopped::Failed { .. }) => wrote,
            _ => {
                if called && (wrote.largest > 0 || writes.due.is_empty()) {
                    let sizes = Sizes::of(&wrote, work.crm);
                    self.breaker().close(target, circuit, sizes).await?;
                }
                self.note_rows(work, &writes.due, &wrote.rows).await;
                wrote
            }
        };
        writes.due.truncate(rows.len());
        Ok(Written {
            writes,
            answers: rows,
            stopped,
        })
    }

    /// Notes which rows got through and which came to their end otherwise, for those that failed.
    async fn note_rows(
        &self,
        work: &PackWork<'_, P::Crm>,
        due: &[Decided],
        outcomes: &[RowOutcome],
    ) {
        let (target, circuit) = (&work.pack.target, &work.circuit);
        for linked in [false, true] {
            let kind = if linked {
                update_of(&work.entity.module)
            } else {
                creation_of(&work.entity.module)
            };
            let rows = due.iter().zip(outcomes);
            let rows = rows.filter(|(row, _)| row.prepared.is_linked() == linked);
            let rows = rows.map(|(row, outcome)| {
                let (name, attempts) = (&row.prepared.key, row.prepared.entry.attempts);
                (name.to_string(), RowEnd::of(outcome, attempts))
            });
            self.rows_ended(target, circuit, &kind, rows).await;
        }
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
        let target = &work.pack.target;
        let upserts = Upserts(work);
        let mut wrote = self.write(&upserts, target, limits, by_key, report).await;
        if wrote.stopped.is_none() && !by_id.is_empty() {
            let by_ids = ById(work);
            wrote.extend(self.write(&by_ids, target, limits, by_id, report).await);
        }
        wrote
    }
}

#[cfg(test)]
mod tests {
    use counterpart_domain::Class;

    use super::*;

    fn outcome(code: &'static str) -> RowOutcome {
        Err(Fault::new(Class::Data, code, ""))
    }

    #[test]
    fn rows_that_were_too_much_are_open_again_in_their_places() {
        let (big, other) = ("E_CRM_AUTOMATION_LIMIT", "E_CRM_INVALID_DATA");
        let rows = [1, 2, 3, 4, 5];
        let outcomes = [big, big, other, big, other].map(outcome);
        let mut parts = cut(again(&rows, outcomes.into()), 1);
        let mut seen = Vec::new();
        while let Some(part) = parts.pop() {
            seen.push(match part {
                Part::Open(rows) => format!("{rows:?}"),
                Part::Answered(outcomes) => format!("{} answered", outcomes.len()),
            });
        }
        assert_eq!(seen, ["[1]", "[2]", "1 answered", "[4]", "1 answered"]);
    }
}
