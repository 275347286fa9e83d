//! The identity URL, `/id/{organisation}/{user}`, and `/services/oauth2/userinfo`.

use serde_json::{Value, json};

use super::{
    ids::Id,
    org::{Org, shown_time},
};

/// What the identity URL tells.
pub fn identity(org: &Org, user: &Id) -> Option<Value> {
    let record = org.record("User", user)?;
    let (url, organisation) = (&org.url, org.organisation());
    let data = |path: &str| format!("{url}/services/data/v{{version}}/{path}");
    Some(json!({
        "id": format!("{url}/id/{organisation}/{user}"),
        "asserted_user": true,
        "user_id": user.as_str(),
        "organization_id": organisation.as_str(),
        "username": record.text("Username"),
        "nick_name": record.text("Alias"),
        "display_name": record.text("Name"),
        "email": record.text("Email"),
        "email_verified": true,
        "first_name": record.text("FirstName"),
        "last_name": record.text("LastName"),
        "timezone": record.text("TimeZoneSidKey"),
        "photos": {"picture": format!("{url}/profilephoto/005/F"), "thumbnail": format!("{url}/profilephoto/005/T")},
        "addr_street": null, "addr_city": null, "addr_state": null, "addr_country": null, "addr_zip": null,
        "mobile_phone": null, "mobile_phone_verified": false, "is_lightning_login_user": false,
        "status": {"created_date": null, "body": null},
        "urls": {
            "enterprise": format!("{url}/services/Soap/c/{{version}}/{organisation}"),
            "metadata": format!("{url}/services/Soap/m/{{version}}/{organisation}"),
            "partner": format!("{url}/services/Soap/u/{{version}}/{organisation}"),
            "rest": data(""), "sobjects": data("sobjects/"), "search": data("search/"), "query": data("query/"),
            "recent": data("recent/"), "profile": format!("{url}/{user}"), "custom_domain": url,
        },
        "active": org.is_active(user),
        "user_type": "STANDARD",
        "language": "en_US",
        "locale": "en_US",
        "utcOffset": -21_600_000,
        "last_modified_date": shown_time(record.modified),
    }))
}

/// What OpenID Connect calls the same.
pub fn userinfo(org: &Org, user: &Id) -> Option<Value> {
    let record = org.record("User", user)?;
    let (url, organisation) = (&org.url, org.organisation());
    Some(json!({
        "sub": format!("{url}/id/{organisation}/{user}"),
        "user_id": user.as_str(),
        "organization_id": organisation.as_str(),
        "preferred_username": record.text("Username"),
        "nickname": record.text("Alias"),
        "name": record.text("Name"),
        "email": record.text("Email"),
        "email_verified": true,
        "given_name": record.text("FirstName"),
        "family_name": record.text("LastName"),
        "zoneinfo": record.text("TimeZoneSidKey"),
        "active": org.is_active(user),
        "user_type": "STANDARD",
        "language": "en_US",
        "locale": "en_US",
        "utcOffset": -21_600_000,
    }))
}
