//! `[targets.zoho.events]`: how a target tells of changes.

use std::collections::BTreeMap;

use counterpart_domain::{CrmId, TargetName};

use super::super::item::Item;
use super::super::section::Section;
use super::super::words;
use crate::{CrmProfile, EventsConfig, PlatformEvent, TargetConfig};

/// `modules`: those whose changes matter, watched unless the file says otherwise.
pub(in crate::read) fn read(
    section: Option<Section<'_>>,
    crm: &CrmProfile,
    name: &str,
    modules: &[&str],
) -> EventsConfig {
    let usual = format!("{name}-hook");
    let Some(mut section) = section else {
        return EventsConfig {
            secret: usual,
            ..EventsConfig::default()
        };
    };
    let secret = words::secret(&mut section, "secret", &usual);
    let integration_user = section
        .get("integration_user")
        .and_then(|item| user(&item, crm));
    let mut config = EventsConfig {
        secret,
        integration_user,
        ..EventsConfig::default()
    };
    if crm.ways_in.bus {
        config.organizations = section
            .get("organizations")
            .map(|item| organizations(&item, crm))
            .unwrap_or_default();
        config.platform_events = section
            .get("platform_events")
            .map(|item| platform_events(&item))
            .unwrap_or_default();
    }
    if crm.ways_in.channels {
        channels(&mut section, modules, &mut config);
    }
    section.finish();
    config
}

/// What watch channels are kept for, and where their callbacks go.
fn channels(section: &mut Section<'_>, modules: &[&str], config: &mut EventsConfig) {
    config.notify_url = section
        .get("notify_url")
        .and_then(|item| words::notify_url(&item));
    let watch = section.get("watch");
    if let (Some(item), None) = (&watch, &config.notify_url)
        && !section.has("notify_url")
    {
        item.report(
            "Nothing is watched without `notify_url`.",
            "Add the address of the HTTP API: notify_url = \"https://HOST\".",
        );
    }
    config.watch = match watch {
        Some(item) => watched(&item),
        None if config.notify_url.is_some() => {
            modules.iter().map(|module| (*module).to_owned()).collect()
        }
        None => Vec::new(),
    };
}

fn user(item: &Item<'_>, crm: &CrmProfile) -> Option<CrmId> {
    let id = item.filled()?;
    let full = (crm.ids.user)(id);
    if full.is_none() {
        item.report(
            format!("{id:?} is not the id of a user."),
            "Use the id of the user that Counterpart logs on as, in quotes.",
        );
    }
    full.map(CrmId)
}

fn organizations(item: &Item<'_>, crm: &CrmProfile) -> Vec<String> {
    let mut organizations = Vec::new();
    for element in item.list().unwrap_or_default() {
        let Some(id) = element.filled() else { continue };
        match (crm.ids.organization)(id) {
            Some(full) if organizations.contains(&full) => {
                element.report(format!("{id} is named twice."), "Name it once.");
            }
            Some(full) => organizations.push(full),
            None => element.report(
                format!("{id:?} is not the id of an organization."),
                "Write it as Setup shows it under Company Information: 15 or 18 characters that start with 00D.",
            ),
        }
    }
    organizations
}

fn platform_events(item: &Item<'_>) -> BTreeMap<String, PlatformEvent> {
    const MEMBERS: &str = "Write { module = \"Opportunity\", id_field = \"Record_Id__c\" }.";
    let mut events = BTreeMap::new();
    let Some(section) = item.table() else {
        return events;
    };
    for item in section.entries() {
        let name = item.name();
        if !name.ends_with("__e") || words::api_name_fault(name).is_some() {
            item.report(
                format!("{name:?} is not a platform event."),
                "Use its API name, which ends with __e.",
            );
        }
        let Some(mut section) = item.table() else {
            continue;
        };
        let mut member = |member| {
            section
                .need(member, MEMBERS)
                .and_then(|item| words::api_name(&item))
        };
        let (module, id_field) = (member("module"), member("id_field"));
        section.finish();
        if let (Some(module), Some(id_field)) = (module, id_field) {
            events.insert(name.to_owned(), PlatformEvent { module, id_field });
        }
    }
    events
}

fn watched(item: &Item<'_>) -> Vec<String> {
    let mut modules: Vec<String> = Vec::new();
    for element in item.list().unwrap_or_default() {
        let Some(module) = words::api_name(&element) else {
            continue;
        };
        if modules.contains(&module) {
            element.report(format!("{module} is named twice."), "Name it once.");
        } else {
            modules.push(module);
        }
    }
    modules
}

/// What callers have to know is one target's alone: who knows it may speak for that target.
pub(in crate::read) fn hooks(section: &Section<'_>, targets: &BTreeMap<TargetName, TargetConfig>) {
    for (name, target) in targets {
        let hook = &target.events.secret;
        let shared = targets.iter().find(|(other, config)| {
            config.secret == *hook || (*other != name && config.events.secret == *hook)
        });
        let Some((other, _)) = shared else { continue };
        let used = if other == name {
            "holds its credentials as well".to_owned()
        } else {
            format!("is used by {other} as well")
        };
        if let Some(item) = section.entries().find(|item| item.name() == name.as_str()) {
            item.report(
                format!("The secret {hook:?} of {name}'s callers {used}."),
                "Give it a name of its own: events = { secret = \"NAME\" }.",
            );
        }
    }
}
