//! The state of the simulated organisation.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard},
};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    catalog::Catalog,
    credits,
    errors::Failure,
    notices::{Manners, Notices},
    oauth::{self, OAuth},
    sales,
    schema::Module,
    scopes, setup,
    slots::Slots,
    store::{Id, Store},
    users::{self, User},
};
use crate::{clock::Clock, control::lock, shared::Budget};

/// The offset in which this organisation's users see times.
pub const UTC_OFFSET_MINUTES: i32 = -360;
/// Ids of new records count up from here.
const FIRST_RECORD: Id = 5_725_767_000_000_600_001;

/// Zoho behind its lock.
pub struct System {
    org: Mutex<Org>,
    /// Places for concurrent calls.
    pub slots: Slots,
}

impl System {
    /// An organisation without records, reached at `url`.
    pub fn new(url: String) -> Self {
        Self {
            org: Mutex::new(Org::new(url)),
            slots: Slots::default(),
        }
    }

    /// The state.
    pub fn org(&self) -> MutexGuard<'_, Org> {
        lock(&self.org)
    }

    /// What the command prints of it.
    pub fn announcement(&self, url: &str) -> Value {
        let org = self.org();
        let users: Vec<Value> = org
            .users
            .iter()
            .map(|user| json!({"id": user.id.to_string(), "full_name": user.name, "email": user.email, "status": user.status()}))
            .collect();
        json!({
            "url": url,
            "accounts_url": format!("{url}/oauth/v2/token"),
            "client_id": oauth::CLIENT_ID,
            "client_secret": oauth::CLIENT_SECRET,
            "refresh_token": oauth::REFRESH_TOKEN,
            "grant_code": oauth::GRANT_CODE,
            "scopes": org.settings.scopes,
            "key_field": "Sage_Key",
            "integration_user": org.integration_user().to_string(),
            "users": users,
        })
    }
}

/// A field value that is refused with INVALID_DATA, as validation rules do.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// The module; without it, all.
    pub module: Option<String>,
    /// The field's API name.
    pub field: String,
    /// The value; without it, any.
    pub value: Option<Value>,
}

/// What the control door can set.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `api_domain` of the token reply.
    pub api_domain: String,
    /// HTTP status of a write in which some rows failed.
    pub mixed_status: u16,
    /// Values that are refused.
    pub refusals: Vec<Refusal>,
    /// Picklists take only their own values.
    pub strict_picklists: bool,
    /// Records have currencies of their own.
    pub multi_currency: bool,
    /// What the tokens were granted.
    pub scopes: Vec<String>,
}

/// Rows and triggers since the start.
#[derive(Debug, Default, Clone)]
pub struct Counts {
    /// Rows inserted through the API.
    pub inserted: u64,
    /// Rows updated through the API.
    pub updated: u64,
    /// Rows refused.
    pub failed: u64,
    /// Rows deleted through the API.
    pub deleted: u64,
    /// Automations (workflow, approval, blueprint) that rows set off.
    pub triggers_fired: u64,
}

/// Everything Zoho knows.
pub struct Org {
    url: String,
    /// The clock.
    pub clock: Clock,
    /// Users; the first is the integration user, to whom all tokens belong.
    pub users: Vec<User>,
    /// The modules.
    pub catalog: Catalog,
    /// Records by module.
    pub stores: BTreeMap<&'static str, Store>,
    /// Tokens.
    pub oauth: OAuth,
    /// The day's credits.
    pub credits: Budget,
    /// What the control door has set.
    pub settings: Settings,
    /// Rows and triggers.
    pub counts: Counts,
    /// Channels and webhooks.
    pub notices: Notices,
    next_id: Id,
    /// How many records were counted, by module.
    counted: BTreeMap<&'static str, u64>,
}

