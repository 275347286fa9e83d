//! Before the CRM gets a record that it was never linked to, it is looked for there: somebody may have typed it in by hand.
//! Whether it is that one is for a person to say, as it is in the other direction. Records that hold a key, or are linked, are
//! other records of Sage: shops of one chain have one name.

mod by;
mod look;

use std::collections::{BTreeSet, HashSet};

use counterpart_config::Alike;
use counterpart_domain::reconcile::CreateInCrm;
use counterpart_domain::{Class, CrmId, Fault, SageKey, TargetName};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use self::by::By;
use self::look::{Looked, MOST};
use super::prepare::Prepared;
use super::snapshot::PackWork;
use super::{BatchReport, CrmWriter, Mapper};
use crate::not_done::NotDone;
use crate::ports::prelude::*;

/// How many are named in a sentence.
const NAMED: usize = 3;
/// Of how many records it is asked at once whose they are.
const QUESTIONS: usize = 8;

/// Rows, and those that are set aside, each with what a person is told.
type Parted = (Vec<Prepared>, Vec<(Prepared, Fault)>);

/// Whether a record is looked for by its name before it is created.
pub(super) fn looks_alike<K>(work: &PackWork<'_, K>, row: &Prepared) -> bool {
    let entity = work.entity;
    let creates = entity.policy.create == CreateInCrm::Always && entity.alike == Alike::Ask;
    creates && !row.entry.is_to_be_created() && !row.is_linked()
}

impl<P: Ports, M: Mapper> CrmWriter<'_, P, M> {
    /// The rows of which the CRM may hold a record already, and those that cannot be looked for, are parted from the others.
    ///
    /// # Errors
    /// When the CRM as a whole is out of reach: then its circuit is open. When the store is: then it is not.
    pub(super) async fn part_alike(
        &self,
        work: &PackWork<'_, P::Crm>,
        rows: Vec<Prepared>,
        named: &str,
        report: &mut BatchReport,
    ) -> Result<Parted, NotDone> {
        let Some(by) = By::of(work.pack.entity, work.entity) else {
            return Ok((rows, Vec::new()));
        };
        let asked = |row: &Prepared| {
            let value = by.asked(&row.fields);
            value.filter(|_| looks_alike(work, row))
        };
        let values: BTreeSet<String> = rows.iter().filter_map(asked).collect();
        if values.is_empty() {
            return Ok((rows, Vec::new()));
        }
        let values: Vec<String> = values.into_iter().collect();
        let looked = match self.look(work, &by, &values).await {
            Ok(looked) => looked,
            Err(fault) => {
                let (target, circuit) = (&work.pack.target, &work.circuit);
                let opened = self.open_circuit(target, circuit, fault, None, named, report);
                return Err(opened.await);
            }
        };
        let like = |row: &Prepared| {
            let value = asked(row);
            value.map_or_else(Vec::new, |value| looked.like(&by, &value, &row.fields))
        };
        let likes: Vec<Vec<CrmId>> = rows.iter().map(like).collect();
        let ids: BTreeSet<&CrmId> = likes.iter().flatten().collect();
        let linked = self.linked_among(&work.pack.target, ids).await?;
        let told = rows.iter().zip(likes).map(|(row, mut like)| {
            like.retain(|id| !linked.contains(id));
            self::told(work, row, &asked(row)?, &looked, &like)
        });
        let told: Vec<Option<Fault>> = told.collect();
        let held = self
            .held_by_key(work, rows.iter().zip(&told), named, report)
            .await?;
        let (mut others, mut parted) = (Vec::with_capacity(rows.len()), Vec::new());
        for (row, fault) in rows.into_iter().zip(told) {
            match fault {
                Some(fault) if !held.contains(&row.key.text()) => parted.push((row, fault)),
                _ => others.push(row),
            }
        }
        Ok((others, parted))
    }

    /// The keys of those that would be asked about, and that the CRM holds already: whatever else looks like them, they are
    /// what holds their key.
    async fn held_by_key<'a>(
        &self,
        work: &PackWork<'_, P::Crm>,
        rows: impl Iterator<Item = (&'a Prepared, &'a Option<Fault>)>,
        named: &str,
        report: &mut BatchReport,
    ) -> Result<HashSet<String>, NotDone> {
        let keys: Vec<SageKey> = rows
            .filter(|(_, fault)| fault.is_some())
            .map(|(row, _)| row.key.clone())
            .collect();
        if keys.is_empty() {
            return Ok(HashSet::new());
        }
        match self.find(work, &keys).await {
            Ok((found, _)) => Ok(found.into_keys().collect()),
            Err(fault) => {
                let (target, circuit) = (&work.pack.target, &work.circuit);
                let opened = self.open_circuit(target, circuit, fault, None, named, report);
                Err(opened.await)
            }
        }
    }

    /// Those that are linked to a key, which may have been emptied.
    async fn linked_among(
        &self,
        target: &TargetName,
        ids: BTreeSet<&CrmId>,
    ) -> Result<HashSet<CrmId>, Fault> {
        let store = self.store;
        let questions = ids
            .into_iter()
            .map(|id| async move { store.key_of(target, id).await });
        let answers = stream::iter(questions).buffered(QUESTIONS);
        let keys: Vec<_> = answers.try_collect().await?;
        let keys: Vec<_> = keys.into_iter().flatten().collect();
        if keys.is_empty() {
            return Ok(HashSet::new());
        }
        let links = self.store.links(target, &keys).await?;
        let links = links.into_iter().flatten();
        Ok(links.filter_map(|link| link.crm_id).collect())
    }
}

