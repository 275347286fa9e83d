//! The link of a record that is about to be in Sage: there before Sage has anything, and taken back when the key turns out to
//! be another's.

use counterpart_domain::{AsOf, CrmId, Entity, Fault, SageKey};
use jiff::Timestamp;

use crate::link::TRIES;
use crate::ports::prelude::*;
use crate::ports::{ChangedRecord, Commit, ParkedItem};
use crate::sage_writer::SageWriter;
use crate::sage_writer::base::{as_held, as_taken};
use crate::sage_writer::context::JobContext;
use crate::sage_writer::new_record::NewRecord;
use crate::sage_writer::stop::{Stop, refuse};
use crate::{Link, LinkWrite, PutLink, Stage};

/// Back to the queue: somebody else was faster each time.
pub(in crate::sage_writer) fn contended() -> Stop {
    let why = "The link of a record is written by others all the time.";
    Stop::back("E_LINK_CONTENDED", why, None)
}

/// What a link says of a key that is to be used.
pub(super) enum KeyClaim {
    /// The key is reserved for this record.
    Ours,
    /// The record is linked to a key of old.
    LinkedTo(SageKey),
    /// The record is about to be created under another key, from before.
    UnderWay(SageKey),
    /// The key belongs to another record.
    Anothers,
}

impl<P: Ports> SageWriter<'_, P> {
    /// The Sage record that a CRM record is linked to, once it is there.
    pub(in crate::sage_writer) async fn linked(
        &self,
        context: &JobContext<'_, P>,
        entity: Entity,
        id: &CrmId,
    ) -> Result<Option<SageKey>, Stop> {
        let target = &context.job.target;
        let key = self.store.key_of(target, id).await?;
        let key = key.filter(|key| key.company == *context.company && key.entity == entity);
        let Some(key) = key else {
            return Ok(None);
        };
        let link = self.link(context, &key).await?;
        let linked = |link: Link| link.stage == Stage::Linked && link.crm_id.as_ref() == Some(id);
        Ok(link.is_some_and(linked).then_some(key))
    }

    pub(in crate::sage_writer) async fn link(
        &self,
        context: &JobContext<'_, P>,
        key: &SageKey,
    ) -> Result<Option<Link>, Fault> {
        self.store.link(&context.job.target, key).await
    }

    /// [`Links::update_link`](crate::ports::Links::update_link) with a link of this target. What others write all the time
    /// goes back to the queue.
    pub(in crate::sage_writer) async fn update_link(
        &self,
        context: &JobContext<'_, P>,
        key: &SageKey,
        change: impl FnMut(Link) -> Result<Option<LinkWrite>, Stop>,
    ) -> Result<(), Stop> {
        let target = &context.job.target;
        if self.store.update_link(target, key, change).await? {
            Ok(())
        } else {
            Err(contended())
        }
    }

    /// A record that belongs to something else in Sage is not created a second time.
    pub(super) async fn check_link(
        &self,
        context: &JobContext<'_, P>,
        new: &NewRecord<'_>,
    ) -> Result<(), Stop> {
        let key = self.store.key_of(&context.job.target, new.id).await?;
        let Some(key) = key else {
            return Ok(());
        };
        let link = self.link(context, &key).await?;
        // A link that a person moved to another record is no link of this one.
        let moved = link
            .as_ref()
            .is_some_and(|link| link.crm_id.as_ref() != Some(new.id));
        let stage = link.map(|link| link.stage);
        let here = key.company == *context.company && key.entity == new.entity && !moved;
        if here && matches!(stage, None | Some(Stage::Linked | Stage::Creating)) {
            return Ok(());
        }
        Err(refuse(
            "E_LINKED_ELSEWHERE",
            format!(
                "The record belongs or belonged to {} {key}, which is deleted in Sage 100, in doubt, of another company, or another record's by now. Settle that link first (`counterpart link show {} {key}`), then redrive.",
                key.entity, context.job.target
            ),
        ))
    }

    /// Puts the link there before Sage has anything, so that nobody takes the record for one that the CRM does not know. Its
    /// base is what the CRM held; `unsent`: it may still be what the CRM holds by now.
    pub(super) async fn claim_key(
        &self,
        context: &JobContext<'_, P>,
        key: &SageKey,
        new: &NewRecord<'_>,
        unsent: bool,
    ) -> Result<KeyClaim, Stop> {
        let entity = context.entity(key.entity)?;
        for _ in 0..TRIES {
            let there = self.link(context, key).await?;
            match Standing::of(there.as_ref(), new, unsent, self.clock.now()) {
                Standing::Ours => return Ok(KeyClaim::Ours),
                Standing::Renewed(write) => match self.store.put_link(&write).await? {
                    PutLink::Stored(_) => return Ok(KeyClaim::Ours),
                    _ => continue,
                },
                Standing::Anothers => return Ok(KeyClaim::Anothers),
                Standing::Nobodys if self.read(context, key).await?.1.is_some() => {
                    return Ok(KeyClaim::Anothers);
                }
                Standing::Nobodys | Standing::Free => {}
            }
            let link = Link {
                crm_id: Some(new.id.clone()),
                shadow: as_held(new.crm),
                // Without a base nobody can tell what was edited meanwhile.
                dirty: new.crm.is_empty(),
                rev: there.map_or(0, |link| link.rev),
                ..Link::new(
                    context.job.target.clone(),
                    key.clone(),
                    Stage::Creating,
                    AsOf::default(),
                    entity.version.clone(),
                    self.clock.now(),
                )
            };
            let write = LinkWrite {
                link,
                previous_crm_id: None,
                write_reverse: true,
            };
            // What was set aside of the record is overtaken by this.
            let commit = Commit {
                write,
                parked: ParkedItem::Goes,
                outcome: None,
            };
            let answer = self.store.commit(&[commit], &[]).await?.pop();
            match answer.unwrap_or(PutLink::Lost(Box::new(None))) {
                PutLink::Stored(_) => return Ok(KeyClaim::Ours),
                PutLink::Lost(_) => {}
                PutLink::TooLarge(fault) => return Err((*fault).into()),
                PutLink::IdTaken(other) => {
                    let link = self.link(context, &other).await?;
                    let creating = link.is_some_and(|link| link.stage == Stage::Creating);
                    return Ok(if creating {
                        KeyClaim::UnderWay(other)
                    } else {
                        KeyClaim::LinkedTo(other)
                    });
                }
            }
        }
        Err(contended())
    }

    /// Takes back the link of a key that turned out to be another's.
    pub(in crate::sage_writer) async fn give_up_key(
        &self,
        context: &JobContext<'_, P>,
        key: &SageKey,
        id: &CrmId,
    ) -> Result<(), Stop> {
        self.update_link(context, key, |link| {
            if link.crm_id.as_ref() != Some(id) || link.stage != Stage::Creating {
                return Ok(None);
            }
            Ok(Some(LinkWrite {
                link: Link {
                    stage: Stage::Unwritten,
                    crm_id: None,
                    updated_at: self.clock.now(),
                    ..link
                },
                previous_crm_id: Some(id.clone()),
                write_reverse: false,
            }))
        })
        .await
    }

    /// The link is one from now on; the CRM writer puts the key into the record, and compares the two for the first time.
    pub(super) async fn join(
        &self,
        context: &JobContext<'_, P>,
        new: &NewRecord<'_>,
        key: &SageKey,
        there: &ChangedRecord,
    ) -> Result<(), Stop> {
        let entity = context.entity(key.entity)?;
        let create = &entity.to_sage.create;
        let sage_owned = create.as_ref().is_some_and(|create| create.then_sage_owned);
        self.update_link(context, key, |link| {
            if link.stage != Stage::Creating {
                return Ok(None);
            }
            let shadow = match &there.record {
                Ok(there) => as_taken(link.shadow.clone(), entity, key, new.columns, there),
                Err(_) => link.shadow.clone(),
            };
            Ok(Some(LinkWrite {
                link: Link {
                    stage: Stage::Linked,
                    key_unwritten: true,
                    sage_owned,
                    shadow,
                    crm_id: Some(new.id.clone()),
                    updated_at: self.clock.now(),
                    ..link
                },
                previous_crm_id: None,
                write_reverse: true,
            }))
        })
        .await
    }
}

