//! Before the CRM gets a record that it was never linked to, it is looked for there: somebody may have typed it in by hand.
//! Whether it is that one is for a person to say, as it is in the other direction. Records that hold a key, or are linked, are
//! other records of Sage: shops of one chain have one name.

use std::collections::{BTreeMap, BTreeSet};

use counterpart_config::{Alike, EntityConfig};
use counterpart_domain::reconcile::CreateInCrm;
use counterpart_domain::{Class, CrmId, Entity, Fault, Fields, Reach, Value};

use super::compare::Unread;
use super::prepare::Prepared;
use super::snapshot::PackWork;
use super::{CrmWriter, Mapper};
use crate::Reason;
use crate::ports::CrmRecord;
use crate::ports::prelude::*;

/// How many are named in a sentence.
const NAMED: usize = 3;
/// Of more that look like a record nobody looks up whether they are linked.
const MOST_LIKE: usize = 50;
/// What a client says where more records hold a value than it reads.
const TOO_MANY: &str = "E_CRM_TOO_MANY";
/// A name that no query is refused for.
const PLAIN: &str = "A";

/// Whether a record is looked for by its name before it is created.
pub(super) fn looks_alike<K>(work: &PackWork<'_, K>, row: &Prepared) -> bool {
    let entity = work.entity;
    let creates = entity.policy.create == CreateInCrm::Always && entity.alike == Alike::Ask;
    // A redrive is a person's answer.
    creates && work.pack.reason != Reason::Redrive && !row.is_linked()
}

/// What the CRM holds that may be new records of Sage.
#[derive(Default)]
struct Candidates {
    /// By the value that was asked for.
    by_value: BTreeMap<String, Vec<CrmRecord>>,
    /// What asking for a value met.
    refused: BTreeMap<String, Fault>,
}

impl<P: Ports, M: Mapper> CrmWriter<'_, P, M> {
    /// The rows of which the CRM may hold a record already are parted from the others, each with what a person is told.
    ///
    /// # Errors
    /// When the CRM as a whole is out of reach, or what is stored cannot be read.
    pub(super) async fn part_alike(
        &self,
        work: &PackWork<'_, P::Crm>,
        rows: Vec<Prepared>,
    ) -> Result<(Vec<Prepared>, Vec<(Prepared, Fault)>), Unread> {
        let Some(by) = By::of(work.pack.entity, work.entity) else {
            return Ok((rows, Vec::new()));
        };
        let asked = rows.iter().filter(|row| looks_alike(work, row));
        let values: BTreeSet<String> = asked.filter_map(|row| by.asked(&row.fields)).collect();
        if values.is_empty() {
            return Ok((rows, Vec::new()));
        }
        let values: Vec<String> = values.into_iter().collect();
        let candidates = self.candidates(work, &by, &values).await?;
        let (mut others, mut alike) = (Vec::with_capacity(rows.len()), Vec::new());
        for row in rows {
            match self.told(work, &by, &candidates, &row).await {
                Ok(None) => others.push(row),
                Ok(Some(fault)) => alike.push((row, fault)),
                Err(fault) => return Err(Unread::Store(fault)),
            }
        }
        Ok((others, alike))
    }

    /// What a person is told of a row that the CRM may hold already, or cannot be asked for.
    async fn told(
        &self,
        work: &PackWork<'_, P::Crm>,
        by: &By,
        candidates: &Candidates,
        row: &Prepared,
    ) -> Result<Option<Fault>, Fault> {
        let Some(value) = by.asked(&row.fields).filter(|_| looks_alike(work, row)) else {
            return Ok(None);
        };
        match candidates.refused.get(&value) {
            Some(fault) if fault.code == TOO_MANY => return Ok(Some(too_many(work, row))),
            Some(fault) => return Ok(Some(fault.clone())),
            None => {}
        }
        let of = candidates.by_value.get(value.to_lowercase().trim());
        let like = of.into_iter().flatten();
        let like: Vec<&CrmRecord> = like
            .filter(|record| by.is_like(&row.fields, &record.fields))
            .collect();
        if like.len() > MOST_LIKE {
            return Ok(Some(too_many(work, row)));
        }
        let mut free = Vec::new();
        for record in like {
            if !self.is_linked_to(work, record).await? {
                free.push(record);
            }
        }
        Ok((!free.is_empty()).then(|| may_exist(work, row, &free)))
    }

    /// The records that hold one of the values, and no key. Values that the CRM refuses to be asked for are found by halving.
    async fn candidates(
        &self,
        work: &PackWork<'_, P::Crm>,
        by: &By,
        values: &[String],
    ) -> Result<Candidates, Fault> {
        let mut candidates = Candidates::default();
        let (mut open, mut is_asked) = (vec![values], false);
        while let Some(part) = open.pop() {
            match (self.ask_for(work, by, part).await, part) {
                (Ok(found), _) => {
                    is_asked = true;
                    for record in found {
                        if let Some(value) = record.fields.get(&by.field) {
                            let of = candidates.by_value.entry(folded(value)).or_default();
                            of.push(record);
                        }
                    }
                }
                (Err(fault), _) if !by.may_be_the_value(&fault) => return Err(fault),
                (Err(mut fault), [value]) => {
                    // Nothing was answered yet: that may be the query, whatever the value is.
                    if !is_asked && !Reach::is_within(&fault) {
                        match self.ask_for(work, by, &[PLAIN.to_owned()]).await {
                            Err(fault) if !Reach::is_within(&fault) => return Err(fault),
                            _ => is_asked = true,
                        }
                    }
                    if fault.class == Class::Configuration {
                        fault.class = Class::Data;
                    }
                    candidates.refused.insert(value.clone(), fault);
                }
                (Err(_), part) => {
                    let (left, right) = part.split_at(part.len() / 2);
                    open.extend([right, left]);
                }
            }
        }
        Ok(candidates)
    }

    async fn ask_for(
        &self,
        work: &PackWork<'_, P::Crm>,
        by: &By,
        values: &[String],
    ) -> Result<Vec<CrmRecord>, Fault> {
        let blank = Some(work.entity.key_field.as_str());
        let module = &work.entity.module;
        work.crm
            .find_by(module, &by.field, values, blank, &by.read)
            .await
    }

    /// Whether a record is linked, though it holds no key: that may have been emptied.
    async fn is_linked_to(
        &self,
        work: &PackWork<'_, P::Crm>,
        record: &CrmRecord,
    ) -> Result<bool, Fault> {
        let target = &work.pack.target;
        let linked = match self.store.key_of(target, &record.id).await? {
            Some(key) => self.store.link(target, &key).await?,
            None => None,
        };
        Ok(linked.and_then(|link| link.crm_id).as_ref() == Some(&record.id))
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

    /// Whether fewer values, or others, may be answered. Parents are asked for by ids, which no query is refused for.
    fn may_be_the_value(&self, fault: &Fault) -> bool {
        let reach = Reach::of(fault);
        Reach::is_within(fault)
            || (!self.is_parent && matches!(reach, Reach::Unclear | Reach::Module))
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

/// There are so many that nobody can look at them all.
fn too_many<K>(work: &PackWork<'_, K>, row: &Prepared) -> Fault {
    let (key, target) = (&row.key, &work.pack.target);
    let what = key.entity.spec().in_crm;
    Fault::new(
        Class::Data,
        "E_CRM_MAY_EXIST",
        format!(
            "{key} is new, and {target} has too many {what}s without a key to tell whether it is one of them. If it is, link the two (`counterpart link move {target} ID {key}`); if it is none of them, redrive: it is created."
        ),
    )
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
