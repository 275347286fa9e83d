//! Webhooks of workflow rules: a static header for proof, merge fields in the body, one call for
//! each record.

use std::collections::BTreeMap;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{deliver::Post, touch::Touch};
use crate::zoho::{
    org::Org,
    render::{self, Lookups},
    schema::Module,
    store::Record,
};

/// How the body is sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Parameters of a form, as classic webhooks have them.
    Form,
    /// JSON.
    #[default]
    Json,
}

/// A workflow rule and its webhook.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// The module.
    pub module: String,
    /// `create`, `edit`, `delete`.
    #[serde(default = "edits")]
    pub on: Vec<String>,
    /// Only records that show all of this.
    #[serde(default)]
    pub when: Map<String, Value>,
    /// Where it goes.
    pub url: String,
    /// Custom headers.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// How the body is sent.
    #[serde(default)]
    pub format: Format,
    /// The body, with merge fields such as `${!Deals.id}` in its texts.
    pub body: Map<String, Value>,
}

fn edits() -> Vec<String> {
    vec!["create".to_owned(), "edit".to_owned()]
}

impl Webhook {
    /// Whether it can be.
    ///
    /// # Errors
    /// A sentence.
    pub fn check(&self, org: &Org) -> Result<(), String> {
        let module = org
            .catalog
            .module(&self.module)
            .ok_or_else(|| format!("there is no module {:?}", self.module))?;
        let url: reqwest::Url = self
            .url
            .parse()
            .map_err(|_| format!("{:?} is no URL", self.url))?;
        if self.url.chars().count() > 300 || !matches!(url.scheme(), "http" | "https") {
            return Err("a webhook's URL has at most 300 characters".to_owned());
        }
        if let Some(kind) = self
            .on
            .iter()
            .find(|kind| !matches!(kind.as_str(), "create" | "edit" | "delete"))
        {
            return Err(format!("{kind:?} is none of create, edit, delete"));
        }
        match self.when.keys().find(|name| module.field(name).is_none()) {
            Some(name) => Err(format!("{} has no field {name:?}", module.name)),
            None => Ok(()),
        }
    }

    fn fits(&self, org: &Org, touch: &Touch) -> bool {
        self.module == touch.module.name
            && self.on.iter().any(|kind| kind == touch.operation.event())
            && self.when.iter().all(|(name, wanted)| {
                touch.module.field(name).is_some_and(|field| {
                    render::value(org, &touch.record, field, Lookups::Named) == *wanted
                })
            })
    }
}

/// Posts what rules ask for.
pub fn fire(org: &mut Org, touched: &[Touch]) {
    let mut posts = Vec::new();
    for webhook in &org.notices.webhooks {
        for touch in touched.iter().filter(|touch| webhook.fits(org, touch)) {
            posts.push(post(org, webhook, touch));
        }
    }
    org.notices.waiting.extend(posts);
}

fn post(org: &Org, webhook: &Webhook, touch: &Touch) -> Post {
    let body = filled(org, &Value::Object(webhook.body.clone()), touch);
    let (kind, body) = match webhook.format {
        Format::Json => ("application/json", body.to_string()),
        Format::Form => {
            let fields = body.as_object();
            let pairs = fields.into_iter().flatten().map(|(name, value)| {
                let text = value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned);
                format!("{}={}", encoded(name), encoded(&text))
            });
            let form = pairs.collect::<Vec<_>>().join("&");
            ("application/x-www-form-urlencoded", form)
        }
    };
    let mut headers = vec![("Content-Type".to_owned(), kind.to_owned())];
    headers.extend(webhook.headers.clone());
    Post {
        what: format!("webhook of {}", webhook.module),
        url: webhook.url.clone(),
        headers,
        body,
    }
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

fn filled(org: &Org, told: &Value, touch: &Touch) -> Value {
    match told {
        Value::String(text) => Value::String(merged(org, text, touch)),
        Value::Array(all) => all.iter().map(|one| filled(org, one, touch)).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, one)| (name.clone(), filled(org, one, touch)))
            .collect(),
        other => other.clone(),
    }
}

/// A text whose merge fields hold the record's values; unknown ones are empty.
fn merged(org: &Org, text: &str, touch: &Touch) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${!") {
        let Some((name, tail)) = after.split_once('}') else {
            break;
        };
        out.push_str(before);
        out.push_str(&value(org, touch.module, &touch.record, name));
        rest = tail;
    }
    out.push_str(rest);
    out
}

fn value(org: &Org, module: &Module, record: &Record, name: &str) -> String {
    let field = name.split_once('.').map_or(name, |(_, field)| field);
    if field.eq_ignore_ascii_case("id") {
        return record.id.to_string();
    }
    let Some(field) = module.field(field) else {
        return String::new();
    };
    match render::value(org, record, field, Lookups::Named) {
        Value::Null => String::new(),
        Value::String(text) => text,
        Value::Object(lookup) => lookup
            .get("name")
            .and_then(Value::as_str)
            .unwrap_or("")
            .to_owned(),
        other => other.to_string(),
    }
}
