//! What the org is like: its modules with their fields, its users, and who we are there. Pages: "Modules metadata",
//! "Fields metadata", "Layouts metadata", "Organization", "Get users".

mod describe;

use std::collections::BTreeSet;

use counterpart_delivery::ports::{
    Clock, CrmBudget, CrmMetadata, CrmModule, CrmOrg, CrmUser, Ids, Tokens,
};
use counterpart_domain::{CrmId, Fault, bounded};
use counterpart_http::{ApiCall, Priority, Purpose, Reply, id, text};
use reqwest::Method;
use serde_json::Value as Json;

use crate::client::{ZohoClient, checked_name};
use crate::faults::{refused, unreadable};

/// The most users of one page.
const USERS_PER_PAGE: &str = "200";
/// The most pages: 10,000 users.
const MOST_PAGES: usize = 50;
/// The longest text that is kept of a user or a field.
const LONGEST: usize = 255;

impl<T: Tokens, C: Clock + Ids> CrmMetadata for ZohoClient<T, C> {
    /// A layout counts as a record type. Layouts need a scope of their own (`ZohoCRM.settings.layouts.READ`); without it
    /// none are told, and a field that only layouts require does not show as required.
    async fn describe(&self, module: &str) -> Result<Option<CrmModule>, Fault> {
        let name = checked_name(module)?;
        let path = format!("/crm/v8/settings/modules/{name}");
        let Some(about) = unless_unknown(self.get(&path, &[]).await)? else {
            return Ok(None);
        };
        let about = list(&about, "modules")?
            .first()
            .cloned()
            .unwrap_or(Json::Null);
        let query = [("module", name)];
        let fields = match unless_unknown(self.get("/crm/v8/settings/fields", &query).await)? {
            Some(body) => list(&body, "fields")?.clone(),
            None => Vec::new(),
        };
        let layouts = self.layouts(name).await?;
        let everywhere: BTreeSet<String> = describe::required_everywhere(&layouts);
        let may = |right: &str| {
            let flag = |name: &str| about.get(name).and_then(Json::as_bool);
            flag(right) != Some(false) && flag("api_supported") != Some(false)
        };
        Ok(Some(CrmModule {
            name: name.to_owned(),
            createable: may("creatable"),
            updateable: may("editable"),
            fields: fields
                .iter()
                .filter_map(|json| describe::field(json, &everywhere))
                .collect(),
            record_types: layouts.iter().filter_map(describe::layout).collect(),
        }))
    }

    /// The org's own page needs `ZohoCRM.org.READ`, which no other call of ours needs: without it, id and name are empty.
    /// The budget is told only once Zoho tells what is left, and where the edition's allowance is published.
    async fn org(&self) -> Result<CrmOrg, Fault> {
        let query = [("type", "CurrentUser")];
        let reply = self.reply("/crm/v8/users", &query).await?;
        let body = self.body(&reply)?;
        let user = body
            .as_ref()
            .and_then(|body| body.get("users")?.get(0))
            .ok_or_else(|| unreadable(Purpose::Read, "no current user"))?;
        let user_id = id(user.get("id"))
            .ok_or_else(|| unreadable(Purpose::Read, "the current user has no id"))?;
        let org = match self.get("/crm/v8/org", &[]).await {
            Ok(body) => body
                .and_then(|body| body.get("org")?.get(0).cloned())
                .unwrap_or(Json::Null),
            Err(fault) if is_withheld(&fault) => Json::Null,
            Err(fault) => return Err(fault),
        };
        Ok(CrmOrg {
            id: id(org.get("zgid"))
                .or_else(|| id(org.get("id")))
                .unwrap_or_default(),
            name: kept(&org, "company_name").unwrap_or_default(),
            user_id: CrmId(user_id),
            user_name: kept(user, "full_name").unwrap_or_default(),
            server_time: reply.date(),
            budget: self
                .credits_remaining()
                .zip(allowance(&org))
                .map(|(left, allowed)| CrmBudget {
                    used: allowed.saturating_sub(left),
                    allowed,
                }),
        })
    }
}

/// A module or a URL that Zoho does not know is an answer here.
pub(crate) fn unless_unknown(answer: Result<Option<Json>, Fault>) -> Result<Option<Json>, Fault> {
    match answer {
        Err(fault) if fault.code == "E_CRM_MODULE_INVALID" => Ok(None),
        answer => answer,
    }
}

/// Whether the connection works, but not for this question.
pub(crate) fn is_withheld(fault: &Fault) -> bool {
    matches!(
        &*fault.code,
        "E_CRM_SCOPE" | "E_CRM_PERMISSION" | "E_CRM_REQUEST_REFUSED"
    )
}

/// The credits of a rolling day by edition and users, without what was bought beside. Page: "API limits".
fn allowance(org: &Json) -> Option<u64> {
    let licence = org.get("license_details")?;
    let users = licence
        .get("users_license_purchased")
        .and_then(Json::as_u64)?;
    let by = |each: u64, most: u64| (50_000 + each.saturating_mul(users)).min(most);
    match text(licence, "paid_type")?.to_ascii_lowercase().as_str() {
        "free" => Some(5_000),
        "standard" => Some(by(250, 100_000)),
        "professional" => Some(by(500, 3_000_000)),
        "enterprise" | "zohoone" => Some(by(1_000, 5_000_000)),
        "ultimate" => Some(by(2_000, u64::MAX)),
        _ => None,
    }
}

impl<T: Tokens, C: Clock + Ids> ZohoClient<T, C> {
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

    async fn layouts(&self, module: &str) -> Result<Vec<Json>, Fault> {
        let answer = self
            .get("/crm/v8/settings/layouts", &[("module", module)])
            .await;
        match answer {
            Ok(Some(body)) => list(&body, "layouts").cloned(),
            Ok(None) => Ok(Vec::new()),
            // The module was known a moment ago: what is not known is the question.
            Err(fault) if is_withheld(&fault) || fault.code == "E_CRM_MODULE_INVALID" => {
                tracing::debug!(target.name = %self.target(), fault = %fault, "zoho tells no layouts");
                Ok(Vec::new())
            }
            Err(fault) => Err(fault),
        }
    }

    /// The body; none for 204.
    pub(crate) async fn get(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Option<Json>, Fault> {
        let reply = self.reply(path, query).await?;
        self.body(&reply)
    }

    async fn reply(&self, path: &str, query: &[(&str, &str)]) -> Result<Reply, Fault> {
        self.call(&ApiCall {
            purpose: Purpose::Metadata,
            priority: Priority::Record,
            method: Method::GET,
            path: path.to_owned(),
            query,
            headers: &[],
            body: None,
            credits: 1,
        })
        .await
    }

    fn body(&self, reply: &Reply) -> Result<Option<Json>, Fault> {
        match reply.status {
            204 => Ok(None),
            200 => serde_json::from_str(&reply.body)
                .map(Some)
                .map_err(|error| unreadable(Purpose::Read, &error.to_string())),
            _ => Err(refused(reply, self.moment())),
        }
    }
}

pub(crate) fn list<'a>(body: &'a Json, name: &str) -> Result<&'a Vec<Json>, Fault> {
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
