//! Sales that are not won, are lost, or are gone.

use super::intent::show_on;
use super::read::id_in;
use super::whose::{Known, is_order};
use super::work::{Sale, Work};
use super::{OrderTransform, TransformReport};
use crate::CrmEvent;
use crate::disposition::Disposition;
use crate::intent::{Ask, DELETED, Intent, IntentId, IntentStage, Shown};
use crate::job::{CancelOrder, Work as JobWork};
use crate::ports::Document;
use crate::ports::prelude::*;
use counterpart_config::OrdersConfig;

impl<P: Ports> OrderTransform<'_, P> {
    /// A sale that does not ask for an order. One that was made of it is cancelled where the configuration says so.
    pub(super) async fn take_unwon(
        &self,
        work: &Work<'_, P::Crm>,
        sale: &Sale<'_>,
        document: &Document,
        stored: Option<Intent>,
        report: &mut TransformReport,
    ) -> Result<bool, Disposition> {
        let Some(intent) = stored else {
            if Sale::redriven(work) {
                self.unpark(work, &sale.id).await?;
            }
            return Ok(false);
        };
        // Another record says what Sage is to hold: this one takes nothing back.
        if sale.yields_to(&intent) || !sale.asked_for(&intent) {
            return self.take_back_own(work, sale).await;
        }
        let unsent = intent.sends == 0;
        if matches!(intent.stage, IntentStage::Open | IntentStage::Reserved) && intent.is_unsent() {
            // Its job may still wait for Sage.
            if !self.ask_no_more(work, sale).await? {
                return Err(self.look_again("The order of the sale is being created just now."));
            }
            if Sale::redriven(work) {
                self.unpark(work, &sale.id).await?;
            }
            return Ok(false);
        }
        // Refused or in doubt after a create was sent, it may stand in Sage all the same.
        let may_be_there = match intent.stage {
            IntentStage::Sent | IntentStage::Done => true,
            IntentStage::Cancelled => false,
            IntentStage::Open
            | IntentStage::Reserved
            | IntentStage::Refused
            | IntentStage::Ambiguous => !unsent,
        };
        if may_be_there && sale.source.is_cancelled(&document.fields) {
            let account = id_in(&document.fields, &sale.source.account);
            let Some(ask) = self.ask_cancel(work, sale).await? else {
                return Ok(false);
            };
            let mut shown = intent.shown.clone();
            if !shown.contains(&sale.record) {
                shown.push(sale.record.clone());
                shown.sort();
            }
            let cancel = CancelOrder {
                intent: sale.id.clone(),
                company: intent.company.clone(),
                shown,
                modified: sale.modified,
                ask,
            };
            let account = account.unwrap_or_else(|| sale.id.root.clone());
            self.unpark(work, &sale.id).await?;
            self.send_job(work, account, JobWork::CancelOrder(cancel), report)
                .await?;
            return Ok(true);
        }
        // It had asked for another order after its own was cancelled.
        if intent.stage == IntentStage::Cancelled && intent.ask.content.is_some() {
            if self.ask_cancel(work, sale).await?.is_none() {
                return Ok(false);
            }
            self.amend(work, &sale.id, None, |intent| {
                if intent.code.take().is_some() {
                    let number = intent.number.as_deref().unwrap_or_default();
                    intent.status_text = format!("Order {number} is cancelled in Sage 100.");
                }
            })
            .await?;
            self.unpark(work, &sale.id).await?;
            return Ok(true);
        }
        if intent.stage == IntentStage::Refused && self.is_of(work, &sale.id).await? {
            // What was refused is not asked for any more.
            self.amend(work, &sale.id, None, |intent| {
                intent.stage = IntentStage::Open;
                intent.code = None;
                intent.status_text = String::new();
                show_on(intent, &sale.record);
            })
            .await?;
            self.unpark(work, &sale.id).await?;
            return Ok(true);
        }
        // Whoever reads that it is open again may cancel its order in Sage.
        if may_be_there && !intent.reopened {
            // A job of before is no answer to that.
            if intent.stage == IntentStage::Done && self.ask_cancel(work, sale).await?.is_none() {
                return Ok(false);
            }
            self.amend_unseen(work, &sale.id, |intent| intent.reopened = true)
                .await?;
        }
        if Sale::redriven(work) {
            self.unpark(work, &sale.id).await?;
        }
        Ok(false)
    }

    /// Whether what is parked for the sale came from this record.
    pub(super) async fn is_of(
        &self,
        work: &Work<'_, P::Crm>,
        id: &IntentId,
    ) -> Result<bool, Disposition> {
        let target = work.event.target.as_str();
        let parked = self.store.parked(target, &id.storage()).await?;
        let event = parked.and_then(|parked| CrmEvent::decode(&parked.payload).ok());
        Ok(event.is_none_or(|event| event.record == work.event.record))
    }

    /// A record that is not there any more. Deletions never reach Sage: an order that was made of it stays, and says so.
    pub(super) async fn sale_is_gone(
        &self,
        work: &Work<'_, P::Crm>,
        orders: &OrdersConfig,
    ) -> Result<bool, Disposition> {
        let gone = &work.event.record;
        let Known { id, intent } = self.sale_of(work, gone).await?;
        let Some(intent) = intent else {
            self.unpark(work, &id).await?;
            return Ok(false);
        };
        // What another record says of the order goes on to hold.
        let is_held = |shown: &Shown| shown.id != *gone && is_order(orders, shown);
        let is_held = intent.shown.iter().any(is_held);
        let in_sage = intent.stage == IntentStage::Done && !is_held;
        tracing::warn!(target.name = %work.event.target, record.id = %gone, order.number = intent.number,
            "a sale was deleted in the CRM; what Sage 100 holds of it stays");
        if intent.stage == IntentStage::Refused && !is_held {
            self.unpark(work, &id).await?;
        }
        self.unpark_hidden(work, &id).await?;
        self.unpark_gone(work, &id).await?;
        // Nothing was sent of it: what is left of the sale asks anew, and a job that is on its way does nothing.
        let mut left = intent.shown.clone();
        left.retain(|shown| shown.id != *gone);
        let asks_anew = intent.is_unsent() && !is_held && left.len() < intent.shown.len();
        if asks_anew {
            self.say(work, &left).await?;
        }
        self.amend(work, &id, None, |intent| {
            intent.shown.retain(|shown| shown.id != *gone);
            if asks_anew && intent.is_unsent() {
                intent.ask = Ask {
                    number: intent.ask.number + 1,
                    ..Ask::default()
                };
                intent.asked = None;
                intent.modified = None;
            }
            if in_sage {
                // Somebody may cancel it there, and restore the sale.
                intent.reopened = true;
                let number = intent.number.as_deref().unwrap_or_default();
                intent.status_text = format!(
                    "{DELETED} Order {number} stands in Sage 100; cancel it there if nobody wants it."
                );
            }
        })
        .await?;
        Ok(true)
    }
}
