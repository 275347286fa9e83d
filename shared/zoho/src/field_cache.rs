//! What a client remembers of the modules' fields.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// By field, the module that it leads to if it is a lookup.
pub(crate) type Fields = Arc<BTreeMap<String, Option<String>>>;

/// By module. A field that is not known here is asked about again, so that a new one needs no restart.
#[derive(Default)]
pub(crate) struct FieldCache(Mutex<HashMap<String, Fields>>);

impl FieldCache {
    pub(crate) fn of(&self, module: &str) -> Option<Fields> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(module).cloned()
    }

    pub(crate) fn keep(&self, module: &str, fields: &Fields) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(module.to_owned(), Arc::clone(fields));
    }
}
