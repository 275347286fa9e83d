//! Asking Sage.

use counterpart_config::{CreditZero, TargetConfig};
use counterpart_domain::sale::{ItemStock, ItemType, is_same_code};
use counterpart_domain::{Class, Company, Entity, Fault, SageKey, TargetName};

use super::Lookup;
use super::question::Question;
use super::reply::{Credit, Found, Unknown};
use crate::ingress::HookSecrets;
use crate::ports::prelude::*;

impl<P, A, H> Lookup<'_, P, A, H>
where
    P: Ports,
    A: AsyncFn(&Company) -> Result<P::Agent, Fault>,
    H: HookSecrets,
{
    /// What Sage says; the fault of whoever did not answer.
    pub(super) async fn ask(
        &self,
        name: &TargetName,
        target: &TargetConfig,
        question: &Question,
    ) -> Result<Found, Fault> {
        match question {
            Question::Credit { account } => {
                let Some(customer) = self.customer(name, target, account).await? else {
                    return Ok(Found::Nothing(Unknown::NotLinked));
                };
                let sage = (self.agents)(&customer.company).await?;
                let credit = sage.credit(&customer).await?;
                let zero = target.orders.as_ref().map(|orders| orders.credit_zero);
                Ok(match credit {
                    Some(credit) => Found::Credit(Credit {
                        unlimited: credit.limit.is_zero() && zero != Some(CreditZero::None),
                        customer,
                        credit,
                    }),
                    None => Found::Nothing(Unknown::NoCustomer),
                })
            }
            Question::Stock { company, item } => {
                let sage = (self.agents)(company).await?;
                let codes = std::slice::from_ref(item);
                let rows = sage.stock(company, codes).await?.value;
                let rows: Vec<ItemStock> = rows
                    .into_iter()
                    .filter(|row| is_same_code(&row.item, item))
                    .collect();
                // Without a row there may be no stock, or no item.
                if rows.is_empty() {
                    let known = sage
                        .items(company, codes)
                        .await?
                        .into_iter()
                        .next()
                        .flatten();
                    match known.map(|item| item.item_type) {
                        Some(ItemType::Regular) => {}
                        Some(_) => return Ok(Found::Nothing(Unknown::NoStockKept)),
                        None => return Ok(Found::Nothing(Unknown::NoItem)),
                    }
                }
                Ok(Found::Stock {
                    company: company.clone(),
                    item: item.clone(),
                    rows,
                })
            }
            Question::Price {
                account,
                item,
                quantity,
            } => {
                let Some(customer) = self.customer(name, target, account).await? else {
                    return Ok(Found::Nothing(Unknown::NotLinked));
                };
                let sage = (self.agents)(&customer.company).await?;
                let price = sage.price(&customer, item, *quantity).await?;
                Ok(match price {
                    Some(price) => Found::Price { customer, price },
                    None => Found::Nothing(Unknown::NoPrice),
                })
            }
        }
    }

    /// The customer that an account is linked to, in a company that is still the target's.
    async fn customer(
        &self,
        name: &TargetName,
        target: &TargetConfig,
        account: &counterpart_domain::CrmId,
    ) -> Result<Option<SageKey>, Fault> {
        let key = self
            .store
            .key_of(name, account)
            .await
            .map_err(|fault| Fault {
                class: Class::Transient,
                ..fault
            })?;
        Ok(key.filter(|key| {
            key.entity == Entity::CUSTOMER && target.companies.contains(&key.company)
        }))
    }
}
