//! `counterpart config`: the default, the check, and putting a file in force.

use std::path::Path;

use counterpart_config::{Finding, SyncConfig};
use counterpart_delivery::ports::{Clock, Settings};
use counterpart_domain::TargetName;
use serde_json::{Value, json};

use crate::output::{Answer, Refusal};

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

/// Checks a file.
#[must_use]
pub fn check(name: &str, text: &str) -> Answer {
    match SyncConfig::parse(text) {
        Ok(config) => Answer::well(
            format!("{name} is in order: {}.", summary(&config)),
            json!({"findings": []}),
        ),
        Err(findings) => wrong(name, &findings),
    }
}

fn summary(config: &SyncConfig) -> String {
    let join = |names: Vec<String>| names.join(", ");
    format!(
        "companies {}; targets {}",
        join(config.companies.keys().map(ToString::to_string).collect()),
        join(config.targets.keys().map(ToString::to_string).collect())
    )
}

fn wrong(name: &str, findings: &[Finding]) -> Answer {
    let mut text = String::new();
    for finding in findings {
        let place = if finding.path.is_empty() {
            String::new()
        } else {
            format!(" {}", finding.path)
        };
        text.push_str(&format!(
            "{name}:{}:{place}\n  {}\n  {}\n",
            finding.line, finding.message, finding.remedy
        ));
    }
    let count = findings.len();
    text.push_str(&format!(
        "{count} {} found; nothing was changed.",
        if count == 1 { "mistake" } else { "mistakes" }
    ));
    let findings: Vec<Value> = findings
        .iter()
        .map(|f| json!({"line": f.line, "path": f.path, "message": f.message, "remedy": f.remedy}))
        .collect();
    Answer {
        text,
        json: json!({"findings": findings}),
        well: false,
    }
}

/// Checks a file and puts it in force. `queues` are the targets that the deployment has a queue for.
///
/// # Errors
/// When the store cannot be used, somebody else pushed at the same time, or a target has no queue.
pub async fn push(
    name: &str,
    text: &str,
    store: &impl Settings,
    clock: &impl Clock,
    queues: &[TargetName],
) -> Result<Answer, Refusal> {
    let config = match SyncConfig::parse(text) {
        Ok(config) => config,
        Err(findings) => return Ok(wrong(name, &findings)),
    };
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
            "Deploy a queue for it (COUNTERPART_CRM_WRITES names those that there are), or rename the target.",
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
        Some(before) => (before.version, SyncConfig::parse(&before.text).ok()),
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
    let changed = changed_entities(old.as_ref(), &config);
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
        clock.block_on(push("sync.toml", text, store, &clock, &queues))
    }

    #[test]
    fn the_default_is_in_order_and_mistakes_are_all_said_with_lines() {
        assert!(check("sync.toml", SyncConfig::DEFAULT).well);
        let wrong = SyncConfig::DEFAULT
            .replace("module = \"Accounts\"", "modul = \"Accounts\"")
            .replace("page_size = 500", "page_size = 5000");
        let answer = check("sync.toml", &wrong);
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
    fn nothing_is_put_in_force_that_is_wrong_or_has_no_queue() {
        let store = MemoryStore::new();
        assert!(!pushed(&store, "companies = 7", &["zoho"]).unwrap().well);
        assert_eq!(
            pushed(&store, SyncConfig::DEFAULT, &[]).unwrap_err().code,
            "E_TARGET_WITHOUT_QUEUE"
        );
        let clock = VirtualClock::new("2026-11-22T19:30:00Z".parse().unwrap(), 1);
        assert_eq!(clock.block_on(store.config()).unwrap(), None);
    }
}
