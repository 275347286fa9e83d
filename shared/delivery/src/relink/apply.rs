//! Carries a plan out, record by record, each on the condition that its links are as they were read. What was done when it ends
//! early stays done, and saying it again does the rest.

use std::time::Duration;

use counterpart_domain::{AsOf, Class, CrmId, Fault, Fields, SageKey, Value};

use super::{Move, MovePlan, ReleasePlan, Relink};
use crate::pack::{Head, cut};
use crate::ports::prelude::*;
use crate::ports::{Commit, ParkedItem, QueueName, UpdateRow};
use crate::send::send_all;
use crate::writer::repair_entry;
use crate::{Entry, FieldChange, Link, LinkWrite, Outcome, OutcomeItem, PutLink, Reason, Stage};

impl<P: Ports> Relink<'_, P> {
    /// Moves the links, empties the key fields of the twins, and has the records written in full. `by`: who says so; the ledger
    /// keeps it.
    ///
    /// # Errors
    /// `E_LINK_BUSY` (transient) when somebody wrote a link since it was read: say it again. When the CRM, the store or the
    /// queue did not take something.
    pub async fn carry_out(&self, plan: &MovePlan, by: &str) -> Result<(), Fault> {
        for one in &plan.moves {
            self.empty_keys(one).await?;
            self.leave(one, by).await?;
            self.arrive(one, by).await?;
            if let Some(entry) = self.entry_of(one) {
                self.send(&one.key, entry).await?;
            }
        }
        for link in &plan.follow {
            if let Some(entry) = repair_entry(link, self.clock.now()) {
                self.send(&link.key, entry).await?;
            }
        }
        Ok(())
    }

    fn entry_of(&self, one: &Move) -> Option<Entry> {
        let stored = || {
            let link = one.to.clone()?;
            let linked = Link {
                stage: Stage::Linked,
                parked: None,
                ..link
            };
            repair_entry(&linked, self.clock.now())
        };
        one.entry.clone().or_else(stored)
    }

    /// Two records cannot hold one key.
    async fn empty_keys(&self, one: &Move) -> Result<(), Fault> {
        let entity = self.entity(&one.key)?;
        let rows: Vec<UpdateRow> = one
            .twins
            .iter()
            .map(|id| UpdateRow {
                id: id.clone(),
                fields: Fields::from([(entity.key_field.clone(), Value::Blank)]),
            })
            .collect();
        for rows in rows.chunks(self.crm.bulk_size().max(1)) {
            for answer in self.crm.update(&entity.module, rows).await? {
                match answer {
                    Err(fault) if fault.code != "E_CRM_RECORD_GONE" => return Err(fault),
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// The key that the record had so far is linked to nothing. Where it was once linked to the record, that is forgotten.
    async fn leave(&self, one: &Move, by: &str) -> Result<(), Fault> {
        let Some(from) = one.from.as_ref().filter(|from| from.key != one.key) else {
            return Ok(());
        };
        let now = self.clock.now();
        let is_linked = from.crm_id.as_ref() == Some(&one.id);
        let link = if is_linked {
            Link {
                stage: Stage::Released,
                crm_id: None,
                parked: None,
                dirty: false,
                key_unwritten: false,
                resting: false,
                updated_at: now,
                ..from.clone()
            }
        } else {
            from.clone()
        };
        let outcome =
            is_linked.then(|| self.outcome(&from.key, "LINK_RELEASED", Some(&one.id), None, by));
        self.commit(Commit {
            write: LinkWrite {
                link,
                previous_crm_id: Some(one.id.clone()),
                write_reverse: false,
            },
            parked: if is_linked {
                ParkedItem::Goes
            } else {
                ParkedItem::Stays
            },
            outcome,
        })
        .await
    }

    /// The key is the record's from now on. That the twin had it stays known: nothing is made of a record of which a person
    /// said that it is none.
    async fn arrive(&self, one: &Move, by: &str) -> Result<(), Fault> {
        let now = self.clock.now();
        let before = one.to.as_ref().and_then(|link| link.crm_id.clone());
        let link = match &one.to {
            Some(link) => link.clone(),
            None => Link::new(
                self.target.clone(),
                one.key.clone(),
                Stage::Linked,
                AsOf::default(),
                self.entity(&one.key)?.version.clone(),
                now,
            ),
        };
        let write = LinkWrite {
            previous_crm_id: None,
            ..LinkWrite::follow_merge(
                Link {
                    parked: None,
                    resting: false,
                    ..link
                },
                one.id.clone(),
                now,
            )
        };
        let outcome = self.outcome(&one.key, "LINK_MOVED", before.as_ref(), Some(&one.id), by);
        self.commit(Commit {
            write,
            parked: ParkedItem::Goes,
            outcome: Some(outcome),
        })
        .await
    }

    /// Takes a link away. What is parked of the key stays, so that it can be redriven.
    ///
    /// # Errors
    /// As [`Relink::carry_out`].
    pub async fn release(&self, plan: &ReleasePlan, by: &str) -> Result<(), Fault> {
        let link = &plan.link;
        let outcome = self.outcome(&link.key, "LINK_RELEASED", link.crm_id.as_ref(), None, by);
        // That the record was linked stays known.
        self.commit(Commit {
            write: LinkWrite::in_place(Link {
                stage: Stage::Released,
                crm_id: None,
                shadow: Default::default(),
                dirty: false,
                key_unwritten: false,
                resting: false,
                updated_at: self.clock.now(),
                ..link.clone()
            }),
            parked: ParkedItem::Stays,
            outcome: Some(outcome),
        })
        .await
    }

    async fn commit(&self, commit: Commit) -> Result<(), Fault> {
        let key = commit.write.link.key.clone();
        let answer = self.store.commit(&[commit], &[]).await?.pop();
        let why = match answer {
            Some(PutLink::Stored(_)) => return Ok(()),
            Some(PutLink::IdTaken(other)) => format!("the record is linked to {other} by now"),
            Some(PutLink::TooLarge(fault)) => return Err(*fault),
            Some(PutLink::Lost(_)) | None => "its link was written meanwhile".to_owned(),
        };
        Err(Fault::new(
            Class::Transient,
            "E_LINK_BUSY",
            format!(
                "{key} was left as it is: {why}. Say it again; what is done already is not done twice."
            ),
        ))
    }

    fn outcome(
        &self,
        key: &SageKey,
        code: &str,
        before: Option<&CrmId>,
        after: Option<&CrmId>,
        by: &str,
    ) -> OutcomeItem {
        let text = |id: Option<&CrmId>| id.map(|id| id.0.clone()).unwrap_or_default();
        let change = |field: &str, before: String, after: String| FieldChange {
            field: field.to_owned(),
            before,
            after,
        };
        let version = self.settings.entities.get(&key.entity);
        OutcomeItem {
            code: Some(code.to_owned()),
            changes: vec![
                change("record", text(before), text(after)),
                change("by", String::new(), by.to_owned()),
            ],
            ..OutcomeItem::new(
                format!("link-{}", self.clock.new_id()),
                self.target.clone(),
                key.clone(),
                Outcome::Updated,
                version.map_or_else(
                    || counterpart_domain::digest_of([""]),
                    |entity| entity.version.clone(),
                ),
                self.clock.now(),
            )
        }
    }

    async fn send(&self, key: &SageKey, entry: Entry) -> Result<(), Fault> {
        let head = Head {
            target: self.target,
            company: &key.company,
            entity: key.entity,
            reason: Reason::Repair,
            config_version: self.config_version,
        };
        // A run of its own: an outcome that is final is never replaced.
        let entry = Entry {
            run: self.clock.new_id(),
            ..entry
        };
        let longest = self.queue.longest_body();
        let (ready, _too_large) = cut(head, vec![entry], 1, longest, Duration::ZERO, self.clock)?;
        send_all(
            self.queue,
            self.clock,
            &QueueName::writes(self.target),
            ready,
        )
        .await
    }
}
