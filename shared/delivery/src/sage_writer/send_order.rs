//! The create itself, between two saves: before it, that it may be on its way; after it, that it is there.

use counterpart_domain::sale::SaleOrder;
use counterpart_domain::{Class, Fault, SageKey, Value};

use super::content::content_of;
use super::desk::{Desk, idempotency_key};
use super::find::Found;
use super::held::Held;
use super::stop::{Stop, wrote_nothing};
use super::words::{done_text, several, unmarked};
use super::{PAUSE, SageWriter};
use crate::job::PlaceOrder;
use crate::not_done::NotDone;
use crate::ports::WriteContext;
use crate::ports::prelude::*;
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

impl<P: Ports> SageWriter<'_, P> {
    pub(super) async fn send(
        &self,
        desk: &Desk<'_, P>,
        place: &PlaceOrder,
        held: &mut Held,
        customer: &SageKey,
        hold: bool,
    ) -> Result<Sent, Stop> {
        let orders = desk.orders()?;
        self.sit(desk).await?;
        let content = content_of(&place.order);
        let before = held.intent.clone();
        let intent = &mut held.intent;
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
        self.save(desk, held).await?;
        // Whoever stood still meanwhile sends nothing any more: another worker has gone on from what is stored.
        self.sit(desk).await?;
        let number = held.intent.number.clone().unwrap_or_default();
        // Everything that decides the body: an agent refuses a key that comes with another one.
        let refusals = held.intent.refusals.to_string();
        let reference = held.intent.reference.as_ref();
        let key = idempotency_key([
            reference.unwrap_or(&place.order.reference).as_str(),
            &number,
            &customer.text(),
            content.as_str(),
            if hold { "hold" } else { "" },
            &refusals,
        ]);
        let context = WriteContext {
            idempotency_key: &key,
            reference_column: &orders.reference_column,
        };
        let mut order = on_hold(place.order.as_created(), hold);
        if let Some(reference) = &held.intent.reference {
            order.reference.clone_from(reference);
        }
        let create = desk.write.create_order(&number, customer, &order, context);
        match self.call(desk, create).await {
            Ok(()) => {
                held.intent.content = Some(content);
                held.intent.stage = IntentStage::Done;
                held.intent.in_doubt = None;
                done_text(held);
                desk.effect.set(Some(Outcome::Created));
                self.save(desk, held).await?;
                Ok(Sent::Done)
            }
            Err(fault) if fault.code == "E_SAGE_ALREADY_EXISTS" => {
                self.already_there(desk, held, fault).await
            }
            Err(fault) if fault.class == Class::Data => {
                held.intent.refusals += 1;
                // One that was sent before it cannot arrive any more.
                held.intent.in_doubt = None;
                held.intent.sent_at = None;
                Err(Stop::Refused(fault))
            }
            Err(fault) if wrote_nothing(&fault) => {
                self.undo(desk, held, before).await?;
                Err(fault.into())
            }
            Err(fault) => self.look_at_once(desk, held, fault).await,
        }
    }

    /// Sage said for certain that nothing was written: the intent is as it was before.
    pub(super) async fn undo(
        &self,
        desk: &Desk<'_, P>,
        held: &mut Held,
        before: Intent,
    ) -> Result<(), Fault> {
        held.intent = Intent {
            rev: held.intent.rev,
            ..before
        };
        self.save(desk, held).await
    }

    /// The number is in use: by our own create, whose answer was lost, or by another's order.
    async fn already_there(
        &self,
        desk: &Desk<'_, P>,
        held: &mut Held,
        fault: Fault,
    ) -> Result<Sent, Stop> {
        let column = &desk.orders()?.reference_column;
        match self.find_sent(desk, held, column).await? {
            Found::Ours(order) => {
                self.adopt(desk, held, &order).await?;
                Ok(Sent::Found)
            }
            Found::Several(numbers) => Err(several(held, &numbers)),
            Found::Unmarked(order) => Err(unmarked(held, &order, column)),
            Found::Anothers => Ok(Sent::Taken),
            // Somebody is at it just now, perhaps our own create of before.
            Found::Nothing => Err(self.later_since(held, fault)),
        }
    }

    /// The answer is missing. If the order is there already, that is the answer; otherwise it is looked for again before
    /// anything is sent once more: a create that timed out may still be at work.
    async fn look_at_once(
        &self,
        desk: &Desk<'_, P>,
        held: &mut Held,
        fault: Fault,
    ) -> Result<Sent, Stop> {
        let column = &desk.orders()?.reference_column;
        match self.find_sent(desk, held, column).await? {
            Found::Ours(order) => {
                self.adopt(desk, held, &order).await?;
                Ok(Sent::Found)
            }
            _ => Err(self.later_since(held, fault)),
        }
    }

    /// Looks for what was just sent. An answer that cannot be read says nothing of it: it is looked at again.
    async fn find_sent(
        &self,
        desk: &Desk<'_, P>,
        held: &Held,
        column: &str,
    ) -> Result<Found, Stop> {
        let found = self.find(desk, &held.intent, column).await;
        found.map_err(|fault| match fault.class {
            Class::Data | Class::Bug => self.later(fault),
            _ => fault.into(),
        })
    }

    /// Back to the queue for a while, whatever the class of the fault.
    pub(super) fn later(&self, fault: Fault) -> Stop {
        let until = self.clock.now().saturating_add(self.jittered(PAUSE)).ok();
        NotDone::trouble(fault, until).into()
    }

    /// The same for what was sent without an answer: the longer that has been so, the longer is the while.
    pub(super) fn later_since(&self, held: &Held, fault: Fault) -> Stop {
        let until = self.clock.now().saturating_add(self.jittered(PAUSE)).ok();
        NotDone {
            since: held.intent.sent_at,
            ..NotDone::trouble(fault, until)
        }
        .into()
    }
}

fn on_hold(mut order: SaleOrder, hold: bool) -> SaleOrder {
    if hold {
        let status = Value::text("H");
        order.header.insert("OrderStatus".to_owned(), status);
    }
    order
}
