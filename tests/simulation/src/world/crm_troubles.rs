//! What goes wrong in a CRM: rows and whole calls that are refused, locks, outages, slowness.

use std::time::Duration;

use counterpart_delivery::ports::Clock as _;
use counterpart_domain::{Class, CrmId, Fault};
use jiff::Timestamp;

use super::crm::MemoryCrm;
use crate::clock::later;

/// A time in which most calls are refused, with a time to wait.
#[derive(Debug)]
pub(super) struct Throttle {
    from: Timestamp,
    until: Timestamp,
    one_in: u64,
    wait: Duration,
    code: &'static str,
}

impl Throttle {
    /// How the `number`-th call is refused now; none: it is not.
    pub(super) fn refusal(&self, now: Timestamp, number: u64) -> Option<Fault> {
        let is_now = (self.from..self.until).contains(&now);
        (is_now && !number.is_multiple_of(self.one_in)).then(|| {
            let says = "The CRM asks for fewer calls; the work waits.";
            Fault::new(Class::Throttled, self.code, says).until(later(now, self.wait))
        })
    }
}

impl MemoryCrm {
    /// Refuses rows whose fields hold this text, until [`MemoryCrm::accept`].
    pub fn refuse(&self, text: &str) {
        self.state.borrow_mut().refuse.insert(text.to_owned());
    }

    /// Ends [`MemoryCrm::refuse`] and [`MemoryCrm::lock`].
    pub fn accept(&self, text: &str) {
        let state = &mut *self.state.borrow_mut();
        state.refuse.remove(text);
        state.row_faults.remove(text);
        state.locked.remove(text);
    }

    /// Locks the record with a key or an id: rows for it fail for the time being.
    pub fn lock(&self, key: &str) {
        self.state.borrow_mut().locked.insert(key.to_owned());
    }

    /// Refuses every read that names this key, as a query that cannot be parsed is refused.
    pub fn refuse_read(&self, key: &str) {
        self.state.borrow_mut().unreadable.insert(key.to_owned());
    }

    /// Answers every call from `from` until `until` with 503.
    pub fn outage(&self, from: Timestamp, until: Timestamp) {
        let fault = Fault::new(
            Class::Transient,
            "E_CRM_UNAVAILABLE",
            "The CRM answered 503.",
        );
        self.refuse_calls(from, until, fault);
    }

    /// Answers every call from `from` until `until` with a fault.
    pub fn refuse_calls(&self, from: Timestamp, until: Timestamp, fault: Fault) {
        self.state.borrow_mut().outages.push((from, until, fault));
    }

    /// Answers 429 from `from` until `until`: of so many calls one gets through, the others are to wait a while.
    pub fn throttle(&self, from: Timestamp, until: Timestamp, one_in: u64, wait: Duration) {
        self.state.borrow_mut().throttles.push(Throttle {
            from,
            until,
            one_in,
            wait,
            code: "E_CRM_THROTTLED",
        });
    }

    /// The day's calls are used up from `from` until `until`: none gets through.
    pub fn use_up_calls(&self, from: Timestamp, until: Timestamp) {
        self.state.borrow_mut().throttles.push(Throttle {
            from,
            until,
            one_in: u64::MAX,
            wait: Duration::from_secs(300),
            code: "E_CRM_DAILY_LIMIT",
        });
    }

    /// Answers rows whose fields hold this text, and queries that ask for it, with a fault, until [`MemoryCrm::accept`].
    pub fn refuse_rows(&self, text: &str, fault: Fault) {
        let state = &mut *self.state.borrow_mut();
        state.row_faults.insert(text.to_owned(), fault);
    }

    /// Takes so long for each row of a write. One that would take longer than `patience` is given up after that, as a call
    /// that is not answered in time; it writes nothing.
    pub fn slow(&self, each: Duration, patience: Duration) {
        self.state.borrow_mut().slow = Some((each, patience));
    }

    /// Ends [`MemoryCrm::slow`].
    pub fn quick(&self) {
        self.state.borrow_mut().slow = None;
    }

    /// Fails every write as a whole that holds a row with this key, without saying why.
    pub fn poison(&self, key: &str) {
        self.state.borrow_mut().poison.insert(key.to_owned());
    }

    /// Ends [`MemoryCrm::poison`].
    pub fn heal(&self, key: &str) {
        self.state.borrow_mut().poison.remove(key);
    }

    /// Triggers stand so many rows of one write; all rows of a larger one are refused. None: any number. What Apex may use is
    /// counted by transaction, which holds all rows of a call; the limit cannot be caught, and each row of the call bears it
    /// ("Execution Governors and Limits", Apex Developer Guide; "sObject Collections", REST API Developer Guide).
    pub fn limit_triggers(&self, most_rows: Option<usize>) {
        self.state.borrow_mut().trigger_limit = most_rows;
    }

    /// Refuses whatever is asked of one record by its id, reads and writes: its owner hides it, it is deleted, it is locked.
    pub fn refuse_record(&self, id: &CrmId, fault: Fault) {
        let state = &mut *self.state.borrow_mut();
        state.refused_records.insert(id.clone(), fault);
    }

    /// Ends [`MemoryCrm::refuse_record`].
    pub fn accept_record(&self, id: &CrmId) {
        self.state.borrow_mut().refused_records.remove(id);
    }

    pub(super) fn within_trigger_limit(&self, rows: usize) -> Result<(), Fault> {
        let limit = self.state.borrow().trigger_limit;
        match limit {
            Some(most) if rows > most => Err(Fault::new(
                Class::Data,
                "E_CRM_AUTOMATION_LIMIT",
                "System.LimitException: Too many SOQL queries: 101",
            )),
            _ => Ok(()),
        }
    }

    /// The rows of the largest write that was answered since this was asked last.
    #[must_use]
    pub fn largest_write(&self) -> usize {
        std::mem::take(&mut self.state.borrow_mut().largest)
    }

    pub(super) async fn take_time(&self, rows: usize) -> Result<(), Fault> {
        let slow = self.state.borrow().slow;
        let Some((each, patience)) = slow else {
            return Ok(());
        };
        let needed = each.saturating_mul(u32::try_from(rows).unwrap_or(u32::MAX));
        self.clock.sleep(needed.min(patience)).await;
        if needed > patience {
            return Err(Fault::new(
                Class::Ambiguous,
                "E_CRM_TIMEOUT",
                "The CRM did not answer in time.",
            ));
        }
        Ok(())
    }

    pub(super) fn poisoned(&self, mut keys: impl Iterator<Item = String>) -> Result<(), Fault> {
        let poison = &self.state.borrow().poison;
        if keys.any(|key| poison.contains(&key)) {
            return Err(Fault::new(
                Class::Transient,
                "E_CRM_UNEXPLAINED",
                "The CRM failed without saying why.",
            ));
        }
        Ok(())
    }
}
