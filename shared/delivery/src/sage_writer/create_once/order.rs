//! An order is told by our mark in it. Its number is Sage's next one.

use counterpart_config::OrdersConfig;
use counterpart_domain::sale::SaleOrder;
use counterpart_domain::{Class, Digest, Fault, SageKey, Value};
use jiff::{SignedDuration, Timestamp};

use super::prepare::{Again, MOST_LOST, lose_number, may_arrive_until};
use super::{Claim, Seen, Strategy};
use crate::job::PlaceOrder;
use crate::ports::WriteContext;
use crate::ports::prelude::*;
use crate::sage_writer::SageWriter;
use crate::sage_writer::adopt::{AMBIGUOUS, several, unmarked};
use crate::sage_writer::agree::done_text;
use crate::sage_writer::check::Checked;
use crate::sage_writer::context::{JobContext, idempotency_key};
use crate::sage_writer::find::Found;
use crate::sage_writer::leases::LeasedIntent;
use crate::sage_writer::stop::{Stop, refuse};
use crate::written::{Meant, UnderWay, Written};
use crate::{Intent, IntentStage};

/// An order that is not found may have left Sage with its invoice.
pub(in crate::sage_writer) const NO_HISTORY: &str = "E_ORDER_NO_HISTORY";
/// An order that is not found was sent too long ago to be sent again.
const RESEND_TOO_LATE: &str = "E_ORDER_RESEND_TOO_LATE";
/// What a person may be asked of an order that is not found.
const QUESTIONS: [&str; 3] = [AMBIGUOUS, NO_HISTORY, RESEND_TOO_LATE];
/// How soon an order that may be on its way is looked for again.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_secs(20);

/// An order that is to be there once.
struct OrderOnce<'a, P: Ports> {
    writer: &'a SageWriter<'a, P>,
    context: &'a JobContext<'a, P>,
    orders: &'a OrdersConfig,
    place: &'a PlaceOrder,
    customer: SageKey,
    content: Digest,
    /// What the checks before the number at hand left to be done.
    checked: Checked,
}

impl<P: Ports> OrderOnce<'_, P> {
    /// Takes the next number and stores it. It belongs to this sale from then on.
    async fn next_number(&self, leased: &mut LeasedIntent) -> Result<String, Stop> {
        let (writer, context) = (self.writer, self.context);
        if let Some(number) = &leased.intent.number {
            return Ok(number.clone());
        }
        writer.acquire_slot(context).await?;
        let number = context.write.next_order_number(context.company);
        let number = writer.call(context, number).await?;
        leased.intent.number = Some(number.clone());
        leased.intent.customer = Some(self.customer.clone());
        leased.intent.stage = IntentStage::Reserved;
        leased.intent.code = None;
        writer.save(context, leased).await?;
        Ok(number)
    }

    /// What Sage has of the sale.
    async fn look(&self, leased: &LeasedIntent) -> Result<Found, Fault> {
        let column = &self.orders.reference_column;
        self.writer.find(self.context, &leased.intent, column).await
    }

    /// What follows from it. The sale's own order is adopted.
    async fn taken_in(&self, leased: &mut LeasedIntent, found: Found) -> Result<Seen, Stop> {
        let column = &self.orders.reference_column;
        Ok(match found {
            Found::Ours(order) => {
                self.writer.adopt(self.context, leased, &order).await?;
                Seen::Ours
            }
            Found::Several(numbers) => Seen::Doubtful(several(&leased.intent, &numbers)),
            Found::Unmarked(order) => Seen::Doubtful(unmarked(&leased.intent, &order, column)),
            Found::Anothers => Seen::Anothers,
            Found::Nothing => Seen::Nothing,
        })
    }

    async fn follow(&self, leased: &mut LeasedIntent) -> Result<(), Stop> {
        self.writer.follow(self.context, self.place, leased).await
    }

    /// Whether an order that is not found may be sent once more.
    async fn may_be_sent_again(&self, leased: &mut LeasedIntent) -> Result<(), Stop> {
        let (event, now) = (&self.context.job.event, self.writer.clock.now());
        let answered = QUESTIONS.iter().any(|code| leased.is_answered(event, code));
        let mended = leased.is_mended(event, &QUESTIONS);
        let within = self.orders.resend_within;
        let again = Again::of(&leased.intent, answered, mended, within, now);
        let Some(sent_at) = leased.intent.sent_at else {
            return Ok(());
        };
        // One that may still be at work would find the number free again, should its order be invoiced or deleted meanwhile.
        self.writer.is_under_way(leased)?;
        if again == Again::Answered {
            leased.intent.sent_at = None;
            return Ok(());
        }
        let number = leased.intent.number.clone().unwrap_or_default();
        // Where no history is kept, an order that was invoiced is not found either.
        let site = self.context.agent.site(self.context.company);
        let site = self.writer.call(self.context, site).await?;
        if site.order_history == Some(false) {
            return Err(Self::no_history(&number, sent_at));
        }
        match again {
            Again::TooLate => Err(Self::too_late(&number, sent_at)),
            Again::NoneWasSent | Again::Answered | Again::InTime => Ok(()),
        }
    }

    fn too_late(number: &str, sent_at: Timestamp) -> Stop {
        Stop::Ambiguous(Fault::new(
            Class::Data,
            RESEND_TOO_LATE,
            format!(
                "Order {number} was sent to Sage 100 at {}, no answer came, and it is not there. Make sure in Sage 100 that this sale was not entered by hand, then redrive: it is sent again under the same number.",
                sent_at.strftime("%Y-%m-%d %H:%M UTC")
            ),
        ))
    }

    fn no_history(number: &str, sent_at: Timestamp) -> Stop {
        Stop::Ambiguous(Fault::new(
            Class::Data,
            NO_HISTORY,
            format!(
                "Order {number} was sent to Sage 100 at {}, no answer came, and it is not there. Sage 100 keeps no history of sales orders: if it was invoiced meanwhile, it is found nowhere. Look for an invoice of this sale, then redrive: it is sent again under the same number.",
                sent_at.strftime("%Y-%m-%d %H:%M UTC")
            ),
        ))
    }
}

