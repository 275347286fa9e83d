//! A record that Sage does not know: created there where the policy says so.

use counterpart_config::{CreateInSage, EntityConfig};
use counterpart_domain::entity::KeySource;
use counterpart_domain::{Class, Company, CrmId, Entity, Fault, Fields};
use jiff::SignedDuration;

use super::buyer::{creation_query, held, said_key};
use super::read::id_in;
use super::since_words::is_held;
use super::work::Work;
use super::{OrderTransform, TransformReport};
use crate::Stage;
use crate::disposition::Disposition;
use crate::event::EventSource;
use crate::intent::{IntentId, IntentKind, IntentStage, Shown};
use crate::job::{CreateChild, CreateCustomer, Work as JobWork};
use crate::not_done::{NotDone, look_again};
use crate::ports::Document;
use crate::ports::prelude::*;

impl<P: Ports> OrderTransform<'_, P> {
    /// Takes a record that is linked to nothing. `false`: nothing had to be done.
    pub(super) async fn take_new(
        &self,
        work: &mut Work<'_, P::Crm>,
        entity: Entity,
        config: &EntityConfig,
        report: &mut TransformReport,
    ) -> Result<bool, Disposition> {
        let Some(key_source) = entity.spec().key_source else {
            return Ok(false);
        };
        let Some(create) = &config.to_sage.create else {
            return Ok(false);
        };
        let query = creation_query(config, create);
        let record = work.event.record.clone();
        let Some(document) = self.read(work, &query, &record, report).await? else {
            self.check_hidden(work, report).await?;
            return Ok(false);
        };
        work.event.record = document.id.clone();
        let id = IntentId {
            kind: IntentKind::Record(entity),
            root: document.id.clone(),
        };
        // One with a key is Sage's already, or a copy of one that is.
        let keyed = said_key(&document.fields, Some(&config.key_field)).is_some();
        if keyed || !create.applies(&document.fields) {
            if key_source == KeySource::NextCustomerNumber
                && self
                    .take_named(work, config, create, &document.fields, &id, report)
                    .await?
            {
                return Ok(true);
            }
            if self.unwanted(work, &id).await? {
                return Ok(true);
            }
            if !keyed && entity.parent().is_some() {
                self.remember(work, entity, config, &document.fields)
                    .await?;
            }
            if work.event.source == EventSource::Redrive {
                self.unpark(work, &id).await?;
            }
            return Ok(false);
        }
        let known = self.store.intent(&work.event.target, &id).await?;
        // What an operator sends again may have stopped between the creation and its link.
        let redriven = work.event.source == EventSource::Redrive;
        if let Some(intent) = known.filter(|intent| intent.stage == IntentStage::Done && !redriven)
        {
            self.show(work, &id, intent.rev).await?;
            return Ok(false);
        }
        let shown = Shown {
            module: config.module.clone(),
            id: document.id.clone(),
        };
        if let Err(halt) = self
            .inherit(work, entity, config, &document.id, report)
            .await
        {
            let Disposition::Park(fault) = halt else {
                return Err(halt);
            };
            let company: &Company = &create.company;
            self.refuse(work, &id, company, (&shown, None, None), &fault, report)
                .await?;
            return Ok(true);
        }
        let made = match key_source {
            KeySource::OfName { .. } => {
                self.new_child(work, entity, config, create, &document, &id, &shown, report)
                    .await
            }
            KeySource::NextCustomerNumber => {
                self.new_account(work, config, create, &document, &shown, report)
                    .await
            }
        };
        match made {
            Ok(Some((account, job))) => {
                self.unpark(work, &id).await?;
                self.send_job(work, account, job, report).await?;
                Ok(true)
            }
            Ok(None) => {
                self.remember(work, entity, config, &document.fields)
                    .await?;
                if work.event.source == EventSource::Redrive {
                    self.unpark(work, &id).await?;
                }
                Ok(false)
            }
            Err(Disposition::Park(fault)) => {
                let company: &Company = &create.company;
                self.refuse(work, &id, company, (&shown, None, None), &fault, report)
                    .await?;
                Ok(true)
            }
            Err(later) => Err(later),
        }
    }

    /// An account that is to be a customer.
    async fn new_account(
        &self,
        work: &mut Work<'_, P::Crm>,
        config: &EntityConfig,
        create: &CreateInSage,
        document: &Document,
        shown: &Shown,
        report: &mut TransformReport,
    ) -> Result<Option<(CrmId, JobWork)>, Disposition> {
        self.check_record_age(work, create, Entity::CUSTOMER, document, report)
            .await?;
        let customer = self.new_customer(work, config, create, &document.fields);
        let create = CreateCustomer {
            intent: IntentId {
                kind: IntentKind::Record(Entity::CUSTOMER),
                root: document.id.clone(),
            },
            customer: customer.await?,
            shown: vec![shown.clone()],
        };
        let work = JobWork::CreateCustomer(Box::new(create));
        Ok(Some((document.id.clone(), work)))
    }

    /// A record of an account, such as a contact, once the account is a customer. None: its account is none, and is not about
    /// to be one.
    #[expect(clippy::too_many_arguments, reason = "a record has this many parts")]
    async fn new_child(
        &self,
        work: &mut Work<'_, P::Crm>,
        entity: Entity,
        config: &EntityConfig,
        create: &CreateInSage,
        document: &Document,
        id: &IntentId,
        shown: &Shown,
        report: &mut TransformReport,
    ) -> Result<Option<(CrmId, JobWork)>, Disposition> {
        let fields = &document.fields;
        let account = config
            .parent_field
            .as_ref()
            .and_then(|field| id_in(fields, field));
        let Some(account) = account else {
            return Ok(None);
        };
        let Some(customer) = self.customer_of(work, &account).await? else {
            return self.await_account(work, entity, &account, report).await;
        };
        self.check_record_age(work, create, entity, document, report)
            .await?;
        let lengths = self.lengths(&customer.company, fields.values()).await?;
        let (code, columns) = create
            .child(entity, fields, &lengths)
            .map_err(Disposition::of)?;
        let child = CreateChild {
            intent: id.clone(),
            customer,
            code,
            columns,
            crm: held(config, fields),
            shown: vec![shown.clone()],
        };
        Ok(Some((account, JobWork::CreateChild(Box::new(child)))))
    }

    async fn await_account<T>(
        &self,
        work: &mut Work<'_, P::Crm>,
        entity: Entity,
        account: &CrmId,
        report: &mut TransformReport,
    ) -> Result<Option<T>, Disposition> {
        let is_coming = match self.created_by(work, account, report).await {
            Ok(coming) => coming.is_some(),
            // A person has to decide about the account; what belongs to it follows it then.
            Err(Disposition::Park(fault)) if is_held(&fault) => false,
            // It is told on the account itself.
            Err(Disposition::Park(_)) => true,
            Err(later) => return Err(later),
        };
        if !is_coming {
            return Ok(None);
        }
        Err(self.coming(work, entity).await)
    }

    /// A record looks again whether its account is a customer by now, for as long as children wait for their parents.
    async fn coming(&self, work: &Work<'_, P::Crm>, entity: Entity) -> Disposition {
        let what = entity.spec().in_crm;
        let now = self.clock.now();
        let since = match self.waits_since(work).await {
            Ok(since) => since,
            Err(fault) => return fault.into(),
        };
        let most = SignedDuration::try_from(work.target.parent_deadline)
            .unwrap_or(SignedDuration::from_hours(24));
        if since.is_some_and(|since| now.duration_since(since) > most) {
            return Disposition::park(
                "E_PARENT_MISSING",
                format!(
                    "The {what}'s account has not become a customer of Sage 100. Look at what the account says, then save the {what} again."
                ),
            );
        }
        let fault = Fault::new(
            Class::Transient,
            "E_ACCOUNT_COMING",
            format!(
                "The {what}'s account is about to become a customer of Sage 100; the {what} follows it."
            ),
        );
        let until = look_again(now, since.unwrap_or(work.event.received_at));
        NotDone::turn(fault, until).into()
    }

    /// Notes a record whose account is no customer on the account's intent: it is looked at again once the account is one.
    async fn remember(
        &self,
        work: &Work<'_, P::Crm>,
        entity: Entity,
        config: &EntityConfig,
        fields: &Fields,
    ) -> Result<(), Disposition> {
        let customers = work.target.entities.get(&Entity::CUSTOMER);
        let create = customers.and_then(|customers| customers.to_sage.create.as_ref());
        let account = config
            .parent_field
            .as_ref()
            .and_then(|field| id_in(fields, field));
        let (Some(create), Some(account)) = (create, account) else {
            return Ok(());
        };
        let target = &work.event.target;
        if let Some(key) = self.store.key_of(target, &account).await? {
            match self.store.link(target, &key).await? {
                // Its condition may ask for the key, which is about to be there.
                Some(link) if link.stage == Stage::Linked && link.key_unwritten => {
                    return Err(self.coming(work, entity).await);
                }
                Some(link) if link.stage == Stage::Creating => {}
                _ => return Ok(()),
            }
        }
        let id = IntentId {
            kind: IntentKind::Record(Entity::CUSTOMER),
            root: account,
        };
        // A person says which customer of Sage the account is, or was asked: nobody calls it when the link is there.
        let known = self.store.intent(target, &id).await?;
        let alike = known.and_then(|known| known.alike);
        if alike.is_some_and(|alike| !alike.dismissed) {
            return Err(self.coming(work, entity).await);
        }
        if !self.wait_for(work, entity, &id, &create.company).await? {
            return Err(self.coming(work, entity).await);
        }
        Ok(())
    }

    /// Takes back a refusal of something that is not asked for any more. `false`: there is none.
    async fn unwanted(&self, work: &Work<'_, P::Crm>, id: &IntentId) -> Result<bool, Disposition> {
        let known = self.store.intent(&work.event.target, id).await?;
        if known.is_none_or(|intent| intent.stage != IntentStage::Refused) {
            return Ok(false);
        }
        self.amend(work, id, None, |intent| {
            intent.stage = IntentStage::Open;
            intent.alike = None;
            intent.code = None;
            intent.status_text = String::new();
        })
        .await?;
        self.unpark(work, id).await?;
        Ok(true)
    }
}
