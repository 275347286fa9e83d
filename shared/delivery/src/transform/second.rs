//! One sale, several records that would be its order: what is said of those that are not.

use counterpart_config::OrdersConfig;
use counterpart_domain::{Class, Fault};

use super::work::{Sale, Work};
use super::{OrderTransform, TransformReport};
use crate::disposition::Disposition;
use crate::intent::{Intent, IntentId, IntentKind, IntentStage, Shown};
use crate::ports::prelude::*;

impl<P: Ports> OrderTransform<'_, P> {
    /// A second order of one sale: said on its own record, since the sale's intent is the first one's.
    pub(super) async fn refuse_second(
        &self,
        work: &Work<'_, P::Crm>,
        sale: &Sale<'_>,
        orders: &OrdersConfig,
        (intent, first): (&Intent, &Shown),
        report: &mut TransformReport,
    ) -> Result<bool, Disposition> {
        let fault = Fault::new(Class::Data, "E_ORDER_SECOND", second_of(intent, first));
        let own = IntentId {
            kind: IntentKind::Order,
            root: sale.record.id.clone(),
        };
        let company = work.company.as_ref().unwrap_or(&orders.company);
        self.refuse(work, &own, company, sale.shown(), &fault, report)
            .await?;
        Ok(true)
    }

    /// Two orders stand in Sage, and their records say by now that they are one sale. Nothing is changed in either; a person
    /// decides which of them goes.
    pub(super) async fn refuse_twin(
        &self,
        work: &Work<'_, P::Crm>,
        sale: &Sale<'_>,
        twin: &Intent,
        report: &mut TransformReport,
    ) -> Result<bool, Disposition> {
        let own = self.store.intent(&work.event.target, &sale.id).await?;
        let number = |intent: Option<&Intent>| {
            let number = intent.and_then(|intent| intent.number.clone());
            number.unwrap_or_else(|| "(being sent)".to_owned())
        };
        let fault = Fault::new(
            Class::Data,
            "E_ORDER_TWICE",
            format!(
                "This record is order {} in Sage 100, and the deal that it names is order {} there. If both are one sale, cancel one of the two in Sage 100. Then take the deal out of this record: until then nothing of it is sent on.",
                number(own.as_ref()),
                number(Some(twin))
            ),
        );
        let company = work.company.as_ref().unwrap_or(&sale.orders.company);
        self.refuse(work, &sale.id, company, sale.shown(), &fault, report)
            .await?;
        Ok(true)
    }

    /// The record's order belongs to another Opportunity or Deal by now. Whether this one is a sale of its own, only a person
    /// can tell.
    pub(super) async fn refuse_left(
        &self,
        work: &Work<'_, P::Crm>,
        sale: &Sale<'_>,
        intent: &Intent,
        report: &mut TransformReport,
    ) -> Result<bool, Disposition> {
        let order = sale.commitment(intent);
        let order = order.map_or_else(String::new, |order| {
            format!("{} {}", order.module, order.id)
        });
        let number = intent.number.as_deref().unwrap_or_default();
        let fault = Fault::new(
            Class::Data,
            "E_ORDER_MOVED",
            format!(
                "{order}, which was this sale's order (number {number} in Sage 100), belongs to another sale by now. Nothing was sent for this one. If it is to be an order too, copy it and win the copy."
            ),
        );
        let own = own_id(sale);
        if own == sale.id {
            // The sale's own state is the order's to show.
            self.park_event(&work.event, &left(&own), &fault, report)
                .await?;
        } else {
            // From now on the record shows what is said of it alone.
            if intent.shown.contains(&sale.record) {
                self.amend_unseen(work, &sale.id, |intent| {
                    intent.shown.retain(|shown| *shown != sale.record);
                })
                .await?;
            }
            let company = work.company.as_ref().unwrap_or(&sale.orders.company);
            self.refuse(work, &own, company, sale.shown(), &fault, report)
                .await?;
        }
        Ok(true)
    }

    /// A record that shows its sale from now on: what was said of it alone is over.
    pub(super) async fn forget_own(
        &self,
        work: &Work<'_, P::Crm>,
        sale: &Sale<'_>,
    ) -> Result<(), Disposition> {
        let own = own_id(sale);
        if own == sale.id {
            return Ok(());
        }
        let stored = self.store.intent(&work.event.target, &own).await?;
        if !stored.is_some_and(|stored| stored.stage == IntentStage::Refused) {
            return Ok(());
        }
        self.amend_unseen(work, &own, take_back).await?;
        Ok(self
            .store
            .unpark(&work.event.target, &own.storage())
            .await?)
    }

    /// Takes away what is parked for a record that is gone, beside what is parked for its sale.
    pub(super) async fn unpark_gone(
        &self,
        work: &Work<'_, P::Crm>,
        id: &IntentId,
    ) -> Result<(), Fault> {
        let target = &work.event.target;
        let own = IntentId {
            kind: IntentKind::Order,
            root: work.event.record.clone(),
        };
        self.store.unpark(target, &left(&own)).await?;
        if own != *id {
            self.store.unpark(target, &own.storage()).await?;
        }
        Ok(())
    }

    /// A record that asks for nothing, of a sale that another record says the content of: what was said of it by itself is
    /// over.
    pub(super) async fn take_back_own(
        &self,
        work: &Work<'_, P::Crm>,
        sale: &Sale<'_>,
    ) -> Result<bool, Disposition> {
        let (target, own) = (&work.event.target, own_id(sale));
        self.store.unpark(target, &left(&own)).await?;
        if Sale::redriven(work) {
            self.unpark(work, &sale.id).await?;
        }
        if own == sale.id {
            return Ok(false);
        }
        let stored = self.store.intent(target, &own).await?;
        let told = |intent: &Intent| {
            intent.stage == IntentStage::Refused
                || intent.part_of.is_some() && !intent.status_text.is_empty()
        };
        if !stored.as_ref().is_some_and(told) {
            return Ok(false);
        }
        self.amend(work, &own, None, take_back).await?;
        self.store.unpark(target, &own.storage()).await?;
        Ok(true)
    }

    /// Takes away what [`OrderTransform::refuse_left`] parked: the order has come back.
    pub(super) async fn unpark_left(
        &self,
        work: &Work<'_, P::Crm>,
        sale: &Sale<'_>,
        intent: &Intent,
    ) -> Result<(), Fault> {
        if !sale.yields_to(intent) {
            return Ok(());
        }
        let parked = left(&own_id(sale));
        self.store.unpark(&work.event.target, &parked).await
    }
}