impl<P: Ports> Strategy for OrderOnce<'_, P> {
    type Key = String;
    type Created = ();
    const CHECKS_TIME_BEFORE_SENDING: bool = true;
    const OPEN_REFUSALS: &'static [&'static str] = &[];

    /// Sage is asked also before the first number is taken: what is stored may be older than what Sage has.
    async fn recognise(&mut self, leased: &mut LeasedIntent) -> Result<Option<()>, Stop> {
        let found = self.look(leased).await?;
        match self.taken_in(leased, found).await? {
            Seen::Ours => self.follow(leased).await.map(Some),
            Seen::Doubtful(stop) => Err(stop),
            Seen::Anothers => {
                lose_number(&mut leased.intent);
                Ok(None)
            }
            Seen::Nothing => {
                self.may_be_sent_again(leased).await?;
                Ok(None)
            }
        }
    }

    async fn admit(&mut self, leased: &mut LeasedIntent) -> Result<(), Stop> {
        let column = &self.orders.reference_column;
        let (writer, context, customer) = (self.writer, self.context, &self.customer);
        if let Some(number) = &self.place.shows
            && leased.intent.is_unsent()
            && !leased.intent.lost_numbers.contains(number)
            && writer
                .is_unknown_order(context, number, customer, column)
                .await?
        {
            return Err(refuse(
                "E_ORDER_UNKNOWN_NUMBER",
                format!(
                    "The record shows order {number}, which is in Sage 100, and Counterpart knows nothing of it. If it is this sale's order, write our mark {} into its {column}; if the record is a copy, clear the number in it. Then redrive.",
                    leased
                        .intent
                        .reference
                        .as_ref()
                        .map_or("", |of| of.as_str())
                ),
            ));
        }
        writer
            .check_gone(context, self.place, leased, customer, column)
            .await
    }

    /// The slot is held from the check of the credit on: two orders of one customer are checked one after the other.
    async fn check(&mut self, _: &mut LeasedIntent) -> Result<(), Stop> {
        self.writer.acquire_slot(self.context).await?;
        let order = &self.place.order;
        let checked = self
            .writer
            .check(self.context, self.orders, &self.customer, order, None);
        self.checked = checked.await?;
        Ok(())
    }

    async fn reserve(&mut self, leased: &mut LeasedIntent) -> Result<String, Stop> {
        let number = self.next_number(leased).await?;
        leased.intent.status_text = std::mem::take(&mut self.checked.warning);
        Ok(number)
    }

    /// Its mark is claimed with the sale.
    async fn claim(&mut self, _: &mut LeasedIntent, _: &String) -> Result<Claim<()>, Stop> {
        Ok(Claim::Ours)
    }

    /// It was looked for by its mark, before it had a number.
    async fn look_before(&mut self, _: &mut LeasedIntent, _: &String) -> Result<Seen, Stop> {
        Ok(Seen::Nothing)
    }

    fn note_content(&self, intent: &mut Intent, now: Timestamp) {
        // Two contents under way under one number: whichever arrives, nobody knows until it is looked at.
        let unsure = intent.sends > 0 && intent.content.as_ref() != Some(&self.content);
        intent.content = Some(self.content.clone()).filter(|_| !unsure);
        intent.customer = Some(self.customer.clone());
        intent.in_doubt = Some(now);
        let meant = Meant::of(&self.place.order).filter(|_| !unsure);
        intent.written = Written {
            under_way: meant.map(|meant| UnderWay {
                meant,
                sent_at: now,
                // However often it is sent: its number keeps it from being there twice.
                sends: 1,
            }),
            held: self.checked.hold,
            uncompared: Some(now),
            ..Written::default()
        };
    }

    async fn send(&self, leased: &LeasedIntent, number: &String) -> Result<(), Fault> {
        let (context, customer, hold) = (self.context, &self.customer, self.checked.hold);
        // Everything that decides the body: an agent refuses a key that comes with another one.
        let refusals = leased.intent.refusals.to_string();
        let mut order = on_hold(self.place.order.as_created(), hold);
        if let Some(reference) = &leased.intent.reference {
            order.reference.clone_from(reference);
        }
        let key = idempotency_key([
            order.reference.as_str(),
            number,
            &customer.text(),
            self.content.as_str(),
            if hold { "hold" } else { "" },
            &refusals,
        ]);
        let request = WriteContext {
            idempotency_key: &key,
            reference_column: &self.orders.reference_column,
            parent: None,
        };
        let create = context
            .write
            .create_order(number, customer, &order, request);
        self.writer.call(context, create).await
    }

    async fn look_after(&mut self, leased: &mut LeasedIntent, _: &String) -> Result<Seen, Stop> {
        let seen = self.look(leased).await;
        // An answer that cannot be read says nothing of what was sent: it is looked at again.
        let seen = seen.map_err(|fault| match fault.class {
            Class::Data | Class::Bug => self.writer.later(fault),
            _ => fault.into(),
        });
        self.taken_in(leased, seen?).await
    }

    fn note_created(&self, intent: &mut Intent, _: &String) {
        intent.content = Some(self.content.clone());
        intent.stage = IntentStage::Done;
        intent.in_doubt = None;
        done_text(intent);
    }

    async fn lose(&mut self, leased: &mut LeasedIntent, _: &String, lost: u32) -> Result<(), Stop> {
        lose_number(&mut leased.intent);
        if lost < MOST_LOST {
            return Ok(());
        }
        Err(refuse(
            "E_ORDER_NUMBERS_TAKEN",
            format!(
                "Sage 100 gave out {lost} order numbers that were in use already. Check the next sales order number in S/O Options, then redrive."
            ),
        ))
    }

    async fn commit(
        &mut self,
        leased: &mut LeasedIntent,
        _: String,
        wrote: bool,
    ) -> Result<(), Stop> {
        if !wrote {
            return self.follow(leased).await;
        }
        let order = &self.place.order;
        self.writer.agree(self.context, order, leased, true).await
    }
}

