//! Whose sale a record is. What has once been part of a sale stays with it, whatever its lookup says now; the lookup only
//! decides for records that belong to nobody.

use counterpart_config::{OrderSource, OrdersConfig};
use counterpart_domain::{Class, CrmId, Fault};
use jiff::SignedDuration;
use std::time::Duration;

use super::OrderTransform;
use super::work::Work;
use crate::CrmEvent;
use crate::circuit;
use crate::disposition::Disposition;
use crate::event::{Change, EventSource};
use crate::intent::{Intent, IntentId, IntentKind, IntentStage, SaleTrace, Shown};
use crate::not_done::NotDone;
use crate::pause::Scope;
use crate::ports::prelude::*;
use crate::ports::{Outgoing, QueueName};
use crate::send::{json, send_all};

/// How many sales may have become part of one another.
const MOST_PARTS: usize = 8;
/// What is decided within one second of the CRM's clock is looked at again after it.
pub(super) const AGAIN: SignedDuration = SignedDuration::from_secs(5);

/// When records are looked at again of which something is noted just now.
const LATER: Duration = Duration::from_secs(15);

/// A sale that a record belongs to, or may come to belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) id: IntentId,
    pub(super) intent: Option<Intent>,
}

/// The record's sale.
#[derive(Debug)]
pub(super) struct Whose {
    pub(super) sale: Known,
    /// The Opportunity or Deal that the record names at present.
    pub(super) pointed: Option<CrmId>,
    /// Another order of what turned out to be the same sale: both stand in Sage.
    pub(super) twin: Option<Intent>,
    /// What is to be noted as the sale's before anything is sent.
    pub(super) claims: Vec<SaleTrace>,
}

/// What follows from the sale that a record belongs to, and the one that its lookup leads to.
#[derive(Debug, PartialEq, Eq)]
enum Choice {
    /// It stays where it belongs.
    Own,
    /// It belongs to nobody yet: the lookup decides.
    Pointed,
    /// It stays; what its lookup leads to, of which nothing was sent, becomes a part of its sale.
    OwnTakesPointed,
    /// Nothing of it was sent: its sale becomes a part of the one that its lookup leads to.
    PointedTakesOwn,
    /// It would be a second order of the sale that its lookup leads to.
    Second,
    /// Both were sent, each by itself.
    Twins,
}

/// `own`: the sale that the record belongs to. `pointed`: the sale of the record that it names. `is_other`: whether a record
/// of an intent is an Order or Sales_Order other than this one.
fn choose(
    own: Option<&Known>,
    pointed: Option<&Known>,
    is_other: impl Fn(&Shown) -> bool,
) -> Choice {
    let (own, pointed) = match (own, pointed) {
        (None, Some(_)) => return Choice::Pointed,
        (_, None) => return Choice::Own,
        (Some(own), Some(pointed)) if own.id == pointed.id => return Choice::Own,
        (Some(own), Some(pointed)) => (own, pointed),
    };
    let is_unsent = |known: &Known| known.intent.as_ref().is_none_or(Intent::is_unsent);
    let stage = |known: &Known| known.intent.as_ref().map(|intent| intent.stage);
    let has_order = pointed
        .intent
        .as_ref()
        .is_some_and(|intent| intent.shown.iter().any(is_other));
    match (is_unsent(own), is_unsent(pointed)) {
        _ if stage(pointed) == Some(IntentStage::Cancelled) => Choice::Own,
        _ if stage(own) == Some(IntentStage::Cancelled) && !is_unsent(own) => Choice::Own,
        (true, _) if has_order => Choice::Second,
        (true, false) => Choice::PointedTakesOwn,
        (false, false) => Choice::Twins,
        (false, true) if has_order => Choice::Twins,
        (_, true) => Choice::OwnTakesPointed,
    }
}

