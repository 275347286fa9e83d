//! Marks on links: to be written again in full, in conflict, parked.

use counterpart_domain::{Class, Fault, SageKey};

use super::settle::Work;
use super::verdict::Verdict;
use super::{BatchReport, CrmWriter, Mapper, park};
use crate::ports::{Clock, Crm, CrmRecords, EventQueue, Ids, Intents, Marks, Queue, Store};
use crate::{Entry, Link, LinkWrite, Outcome, Pack, PutLink, Stage};

/// How often a mark on a link is tried against other writers.
const TRIES: u32 = 5;

impl<K, S, Q, E, C, M> CrmWriter<'_, K, S, Q, E, C, M>
where
    K: Crm + CrmRecords,
    S: Store + Intents + Marks,
    Q: Queue,
    E: EventQueue,
    C: Clock + Ids,
    M: Mapper,
{
    /// Marks a link so that its next write sends every field. The stored record comes back as an entry to send, unless
    /// there is none or something newer is parked.
    pub(super) async fn mark_dirty(
        &self,
        pack: &Pack,
        key: &SageKey,
    ) -> Result<Option<Entry>, Fault> {
        for _ in 0..TRIES {
            let Some(link) = self
                .store
                .links(&pack.target, std::slice::from_ref(key))
                .await?
                .pop()
                .flatten()
            else {
                return Ok(None);
            };
            let entry = repair_entry(&link, self.clock.now());
            if link.dirty || link.crm_id.is_none() {
                return Ok(entry);
            }
            let marked = Link {
                dirty: true,
                updated_at: self.clock.now(),
                ..link
            };
            let write = LinkWrite {
                link: marked,
                previous_crm_id: None,
                write_reverse: false,
            };
            if matches!(self.store.put_link(&write).await?, PutLink::Stored(_)) {
                return Ok(entry);
            }
        }
        Err(contended(key))
    }

    /// Marks a link whose CRM record is gone before it ever held its key.
    pub(super) async fn mark_gone(&self, pack: &Pack, key: &SageKey) -> Result<(), Fault> {
        for _ in 0..TRIES {
            let keys = std::slice::from_ref(key);
            let link = self.store.links(&pack.target, keys).await?.pop().flatten();
            let Some(link) = link.filter(|link| link.key_unwritten) else {
                return Ok(());
            };
            let write = LinkWrite {
                link: Link {
                    key_unwritten: false,
                    dirty: true,
                    updated_at: self.clock.now(),
                    ..link
                },
                previous_crm_id: None,
                write_reverse: false,
            };
            if matches!(self.store.put_link(&write).await?, PutLink::Stored(_)) {
                return Ok(());
            }
        }
        Err(contended(key))
    }

    pub(super) async fn mark_conflict(
        &self,
        pack: &Pack,
        work: &Work<'_, K>,
        key: &SageKey,
        entry: &Entry,
    ) -> Result<(), Fault> {
        for _ in 0..TRIES {
            let link = self
                .store
                .links(&pack.target, std::slice::from_ref(key))
                .await?
                .pop()
                .flatten();
            let write = match link {
                Some(link) if link.crm_id.is_some() => LinkWrite {
                    link: Link {
                        stage: Stage::Conflict,
                        updated_at: self.clock.now(),
                        ..link
                    },
                    previous_crm_id: None,
                    write_reverse: false,
                },
                link => park::unwritten(
                    &pack.target,
                    key,
                    Stage::Conflict,
                    entry.as_of,
                    Some(&entry.record),
                    work.entity,
                    link,
                    self.clock.now(),
                ),
            };
            if matches!(self.store.put_link(&write).await?, PutLink::Stored(_)) {
                return Ok(());
            }
        }
        Err(contended(key))
    }

    /// Sets a record aside: the mark on its link first, so that nothing older is applied meanwhile, then the item.
    pub(super) async fn park_entry(
        &self,
        pack: &Pack,
        entity: &counterpart_config::EntityConfig,
        key: SageKey,
        entry: Entry,
        fault: &Fault,
        report: &mut BatchReport,
    ) -> Result<Verdict, Fault> {
        let now = self.clock.now();
        for _ in 0..TRIES {
            let link = self
                .store
                .links(&pack.target, std::slice::from_ref(&key))
                .await?
                .pop()
                .flatten();
            let newest = link
                .as_ref()
                .map(|link| link.parked.unwrap_or_default().max(link.as_of));
            if newest.is_some_and(|newest| newest > entry.as_of) {
                return Ok(Verdict::new(key, entry, Outcome::Superseded));
            }
            let write = match link {
                Some(link) if link.crm_id.is_some() || link.stage == Stage::Conflict => LinkWrite {
                    link: Link {
                        parked: Some(entry.as_of),
                        rep: entity
                            .owner
                            .as_ref()
                            .and_then(|owner| entry.record.rep(&key.company, &owner.column)),
                        updated_at: now,
                        ..link
                    },
                    previous_crm_id: None,
                    write_reverse: false,
                },
                link => park::unwritten(
                    &pack.target,
                    &key,
                    Stage::Unwritten,
                    entry.as_of,
                    Some(&entry.record),
                    entity,
                    link,
                    now,
                ),
            };
            if !matches!(self.store.put_link(&write).await?, PutLink::Stored(_)) {
                continue;
            }
            let payload = crate::send::json(&entry)?;
            self.store
                .park(&park::parked(
                    &pack.target,
                    &key,
                    fault,
                    payload,
                    Some(entry.run.clone()),
                    now,
                ))
                .await?;
            tracing::error!(record.key = %key, target.name = %pack.target, fault.code = %fault.code, "a record is parked");
            // Something newer may have been applied between the mark and the item.
            let now_is = self.known(pack, std::slice::from_ref(&key)).await?;
            if now_is
                .get(&key)
                .is_none_or(|link| link.parked != Some(entry.as_of))
            {
                self.store.unpark(&pack.target, &key.storage()).await?;
                return Ok(Verdict::new(key, entry, Outcome::Superseded));
            }
            report.parked += 1;
            let code = fault.code.clone().into_owned();
            return Ok(Verdict::new(key, entry, Outcome::Parked).with_code(code));
        }
        Err(contended(&key))
    }
}

fn repair_entry(link: &Link, now: jiff::Timestamp) -> Option<Entry> {
    let overtaken = link.parked.is_some_and(|parked| parked > link.as_of);
    let record = link
        .record
        .clone()
        .filter(|_| !overtaken && link.stage == Stage::Linked)?;
    Some(Entry {
        local_key: link.key.local.clone(),
        as_of: link.as_of,
        hash: link.source_hash.clone(),
        record,
        run: link
            .last
            .as_ref()
            .map(|last| last.run.clone())
            .unwrap_or_default(),
        first_sent: now,
        attempts: 0,
    })
}

pub(super) fn contended(key: &SageKey) -> Fault {
    Fault::new(
        Class::Transient,
        "E_LINK_CONTENDED",
        format!("Several workers write the link of {key} at once; it is tried again."),
    )
}
