//! `POST /_sim/faults`: rules, clock, sessions, and what an administrator can set up.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    ids::Id,
    org::Org,
    people::USER,
    sales,
    settings::{DuplicateRule, Refusal, RowLock, Territory, ValidationRule},
    telling::{Flow, check_flow},
};
use crate::{
    clock::ClockChange,
    control::{Faults, Rule},
};

/// A user to switch on or off.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct UserChange {
    /// The user's id, or e-mail address.
    id: Option<String>,
    email: Option<String>,
    active: bool,
}

/// The body.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FaultBody {
    clear: bool,
    rules: Vec<Rule>,
    clock: Option<ClockChange>,
    /// `access`: all sessions end; `refresh`: the refresh tokens too.
    revoke: Option<String>,
    session_timeout_seconds: Option<i64>,
    expire_locators: bool,
    api_limit: Option<u64>,
    instance_url: Option<String>,
    omit_instance_url: Option<bool>,
    rotate_refresh_tokens: Option<bool>,
    client_credentials: Option<bool>,
    approved: Option<bool>,
    state_country_picklists: Option<bool>,
    restricted_picklists: Option<bool>,
    multi_currency: Option<bool>,
    dated_rates: Option<bool>,
    view_setup: Option<bool>,
    trigger_queries: Option<u64>,
    lock_hold_ms: Option<u64>,
    refuse: Vec<Refusal>,
    duplicate_rules: Vec<DuplicateRule>,
    validation_rules: Vec<ValidationRule>,
    row_locks: Vec<RowLock>,
    territory: Option<Territory>,
    flows: Vec<Flow>,
    users: Vec<UserChange>,
}

/// Does what a body tells.
///
/// # Errors
/// A sentence.
pub fn apply(org: &mut Org, faults: &mut Faults, body: FaultBody) -> Result<Value, String> {
    if body.clear {
        faults.clear();
        org.clear_settings();
    }
    if let Some(change) = &body.clock {
        org.clock.change(change)?;
    }
    match body.revoke.as_deref() {
        None => {}
        Some("access") => org.sessions.revoke_access(),
        Some("refresh") => org.sessions.revoke_refresh(),
        Some(other) => {
            return Err(format!(
                "revoke is \"access\" or \"refresh\", not {other:?}"
            ));
        }
    }
    if body.expire_locators {
        org.locators.expire();
    }
    for user in &body.users {
        switch(org, user)?;
    }
    if let Some(territory) = &body.territory {
        Id::parse(&territory.owner)
            .filter(|id| org.record("User", id).is_some())
            .ok_or_else(|| format!("there is no user {:?}", territory.owner))?;
    }
    for flow in &body.flows {
        check_flow(org, flow)?;
    }
    org.sessions.timeout = body.session_timeout_seconds.unwrap_or(org.sessions.timeout);
    if let Some(limit) = body.api_limit {
        org.budget.set_limit(limit);
    }
    if body.multi_currency == Some(true) && !org.settings.multi_currency {
        sales::add_currencies(org);
    }
    let settings = &mut org.settings;
    for (setting, told) in [
        (&mut settings.omit_instance_url, body.omit_instance_url),
        (
            &mut settings.rotate_refresh_tokens,
            body.rotate_refresh_tokens,
        ),
        (&mut settings.client_credentials, body.client_credentials),
        (&mut settings.approved, body.approved),
        (
            &mut settings.state_country_picklists,
            body.state_country_picklists,
        ),
        (
            &mut settings.restricted_picklists,
            body.restricted_picklists,
        ),
        (&mut settings.multi_currency, body.multi_currency),
        (&mut settings.dated_rates, body.dated_rates),
        (&mut settings.view_setup, body.view_setup),
    ] {
        *setting = told.unwrap_or(*setting);
    }
    if let Some(url) = body.instance_url {
        settings.instance_url = url;
    }
    settings.trigger_queries = body.trigger_queries.unwrap_or(settings.trigger_queries);
    settings.lock_hold_ms = body
        .lock_hold_ms
        .unwrap_or(settings.lock_hold_ms)
        .min(60_000);
    settings.refuse.extend(body.refuse);
    settings.duplicate_rules.extend(body.duplicate_rules);
    settings.validation_rules.extend(body.validation_rules);
    settings.row_locks.extend(body.row_locks);
    settings.flows.extend(body.flows);
    settings.territory = body.territory.or(settings.territory.take());
    // What an administrator sets up is no news to anybody.
    org.telling.written.clear();
    for rule in body.rules {
        faults.add(rule)?;
    }
    Ok(standing(org, faults))
}

/// What stands.
pub fn standing(org: &Org, faults: &Faults) -> Value {
    json!({
        "rules": faults.rules(), "settings": org.settings, "api_limit": org.budget.limit(),
        "session_timeout_seconds": org.sessions.timeout, "now": super::org::shown_time(org.now()),
    })
}

fn switch(org: &mut Org, change: &UserChange) -> Result<(), String> {
    let found = org.users().find(|user| {
        change.id.as_deref().and_then(Id::parse).as_ref() == Some(&user.id)
            || change
                .email
                .as_deref()
                .is_some_and(|email| user.text("Email").eq_ignore_ascii_case(email))
    });
    let mut user = found.cloned().ok_or("name a user with `id` or `email`")?;
    user.values.insert("IsActive", json!(change.active));
    org.put(&USER, user);
    Ok(())
}
