//! What the control door can set.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::telling::Flow;

/// A field value that is refused, with whatever code and message.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// The object; without it, all.
    pub object: Option<String>,
    /// The field's API name.
    pub field: String,
    /// The value; without it, any.
    pub value: Option<Value>,
    /// The code; without it, FIELD_INTEGRITY_EXCEPTION.
    pub code: Option<String>,
    /// The sentence.
    pub message: Option<String>,
}

/// A duplicate rule.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DuplicateRule {
    /// The object.
    pub object: String,
    /// Records are duplicates when all of these hold the same values.
    pub fields: Vec<String>,
    /// `true`: the rule blocks; else it alerts, and may be overridden.
    #[serde(default)]
    pub block: bool,
    /// Its name.
    pub name: Option<String>,
    /// Its sentence.
    pub message: Option<String>,
}

/// A validation rule: it refuses rows whose field is as told.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValidationRule {
    /// The object.
    pub object: String,
    /// The field that is looked at.
    pub field: String,
    /// Fires when the field is empty.
    #[serde(default)]
    pub blank: bool,
    /// Fires when the field holds this.
    pub equals: Option<Value>,
    /// Fires when the field's text holds this.
    pub contains: Option<String>,
    /// The administrator's sentence.
    pub message: String,
    /// The field at which the sentence is shown; without it, it is shown at the top of the page.
    pub error_field: Option<String>,
}

/// Another process that holds a record.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowLock {
    /// The record's id.
    pub id: Option<String>,
    /// Or the value of its `Sage_Key__c`.
    pub key: Option<String>,
    /// How many rows fail of it; without it, all.
    pub times: Option<u32>,
}

/// An assignment rule of territories: it gives new and changed accounts to somebody.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Territory {
    /// The user who gets them.
    pub owner: String,
    /// Only accounts whose field …
    pub field: Option<String>,
    /// … holds this.
    pub value: Option<Value>,
}

/// The settings.
#[derive(Debug, Clone, Serialize)]
pub struct Settings {
    /// `instance_url` of the token replies.
    pub instance_url: String,
    /// Token replies leave `instance_url` out.
    pub omit_instance_url: bool,
    /// Refresh replies bring a new refresh token, and the old one ends.
    pub rotate_refresh_tokens: bool,
    /// Whether the app may run as its integration user without a person.
    pub client_credentials: bool,
    /// Whether the users have approved the app.
    pub approved: bool,
    /// Picklists of states and countries are on.
    pub state_country_picklists: bool,
    /// Records have currencies of their own.
    pub multi_currency: bool,
    /// Rates hold from a day on.
    pub dated_rates: bool,
    /// The integration user may view set-up and configuration.
    pub view_setup: bool,
    /// All picklists take only their own values.
    pub restricted_picklists: bool,
    /// Values that are refused.
    pub refuse: Vec<Refusal>,
    /// Duplicate rules.
    pub duplicate_rules: Vec<DuplicateRule>,
    /// Validation rules.
    pub validation_rules: Vec<ValidationRule>,
    /// Records held by others.
    pub row_locks: Vec<RowLock>,
    /// SOQL queries that an Apex trigger of the org makes for each row: a trigger that asks within its loop. One transaction
    /// may make 100, and a call is one transaction.
    pub trigger_queries: u64,
    /// Milliseconds for which a write holds its rows and their parents, before it answers.
    pub lock_hold_ms: u64,
    /// Flows that records set off.
    pub flows: Vec<Flow>,
    /// The assignment rule, if it is on.
    pub territory: Option<Territory>,
}

impl Settings {
    /// The settings of the start.
    pub fn new(url: &str) -> Self {
        Self {
            instance_url: url.to_owned(),
            omit_instance_url: false,
            rotate_refresh_tokens: false,
            client_credentials: true,
            approved: true,
            state_country_picklists: false,
            multi_currency: false,
            dated_rates: false,
            view_setup: true,
            restricted_picklists: false,
            refuse: Vec::new(),
            duplicate_rules: Vec::new(),
            validation_rules: Vec::new(),
            row_locks: Vec::new(),
            trigger_queries: 0,
            lock_hold_ms: 0,
            flows: Vec::new(),
            territory: None,
        }
    }
}
