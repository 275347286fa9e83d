//! What is known of the modules' fields, for the calls that need more than a record tells of itself. Page: "Fields
//! metadata".

use std::collections::BTreeMap;
use std::sync::Arc;

use counterpart_delivery::ports::{Clock, Ids, Tokens};
use counterpart_domain::{Class, Fault, bounded};
use counterpart_http::text;
use serde_json::Value as Json;

use crate::client::ZohoClient;
use crate::field_cache::Fields;
use crate::metadata::{is_withheld, list, unless_unknown};

impl<T: Tokens, C: Clock + Ids> ZohoClient<T, C> {
    /// A field that a record does not hold may belong to another layout: then it is blank.
    ///
    /// # Errors
    /// `E_CRM_FIELD_UNKNOWN` (configuration) where the module has no such field.
    pub(crate) async fn must_have(&self, module: &str, field: &str) -> Result<(), Fault> {
        self.leads_to(module, field).await.map(drop)
    }

    /// The module that a lookup leads to; none for other fields.
    ///
    /// # Errors
    /// `E_CRM_FIELD_UNKNOWN` (configuration) where the module has no such field.
    pub(crate) async fn leads_to(
        &self,
        module: &str,
        field: &str,
    ) -> Result<Option<String>, Fault> {
        if let Some(known) = self.known.of(module)
            && let Some(leads) = known.get(field)
        {
            return Ok(leads.clone());
        }
        let fields = self.ask_fields(module).await?;
        self.known.keep(module, &fields);
        match fields.get(field) {
            Some(leads) => Ok(leads.clone()),
            None => Err(field_unknown(module, field)),
        }
    }

    async fn ask_fields(&self, module: &str) -> Result<Fields, Fault> {
        let answer = self
            .get("/crm/v8/settings/fields", &[("module", module)])
            .await;
        let body = match unless_unknown(answer) {
            Err(fault) if is_withheld(&fault) => {
                return Err(Fault {
                    message: format!(
                        "The fields of {module} in Zoho cannot be asked for. {}",
                        fault.message
                    ),
                    ..fault
                });
            }
            answer => answer?,
        };
        let mut fields = BTreeMap::new();
        if let Some(body) = &body {
            for field in list(body, "fields")? {
                if let Some(name) = text(field, "api_name") {
                    fields.insert(bounded(name.to_owned(), 100), lookup(field));
                }
            }
        }
        Ok(Arc::new(fields))
    }
}

/// The module is an object with a name; older answers have the name alone.
fn lookup(field: &Json) -> Option<String> {
    let module = field.get("lookup")?.get("module")?;
    let name = text(module, "api_name").or_else(|| module.as_str().filter(|name| !name.is_empty()));
    name.map(|name| bounded(name.to_owned(), 100))
}

/// The fault of a field that does not exist.
pub(crate) fn field_unknown(module: &str, field: &str) -> Fault {
    Fault::new(
        Class::Configuration,
        "E_CRM_FIELD_UNKNOWN",
        format!("{module} of Zoho has no field {field}; check the names in sync.toml."),
    )
}