impl<P: Ports> OrderTransform<'_, P> {
    /// The sale of a record. `pointed`: the Opportunity or Deal that it names.
    pub(super) async fn whose(
        &self,
        work: &Work<'_, P::Crm>,
        orders: &OrdersConfig,
        source: &OrderSource,
        record: &Shown,
        pointed: Option<CrmId>,
    ) -> Result<Whose, Disposition> {
        let target = &work.event.target;
        // A lookup to itself is none.
        let pointed = pointed.filter(|pointed| source.root.is_some() && *pointed != record.id);
        let traces: Vec<_> = std::iter::once(&record.id)
            .chain(&pointed)
            .map(|id| SaleTrace::Record(id.clone()))
            .collect();
        let mut found = self.store.sales_of(target, &traces).await?.into_iter();
        let (mine, theirs) = (found.next().flatten(), found.next().flatten());
        let mut claims = Vec::new();
        if mine.is_none() {
            claims.extend(traces.first().cloned());
        }
        if theirs.is_none() {
            claims.extend(traces.get(1).cloned());
        }
        let own = match mine {
            Some(id) => Some(self.resolved(work, id).await?),
            None => None,
        };
        let is_claimed = theirs.is_some();
        let named = match &pointed {
            Some(root) => {
                let id = theirs.unwrap_or_else(|| id_of(root));
                Some(self.resolved(work, id).await?)
            }
            None => None,
        };
        let is_noted = is_claimed || named.as_ref().is_some_and(|named| named.intent.is_some());
        let is_other = |shown: &Shown| *shown != *record && is_order(orders, shown);
        let choice = choose(own.as_ref(), named.as_ref(), is_other);
        let mut twin = None;
        let sale = match (choice, own, named) {
            (Choice::OwnTakesPointed, Some(own), Some(named)) => {
                // What nobody has noted anything of is simply claimed.
                if is_noted {
                    self.make_part(work, &named.id, &own.id, record).await?;
                }
                own
            }
            (Choice::PointedTakesOwn, Some(own), Some(named)) => {
                self.make_part(work, &own.id, &named.id, record).await?;
                named
            }
            (Choice::Twins, Some(own), Some(named)) => {
                twin = named.intent;
                claims.clear();
                own
            }
            (Choice::Second, Some(_), Some(named)) => {
                claims.clear();
                named
            }
            (Choice::Pointed, _, Some(named)) => named,
            (_, Some(own), named) => {
                // What is cancelled takes nothing in, and is taken in by nothing.
                if named.is_some_and(|named| named.id != own.id) {
                    claims.clear();
                }
                own
            }
            (_, None, _) => self.resolved(work, id_of(&record.id)).await?,
        };
        Ok(Whose {
            sale,
            pointed,
            twin,
            claims,
        })
    }
}

