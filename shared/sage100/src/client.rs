//! The client, and its plain calls.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use counterpart_delivery::ports::Clock;
use counterpart_domain::{Company, Entity, Fault};
use reqwest::header::HeaderValue;

use crate::AgentSettings;

/// A client of one Sage 100 agent. Cheap to clone; clones share connections and the count of calls.
#[derive(Clone)]
pub struct AgentClient<C> {
    pub(crate) http: reqwest::Client,
    pub(crate) base: String,
    pub(crate) authorization: HeaderValue,
    pub(crate) clock: C,
    calls: Arc<AtomicU64>,
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
            http: settings.build()?,
            clock,
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
