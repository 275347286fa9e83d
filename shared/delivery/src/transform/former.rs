//! A record of the CRM that was linked once: a person moved its link to another record, or took it away. Nothing is made of it
//! by itself, neither here nor in Sage.

use counterpart_config::EntityConfig;
use counterpart_domain::{Class, CrmId, Entity, Fault, SageKey, TargetName};

use super::buyer::{creation_query, said_key};
use super::work::Work;
use super::{OrderTransform, TransformReport};
use crate::disposition::Disposition;
use crate::intent::{IntentId, IntentKind, Shown};
use crate::not_done::NotDone;
use crate::ports::prelude::*;
use crate::{Link, LinkWrite, PutLink};

/// What a person is asked of it.
pub(super) const RELEASED: &str = "E_LINK_RELEASED";

impl<P: Ports> OrderTransform<'_, P> {
    /// Takes an event of it. Where it asks to be created in Sage, a person is asked; who has it redriven says that it is a
    /// record of its own. `false`: nothing had to be done.
    pub(super) async fn take_former(
        &self,
        work: &mut Work<'_, P::Crm>,
        entity: Entity,
        config: &EntityConfig,
        link: &Link,
        report: &mut TransformReport,
    ) -> Result<bool, Disposition> {
        let Some(create) = &config.to_sage.create else {
            return Ok(false);
        };
        let record = work.event.record.clone();
        if work.event.is_answer_to(RELEASED) {
            self.forget_former(link, &record).await?;
            return Box::pin(self.take_new(work, entity, config, report)).await;
        }
        let query = creation_query(config, create);
        let Some(document) = self.read(work, &query, &record, report).await? else {
            self.check_hidden(work, report).await?;
            return Ok(false);
        };
        let keyed = said_key(&document.fields, Some(&config.key_field)).is_some();
        if keyed || !create.applies(&document.fields) {
            return Ok(false);
        }
        let id = IntentId {
            kind: IntentKind::Record(entity),
            root: record.clone(),
        };
        let shown = Shown {
            module: config.module.clone(),
            id: record.clone(),
        };
        let fault = asked(&work.event.target, entity, &record, &link.key);
        let company = &create.company;
        self.refuse(work, &id, company, (&shown, None, None), &fault, report)
            .await?;
        Ok(true)
    }

    /// From now on it is a record like any that was never linked.
    async fn forget_former(&self, link: &Link, record: &CrmId) -> Result<(), Disposition> {
        let write = LinkWrite {
            previous_crm_id: Some(record.clone()),
            ..LinkWrite::in_place(link.clone())
        };
        if matches!(self.store.put_link(&write).await?, PutLink::Stored(_)) {
            return Ok(());
        }
        let why = "The link of a record is written by others; it is looked at again.";
        let fault = Fault::new(Class::Transient, "E_LINK_CONTENDED", why);
        Err(NotDone::turn(fault, None).into())
    }
}

fn asked(target: &TargetName, entity: Entity, record: &CrmId, key: &SageKey) -> Fault {
    let what = entity.spec().in_crm;
    Fault::new(
        Class::Data,
        RELEASED,
        format!(
            "A person took the link between this {what} and {key} of Sage 100 away. Nothing is created by itself: link the {what} again (`counterpart link move {target} {record} COMPANY:KEY`), or redrive, if it is to be a {entity} of its own in Sage 100."
        ),
    )
}
