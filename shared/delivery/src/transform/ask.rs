//! What a sale asks for, noted before its job is sent: whoever comes next, by another record of the sale or with another
//! edit, knows of it while the job waits for Sage, and Sage's worker knows which of two jobs is the later one. And the mark that
//! its order is to carry in Sage: it is the sale's own, or a person says what is what.

use counterpart_domain::sale::Reference;
use counterpart_domain::{Company, CrmId, Digest};
use jiff::{SignedDuration, Timestamp};

use super::OrderTransform;
use super::intent::show_on;
use super::whose::AGAIN;
use super::work::{Sale, Work};
use crate::disposition::Disposition;
use crate::intent::{Ask, Intent, IntentStage, SaleTrace};
use crate::ports::prelude::*;

const SAME_SECOND: &str = "The record was changed twice within one second of the CRM's clock.";
/// The mark is noted for another sale.
const TAKEN: &str = "E_SALE_MARK_TAKEN";
/// By how much the clocks of two workers differ at most, as far as they are kept in step.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_secs(1);
/// How many further marks are tried.
const MOST_MARKS: u32 = 20;

/// How what a record says now stands to what was noted last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Age {
    /// It is later, or of another record.
    Newer,
    /// It says the same.
    Same,
    /// It says something else of the same time: CRMs count in whole seconds.
    Tie,
    /// So it does, and was noted after the record began to be read: which of the two is later, only another reading tells.
    Unsure,
    /// The record was read before what was noted.
    Older,
}

impl Sale<'_> {
    fn age(&self, ask: &Ask, content: Option<&Digest>) -> Age {
        age(ask, &self.record.id, self.modified, self.read_at, content)
    }

    fn ask(&self, before: &Ask, age: Age, content: Option<Digest>, now: Timestamp) -> Ask {
        // What says the very same is noted already.
        let known = before
            .noted_at
            .filter(|_| age == Age::Same && before.modified == self.modified);
        Ask {
            number: before.number + u64::from(age != Age::Same),
            record: Some(self.record.id.clone()),
            modified: self.modified,
            content,
            noted_at: known.or(Some(now)),
        }
    }
}

/// How a record that says `content`, and was last `modified` then, stands to what was noted. `read_at`: before it was read.
fn age(
    ask: &Ask,
    record: &CrmId,
    modified: Option<Timestamp>,
    read_at: Timestamp,
    content: Option<&Digest>,
) -> Age {
    if ask.record.as_ref() != Some(record) {
        return Age::Newer;
    }
    let (known, now) = (ask.modified, modified);
    if known.zip(now).is_some_and(|(known, now)| now < known) {
        Age::Older
    } else if ask.content.as_ref() == content {
        Age::Same
    } else if known.is_some() && known == now {
        let since = read_at.saturating_sub(CLOCKS_DIFFER).unwrap_or(read_at);
        match ask.noted_at.is_some_and(|noted| noted > since) {
            true => Age::Unsure,
            false => Age::Tie,
        }
    } else {
        Age::Newer
    }
}

