//! What both sides hold of a link.

use counterpart_config::EntityConfig;
use counterpart_domain::{CrmId, Fault, Fields, Record, SageKey};

use super::{LINK_CODES, Relink, refused};
use crate::bidirectional::compared_fields;
use crate::intent::{IntentId, IntentKind};
use crate::ports::prelude::*;
use crate::ports::{DocumentQuery, Parked};
use crate::{Link, OutcomeItem};

/// Outcomes that are looked through for what people did.
const HISTORY: usize = 100;

/// What Sage says.
#[derive(Debug, Clone, PartialEq)]
pub enum SageSide {
    /// It has no such record.
    Missing,
    /// It could not be asked, or the record cannot be read.
    Unread(Fault),
    /// The record as it is.
    Held(Box<Record>),
}

/// What the CRM says.
#[derive(Debug, Clone, PartialEq)]
pub enum CrmSide {
    /// Nothing is linked.
    None,
    /// The record is not there, or nobody like us may see it.
    Gone,
    /// It could not be asked.
    Unread(Fault),
    /// The mapped fields and the key field as they are.
    Held(Fields),
}

/// What the CRM has below a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Below {
    /// Linked records below it.
    pub children: usize,
    /// Sales that name the account.
    pub sales: usize,
}

/// A link, and what both sides hold of it.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkView {
    /// The key.
    pub key: SageKey,
    /// The link; none: nothing is known of the key.
    pub link: Option<Link>,
    /// The record that was asked for, where it is not the one that is linked (any more).
    pub former: Option<CrmId>,
    /// Sage's record.
    pub sage: SageSide,
    /// What the mapping makes of it, by the CRM's fields.
    pub mapped: Fields,
    /// The CRM's record.
    pub crm: CrmSide,
    /// The name of the CRM's key field.
    pub key_field: String,
    /// What is parked of either.
    pub parked: Vec<Parked>,
    /// What is below it; none where the CRM does not tell.
    pub below: Option<Below>,
    /// What people did to the link, newest first, as far as the ledger has it.
    pub history: Vec<OutcomeItem>,
}

impl<P: Ports> Relink<'_, P> {
    /// The key that a record of the CRM is linked to, or was.
    ///
    /// # Errors
    /// `E_LINK_NONE` (class data) when it never was; when the store cannot be read.
    pub async fn key_of(&self, id: &CrmId) -> Result<SageKey, Fault> {
        let key = self.store.key_of(self.target, id).await?;
        key.ok_or_else(|| {
            refused(
                "E_LINK_NONE",
                format!("Record {id} of {} is linked to nothing.", self.target),
            )
        })
    }

    /// Everything about one key. `asked`: the record by which it was found.
    ///
    /// # Errors
    /// When the store cannot be read. That a system does not answer is part of the answer.
    pub async fn view(&self, key: &SageKey, asked: Option<&CrmId>) -> Result<LinkView, Fault> {
        let entity = self.entity(key)?;
        let link = self.store.link(self.target, key).await?;
        let id = link.as_ref().and_then(|link| link.crm_id.clone());
        let sage = self.sage_side(key).await;
        let crm = match &id {
            None => CrmSide::None,
            Some(id) => self.crm_side(entity, id).await,
        };
        let mut ids = vec![key.storage()];
        ids.extend(id.iter().chain(asked).map(|id| {
            let intent = IntentId {
                kind: IntentKind::Record(key.entity),
                root: id.clone(),
            };
            intent.storage()
        }));
        ids.dedup();
        let parked = self.store.parked_among(self.target.as_str(), &ids).await?;
        let history = self.store.history(key, HISTORY).await?.into_iter();
        let by_people = |one: &OutcomeItem| {
            let code = one.code.as_deref();
            one.target == *self.target && code.is_some_and(|code| LINK_CODES.contains(&code))
        };
        // What a CRM does not answer is said beside the rest.
        let below = match (&crm, &id) {
            (CrmSide::None, _) | (_, None) => Some(Below::default()),
            (CrmSide::Held(_), Some(id)) => Some(self.below(key, id).await?),
            (CrmSide::Gone | CrmSide::Unread(_), Some(_)) => None,
        };
        Ok(LinkView {
            key: key.clone(),
            former: asked.filter(|asked| id.as_ref() != Some(*asked)).cloned(),
            mapped: match &sage {
                SageSide::Held(record) => entity.map(key, record).unwrap_or_default().fields,
                SageSide::Missing | SageSide::Unread(_) => Fields::new(),
            },
            link,
            sage,
            crm,
            key_field: entity.key_field.clone(),
            parked: parked.into_iter().flatten().collect(),
            below,
            history: history.filter(by_people).collect(),
        })
    }

    async fn below(&self, key: &SageKey, id: &CrmId) -> Result<Below, Fault> {
        let is_account = key.entity == counterpart_domain::Entity::CUSTOMER;
        let accounts: &[CrmId] = if is_account {
            std::slice::from_ref(id)
        } else {
            &[]
        };
        Ok(Below {
            children: self.count_children(key, id).await?,
            sales: self.count_sales(accounts).await?,
        })
    }

    async fn sage_side(&self, key: &SageKey) -> SageSide {
        match self.agent.records(std::slice::from_ref(key)).await {
            Err(fault) => SageSide::Unread(fault),
            Ok(answer) => match answer.records.into_iter().next() {
                None => SageSide::Missing,
                Some(one) => one
                    .record
                    .map_or_else(SageSide::Unread, |record| SageSide::Held(Box::new(record))),
            },
        }
    }

    /// The linked record, as far as both sides are compared by it.
    async fn crm_side(&self, entity: &EntityConfig, id: &CrmId) -> CrmSide {
        let mut fields = compared_fields(entity);
        fields.push(entity.key_field.clone());
        let query = DocumentQuery {
            module: entity.module.clone(),
            fields,
            lines: None,
        };
        match self.crm.document(&query, id).await {
            Err(fault) => CrmSide::Unread(fault),
            Ok(None) => CrmSide::Gone,
            Ok(Some(document)) => CrmSide::Held(document.fields),
        }
    }
}
