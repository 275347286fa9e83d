//! From an event's source to the target that it comes from.

use counterpart_config::{SyncConfig, TargetConfig, salesforce_id};
use counterpart_domain::{Class, Fault, TargetName};

/// The target whose list of organisations has the event's. AppFlow's events name no organisation: they are taken where the
/// configuration has one org only whose events come by a bus.
///
/// # Errors
/// `E_EVENT_SOURCE` (class configuration).
pub(super) fn target_of<'a>(
    config: &'a SyncConfig,
    source: &str,
) -> Result<(&'a TargetName, &'a TargetConfig), Fault> {
    let refused =
        |message: &'static str| Err(Fault::new(Class::Configuration, "E_EVENT_SOURCE", message));
    let mut targets = config
        .targets
        .iter()
        .filter(|(_, target)| target.crm.profile().ways_in.bus);
    let mut parts = source.split('/');
    match (parts.next(), parts.next(), parts.next()) {
        // The rule of the bus says which partners' sources are taken.
        (Some(_), Some("salesforce.com"), Some(org)) => {
            let org = salesforce_id(org);
            let listed = |target: &TargetConfig| {
                let mut organizations = target.events.organizations.iter();
                organizations.any(|listed| org.is_some() && salesforce_id(listed) == org)
            };
            match targets.find(|(_, target)| listed(target)) {
                Some(found) => Ok(found),
                None => refused(
                    "An event came from an organisation that no target lists; add it to `events.organizations`, or end the relay.",
                ),
            }
        }
        (Some(_), Some(appflow), Some("salesforce.com")) if appflow.starts_with("appflow") => {
            match (targets.next(), targets.next()) {
                (Some(only), None) => Ok(only),
                _ => refused(
                    "An event came by AppFlow, which does not say from which organisation; with several targets of that CRM, or none, use Event Relay.",
                ),
            }
        }
        _ => refused(
            "An event came from a source that is not salesforce.com; look at the rule of the event bus.",
        ),
    }
}
