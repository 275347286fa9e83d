//! What the CRM held when its record went to Sage: the base of the first comparison. What was edited in the CRM since, while
//! the job lay in its queue or Sage was out of reach, shows against it.

use counterpart_config::EntityConfig;
use counterpart_domain::reconcile::{BaseField, Known, Shadow};
use counterpart_domain::{Fields, Record, SageKey, Value};

/// The base of a record that is about to be sent as the CRM held it. Of a job of an older version that is not known: no field.
pub(super) fn as_held(crm: &Fields) -> Shadow {
    let field = |(name, value): (&String, &Value)| {
        let base = BaseField {
            sage: Known::Written(value.clone()),
            crm: Known::Read(value.clone()),
            reverted: None,
        };
        (name.clone(), base)
    };
    crm.iter().map(field).collect()
}

/// The base once Sage has shown what it made of what was sent: its own form of it is no edit in Sage. Where Sage holds
/// something else, somebody has edited it there already, and the base stays as it was.
pub(super) fn as_taken(
    mut base: Shadow,
    entity: &EntityConfig,
    key: &SageKey,
    sent: &Fields,
    there: &Record,
) -> Shadow {
    let Some(mapped) = entity.map(key, there).ok().filter(|_| holds(there, sent)) else {
        return base;
    };
    for (name, value) in mapped.fields {
        // What cannot be read says nothing of what was taken.
        if let Some(base) = base
            .get_mut(&name)
            .filter(|_| !mapped.unread.contains(&name))
        {
            base.sage = Known::Written(value);
        }
    }
    base
}

/// Whether a record has what was sent: trimmed, cut or put into upper case, but nothing else. Columns that are not read tell
/// nothing.
pub(super) fn holds(there: &Record, sent: &Fields) -> bool {
    sent.iter().all(|(name, sent)| {
        there.get(name).is_none_or(|there| {
            let (ours, theirs) = (folded(sent), folded(&there));
            there == *sent || (!theirs.is_empty() && ours.starts_with(&theirs)) || ours == theirs
        })
    })
}

fn folded(value: &Value) -> String {
    let text = value.to_string();
    let words: Vec<_> = text.split_whitespace().collect();
    words.join(" ").to_uppercase()
}
