//! Who buys: the customer that the account is linked to, or one that is to be created.

use counterpart_config::{CreateInSage, EntityConfig};
use counterpart_domain::sale::{NewCustomer, SaleCustomer, bare_code, is_same_code};
use counterpart_domain::{Company, CrmId, Entity, Fields, SageKey, TargetName, Value};

use super::read::id_in;
use super::work::{Sale, Work};
use super::{OrderTransform, TransformReport};
use crate::bidirectional::compared_fields;
use crate::disposition::Disposition;
use crate::owner::rep_of_user;
use crate::ports::DocumentQuery;
use crate::ports::prelude::*;
use crate::{Link, Stage};

impl<P: Ports> OrderTransform<'_, P> {
    /// The customer of a sale, and the company that the order goes to.
    pub(super) async fn buyer(
        &self,
        work: &mut Work<'_, P::Crm>,
        sale: &Sale<'_>,
        fields: &Fields,
        account: &CrmId,
        report: &mut TransformReport,
    ) -> Result<(Company, SaleCustomer), Disposition> {
        let said = said_key(fields, sale.source.account_key.as_deref());
        if let Some((key, stage)) = self.linked_customer(work, account).await? {
            agree_on_key(&work.event.target, account, said.as_deref(), &key)?;
            let company = key.company.clone();
            let create = match stage {
                Stage::Creating => self.creation_again(work, account, &key, report).await?,
                _ => None,
            };
            let customer = SaleCustomer {
                account: account.clone(),
                key: Some(key).filter(|_| create.is_none()),
                create,
            };
            return Ok((company, customer));
        }
        if let Some(said) = said {
            return Err(Disposition::park(
                "E_CUSTOMER_UNKNOWN",
                format!(
                    "The account says that it is customer {said} of Sage 100, which is linked to no account here. If that is right, have them linked (`counterpart link move {target} {account} {said}`), then redrive; clear the field if it was copied from another account.",
                    target = work.event.target
                ),
            ));
        }
        if let Some(config) = work.target.entities.get(&Entity::CUSTOMER) {
            self.inherit(work, Entity::CUSTOMER, config, account, report)
                .await?;
        }
        let create = self.created_by(work, account, report).await?;
        let create = create.ok_or_else(|| {
            let target = &work.event.target;
            Disposition::park(
                "E_CUSTOMER_UNKNOWN",
                format!(
                    "The account is linked to no customer of Sage 100, and it is not one that is created there by itself. Look in Sage 100 first. If it has this customer, have the two linked (`counterpart link move {target} {account} COMPANY:KEY`), then redrive; if it does not, enter the customer there, then link it."
                ),
            )
        })?;
        let company = create.company.clone();
        let customer = SaleCustomer {
            account: account.clone(),
            key: None,
            create: Some(create),
        };
        Ok((company, customer))
    }

    /// What a customer that is about to be there is made of: its own creation may have been refused, and the sale's then
    /// takes its place. None: only its own can.
    async fn creation_again(
        &self,
        work: &mut Work<'_, P::Crm>,
        account: &CrmId,
        key: &SageKey,
        report: &mut TransformReport,
    ) -> Result<Option<NewCustomer>, Disposition> {
        match self.created_by(work, account, report).await {
            Ok(create) => Ok(create.filter(|create| create.company == key.company)),
            Err(Disposition::Park(_)) => Ok(None),
            Err(later) => Err(later),
        }
    }

    /// The customer that an account is linked to. One that is being created counts: jobs of one account keep their order.
    pub(super) async fn customer_of(
        &self,
        work: &Work<'_, P::Crm>,
        account: &CrmId,
    ) -> Result<Option<SageKey>, Disposition> {
        let linked = self.linked_customer(work, account).await?;
        Ok(linked.map(|(key, _)| key))
    }

    async fn linked_customer(
        &self,
        work: &Work<'_, P::Crm>,
        account: &CrmId,
    ) -> Result<Option<(SageKey, Stage)>, Disposition> {
        let target = &work.event.target;
        let key = self.store.key_of(target, account).await?;
        let Some(key) = key.filter(|key| key.entity == Entity::CUSTOMER) else {
            return Ok(None);
        };
        let link = self.store.link(target, &key).await?;
        if let Some(link) = &link
            && link.crm_id.as_ref() != Some(account)
        {
            return Err(released(target, account, link));
        }
        match link.map(|link| link.stage) {
            Some(Stage::Conflict) => Err(Disposition::park(
                "E_CUSTOMER_IN_CONFLICT",
                format!(
                    "It is in doubt which account customer {key} of Sage 100 belongs to. Have that settled first: `counterpart link show {target} {key}` tells what both sides hold, `counterpart link move {target} {account} {key}` says that it is this account."
                ),
            )),
            Some(Stage::Tombstoned) => Err(Disposition::park(
                "E_CUSTOMER_DELETED",
                format!(
                    "Customer {key} was deleted in Sage 100. Choose another account, or have the customer created anew."
                ),
            )),
            Some(
                stage @ (Stage::Linked
                | Stage::Creating
                | Stage::Excluded
                | Stage::Unwritten
                | Stage::Released),
            ) => Ok(Some((key, stage))),
            None => Ok(None),
        }
    }

    /// The customer that the creation policy makes of an account; none where it makes none.
    pub(super) async fn created_by(
        &self,
        work: &mut Work<'_, P::Crm>,
        account: &CrmId,
        report: &mut TransformReport,
    ) -> Result<Option<NewCustomer>, Disposition> {
        let Some(entity) = work.target.entities.get(&Entity::CUSTOMER) else {
            return Ok(None);
        };
        let Some(create) = &entity.to_sage.create else {
            return Ok(None);
        };
        let query = creation_query(entity, create);
        let Some(document) = self.read(work, &query, account, report).await? else {
            return Ok(None);
        };
        let keyed = said_key(&document.fields, Some(&entity.key_field)).is_some();
        if keyed || !create.applies(&document.fields) {
            return Ok(None);
        }
        self.check_record_age(work, create, Entity::CUSTOMER, &document, report)
            .await?;
        let new = self.new_customer(work, entity, create, &document.fields);
        Ok(Some(new.await?))
    }

    /// A customer of an account's fields, with the salesperson that its owner stands for.
    pub(super) async fn new_customer(
        &self,
        work: &Work<'_, P::Crm>,
        entity: &EntityConfig,
        create: &CreateInSage,
        fields: &Fields,
    ) -> Result<NewCustomer, Disposition> {
        let owner = entity.owner.as_ref();
        let user = owner.and_then(|owner| id_in(fields, &owner.field));
        let mut rep = None;
        // The company may be a field's to say.
        let named = said_key(fields, create.company_field.as_deref());
        let named = named.and_then(|code| Company::new(&code).ok());
        let company = named.unwrap_or_else(|| create.company.clone());
        if let Some(user) = user {
            let target = &work.event.target;
            let found = rep_of_user(self.store, target, &company, &user, None).await;
            rep = Some(found.map_err(Disposition::of)?);
        }
        let lengths = self.lengths(&company, fields.values()).await?;
        let new = create.customer(fields, rep.as_ref(), &lengths);
        Ok(NewCustomer {
            crm: held(entity, fields),
            ..new.map_err(Disposition::of)?
        })
    }
}

