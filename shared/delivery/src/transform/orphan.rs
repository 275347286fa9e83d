//! An Order or Sales_Order that was made from an Opportunity or Deal which is gone: the CRM has emptied the lookup, or pointed
//! it elsewhere, before the record was read here for the first time.

use std::collections::BTreeSet;

use counterpart_domain::CrmId;
use counterpart_domain::sale::{Reference, SaleOrder};
use jiff::SignedDuration;

use super::work::{Halt, Sale, Work};
use super::{OrderTransform, TransformReport};
use crate::intent::{Intent, IntentStage, SaleTrace};
use crate::ports::{
    Clock, Crm, CrmRecords, Document, EventQueue, Ids, Intents, JobQueue, Queue, Store,
};

/// What the record is refused for.
const CODE: &str = "E_ORDER_OF_DELETED";
/// How far the CRM's own times may be apart.
const SLACK: SignedDuration = SignedDuration::from_mins(5);

impl<K, S, Q, E, J, C> OrderTransform<'_, K, S, Q, E, J, C>
where
    K: Crm + CrmRecords,
    S: Store + Intents,
    Q: Queue,
    E: EventQueue,
    J: JobQueue,
    C: Clock + Ids,
{
    /// Refuses a record that never took part in a sale, where an order of a deal that was deleted since the record was made
    /// stands in Sage for the same customer, or may stand there and was forgotten by a restored table: it may be that order. A
    /// person decides.
    pub(super) async fn check_orphans(
        &self,
        work: &mut Work<'_, K>,
        sale: &Sale<'_>,
        document: &Document,
        order: &SaleOrder,
        report: &mut TransformReport,
    ) -> Result<(), Halt> {
        let was_told = work.told.as_deref() == Some(CODE);
        let released = was_told && work.event.is_answer_to(CODE);
        let (Some(created), false, true) = (document.created, released, sale.is_order()) else {
            return Ok(());
        };
        let since = created.saturating_sub(SLACK).unwrap_or(created);
        let roots = sale.orders.sources.iter();
        for root in roots.filter(|source| source.root.is_none()) {
            let gone = self
                .deleted_since(work, &root.module, since, report)
                .await?;
            let gone: BTreeSet<CrmId> = gone.into_iter().collect();
            let traces: Vec<_> = gone.iter().cloned().map(SaleTrace::Record).collect();
            let target = work.event.target.clone();
            let sales = self.store.sales_of(&target, &traces).await?;
            for id in sales.into_iter().flatten().filter(|id| *id != sale.id) {
                let intent = self.store.intent(&target, &id).await?;
                if let Some(intent) = &intent
                    && intent.is_forgotten()
                {
                    return Err(forgotten(intent, order, &root.module));
                }
                if let Some(intent) = intent.filter(|intent| stands(intent, order, &gone)) {
                    return Err(refusal(&intent, &root.module));
                }
            }
        }
        Ok(())
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

fn refusal(intent: &Intent, module: &str) -> Halt {
    let number = intent.number.as_deref().unwrap_or("(being sent)");
    Halt::refused(
        CODE,
        format!(
            "Order {number} stands in Sage 100 for this customer; its record in {module} was deleted after this one was made. If this record came of it, cancel order {number} in Sage 100. Then, or if it is a sale of its own, have it redriven: it is sent as a new order."
        ),
    )
}

fn forgotten(intent: &Intent, order: &SaleOrder, module: &str) -> Halt {
    let root = &intent.id.root;
    let mark = Reference::of(&intent.target, &order.company, root);
    Halt::refused(
        CODE,
        format!(
            "{root} in {module} was deleted after this record was made, and a table that was restored knows nothing of it. If this record came of it, its order may stand in Sage 100 with our mark {mark}: look for it, and cancel it. Then, or if there is none, have this one redriven: it is sent as a new order."
        ),
    )
}
