//! How a target tells of changes, and how a company is written.

use counterpart_domain::CrmId;
use std::collections::BTreeMap;

/// A platform event of one's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlatformEvent {
    /// The object of the record that it names.
    pub module: String,
    /// The event's field that holds the record's id.
    pub id_field: String,
}

/// How a target tells of changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EventsConfig {
    /// The logical name of the secret with what callers have to know: `{"path", "hmac_key", "webhook_token",
    /// "channel_token"}`, each where it is used. Default: the target's own name with `-hook` behind it.
    pub secret: String,
    /// Salesforce: the organisations whose Outbound Messages are taken, 18 characters each.
    pub organizations: Vec<String>,
    /// The user that we write as: what it did is looked at with care.
    pub integration_user: Option<CrmId>,
    /// Salesforce: platform events, by API name (`Order_Ready__e`).
    pub platform_events: BTreeMap<String, PlatformEvent>,
    /// Zoho: the modules that a watch channel is kept for.
    pub watch: Vec<String>,
    /// Zoho: the address of the HTTP API that callbacks go to, with its stage if it has one; the keeper puts the route with
    /// its secret segment behind it. Without it no channel is kept.
    pub notify_url: Option<String>,
}

/// How a company is written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum SageWay {
    /// It is not.
    #[default]
    None,
    /// By the agent.
    Agent,
    /// By the SOAP service.
    Soap(SoapConfig),
}

/// Where a company's SOAP service is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoapConfig {
    /// The service's address with its path, without `?wsdl`; `https`, or `http` on a loopback address.
    pub url: String,
    /// The logical name of the secret with `{"username", "password"}`.
    pub secret: String,
    /// Parts of what the service says of a record that somebody has open; none: the usual ones.
    pub locked_texts: Option<Vec<String>>,
    /// Parts of what it says when no licence or session is free; none: the usual ones.
    pub busy_texts: Option<Vec<String>>,
}
