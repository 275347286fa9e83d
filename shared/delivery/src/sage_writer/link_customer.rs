//! A person says which customer of Sage an account is, by entering its key there. Sage's record is brought over, and the CRM
//! writer finds the account by that key.

use counterpart_domain::{CrmId, SageKey};

use super::context::JobContext;
use super::create_once::prepare::lose_number;
use super::leases::LeasedIntent;
use super::stop::{Stop, refuse};
use super::{JobsReport, SageWriter};
use crate::job::LinkCustomer;
use crate::not_done::NotDone;
use crate::ports::prelude::*;
use crate::{IntentStage, LinkWrite};

impl<P: Ports> SageWriter<'_, P> {
    pub(super) async fn link_customer(
        &self,
        context: &JobContext<'_, P>,
        link: &LinkCustomer,
        report: &mut JobsReport,
    ) -> Result<(), NotDone> {
        let mut leased = match self.lease_intent(context, &link.intent).await {
            Ok(leased) => leased,
            Err(stop) => return self.give_up(context, stop, report).await,
        };
        leased.show_on(&link.shown);
        let brought = self.bring_over(context, &mut leased, link).await;
        self.finish(context, &mut leased, brought, report).await
    }

    async fn bring_over(
        &self,
        context: &JobContext<'_, P>,
        leased: &mut LeasedIntent,
        named: &LinkCustomer,
    ) -> Result<(), Stop> {
        if leased.intent.stage == IntentStage::Done {
            return Ok(());
        }
        let (key, root) = (&named.key, &named.intent.root);
        let (answer, there) = self.read(context, key).await?;
        let Some(there) = there else {
            return Err(refuse(
                "E_CUSTOMER_NOT_IN_SAGE",
                format!(
                    "Sage 100 has no customer {key}, which the account names. Enter the right key, or clear the field to have the customer created."
                ),
            ));
        };
        // The number that was reserved for it is not used.
        if let Some(own) = self.store.key_of(&context.job.target, root).await?
            && own != *key
        {
            self.give_up_key(context, &own, root).await?;
        }
        self.hand_over(context, key, root, named.instead_of.as_ref())
            .await?;
        self.fan_out(context, &answer, &there, |target| {
            *target == context.job.target
        })
        .await?;
        // They wait on until the CRM writer has found the account.
        self.call_children(context, leased).await?;
        lose_number(&mut leased.intent);
        let intent = &mut leased.intent;
        intent.customer = None;
        intent.code = None;
        intent.status_text.clear();
        Ok(())
    }

    /// A customer whose account is gone from the CRM is written there anew, in full and by its key.
    async fn hand_over(
        &self,
        context: &JobContext<'_, P>,
        key: &SageKey,
        root: &CrmId,
        gone: Option<&CrmId>,
    ) -> Result<(), Stop> {
        self.update_link(context, key, |link| {
            let Some(owner) = &link.crm_id else {
                return Ok(None);
            };
            if owner == root || (Some(owner) == gone && link.dirty) {
                return Ok(None);
            }
            if Some(owner) != gone {
                return Err(belongs_to(key, owner));
            }
            Ok(Some(LinkWrite::dirty(link, self.clock.now())))
        })
        .await
    }
}

fn belongs_to(key: &SageKey, account: &CrmId) -> Stop {
    refuse(
        "E_CUSTOMER_OF_ANOTHER",
        crate::job::of_another(key, account),
    )
}
