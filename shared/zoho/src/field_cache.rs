//! What a client remembers of the modules' fields.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::wire::value::FieldType;

/// How long a field's type is taken for true: somebody may change it.
const KNOWN_FOR: SignedDuration = SignedDuration::from_hours(1);

/// What is known of a field.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct KnownField {
    /// The module that it leads to, if it is a lookup.
    pub(crate) leads: Option<String>,
    /// What it holds.
    pub(crate) holds: FieldType,
}

/// By field.
pub(crate) type Fields = Arc<BTreeMap<String, KnownField>>;

/// By module. A field that is not known here is asked about again, so that a new one needs no restart.
#[derive(Default)]
pub(crate) struct FieldCache(Mutex<HashMap<String, (Timestamp, Fields)>>);

impl FieldCache {
    pub(crate) fn of(&self, module: &str, now: Timestamp) -> Option<Fields> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (asked, fields) = known.get(module)?;
        (now.duration_since(*asked) < KNOWN_FOR).then(|| Arc::clone(fields))
    }

    pub(crate) fn keep(&self, module: &str, now: Timestamp, fields: &Fields) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(module.to_owned(), (now, Arc::clone(fields)));
    }
}
