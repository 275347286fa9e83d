//! Parents before children: a child without a linked parent waits, durably, and is released by the link.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use counterpart_config::TargetConfig;
use counterpart_domain::{AsOf, Class, Fault, SageKey, TargetName};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use jiff::Timestamp;

use super::results::{PackResults, RowResult};
use super::row_commit::{NextStep, RowCommit};
use super::snapshot::{PackWork, Snapshot};
use super::{CrmWriter, Mapper};
use crate::backoff;
use crate::circuit;
use crate::pause::Scope;
use crate::ports::prelude::*;
use crate::ports::{Over, WaitingEntry};
use crate::{Entry, IntentKind, Outcome, Pack, Reason, Stage};

/// A waiting record looks again by itself this often, should its release ever be lost. The queue's longest delay.
pub(super) const LOOK_AGAIN: Duration = Duration::from_secs(900);
/// The most children that are released at once; more look again by themselves.
const MOST_CHILDREN: usize = 10_000;
/// Parents whose children are asked for at once.
const QUESTIONS: usize = 8;

/// A child's observation as it is kept.
pub(super) fn waiting_entry(parent: &SageKey, child: &SageKey, entry: &Entry) -> WaitingEntry {
    WaitingEntry {
        parent: parent.clone(),
        child: child.clone(),
        entry: entry.clone(),
    }
}