/// How a key stands with the link that is stored for it.
#[derive(Debug, PartialEq)]
enum Standing {
    /// There is no link.
    Free,
    /// Seen by the poller, or given up by us: whose it is, Sage tells.
    Nobodys,
    /// Another record has it.
    Anothers,
    /// This record has it.
    Ours,
    /// This record has it, and Sage cannot have begun: the link takes what the CRM held for this job as its base.
    Renewed(Box<LinkWrite>),
}

impl Standing {
    fn of(link: Option<&Link>, new: &NewRecord<'_>, unsent: bool, now: Timestamp) -> Self {
        let Some(link) = link else {
            return Self::Free;
        };
        match &link.crm_id {
            None => Self::Nobodys,
            Some(owner) if owner != new.id => Self::Anothers,
            Some(_) => {
                let renewed = renewed(link, new, now).filter(|_| unsent);
                renewed.map_or(Self::Ours, |write| Self::Renewed(Box::new(write)))
            }
        }
    }
}

/// The link of a creation that Sage cannot have begun, with what the CRM held for this job as its base. None: it has that.
fn renewed(link: &Link, new: &NewRecord<'_>, now: Timestamp) -> Option<LinkWrite> {
    let base = as_held(new.crm);
    if link.stage != Stage::Creating || base.is_empty() || link.shadow == base {
        return None;
    }
    Some(LinkWrite::in_place(Link {
        // A mark that somebody else set stays.
        dirty: link.dirty && !link.shadow.is_empty(),
        shadow: base,
        updated_at: now,
        ..link.clone()
    }))
}

