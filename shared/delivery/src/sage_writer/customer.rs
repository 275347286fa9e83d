//! Records that only the CRM has: which key they get, and who asks for them.

use counterpart_domain::sale::NewCustomer;
use counterpart_domain::{CrmId, Entity, Fault, Fields, SageKey};

use super::alike::decides;
use super::desk::Desk;
use super::held::Held;
use super::making::{Making, Naming};
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
        desk: &Desk<'_, P>,
        create: &CreateCustomer,
        report: &mut JobsReport,
    ) -> Result<(), NotDone> {
        let mut held = match self.hold(desk, &create.intent).await {
            Ok(held) => held,
            Err(stop) => return self.give_up(desk, stop, report).await,
        };
        held.show_on(&create.shown);
        let decided = decides(desk, &held);
        let making = of_customer(&create.intent.root, &create.customer, decided);
        let made = self.make(desk, &mut held, &making).await.map(drop);
        self.conclude(desk, &mut held, made, report).await
    }

    pub(super) async fn create_child(
        &self,
        desk: &Desk<'_, P>,
        create: &CreateChild,
        report: &mut JobsReport,
    ) -> Result<(), NotDone> {
        let mut held = match self.hold(desk, &create.intent).await {
            Ok(held) => held,
            Err(stop) => return self.give_up(desk, stop, report).await,
        };
        held.show_on(&create.shown);
        let IntentKind::Record(entity) = create.intent.kind else {
            let stop = refuse(
                "E_KEY_INVALID",
                "An order belongs to no other record of Sage 100.",
            );
            return self.give_up(desk, stop, report).await;
        };
        let making = Making {
            entity,
            id: &create.intent.root,
            columns: &create.columns,
            crm: &create.crm,
            naming: Naming::Below {
                parent: &create.customer,
                given: create.code.as_deref(),
            },
            decided: false,
        };
        let made = self.make(desk, &mut held, &making).await.map(drop);
        self.conclude(desk, &mut held, made, report).await
    }

    /// The customer of an order: known by now, or created first, by the same protocol.
    pub(super) async fn customer_of(
        &self,
        desk: &Desk<'_, P>,
        place: &PlaceOrder,
        order: &Held,
    ) -> Result<SageKey, Stop> {
        let sale = &place.order.customer;
        let known = sale.key.clone().or_else(|| order.intent.customer.clone());
        let known = known.filter(|_| sale.key.is_some() || order.intent.sends > 0);
        if let Some(key) = known {
            if key.company != *desk.company {
                return Err(refuse(
                    "E_ORDER_COMPANY",
                    format!(
                        "Customer {key} is not of company {}, which the order is for.",
                        desk.company
                    ),
                ));
            }
            return Ok(key);
        }
        let nobody = NewCustomer {
            company: desk.company.clone(),
            division: String::new(),
            number: None,
            columns: Fields::new(),
            crm: Fields::new(),
        };
        let id = IntentId {
            kind: IntentKind::Record(Entity::CUSTOMER),
            root: sale.account.clone(),
        };
        let mut held = self.hold(desk, &id).await?;
        let new = sale.create.as_ref().unwrap_or(&nobody);
        let making = of_customer(&sale.account, new, decides(desk, order));
        if sale.create.is_none() {
            return match self.linked(desk, &making).await? {
                Some(key) => Ok(key),
                None => Err(refuse(
                    "E_ORDER_NO_CUSTOMER",
                    "The account is no customer in Sage 100 yet. Make it one, or link it, then redrive.",
                )),
            };
        }
        let made = self.make(desk, &mut held, &making).await;
        match made {
            Ok(key) => {
                // The account shows its number as well, if it was made here.
                if held.stored.is_some() {
                    let mut report = JobsReport::default();
                    held.show_on(&account_of(desk, &sale.account));
                    self.conclude(desk, &mut held, Ok(()), &mut report).await?;
                }
                Ok(key)
            }
            Err(Stop::Back(not_done)) => Err(Stop::Back(not_done)),
            Err(Stop::Refused(fault)) => {
                let stop = Stop::Refused(for_order(&fault));
                self.end_customer(desk, &mut held, Stop::Refused(fault))
                    .await?;
                Err(stop)
            }
            Err(Stop::Ambiguous(fault)) => {
                let stop = Stop::Refused(for_order(&fault));
                self.end_customer(desk, &mut held, Stop::Ambiguous(fault))
                    .await?;
                Err(stop)
            }
        }
    }

    /// The records that waited for their account are looked at again.
    pub(super) async fn call_children(
        &self,
        desk: &Desk<'_, P>,
        held: &mut Held,
    ) -> Result<(), Fault> {
        let now = self.clock.now();
        let event = |module: &str, record: &CrmId| {
            CrmEvent::new(
                self.clock.new_id(),
                desk.job.event.target.clone(),
                module.to_owned(),
                record.clone(),
                Change::Unknown,
                EventSource::Comparison,
                now,
            )
        };
        let entities = &desk.target.entities;
        // Of what is not mapped any more, nothing is made.
        let events = held.intent.waiting.iter().filter_map(|waiting| {
            let config = entities.get(&waiting.entity)?;
            Some(json(&event(&config.module, &waiting.id)).map(Outgoing::now))
        });
        let events = events.collect::<Result<Vec<_>, Fault>>()?;
        send_all(self.queue, self.clock, &QueueName::CrmEvents, events).await?;
        held.intent.waiting.clear();
        Ok(())
    }

    async fn end_customer(
        &self,
        desk: &Desk<'_, P>,
        held: &mut Held,
        stop: Stop,
    ) -> Result<(), NotDone> {
        let mut report = JobsReport::default();
        self.conclude(desk, held, Err(stop), &mut report).await
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

fn of_customer<'a>(account: &'a CrmId, new: &'a NewCustomer, decided: bool) -> Making<'a> {
    Making {
        entity: Entity::CUSTOMER,
        id: account,
        columns: &new.columns,
        crm: &new.crm,
        naming: Naming::Next {
            division: &new.division,
            given: new.number.as_deref(),
        },
        decided,
    }
}

/// The account's record, where accounts are mapped.
fn account_of<P: Ports>(desk: &Desk<'_, P>, account: &CrmId) -> Vec<Shown> {
    let entity = desk.target.entities.get(&Entity::CUSTOMER);
    let shown = entity.map(|entity| Shown {
        module: entity.module.clone(),
        id: account.clone(),
    });
    shown.into_iter().collect()
}
