//! Ids as people put them into a webhook or a callout: one, or several; with quotes, spaces or brackets around them; as a JSON
//! list, or with commas in between; with the prefix that Zoho's own apps give them. One that is none never takes its
//! neighbours along.

use counterpart_config::CrmProfile;
use counterpart_domain::CrmId;
use serde_json::Value;

use super::body;

/// What Zoho's other apps, and its exports, put before a record's id.
const PREFIX: &str = "zcrm_";
/// The most texts that are told of.
const MOST_TOLD: usize = 5;

/// The ids of a text or list, and what is none.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Ids {
    /// Each once, in order.
    pub(super) records: Vec<CrmId>,
    /// What the texts that are no ids look like: never what they say, which may be a record's content.
    pub(super) others: Vec<String>,
}

impl Ids {
    /// Adds those of a text.
    pub(super) fn read(&mut self, crm: &CrmProfile, text: &str) {
        match serde_json::from_str::<Value>(text) {
            Ok(value) if !value.is_number() => self.read_json(crm, &value),
            _ => text.split(is_between).for_each(|one| self.add(crm, one)),
        }
    }

    /// Adds those of a value.
    pub(super) fn read_json(&mut self, crm: &CrmProfile, value: &Value) {
        match value {
            Value::Null => {}
            Value::Array(values) => values.iter().for_each(|value| self.read_json(crm, value)),
            // A record, or a lookup.
            Value::Object(members) => match members.get("id") {
                Some(id) => self.read_json(crm, id),
                None => self.other("an object without id"),
            },
            Value::String(text) => text.split(is_between).for_each(|one| self.add(crm, one)),
            Value::Number(number) => self.add(crm, &number.to_string()),
            Value::Bool(_) => self.other("true or false"),
        }
    }

    fn add(&mut self, crm: &CrmProfile, text: &str) {
        let head = text.get(..PREFIX.len());
        let text = match head {
            Some(head) if head.eq_ignore_ascii_case(PREFIX) => &text[PREFIX.len()..],
            _ => text,
        };
        match body::record_id(crm, text) {
            Some(record) if !self.records.contains(&record) => self.records.push(record),
            Some(_) => {}
            None if text.is_empty() => {}
            None => self.other(looks(text)),
        }
    }

    fn other(&mut self, looks: impl Into<String>) {
        self.others.push(looks.into());
    }

    /// Tells of what is none, where there is any.
    pub(super) fn tell(&self, what: &str, module: &str) {
        if self.others.is_empty() {
            return;
        }
        let told = self.others.iter().take(MOST_TOLD);
        let told: Vec<&str> = told.map(String::as_str).collect();
        tracing::error!(
            crm.module = module,
            taken = self.records.len(),
            unread = self.others.len(),
            not_ids = told.join("; "),
            fault.code = "E_WEBHOOK_BODY",
            "{what} names records by something that is no id of theirs; the others are taken. Check the rule or the code that sends it"
        );
    }
}

/// What a text looks like that is no id.
fn looks(text: &str) -> String {
    let count = text.chars().count();
    if text.starts_with("${") || text.starts_with("{!") {
        "a merge field that was not filled in".to_owned()
    } else if text.bytes().all(|byte| byte.is_ascii_digit()) {
        format!("{count} digits")
    } else if text.parse::<f64>().is_ok() {
        "a number with a point or an exponent".to_owned()
    } else {
        format!("a text of {count} characters")
    }
}

/// What stands between ids, or around them.
fn is_between(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(
            c,
            ',' | ';' | '|' | '[' | ']' | '(' | ')' | '"' | '\'' | '“' | '”'
        )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ONE: &str = "5725767000003000010";
    const TWO: &str = "5725767000003000020";

    fn zoho() -> &'static CrmProfile {
        &counterpart_config::ZOHO
    }

    fn read(text: &str) -> Ids {
        let mut ids = Ids::default();
        ids.read(zoho(), text);
        ids
    }

    fn records(text: &str) -> Vec<String> {
        read(text).records.into_iter().map(|id| id.0).collect()
    }

    #[test]
    fn usual_spellings_are_understood() {
        for text in [
            format!("{ONE},{TWO}"),
            format!(" {ONE} ; {TWO} "),
            format!("\"{ONE}\", '{TWO}'"),
            format!("[{ONE}, {TWO}]"),
            format!("[\"{ONE}\",\"{TWO}\",\"{ONE}\"]"),
            format!("zcrm_{ONE} ZCRM_{TWO}"),
            format!("[\"zcrm_{ONE}\", {TWO}]"),
            format!("[{{\"id\":\"{ONE}\",\"name\":\"Desks\"}},{{\"id\":{TWO}}}]"),
            format!("{ONE}\r\n{TWO}\r\n"),
            format!("{ONE}|{TWO}||"),
        ] {
            assert_eq!(records(&text), [ONE, TWO], "{text}");
            assert!(read(&text).others.is_empty(), "{text}");
        }
    }

    #[test]
    fn one_that_is_none_is_told_and_its_neighbours_are_taken() {
        let ids = read(&format!("{ONE},${{!Deals.id}},{TWO},4.2e9"));
        assert_eq!(ids.records.len(), 2);
        assert_eq!(
            ids.others,
            [
                "a merge field that was not filled in",
                "a number with a point or an exponent"
            ]
        );
        assert!(read("").records.is_empty());
        assert_eq!(read("{\"name\":\"Desks\"}").others.len(), 1);
    }

    proptest! {
        /// Whatever stands beside it, an id among separators is taken.
        #[test]
        fn an_id_is_taken_whatever_stands_beside_it(before in "[^0-9_]{0,12}", after in "[^0-9]{0,12}") {
            let text = format!("{before} {ONE} {after}");
            prop_assume!(serde_json::from_str::<Value>(&text).is_err());
            prop_assert!(records(&text).contains(&ONE.to_owned()), "{}", text);
        }
    }
}
