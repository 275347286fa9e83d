//! What the memory CRM remembers of a record's fields. It remembers every change by itself; a test may have a module keep no
//! history, or have it come late, as CRMs do.

use std::time::Duration;

use counterpart_delivery::ports::{Clock as _, Past, Was};
use counterpart_domain::{CrmId, Fields, Value};
use jiff::Timestamp;

use super::crm::MemoryCrm;

impl MemoryCrm {
    /// A module keeps no history from now on, and has forgotten what it had.
    pub fn forget_history(&self, module: &str) {
        let state = &mut *self.state.borrow_mut();
        state.forgetful.insert(module.to_owned());
    }

    /// History is to be read so much later than what it tells of.
    pub fn lag_history(&self, lag: Duration) {
        self.state.borrow_mut().history_lag = lag;
    }

    /// How often a history was read.
    #[must_use]
    pub fn histories(&self) -> u64 {
        self.state.borrow().histories
    }

    pub(super) fn remembered(&self, module: &str, id: &CrmId, now: &Fields) -> Past {
        let state = &mut *self.state.borrow_mut();
        state.histories += 1;
        let lag = state.history_lag;
        let until = self.clock.now().checked_sub(lag);
        let until = until.unwrap_or(Timestamp::MIN);
        let records = state.modules.get(module).into_iter().flatten();
        let held = records.into_iter().find(|held| held.id == *id);
        let (Some(held), false) = (held, state.forgetful.contains(module)) else {
            return Past::new();
        };
        let of = |field: &String| {
            let mut values: Vec<Was> = Vec::new();
            for (at, fields) in held.past.iter().filter(|(at, _)| *at <= until) {
                let value = fields.get(field).cloned().unwrap_or(Value::Blank);
                if values.last().is_none_or(|last| last.value != value) {
                    values.push(Was { at: *at, value });
                }
            }
            (field.clone(), values)
        };
        now.keys().map(of).collect()
    }
}
