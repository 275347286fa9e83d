//! Records that are not compared with the CRM: done already, overtaken, waiting for a parent or a creation, or parked.

use counterpart_domain::{Fault, SageKey};

use super::context::Context;
use super::ending::{Ending, FollowUp, Next, Origin};
use super::mark::repair_entry;
use super::verdict::{Aside, Verdict};
use super::waiting::waiting;
use super::work::{Ends, Work};
use super::{BatchReport, CrmWriter, Mapper};
use crate::ports::ParkedItem;
use crate::ports::prelude::*;
use crate::{Entry, Link, LinkWrite, Outcome, Reason};

/// Children that stay with a parent which is left out or parked itself.
type Kept = (SageKey, SageKey, Entry);

impl<P: Ports, M: Mapper> CrmWriter<'_, P, M> {
    /// Ends the part of every record that is not compared.
    pub(super) async fn set_aside(
        &self,
        work: &Work<'_, P::Crm>,
        context: &Context<'_>,
        asides: Vec<(Entry, Aside)>,
        ends: &mut Ends,
        report: &mut BatchReport,
    ) -> Result<(), Fault> {
        let (mut waits, mut kept, mut parks) = (Vec::new(), Vec::new(), Vec::new());
        for (entry, aside) in asides {
            let key = work.pack.key(&entry);
            let link = || context.links.get(&key).cloned();
            match aside {
                Aside::Settled(outcome) => {
                    if work.again || work.pack.reason != Reason::Change {
                        ends.linked.push(key.clone());
                    }
                    ends.told.push(Verdict::new(key, entry, outcome));
                }
                Aside::Done(outcome, code) => self.done(work, key, entry, (outcome, code), ends),
                Aside::MayHaveOverwritten => parks.push(self.overtaken(link(), key, entry, ends)),
                Aside::Wait(parent) => waits.push((parent, key, entry)),
                Aside::Creating => match self.let_create(context, &key, &entry, ends).await? {
                    None => ends.verdicts.push(
                        Verdict::new(key, entry, Outcome::Waiting).with_code("WAITS_FOR_CREATION"),
                    ),
                    Some(fault) => {
                        let now = self.clock.now();
                        parks.push(Ending::park(work, key.clone(), entry, link(), fault, now)?);
                    }
                },
                Aside::ExcludedWith(parent) => {
                    kept.push((parent, key.clone(), entry.clone()));
                    let verdict = Verdict::new(key, entry, Outcome::Excluded);
                    ends.verdicts
                        .push(verdict.with_code("EXCLUDED_WITH_PARENT"));
                }
                Aside::Park(fault, parent) => {
                    kept.extend(parent.map(|parent| (parent, key.clone(), entry.clone())));
                    let now = self.clock.now();
                    parks.push(Ending::park(work, key.clone(), entry, link(), *fault, now)?);
                }
            }
        }
        self.keep(work, &kept).await?;
        parks.extend(self.let_wait(work, context, waits, ends).await?);
        self.store_parks(work, parks, ends, report).await?;
        let kept = kept.into_iter().map(|(parent, _, entry)| (parent, entry));
        self.release_if_linked_meanwhile(&work.pack, context.target, kept.collect())
            .await
    }

    fn done(
        &self,
        work: &Work<'_, P::Crm>,
        key: SageKey,
        entry: Entry,
        (outcome, code): (Outcome, Option<&'static str>),
        ends: &mut Ends,
    ) {
        if work.again || work.pack.reason != Reason::Change {
            // An earlier receive may have ended between its link and these last steps.
            ends.linked.push(key.clone());
        }
        let verdict = Verdict::new(key, entry, outcome);
        ends.verdicts.push(match code {
            Some(code) => verdict.with_code(code),
            None => verdict,
        });
    }

    /// An observation that may have reached the CRM after a newer one: what is stored is written again in full. A link that
    /// is marked already is marked again, as in `mark_dirty`.
    fn overtaken(&self, link: Option<Link>, key: SageKey, entry: Entry, ends: &mut Ends) -> Next {
        let verdict = Verdict::new(key, entry, Outcome::Superseded);
        let Some(link) = link else {
            return Next::Say(verdict);
        };
        let now = self.clock.now();
        let repair = repair_entry(&link, now);
        if link.crm_id.is_none() {
            ends.repairs.extend(repair);
            return Next::Say(verdict);
        }
        Next::Store(Box::new(Ending {
            write: LinkWrite::dirty(link, now),
            parked: ParkedItem::Stays,
            verdict,
            follow_up: FollowUp::Overtaken(repair.map(Box::new)),
            origin: Origin::Overtaken,
        }))
    }

    /// Keeps children, durably, for the moment at which their parent comes in.
    async fn keep(&self, work: &Work<'_, P::Crm>, kept: &[Kept]) -> Result<(), Fault> {
        let waits: Vec<_> = kept
            .iter()
            .map(|(parent, key, entry)| waiting(parent, key, entry))
            .collect();
        if waits.is_empty() {
            return Ok(());
        }
        self.store.wait(&work.pack.target, &waits).await
    }
}
