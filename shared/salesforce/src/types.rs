//! What the fields of an object hold. A query's answer carries no types, and a text may look like a day or an id: so the
//! describe says it, asked once an hour for each object, and only where a value leaves it open.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use counterpart_delivery::ports::{Clock, Ids, Tokens};
use counterpart_domain::{Fault, Fields, Value};
use counterpart_http::{Purpose, text, to_html};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value as Json;

use crate::client::{SalesforceClient, checked_name};
use crate::faults::{refused, unreadable};
use crate::wire::value::{FieldType, is_open};

/// How long a description is taken for true: somebody may change a field's type.
const KNOWN_FOR: SignedDuration = SignedDuration::from_hours(1);

/// The types of an object's fields, and where its relationships lead. All names in lower case.
#[derive(Debug, Default)]
pub(crate) struct Types {
    fields: HashMap<String, FieldType>,
    /// By the name that a path uses, the one object that a lookup leads to.
    parents: HashMap<String, String>,
    /// By the name that a query uses, the object of the records that point here.
    children: HashMap<String, String>,
}

/// By object.
#[derive(Default)]
pub(crate) struct TypeCache(Mutex<HashMap<String, (Timestamp, Arc<Types>)>>);

impl Types {
    fn of(body: &Json) -> Option<Self> {
        let mut types = Self::default();
        for field in body.get("fields")?.as_array()? {
            let Some(name) = text(field, "name") else {
                continue;
            };
            let name = name.to_lowercase();
            if let (Some(relation), Some([only])) = (
                text(field, "relationshipName"),
                field
                    .get("referenceTo")
                    .and_then(Json::as_array)
                    .map(Vec::as_slice),
            ) {
                let object = only.as_str().unwrap_or_default().to_owned();
                types.parents.insert(relation.to_lowercase(), object);
            }
            types.fields.insert(name, field_type(field));
        }
        let children = body.get("childRelationships").and_then(Json::as_array);
        for child in children.into_iter().flatten() {
            if let (Some(relation), Some(object)) =
                (text(child, "relationshipName"), text(child, "childSObject"))
            {
                let relation = relation.to_lowercase();
                types.children.insert(relation, object.to_owned());
            }
        }
        Some(types)
    }

    /// What a field holds; what is not described is text.
    pub(crate) fn field(&self, name: &str) -> FieldType {
        let known = self.fields.get(&name.to_lowercase());
        known.copied().unwrap_or(FieldType::Text)
    }

    /// The object at the end of a lookup.
    pub(crate) fn parent(&self, relation: &str) -> Option<&str> {
        self.parents
            .get(&relation.to_lowercase())
            .map(String::as_str)
    }

    /// The object of a child relationship's records.
    pub(crate) fn child(&self, relation: &str) -> Option<&str> {
        self.children
            .get(&relation.to_lowercase())
            .map(String::as_str)
    }
}

/// Page: "DescribeSObjectResult", Field: `htmlFormatted` marks rich text areas.
fn field_type(field: &Json) -> FieldType {
    let html = field.get("htmlFormatted").and_then(Json::as_bool);
    match text(field, "type").unwrap_or_default() {
        "date" => FieldType::Date,
        "reference" | "id" => FieldType::Reference,
        "textarea" if html == Some(true) => FieldType::Html,
        _ => FieldType::Text,
    }
}

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

impl TypeCache {
    fn get(&self, object: &str) -> Option<(Timestamp, Arc<Types>)> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(object).cloned()
    }

    fn put(&self, object: &str, now: Timestamp, types: Arc<Types>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(object.to_owned(), (now, types));
    }
}
