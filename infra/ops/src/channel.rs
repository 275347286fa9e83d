//! `counterpart channel`: how each CRM tells of changes, until when, when it did last, and how far we have read ourselves.

use std::collections::{BTreeMap, BTreeSet};

use counterpart_config::TargetConfig;
use counterpart_delivery::ports::{
    Channel, Channels, CrmRelays, Heard, Marks, Relay, Resync, Sweep, Sweeps,
};
use counterpart_domain::{Fault, TargetName};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::output::{Answer, Style, printable};

/// What is known of one target.
#[derive(Debug)]
struct Known {
    channels: Vec<Channel>,
    sweeps: Vec<Sweep>,
    heard: Vec<Heard>,
    lost: Vec<Resync>,
    relays: Result<Vec<Relay>, Fault>,
}

/// One line.
#[derive(Debug, PartialEq, Eq)]
struct Line {
    target: TargetName,
    /// A module, or the source of a relay.
    of: String,
    /// What tells of it.
    by: String,
    state: String,
    until: Option<Timestamp>,
    heard: Option<Timestamp>,
    read: Option<Timestamp>,
    well: bool,
}

impl Line {
    fn row(&self) -> Vec<String> {
        let instant =
            |at: Option<Timestamp>| at.map_or_else(|| "-".to_owned(), |at| format!("{at:.0}"));
        vec![
            self.target.to_string(),
            self.of.clone(),
            self.by.clone(),
            self.state.clone(),
            instant(self.until),
            instant(self.heard),
            instant(self.read),
        ]
    }

    fn json(&self) -> Value {
        json!({"target": self.target, "of": self.of, "by": self.by, "state": self.state, "until": self.until,
               "last_event": self.heard, "read_until": self.read, "well": self.well})
    }
}

/// What is watched in these targets.
///
/// # Errors
/// When the store cannot be read. A CRM that does not say how its relays are is told of.
pub async fn list<S: Channels + Sweeps + Marks, C: CrmRelays>(
    store: &S,
    targets: &[(&TargetName, &TargetConfig)],
    crms: &BTreeMap<TargetName, C>,
    now: Timestamp,
    style: Style,
) -> Result<Answer, Fault> {
    let mut lines = Vec::new();
    let mut blind = Vec::new();
    for (name, target) in targets {
        let has_relays = target.crm.profile().ways_in.bus;
        let relays = match crms.get(*name).filter(|_| has_relays) {
            Some(crm) => crm.relays().await,
            None => Ok(Vec::new()),
        };
        let known = Known {
            channels: store.channels(name).await?,
            sweeps: store.sweeps(name).await?,
            heard: store.heard(name).await?,
            lost: store.resyncs(name).await?,
            relays,
        };
        if let Err(fault) = &known.relays {
            blind.push(format!(
                "{name} does not say how its event relays are: {fault}"
            ));
        }
        lines.extend(lines_of(name, target, &known, now));
    }
    let rows = lines.iter().map(Line::row).collect();
    let header = [
        "target",
        "of",
        "told by",
        "state",
        "until",
        "last event",
        "read up to",
    ];
    let mut text = style.table(&header, rows, &[]);
    if lines.is_empty() {
        text = "Nothing is watched: no target takes changes of a CRM.".into();
    }
    for one in &blind {
        text.push_str(&format!("\n{}", printable(one)));
    }
    text.push_str("\nWhatever is told or not, every module here is read by its change stamp on the schedule `ChannelSchedule`.");
    Ok(Answer {
        text,
        json: json!({"channels": lines.iter().map(Line::json).collect::<Vec<_>>(), "unread": blind}),
        well: lines.iter().all(|line| line.well),
    })
}

fn lines_of(name: &TargetName, target: &TargetConfig, known: &Known, now: Timestamp) -> Vec<Line> {
    let watched = target
        .events
        .watch
        .iter()
        .filter(|_| target.events.notify_url.is_some());
    let modules: BTreeSet<&str> = watched
        .map(String::as_str)
        .chain(known.sweeps.iter().map(|sweep| sweep.module.as_str()))
        .chain(known.channels.iter().map(|channel| channel.module.as_str()))
        .chain(known.heard.iter().map(|heard| heard.of.as_str()))
        // The others are sources of relays: `aws.partner/salesforce.com/…`.
        .filter(|of| !of.contains('/'))
        .collect();
    let modules = modules.into_iter();
    let relays = known.relays.iter().flatten();
    modules
        .map(|module| of_module(name, target, known, module, now))
        .chain(relays.map(|relay| of_relay(name, known, relay)))
        .collect()
}

impl Known {
    /// When it was heard last.
    fn heard(&self, of: &str) -> Option<Timestamp> {
        let heard = self.heard.iter().find(|heard| heard.of == of);
        heard.map(|heard| heard.at)
    }
}

