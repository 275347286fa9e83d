//! Records that only the CRM has: which key they get, and who asks for them.

use counterpart_domain::sale::NewCustomer;
use counterpart_domain::{CrmId, Entity, Fault, SageKey};

use super::context::JobContext;
use super::create_once::alike::decides;
use super::leases::LeasedIntent;
use super::new_record::{KeyFrom, NewRecord};
use super::stop::{Stop, refuse};
use super::{JobsReport, SageWriter};
use crate::CrmEvent;
use crate::event::{Change, EventSource};
use crate::intent::{IntentId, IntentKind, Shown};
use crate::job::{CreateChild, CreateCustomer, PlaceOrder};
use crate::not_done::NotDone;
use crate::ports::prelude::*;
use crate::ports::{Outgoing, QueueName};
use crate::send::{json, send_all};

impl<P: Ports> SageWriter<'_, P> {
    pub(super) async fn create_customer(
        &self,
        context: &JobContext<'_, P>,
        create: &CreateCustomer,
        report: &mut JobsReport,
    ) -> Result<(), NotDone> {
        let new = |decided| of_customer(&create.intent.root, &create.customer, decided);
        self.create_record(context, &create.intent, &create.shown, new, report)
            .await
    }

    pub(super) async fn create_child(
        &self,
        context: &JobContext<'_, P>,
        create: &CreateChild,
        report: &mut JobsReport,
    ) -> Result<(), NotDone> {
        let IntentKind::Record(entity) = create.intent.kind else {
            let stop = refuse(
                "E_KEY_INVALID",
                "An order belongs to no other record of Sage 100.",
            );
            return self.give_up(context, stop, report).await;
        };
        let new = |decided| NewRecord {
            entity,
            id: &create.intent.root,
            columns: &create.columns,
            crm: &create.crm,
            key_from: KeyFrom::Below {
                parent: &create.customer,
                given: create.code.as_deref(),
            },
            decided,
        };
        self.create_record(context, &create.intent, &create.shown, new, report)
            .await
    }

    /// `new`: the record, by whether a person was told of those that look alike.
    async fn create_record<'r>(
        &self,
        context: &JobContext<'_, P>,
        id: &IntentId,
        shown: &[Shown],
        new: impl FnOnce(bool) -> NewRecord<'r>,
        report: &mut JobsReport,
    ) -> Result<(), NotDone> {
        let mut leased = match self.lease_intent(context, id).await {
            Ok(leased) => leased,
            Err(stop) => return self.give_up(context, stop, report).await,
        };
        leased.show_on(shown);
        let new = new(decides(&context.job.event, &leased));
        let made = self.ensure_record(context, &mut leased, &new).await;
        self.finish(context, &mut leased, made.map(drop), report)
            .await
    }

    /// The customer of an order whose account may be none yet: created first, by the same protocol.
    pub(super) async fn customer_first(
        &self,
        context: &JobContext<'_, P>,
        place: &PlaceOrder,
        order: &LeasedIntent,
    ) -> Result<SageKey, Stop> {
        let sale = &place.order.customer;
        let id = IntentId {
            kind: IntentKind::Record(Entity::CUSTOMER),
            root: sale.account.clone(),
        };
        let mut leased = self.lease_intent(context, &id).await?;
        let Some(customer) = &sale.create else {
            let linked = self
                .linked(context, Entity::CUSTOMER, &sale.account)
                .await?;
            return linked.ok_or_else(|| {
                refuse(
                    "E_ORDER_NO_CUSTOMER",
                    format!(
                        "The account is linked to no customer of Sage 100. Link it (`counterpart link move {} {} COMPANY:KEY`), then redrive.",
                        context.job.target, sale.account
                    ),
                )
            });
        };
        let decided = decides(&context.job.event, order);
        let new = of_customer(&sale.account, customer, decided);
        let made = self.ensure_record(context, &mut leased, &new).await;
        match made {
            Ok(key) => {
                // The account shows its number as well, if it was made here.
                if leased.stored.is_some() {
                    let mut report = JobsReport::default();
                    leased.show_on(&account_of(context, &sale.account));
                    self.finish(context, &mut leased, Ok(()), &mut report)
                        .await?;
                }
                Ok(key)
            }
            Err(Stop::Back(not_done)) => Err(Stop::Back(not_done)),
            Err(Stop::Refused(fault)) => {
                let stop = Stop::Refused(for_order(&fault));
                self.end_customer(context, &mut leased, Stop::Refused(fault))
                    .await?;
                Err(stop)
            }
            Err(Stop::Ambiguous(fault)) => {
                let stop = Stop::Refused(for_order(&fault));
                self.end_customer(context, &mut leased, Stop::Ambiguous(fault))
                    .await?;
                Err(stop)
            }
        }
    }

    /// The records that waited for their account are looked at again.
    pub(super) async fn call_children(
        &self,
        context: &JobContext<'_, P>,
        leased: &mut LeasedIntent,
    ) -> Result<(), Fault> {
        let now = self.clock.now();
        let event = |module: &str, record: &CrmId| {
            CrmEvent::new(
                self.clock.new_id(),
                context.job.event.target.clone(),
                module.to_owned(),
                record.clone(),
                Change::Unknown,
                EventSource::Comparison,
                now,
            )
        };
        let entities = &context.target.entities;
        let events = leased.intent.waiting.iter().filter_map(|waiting| {
            let config = entities.get(&waiting.entity)?;
            Some(json(&event(&config.module, &waiting.id)).map(Outgoing::now))
        });
        let events = events.collect::<Result<Vec<_>, Fault>>()?;
        send_all(self.queue, self.clock, &QueueName::CrmEvents, events).await?;
        // What is not mapped for now waits on: it may be mapped again.
        let waiting = &mut leased.intent.waiting;
        waiting.retain(|waiting| !entities.contains_key(&waiting.entity));
        Ok(())
    }

    async fn end_customer(
        &self,
        context: &JobContext<'_, P>,
        leased: &mut LeasedIntent,
        stop: Stop,
    ) -> Result<(), NotDone> {
        let mut report = JobsReport::default();
        self.finish(context, leased, Err(stop), &mut report).await
    }
}

/// What the sales person reads on the order when it is the customer that fails.
fn for_order(fault: &Fault) -> Fault {
    Fault {
        message: format!(
            "The customer could not be created in Sage 100: {}",
            fault.message
        ),
        ..fault.clone()
    }
}

fn of_customer<'a>(account: &'a CrmId, customer: &'a NewCustomer, decided: bool) -> NewRecord<'a> {
    NewRecord {
        entity: Entity::CUSTOMER,
        id: account,
        columns: &customer.columns,
        crm: &customer.crm,
        key_from: KeyFrom::Next {
            division: &customer.division,
            given: customer.number.as_deref(),
        },
        decided,
    }
}

/// The account's record, where accounts are mapped.
fn account_of<P: Ports>(context: &JobContext<'_, P>, account: &CrmId) -> Vec<Shown> {
    let entity = context.target.entities.get(&Entity::CUSTOMER);
    let shown = entity.map(|entity| Shown {
        module: entity.module.clone(),
        id: account.clone(),
    });
    shown.into_iter().collect()
}
