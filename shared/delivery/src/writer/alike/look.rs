//! Asking the CRM for records that hold no key, by their names or parents. What it refuses for one value, or finds too much
//! under, is that value's own, and the others are answered.

use std::collections::{BTreeMap, BTreeSet};

use counterpart_domain::{Class, CrmId, Fault, Fields, Reach, Value};

use super::by::{By, folded};
use crate::ports::CrmRecord;
use crate::ports::prelude::*;
use crate::writer::snapshot::PackWork;
use crate::writer::{CrmWriter, Mapper};

/// The most records that are looked through for one question.
pub(super) const MOST: usize = 1_000;
/// So many values are refused before anybody asks whether all are.
const ENOUGH_TO_ASK: usize = 5;
/// A name that every CRM can be asked for.
const PLAIN: &str = "Counterpart";

/// What was found.
#[derive(Default)]
pub(super) struct Looked {
    /// By the value that was asked for, folded.
    found: BTreeMap<String, Vec<CrmRecord>>,
    /// Values that the CRM refuses to be asked for.
    refused: BTreeMap<String, Fault>,
    /// Values that too many records hold.
    crowded: BTreeSet<String>,
}

impl Looked {
    /// The records that a row may be.
    pub(super) fn like(&self, by: &By, value: &str, ours: &Fields) -> Vec<CrmId> {
        let found = self.found.get(&folded(&Value::text(value)));
        let like = found.into_iter().flatten();
        like.filter(|record| by.is_like(ours, &record.fields))
            .map(|record| record.id.clone())
            .collect()
    }

    pub(super) fn refused(&self, value: &str) -> Option<&Fault> {
        self.refused.get(value)
    }

    pub(super) fn is_crowded(&self, value: &str) -> bool {
        self.crowded.contains(value)
    }

    fn add(&mut self, by: &By, records: Vec<CrmRecord>) {
        for record in records {
            if let Some(value) = record.fields.get(&by.field) {
                self.found.entry(folded(value)).or_default().push(record);
            }
        }
    }
}

impl<P: Ports, M: Mapper> CrmWriter<'_, P, M> {
    /// Looks for all values, by halves where a call is refused or finds too much.
    ///
    /// # Errors
    /// What is not any one value's.
    pub(super) async fn look(
        &self,
        work: &PackWork<'_, P::Crm>,
        by: &By,
        values: &[String],
    ) -> Result<Looked, Fault> {
        let mut looked = Looked::default();
        let mut is_answered = false;
        let mut open = vec![values];
        while let Some(part) = open.pop() {
            match (self.find_alike(work, by, part).await, part) {
                (Ok(found), _) if found.len() <= MOST => {
                    is_answered = true;
                    looked.add(by, found);
                }
                (Ok(_), [value]) => {
                    is_answered = true;
                    looked.crowded.insert(value.clone());
                }
                (Err(fault), _) if !may_be_one_values(&fault) => return Err(fault),
                (Err(fault), [value]) => {
                    looked.refused.insert(value.clone(), fault);
                    if !is_answered && looked.refused.len() == ENOUGH_TO_ASK {
                        self.ask_plainly(work, by, &looked).await?;
                        is_answered = true;
                    }
                }
                (_, part) => {
                    let (left, right) = part.split_at(part.len() / 2);
                    open.extend([right, left]);
                }
            }
        }
        if !is_answered {
            self.ask_plainly(work, by, &looked).await?;
        }
        for fault in looked.refused.values_mut() {
            // Others are answered: it is the value's own, and waiting does not mend it.
            if fault.class == Class::Configuration {
                fault.class = Class::Data;
            }
        }
        Ok(looked)
    }

    async fn find_alike(
        &self,
        work: &PackWork<'_, P::Crm>,
        by: &By,
        values: &[String],
    ) -> Result<Vec<CrmRecord>, Fault> {
        let (module, entity) = (&work.entity.module, work.entity);
        let blank = Some(entity.key_field.as_str());
        work.crm
            .find_by(module, &by.field, values, blank, &by.read, Some(MOST))
            .await
    }

    /// Nothing was answered: whether it is the values shows by one that nobody can refuse. Parents are the CRM's own ids, and
    /// there is no such one.
    async fn ask_plainly(
        &self,
        work: &PackWork<'_, P::Crm>,
        by: &By,
        looked: &Looked,
    ) -> Result<(), Fault> {
        let mut faults = looked.refused.values();
        let Some(fault) = faults.find(|fault| Reach::of(fault) != Reach::Record) else {
            return Ok(());
        };
        if by.is_parent {
            return Err(fault.clone());
        }
        match self.find_alike(work, by, &[PLAIN.to_owned()]).await {
            Ok(_) => Ok(()),
            Err(again) if Reach::of(&again) == Reach::Connection => Err(again),
            Err(_) => Err(fault.clone()),
        }
    }
}

/// Whether fewer values may pass where these did not.
fn may_be_one_values(fault: &Fault) -> bool {
    Reach::is_within(fault) || matches!(Reach::of(fault), Reach::Unclear | Reach::Module)
}
