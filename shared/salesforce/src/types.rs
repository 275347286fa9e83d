//! What the fields of an object hold. A query's answer carries no types, and a text may look like a day or an id: so the
//! describe says it, asked once an hour for each object, and only where a value leaves it open.

use std::borrow::Cow;
use std::sync::Arc;

use counterpart_delivery::ports::{Clock, Ids, Tokens};
use counterpart_domain::{Fault, Fields, Value};
use counterpart_http::{Purpose, to_html};
use jiff::SignedDuration;
use serde_json::Value as Json;

use crate::client::{SalesforceClient, checked_name};
use crate::faults::{refused, unreadable};
use crate::type_cache::Types;
use crate::wire::value::{FieldType, is_open};

/// How long a description is taken for true: somebody may change a field's type.
const KNOWN_FOR: SignedDuration = SignedDuration::from_hours(1);

impl<T: Tokens, C: Clock + Ids> SalesforceClient<T, C> {
    /// What is known of an object's fields.
    pub(crate) async fn types(&self, object: &str) -> Result<Arc<Types>, Fault> {
        let name = checked_name(object)?;
        let now = self.moment().now;
        if let Some((asked, types)) = self.types.get(name)
            && now.duration_since(asked) < KNOWN_FOR
        {
            return Ok(types);
        }
        let reply = self
            .get(self.path(&format!("sobjects/{name}/describe")))
            .await?;
        if reply.status != 200 {
            return Err(refused(&reply, self.moment()));
        }
        let body: Json = serde_json::from_str(&reply.body)
            .map_err(|error| unreadable(Purpose::Metadata, &error.to_string()))?;
        let types = Types::of(&body).map(Arc::new);
        let types =
            types.ok_or_else(|| unreadable(Purpose::Metadata, "a description without fields"))?;
        self.types.put(name, now, Arc::clone(&types));
        Ok(types)
    }

    /// The type of a value at the end of a path of an object's, where the value leaves it open.
    pub(crate) async fn type_of(&self, object: &str, path: &str) -> Result<FieldType, Fault> {
        let mut object = object.to_owned();
        let mut rest = path;
        while let Some((relation, further)) = rest.split_once('.') {
            let types = self.types(&object).await?;
            // A lookup that may lead to several objects says nothing of the field there.
            let Some(next) = types.parent(relation) else {
                return Ok(FieldType::Text);
            };
            object = next.to_owned();
            rest = further;
        }
        Ok(self.types(&object).await?.field(rest))
    }

    /// Rows as they go out: a text for a field that holds HTML is written as HTML.
    pub(crate) async fn in_html<'f>(
        &self,
        object: &str,
        fields: &'f Fields,
    ) -> Result<Cow<'f, Fields>, Fault> {
        let mut out = Cow::Borrowed(fields);
        for (name, value) in fields {
            let Value::Text(text) = value else { continue };
            let Cow::Owned(html) = to_html(text) else {
                continue;
            };
            if self.types(object).await?.field(name) == FieldType::Html {
                out.to_mut().insert(name.clone(), Value::Text(html));
            }
        }
        Ok(out)
    }

    /// The type that a raw value is read by.
    pub(crate) async fn read_as(
        &self,
        object: &str,
        path: &str,
        raw: &serde_json::value::RawValue,
    ) -> Result<FieldType, Fault> {
        if is_open(raw) {
            self.type_of(object, path).await
        } else {
            Ok(FieldType::Text)
        }
    }
}