/// Refuses an account that names another customer than the one that it is linked to.
fn agree_on_key(
    target: &TargetName,
    account: &CrmId,
    said: Option<&str>,
    key: &SageKey,
) -> Result<(), Disposition> {
    match said.filter(|said| !is_same_code(said, &key.text())) {
        None => Ok(()),
        Some(said) => Err(Disposition::park(
            "E_ACCOUNT_KEY_CONFLICT",
            format!(
                "The account says that it is customer {said} of Sage 100, and it is linked to {key}. Enter {key} there again; or, if {said} is right, have the link moved (`counterpart link move {target} {account} {said}`). Then redrive."
            ),
        )),
    }
}

/// An account whose link a person moved or took away: its sales are for a person as well.
fn released(target: &TargetName, account: &CrmId, link: &Link) -> Disposition {
    let key = &link.key;
    let instead = match &link.crm_id {
        Some(other) => format!("which is account {other} now. Choose that account"),
        None => "which has no account now. Choose the right account".to_owned(),
    };
    Disposition::park(
        "E_ACCOUNT_RELEASED",
        format!(
            "A person took this account's link to customer {key} of Sage 100 away, {instead}, or have this one linked (`counterpart link move {target} {account} COMPANY:KEY`); then redrive."
        ),
    )
}

/// What is read of a record before it is created in Sage: its own key besides, and what both will be compared by.
pub(super) fn creation_query(entity: &EntityConfig, create: &CreateInSage) -> DocumentQuery {
    let mut fields = create.query_fields();
    fields.push(entity.key_field.clone());
    fields.extend(compared_fields(entity));
    fields.sort();
    fields.dedup();
    DocumentQuery {
        module: entity.module.clone(),
        fields,
        lines: None,
    }
}

/// What the CRM holds of the fields that both will be compared by.
pub(super) fn held(entity: &EntityConfig, fields: &Fields) -> Fields {
    let names = compared_fields(entity).into_iter();
    let held = names.filter_map(|name| Some((name.clone(), fields.get(&name)?.clone())));
    entity.compared(&held.collect())
}

/// The text of a field, where it has one.
pub(super) fn said_key(fields: &Fields, field: Option<&str>) -> Option<String> {
    match fields.get(field?)? {
        Value::Blank => None,
        value => Some(value.to_string()).filter(|text| !bare_code(text).is_empty()),
    }
}
