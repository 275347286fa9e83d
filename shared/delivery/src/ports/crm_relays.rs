//! A CRM that tells of changes by relays: Salesforce's Event Relay.

use counterpart_domain::Fault;
use jiff::Timestamp;

/// Where a relay goes on after an error, if it cannot go on where it stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelayRecovery {
    /// With everything that the event bus still holds: nothing of the last three days is left out.
    Earliest,
    /// With new events only: those of the error are never relayed.
    Latest,
}

/// A relay as the CRM describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relay {
    /// Its name, where it is shown.
    pub name: Option<String>,
    /// The source that its events name; none: it has no partner event source yet.
    pub source: Option<String>,
    /// `RUNNING`, `STOPPED`, `PAUSED`, `ERROR`: in the CRM's own word.
    pub status: String,
    /// The last error, code and message.
    pub error: Option<String>,
    /// When the last event was relayed; none: never, or since it was stopped.
    pub last_relayed: Option<Timestamp>,
    /// Where it goes on after an error; none: it is not shown to us.
    pub recovery: Option<RelayRecovery>,
}

impl Relay {
    /// Whether it relays.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.status == "RUNNING"
    }
}

/// A CRM org, as far as its relays go.
pub trait CrmRelays {
    /// The relays of the org; empty where it has none, or its product knows none.
    ///
    /// # Errors
    /// When the call failed, or the integration user may not see them (class configuration).
    async fn relays(&self) -> Result<Vec<Relay>, Fault>;

    /// The objects whose changes the org tells of, each once (`OpportunityLineItem`). `None`: its product has no such choice.
    ///
    /// # Errors
    /// As with [`CrmRelays::relays`].
    async fn selected(&self) -> Result<Option<Vec<String>>, Fault> {
        Ok(None)
    }
}
