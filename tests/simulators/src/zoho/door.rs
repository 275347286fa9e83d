//! What is Zoho's own of the control door.

use std::sync::Arc;

use axum::{Router, extract::State, response::Response, routing::post};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    door_edits::{self, Edit},
    notices::{self, Manners},
    org::{Refusal, System},
    render::{self, Lookups},
    setup,
};
use crate::{
    clock::ClockChange,
    control::{Doorkeeper, Faults, Gate, ResetBody, Rule, Which, door, json_reply},
};

/// The routes below `/_sim`.
pub fn router(system: Arc<System>, gate: Arc<Gate<System>>) -> Router {
    let own = Router::new()
        .route("/_sim/grant", post(grant))
        .with_state(system.clone());
    door(gate)
        .merge(own)
        .merge(notices::door_router(system.clone()))
        .merge(setup::router(system))
}

/// A new grant code, as the API console makes one.
async fn grant(State(system): State<Arc<System>>) -> Response {
    json_reply(200, &json!({"grant_code": system.org().oauth.new_code()}))
}

/// What can be set.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FaultBody {
    clear: bool,
    rules: Vec<Rule>,
    clock: Option<ClockChange>,
    /// `access`: all access tokens end; `refresh`: the refresh tokens too.
    revoke: Option<String>,
    api_domain: Option<String>,
    refuse: Vec<Refusal>,
    credits_limit: Option<u64>,
    mixed_status: Option<u16>,
    strict_picklists: Option<bool>,
    multi_currency: Option<bool>,
    /// What tokens are granted from now on.
    scopes: Option<Vec<String>>,
    notifications: Option<Manners>,
}

impl Doorkeeper for System {
    type Edit = Edit;
    type Settings = FaultBody;

    fn stats(&self, calls: Value) -> Value {
        let org = self.org();
        let now = org.now();
        let records: Map<String, Value> = org
            .stores
            .values()
            .map(|store| (store.module.name.to_owned(), json!(store.len())))
            .collect();
        json!({
            "system": "zoho",
            "calls": calls,
            "credits": org.credits.total(),
            "credits_limit": org.credits.limit(),
            "tokens_issued": org.oauth.issued(),
            "tokens_live": org.oauth.live(now),
            "triggers_fired": org.counts.triggers_fired,
            "rows": {
                "inserted": org.counts.inserted, "updated": org.counts.updated,
                "failed": org.counts.failed, "deleted": org.counts.deleted,
            },
            "records": records,
            "now": org.time(now),
        })
    }

    fn records(&self, name: &str, which: &Which) -> Result<Vec<Value>, String> {
        let org = self.org();
        let known: Vec<&str> = org.catalog.all().map(|module| module.name).collect();
        let module = org.catalog.module(name).ok_or_else(|| {
            format!(
                "there is no module {name:?}; there are {}",
                known.join(", ")
            )
        })?;
        if let Some(unknown) = which
            .keys()
            .find(|name| !matches!(name.as_str(), "id" | "key") && module.field(name).is_none())
        {
            return Err(format!("{} has no field {unknown:?}", module.name));
        }
        let store = org.store(module).map_err(|_| "the module has no store")?;
        let wanted = store.all().filter(|record| {
            which.iter().all(|(name, wanted)| match name.as_str() {
                "id" => *wanted == record.id.to_string(),
                "key" => record.values.get("Sage_Key") == Some(&json!(wanted)),
                name => module.field(name).is_some_and(|field| {
                    let shown = match render::value(&org, record, field, Lookups::IdOnly) {
                        Value::String(text) => text,
                        Value::Object(lookup) => lookup
                            .get("id")
                            .and_then(Value::as_str)
                            .unwrap_or("")
                            .to_owned(),
                        other => other.to_string(),
                    };
                    shown == *wanted
                }),
            })
        });
        Ok(wanted
            .map(|record| render::whole(&org, module, record))
            .collect())
    }

    fn edit(&self, edits: &[Edit]) -> Result<Vec<Value>, String> {
        let mut org = self.org();
        edits
            .iter()
            .map(|edit| door_edits::apply(&mut org, edit))
            .collect()
    }

    fn set(&self, faults: &mut Faults, body: FaultBody) -> Result<Value, String> {
        let mut org = self.org();
        if body.clear {
            faults.clear();
            org.clear_settings();
        }
        if let Some(change) = &body.clock {
            org.clock.change(change)?;
        }
        match body.revoke.as_deref() {
            None => {}
            Some("access") => org.oauth.revoke_access(),
            Some("refresh") => {
                org.oauth.revoke_refresh(None);
            }
            Some(other) => {
                return Err(format!(
                    "revoke is \"access\" or \"refresh\", not {other:?}"
                ));
            }
        }
        if let Some(status) = body.mixed_status
            && !(200..=499).contains(&status)
        {
            return Err("mixed_status lies between 200 and 499".to_owned());
        }
        let settings = &mut org.settings;
        settings.mixed_status = body.mixed_status.unwrap_or(settings.mixed_status);
        settings.strict_picklists = body.strict_picklists.unwrap_or(settings.strict_picklists);
        settings.multi_currency = body.multi_currency.unwrap_or(settings.multi_currency);
        settings.refusals.extend(body.refuse);
        if let Some(scopes) = body.scopes {
            settings.scopes = scopes;
        }
        if let Some(manners) = body.notifications {
            org.notices.manners = manners;
        }
        let settings = &mut org.settings;
        if let Some(domain) = body.api_domain {
            settings.api_domain = domain;
        }
        if let Some(limit) = body.credits_limit {
            org.credits.set_limit(limit);
        }
        for rule in body.rules {
            faults.add(rule)?;
        }
        Ok(json!({
            "rules": faults.rules(), "refuse": org.settings.refusals, "api_domain": org.settings.api_domain,
            "mixed_status": org.settings.mixed_status, "strict_picklists": org.settings.strict_picklists,
            "multi_currency": org.settings.multi_currency, "scopes": org.settings.scopes,
            "notifications": org.notices.manners,
            "credits_limit": org.credits.limit(), "now": org.time(org.now()),
        }))
    }

    fn standing(&self, faults: &Faults) -> Value {
        json!({"rules": faults.rules(), "refuse": self.org().settings.refusals})
    }

    fn reset(&self, body: &ResetBody) -> (Option<u64>, Option<u32>) {
        self.org().reset();
        (body.seed, body.customers)
    }
}