impl<P: Ports, M: Mapper> CrmWriter<'_, P, M> {
    /// Keeps children whose parents are not linked yet. Whoever has looked for longer than the deadline is parked, and
    /// still released when the parent comes.
    pub(super) async fn keep_waiting(
        &self,
        work: &PackWork<'_, P::Crm>,
        snapshot: &Snapshot<'_>,
        waits: Vec<(SageKey, SageKey, Entry)>,
        results: &mut PackResults,
    ) -> Result<Vec<NextStep>, Fault> {
        if waits.is_empty() {
            return Ok(Vec::new());
        }
        let pack = &work.pack;
        let newer = self.newer_waiting(pack, &waits).await?;
        let (mut keep, mut looking, mut parks) = (Vec::new(), Vec::new(), Vec::new());
        // Counted in looks, and only in those at which the parent could have come: an outage is not the child's fault.
        let most = snapshot.target.parent_deadline.as_secs() / LOOK_AGAIN.as_secs();
        let read_at = match pack.reason {
            _ if work.circuit.failures > 0 => None,
            _ if self.parents_are_held_up(pack).await? => None,
            Reason::Waiting => self.parents_read_at(pack).await?,
            // The first look: nothing is read for it.
            _ => Some(Timestamp::MAX),
        };
        for (parent, key, entry) in waits {
            if newer.contains(&key) {
                results
                    .pending
                    .push(RowResult::new(key, entry, Outcome::Superseded));
                continue;
            }
            keep.push(waiting_entry(&parent, &key, &entry));
            let counts = read_at.is_some_and(|read_at| read_at >= entry.first_sent);
            if counts && u64::from(entry.attempts) >= most.max(1) {
                let fault = parent_missing(&key, &parent);
                let link = snapshot.links.get(&key).cloned();
                let now = self.clock.now();
                parks.push(RowCommit::park(work, key, entry, link, fault, now)?);
                continue;
            }
            let again = Entry {
                attempts: entry.attempts.saturating_add(u32::from(counts)),
                ..entry.clone()
            };
            looking.push((parent, again));
            results
                .pending
                .push(RowResult::new(key, entry, Outcome::Waiting).with_code("WAITS_FOR_PARENT"));
        }
        if !keep.is_empty() {
            self.store.wait(&pack.target, &keep).await?;
        }
        let (now, later) = self.linked_meanwhile(pack, looking).await?;
        self.send(pack, snapshot.target, Reason::Released, now, Duration::ZERO)
            .await?;
        self.send(pack, snapshot.target, Reason::Waiting, later, LOOK_AGAIN)
            .await?;
        Ok(parks)
    }

    /// Whether the parents of a pack's records are not read or written now, or were not until just now: they may be on their way.
    async fn parents_are_held_up(&self, pack: &Pack) -> Result<bool, Fault> {
        let Some(parents) = pack.entity.parent() else {
            return Ok(false);
        };
        let kind = IntentKind::Record(parents);
        let scope = Scope::between(&pack.company, &pack.target, kind);
        self.holds_up(&scope).await
    }

    async fn holds_up(&self, scope: &Scope) -> Result<bool, Fault> {
        let pauses = self.store.pauses().await?;
        Ok(self.pausing(&pauses).holds_up(scope))
    }

    /// When Sage was last asked for all parents of a pack's records, for this target.
    async fn parents_read_at(&self, pack: &Pack) -> Result<Option<Timestamp>, Fault> {
        let Some(parents) = pack.entity.parent() else {
            return Ok(None);
        };
        let cursor = self.store.cursor(&pack.company, parents).await?;
        let of_target = cursor.as_ref().map(|cursor| {
            let apart = cursor.apart.get(&pack.target);
            apart.unwrap_or(cursor).last_polled_at
        });
        Ok(of_target.flatten())
    }

    /// The children of which a newer observation waits, with looks of its own. Only who looks again has to ask.
    async fn newer_waiting(
        &self,
        pack: &Pack,
        waits: &[(SageKey, SageKey, Entry)],
    ) -> Result<BTreeSet<SageKey>, Fault> {
        if pack.reason != Reason::Waiting {
            return Ok(BTreeSet::new());
        }
        let parents = waits.iter().map(|(parent, ..)| parent);
        let kept = self.waiting_children(pack, parents.collect()).await?;
        let as_of: HashMap<&SageKey, AsOf> = kept
            .iter()
            .map(|kept| (&kept.child, kept.entry.as_of))
            .collect();
        Ok(waits
            .iter()
            .filter(|(_, key, entry)| as_of.get(key).is_some_and(|kept| *kept > entry.as_of))
            .map(|(_, key, _)| key.clone())
            .collect())
    }

    /// All who wait for these parents.
    async fn waiting_children(
        &self,
        pack: &Pack,
        parents: BTreeSet<&SageKey>,
    ) -> Result<Vec<WaitingEntry>, Fault> {
        let store = self.store;
        let questions = parents
            .into_iter()
            .map(|parent| store.waiting_for(&pack.target, parent, MOST_CHILDREN));
        let answers = stream::iter(questions).buffered(QUESTIONS);
        let answers: Vec<Vec<WaitingEntry>> = answers.try_collect().await?;
        Ok(answers.into_iter().flatten().collect())
    }

    /// Children that were set aside with their parents, in case the parent was linked between the look at it and the wait:
    /// then nobody else will release them.
    pub(super) async fn release_if_linked_meanwhile(
        &self,
        pack: &Pack,
        target: &TargetConfig,
        kept: Vec<(SageKey, Entry)>,
    ) -> Result<(), Fault> {
        let (now, _) = self.linked_meanwhile(pack, kept).await?;
        self.send(pack, target, Reason::Released, now, Duration::ZERO)
            .await
    }

    /// Parts children by whether their parent is linked by now.
    async fn linked_meanwhile(
        &self,
        pack: &Pack,
        children: Vec<(SageKey, Entry)>,
    ) -> Result<(Vec<Entry>, Vec<Entry>), Fault> {
        let mut parents: Vec<SageKey> = children.iter().map(|(parent, _)| parent.clone()).collect();
        parents.sort();
        parents.dedup();
        let links = self.links_of(pack, &parents).await?;
        let (now, later): (Vec<_>, Vec<_>) = children.into_iter().partition(|(parent, _)| {
            links
                .get(parent)
                .is_some_and(|link| link.stage == Stage::Linked)
        });
        let entries =
            |pairs: Vec<(SageKey, Entry)>| pairs.into_iter().map(|(_, entry)| entry).collect();
        Ok((entries(now), entries(later)))
    }

    /// Sends the children of records that were just linked.
    pub(super) async fn release(&self, pack: &Pack, linked: &[SageKey]) -> Result<(), Fault> {
        let Some(target) = self.config.targets.get(&pack.target) else {
            return Ok(());
        };
        let has_children = |parent: &SageKey| {
            target
                .entities
                .keys()
                .any(|entity| entity.parent() == Some(parent.entity))
        };
        let parents = linked.iter().filter(|key| has_children(key));
        let parents: Vec<SageKey> = parents.cloned().collect();
        if parents.is_empty() {
            return Ok(());
        }
        let waited_for = self.store.waited_for(&pack.target, &parents).await?;
        let children = self
            .waiting_children(pack, waited_for.iter().collect())
            .await?;
        let mut entities: Vec<_> = children.iter().map(|child| child.child.entity).collect();
        entities.sort();
        entities.dedup();
        for entity in entities {
            let entries = children
                .iter()
                .filter(|child| child.child.entity == entity)
                .map(|child| child.entry.clone())
                .collect();
            let of = Pack {
                entity,
                ..pack.clone()
            };
            self.send(&of, target, Reason::Released, entries, Duration::ZERO)
                .await?;
        }
        Ok(())
    }

    /// Forgets the waits of records whose part is over. Packs that nobody waited in have none.
    pub(super) async fn forget_waits(
        &self,
        pack: &Pack,
        pending: &[RowResult],
    ) -> Result<(), Fault> {
        if pack.reason == Reason::Change || pack.reason == Reason::Repair {
            return Ok(());
        }
        let is_over = |result: &&RowResult| {
            matches!(
                result.outcome,
                Outcome::Created | Outcome::Updated | Outcome::Unchanged | Outcome::Superseded
            )
        };
        let over: Vec<Over> = pending
            .iter()
            .filter(is_over)
            .filter_map(|result| {
                Some(Over {
                    parent: result.entry.record.parent(&pack.company)?,
                    child: result.key.clone(),
                    as_of: result.entry.as_of,
                })
            })
            .collect();
        if over.is_empty() {
            return Ok(());
        }
        self.store.stop_waiting(&pack.target, &over).await
    }

    /// Keeps a record whose creation in Sage is under way. It looks again by itself, at first after seconds; what has looked
    /// for longer than children wait for a parent is to be parked, with the fault that comes back.
    pub(super) async fn await_creation(
        &self,
        target: &TargetName,
        snapshot: &Snapshot<'_>,
        key: &SageKey,
        entry: &Entry,
        results: &mut PackResults,
    ) -> Result<Option<Fault>, Fault> {
        // While Sage is not called, nobody can say it.
        let kind = IntentKind::Record(key.entity);
        let job = Scope::between(&key.company, target, kind);
        let counts = match circuit::of_company(&key.company) {
            Some(name) => self.store.circuit(&name).await?.failures == 0,
            None => true,
        };
        let counts = counts && !self.holds_up(&job).await?;
        let waited: Duration = (0..entry.attempts).map(backoff::delay_after).sum();
        if counts && waited >= snapshot.target.parent_deadline {
            return Ok(Some(Fault::new(
                Class::Data,
                "E_CREATION_UNCONFIRMED",
                format!(
                    "{key} is being created in Sage 100 from the CRM, and nobody has said yet that it is done. Look at what is parked for its CRM record."
                ),
            )));
        }
        if counts {
            results.creating.push(Entry {
                attempts: entry.attempts.saturating_add(1),
                ..entry.clone()
            });
        } else {
            // Whoever looks every few seconds for hours, and is delivered twice now and then, becomes many.
            results.held_up.push(entry.clone());
        }
        Ok(None)
    }
}

fn parent_missing(key: &SageKey, parent: &SageKey) -> Fault {
    Fault::new(
        Class::Data,
        "E_PARENT_MISSING",
        format!(
            "{key} belongs to {parent}, which has not come from Sage 100. It follows by itself once {parent} is in the CRM."
        ),
    )
}
