//! The link of a record that is about to be in Sage: there before Sage has anything, and taken back when the key turns out to
//! be another's.

use counterpart_domain::{AsOf, CrmId, Fault, SageKey};
use jiff::Timestamp;

use super::SageWriter;
use super::base::{as_held, as_taken};
use super::desk::Desk;
use super::making::Making;
use super::stop::{Stop, refuse};
use crate::link::TRIES;
use crate::ports::prelude::*;
use crate::ports::{ChangedRecord, Commit, ParkedItem};
use crate::{Link, LinkWrite, PutLink, Stage};

/// Back to the queue: somebody else was faster each time.
pub(super) fn contended() -> Stop {
    let why = "The link of a record is written by others all the time.";
    Stop::back("E_LINK_CONTENDED", why, None)
}

/// What a link says of a key that is to be used.
pub(super) enum Claim {
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
    pub(super) async fn linked(
        &self,
        desk: &Desk<'_, P>,
        making: &Making<'_>,
    ) -> Result<Option<SageKey>, Stop> {
        let target = &desk.job.target;
        let key = self.store.key_of(target, making.id).await?;
        let key = key.filter(|key| key.company == *desk.company && key.entity == making.entity);
        let Some(key) = key else {
            return Ok(None);
        };
        let link = self.link(desk, &key).await?;
        Ok(link
            .is_some_and(|link| link.stage == Stage::Linked)
            .then_some(key))
    }

    pub(super) async fn link(
        &self,
        desk: &Desk<'_, P>,
        key: &SageKey,
    ) -> Result<Option<Link>, Fault> {
        self.store.link(&desk.job.target, key).await
    }

    /// [`Links::update_link`](crate::ports::Links::update_link) with a link of this target. What others write all the time
    /// goes back to the queue.
    pub(super) async fn update_link(
        &self,
        desk: &Desk<'_, P>,
        key: &SageKey,
        change: impl FnMut(Link) -> Result<Option<LinkWrite>, Stop>,
    ) -> Result<(), Stop> {
        let target = &desk.job.target;
        if self.store.update_link(target, key, change).await? {
            Ok(())
        } else {
            Err(contended())
        }
    }

    /// A record that belongs to something else in Sage is not created a second time.
    pub(super) async fn check_link(
        &self,
        desk: &Desk<'_, P>,
        making: &Making<'_>,
    ) -> Result<(), Stop> {
        let key = self.store.key_of(&desk.job.target, making.id).await?;
        let Some(key) = key else {
            return Ok(());
        };
        let stage = self.link(desk, &key).await?.map(|link| link.stage);
        let here = key.company == *desk.company && key.entity == making.entity;
        if here && matches!(stage, None | Some(Stage::Linked | Stage::Creating)) {
            return Ok(());
        }
        Err(refuse(
            "E_LINKED_ELSEWHERE",
            format!(
                "The record belongs to {} {key}, which is deleted in Sage 100, in doubt, or of another company. Settle that link first, then redrive.",
                key.entity
            ),
        ))
    }

    /// Puts the link there before Sage has anything, so that nobody takes the record for one that the CRM does not know. Its
    /// base is what the CRM held; `unsent`: it may still be what the CRM holds by now.
    pub(super) async fn claim_key(
        &self,
        desk: &Desk<'_, P>,
        key: &SageKey,
        making: &Making<'_>,
        unsent: bool,
    ) -> Result<Claim, Stop> {
        let entity = desk.entity(key.entity)?;
        for _ in 0..TRIES {
            let there = self.link(desk, key).await?;
            if let Some(link) = &there {
                if link.crm_id.as_ref() == Some(making.id) {
                    match renewed(link, making, self.clock.now()).filter(|_| unsent) {
                        Some(write) => match self.store.put_link(&write).await? {
                            PutLink::Stored(_) => return Ok(Claim::Ours),
                            _ => continue,
                        },
                        None => return Ok(Claim::Ours),
                    }
                }
                // Seen by the poller, or given up by us: whose it is, Sage tells.
                if link.crm_id.is_some() || self.read(desk, key).await?.1.is_some() {
                    return Ok(Claim::Anothers);
                }
            }
            let link = Link {
                crm_id: Some(making.id.clone()),
                shadow: as_held(making.crm),
                // Without a base nobody can tell what was edited meanwhile.
                dirty: making.crm.is_empty(),
                rev: there.map_or(0, |link| link.rev),
                ..Link::new(
                    desk.job.target.clone(),
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
                PutLink::Stored(_) => return Ok(Claim::Ours),
                PutLink::Lost(_) => {}
                PutLink::TooLarge(fault) => return Err((*fault).into()),
                PutLink::IdTaken(other) => {
                    let link = self.link(desk, &other).await?;
                    let creating = link.is_some_and(|link| link.stage == Stage::Creating);
                    return Ok(if creating {
                        Claim::UnderWay(other)
                    } else {
                        Claim::LinkedTo(other)
                    });
                }
            }
        }
        Err(contended())
    }

    /// Takes back the link of a key that turned out to be another's.
    pub(super) async fn give_up_key(
        &self,
        desk: &Desk<'_, P>,
        key: &SageKey,
        id: &CrmId,
    ) -> Result<(), Stop> {
        self.update_link(desk, key, |link| {
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
        desk: &Desk<'_, P>,
        making: &Making<'_>,
        key: &SageKey,
        there: &ChangedRecord,
    ) -> Result<(), Stop> {
        let entity = desk.entity(key.entity)?;
        let create = &entity.to_sage.create;
        let sage_owned = create.as_ref().is_some_and(|create| create.then_sage_owned);
        self.update_link(desk, key, |link| {
            if link.stage != Stage::Creating {
                return Ok(None);
            }
            let shadow = match &there.record {
                Ok(there) => as_taken(link.shadow.clone(), entity, key, making.columns, there),
                Err(_) => link.shadow.clone(),
            };
            Ok(Some(LinkWrite {
                link: Link {
                    stage: Stage::Linked,
                    key_unwritten: true,
                    sage_owned,
                    shadow,
                    crm_id: Some(making.id.clone()),
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

/// The link of a creation that Sage cannot have begun, with what the CRM held for this job as its base. None: it has that.
fn renewed(link: &Link, making: &Making<'_>, now: Timestamp) -> Option<LinkWrite> {
    let base = as_held(making.crm);
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