#[cfg(test)]
mod tests {
    use counterpart_domain::{Company, Fields, TargetName, Value};

    use super::*;
    use crate::sage_writer::new_record::KeyFrom;

    fn link(owner: Option<&str>, stage: Stage) -> Link {
        let company = Company::new("ABC").unwrap();
        let key = SageKey::new(&company, Entity::CUSTOMER, "01-ABF").unwrap();
        let target = TargetName::new("zoho").unwrap();
        let now = Timestamp::UNIX_EPOCH;
        let version = counterpart_domain::digest_of(["1"]);
        Link {
            crm_id: owner.map(|id| CrmId(id.into())),
            ..Link::new(target, key, stage, AsOf::default(), version, now)
        }
    }

    fn standing(link: Option<&Link>, unsent: bool) -> Standing {
        let (id, columns) = (CrmId("1".into()), Fields::new());
        let crm = Fields::from([("Account_Name".to_owned(), Value::text("ABF"))]);
        let new = NewRecord {
            entity: Entity::CUSTOMER,
            id: &id,
            columns: &columns,
            crm: &crm,
            key_from: KeyFrom::Next {
                division: "01",
                given: None,
            },
            decided: false,
        };
        Standing::of(link, &new, unsent, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn a_key_stands_as_its_link_says() {
        assert_eq!(standing(None, true), Standing::Free);
        let nobodys = link(None, Stage::Unwritten);
        assert_eq!(standing(Some(&nobodys), true), Standing::Nobodys);
        let anothers = link(Some("2"), Stage::Creating);
        assert_eq!(standing(Some(&anothers), true), Standing::Anothers);
        let ours = link(Some("1"), Stage::Linked);
        assert_eq!(standing(Some(&ours), true), Standing::Ours);
    }

    #[test]
    fn the_base_is_what_was_held_when_it_was_sent() {
        let ours = link(Some("1"), Stage::Creating);
        let Standing::Renewed(write) = standing(Some(&ours), true) else {
            panic!("the link keeps what the CRM held for an earlier job");
        };
        assert!(write.link.shadow.contains_key("Account_Name"));
        assert_eq!(standing(Some(&write.link), true), Standing::Ours);
        // Sage may hold what was sent before.
        assert_eq!(standing(Some(&ours), false), Standing::Ours);
    }
}