/// What is said of a second order, by how far the first one has come.
fn second_of(intent: &Intent, first: &Shown) -> String {
    let number = intent.number.as_deref().unwrap_or_default();
    let Shown { module, id } = first;
    let own = "take the deal out of this record, which makes it a sale of its own";
    match intent.stage {
        IntentStage::Done => format!(
            "The sale is Sage 100 order {number} already, from {module} {id}. A second order of one sale is not made; {own}."
        ),
        IntentStage::Cancelled => format!(
            "The sale's order, from {module} {id}, was cancelled. A second order of one sale is not made: win {module} {id} again, or {own}."
        ),
        IntentStage::Refused | IntentStage::Ambiguous => format!(
            "The sale is to be the order of {module} {id}, which waits for somebody: {} Settle that one; a second order of one sale is not made. Or {own}.",
            intent.status_text
        ),
        IntentStage::Open | IntentStage::Reserved | IntentStage::Sent => format!(
            "The sale is about to become a Sage 100 order, from {module} {id}. A second order of one sale is not made; {own}."
        ),
    }
}

fn take_back(intent: &mut Intent) {
    if intent.stage == IntentStage::Refused {
        intent.stage = IntentStage::Open;
    }
    intent.code = None;
    intent.status_text = String::new();
}

fn own_id(sale: &Sale<'_>) -> IntentId {
    IntentId {
        kind: IntentKind::Order,
        root: sale.record.id.clone(),
    }
}

fn left(own: &IntentId) -> String {
    format!("left-{}", own.storage())
}