/// What a person is told of a row; none: there is nothing to ask.
fn told<K>(
    work: &PackWork<'_, K>,
    row: &Prepared,
    value: &str,
    looked: &Looked,
    like: &[CrmId],
) -> Option<Fault> {
    match looked.refused(value) {
        // Waiting does not mend it.
        Some(fault) if fault.class == Class::Data => Some(not_askable(work, row, fault)),
        Some(fault) => Some(fault.clone()),
        None if looked.is_crowded(value) => Some(may_exist(work, row, &[])),
        None => (!like.is_empty()).then(|| may_exist(work, row, like)),
    }
}

/// The CRM refuses to be asked for this one.
fn not_askable<K>(work: &PackWork<'_, K>, row: &Prepared, refusal: &Fault) -> Fault {
    let (key, target) = (&row.key, &work.pack.target);
    let what = key.entity.spec().in_crm;
    Fault::new(
        Class::Data,
        "E_CRM_MAY_EXIST",
        format!(
            "{key} is new, and {target} refuses to be asked whether it has such a {what} ({}). Look for it there; if it has, link the two (`counterpart link move {target} CRM-ID {key}`); if not, redrive: it is created.",
            refusal.code
        ),
    )
    .with_detail(&refusal.message)
}

/// `like`: those that it may be; none: they are too many to look through.
fn may_exist<K>(work: &PackWork<'_, K>, row: &Prepared, like: &[CrmId]) -> Fault {
    let (key, target) = (&row.key, &work.pack.target);
    let what = key.entity.spec().in_crm;
    let named: Vec<&str> = like.iter().take(NAMED).map(|id| id.0.as_str()).collect();
    let Some(first) = named.first() else {
        return Fault::new(
            Class::Data,
            "E_CRM_MAY_EXIST",
            format!(
                "{key} is new, and {target} has more than {MOST} {what}s without a key that it may be: too many to look through. Look for it there; if it is one of them, link the two (`counterpart link move {target} CRM-ID {key}`); if it is none of them, redrive: it is created."
            ),
        );
    };
    let more = match like.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Fault::new(
        Class::Data,
        "E_CRM_MAY_EXIST",
        format!(
            "{key} is new, and {target} has {what}s that look like it and are linked to nothing: {}{more}. If it is one of them, link the two (`counterpart link move {target} {first} {key}`); if it is none of them, redrive: it is created.",
            named.join(", ")
        ),
    )
}
