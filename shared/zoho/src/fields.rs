//! What is known of the modules' fields, for the calls that need more than a record tells of itself. Page: "Fields
//! metadata".

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use counterpart_delivery::ports::{Clock, Ids, Tokens};
use counterpart_domain::{Class, Fault, Value, bounded};
use counterpart_http::{text, to_html};
use serde_json::Value as Json;
use serde_json::value::RawValue;

use crate::client::ZohoClient;
use crate::field_cache::{Fields, KnownField};
use crate::metadata::{is_withheld, list, unless_unknown};
use crate::wire::value::{FieldType, incoming, is_open};

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
        let known = self.known_field(module, field).await?;
        known
            .map(|known| known.leads)
            .ok_or_else(|| field_unknown(module, field))
    }

    async fn known_field(&self, module: &str, field: &str) -> Result<Option<KnownField>, Fault> {
        let now = self.moment().now;
        if let Some(known) = self.known.of(module, now)
            && let Some(known) = known.get(field)
        {
            return Ok(Some(known.clone()));
        }
        let fields = self.ask_fields(module).await?;
        self.known.keep(module, now, &fields);
        Ok(fields.get(field).cloned())
    }

    /// What stands at the end of a path of a module's. What is not described is text.
    pub(crate) async fn type_of(&self, module: &str, path: &str) -> Result<FieldType, Fault> {
        let mut module = module.to_owned();
        let mut rest = path;
        while let Some((lookup, further)) = rest.split_once('.') {
            let known = self.fields_of(&module).await?;
            let Some(next) = known.get(lookup).and_then(|known| known.leads.clone()) else {
                return Ok(FieldType::Text);
            };
            module = next;
            rest = further;
        }
        let known = self.fields_of(&module).await?;
        Ok(known.get(rest).map_or(FieldType::Text, |known| known.holds))
    }

    async fn fields_of(&self, module: &str) -> Result<Fields, Fault> {
        let now = self.moment().now;
        if let Some(known) = self.known.of(module, now) {
            return Ok(known);
        }
        let fields = self.ask_fields(module).await?;
        self.known.keep(module, now, &fields);
        Ok(fields)
    }

    /// A value of a module's field, read by the field's type where the value leaves that open.
    pub(crate) async fn read_value(
        &self,
        module: &str,
        path: &str,
        raw: &RawValue,
    ) -> Result<Value, Fault> {
        let field = if is_open(raw) {
            self.type_of(module, path).await?
        } else {
            FieldType::Text
        };
        Ok(incoming(field, raw))
    }

    /// Fields as they go out: a text for a rich text field is written as HTML.
    pub(crate) async fn in_html<'f>(
        &self,
        module: &str,
        fields: &'f counterpart_domain::Fields,
    ) -> Result<Cow<'f, counterpart_domain::Fields>, Fault> {
        let mut out = Cow::Borrowed(fields);
        for (name, value) in fields {
            let Value::Text(text) = value else { continue };
            let Cow::Owned(html) = to_html(text) else {
                continue;
            };
            if self.type_of(module, name).await? == FieldType::Html {
                out.to_mut().insert(name.clone(), Value::Text(html));
            }
        }
        Ok(out)
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
                    let known = KnownField {
                        leads: lookup(field),
                        holds: holds(field),
                    };
                    fields.insert(bounded(name.to_owned(), 100), known);
                }
            }
        }
        Ok(Arc::new(fields))
    }
}

/// Page: "Fields Meta Data": `data_type`, and of a `textarea` its kind.
fn holds(field: &Json) -> FieldType {
    match text(field, "data_type").unwrap_or_default() {
        "date" => FieldType::Date,
        "integer" | "bigint" | "double" | "currency" | "percent" => FieldType::Number,
        "textarea" => match field.pointer("/textarea/type").and_then(Json::as_str) {
            Some("rich_text") => FieldType::Html,
            _ => FieldType::Text,
        },
        "formula" => match field.pointer("/formula/return_type").and_then(Json::as_str) {
            Some("date") => FieldType::Date,
            Some("double" | "currency" | "integer" | "bigint") => FieldType::Number,
            _ => FieldType::Text,
        },
        _ => FieldType::Text,
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
