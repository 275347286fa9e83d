//! Customers and contacts: created column by column, changed as a whole.

use counterpart_domain::{Company, Entity, Fault, Fields, SageKey, Value};

use super::binding::{Slot, lacks};
use super::call::Parameter;
use super::client::SoapClient;
use super::fault::{Purpose, unknown};
use super::object::Object;
use crate::text::{bug, check_record, key_parts};

/// The operations of an entity, and the parameter that carries the object.
struct Names {
    get: &'static str,
    create: &'static str,
    update: &'static str,
    object: &'static str,
}

const fn names(entity: Entity) -> Option<Names> {
    match entity {
        Entity::Customer => Some(Names {
            get: "GetCustomer",
            create: "CreateCustomer",
            update: "UpdateCustomer",
            object: "customer",
        }),
        Entity::Contact => Some(Names {
            get: "GetCustomerContact",
            create: "CreateCustomerContact",
            update: "UpdateCustomerContact",
            object: "customerContact",
        }),
        Entity::Salesperson => None,
    }
}

impl SoapClient {
    pub(super) async fn create(&self, key: &SageKey, columns: &Fields) -> Result<(), Fault> {
        check_record(key, columns)?;
        let names = names(key.entity).ok_or_else(|| bug("salespersons are not written"))?;
        let (division, number, code) = key_parts(key)?;
        let object = Object::new(&self.binding, self.object_slot(names.create, names.object)?);
        let null_date = self.null_date_for(&object, columns).await?;
        let mut object = object;
        object.put("ARDivisionNo", &Value::text(division), None)?;
        object.put("CustomerNo", &Value::text(number), None)?;
        if let Some(code) = code {
            object.put("ContactCode", &Value::text(code), None)?;
        }
        object.put_all(columns, null_date.as_deref())?;
        self.send(
            names.create,
            names.object,
            Purpose::Create,
            &key.company,
            object,
        )
        .await
    }

    /// Reads the record, puts the changes in, writes it whole: the service takes whole objects only.
    pub(super) async fn update(&self, key: &SageKey, changes: &Fields) -> Result<(), Fault> {
        check_record(key, changes)?;
        if changes.is_empty() {
            return Err(bug("a change of nothing"));
        }
        let names = names(key.entity).ok_or_else(|| bug("salespersons are not written"))?;
        let (division, number, code) = key_parts(key)?;
        let mut parameters = vec![
            ("companyCode", key.company.as_str().into()),
            ("arDivisionNo", division.into()),
            ("customerNo", number.into()),
        ];
        if let Some(code) = code {
            parameters.push(("contactCode", code.into()));
        }
        let given = self
            .call(names.get, Purpose::Read, parameters)
            .await?
            .filter(|given| !given.nil)
            .ok_or_else(|| unknown(Purpose::Read, "a record without content"))?;
        let mut object = Object::of(
            &self.binding,
            self.object_slot(names.update, names.object)?,
            &given,
        );
        let own = [
            ("ARDivisionNo", Some(division)),
            ("CustomerNo", Some(number)),
            ("ContactCode", code),
        ];
        let another = own.iter().any(|(column, wanted)| {
            wanted.is_some_and(|wanted| object.text(column).trim_end() != wanted)
        });
        if another {
            return Err(unknown(
                Purpose::Read,
                format!("another record than {key} came"),
            ));
        }
        let null_date = self.null_date_for(&object, changes).await?;
        object.put_all(changes, null_date.as_deref())?;
        self.send(
            names.update,
            names.object,
            Purpose::Change,
            &key.company,
            object,
        )
        .await
    }

    /// The service's blank date, where it is needed.
    pub(super) async fn null_date_for(
        &self,
        object: &Object<'_>,
        columns: &Fields,
    ) -> Result<Option<String>, Fault> {
        if object.needs_null_date(columns) {
            return self.null_date().await;
        }
        Ok(None)
    }

    /// The type of what an operation carries.
    pub(super) fn object_slot(&self, operation: &str, parameter: &str) -> Result<&Slot, Fault> {
        self.binding
            .operation(operation)?
            .parameter(parameter)
            .ok_or_else(|| lacks(format_args!("the parameter {parameter} of {operation}")))
    }

    pub(super) async fn send(
        &self,
        operation: &str,
        parameter: &'static str,
        purpose: Purpose,
        company: &Company,
        object: Object<'_>,
    ) -> Result<(), Fault> {
        let parameters = vec![
            ("companyCode", company.as_str().into()),
            (parameter, Parameter::Object(object.finish())),
        ];
        self.call(operation, purpose, parameters).await.map(|_| ())
    }
}
