//! Links of records that changed in a CRM since: what they say was written there last may not be it.

use counterpart_config::EntityConfig;
use counterpart_domain::reconcile::FieldOwner;
use counterpart_domain::{Class, CrmId, Fault, digest_of};

use super::Restored;
use crate::bidirectional::policy_of;
use crate::ports::ChangedId;
use crate::ports::prelude::*;
use crate::{Link, LinkWrite, PutLink, Stage};

impl<P: Ports> Restored<'_, P> {
    /// Has the links of records forget what was last written to the CRM of the fields that are Sage's: the next time that the
    /// record is read in Sage, they are all written again. Of fields that both may change nothing is forgotten, since an edit
    /// in the CRM could not be told from what we wrote.
    pub(super) async fn doubt(&self, module: &str, page: &[ChangedId]) -> Result<(), Fault> {
        let mut entities = self.settings.entities.values();
        let Some(entity) = entities.find(|entity| entity.module == module) else {
            return Ok(());
        };
        for one in page.iter().filter(|one| !one.deleted) {
            self.doubt_one(entity, &one.id).await?;
        }
        Ok(())
    }

    async fn doubt_one(&self, entity: &EntityConfig, id: &CrmId) -> Result<(), Fault> {
        let Some(key) = self.store.key_of(self.target, id).await? else {
            return Ok(());
        };
        let link = self.store.link(self.target, &key).await?;
        let Some(link) = link.filter(|link| link.stage == Stage::Linked && !link.key_unwritten)
        else {
            return Ok(());
        };
        let now = self.clock.now();
        let link = Link {
            updated_at: now,
            ..doubted(link, entity)
        };
        match self.store.put_link(&LinkWrite::in_place(link)).await? {
            PutLink::Stored(_) => Ok(()),
            PutLink::Lost(_) | PutLink::IdTaken(_) | PutLink::TooLarge(_) => {
                let message =
                    format!("{key} is being written. Stop the functions, then repeat this.");
                Err(Fault::new(
                    Class::Transient,
                    "E_RESTORE_RECORD_BUSY",
                    message,
                ))
            }
        }
    }
}

/// A link that says of Sage's fields neither what the CRM holds nor by which mapping.
fn doubted(mut link: Link, entity: &EntityConfig) -> Link {
    let policy = policy_of(entity, Some(&link)).into_owned();
    link.shadow
        .retain(|field, _| policy.rule(field).owner != FieldOwner::Sage);
    link.mapping_version = digest_of(["restored"]);
    link.rep_version = digest_of(["restored"]);
    link
}