impl<P: Ports> OrderTransform<'_, P> {
    /// The sale of a record of which nothing else is known.
    pub(super) async fn sale_of(
        &self,
        work: &Work<'_, P::Crm>,
        record: &CrmId,
    ) -> Result<Known, Disposition> {
        let trace = SaleTrace::Record(record.clone());
        let target = &work.event.target;
        let mut found = self.store.sales_of(target, &[trace]).await?;
        let id = found.pop().flatten().unwrap_or_else(|| id_of(record));
        self.resolved(work, id).await
    }

    /// A sale, or the one that it became a part of.
    async fn resolved(&self, work: &Work<'_, P::Crm>, id: IntentId) -> Result<Known, Disposition> {
        let mut id = id;
        for _ in 0..MOST_PARTS {
            let intent = self.store.intent(&work.event.target, &id).await?;
            match intent.as_ref().and_then(|intent| intent.part_of.clone()) {
                Some(whole) => id = whole,
                None => return Ok(Known { id, intent }),
            }
        }
        let why = format!("Sale {} is a part of itself.", id.root);
        Err(Disposition::of(Fault::new(
            Class::Bug,
            "E_SALE_CIRCLE",
            why,
        )))
    }

    /// Notes that a sale of which nothing was sent is a part of another one: jobs of it that are on their way do nothing, and
    /// its records are looked at again.
    async fn make_part(
        &self,
        work: &Work<'_, P::Crm>,
        part: &IntentId,
        whole: &IntentId,
        record: &Shown,
    ) -> Result<(), Disposition> {
        let target = &work.event.target;
        let (owner, stored) = self.lease(work, part).await?;
        let company = work.target.orders.as_ref().map(|orders| &orders.company);
        let fresh = company.map(|company| self.fresh(work, part, company));
        let made = match stored.or(fresh).filter(Intent::is_unsent) {
            Some(intent) => self.part_of(work, intent, whole, record, &owner).await,
            None => Err(self.look_again("The sale is being sent to Sage 100 just now.")),
        };
        self.release(target, part, &owner).await;
        made
    }

    async fn part_of(
        &self,
        work: &Work<'_, P::Crm>,
        mut intent: Intent,
        whole: &IntentId,
        record: &Shown,
        owner: &str,
    ) -> Result<(), Disposition> {
        // Told before it is so, and later than it is so: a crash in between only says it twice.
        let others = intent.shown.iter().filter(|shown| *shown != record);
        let others: Vec<Shown> = others.cloned().collect();
        self.say(work, &others).await?;
        intent.part_of = Some(whole.clone());
        intent.stage = IntentStage::Open;
        intent.code = None;
        intent.asked = None;
        intent.ask.number += 1;
        intent.ask.content = None;
        intent.updated_at = self.clock.now();
        self.store.save_intent(&intent, owner).await?;
        Ok(())
    }

    /// Notes what belongs to the sale.
    pub(super) async fn claim_for(
        &self,
        work: &Work<'_, P::Crm>,
        id: &IntentId,
        claims: &[SaleTrace],
    ) -> Result<(), Disposition> {
        for trace in claims {
            let target = &work.event.target;
            let of = self.store.claim_for_sale(target, trace, id).await?;
            if of != *id {
                return Err(self.look_again("The record became part of another sale just now."));
            }
        }
        Ok(())
    }

    /// Notes which Opportunity or Deal the sale's order names now. The one that it named before is looked at again: its order
    /// has left it.
    pub(super) async fn note_made_from(
        &self,
        work: &Work<'_, P::Crm>,
        whose: &Whose,
        record: &Shown,
    ) -> Result<(), Disposition> {
        let moved =
            |intent: &&Intent| intent.made_from != whose.pointed && intent.shown.contains(record);
        let Some(stored) = whose.sale.intent.as_ref().filter(moved) else {
            return Ok(());
        };
        let left = stored.made_from.clone();
        let left = stored
            .shown
            .iter()
            .find(|shown| Some(&shown.id) == left.as_ref());
        // Told under the lease: while another holds it, each receive would tell it once more.
        let (target, id) = (&work.event.target, &whose.sale.id);
        let (owner, now) = self.lease(work, id).await?;
        let mut noted = Ok(());
        if let Some(mut intent) = now.filter(|intent| intent.made_from != whose.pointed) {
            let before = intent.rev;
            if let Some(left) = left {
                noted = self.say(work, std::slice::from_ref(left)).await;
            }
            if noted.is_ok() {
                intent.made_from.clone_from(&whose.pointed);
                let saved = self.save_unseen(target, &mut intent, before, &owner).await;
                noted = saved.map_err(Disposition::from);
            }
        }
        self.release(target, id, &owner).await;
        noted
    }

    /// Sends events of records that have to be looked at again.
    pub(super) async fn say(
        &self,
        work: &Work<'_, P::Crm>,
        records: &[Shown],
    ) -> Result<(), Disposition> {
        let mut events = Vec::with_capacity(records.len());
        for record in records {
            let event = CrmEvent::new(
                self.clock.new_id(),
                work.event.target.clone(),
                record.module.clone(),
                record.id.clone(),
                Change::Unknown,
                EventSource::Comparison,
                self.clock.now(),
            );
            events.push(Outgoing::delayed(json(&event)?, LATER));
        }
        if events.is_empty() {
            return Ok(());
        }
        Ok(send_all(self.queue, self.clock, &QueueName::CrmEvents, events).await?)
    }

    /// From when the time counts that an event has waited for Sage or for the CRM: none while either cannot be called, or what
    /// it waits for may be paused.
    pub(super) async fn waits_since(
        &self,
        work: &Work<'_, P::Crm>,
    ) -> Result<Option<jiff::Timestamp>, Fault> {
        let pauses = self.store.pauses().await?;
        let pausing = self.pausing(&pauses);
        let mut since = work.circuit.counts_from(work.event.received_at);
        for company in &work.target.companies {
            let name = circuit::of_company(company);
            if let (Some(from), Some(name)) = (since, name) {
                since = self.store.circuit(&name).await?.counts_from(from);
            }
            // What it waits for is a customer, or its own record.
            for entity in work.target.entities.keys() {
                let kind = IntentKind::Record(*entity);
                let scope = Scope::between(company, &work.event.target, kind);
                since = since.and_then(|from| pausing.counts_from(&scope, from));
            }
        }
        Ok(since)
    }

    /// Back to the queue for a moment: what is read then is decided on.
    pub(super) fn look_again(&self, why: &'static str) -> Disposition {
        let fault = Fault::new(Class::Transient, "E_INTENT_BUSY", why);
        let until = self.clock.now().saturating_add(AGAIN).ok();
        NotDone::turn(fault, until).into()
    }
}

