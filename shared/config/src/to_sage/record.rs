//! Records that come from the CRM into Sage, and edits of theirs.

use std::collections::BTreeSet;

use counterpart_domain::sale::{NewCustomer, code};
use counterpart_domain::{Company, Entity, Fault, Fields, Record, RepKey, Value};

use super::Lengths;
use super::columns::{Making, fields_of};
use super::fault::{Faults, Subject, Wrong, quoted};
use super::line::text_of;
use super::order::once_each;
use crate::{CreateInSage, ToSage};

/// Whose the sale is.
const CUSTOMER: Entity = Entity::CUSTOMER;

impl CreateInSage {
    /// Every field of the record that is read, each once.
    #[must_use]
    pub fn query_fields(&self) -> Vec<String> {
        let conditions = self.when.iter().map(|one| one.field.clone());
        let named = [self.company_field.clone(), self.number_field.clone()];
        let columns = self.columns.iter().flat_map(fields_of);
        once_each(
            conditions
                .chain(named.into_iter().flatten())
                .chain(columns)
                .collect(),
        )
    }

    /// Whether the record is to be created in Sage.
    #[must_use]
    pub fn applies(&self, fields: &Fields) -> bool {
        !self.when.is_empty() && self.when.iter().all(|one| one.holds(fields))
    }

    /// The customer that an account asks for. `rep`: the salesperson that the account's owner is mapped to.
    ///
    /// # Errors
    /// `E_CUSTOMER_…` (class data), as with [`crate::OrdersConfig::order`].
    pub fn customer(
        &self,
        fields: &Fields,
        rep: Option<&RepKey>,
        lengths: &Lengths,
    ) -> Result<NewCustomer, Fault> {
        let mut faults = Faults::default();
        let mut columns = self.made(CUSTOMER, fields, lengths, &mut faults);
        self.salesperson(&mut columns, rep, &mut faults);
        let company = self.company(fields, &mut faults);
        let number = code(&text_of(fields, self.number_field.as_ref()));
        let of_number = CUSTOMER.spec().key.last();
        let most = of_number.and_then(|part| lengths.get(&CUSTOMER.spec().table, part.column));
        if let Some(field) = &self.number_field
            && most.is_some_and(|most| number.chars().count() > most as usize)
        {
            faults.add(
                Subject::Record(CUSTOMER).code(Wrong::TooLong),
                format!(
                    "{field} of the account is {}, which is longer than a customer number of Sage 100. Shorten it.",
                    quoted(&number)
                ),
            );
        }
        faults.into_result()?;
        Ok(NewCustomer {
            company,
            division: self.division.clone(),
            number: (!number.is_empty()).then_some(number),
            columns,
            crm: Fields::new(),
        })
    }

    /// A record that belongs to another one (a contact): the last part of its key, where the CRM gives it, and its columns.
    ///
    /// # Errors
    /// `E_CONTACT_…` and so on, by the entity's name (class data), as with [`crate::OrdersConfig::order`].
    pub fn child(
        &self,
        entity: Entity,
        fields: &Fields,
        lengths: &Lengths,
    ) -> Result<(Option<String>, Fields), Fault> {
        let mut faults = Faults::default();
        let columns = self.made(entity, fields, lengths, &mut faults);
        let code = code(&text_of(fields, self.number_field.as_ref()));
        faults.into_result()?;
        Ok(((!code.is_empty()).then_some(code), columns))
    }

    /// The columns that are not blank.
    fn made(
        &self,
        entity: Entity,
        fields: &Fields,
        lengths: &Lengths,
        faults: &mut Faults,
    ) -> Fields {
        let subject = Subject::Record(entity);
        let making = Making {
            table: &entity.spec().table,
            subject,
            whose: &subject.name(),
            lengths,
            rate: None,
            held: None,
        };
        let mut columns = making.columns(&self.columns, fields, faults);
        columns.retain(|_, value| !value.is_blank());
        columns
    }

    fn company(&self, fields: &Fields, faults: &mut Faults) -> Company {
        let text = text_of(fields, self.company_field.as_ref());
        if text.is_empty() {
            return self.company.clone();
        }
        let found = self
            .companies
            .iter()
            .find(|company| company.as_str() == text);
        found.cloned().unwrap_or_else(|| {
            let known: Vec<&str> = self.companies.iter().map(Company::as_str).collect();
            faults.add(
                Subject::Record(CUSTOMER).code(Wrong::Unknown),
                format!(
                    "{} of the account is {}, which is no company that accounts go to. Choose one of: {}.",
                    self.company_field.as_deref().unwrap_or_default(),
                    quoted(&text),
                    known.join(", ")
                ),
            );
            self.company.clone()
        })
    }

    /// The rep's columns. Sage creates no customer without a salesperson.
    fn salesperson(&self, columns: &mut Fields, rep: Option<&RepKey>, faults: &mut Faults) {
        let Some(named) = &CUSTOMER.spec().rep else {
            return;
        };
        match (rep, self.rep_column.as_deref()) {
            (Some(rep), Some(column)) if column == named.number => {
                if let Some((division, number)) = rep.rep.split_once('-') {
                    columns.insert(named.division.to_owned(), Value::text(division));
                    columns.insert(named.number.to_owned(), Value::text(number));
                }
            }
            (Some(rep), Some(column)) => {
                columns.insert(column.to_owned(), Value::text(rep.rep.as_str()));
            }
            _ => {}
        }
        if !columns.contains_key(named.number) {
            faults.add(
                "E_CUSTOMER_SALESPERSON_MISSING",
                "Sage 100 takes no customer without a salesperson, and the account's owner is mapped to none. Give the \
                 account to another owner, or have the owner mapped."
                    .to_owned(),
            );
        }
    }
}

impl ToSage {
    /// Every field of the record that a change is made of, each once.
    #[must_use]
    pub fn query_fields(&self) -> Vec<String> {
        once_each(self.columns.iter().flat_map(fields_of).collect())
    }

    /// The fields that the columns of these changed fields are made of: those themselves, and others that stand in the same
    /// columns.
    #[must_use]
    pub fn sources_of(&self, changed: &BTreeSet<String>) -> BTreeSet<String> {
        let sources = self.columns.iter().map(fields_of);
        let touched = sources.filter(|fields| fields.iter().any(|field| changed.contains(field)));
        touched.flatten().collect()
    }

    /// The columns to write for these changed fields, blank ones among them: what was taken out in the CRM is taken out in
    /// Sage. `crm`: all mapped fields, since a column may be made of several. `held`: Sage's record, where it was read: a
    /// column may hold more than the CRM shows of it, such as further e-mail addresses, which stays.
    ///
    /// # Errors
    /// `E_CUSTOMER_…` or `E_CONTACT_…` (class data), as with [`crate::OrdersConfig::order`].
    pub fn changes(
        &self,
        entity: Entity,
        crm: &Fields,
        changed: &BTreeSet<String>,
        lengths: &Lengths,
        held: Option<&Record>,
    ) -> Result<Fields, Fault> {
        let mut faults = Faults::default();
        let subject = Subject::Record(entity);
        let making = Making {
            table: &entity.spec().table,
            subject,
            whose: &subject.name(),
            lengths,
            rate: None,
            held,
        };
        let touched = self
            .columns
            .iter()
            .filter(|map| fields_of(map).iter().any(|field| changed.contains(field)));
        let columns = making.columns(touched, crm, &mut faults);
        faults.into_result()?;
        Ok(columns)
    }
}
