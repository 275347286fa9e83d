//! `GET /crm/v8/users`.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::{errors::Failure, org::Org, requests::Params, store::Id};
use crate::data::crm_users;

/// The first user's id; the others count up from it.
const FIRST_USER: Id = 5_725_767_000_000_411_001;

/// A user.
#[derive(Debug, Clone)]
pub struct User {
    /// The user's id.
    pub id: Id,
    /// Full name.
    pub name: &'static str,
    /// E-mail address.
    pub email: &'static str,
    /// Inactive users can neither log on nor own records.
    pub active: bool,
    admin: bool,
}

impl User {
    /// Zoho's status.
    pub fn status(&self) -> &'static str {
        if self.active { "active" } else { "disabled" }
    }

    /// The user as records name it.
    pub fn named(&self) -> Value {
        json!({"name": self.name, "id": self.id.to_string()})
    }

    /// The id that all Zoho products share.
    pub fn zuid(&self) -> String {
        (self.id % 1_000_000_000).to_string()
    }

    fn shown(&self, org: &Org) -> Value {
        let (first, last) = self.name.split_once(' ').unwrap_or(("", self.name));
        let manager = org.users.get(1).map(User::named);
        let (role, profile) = if self.admin {
            (
                json!({"name": "CEO", "id": "5725767000000015966"}),
                json!({"name": "Administrator", "id": "5725767000000015972"}),
            )
        } else {
            (
                json!({"name": "Sales Rep", "id": "5725767000000015969"}),
                json!({"name": "Standard", "id": "5725767000000015975"}),
            )
        };
        let mut shown = TEMPLATE.clone();
        for (name, value) in [
            ("id", json!(self.id.to_string())),
            ("full_name", json!(self.name)),
            ("first_name", json!(first)),
            ("last_name", json!(last)),
            ("email", json!(self.email)),
            ("status", json!(self.status())),
            ("confirm", json!(self.active)),
            ("zuid", json!(self.zuid())),
            ("role", role),
            ("profile", profile),
            (
                "Reporting_To",
                if self.admin {
                    Value::Null
                } else {
                    json!(manager)
                },
            ),
            ("created_by", json!(manager)),
            ("Modified_By", json!(manager)),
            (
                "offset",
                json!(i64::from(org.clock.utc_offset_minutes()) * 60_000),
            ),
        ] {
            shown.insert(name.to_owned(), value);
        }
        Value::Object(shown)
    }
}

/// What is the same for all users.
static TEMPLATE: LazyLock<Map<String, Value>> =
    LazyLock::new(|| serde_json::from_str(include_str!("user.json")).unwrap_or_default());

/// The users of the organisation.
pub fn all() -> Vec<User> {
    crm_users()
        .into_iter()
        .zip(FIRST_USER..)
        .enumerate()
        .map(|(index, (user, id))| User {
            id,
            name: user.name,
            email: user.email,
            active: user.active,
            admin: index < 2,
        })
        .collect()
}

/// A page of users of a type.
pub fn list(org: &mut Org, params: &Params) -> Result<Option<Value>, Failure> {
    org.charge(1)?;
    let (page, per_page) = (
        params.number("page", 1, 1000)?,
        params.number("per_page", 200, 200)?,
    );
    let me = org.integration_user();
    let wanted: fn(&User, Id) -> bool = match params.get("type").unwrap_or("AllUsers") {
        "AllUsers" | "ActiveAndDeactive" => |_, _| true,
        "ActiveUsers" | "AllActiveUsers" | "ActiveConfirmedUsers" | "ConfirmedUsers" => {
            |user, _| user.active
        }
        "DeactiveUsers" | "NotConfirmedUsers" => |user, _| !user.active,
        "AdminUsers" | "ActiveConfirmedAdmins" => |user, _| user.admin,
        "CurrentUser" => |user, me| user.id == me,
        "DeletedUsers" | "DeveloperUsers" | "ActiveLiteUser" => |_, _| false,
        _ => return Err(Failure::invalid_param("type")),
    };
    let all: Vec<&User> = org.users.iter().filter(|user| wanted(user, me)).collect();
    let from = (page - 1) * per_page;
    let users: Vec<Value> = all
        .iter()
        .skip(from)
        .take(per_page)
        .map(|user| user.shown(org))
        .collect();
    if users.is_empty() {
        return Ok(None);
    }
    let more = all.len() > from + users.len();
    let info =
        json!({"per_page": per_page, "count": users.len(), "page": page, "more_records": more});
    Ok(Some(json!({"users": users, "info": info})))
}

/// One user.
pub fn one(org: &mut Org, id: &str) -> Result<Option<Value>, Failure> {
    org.charge(1)?;
    let user = id.parse().ok().and_then(|id| org.user(id));
    Ok(user.map(|user| json!({"users": [user.shown(org)]})))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_readable_and_ids_have_nineteen_digits() {
        assert!(TEMPLATE.len() > 20);
        assert!(all().iter().all(|user| user.id.to_string().len() == 19));
    }
}
