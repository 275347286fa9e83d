//! The mark that a sale's order is to carry in Sage: it is the sale's own, or a person says what is what.

use counterpart_domain::Company;
use counterpart_domain::sale::Reference;

use super::OrderTransform;
use super::work::{Sale, Work};
use crate::disposition::Disposition;
use crate::intent::SaleTrace;
use crate::ports::prelude::*;

/// The mark is noted for another sale.
const TAKEN: &str = "E_SALE_MARK_TAKEN";
/// How many further marks are tried.
const MOST_MARKS: u32 = 20;

impl<P: Ports> OrderTransform<'_, P> {
    /// Notes the mark as the sale's, before anything is sent. One that is noted for another sale is for a person: tables were
    /// restored, and the two may be one sale. Who was told so and sends it again gets another mark.
    pub(super) async fn claim_mark(
        &self,
        work: &Work<'_, P::Crm>,
        sale: &Sale<'_>,
        company: &Company,
        mark: Reference,
    ) -> Result<Reference, Disposition> {
        let target = &work.event.target;
        let trace = SaleTrace::Mark(mark.clone());
        let of = self.store.claim_for_sale(target, &trace, &sale.id).await?;
        if of == sale.id {
            return Ok(mark);
        }
        if work.told.as_deref() != Some(TAKEN) || !work.event.is_answer_to(TAKEN) {
            let other = self.store.intent(target, &of).await?;
            let number = other.and_then(|other| other.number);
            let number = number.map_or_else(String::new, |number| format!(", order {number}"));
            return Err(Disposition::park(
                TAKEN,
                format!(
                    "The mark {mark}, which this sale's order would carry in Sage 100, is noted for the sale of record {}{number}. Nothing was sent. If both are one sale, take this one back in the CRM; if it is a sale of its own, redrive: its order gets another mark.",
                    of.root
                ),
            ));
        }
        for times in 1..=MOST_MARKS {
            let other = Reference::renewed(target, company, &sale.id.root, times);
            let trace = SaleTrace::Mark(other.clone());
            let of = self.store.claim_for_sale(target, &trace, &sale.id);
            if of.await? != sale.id {
                continue;
            }
            self.amend_unseen(work, &sale.id, |intent| {
                if intent.is_unsent() {
                    intent.reference = Some(other.clone());
                    intent.renewals = intent.renewals.max(times);
                    if !intent.other_marks.contains(&mark) {
                        intent.other_marks.push(mark.clone());
                    }
                }
            })
            .await?;
            return Ok(other);
        }
        Err(self.look_again("All marks that the sale could have are noted for other sales."))
    }
}
