//! The end of a transaction: what it wrote becomes events and messages.

use std::collections::BTreeMap;

use super::{change, outbound};
use crate::salesforce::{ids::Id, org::Org, schema::Object, store::Record};

/// Who writes, and through what.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// The user; none before the first call.
    pub user: Option<Id>,
    /// `changeOrigin` of change events.
    pub text: String,
}

impl Origin {
    /// A call of the REST API; `client` is what `Sforce-Call-Options` names, where it counts.
    pub fn rest(user: &Id, version: &str, client: Option<&str>) -> Self {
        let version = version.trim_start_matches('v');
        let mut text = format!("com/salesforce/api/rest/{version}");
        if let Some(client) = client {
            text.push_str(&format!(";client={client}"));
        }
        Self {
            user: Some(user.clone()),
            text,
        }
    }

    /// A person at a screen.
    pub fn screen(user: &Id) -> Self {
        Self {
            user: Some(user.clone()),
            text: "com/salesforce/api/soap/67.0;client=SfdcInternalAPI/".to_owned(),
        }
    }
}

/// What became of a record in a transaction.
#[derive(Debug)]
pub struct Step {
    /// The object.
    pub object: &'static Object,
    /// What was there before.
    pub before: Option<Record>,
    /// What is there now; it may be deleted.
    pub after: Record,
}

impl Step {
    /// `changeType`; none if nothing is left of what was done.
    pub fn kind(&self) -> Option<&'static str> {
        let gone = self.after.deleted.is_some();
        match &self.before {
            None if gone => None,
            None => Some("CREATE"),
            Some(before) => match (before.deleted.is_some(), gone) {
                (true, true) => None,
                (true, false) => Some("UNDELETE"),
                (false, true) => Some("DELETE"),
                (false, false) => Some("UPDATE"),
            },
        }
    }
}

/// Ends a transaction: everything written since the last one is told.
pub fn settle(org: &mut Org) {
    let written = std::mem::take(&mut org.telling.written);
    let published = std::mem::take(&mut org.telling.published);
    if written.is_empty() && published.is_empty() {
        return;
    }
    let mut steps: Vec<Step> = Vec::new();
    let mut known: BTreeMap<Id, usize> = BTreeMap::new();
    for one in written {
        // Of several writes of a record in one transaction, the last one counts.
        if known.contains_key(&one.id) {
            continue;
        }
        let Some(object) = org.catalog.object(one.object) else {
            continue;
        };
        let after = org
            .stores
            .get(one.object)
            .and_then(|store| store.any(&one.id))
            .cloned();
        let Some(after) = after else {
            continue;
        };
        known.insert(one.id, steps.len());
        steps.push(Step {
            object,
            before: one.before,
            after,
        });
    }
    change::tell(org, &steps);
    for (name, fields) in published {
        change::publish(org, &name, fields);
    }
    outbound::queue(org, &steps);
}
