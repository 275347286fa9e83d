//! `counterpart config`: the default, the check, and putting a file in force.

use std::path::Path;

use counterpart_config::{Finding, SyncConfig};
use counterpart_delivery::ports::{Clock, Settings};
use counterpart_domain::TargetName;
use serde_json::json;

use crate::check::{self, Scope};
use crate::output::{Answer, Refusal, Style};

/// The longest file that is put in force, in bytes: the settings table keeps it as one item.
const LONGEST_FILE: usize = 256 * 1024;

/// Reads a file of bounded length.
pub fn read(path: &Path) -> Result<String, Refusal> {
    let refuse = |why: String| {
        Refusal::new(
            "E_FILE",
            format!("{} cannot be read: {why}.", path.display()),
            "",
        )
    };
    let size = std::fs::metadata(path)
        .map_err(|error| refuse(error.to_string()))?
        .len();
    if size > LONGEST_FILE as u64 {
        return Err(refuse(format!(
            "it is longer than {} KiB",
            LONGEST_FILE / 1024
        )));
    }
    std::fs::read_to_string(path).map_err(|error| refuse(error.to_string()))
}

/// Checks a file by its own rules only; `why` says why nothing else is looked at.
#[must_use]
pub fn check_file(name: &str, text: &str, why: &str, style: Style) -> Answer {
    let scope = Scope::FileOnly(why.to_owned());
    match SyncConfig::parse(text) {
        Ok(config) => check::answer(name, Some(&config), &[], &scope, style),
        Err(findings) => wrong(name, &findings, style),
    }
}

/// What is wrong with the file itself. The living systems are not asked then.
#[must_use]
pub fn wrong(name: &str, findings: &[Finding], style: Style) -> Answer {
    let problems = check::of_file(findings);
    let scope =
        Scope::FileOnly("Only the file was checked: the rest is, once it can be read.".into());
    check::answer(name, None, &problems, &scope, style)
}

/// Puts a checked file in force. `queues` are the targets that the deployment has a queue for.
///
/// # Errors
/// When the store cannot be used, somebody else pushed at the same time, or a target has no queue.
pub async fn push(
    name: &str,
    text: &str,
    config: &SyncConfig,
    store: &impl Settings,
    clock: &impl Clock,
    queues: &[TargetName],
) -> Result<Answer, Refusal> {
    if let Some(target) = config
        .targets
        .keys()
        .find(|target| !queues.contains(target))
    {
        return Err(Refusal::new(
            "E_TARGET_WITHOUT_QUEUE",
            format!(
                "The deployment has no queue for target {target}; its records would go nowhere."
            ),
            "Name it in the parameter Targets of the deployment (COUNTERPART_TARGETS names those that there are), or rename the target.",
        ));
    }
    let before = store.config().await?;
    let (version, old) = match &before {
        Some(before) if before.text == text => {
            let version = before.version;
            return Ok(Answer::well(
                format!("{name} is in force already, as version {version}."),
                json!({"findings": [], "version": version, "pushed": false, "changed": []}),
            ));
        }
        Some(before) => (before.version, SyncConfig::stored(&before.text).ok()),
        None => (0, None),
    };
    if !store.push_config(text, version, clock.now()).await? {
        return Err(Refusal::new(
            "E_CONFIG_RACE",
            "Somebody else put a configuration in force at the same moment; yours was not.",
            "Look at what is in force now, then push again.",
        ));
    }
    let version = version + 1;
    let changed = changed_entities(old.as_ref(), config);
    let mut said =
        format!("{name} is in force as version {version}; the functions use it within a minute.");
    for change in &changed {
        said.push_str(&format!("\n  {change}"));
    }
    if changed.is_empty() {
        said.push_str("\n  No entity's mapping changed: nothing is written again because of it.");
    }
    Ok(Answer::well(
        said,
        json!({"findings": [], "version": version, "pushed": true, "changed": changed}),
    ))
}

/// The entities whose records will be looked at again.
fn changed_entities(old: Option<&SyncConfig>, new: &SyncConfig) -> Vec<String> {
    let mut changed = Vec::new();
    for (name, target) in &new.targets {
        let before = old.and_then(|old| old.targets.get(name));
        for (entity, config) in &target.entities {
            match before.and_then(|before| before.entities.get(entity)) {
                Some(before) if before.version == config.version => {}
                Some(_) => changed.push(format!(
                    "{name} {entity}: changed; every record is looked at again"
                )),
                None => changed.push(format!("{name} {entity}: new")),
            }
        }
    }
    for (name, target) in old.iter().flat_map(|old| &old.targets) {
        for entity in target.entities.keys() {
            let still = new
                .targets
                .get(name)
                .is_some_and(|target| target.entities.contains_key(entity));
            if !still {
                changed.push(format!("{name} {entity}: no longer kept in step"));
            }
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;
    use counterpart_simulation::{VirtualClock, memory::MemoryStore};

    fn pushed(store: &MemoryStore, text: &str, queues: &[&str]) -> Result<Answer, Refusal> {
        let clock = VirtualClock::new("2026-11-22T19:30:00Z".parse().unwrap(), 1);
        let queues: Vec<_> = queues
            .iter()
            .filter_map(|name| TargetName::new(name))
            .collect();
        let config = SyncConfig::parse(text).unwrap();
        clock.block_on(push("sync.toml", text, &config, store, &clock, &queues))
    }

    #[test]
    fn the_default_is_in_order_and_mistakes_are_all_said_with_lines() {
        let check = |text: &str| {
            check_file(
                "sync.toml",
                text,
                "Only the file was checked.",
                Style::Plain,
            )
        };
        assert!(check(SyncConfig::DEFAULT).well);
        let wrong = SyncConfig::DEFAULT
            .replace("module = \"Accounts\"", "modul = \"Accounts\"")
            .replace("page_size = 500", "page_size = 5000");
        let answer = check(&wrong);
        assert!(!answer.well);
        assert!(
            answer.json["findings"].as_array().unwrap().len() >= 2,
            "{}",
            answer.text
        );
        insta::assert_snapshot!(answer.text);
    }

    #[test]
    fn a_push_says_which_mappings_changed_and_the_same_text_is_pushed_once() {
        let store = MemoryStore::new();
        let first = pushed(&store, SyncConfig::DEFAULT, &["zoho"]).unwrap();
        assert_eq!(first.json["version"], 1);
        let again = pushed(&store, SyncConfig::DEFAULT, &["zoho"]).unwrap();
        assert_eq!(
            (
                again.json["version"].as_u64(),
                again.json["pushed"].as_bool()
            ),
            (Some(1), Some(false))
        );
        let mapped =
            SyncConfig::DEFAULT.replace("Billing_City = \"City\"", "Billing_City = \"State\"");
        assert_ne!(mapped, SyncConfig::DEFAULT);
        insta::assert_snapshot!(pushed(&store, &mapped, &["zoho"]).unwrap().text);
        let comment = format!("{mapped}\n# a word\n");
        insta::assert_snapshot!(pushed(&store, &comment, &["zoho"]).unwrap().text);
    }

    #[test]
    fn nothing_is_put_in_force_that_has_no_queue() {
        let store = MemoryStore::new();
        assert_eq!(
            pushed(&store, SyncConfig::DEFAULT, &[]).unwrap_err().code,
            "E_TARGET_WITHOUT_QUEUE"
        );
        let clock = VirtualClock::new("2026-11-22T19:30:00Z".parse().unwrap(), 1);
        assert_eq!(clock.block_on(store.config()).unwrap(), None);
    }
}
