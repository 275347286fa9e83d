//! Customers, contacts, and what else the service has beside orders: created column by column, changed as a whole.

use counterpart_domain::entity::SoapNames;
use counterpart_domain::{Class, Company, Entity, Fault, Fields, SageKey, Value};

use super::binding::{Slot, lacks};
use super::call::Parameter;
use super::client::SoapClient;
use super::fault::{Purpose, unknown};
use super::object::Object;
use crate::text::{bug, check_record, key_columns};

/// The operations of an entity, and the parameter that carries the object.
fn names(entity: Entity) -> Result<&'static SoapNames, Fault> {
    let none = || bug(format_args!("the service has no {}", entity.plural()));
    entity.spec().soap.as_ref().ok_or_else(none)
}

/// The service gave another record than was asked for, as the business objects do that stand on the next one. That is this
/// record's trouble, and nobody else's.
fn another(key: &SageKey) -> Fault {
    Fault::new(
        Class::Data,
        "E_SAGE_ANOTHER_RECORD",
        format!(
            "Sage 100 gave another record when it was asked for {key}, and nothing was written. Look at that record in Sage 100: its key may hold characters that the SOAP service does not take."
        ),
    )
}

impl SoapClient {
    pub(super) async fn create(
        &self,
        key: &SageKey,
        parent: Option<&SageKey>,
        columns: &Fields,
    ) -> Result<(), Fault> {
        check_record(key, columns)?;
        let names = names(key.entity)?;
        let object = Object::new(
            &self.binding,
            self.object_slot(names.create, names.parameter)?,
        );
        let null_date = self.null_date_for(&object, columns).await?;
        let mut object = object;
        for (column, text) in key_columns(key, parent)? {
            object.put(column, &Value::text(text), None)?;
        }
        object.put_all(columns, null_date.as_deref())?;
        self.send(
            names.create,
            names.parameter,
            Purpose::Create,
            &key.company,
            object,
        )
        .await
    }

    /// Reads the record, puts the changes in, writes it whole: the service takes whole objects only.
    pub(super) async fn update(
        &self,
        key: &SageKey,
        parent: Option<&SageKey>,
        changes: &Fields,
    ) -> Result<(), Fault> {
        check_record(key, changes)?;
        if changes.is_empty() {
            return Err(bug("a change of nothing"));
        }
        let names = names(key.entity)?;
        let own = key_columns(key, parent)?;
        let mut parameters = vec![("companyCode", key.company.as_str().into())];
        let named = names.key.iter().zip(&own);
        parameters.extend(named.map(|(parameter, (_, text))| (*parameter, (*text).into())));
        let given = self
            .call(names.get, Purpose::Read, parameters)
            .await?
            .filter(|given| !given.nil)
            .ok_or_else(|| unknown(Purpose::Read, "a record without content"))?;
        let mut object = Object::of(
            &self.binding,
            self.object_slot(names.update, names.parameter)?,
            &given,
        );
        let is_it = |(column, wanted): &(&str, &str)| object.text(column).trim_end() == *wanted;
        if !own.iter().all(is_it) {
            return Err(another(key));
        }
        let null_date = self.null_date_for(&object, changes).await?;
        object.put_all(changes, null_date.as_deref())?;
        self.send(
            names.update,
            names.parameter,
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