impl<P: Ports> SageWriter<'_, P> {
    /// Makes sure that the order is in Sage, once.
    pub(in crate::sage_writer) async fn ensure_order(
        &self,
        context: &JobContext<'_, P>,
        leased: &mut LeasedIntent,
        place: &PlaceOrder,
        customer: SageKey,
    ) -> Result<(), Stop> {
        let mut order = OrderOnce {
            writer: self,
            context,
            orders: context.orders()?,
            place,
            customer,
            content: place.content(),
            checked: Checked::default(),
        };
        self.create_once(context, leased, &mut order).await
    }

    /// Whether a create may still arrive: a second one, or a cancellation, would not be the last word.
    pub(in crate::sage_writer) fn is_under_way(
        &self,
        leased: &mut LeasedIntent,
    ) -> Result<(), Stop> {
        let now = self.clock.now();
        if let Some(over) = may_arrive_until(&leased.intent, now) {
            let why = "An order may still be on its way to Sage 100; it is looked for again when it must be there.";
            // Looked for often: an order that people delete before anybody saw it leaves nothing to be found.
            let next = now.saturating_add(LOOK_AGAIN);
            let next = next.map_or(over, |next| next.min(over));
            return Err(Stop::back("E_ORDER_UNDER_WAY", why, Some(next)));
        }
        leased.intent.in_doubt = None;
        Ok(())
    }
}

fn on_hold(mut order: SaleOrder, hold: bool) -> SaleOrder {
    if hold {
        let status = Value::text("H");
        order.header.insert("OrderStatus".to_owned(), status);
    }
    order
}
