//! The create itself, between two saves: before it, that it may be on its way; after it, that it is there.

use counterpart_domain::sale::SaleOrder;
use counterpart_domain::{Class, Fault, SageKey, Value};

use super::content::content_of;
use super::context::{JobContext, idempotency_key};
use super::find::Found;
use super::leased_intent::LeasedIntent;
use super::place::{done_text, several, unmarked};
use super::stop::{Stop, wrote_nothing};
use super::{SagePorts, SageWriter};
use crate::job::PlaceOrder;
use crate::ports::{Clock as _, SageWrite as _, WriteContext};
use crate::written::{Meant, UnderWay, Written};
use crate::{Intent, IntentStage, Outcome};

/// What became of a create.
pub(super) enum Sent {
    /// It is there, with this content.
    Done,
    /// It is there, of an earlier try.
    Found,
    /// The number is another's.
    Taken,
}

impl<P: SagePorts> SageWriter<'_, P> {
    pub(super) async fn send(
        &self,
        context: &JobContext<'_, P>,
        place: &PlaceOrder,
        leased: &mut LeasedIntent,
        customer: &SageKey,
        hold: bool,
    ) -> Result<Sent, Stop> {
        let orders = context.orders()?;
        self.acquire_slot(context).await?;
        let content = content_of(&place.order);
        let before = leased.intent.clone();
        let intent = &mut leased.intent;
        // Two contents under way under one number: whichever arrives, nobody knows until it is looked at.
        let unsure = before.sends > 0 && before.content.as_ref() != Some(&content);
        intent.content = Some(content.clone()).filter(|_| !unsure);
        intent.customer = Some(customer.clone());
        intent.stage = IntentStage::Sent;
        intent.code = None;
        intent.sent_at = intent.sent_at.or_else(|| Some(self.clock.now()));
        intent.in_doubt = Some(self.clock.now());
        intent.sends += 1;
        let sent_at = self.clock.now();
        intent.written = Written {
            under_way: Meant::of(&place.order)
                .filter(|_| !unsure)
                .map(|meant| UnderWay {
                    meant,
                    sent_at,
                    // However often it is sent: its number keeps it from being there twice.
                    sends: 1,
                }),
            held: hold,
            uncompared: Some(sent_at),
            ..Written::default()
        };
        self.save(context, leased).await?;
        // Whoever stood still meanwhile sends nothing any more: another worker has gone on from what is stored.
        self.acquire_slot(context).await?;
        let number = leased.intent.number.clone().unwrap_or_default();
        // Everything that decides the body: an agent refuses a key that comes with another one.
        let refusals = leased.intent.refusals.to_string();
        let reference = leased.intent.reference.as_ref();
        let key = idempotency_key([
            reference.unwrap_or(&place.order.reference).as_str(),
            &number,
            &customer.text(),
            content.as_str(),
            if hold { "hold" } else { "" },
            &refusals,
        ]);
        let request = WriteContext {
            idempotency_key: &key,
            reference_column: &orders.reference_column,
        };
        let mut order = on_hold(place.order.as_created(), hold);
        if let Some(reference) = &leased.intent.reference {
            order.reference.clone_from(reference);
        }
        let create = context
            .write
            .create_order(&number, customer, &order, request);
        match self.call(context, create).await {
            Ok(()) => {
                leased.intent.content = Some(content);
                leased.intent.stage = IntentStage::Done;
                leased.intent.in_doubt = None;
                done_text(leased);
                context.effect.set(Some(Outcome::Created));
                self.save(context, leased).await?;
                Ok(Sent::Done)
            }
            Err(fault) if fault.code == "E_SAGE_ALREADY_EXISTS" => {
                self.already_there(context, leased, fault).await
            }
            Err(fault) if fault.class == Class::Data => {
                leased.intent.refusals += 1;
                // One that was sent before it cannot arrive any more.
                leased.intent.in_doubt = None;
                leased.intent.sent_at = None;
                Err(Stop::Refused(fault))
            }
            Err(fault) if wrote_nothing(&fault) => {
                self.undo(context, leased, before).await?;
                Err(fault.into())
            }
            Err(fault) => self.look_at_once(context, leased, fault).await,
        }
    }

    /// Sage said for certain that nothing was written: the intent is as it was before.
    pub(super) async fn undo(
        &self,
        context: &JobContext<'_, P>,
        leased: &mut LeasedIntent,
        before: Intent,
    ) -> Result<(), Fault> {
        leased.intent = Intent {
            rev: leased.intent.rev,
            ..before
        };
        self.save(context, leased).await
    }

    /// The number is in use: by our own create, whose answer was lost, or by another's order.
    async fn already_there(
        &self,
        context: &JobContext<'_, P>,
        leased: &mut LeasedIntent,
        fault: Fault,
    ) -> Result<Sent, Stop> {
        let column = &context.orders()?.reference_column;
        match self.find_sent(context, leased, column).await? {
            Found::Ours(order) => {
                self.adopt(context, leased, &order).await?;
                Ok(Sent::Found)
            }
            Found::Several(numbers) => Err(several(leased, &numbers)),
            Found::Unmarked(order) => Err(unmarked(leased, &order, column)),
            Found::Anothers => Ok(Sent::Taken),
            // Somebody is at it just now, perhaps our own create of before.
            Found::Nothing => Err(self.later_since(leased, fault)),
        }
    }

    /// The answer is missing. If the order is there already, that is the answer; otherwise it is looked for again before
    /// anything is sent once more: a create that timed out may still be at work.
    async fn look_at_once(
        &self,
        context: &JobContext<'_, P>,
        leased: &mut LeasedIntent,
        fault: Fault,
    ) -> Result<Sent, Stop> {
        let column = &context.orders()?.reference_column;
        match self.find_sent(context, leased, column).await? {
            Found::Ours(order) => {
                self.adopt(context, leased, &order).await?;
                Ok(Sent::Found)
            }
            _ => Err(self.later_since(leased, fault)),
        }
    }

    /// Looks for what was just sent. An answer that cannot be read says nothing of it: it is looked at again.
    async fn find_sent(
        &self,
        context: &JobContext<'_, P>,
        leased: &LeasedIntent,
        column: &str,
    ) -> Result<Found, Stop> {
        let found = self.find(context, &leased.intent, column).await;
        found.map_err(|fault| match fault.class {
            Class::Data | Class::Bug => self.later(fault),
            _ => fault.into(),
        })
    }
}

fn on_hold(mut order: SaleOrder, hold: bool) -> SaleOrder {
    if hold {
        let status = Value::text("H");
        order.header.insert("OrderStatus".to_owned(), status);
    }
    order
}