/// The sale of a record that belongs to nobody.
fn id_of(record: &CrmId) -> IntentId {
    IntentId {
        kind: IntentKind::Order,
        root: record.clone(),
    }
}

/// Whether a record is of a module whose records come of an Opportunity or Deal: an Order, a Sales_Order.
pub(super) fn is_order(orders: &OrdersConfig, record: &Shown) -> bool {
    orders
        .source(&record.module)
        .is_some_and(|source| source.root.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use counterpart_domain::{Company, TargetName};
    use jiff::Timestamp;

    fn known(root: &str, change: impl FnOnce(&mut Intent)) -> Known {
        let id = id_of(&CrmId(root.to_owned()));
        let (target, company) = (TargetName::new("zoho"), Company::new("ABC"));
        let mut intent = Intent::new(
            target.unwrap(),
            id.clone(),
            company.unwrap(),
            Timestamp::UNIX_EPOCH,
        );
        change(&mut intent);
        Known {
            id,
            intent: Some(intent),
        }
    }

    fn sent(intent: &mut Intent) {
        intent.sends = 1;
        intent.stage = IntentStage::Done;
    }

    fn with_order(intent: &mut Intent) {
        intent.shown.push(Shown {
            module: "Sales_Orders".to_owned(),
            id: CrmId("other".to_owned()),
        });
    }

    #[test]
    fn what_belongs_to_a_sale_stays_with_it() {
        let other = |shown: &Shown| shown.module == "Sales_Orders";
        let of = |own: Option<Known>, pointed: Option<Known>| {
            choose(own.as_ref(), pointed.as_ref(), other)
        };
        let unsent = |root: &str| known(root, |_| {});
        assert_eq!(of(None, None), Choice::Own);
        assert_eq!(of(None, Some(unsent("d"))), Choice::Pointed);
        for own in [unsent("d"), known("d", sent)] {
            assert_eq!(of(Some(own.clone()), None), Choice::Own);
            assert_eq!(of(Some(own), Some(unsent("d"))), Choice::Own);
        }
        let (own, deal) = (known("o", sent), known("d", sent));
        assert_eq!(
            of(Some(own.clone()), Some(unsent("d"))),
            Choice::OwnTakesPointed
        );
        assert_eq!(
            of(Some(unsent("o")), Some(deal.clone())),
            Choice::PointedTakesOwn
        );
        assert_eq!(of(Some(own.clone()), Some(deal)), Choice::Twins);
        // Another order of the deal is there.
        let taken = known("d", with_order);
        assert_eq!(of(Some(unsent("o")), Some(taken.clone())), Choice::Second);
        assert_eq!(of(Some(own.clone()), Some(taken)), Choice::Twins);
        // What was cancelled in Sage binds nobody.
        let cancelled = known("d", |intent| {
            sent(intent);
            intent.stage = IntentStage::Cancelled;
        });
        assert_eq!(of(Some(own), Some(cancelled.clone())), Choice::Own);
        assert_eq!(of(Some(unsent("o")), Some(cancelled)), Choice::Own);
    }
}