fn of_module(
    name: &TargetName,
    target: &TargetConfig,
    known: &Known,
    module: &str,
    now: Timestamp,
) -> Line {
    let channel = known
        .channels
        .iter()
        .find(|channel| channel.module == module);
    let is_watched =
        target.events.notify_url.is_some() && target.events.watch.iter().any(|one| one == module);
    let (by, mut state, well) = told(channel, is_watched, now);
    let sweep = known.sweeps.iter().find(|sweep| sweep.module == module);
    if sweep.is_some_and(|sweep| sweep.open.is_some()) {
        state.push_str("; more is to be read by the next run");
    }
    if let Some(lost) = known.lost.iter().find(|lost| lost.module == module) {
        state.push_str(&format!(
            "; events were lost ({}) since {:.0}",
            lost.reason, lost.since
        ));
    }
    Line {
        target: name.clone(),
        of: module.to_owned(),
        by,
        state,
        until: channel.and_then(|channel| channel.expires_at),
        heard: known.heard(module),
        read: sweep.map(|sweep| sweep.read_until),
        well,
    }
}

fn of_relay(name: &TargetName, known: &Known, relay: &Relay) -> Line {
    let source = relay.source.as_deref().unwrap_or("no partner event source");
    let error = relay.error.as_ref();
    let error = error.map_or_else(String::new, |error| format!(": {error}"));
    let title = relay.name.as_deref().unwrap_or_default();
    Line {
        target: name.clone(),
        of: source.to_owned(),
        by: format!("event relay {title}").trim().to_owned(),
        state: format!("{}{error}", relay.status),
        until: None,
        heard: relay.last_relayed.max(known.heard(source)),
        read: None,
        // The org may have others, which are nothing to us.
        well: relay.is_running() || known.heard(source).is_none(),
    }
}

/// What tells of a module, how that is, and whether it is as it should be.
fn told(channel: Option<&Channel>, is_watched: bool, now: Timestamp) -> (String, String, bool) {
    let by = |channel: &Channel| format!("watch channel {}", channel.channel_id);
    match channel {
        Some(channel) => match channel.expires_at {
            Some(until) if until > now => (by(channel), "watched".to_owned(), true),
            Some(_) => (
                by(channel),
                "lapsed: the channel keeper subscribes anew".to_owned(),
                !is_watched,
            ),
            None if is_watched => (by(channel), "not subscribed yet".to_owned(), false),
            None => ("-".to_owned(), "not watched any more".to_owned(), true),
        },
        None if is_watched => ("-".to_owned(), "not subscribed yet".to_owned(), false),
        None => (
            "-".to_owned(),
            "read by stamp; webhooks, callouts and relays may tell".to_owned(),
            true,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use counterpart_config::SyncConfig;
    use counterpart_simulation::{VirtualClock, memory::MemoryStore};

    struct Org(Result<Vec<Relay>, Fault>);

    impl CrmRelays for Org {
        async fn relays(&self) -> Result<Vec<Relay>, Fault> {
            self.0.clone()
        }
    }

    fn at(text: &str) -> Timestamp {
        format!("2026-11-22T{text}Z").parse().unwrap()
    }

    #[test]
    fn what_is_watched_says_until_when_and_when_it_was_heard_and_read_last() {
        let clock = VirtualClock::new(at("19:30:00"), 1);
        let store = MemoryStore::new();
        let text = SyncConfig::DEFAULT.replacen(
            "[targets.zoho.customer]",
            "[targets.zoho.events]\nnotify_url = \"https://x.example.com\"\nwatch = [\"Accounts\", \"Deals\", \"Contacts\"]\n\n[targets.zoho.customer]",
            1,
        );
        let config = SyncConfig::parse(&text).unwrap();
        let (name, target) = config.targets.iter().next().unwrap();
        let channel = |module: &str, until| Channel {
            target: name.clone(),
            module: module.into(),
            channel_id: "100000000000001".into(),
            expires_at: Some(until),
            renewed_at: None,
            terms: None,
            rev: 0,
        };
        let heard = Heard {
            target: name.clone(),
            of: "Deals".into(),
            at: at("19:29:00"),
        };
        let sweep = Sweep {
            target: name.clone(),
            module: "Deals".into(),
            read_until: at("19:15:00"),
            open: None,
            queued: BTreeMap::new(),
            deleted_until: None,
            open_deleted: None,
            rev: 0,
        };
        let said = clock.block_on(async {
            store
                .put_channel(&channel("Deals", at("23:00:00")))
                .await
                .unwrap();
            store
                .put_channel(&channel("Contacts", at("12:00:00")))
                .await
                .unwrap();
            store.note_heard(&heard).await.unwrap();
            store.put_sweep(&sweep).await.unwrap();
            let none = BTreeMap::<TargetName, Org>::new();
            list(
                &store,
                &[(name, target)],
                &none,
                at("19:30:00"),
                Style::Plain,
            )
            .await
            .unwrap()
        });
        assert!(!said.well, "one has lapsed, one is not there");
        insta::assert_snapshot!(said.text);
        assert_eq!(
            said.json["channels"][2]["last_event"],
            "2026-11-22T19:29:00Z"
        );
    }
}
