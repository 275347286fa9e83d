//! What both sides last agreed on, field by field: the base of the three-way comparison.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Value;

/// The base of one field: both sides' raw values, since each side normalises what it is given in its own way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaseField {
    /// Sage's value when both last agreed (or, for an edit only reported, when that was seen).
    #[serde(rename = "s")]
    pub sage: Value,
    /// The CRM's value then.
    #[serde(rename = "c")]
    pub crm: Value,
    /// Whether [`BaseField::sage`] was read from Sage (`true`) or only written there.
    #[serde(rename = "so", default = "yes", skip_serializing_if = "is_yes")]
    pub sage_observed: bool,
    /// Whether [`BaseField::crm`] was read from the CRM (`true`) or only written there.
    #[serde(rename = "co", default, skip_serializing_if = "is_no")]
    pub crm_observed: bool,
}

/// By the target's field name.
pub type Shadow = BTreeMap<String, BaseField>;

const fn yes() -> bool {
    true
}

// The signatures are serde's.
const fn is_yes(flag: &bool) -> bool {
    *flag
}

const fn is_no(flag: &bool) -> bool {
    !*flag
}
