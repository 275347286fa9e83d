//! What the org is like: its fields and its users. Pages: "Fields metadata", "Get users".

use counterpart_delivery::ports::{Clock, CrmUser, Ids, Tokens};
use counterpart_domain::{CrmId, Fault, bounded};
use reqwest::Method;
use serde_json::Value as Json;

use crate::client::{ApiCall, ZohoClient, checked_name};
use crate::faults::{Purpose, refused, unreadable};
use crate::wire::{id, text};

/// A field of a module, as far as set-up and checks need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldInfo {
    /// Its API name.
    pub api_name: String,
    /// Zoho's type: `text`, `currency`, `lookup`, `ownerlookup`, …
    pub data_type: String,
    /// The most characters, where it has such a limit.
    pub length: Option<u32>,
    /// Whether a record cannot be saved without it.
    pub mandatory: bool,
    /// Whether it is marked "Do not allow duplicate values": what a key field must be.
    pub unique: bool,
    /// Whether the org added it.
    pub custom: bool,
    /// Whether the API may not write it.
    pub read_only: bool,
    /// A picklist's values, as the API writes them.
    pub values: Vec<String>,
    /// A lookup's module.
    pub lookup_module: Option<String>,
}

/// The most users of one page.
const USERS_PER_PAGE: &str = "200";
/// The most pages: 10,000 users.
const MOST_PAGES: usize = 50;
/// The longest text that is kept of a user or a field.
const LONGEST: usize = 255;

impl<T: Tokens, C: Clock + Ids> ZohoClient<T, C> {
    /// The fields of a module; none for a module without fields.
    ///
    /// # Errors
    /// As [`Crm::users`](counterpart_delivery::ports::Crm::users); `E_CRM_NAME` for a name that cannot be one.
    pub async fn fields(&self, module: &str) -> Result<Vec<FieldInfo>, Fault> {
        let query = [("module", checked_name(module)?)];
        let Some(body) = self.get("/crm/v8/settings/fields", &query).await? else {
            return Ok(Vec::new());
        };
        let fields = list(&body, "fields")?;
        Ok(fields.iter().filter_map(field).collect())
    }

    pub(crate) async fn active_users(&self) -> Result<Vec<CrmUser>, Fault> {
        let mut users = Vec::new();
        for page in 1..=MOST_PAGES {
            let page = page.to_string();
            let query = [
                ("type", "ActiveUsers"),
                ("page", page.as_str()),
                ("per_page", USERS_PER_PAGE),
            ];
            let Some(body) = self.get("/crm/v8/users", &query).await? else {
                return Ok(users);
            };
            users.extend(list(&body, "users")?.iter().filter_map(user));
            let more = body.pointer("/info/more_records").and_then(Json::as_bool);
            if more != Some(true) {
                return Ok(users);
            }
        }
        Err(unreadable(Purpose::Read, "the list of users has no end"))
    }

    /// The body; none for 204.
    async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Option<Json>, Fault> {
        let reply = self
            .call(&ApiCall {
                purpose: Purpose::Read,
                method: Method::GET,
                path: path.to_owned(),
                query,
                body: None,
                credits: 1,
            })
            .await?;
        match reply.status {
            204 => Ok(None),
            200 => serde_json::from_str(&reply.body)
                .map(Some)
                .map_err(|error| unreadable(Purpose::Read, &error.to_string())),
            _ => Err(refused(&reply, self.moment())),
        }
    }
}

fn list<'a>(body: &'a Json, name: &str) -> Result<&'a Vec<Json>, Fault> {
    body.get(name)
        .and_then(Json::as_array)
        .ok_or_else(|| unreadable(Purpose::Read, &format!("no list of {name}")))
}

fn kept(json: &Json, name: &str) -> Option<String> {
    text(json, name).map(|text| bounded(text.to_owned(), LONGEST))
}

fn user(json: &Json) -> Option<CrmUser> {
    // The list is of active users; one that says otherwise was deactivated while it was read.
    let active = text(json, "status").is_none_or(|status| status.eq_ignore_ascii_case("active"));
    let id = id(json.get("id")).filter(|_| active)?;
    Some(CrmUser {
        id: CrmId(id),
        name: kept(json, "full_name").unwrap_or_default(),
        email: kept(json, "email").unwrap_or_default(),
    })
}

fn field(json: &Json) -> Option<FieldInfo> {
    let flag = |name: &str| json.get(name).and_then(Json::as_bool).unwrap_or(false);
    Some(FieldInfo {
        api_name: kept(json, "api_name")?,
        data_type: kept(json, "data_type").unwrap_or_default(),
        length: json
            .get("length")
            .and_then(Json::as_u64)
            .and_then(|length| u32::try_from(length).ok()),
        mandatory: flag("system_mandatory"),
        // An empty object for an ordinary field, `{"casesensitive":…}` for a unique one.
        unique: json
            .get("unique")
            .and_then(Json::as_object)
            .is_some_and(|unique| !unique.is_empty()),
        custom: flag("custom_field"),
        read_only: flag("read_only"),
        values: json
            .get("pick_list_values")
            .and_then(Json::as_array)
            .map(|values| {
                values
                    .iter()
                    .filter_map(|value| kept(value, "actual_value"))
                    .collect()
            })
            .unwrap_or_default(),
        lookup_module: json
            .pointer("/lookup/module/api_name")
            .and_then(Json::as_str)
            .map(|name| bounded(name.to_owned(), LONGEST)),
    })
}
