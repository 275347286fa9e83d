//! An Order or Sales_Order that was made from an Opportunity or Deal which is gone: the CRM has emptied the lookup, or pointed
//! it elsewhere, before the record was read here for the first time.

use std::collections::BTreeSet;

use counterpart_domain::CrmId;
use counterpart_domain::sale::SaleOrder;
use jiff::SignedDuration;

use super::work::{Sale, Work};
use super::{OrderTransform, TransformReport};
use crate::disposition::Disposition;
use crate::intent::{Intent, IntentStage, SaleTrace};
use crate::job::OF_DELETED;
use crate::ports::Document;
use crate::ports::prelude::*;

/// Sage is asked about so many deals of which nothing is known: those with the highest ids, in most CRMs the newest.
const MOST_ASKED: usize = 20;
/// How far the CRM's own times may be apart.
const SLACK: SignedDuration = SignedDuration::from_mins(5);

impl<P: Ports> OrderTransform<'_, P> {
    /// Refuses a record that never took part in a sale, where an order of a deal that was deleted since the record was made
    /// stands in Sage for the same customer: it may be that order. So is one that was made before more deletions than the CRM
    /// lists: nobody can tell. A person decides. The answer: the deals among them of which
    /// no order is known here. A restore may have forgotten them; whoever writes to Sage looks for their marks.
    pub(super) async fn check_orphans(
        &self,
        work: &mut Work<'_, P::Crm>,
        sale: &Sale<'_>,
        document: &Document,
        order: &SaleOrder,
        report: &mut TransformReport,
    ) -> Result<Vec<CrmId>, Disposition> {
        let was_told = work.told.as_deref() == Some(OF_DELETED);
        let released = was_told && work.event.is_answer_to(OF_DELETED);
        let (Some(created), false, true) = (document.created, released, sale.is_order()) else {
            return Ok(Vec::new());
        };
        let (mut unknown, mut cut) = (Vec::new(), None);
        let since = created.saturating_sub(SLACK).unwrap_or(created);
        let roots = sale.orders.sources.iter();
        for root in roots.filter(|source| source.root.is_none()) {
            let gone = self
                .deleted_since(work, &root.module, since, report)
                .await?;
            cut = cut.or_else(|| gone.cut.then_some(&root.module));
            let gone: BTreeSet<CrmId> = gone.ids.into_iter().collect();
            let traces: Vec<_> = gone.iter().cloned().map(SaleTrace::Record).collect();
            let target = work.event.target.clone();
            let sales = self.store.sales_of(&target, &traces).await?;
            for (root_id, known) in gone.iter().zip(sales) {
                let Some(id) = known else {
                    unknown.push(root_id.clone());
                    continue;
                };
                if id == sale.id {
                    continue;
                }
                let intent = self.store.intent(&target, &id).await?;
                // A table that was restored knows less than was done.
                if intent.as_ref().is_none_or(Intent::is_unsent) {
                    unknown.push(id.root);
                }
                if let Some(intent) = intent.filter(|intent| stands(intent, order, &gone)) {
                    return Err(refusal(&intent, &root.module));
                }
            }
        }
        if let Some(module) = cut {
            return Err(unlisted(module));
        }
        let over = unknown.len().saturating_sub(MOST_ASKED);
        Ok(unknown.split_off(over))
    }
}

/// Whether an order of this customer may stand in Sage that no record says anything of any more.
fn stands(intent: &Intent, order: &SaleOrder, gone: &BTreeSet<CrmId>) -> bool {
    let mut shown = intent.shown.iter();
    let same = match (&intent.customer, &order.customer.key) {
        (Some(theirs), Some(ours)) => theirs == ours,
        _ => intent.company == order.company,
    };
    same && shown.all(|shown| gone.contains(&shown.id))
        && (!intent.is_unsent() || intent.ask.content.is_some())
        && intent.stage != IntentStage::Cancelled
}

/// More was deleted than is listed.
fn unlisted(module: &str) -> Disposition {
    Disposition::park(
        OF_DELETED,
        format!(
            "More records in {module} were deleted after this one was made than the CRM lists, and this one may have come of one of them whose order stands in Sage 100. Look there for an order of this sale. If there is one, cancel it there. Then, or if there is none, have it redriven: it is sent as a new order."
        ),
    )
}

fn refusal(intent: &Intent, module: &str) -> Disposition {
    let number = intent.number.as_deref().unwrap_or("(being sent)");
    Disposition::park(
        OF_DELETED,
        format!(
            "Order {number} stands in Sage 100 for this customer; its record in {module} was deleted after this one was made. If this record came of it, cancel order {number} in Sage 100. Then, or if it is a sale of its own, have it redriven: it is sent as a new order."
        ),
    )
}
