//! The types of objects' fields as a describe tells them, and what one instance has learnt of them so far.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use counterpart_http::text;
use jiff::Timestamp;
use serde_json::Value as Json;

use crate::wire::value::FieldType;

/// The types of an object's fields, and where its relationships lead. All names in lower case.
#[derive(Debug, Default)]
pub(crate) struct Types {
    fields: HashMap<String, FieldType>,
    /// By the name that a path uses, the one object that a lookup leads to.
    parents: HashMap<String, String>,
    /// By the name that a query uses, the object of the records that point here.
    children: HashMap<String, String>,
}

impl Types {
    /// A describe's answer; none where it names no fields.
    pub(crate) fn of(body: &Json) -> Option<Self> {
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

/// By object.
#[derive(Default)]
pub(crate) struct TypeCache(Mutex<HashMap<String, (Timestamp, Arc<Types>)>>);

impl TypeCache {
    /// What is known of an object, and since when.
    pub(crate) fn get(&self, object: &str) -> Option<(Timestamp, Arc<Types>)> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(object).cloned()
    }

    pub(crate) fn put(&self, object: &str, now: Timestamp, types: Arc<Types>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(object.to_owned(), (now, types));
    }
}
