//! Fault rules: which call goes wrong, how, and how often.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Seen;

/// How many rules may stand at once.
const MAX_RULES: usize = 1_000;

/// One rule. The first rule that fits a call is used.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The operation as `/_sim/stats` names it; `*` stands for any part: `*`, `*.upsert`, `Accounts.*`.
    #[serde(default = "any")]
    pub operation: String,
    /// Status to answer with. Without status, code and body, the connection is closed instead
    /// (or, when only `delay_ms` is given, the call is merely slow).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// An error code of the system: it brings the system's own status and body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Body to answer with: a JSON value, or a text that is sent as it is (`text/html`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// Headers of the answer, such as `Retry-After`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Milliseconds to wait before the call is looked at.
    #[serde(default)]
    pub delay_ms: u64,
    /// Milliseconds to wait when the work is done, before the answer is given, replaced or lost. Only with `after`.
    #[serde(default)]
    pub delay_after_ms: u64,
    /// How many calls it applies to; without it, to all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// How many fitting calls go through first.
    #[serde(default)]
    pub skip: u32,
    /// `true`: the work is done, then the answer is lost or replaced.
    #[serde(default)]
    pub after: bool,
    /// Which calls it applies to; without it, to all of the operation.
    #[serde(default, rename = "match", skip_serializing_if = "Option::is_none")]
    pub only: Option<Match>,
}

/// Narrows a rule to calls that carry something. All parts that are given must hold.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Match {
    /// A text that stands, as a whole JSON value or as a part of the decoded URL, in the call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// A field name that stands in the JSON body, with `value` if that is given too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The value of `field`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// A text that the decoded URL contains.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

fn any() -> String {
    "*".to_owned()
}

impl Rule {
    /// Whether the rule only makes calls slow.
    pub fn is_only_slow(&self) -> bool {
        (self.delay_ms > 0 && !self.after)
            && self.status.is_none()
            && self.code.is_none()
            && self.body.is_none()
    }

    fn fits(&self, operation: &str, seen: &Seen) -> bool {
        wildcard(&self.operation, operation)
            && self.only.as_ref().is_none_or(|only| only.fits(seen))
    }
}

impl Match {
    fn fits(&self, seen: &Seen) -> bool {
        self.url
            .as_ref()
            .is_none_or(|text| seen.url.contains(text.as_str()))
            && self.key.as_ref().is_none_or(|key| {
                seen.url.contains(key.as_str())
                    || seen.json.as_ref().is_some_and(|json| holds_text(json, key))
                    || seen
                        .xml
                        .as_ref()
                        .is_some_and(|xml| holds_element(xml, "", key))
            })
            && self.field.as_ref().is_none_or(|field| {
                let value = self.value.as_ref();
                seen.json
                    .as_ref()
                    .is_some_and(|json| holds_field(json, field, value))
                    || seen.xml.as_ref().is_some_and(|xml| {
                        let text = value.and_then(Value::as_str).unwrap_or("");
                        holds_element(xml, field, text)
                    })
            })
    }
}

/// The rules that stand.
#[derive(Debug, Default)]
pub struct Faults {
    rules: Vec<Rule>,
}

impl Faults {
    /// Adds a rule after the ones that stand.
    ///
    /// # Errors
    /// A sentence, when there are too many.
    pub fn add(&mut self, rule: Rule) -> Result<(), String> {
        if self.rules.len() >= MAX_RULES {
            return Err(format!("more than {MAX_RULES} fault rules"));
        }
        if rule
            .status
            .is_some_and(|status| !(200..=599).contains(&status))
        {
            return Err("a status lies between 200 and 599".to_owned());
        }
        self.rules.push(rule);
        Ok(())
    }

    /// Removes all rules.
    pub fn clear(&mut self) {
        self.rules.clear();
    }

