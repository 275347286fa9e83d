//! What an object is like. Page: "sObject Describe".

use counterpart_config::salesforce_id;
use counterpart_delivery::ports::{
    Clock, CrmField, CrmFieldKind, CrmModule, CrmRecordType, Ids, Tokens,
};
use counterpart_domain::{CrmId, Fault, bounded};
use counterpart_http::{ApiCall, Priority, Purpose, text};
use reqwest::Method;
use serde_json::Value as Json;

use crate::client::{SalesforceClient, checked_name};
use crate::faults::{refused, unreadable};
use crate::wire::error::ApiError;

/// The longest text that is kept of a field.
const LONGEST: usize = 255;

impl<T: Tokens, C: Clock + Ids> SalesforceClient<T, C> {
    pub(crate) async fn described(&self, object: &str) -> Result<Option<CrmModule>, Fault> {
        let name = checked_name(object)?;
        let reply = self
            .get(self.path(&format!("sobjects/{name}/describe")))
            .await?;
        match reply.status {
            200 => {}
            404 if is_not_found(&reply.body) => return Ok(None),
            _ => return Err(refused(&reply, self.moment())),
        }
        let body: Json = serde_json::from_str(&reply.body)
            .map_err(|error| unreadable(Purpose::Metadata, &error.to_string()))?;
        module(&body)
            .map(Some)
            .ok_or_else(|| unreadable(Purpose::Metadata, "a description without name or fields"))
    }

    /// A GET without parameters; its answer, whatever its status.
    pub(crate) async fn get(&self, path: String) -> Result<counterpart_http::Reply, Fault> {
        self.call(&ApiCall {
            purpose: Purpose::Metadata,
            priority: Priority::Record,
            method: Method::GET,
            path,
            query: &[],
            headers: &[],
            body: None,
            credits: 1,
        })
        .await
    }
}

/// Whether Salesforce itself says that there is no such object. A page in HTML comes from an address that is no org's.
fn is_not_found(body: &str) -> bool {
    serde_json::from_str::<Json>(body).is_ok_and(|body| !ApiError::all_of(&body).is_empty())
}

fn module(json: &Json) -> Option<CrmModule> {
    let infos = json.get("recordTypeInfos").and_then(Json::as_array);
    Some(CrmModule {
        name: kept(json, "name")?,
        createable: flag(json, "createable"),
        updateable: flag(json, "updateable"),
        fields: json
            .get("fields")?
            .as_array()?
            .iter()
            .filter_map(field)
            .collect(),
        record_types: infos
            .into_iter()
            .flatten()
            .filter_map(record_type)
            .collect(),
    })
}

fn flag(json: &Json, name: &str) -> bool {
    json.get(name).and_then(Json::as_bool).unwrap_or(false)
}

fn kept(json: &Json, name: &str) -> Option<String> {
    text(json, name).map(|text| bounded(text.to_owned(), LONGEST))
}

fn number(json: &Json, name: &str) -> Option<u32> {
    let number = json.get(name)?.as_u64()?;
    u32::try_from(number).ok().filter(|number| *number > 0)
}

fn field(json: &Json) -> Option<CrmField> {
    let native_type = kept(json, "type")?;
    let kind = kind(&native_type);
    let list = |name: &str| {
        json.get(name)
            .and_then(Json::as_array)
            .into_iter()
            .flatten()
    };
    let digits = match native_type.as_str() {
        "int" | "long" => number(json, "digits").map(|digits| (digits, 0)),
        _ => number(json, "precision").map(|precision| {
            let scale = number(json, "scale").unwrap_or(0);
            (precision.saturating_sub(scale), scale)
        }),
    };
    let createable = flag(json, "createable");
    Some(CrmField {
        name: kept(json, "name")?,
        label: kept(json, "label").unwrap_or_default(),
        kind,
        length: number(json, "length").filter(|_| has_length(kind)),
        digits: digits.filter(|_| kind == CrmFieldKind::Number),
        required: createable && !flag(json, "nillable") && !flag(json, "defaultedOnCreate"),
        unique: flag(json, "unique"),
        upsert_key: flag(json, "externalId"),
        createable,
        updateable: flag(json, "updateable"),
        values: list("picklistValues")
            .filter(|value| flag(value, "active"))
            .filter_map(|value| kept(value, "value"))
            .collect(),
        restricted: flag(json, "restrictedPicklist"),
        references: list("referenceTo")
            .filter_map(Json::as_str)
            .map(|name| bounded(name.to_owned(), LONGEST))
            .collect(),
        // Null for some references: an opportunity tells the id of its contact, and nothing more.
        relation: kept(json, "relationshipName").filter(|_| kind == CrmFieldKind::Reference),
        native_type,
    })
}

fn has_length(kind: CrmFieldKind) -> bool {
    use CrmFieldKind as K;
    matches!(
        kind,
        K::Text | K::Email | K::Phone | K::Url | K::Picklist | K::MultiPicklist
    )
}

fn kind(native: &str) -> CrmFieldKind {
    match native {
        "string" | "textarea" | "encryptedstring" | "combobox" => CrmFieldKind::Text,
        "email" => CrmFieldKind::Email,
        "phone" => CrmFieldKind::Phone,
        "url" => CrmFieldKind::Url,
        "int" | "long" | "double" | "currency" | "percent" => CrmFieldKind::Number,
        "boolean" => CrmFieldKind::Flag,
        "date" => CrmFieldKind::Date,
        "datetime" => CrmFieldKind::DateTime,
        "picklist" => CrmFieldKind::Picklist,
        "multipicklist" => CrmFieldKind::MultiPicklist,
        "reference" => CrmFieldKind::Reference,
        "id" => CrmFieldKind::Id,
        _ => CrmFieldKind::Other,
    }
}

/// The master is no record type: it stands for records that have none.
fn record_type(json: &Json) -> Option<CrmRecordType> {
    if flag(json, "master") {
        return None;
    }
    let id = kept(json, "recordTypeId")?;
    Some(CrmRecordType {
        id: CrmId(salesforce_id(&id).unwrap_or(id)),
        name: kept(json, "developerName").or_else(|| kept(json, "name"))?,
        available: flag(json, "available"),
    })
}
