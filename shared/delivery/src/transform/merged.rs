//! Records of the CRM that others were merged into: a link of one of those is theirs.

use counterpart_config::EntityConfig;
use counterpart_domain::{Class, CrmId, Entity, Fault, SageKey};

use super::work::Work;
use super::{OrderTransform, TransformReport};
use crate::disposition::Disposition;
use crate::not_done::{NotDone, look_again};
use crate::ports::prelude::*;
use crate::{Link, LinkWrite, PutLink, Reason, Stage};

impl<P: Ports> OrderTransform<'_, P> {
    /// Looks, before a record is taken for one that Sage does not know, whether one that Sage does know was merged into it.
    /// Then the link follows, the record is written with its key, and the event comes again for what is linked by then.
    pub(super) async fn inherit(
        &self,
        work: &mut Work<'_, P::Crm>,
        entity: Entity,
        config: &EntityConfig,
        id: &CrmId,
        report: &mut TransformReport,
    ) -> Result<(), Disposition> {
        let target = work.event.target.clone();
        let merged = self.merged_into(work, &config.module, id, report).await?;
        for gone in merged {
            let key = self.store.key_of(&target, &gone).await?;
            let Some(key) = key.filter(|key| key.entity == entity) else {
                continue;
            };
            let link = self.store.link(&target, &key).await?;
            let Some(link) = link.filter(|link| link.crm_id.as_ref() == Some(&gone)) else {
                continue;
            };
            return Err(self.pass_on(work, key, link, id).await?);
        }
        Ok(())
    }

    async fn pass_on(
        &self,
        work: &Work<'_, P::Crm>,
        key: SageKey,
        link: Link,
        id: &CrmId,
    ) -> Result<Disposition, Disposition> {
        if link.stage != Stage::Linked {
            return Ok(Disposition::park(
                "E_CRM_MERGED",
                format!(
                    "A record that belongs to {key} was merged into this one, and that one is in doubt, being created or deleted in Sage 100. Settle {key} first, then redrive."
                ),
            ));
        }
        let now = self.clock.now();
        // Sent before the link is stored: whoever takes it too early finds out about the merge by himself.
        let at_once = std::time::Duration::ZERO;
        self.send_stored(work, &link, Reason::Repair, at_once)
            .await?;
        let write = LinkWrite::follow_merge(link, id.clone(), now);
        if matches!(self.store.put_link(&write).await?, PutLink::Stored(_)) {
            tracing::info!(target.name = %work.event.target, record.key = %key, record.id = %id, "a link follows a merge");
        }
        let fault = Fault::new(
            Class::Transient,
            "E_RECORD_RESTLESS",
            format!("The record of {key} was merged into this one, which is written first."),
        );
        let until = look_again(now, work.event.received_at);
        Ok(NotDone::turn(fault, until).into())
    }
}
