//! The rows of a write-back: an intent's state as the fields of CRM records, written module by module.

use std::collections::{BTreeMap, BTreeSet};

use counterpart_config::{TargetConfig, WriteBackFields};
use counterpart_domain::{Fault, Fields, TargetName, Value, bounded};

use super::work::WriteBackWork;
use crate::circuit::Sizes;
use crate::intent::{Intent, IntentKind, IntentStage};
use crate::not_done::NotDone;
use crate::ports::prelude::*;
use crate::ports::{CrmRecords, RowOutcome, UpdateRow};
use crate::writer::row_end::RowEnd;
use crate::writer::write::{Bulk, Limits, Stopped, Wrote, update_of};
use crate::writer::{BatchReport, CrmWriter, Mapper};

/// One record that shows something; `number` tells what.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) number: usize,
    pub(super) module: String,
    pub(super) update: UpdateRow,
}

/// What became of the rows of a write-back, by the number of what they show.
#[derive(Default)]
pub(super) struct RowResults {
    pub(super) later: BTreeSet<usize>,
    pub(super) refused: BTreeMap<usize, Fault>,
    /// Not reached at all.
    pub(super) left: BTreeSet<usize>,
}

impl RowResults {
    /// Notes what the CRM answered for the rows, or for the first ones.
    fn note(&mut self, target: &TargetName, rows: &[Row], answers: Vec<RowOutcome>) {
        let unanswered = rows.iter().skip(answers.len());
        self.left.extend(unanswered.map(|row| row.number));
        for (row, answer) in rows.iter().zip(answers) {
            match answer {
                Ok(_) => {}
                Err(fault) if fault.code == "E_CRM_RECORD_GONE" => {
                    tracing::info!(target.name = %target, record.id = %row.update.id, "what was to be shown is on a record that is gone");
                }
                Err(fault) if fault.is_retryable() => {
                    self.later.insert(row.number);
                }
                Err(fault) => {
                    self.refused.insert(row.number, fault);
                }
            }
        }
    }

    pub(super) fn is_done(&self, number: usize) -> bool {
        !self.later.contains(&number)
            && !self.refused.contains_key(&number)
            && !self.left.contains(&number)
    }
}

/// Records of one module, by their ids.
struct Updates<'a, K> {
    crm: &'a K,
    module: &'a str,
}

impl<K: CrmRecords> Bulk<Row> for Updates<'_, K> {
    async fn call(&self, rows: &[Row]) -> Result<Vec<RowOutcome>, Fault> {
        let rows: Vec<UpdateRow> = rows.iter().map(|row| row.update.clone()).collect();
        self.crm.update(self.module, &rows).await
    }

    fn kind(&self) -> String {
        update_of(self.module)
    }

    fn name(&self, row: &Row) -> String {
        format!("{} {}", row.module, row.update.id)
    }
}

impl<P: Ports, M: Mapper> CrmWriter<'_, P, M> {
    /// Writes rows, module by module.
    pub(super) async fn write_rows(
        &self,
        work: &WriteBackWork<'_, P::Crm>,
        rows: Vec<Row>,
        report: &mut BatchReport,
    ) -> Result<(RowResults, Option<NotDone>), NotDone> {
        let mut results = RowResults::default();
        if rows.is_empty() {
            return Ok((results, None));
        }
        let target = &work.of.target;
        let circuit = self.claim_probe(target, &work.circuit).await?;
        let limits = Limits::of(work.crm, &circuit);
        let mut by_module: BTreeMap<String, Vec<Row>> = BTreeMap::new();
        for row in rows {
            by_module.entry(row.module.clone()).or_default().push(row);
        }
        let (mut all, mut through) = (Wrote::default(), Vec::new());
        for (module, rows) in by_module {
            if all.stopped.is_some() {
                results.left.extend(rows.iter().map(|row| row.number));
                continue;
            }
            let updates = Updates {
                crm: work.crm,
                module: &module,
            };
            let mut wrote = self.write(&updates, target, limits, &rows, report).await;
            let answers = std::mem::take(&mut wrote.rows);
            let ends = rows.iter().zip(&answers);
            let ends = ends.map(|(row, answer)| (updates.name(row), RowEnd::of(answer, 0)));
            let ends: Vec<_> = ends.collect();
            results.note(target, &rows, answers);
            through.push((update_of(&module), ends));
            all.extend(wrote);
        }
        let circuit = all.noted.clone().unwrap_or(circuit);
        let sizes = Sizes::of(&all, work.crm);
        let stopped = match all.stopped {
            None => None,
            Some(Stopped::Slow) => Some(NotDone::slow(self.clock.now())),
            Some(Stopped::Failed {
                fault,
                rows,
                met_by,
            }) => {
                let opened =
                    self.open_circuit(target, &circuit, fault, Some(rows), &met_by, report);
                return Ok((results, Some(opened.await)));
            }
        };
        if stopped.is_none() && all.largest > 0 {
            self.breaker().close(target, &circuit, sizes).await?;
        }
        for (kind, ends) in through {
            self.rows_ended(target, &circuit, &kind, ends.into_iter())
                .await;
        }
        Ok((results, stopped))
    }
}

/// The rows that show an intent. A module without fields for it shows nothing.
pub(super) fn rows_of(target: &TargetConfig, intent: &Intent, number: usize) -> Vec<Row> {
    let rows = intent.shown.iter().filter_map(|shown| {
        let fields = fields_of(intent, write_back(target, intent, &shown.module)?);
        (!fields.is_empty()).then(|| Row {
            number,
            module: shown.module.clone(),
            update: UpdateRow {
                id: shown.id.clone(),
                fields,
            },
        })
    });
    rows.collect()
}

fn write_back<'a>(
    target: &'a TargetConfig,
    intent: &Intent,
    module: &str,
) -> Option<&'a WriteBackFields> {
    match intent.id.kind {
        IntentKind::Order => {
            let orders = target.orders.as_ref()?;
            let mut sources = orders.sources.iter();
            let source = sources.find(|source| source.module == module)?;
            Some(&source.write_back)
        }
        IntentKind::Record(_) => {
            let mut entities = target.entities.values();
            let entity = entities.find(|entity| entity.module == module)?;
            Some(&entity.to_sage.create.as_ref()?.write_back)
        }
    }
}

/// What Sage does not hold yet leaves its fields as they are: a number that is only reserved is nobody's to see.
fn fields_of(intent: &Intent, names: &WriteBackFields) -> Fields {
    let in_sage = matches!(intent.stage, IntentStage::Done | IntentStage::Cancelled);
    let mut fields = Fields::new();
    let mut put = |name: &Option<String>, value: Option<Value>| {
        if let Some((name, value)) = name.clone().zip(value) {
            fields.insert(name, value);
        }
    };
    if in_sage {
        put(&names.number, intent.number.as_ref().map(Value::text));
        put(&names.total, intent.sage_total.map(Value::Number));
        let invoice = Value::text(&intent.invoice);
        put(
            &names.invoice,
            Some(invoice).filter(|text| !text.is_blank()),
        );
        let status = status(names, &intent.sage_status);
        put(&names.status, Some(status).filter(|text| !text.is_blank()));
    }
    let text = intent.status_text.clone();
    let text = match names.text_length {
        0 => text,
        longest => bounded(text, longest as usize),
    };
    put(&names.text, Some(Value::text(text)));
    fields
}

fn status(names: &WriteBackFields, word: &str) -> Value {
    let mut values = names.status_values.iter();
    let value = values.find(|(sage, _)| sage == word);
    Value::text(value.map_or(word, |(_, crm)| crm))
}
