//! What the memory CRM tells of: who changed which record, and with what stamp.

use counterpart_delivery::ports::{Clock as _, CrmRelays, Relay};
use counterpart_domain::{CrmId, Fault};
use jiff::Timestamp;

use super::crm::{MemoryCrm, State};

/// A change of a record, as the CRM tells of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Told {
    /// The module.
    pub module: String,
    /// The record.
    pub id: CrmId,
    /// Whether it was our own write.
    pub ours: bool,
}

impl MemoryCrm {
    /// From now on stamps are cut to whole seconds, as those of Salesforce and Zoho CRM are.
    pub fn stamp_whole_seconds(&self) {
        self.state.borrow_mut().whole_seconds = true;
    }

    /// From now on it says who changed a record last where that was we.
    pub fn know_us_as(&self, user: &CrmId) {
        self.state.borrow_mut().ours = Some(user.clone());
    }

    /// Sets the relays that it has.
    pub fn put_relays(&self, relays: &[Relay]) {
        self.state.borrow_mut().relays = relays.to_vec();
    }

    /// What a record that is written now is stamped with.
    pub(super) fn stamp(&self) -> Timestamp {
        let now = self.clock.now();
        match self.state.borrow().whole_seconds {
            true => Timestamp::from_second(now.as_second()).unwrap_or(now),
            false => now,
        }
    }

    /// The records that were changed since this was asked last, each once, in order. What a person changed is not ours,
    /// whoever changed it as well.
    #[must_use]
    pub fn take_changes(&self) -> Vec<Told> {
        let changes = std::mem::take(&mut self.state.borrow_mut().changes);
        let mut told: Vec<Told> = Vec::new();
        for change in changes {
            let same = |one: &&mut Told| one.module == change.module && one.id == change.id;
            match told.iter_mut().find(same) {
                Some(one) => one.ours &= change.ours,
                None => told.push(change),
            }
        }
        told
    }

    /// Every record that an upsert ever made: module, key, id.
    #[must_use]
    pub fn ever_made(&self) -> Vec<(String, String, CrmId)> {
        self.state.borrow().made.clone()
    }
}

impl CrmRelays for MemoryCrm {
    async fn relays(&self) -> Result<Vec<Relay>, Fault> {
        let effect = async {
            self.begin()?;
            Ok(self.state.borrow().relays.clone())
        };
        self.faults.call("crm.relays", effect).await
    }
}

impl State {
    /// Notes a change, for [`MemoryCrm::take_changes`].
    pub(super) fn changed(&mut self, module: &str, id: &CrmId, ours: bool) {
        self.changes.push(Told {
            module: module.to_owned(),
            id: id.clone(),
            ours,
        });
    }
}