    /// The rules that stand, with what is left of `times` and `skip`.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule for a call, if there is one; its `times` goes down by one.
    pub fn take(&mut self, operation: &str, seen: &Seen) -> Option<Rule> {
        let mut hit = None;
        for (index, rule) in self.rules.iter_mut().enumerate() {
            if !rule.fits(operation, seen) {
                continue;
            }
            if rule.skip > 0 {
                rule.skip -= 1;
                continue;
            }
            hit = Some(index);
            break;
        }
        let index = hit?;
        let rule = self.rules.get_mut(index)?;
        let taken = rule.clone();
        if let Some(times) = rule.times.as_mut() {
            *times = times.saturating_sub(1);
            if *times == 0 {
                self.rules.remove(index);
            }
        }
        Some(taken)
    }
}

/// `*` stands for any text; case does not count.
fn wildcard(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_ascii_lowercase(), text.to_ascii_lowercase());
    let mut parts = pattern.split('*');
    let Some(first) = parts.next() else {
        return false;
    };
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut last = None;
    for part in parts {
        last = Some(part);
        match rest.find(part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or(""),
            None => return false,
        }
    }
    match last {
        None => rest.is_empty(),
        Some(part) => part.is_empty() || text.ends_with(part),
    }
}

/// Whether an element of this name (any, if it is empty) holds just this text (any, if it is empty).
fn holds_element(xml: &str, name: &str, text: &str) -> bool {
    xml.split('<').skip(1).any(|part| {
        let Some((tag, content)) = part.split_once('>') else {
            return false;
        };
        let full = tag.split([' ', '/', '\n', '\r', '\t']).next().unwrap_or("");
        let local = full.rsplit(':').next().unwrap_or("");
        !tag.starts_with('/')
            && (name.is_empty() || local == name)
            && (text.is_empty() || content == text)
    })
}

fn holds_text(json: &Value, text: &str) -> bool {
    match json {
        Value::String(value) => value == text,
        Value::Array(values) => values.iter().any(|value| holds_text(value, text)),
        Value::Object(fields) => fields.values().any(|value| holds_text(value, text)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn holds_field(json: &Value, field: &str, value: Option<&Value>) -> bool {
    match json {
        Value::Object(fields) => {
            fields
                .get(field)
                .is_some_and(|found| value.is_none_or(|wanted| wanted == found))
                || fields
                    .values()
                    .any(|inner| holds_field(inner, field, value))
        }
        Value::Array(values) => values.iter().any(|inner| holds_field(inner, field, value)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_part_of_an_operation() {
        assert!(wildcard("*", "Accounts.upsert"));
        assert!(wildcard("*.upsert", "Accounts.upsert"));
        assert!(wildcard("accounts.*", "Accounts.upsert"));
        assert!(!wildcard("*.upsert", "Accounts.update"));
        assert!(!wildcard("Accounts", "Accounts.upsert"));
        assert!(wildcard("*.up*", "Accounts.upsert"));
    }

    #[test]
    fn an_element_is_found_by_name_and_text_whatever_its_prefix() {
        let xml = "<a:x><b:ItemCode xml:lang='en'>6655</b:ItemCode><Empty/></a:x>";
        assert!(holds_element(xml, "ItemCode", "6655"));
        assert!(holds_element(xml, "", "6655"));
        assert!(holds_element(xml, "Empty", ""));
        assert!(!holds_element(xml, "ItemCode", "665"));
        assert!(!holds_element(xml, "Item", ""));
    }

    #[test]
    fn a_rule_with_times_is_gone_after_them() {
        let mut faults = Faults::default();
        let rule: Rule =
            serde_json::from_str(r#"{"operation":"*.upsert","status":503,"times":1,"skip":1}"#)
                .unwrap();
        faults.add(rule).unwrap();
        let seen = Seen {
            url: String::new(),
            json: None,
            xml: None,
        };
        let hits: Vec<bool> = (0..3)
            .map(|_| faults.take("Accounts.upsert", &seen).is_some())
            .collect();
        assert_eq!(hits, [false, true, false]);
    }
}
