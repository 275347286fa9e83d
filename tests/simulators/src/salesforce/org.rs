//! The state of the simulated organisation.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard},
};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    catalog::Catalog,
    errors::Fail,
    ids::Id,
    jwt,
    locators::Locators,
    locks::Holds,
    metadata, people_data,
    sales::{self, OPPORTUNITY, OPPORTUNITY_HISTORY, history_row},
    schema::Object,
    sessions::{self, Sessions},
    settings::Settings,
    setup,
    store::{Record, Store},
    telling::{Mark, Telling, Written},
};
use crate::{clock::Clock, control::lock, shared::Budget};

/// Calls per rolling day of an organisation with some licences.
pub const DAILY_CALLS: u64 = 115_000;

/// Salesforce behind its lock.
pub struct System {
    org: Mutex<Org>,
}

impl System {
    /// An organisation without accounts and contacts, reached at `url`.
    pub fn new(url: String) -> Self {
        Self {
            org: Mutex::new(Org::new(url)),
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
            .users()
            .map(|user| {
                let status = if user.values.get("IsActive") == Some(&json!(true)) { "active" } else { "inactive" };
                json!({"id": user.id.as_str(), "full_name": user.text("Name"), "email": user.text("Email"), "status": status})
            })
            .collect();
        json!({
            "url": url,
            "login_url": url,
            "my_domain": people_data::MY_DOMAIN,
            "org_id": org.organisation().as_str(),
            "client_id": sessions::CLIENT_ID,
            "client_secret": sessions::CLIENT_SECRET,
            "username": org.users().next().map_or("", |user| user.text("Username")),
            "private_key": jwt::private_key(),
            "refresh_token": sessions::REFRESH_TOKEN,
            "key_field": "Sage_Key__c",
            "integration_user": org.integration_user().as_str(),
            "users": users,
        })
    }
}

/// Rows since the start.
#[derive(Debug, Default, Clone, serde::Serialize)]
pub struct Counts {
    /// Rows created through the API.
    pub inserted: u64,
    /// Rows updated through the API.
    pub updated: u64,
    /// Rows refused.
    pub failed: u64,
    /// Rows deleted through the API.
    pub deleted: u64,
}

/// All rows at an instant.
pub struct Snapshot {
    records: Vec<(&'static str, Vec<Record>)>,
    told: Mark,
    counts: Counts,
}

/// A record as it was before a call touched it; `None` if it was not there.
type Before = (&'static str, Id, Option<Record>);

/// Everything Salesforce knows.
pub struct Org {
    /// The address.
    pub url: String,
    /// The clock.
    pub clock: Clock,
    /// The objects.
    pub catalog: Catalog,
    /// Records by object.
    pub stores: BTreeMap<&'static str, Store>,
    /// Access and refresh tokens.
    pub sessions: Sessions,
    /// The day's calls.
    pub budget: Budget,
    /// What the control door has set.
    pub settings: Settings,
    /// Rows.
    pub counts: Counts,
    /// Results of queries that were not read to their end.
    pub locators: Locators,
    /// Row locks of the calls that are still at work.
    pub holds: Holds,
    /// Events and messages.
    pub telling: Telling,
    numbers: BTreeMap<&'static str, u64>,
    /// How many records were counted, by object.
    counted: BTreeMap<&'static str, u64>,
    /// What was there before, and what was to be told then.
    journal: Option<(Vec<Before>, Mark)>,
}

impl Org {
    /// The state at the start.
    pub fn new(url: String) -> Self {
        let (clock, catalog) = (Clock::new(0), Catalog::default());
        let mut org = Self {
            stores: catalog
                .all()
                .map(|object| (object.name, Store::new(object)))
                .collect(),
            catalog,
            sessions: Sessions::default(),
            budget: Budget::new(DAILY_CALLS),
            settings: Settings::new(&url),
            counts: Counts::default(),
            locators: Locators::default(),
            holds: Holds::default(),
            telling: Telling::default(),
            numbers: BTreeMap::new(),
            counted: BTreeMap::new(),
            journal: None,
            clock,
            url,
        };
        setup::fill(&mut org);
        people_data::fill(&mut org);
        metadata::fill(&mut org);
        sales::fill(&mut org);
        // What was there from the start is no news.
        org.telling.written.clear();
        org
    }

    /// Everything as at the start.
    pub fn reset(&mut self) {
        *self = Self::new(self.url.clone());
    }

    /// The settings of the start.
    pub fn clear_settings(&mut self) {
        // Several currencies are for ever, here as there.
        let (multi_currency, dated_rates) =
            (self.settings.multi_currency, self.settings.dated_rates);
        self.settings = Settings::new(&self.url);
        self.settings.multi_currency = multi_currency;
        self.settings.dated_rates = dated_rates;
        self.clock = Clock::new(0);
        self.budget.set_limit(DAILY_CALLS);
        self.sessions.timeout = sessions::TIMEOUT;
    }

    /// Seconds since 1970.
    pub fn now(&self) -> i64 {
        self.clock.now().as_second()
    }

    /// A new record's id.
    pub fn new_id(&mut self, object: &Object) -> Id {
        let number = self.numbers.entry(object.prefix).or_insert(0x1_0000);
        *number += 1;
        Id::new(object.prefix, *number)
    }

    /// The next number of an object whose records are counted.
    pub fn next_number(&mut self, object: &Object) -> u64 {
        let number = self.counted.entry(object.name).or_insert(0);
        *number += 1;
        *number
    }

    /// The next number of a field that a program makes.
    pub fn next_field(&mut self) -> u64 {
        let number = self.numbers.entry("00N").or_insert(0x1_0000);
        *number += 1;
        *number
    }

    /// Enters an object, or the new definition of one that is there: its records stay.
    pub fn define(&mut self, object: Object) -> &'static Object {
        let object = self.catalog.define(object);
        let mut store = Store::new(object);
        if let Some(old) = self.stores.get(object.name) {
            old.all().cloned().for_each(|record| store.put(record));
        }
        self.stores.insert(object.name, store);
        object
    }

    /// The organisation's id.
    pub fn organisation(&self) -> Id {
        let found = self
            .stores
            .get("Organization")
            .and_then(|store| store.all().next());
        found.map_or_else(|| Id::new("00D", 0), |record| record.id.clone())
    }

    /// Users in the order of their ids.
    pub fn users(&self) -> impl Iterator<Item = &Record> {
        self.stores.get("User").into_iter().flat_map(Store::all)
    }

    /// The user as whom the app runs.
    pub fn integration_user(&self) -> Id {
        self.users()
            .next()
            .map_or_else(|| Id::new("005", 0), |user| user.id.clone())
    }

    /// The user of a user name, in whatever case.
    pub fn user_named(&self, name: &str) -> Option<Id> {
        self.users()
            .find(|user| !name.is_empty() && user.text("Username").eq_ignore_ascii_case(name))
            .map(|user| user.id.clone())
    }

    /// Whether a user may log on and own records.
    pub fn is_active(&self, user: &Id) -> bool {
        self.record("User", user)
            .is_some_and(|user| user.values.get("IsActive") == Some(&json!(true)))
    }

    /// A record that is not deleted.
    pub fn record(&self, object: &str, id: &Id) -> Option<&Record> {
        self.stores.get(object)?.get(id)
    }

    /// The store of an object.
    ///
    /// # Errors
    /// NOT_FOUND.
    pub fn store(&self, object: &Object) -> Result<&Store, Fail> {
        self.stores.get(object.name).ok_or_else(Fail::not_found)
    }

    /// Keeps a record, and in a journal what was there before.
    pub fn put(&mut self, object: &'static Object, record: Record) {
        let Some(store) = self.stores.get_mut(object.name) else {
            return;
        };
        let before = store.any(&record.id).cloned();
        if let Some((journal, _)) = self.journal.as_mut() {
            journal.push((object.name, record.id.clone(), before.clone()));
        }
        self.telling.written.push(Written {
            object: object.name,
            id: record.id.clone(),
            before: before.clone(),
        });
        let sale = (object.name == OPPORTUNITY.name).then(|| record.clone());
        store.put(record);
        if let Some(sale) = sale {
            self.keep_history(before.as_ref(), &sale);
        }
    }

    /// Says who may see a record. That is no change of it, and nobody is told: it stands in shares beside it.
    pub fn share(&mut self, object: &'static Object, record: Record) {
        if let Some(store) = self.stores.get_mut(object.name) {
            store.put(record);
        }
    }

    /// The row of history that an edit of an opportunity leaves. Nobody is told of it.
    fn keep_history(&mut self, before: Option<&Record>, sale: &Record) {
        let id = self.new_id(&OPPORTUNITY_HISTORY);
        let Some(row) = history_row(before, sale, id) else {
            return;
        };
        if let Some((journal, _)) = self.journal.as_mut() {
            journal.push((OPPORTUNITY_HISTORY.name, row.id.clone(), None));
        }
        if let Some(store) = self.stores.get_mut(OPPORTUNITY_HISTORY.name) {
            store.put(row);
        }
    }

    /// From here on, `roll_back` can undo.
    pub fn begin(&mut self) {
        self.journal = Some((Vec::new(), self.telling.mark()));
    }

    /// What was done since `begin` stays.
    pub fn commit(&mut self) {
        self.journal = None;
    }

    /// What was done since `begin` is undone.
    pub fn roll_back(&mut self) {
        let Some((journal, told)) = self.journal.take() else {
            return;
        };
        self.telling.rewind(told);
        for (object, id, before) in journal.into_iter().rev() {
            let Some(store) = self.stores.get_mut(object) else {
                continue;
            };
            match before {
                Some(record) => store.put(record),
                None => store.take(&id),
            }
        }
    }

    /// The rows as they are, for `restore`.
    pub fn snapshot(&self) -> Snapshot {
        let records = self
            .stores
            .iter()
            .map(|(name, store)| (*name, store.all().cloned().collect()));
        Snapshot {
            records: records.collect(),
            told: self.telling.mark(),
            counts: self.counts.clone(),
        }
    }

    /// The rows as they were.
    pub fn restore(&mut self, snapshot: Snapshot) {
        for (name, records) in snapshot.records {
            let Some(store) = self.stores.get_mut(name) else {
                continue;
            };
            *store = Store::new(store.object);
            records.into_iter().for_each(|record| store.put(record));
        }
        self.telling.rewind(snapshot.told);
        self.counts = snapshot.counts;
    }

    /// Counts a call against the day's budget.
    ///
    /// # Errors
    /// REQUEST_LIMIT_EXCEEDED when there is none left.
    pub fn charge(&mut self) -> Result<(), Fail> {
        let now = self.now();
        if self.budget.take(now, 1) {
            Ok(())
        } else {
            Err(Fail::new(
                403,
                "REQUEST_LIMIT_EXCEEDED",
                "TotalRequests Limit exceeded.",
            ))
        }
    }
}

/// An instant as the API shows it: whole seconds, and an offset without a colon.
pub fn shown_time(second: i64) -> String {
    let instant = Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH);
    instant.strftime("%Y-%m-%dT%H:%M:%S.000+0000").to_string()
}
