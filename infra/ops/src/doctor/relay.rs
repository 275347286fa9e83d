//! Event relays: whether they run, and whether an outage of theirs would leave anything out.

use counterpart_config::TargetConfig;
use counterpart_delivery::ingress::listened;
use counterpart_delivery::ports::{CrmRelays, Relay, RelayRecovery};
use counterpart_domain::{Class, bounded};

use super::probe::{Found, Probe, Subject};

/// What is said of an org without a relay, or of one whose relays are not shown.
const CHECK: &str = "event relay";
const READ_ANYWAY: &str =
    "Changes are read by their stamps all the same, every quarter of an hour.";

/// One probe per relay. Only a target that takes events of an organisation has some.
pub(super) async fn probes<C: CrmRelays>(
    subject: &Subject,
    target: &TargetConfig,
    crm: &C,
) -> Vec<Probe> {
    if !target.crm.profile().ways_in.bus || target.events.organizations.is_empty() {
        return Vec::new();
    }
    let mut relays = Vec::new();
    let asked = subject.probe(CHECK, async {
        match crm.relays().await {
            Ok(found) if found.is_empty() => {
                let found = "the org has none: outbound messages or callouts tell of changes";
                Ok(Found::Well(found.into()))
            }
            Ok(found) => {
                let count = found.len();
                relays = found;
                Ok(Found::Well(format!("{count} in the org")))
            }
            Err(fault) if fault.class == Class::Configuration => Ok(Found::Doubtful(
                format!("relays are not shown to us: {}", fault.message),
                format!(
                    "Let the integration user read EventRelayFeedback, where a relay tells of changes. {READ_ANYWAY}"
                ),
            )),
            Err(fault) => Err(fault),
        }
    });
    let mut probes = vec![asked.await];
    for (at, relay) in relays.iter().enumerate() {
        let number = (at + 1).to_string();
        let name = relay.name.as_deref().unwrap_or(&number);
        let check = format!("{CHECK} {}", bounded(name.to_owned(), 80));
        probes.push(subject.probe(check, async { Ok(state(relay)) }).await);
    }
    probes.extend(lines(subject, target, crm).await);
    probes
}

/// Whether changes of lines are told of: a line that changes need not change its sale's own record.
async fn lines<C: CrmRelays>(subject: &Subject, target: &TargetConfig, crm: &C) -> Option<Probe> {
    let crm_profile = target.crm.profile();
    let lines: Vec<&str> = listened(target)
        .into_iter()
        .filter(|module| crm_profile.source_of_lines(module).is_some())
        .collect();
    if lines.is_empty() {
        return None;
    }
    let asked = async {
        match crm.selected().await {
            Ok(selected) => Ok(told(&lines, selected.unwrap_or_default())),
            Err(fault) if fault.class == Class::Configuration => Ok(Found::Doubtful(
                format!(
                    "what is selected for change events is not shown to us: {}",
                    fault.message
                ),
                format!("Let the integration user view setup and configuration. {READ_ANYWAY}"),
            )),
            Err(fault) => Err(fault),
        }
    };
    Some(subject.probe("change events of lines", asked).await)
}

fn told(lines: &[&str], selected: Vec<String>) -> Found {
    if selected.is_empty() {
        let found = "no object is selected for change events: outbound messages or callouts tell of changes";
        return Found::Well(found.into());
    }
    let is_told = |line: &&&str| selected.iter().any(|object| object == **line);
    let untold: Vec<&str> = lines
        .iter()
        .filter(|line| !is_told(line))
        .copied()
        .collect();
    if untold.is_empty() {
        return Found::Well(format!("{} selected", lines.join(", ")));
    }
    Found::Doubtful(
        format!(
            "{} not selected: who changes a line alone tells nobody",
            untold.join(", ")
        ),
        format!(
            "Setup, Change Data Capture: select {} as well, and add them to the relay's channel where it has one of its own. {READ_ANYWAY}",
            untold.join(" and ")
        ),
    )
}

fn state(relay: &Relay) -> Found {
    let last = relay.last_relayed.map_or_else(
        || "nothing relayed yet".to_owned(),
        |at| format!("last event relayed {}", at.strftime("%Y-%m-%d %H:%M UTC")),
    );
    let source = relay.source.as_deref().unwrap_or("no partner event source");
    let error = relay.error.as_ref();
    let error = error.map_or_else(String::new, |error| format!("; last error: {error}"));
    let found = format!("{}, {last}; {source}{error}", relay.status);
    if !relay.is_running() {
        return Found::Doubtful(
            found,
            format!("If it is ours: Setup, Event Relays, start it. {READ_ANYWAY}"),
        );
    }
    match relay.recovery {
        Some(RelayRecovery::Earliest) => Found::Well(format!("{found}; recovers from EARLIEST")),
        Some(RelayRecovery::Latest) => Found::Doubtful(
            format!("{found}; recovers from LATEST: events of an error are never relayed"),
            "Set its error recovery option to EARLIEST: relayOption {\"ReplayRecovery\":\"EARLIEST\"}."
                .into(),
        ),
        None => Found::Well(format!(
            "{found}; whether it recovers from EARLIEST is not shown to us (View Setup and Configuration)"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_nobody_tells_of_are_named() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let lines = ["OpportunityLineItem", "OrderItem"];
        let found = |selected: &[&str]| told(&lines, names(selected));
        // Nobody uses change events here.
        assert!(matches!(found(&[]), Found::Well(_)));
        assert!(matches!(
            found(&["OpportunityLineItem", "OrderItem", "Order"]),
            Found::Well(_)
        ));
        let Found::Doubtful(what, remedy) = found(&["Opportunity", "OrderItem"]) else {
            unreachable!("a line that nobody tells of");
        };
        assert!(
            what.starts_with("OpportunityLineItem not selected"),
            "{what}"
        );
        assert!(
            remedy.contains("select OpportunityLineItem as well"),
            "{remedy}"
        );
    }
}
