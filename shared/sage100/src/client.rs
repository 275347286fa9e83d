//! The client, and its plain calls.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use counterpart_delivery::ports::Clock;
use counterpart_domain::{Company, Entity, Fault};
use counterpart_http::Http;
use jiff::Timestamp;
use reqwest::header::HeaderValue;

use crate::capabilities::AgentCapabilities;
use crate::settings::AgentSettings;

/// A client of one Sage 100 agent. Cheap to clone; clones share connections and the count of calls.
#[derive(Clone)]
pub struct AgentClient<C> {
    pub(crate) http: Http,
    pub(crate) base: String,
    pub(crate) authorization: HeaderValue,
    pub(crate) clock: C,
    pub(crate) known: Known,
    calls: Arc<AtomicU64>,
}

/// The capabilities that were last told, and when. Shared by clones.
#[derive(Clone, Default)]
pub(crate) struct Known(Arc<Mutex<Option<Told>>>);

type Told = (Timestamp, Arc<AgentCapabilities>);

impl Known {
    pub(crate) fn get(&self) -> Option<Told> {
        // Nothing panics while it is held; a poisoned lock still holds a whole value.
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn put(&self, at: Timestamp, capabilities: Arc<AgentCapabilities>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((at, capabilities));
    }
}

impl<C: Clock> AgentClient<C> {
    /// A client for the agent of these settings. No call is made yet. The clock tells when a `Retry-After` is over.
    ///
    /// # Errors
    /// `E_SAGE_URL`, `E_SAGE_TOKEN`, `E_SAGE_CA` (class configuration).
    pub fn new(settings: &AgentSettings, clock: C) -> Result<Self, Fault> {
        Ok(Self {
            base: settings.checked_base()?,
            authorization: settings.authorization()?,
            http: settings.connect()?,
            clock,
            known: Known::default(),
            calls: Arc::default(),
        })
    }

    /// How many HTTP calls this client and its clones have made.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    pub(crate) fn count_call(&self) {
        self.calls.fetch_add(1, Ordering::Relaxed);
    }
}

impl<C> std::fmt::Debug for AgentClient<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AgentClient")
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}

/// `/v1/companies/ABC/customers`.
pub(crate) fn entity_path(company: &Company, entity: Entity) -> String {
    format!("/v1/companies/{company}/{}", entity.plural())
}
