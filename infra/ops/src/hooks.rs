//! What a CRM has to be told so that it can call: addresses, path, tokens, key.

use counterpart_config::TargetConfig;
use counterpart_delivery::SecretText;
use counterpart_delivery::ingress::{HookSecret, listened};
use counterpart_domain::TargetName;
use serde_json::{Value, json};

use crate::output::{Answer, Style};

/// What is printed in the place of a secret.
const HIDDEN: &str = "…";

/// One thing that somebody has to enter somewhere.
struct Entry {
    /// For programs.
    name: &'static str,
    /// Where in the CRM.
    place: &'static str,
    /// What.
    value: String,
}

/// The answer for some targets. `api`: the base address of the HTTP API. `show`: print the secrets themselves.
#[must_use]
pub fn answer(
    targets: &[(&TargetName, &TargetConfig, HookSecret)],
    api: &str,
    show: bool,
    style: Style,
) -> Answer {
    let mut text = String::new();
    let mut all = serde_json::Map::new();
    for (name, target, secret) in targets {
        let entries = entries(name, target, secret, api.trim_end_matches('/'), show);
        let rows = entries
            .iter()
            .map(|entry| vec![entry.place.to_owned(), entry.value.clone()])
            .collect();
        text.push_str(&format!("{name}\n"));
        text.push_str(&style.table(&["In the CRM", "Enter"], rows, &[]));
        text.push_str("\n\n");
        let entries: Value = entries
            .iter()
            .map(|entry| (entry.name.to_owned(), json!(entry.value)))
            .collect::<serde_json::Map<_, _>>()
            .into();
        all.insert(name.to_string(), entries);
    }
    if !show {
        text.push_str("Secrets are left out. `--show` prints them: mind who looks on.\n");
    }
    Answer::well(text, all.into())
}

fn entries(
    name: &TargetName,
    target: &TargetConfig,
    secret: &HookSecret,
    api: &str,
    show: bool,
) -> Vec<Entry> {
    let shown = |secret: &Option<SecretText>| match secret {
        Some(secret) if show => secret.reveal().to_owned(),
        Some(_) => HIDDEN.to_owned(),
        None => "not set in the secret".to_owned(),
    };
    let path = shown(&secret.path);
    let entry = |name, place, value| Entry { name, place, value };
    let crm = target.crm.profile();
    let mut entries = Vec::new();
    for hook in crm.ways_in.webhooks {
        let url = format!("{api}/{}/{name}/{}/{path}", crm.name, hook.path);
        entries.push(entry(hook.name, hook.place, url));
        if let Some(token) = &hook.token {
            let value = shown(&secret.webhook_token);
            entries.push(entry(token.name, token.place, value));
        }
    }
    if crm.ways_in.bus && !target.events.organizations.is_empty() {
        let objects = listened(target);
        let objects: Vec<&str> = objects.into_iter().collect();
        entries.push(entry(
            "change_events",
            "Change Data Capture, selected entities (of the relay's channel)",
            objects.join(", "),
        ));
    }
    entries.extend([
        entry(
            "callout_url",
            "signed callout, URL",
            format!("{api}/callouts/{name}"),
        ),
        entry(
            "lookup_url",
            "look-up of credit, stock, prices, URL",
            format!("{api}/lookup/{name}"),
        ),
        entry(
            "hmac_key",
            "key that both are signed with (HMAC-SHA256, header X-Counterpart-Signature)",
            shown(&secret.hmac_key),
        ),
    ]);
    entries
}

#[cfg(test)]
mod tests {
    use super::*;
    use counterpart_config::{CRM_PROFILES, SyncConfig};

    fn said(show: bool) -> (String, String) {
        let config = SyncConfig::parse(SyncConfig::DEFAULT).unwrap();
        let (name, target) = config.targets.iter().next().unwrap();
        let secret = HookSecret::read(r#"{"hmac_key":"hush","path":"p4th"}"#).unwrap();
        let answer = answer(
            &[(name, target, secret)],
            "https://api.example.com/",
            show,
            Style::Plain,
        );
        (answer.text, answer.json.to_string())
    }

    #[test]
    fn every_webhook_of_a_profile_has_a_route_in_the_template() {
        let template = include_str!("../../template.yaml");
        for crm in CRM_PROFILES {
            for hook in crm.ways_in.webhooks {
                let route = format!("POST /{}/{{target}}/{}/{{path}}\n", crm.name, hook.path);
                assert!(template.contains(&route), "{route}");
            }
        }
    }

    #[test]
    fn secrets_are_printed_only_when_asked_for() {
        let (text, json) = said(false);
        assert!(!text.contains("hush") && !json.contains("hush") && !json.contains("p4th"));
        assert!(
            text.contains("https://api.example.com/callouts/zoho"),
            "{text}"
        );
        let (text, json) = said(true);
        assert!(text.contains("hush") && json.contains("/zoho/zoho/webhook/p4th"));
    }
}