impl<K> Work<'_, K> {
    /// Whether the record was read right after it was changed, as far as anybody can tell: the second of the CRM's clock may
    /// not have been over.
    fn is_first_look(&self, now: Timestamp) -> bool {
        let settled = self.event.received_at.saturating_add(AGAIN);
        self.receive_count <= 1 || settled.is_ok_and(|settled| now < settled)
    }
}

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

    /// Notes that a record asks for an order with this content. The answer is the intent as it is; where another record says
    /// what Sage is to hold, nothing is noted. `None`: something newer was noted, whose job is on its way.
    pub(super) async fn ask(
        &self,
        work: &Work<'_, P::Crm>,
        sale: &Sale<'_>,
        known: Option<&Intent>,
        company: &Company,
        content: &Digest,
    ) -> Result<Option<Intent>, Disposition> {
        let noted = |intent: &Intent| {
            intent.asked.as_ref() == Some(content)
                && sale.age(&intent.ask, Some(content)) == Age::Same
                && intent.shown.contains(&sale.record)
                && intent.stage != IntentStage::Cancelled
        };
        if let Some(known) = known.filter(|known| noted(known)) {
            return Ok(Some(known.clone()));
        }
        let (id, target) = (&sale.id, &work.event.target);
        let (owner, stored) = self.lease(work, id).await?;
        let fresh = || self.fresh(work, id, company);
        let mut intent = stored.clone().unwrap_or_else(fresh);
        let age = sale.age(&intent.ask, Some(content));
        let first_look = work.is_first_look(self.clock.now());
        // Read at the same moment by two workers, the later state cannot be told from the earlier one. Read again, it can.
        let settled = match age {
            Age::Newer | Age::Same => Ok(Some(())),
            Age::Tie | Age::Older if first_look => Err(self.look_again(SAME_SECOND)),
            Age::Tie => Ok(Some(())),
            Age::Unsure => Err(self.look_again(SAME_SECOND)),
            Age::Older => Ok(None),
        };
        let mut asked = Ok(());
        if matches!(settled, Ok(Some(())))
            && intent.part_of.is_none()
            && !sale.yields_to(&intent)
            && sale.second_to(&intent).is_none()
        {
            // A record that shows nothing yet has to be written; otherwise the CRM shows the same as before.
            let mut before = stored.as_ref().map_or(0, |stored| stored.rev);
            if !intent.shown.contains(&sale.record) {
                intent.modified = intent.modified.max(sale.modified);
                show_on(&mut intent, &sale.record);
                before = 0;
            }
            intent.ask = sale.ask(&intent.ask, age, Some(content.clone()), self.clock.now());
            (intent.asked, intent.admitted) = (Some(content.clone()), true);
            intent.utc_offset_minutes = work.utc_offset_minutes.or(intent.utc_offset_minutes);
            intent.made_from.clone_from(&sale.pointed);
            if stored.as_ref() != Some(&intent) {
                asked = self.save_unseen(target, &mut intent, before, &owner).await;
            }
        }
        self.release(target, id, &owner).await;
        asked?;
        if intent.part_of.is_some() {
            return Err(self.look_again("The sale became part of another one just now."));
        }
        Ok(settled?.map(|()| intent))
    }

    /// Notes that an order is to be cancelled, before its job is sent. The answer is the job's number; `None`: something newer
    /// was noted.
    pub(super) async fn ask_cancel(
        &self,
        work: &Work<'_, P::Crm>,
        sale: &Sale<'_>,
    ) -> Result<Option<u64>, Disposition> {
        let (id, target) = (&sale.id, &work.event.target);
        let (owner, stored) = self.lease(work, id).await?;
        let Some(mut intent) = stored else {
            self.release(target, id, &owner).await;
            return Ok(None);
        };
        let age = sale.age(&intent.ask, None);
        let first_look = work.is_first_look(self.clock.now());
        let mut noted = Ok(());
        // Unsure or not, a job of before is held back by it; the next look asks again for what the record says then.
        if matches!(age, Age::Newer | Age::Tie | Age::Unsure) {
            let before = intent.rev;
            intent.ask = sale.ask(&intent.ask, age, None, self.clock.now());
            intent.asked = None;
            intent.refused = None;
            noted = self.save_unseen(target, &mut intent, before, &owner).await;
        }
        self.release(target, id, &owner).await;
        noted?;
        match age {
            Age::Tie | Age::Older if first_look => Err(self.look_again(SAME_SECOND)),
            Age::Unsure => Err(self.look_again(SAME_SECOND)),
            Age::Older => Ok(None),
            Age::Newer | Age::Same | Age::Tie => Ok(Some(intent.ask.number)),
        }
    }

    /// Notes that a sale asks for no order at this time, where none was sent yet: jobs of before are overtaken by that.
    /// `false`: by now one was.
    pub(super) async fn ask_no_more(
        &self,
        work: &Work<'_, P::Crm>,
        sale: &Sale<'_>,
    ) -> Result<bool, Disposition> {
        let (id, target) = (&sale.id, &work.event.target);
        let (owner, stored) = self.lease(work, id).await?;
        let is_unsent = stored.as_ref().is_none_or(Intent::is_unsent);
        let first_look = work.is_first_look(self.clock.now());
        let mut noted = Ok(());
        let (mut again, mut is_unsure) = (false, false);
        // A record that never asked for anything takes nothing back.
        let asked = |intent: &Intent| intent.is_unsent() && intent.shown.contains(&sale.record);
        if let Some(mut intent) = stored.filter(asked) {
            let age = sale.age(&intent.ask, None);
            is_unsure = age == Age::Unsure;
            again = matches!(age, Age::Tie | Age::Older) && first_look;
            if matches!(age, Age::Newer | Age::Tie | Age::Unsure) {
                let before = intent.rev;
                intent.ask = sale.ask(&intent.ask, age, None, self.clock.now());
                intent.modified = intent.modified.max(sale.modified);
                intent.asked = None;
                intent.refused = None;
                noted = self.save_unseen(target, &mut intent, before, &owner).await;
            }
        }
        self.release(target, id, &owner).await;
        noted?;
        if again || is_unsure {
            return Err(self.look_again(SAME_SECOND));
        }
        Ok(is_unsent)
    }
}

#[cfg(test)]
mod tests {
    use counterpart_domain::digest_of;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    /// Another state of the same second was noted ten seconds after it.
    fn age_of_one_read(read_at: i64) -> Age {
        let record = CrmId("1".into());
        let known = Ask {
            number: 1,
            record: Some(record.clone()),
            modified: Some(at(0)),
            content: None,
            noted_at: Some(at(10)),
        };
        let content = digest_of(["chairs"]);
        age(&known, &record, Some(at(0)), at(read_at), Some(&content))
    }

    #[test]
    fn what_was_read_before_another_state_was_noted_is_read_again() {
        for (read_at, expected) in [
            (1, Age::Unsure),
            (10, Age::Unsure),
            (11, Age::Tie),
            (60, Age::Tie),
        ] {
            assert_eq!(age_of_one_read(read_at), expected, "read at {read_at}");
        }
    }
}
