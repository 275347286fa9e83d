//! An account that a person gave the key of a customer of Sage, because it was said that Sage may hold it already.

use counterpart_config::{CreateInSage, EntityConfig};
use counterpart_domain::{Company, Entity, Fields, SageKey};

use super::buyer::{creation_query, said_key};
use super::work::Work;
use super::{OrderTransform, TransformReport};
use crate::disposition::Disposition;
use crate::intent::{IntentId, IntentStage, Shown};
use crate::job::{LinkCustomer, Work as JobWork, of_another};
use crate::ports::prelude::*;

impl<P: Ports> OrderTransform<'_, P> {
    /// Has the customer brought over whose key an account names, where its own creation waits for a person. `false`: it does
    /// not.
    pub(super) async fn take_named(
        &self,
        work: &mut Work<'_, P::Crm>,
        config: &EntityConfig,
        create: &CreateInSage,
        fields: &Fields,
        id: &IntentId,
        report: &mut TransformReport,
    ) -> Result<bool, Disposition> {
        let Some(said) = said_key(fields, Some(&config.key_field)) else {
            return Ok(false);
        };
        let known = self.store.intent(&work.event.target, id).await?;
        let waits = known.is_some_and(|intent| {
            let told = intent.alike.is_some_and(|alike| !alike.dismissed);
            told && !matches!(intent.stage, IntentStage::Done | IntentStage::Cancelled)
        });
        if !waits {
            return Ok(false);
        }
        let shown = Shown {
            module: config.module.clone(),
            id: id.root.clone(),
        };
        let link = match self.named(work, config, create, &said, id, report).await {
            Ok((key, instead_of)) => LinkCustomer {
                intent: id.clone(),
                key,
                instead_of,
                shown: vec![shown],
            },
            Err(Disposition::Park(fault)) => {
                self.refuse(
                    work,
                    id,
                    &create.company,
                    (&shown, None, None),
                    &fault,
                    report,
                )
                .await?;
                return Ok(true);
            }
            Err(later) => return Err(later),
        };
        self.unpark(work, id).await?;
        let job = JobWork::LinkCustomer(Box::new(link));
        self.send_job(work, id.root.clone(), job, report).await?;
        Ok(true)
    }

    /// The customer that is meant, and the account that has it so far, where that one is gone from the CRM.
    async fn named(
        &self,
        work: &mut Work<'_, P::Crm>,
        config: &EntityConfig,
        create: &CreateInSage,
        said: &str,
        id: &IntentId,
        report: &mut TransformReport,
    ) -> Result<(SageKey, Option<counterpart_domain::CrmId>), Disposition> {
        let key = key_of(said).filter(|key| work.target.companies.contains(&key.company));
        let Some(key) = key else {
            return Err(Disposition::park(
                "E_KEY_INVALID",
                format!(
                    "{said} is no key of a customer. A key has the company, the division and the number, such as {}:01-ABF.",
                    create.company
                ),
            ));
        };
        let link = self.store.link(&work.event.target, &key).await?;
        let owner = link.and_then(|link| link.crm_id);
        let Some(owner) = owner.filter(|owner| *owner != id.root) else {
            return Ok((key, None));
        };
        let query = creation_query(config, create);
        let there = self.read(work, &query, &owner, report).await?;
        // After a merge its id may lead to this very record.
        if there.is_some_and(|there| there.id != id.root) {
            let sentence = of_another(&key, &owner);
            return Err(Disposition::park("E_CUSTOMER_OF_ANOTHER", sentence));
        }
        Ok((key, Some(owner)))
    }
}

/// `ABC:01-ABF`, whatever the case that a person typed it in: Sage's own letters are capitals.
fn key_of(text: &str) -> Option<SageKey> {
    let text = text.trim().to_uppercase();
    let (company, local) = text.split_once(':')?;
    let company = Company::new(company).ok()?;
    SageKey::new(&company, Entity::CUSTOMER, local).ok()
}
