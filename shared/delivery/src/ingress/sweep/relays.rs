//! Salesforce's Event Relay is asked how it does: one that stands still tells nobody.

use super::{Scene, Sweeper, TargetSweep};
use crate::ports::prelude::*;
use crate::ports::{Heard, Relay};

/// What the source of a relay begins with.
const PARTNER: &str = "aws.partner/salesforce.com/";

impl<P: Ports> Sweeper<'_, P> {
    /// Asks after the relays that told us of something before. The org may have others, which are nothing to us.
    pub(super) async fn ask_relays(&self, scene: &Scene<'_, P::Crm>, report: &mut TargetSweep) {
        let ours = scene.heard.iter();
        let ours: Vec<&Heard> = ours.filter(|heard| heard.of.starts_with(PARTNER)).collect();
        if ours.is_empty() {
            return;
        }
        let relays = match scene.crm.relays().await {
            Ok(relays) => relays,
            Err(fault) => {
                // Changes are read all the same; only the alarm is blind.
                tracing::warn!(target.name = %report.target, fault.code = %fault.code, fault = %fault,
                    "the state of the event relay is not known");
                return;
            }
        };
        let relay_of = |source: &str| {
            let mut relays = relays.iter();
            relays.find(|relay| relay.source.as_deref() == Some(source))
        };
        for heard in &ours {
            let source = heard.of.as_str();
            let relay = relay_of(source);
            // One that was taken away, and since when another one tells, is nobody's loss.
            let mut later = ours.iter().filter(|other| other.at > heard.at);
            let is_replaced = relay.is_none()
                && later.any(|other| relay_of(&other.of).is_some_and(Relay::is_running));
            if relay.is_some_and(Relay::is_running) || is_replaced {
                continue;
            }
            let status = relay.map_or("not there any more", |relay| relay.status.as_str());
            let error = relay.and_then(|relay| relay.error.as_deref());
            tracing::error!(target.name = %report.target, relay.source = source, relay.status = status,
                relay.error = error.unwrap_or_default(), fault.code = "E_RELAY_STOPPED",
                last_relayed = ?relay.and_then(|relay| relay.last_relayed),
                "an event relay does not run; changes are read by their stamps, and come later");
            report.stopped.push(source.to_owned());
        }
    }
}
