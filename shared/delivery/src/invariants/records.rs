//! Customers and contacts: one record per Sage key, linked both ways, with the newest content.

use counterpart_domain::{CrmId, Fields, SageKey, Value};

use super::{Broken, LINKS, NEWEST, ONE_RECORD, WINDOW_CLOSES};
use crate::Totals;

/// A CRM record that carries a Sage key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldFacts {
    /// Its id.
    pub id: CrmId,
    /// Its fields.
    pub fields: Fields,
    /// The Sage key that our reverse link names for it.
    pub reverse: Option<SageKey>,
}

/// What is to be known of one Sage key in one target, at rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordFacts {
    /// The key.
    pub key: SageKey,
    /// The CRM's module.
    pub module: String,
    /// The records that carry the key.
    pub held: Vec<HeldFacts>,
    /// The id that the link names, where it is linked.
    pub linked: Option<Option<CrmId>>,
    /// Whether the link is neither dirty nor parked.
    pub at_rest: bool,
    /// The fields as the mapping makes them of what Sage holds; none: the record is left out, and is not kept up to date.
    pub wanted: Option<Fields>,
    /// Whether it is linked, is left out by its own filters, and the CRM has had no last update of it.
    pub untold: bool,
}

/// Whether a key's record is as it must be.
#[must_use]
pub fn record(facts: &RecordFacts) -> Vec<Broken> {
    let (key, module) = (&facts.key, &facts.module);
    let [held] = facts.held.as_slice() else {
        let what = format!("{key} is {} times in {module}", facts.held.len());
        return vec![Broken::new(&ONE_RECORD, what)];
    };
    let mut broken = Vec::new();
    let mut links = |what: String| broken.push(Broken::new(&LINKS, what));
    match &facts.linked {
        None => links(format!("{key} has no link")),
        Some(id) => {
            if id.as_ref() != Some(&held.id) {
                links(format!(
                    "the link of {key} names {id:?}, the CRM holds {}",
                    held.id
                ));
            }
            if !facts.at_rest {
                links(format!("the link of {key} is not at rest"));
            }
        }
    }
    if held.reverse.as_ref() != Some(key) {
        links(format!("the reverse link of {} is not {key}", held.id));
    }
    if facts.untold {
        let what = format!("{key} is left out, and {module} was not told");
        broken.push(Broken::new(&NEWEST, what));
    }
    for (field, value) in facts.wanted.iter().flatten() {
        let there = held.fields.get(field).unwrap_or(&Value::Blank);
        let wanted = match value {
            Value::Text(text) => Value::text(text.trim()),
            other => other.clone(),
        };
        if *there != wanted {
            let what = format!("{field} of {key} is {there:?}, should be {wanted:?}");
            broken.push(Broken::new(&NEWEST, what));
        }
    }
    broken
}

/// A run's window closes: nothing is left unexplained, in flight or waiting.
#[must_use]
pub fn window(run: &str, totals: &Totals) -> Option<Broken> {
    let open = totals.unexplained() + totals.in_flight + totals.waiting;
    let what = || format!("run {run} has {open} records without an outcome: {totals:?}");
    (open > 0).then(|| Broken::new(&WINDOW_CLOSES, what()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use counterpart_domain::{Company, Entity};

    fn facts() -> RecordFacts {
        let company = Company::new("ABC").unwrap();
        let key = SageKey::new(&company, Entity::CUSTOMER, "01-ABF").unwrap();
        let id = CrmId("1".to_owned());
        RecordFacts {
            key: key.clone(),
            module: "Accounts".to_owned(),
            held: vec![HeldFacts {
                id: id.clone(),
                fields: Fields::from([("Phone".to_owned(), Value::text("1"))]),
                reverse: Some(key),
            }],
            linked: Some(Some(id)),
            at_rest: true,
            wanted: Some(Fields::from([("Phone".to_owned(), Value::text("1 "))])),
            untold: false,
        }
    }

    fn broken(change: impl FnOnce(&mut RecordFacts)) -> Vec<&'static str> {
        let mut facts = facts();
        change(&mut facts);
        let broken = record(&facts).into_iter();
        broken.map(|one| one.invariant).collect()
    }

    #[test]
    fn each_part_of_a_record_is_looked_at() {
        assert!(broken(|_| {}).is_empty());
        assert_eq!(broken(|facts| facts.held.clear()), ["one-record"]);
        let twin = |facts: &mut RecordFacts| facts.held.push(facts.held[0].clone());
        assert_eq!(broken(twin), ["one-record"]);
        assert_eq!(broken(|facts| facts.linked = None), ["links-both-ways"]);
        assert_eq!(
            broken(|facts| facts.linked = Some(None)),
            ["links-both-ways"]
        );
        assert_eq!(broken(|facts| facts.at_rest = false), ["links-both-ways"]);
        let one_way = |facts: &mut RecordFacts| facts.held[0].reverse = None;
        assert_eq!(broken(one_way), ["links-both-ways"]);
        let old = |facts: &mut RecordFacts| facts.held[0].fields.clear();
        assert_eq!(broken(old), ["newest-content"]);
        let left_out = |facts: &mut RecordFacts| {
            old(facts);
            facts.wanted = None;
        };
        assert!(broken(left_out).is_empty());
        assert_eq!(broken(|facts| facts.untold = true), ["newest-content"]);
    }

    #[test]
    fn a_window_closes_or_is_told() {
        let mut totals = Totals {
            seen: 2,
            updated: 1,
            parked: 1,
            ..Totals::default()
        };
        assert_eq!(window("r1", &totals), None);
        totals.seen = 3;
        assert!(window("r1", &totals).is_some());
        totals.in_flight = 1;
        assert!(window("r1", &totals).is_some());
    }
}
