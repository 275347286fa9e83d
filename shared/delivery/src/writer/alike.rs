//! Before the CRM gets a record that it was never linked to, it is looked for there: somebody may have typed it in by hand.
//! Whether it is that one is for a person to say, as it is in the other direction. Records that hold a key, or are linked, are
//! other records of Sage: shops of one chain have one name.

use std::collections::{BTreeMap, BTreeSet};

use counterpart_config::{Alike, EntityConfig};
use counterpart_domain::reconcile::CreateInCrm;
use counterpart_domain::{Class, CrmId, Entity, Fault, Fields, Value};

use super::prepare::Prepared;
use super::snapshot::PackWork;
use super::{CrmWriter, Mapper};
use crate::Reason;
use crate::ports::CrmRecord;
use crate::ports::prelude::*;

/// How many are named in a sentence.
const NAMED: usize = 3;

/// Whether a record is looked for by its name before it is created.
pub(super) fn looks_alike<K>(work: &PackWork<'_, K>, row: &Prepared) -> bool {
    let entity = work.entity;
    let creates = entity.policy.create == CreateInCrm::Always && entity.alike == Alike::Ask;
    // A redrive is a person's answer.
    creates && work.pack.reason != Reason::Redrive && !row.is_linked()
}

impl<P: Ports, M: Mapper> CrmWriter<'_, P, M> {
    /// The rows of which the CRM may hold a record already are parted from the others, each with what a person is told.
    ///
    /// # Errors
    /// When the CRM as a whole is out of reach.
    pub(super) async fn part_alike(
        &self,
        work: &PackWork<'_, P::Crm>,
        rows: Vec<Prepared>,
    ) -> Result<(Vec<Prepared>, Vec<(Prepared, Fault)>), Fault> {
        let Some(by) = By::of(work.pack.entity, work.entity) else {
            return Ok((rows, Vec::new()));
        };
        let asked = rows.iter().filter(|row| looks_alike(work, row));
        let values: BTreeSet<String> = asked.filter_map(|row| by.asked(&row.fields)).collect();
        if values.is_empty() {
            return Ok((rows, Vec::new()));
        }
        let values: Vec<String> = values.into_iter().collect();
        let module = &work.entity.module;
        let blank = Some(work.entity.key_field.as_str());
        let found = work
            .crm
            .find_by(module, &by.field, &values, blank, &by.read);
        let found = self.nobodys(work, found.await?).await?;
        let mut candidates: BTreeMap<String, Vec<CrmRecord>> = BTreeMap::new();
        for record in found {
            if let Some(value) = record.fields.get(&by.field) {
                let of = candidates.entry(folded(value)).or_default();
                of.push(record);
            }
        }
        let (mut others, mut alike) = (Vec::with_capacity(rows.len()), Vec::new());
        for row in rows {
            let value = by.asked(&row.fields).map(|value| value.to_lowercase());
            let of = value.and_then(|value| candidates.get(value.trim()));
            let like = of.into_iter().flatten();
            let like: Vec<&CrmRecord> = like
                .filter(|record| by.is_like(&row.fields, &record.fields))
                .collect();
            if like.is_empty() || !looks_alike(work, &row) {
                others.push(row);
            } else {
                let fault = may_exist(work, &row, &like);
                alike.push((row, fault));
            }
        }
        Ok((others, alike))
    }

    /// Those that are linked to nothing.
    async fn nobodys(
        &self,
        work: &PackWork<'_, P::Crm>,
        found: Vec<CrmRecord>,
    ) -> Result<Vec<CrmRecord>, Fault> {
        let mut free = Vec::new();
        for record in found {
            // Its key may have been emptied.
            let target = &work.pack.target;
            let linked = match self.store.key_of(target, &record.id).await? {
                Some(key) => self.store.link(target, &key).await?,
                None => None,
            };
            let linked = linked.and_then(|link| link.crm_id);
            if linked.as_ref() != Some(&record.id) {
                free.push(record);
            }
        }
        Ok(free)
    }
}

/// By what a record is looked for, and told.
struct By {
    /// The field that is asked for: the name, or the parent.
    field: String,
    /// Whether that is the parent.
    is_parent: bool,
    /// The fields that are the name.
    names: Vec<String>,
    /// The fields that are the e-mail address.
    mails: Vec<String>,
    /// What is read.
    read: Vec<String>,
}

impl By {
    /// None: the name is not mapped by itself, so that nobody can look for it.
    fn of(kind: Entity, entity: &EntityConfig) -> Option<Self> {
        let of = &kind.spec().identity;
        let fields = |column: &'static str| -> Vec<String> {
            let fields = entity.fields_of(column);
            fields.map(str::to_owned).collect()
        };
        let names = if of.name.is_empty() {
            Vec::new()
        } else {
            fields(of.name)
        };
        let mails = if of.email.is_empty() {
            Vec::new()
        } else {
            fields(of.email)
        };
        let field = entity.parent_field.as_ref().or(names.first())?.clone();
        names.first()?;
        let mut read = vec![field.clone()];
        read.extend(names.iter().chain(&mails).cloned());
        read.sort();
        read.dedup();
        Some(Self {
            is_parent: entity.parent_field.is_some(),
            field,
            names,
            mails,
            read,
        })
    }

    /// What is asked for a row; none: it has nothing by which it could be found.
    fn asked(&self, fields: &Fields) -> Option<String> {
        let value = fields.get(&self.field).filter(|value| !value.is_blank())?;
        Some(value.to_string())
    }

    fn is_like(&self, ours: &Fields, theirs: &Fields) -> bool {
        let same = |names: &[String]| {
            let text =
                |fields: &Fields, name: &String| folded(fields.get(name).unwrap_or(&Value::Blank));
            let any = names.iter().any(|name| !text(ours, name).is_empty());
            any && names
                .iter()
                .all(|name| text(ours, name) == text(theirs, name))
        };
        // One address may be a whole company's: below one parent it tells people apart.
        same(&self.names) || (self.is_parent && same(&self.mails))
    }
}

fn folded(value: &Value) -> String {
    let text = value.to_string().to_lowercase();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn may_exist<K>(work: &PackWork<'_, K>, row: &Prepared, like: &[&CrmRecord]) -> Fault {
    let (key, target) = (&row.key, &work.pack.target);
    let what = key.entity.spec().in_crm;
    let ids: Vec<&CrmId> = like.iter().map(|record| &record.id).collect();
    let named: Vec<&str> = ids.iter().take(NAMED).map(|id| id.0.as_str()).collect();
    let more = match ids.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let first = named.first().copied().unwrap_or_default();
    Fault::new(
        Class::Data,
        "E_CRM_MAY_EXIST",
        format!(
            "{key} is new, and {target} has {what}s that look like it and are linked to nothing: {}{more}. If it is one of them, link the two (`counterpart link move {target} {first} {key}`); if it is none of them, redrive: it is created.",
            named.join(", ")
        ),
    )
}