impl Org {
    /// The state at the start.
    pub fn new(url: String) -> Self {
        let catalog = Catalog::default();
        let mut org = Self {
            clock: Clock::new(UTC_OFFSET_MINUTES),
            users: users::all(),
            stores: catalog
                .all()
                .map(|module| (module.name, Store::new(module)))
                .collect(),
            catalog,
            counted: BTreeMap::new(),
            oauth: OAuth::default(),
            credits: Budget::new(credits::LIMIT),
            settings: Settings::new(&url),
            counts: Counts::default(),
            notices: Notices::default(),
            next_id: FIRST_RECORD,
            url,
        };
        setup::fill(&mut org);
        sales::fill(&mut org);
        org
    }

    /// Everything as at the start.
    pub fn reset(&mut self) {
        *self = Self::new(self.url.clone());
    }

    /// The settings of the start.
    pub fn clear_settings(&mut self) {
        self.settings = Settings::new(&self.url);
        self.clock = Clock::new(UTC_OFFSET_MINUTES);
        self.credits.set_limit(credits::LIMIT);
        self.notices.manners = Manners::default();
    }

    /// Seconds since 1970.
    pub fn now(&self) -> i64 {
        self.clock.now().as_second()
    }

    /// A new record's id.
    pub fn new_id(&mut self) -> Id {
        let id = self.next_id;
        self.next_id += 1;
        id
    }

    /// How many records of a module were counted before this one.
    pub fn next_count(&mut self, module: &Module) -> u64 {
        let count = self.counted.entry(module.name).or_insert(0);
        *count += 1;
        *count - 1
    }

    /// Enters a module, or the new definition of one that is there: its records stay.
    pub fn define(&mut self, module: Module) -> &'static Module {
        let module = self.catalog.define(module);
        match self.stores.get_mut(module.name) {
            Some(store) => store.redefine(module),
            None => {
                self.stores.insert(module.name, Store::new(module));
            }
        }
        module
    }

    /// The user to whom the tokens belong.
    pub fn integration_user(&self) -> Id {
        self.users.first().map_or(0, |user| user.id)
    }

    /// A user.
    pub fn user(&self, id: Id) -> Option<&User> {
        self.users.iter().find(|user| user.id == id)
    }

    /// The store of a module.
    ///
    /// # Errors
    /// INVALID_MODULE.
    pub fn store(&self, module: &Module) -> Result<&Store, Failure> {
        self.stores
            .get(module.name)
            .ok_or_else(|| Failure::invalid_module(0))
    }

    /// The store of a module, to change it.
    ///
    /// # Errors
    /// INVALID_MODULE.
    pub fn store_mut(&mut self, module: &Module) -> Result<&mut Store, Failure> {
        self.stores
            .get_mut(module.name)
            .ok_or_else(|| Failure::invalid_module(0))
    }

    /// The address of a module's records.
    pub fn resource(&self, module: &Module) -> String {
        format!("{}/crm/v8/{}", self.url, module.name)
    }

    /// Takes credits for a call.
    ///
    /// # Errors
    /// TOO_MANY_REQUESTS when the rolling day has not as many left.
    pub fn charge(&mut self, cost: u64) -> Result<(), Failure> {
        let now = self.now();
        if self.credits.take(now, cost) {
            Ok(())
        } else {
            Err(Failure::too_many(
                "You have exceeded the API request limit. Please try again later.",
            ))
        }
    }

    /// A time in the offset of the organisation's users, to the second.
    pub fn time(&self, second: i64) -> String {
        let instant = Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH);
        let minutes = self.clock.utc_offset_minutes();
        let sign = if minutes < 0 { '-' } else { '+' };
        let (hours, rest) = (minutes.abs() / 60, minutes.abs() % 60);
        format!(
            "{}{sign}{hours:02}:{rest:02}",
            self.clock.wall(instant).strftime("%Y-%m-%dT%H:%M:%S")
        )
    }
}

impl Settings {
    fn new(url: &str) -> Self {
        Self {
            api_domain: url.to_owned(),
            mixed_status: 207,
            refusals: Vec::new(),
            strict_picklists: false,
            multi_currency: true,
            scopes: scopes::GRANTED.iter().map(ToString::to_string).collect(),
        }
    }
}
