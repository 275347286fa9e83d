//! Channels are kept alive, and what was changed while none was alive arrives all the same.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use counterpart_delivery::SecretText;
use counterpart_delivery::event::{Change, EventSource};
use counterpart_delivery::ingress::{
    ChannelKeeper, HookSecret, KeeperReport, SweepReport, Sweeper, TargetChannels, TargetSweep,
};
use counterpart_delivery::ports::{Channel, Channels as _, Clock as _, Sweep, Sweeps as _};
use counterpart_domain::{Class, Fault, TargetName};
use counterpart_simulation::memory::MemoryStore;
use jiff::SignedDuration;

use crate::logs::captured;
use crate::org::Org;
use crate::scene::{Hooks, SECRETS, Scene, ScenePorts, outage, request, target};

pub struct Kept {
    pub scene: Scene,
    pub orgs: BTreeMap<TargetName, Org>,
}

pub const QUARTER: Duration = Duration::from_secs(900);
pub const HOUR: Duration = Duration::from_secs(3600);

impl Kept {
    pub fn new() -> Self {
        let mut scene = Scene::new();
        // The keeper makes its own channels.
        scene.store = MemoryStore::new();
        let names = ["zoho", "zoho-eu", "salesforce"];
        let orgs = names.map(|name| (target(name), Org::new(&scene.clock)));
        Self {
            orgs: orgs.into(),
            scene,
        }
    }

    pub fn org(&self, name: &str) -> &Org {
        &self.orgs[&target(name)]
    }

    pub fn run(&self) -> Run {
        self.run_for(Duration::from_secs(600))
    }

    pub fn run_for(&self, time: Duration) -> Run {
        let deadline = self.scene.clock.now().checked_add(time).unwrap();
        let clock = &self.scene.clock;
        Run {
            channels: clock.block_on(self.keeper().handle(deadline)),
            sweep: clock.block_on(self.sweeper().handle(deadline)),
        }
    }

    fn keeper(&self) -> ChannelKeeper<'_, ScenePorts, Hooks> {
        ChannelKeeper {
            context: self.scene.context(),
            crms: &self.orgs,
            secrets: &self.scene.hooks,
        }
    }

    fn sweeper(&self) -> Sweeper<'_, ScenePorts> {
        Sweeper {
            context: self.scene.context(),
            crms: &self.orgs,
        }
    }

    pub fn sweep(&self, name: &str, module: &str) -> Sweep {
        let name = target(name);
        let sweeps = self.scene.store.sweeps(&name);
        let sweeps = self.scene.clock.block_on(sweeps).unwrap();
        let mut sweeps = sweeps.into_iter();
        sweeps.find(|sweep| sweep.module == module).unwrap()
    }

    fn channels(&self, name: &str) -> Vec<Channel> {
        self.scene
            .clock
            .block_on(self.scene.store.channels(&target(name)))
            .unwrap()
    }

    fn channel(&self, name: &str, module: &str) -> Channel {
        let mut channels = self.channels(name).into_iter();
        channels.find(|channel| channel.module == module).unwrap()
    }

    /// An edit in the CRM; Zoho calls back where a channel is alive. Whether it did.
    fn edit(&self, module: &str, id: &str, deleted: bool) -> bool {
        let Some(channel) = self.org("zoho").edit(module, id, deleted) else {
            return false;
        };
        let url = channel.notify_url.reveal().to_owned();
        let path = url.strip_prefix("https://api.example.com/live").unwrap();
        let body = serde_json::json!({"module": module, "ids": [id], "operation": "update",
            "channel_id": channel.channel_id, "token": channel.token.reveal()});
        let answer = self
            .scene
            .post(&request(path, "application/json", &body.to_string()));
        assert_eq!(answer.status, 200, "{}", answer.body);
        true
    }
}

/// One run of the function.
pub struct Run {
    pub channels: KeeperReport,
    pub sweep: SweepReport,
}

pub fn swept(run: &Run, name: &str) -> TargetSweep {
    let mut targets = run.sweep.targets.iter();
    targets
        .find(|one| one.target.as_str() == name)
        .cloned()
        .unwrap()
}

pub fn of(run: &Run, name: &str) -> TargetChannels {
    let mut targets = run.channels.targets.iter();
    targets
        .find(|one| one.target.as_str() == name)
        .cloned()
        .unwrap()
}

#[test]
fn a_channel_per_module_is_subscribed_once_and_callbacks_come_in_by_it() {
    let kept = Kept::new();
    let report = kept.run();
    assert_eq!(
        (
            of(&report, "zoho").subscribed,
            of(&report, "zoho-eu").subscribed
        ),
        (2, 2)
    );
    assert_eq!(report.channels.lapsed(), 0);
    let ids: BTreeSet<String> = ["zoho", "zoho-eu"]
        .iter()
        .flat_map(|name| kept.channels(name))
        .map(|channel| channel.channel_id)
        .collect();
    assert_eq!(ids.len(), 4);
    assert!(
        ids.iter()
            .all(|id| id.len() == 15 && id.bytes().all(|b| b.is_ascii_digit()))
    );
    assert!(kept.edit("Deals", "1", false), "Zoho knows the channel");
    assert_eq!(kept.scene.records(), ["1"]);
    let again = kept.run();
    assert_eq!(
        (of(&again, "zoho").subscribed, of(&again, "zoho").renewed),
        (0, 0)
    );
    assert!(of(&again, "zoho").behind.is_empty());
}

#[test]
fn the_answers_expiry_counts_and_a_channel_is_renewed_at_half_of_it() {
    let mut kept = Kept::new();
    kept.orgs.get_mut(&target("zoho")).unwrap().grants = SignedDuration::from_hours(1);
    let start = kept.scene.clock.now();
    kept.run();
    let expires_at = kept.channel("zoho", "Deals").expires_at.unwrap();
    assert_eq!(expires_at.duration_since(start).as_hours(), 1);
    kept.scene.clock.advance(QUARTER);
    assert_eq!(of(&kept.run(), "zoho").renewed, 0);
    kept.scene.clock.advance(QUARTER);
    assert_eq!(of(&kept.run(), "zoho").renewed, 2);
    for _ in 0..40 {
        kept.scene.clock.advance(QUARTER);
        assert_eq!(kept.run().channels.lapsed(), 0);
    }
    assert_eq!(
        kept.org("zoho").subscribes.get(),
        2,
        "never subscribed again"
    );
    assert_eq!(
        kept.org("zoho-eu").renews.get(),
        0,
        "six days are far from half over"
    );
}

#[test]
fn edits_made_while_a_channel_had_lapsed_for_two_hours_arrive() {
    let mut kept = Kept::new();
    kept.orgs.get_mut(&target("zoho")).unwrap().grants = SignedDuration::from_hours(1);
    kept.run();
    assert!(kept.edit("Deals", "11", false));
    // Nobody runs the keeper for three hours: the channel has been dead for two of them.
    kept.scene.clock.advance(HOUR + QUARTER);
    assert!(!kept.edit("Deals", "21", false), "nobody is told");
    kept.scene.clock.advance(QUARTER);
    assert!(!kept.edit("Deals", "22", true));
    assert!(!kept.edit("Accounts", "31", false));
    kept.scene.clock.advance(HOUR + QUARTER + QUARTER);
    let (report, lines) = captured(|| kept.run());
    assert_eq!(report.channels.lapsed(), 2);
    assert!(
        lines.contains("ERROR") && lines.contains("E_CHANNEL_LAPSED"),
        "{lines}"
    );
    for secret in SECRETS {
        assert!(!lines.contains(secret), "{secret} is seen");
    }
    let found: BTreeSet<String> = kept.scene.records().into_iter().collect();
    for id in ["11", "21", "22", "31"] {
        assert!(found.contains(id), "{id} is lost: {found:?}");
    }
    let events = kept.scene.events();
    let gone = events.iter().find(|event| event.record.0 == "22").unwrap();
    assert_eq!(
        (gone.change, gone.source),
        (Change::Deleted, EventSource::CatchUp)
    );
    assert!(kept.edit("Deals", "41", false), "it is alive again");
    kept.scene.clock.advance(QUARTER);
    assert_eq!(kept.run().channels.lapsed(), 0);
    let before = kept.scene.told().len();
    for _ in 0..4 {
        kept.scene.clock.advance(QUARTER);
        kept.run();
    }
    assert_eq!(
        kept.scene.told().len(),
        before,
        "nothing is queued for ever"
    );
}

#[test]
fn a_channel_that_zoho_dropped_early_is_found_at_its_renewal_and_what_it_did_not_tell_before() {
    let mut kept = Kept::new();
    kept.orgs.get_mut(&target("zoho")).unwrap().grants = SignedDuration::from_hours(2);
    kept.run();
    kept.org("zoho").channels.borrow_mut().clear();
    kept.scene.clock.advance(QUARTER);
    assert!(!kept.edit("Deals", "21", false));
    assert_eq!(kept.run().channels.lapsed(), 0, "nobody can know yet");
    assert_eq!(kept.scene.records(), ["21"], "and nobody needs to");
    kept.scene.clock.advance(HOUR);
    assert_eq!(kept.run().channels.lapsed(), 2);
}

#[test]
fn a_notification_that_the_queue_did_not_take_is_read_by_the_next_run() {
    let kept = Kept::new();
    kept.run();
    kept.scene.clock.advance(QUARTER);
    let channel = kept.org("zoho").edit("Deals", "21", false).unwrap();
    let body = serde_json::json!({"module": "Deals", "ids": ["21"], "operation": "update",
        "channel_id": channel.channel_id, "token": channel.token.reveal()});
    let callback = request(
        "/zoho/zoho/notifications/hush-path",
        "application/json",
        &body.to_string(),
    );
    kept.scene.told().break_down(outage());
    assert_eq!(
        kept.scene.post(&callback).status,
        503,
        "and Zoho does not come again"
    );
    kept.scene.told().mend();
    kept.scene.clock.advance(QUARTER);
    let report = kept.run();
    assert_eq!(
        (swept(&report, "zoho").queued, report.channels.lapsed()),
        (1, 0)
    );
    assert_eq!(kept.scene.records(), ["21"]);
    assert_eq!(swept(&kept.run(), "zoho").queued, 0);
}

#[test]
fn a_renewal_in_the_middle_of_a_catch_up_passes_over_nothing() {
    let mut kept = Kept::new();
    kept.orgs.get_mut(&target("zoho")).unwrap().grants = SignedDuration::from_hours(1);
    kept.run();
    kept.scene.clock.advance(2 * HOUR);
    kept.org("zoho").edit("Deals", "21", false);
    kept.scene.told().break_down(outage());
    assert_eq!(kept.run().channels.lapsed(), 2);
    // Half an hour later the channels are renewed, and nothing could be read yet.
    kept.scene.clock.advance(2 * QUARTER);
    assert_eq!(of(&kept.run(), "zoho").renewed, 2);
    kept.scene.told().mend();
    kept.scene.clock.advance(QUARTER);
    kept.run();
    assert_eq!(kept.scene.records(), ["21"]);
}

#[test]
fn two_keepers_at_once_leave_one_state_that_is_right() {
    let kept = Kept::new();
    let keeper = || kept.keeper();
    let deadline = kept.scene.clock.now().checked_add(HOUR).unwrap();
    let (one, other) = (keeper(), keeper());
    let both = futures_util::future::join(one.handle(deadline), other.handle(deadline));
    let (one, other) = kept.scene.clock.block_on(both);
    assert!(
        one.targets
            .iter()
            .chain(&other.targets)
            .all(|target| target.faults.is_empty())
    );
    let by = |report: &KeeperReport| {
        let mut targets = report.targets.iter();
        let zoho = targets.find(|one| one.target == target("zoho"));
        zoho.unwrap().subscribed
    };
    assert!(by(&one) > 0 && by(&other) > 0, "they were at it at once");
    let channels = kept.channels("zoho");
    assert!(channels.len() == 2 && channels.iter().all(|channel| channel.expires_at.is_some()));
    assert!(kept.edit("Deals", "1", false), "and callbacks come in");
    // A keeper that read before another wrote writes nothing.
    let mut stale = kept.channel("zoho", "Deals");
    stale.rev -= 1;
    assert!(
        !kept
            .scene
            .clock
            .block_on(kept.scene.store.put_channel(&stale))
            .unwrap()
    );
}

#[test]
fn one_target_that_fails_takes_no_other_along() {
    let mut kept = Kept::new();
    let refused = Fault::new(
        Class::Configuration,
        "E_SECRET_MISSING",
        "There is no secret.",
    );
    kept.scene.hooks.0.insert(target("zoho"), Err(refused));
    let report = kept.run();
    assert_eq!(of(&report, "zoho").faults[0].code, "E_SECRET_MISSING");
    assert_eq!(of(&report, "zoho-eu").subscribed, 2);
    let kept = Kept::new();
    *kept.org("zoho").fault.borrow_mut() = Some(outage());
    let report = kept.run();
    assert_eq!(
        (
            of(&report, "zoho").faults.len(),
            of(&report, "zoho-eu").subscribed
        ),
        (2, 2)
    );
    *kept.org("zoho").fault.borrow_mut() = None;
    assert_eq!(of(&kept.run(), "zoho").subscribed, 2);
}

#[test]
fn a_token_longer_than_zoho_takes_is_a_fault_of_the_configuration() {
    let mut kept = Kept::new();
    let secret = |token: String| HookSecret {
        path: Some(SecretText::new("p")),
        channel_token: Some(SecretText::new(token)),
        ..HookSecret::default()
    };
    kept.scene
        .hooks
        .0
        .insert(target("zoho"), Ok(secret("t".repeat(51))));
    kept.scene
        .hooks
        .0
        .insert(target("zoho-eu"), Ok(secret("t".repeat(50))));
    let report = kept.run();
    let fault = &of(&report, "zoho").faults[0];
    assert_eq!(
        (fault.code.as_ref(), fault.class),
        ("E_CHANNEL_SECRET", Class::Configuration)
    );
    assert_eq!(of(&report, "zoho-eu").subscribed, 2);
}

#[test]
fn another_token_is_subscribed_at_once_and_what_went_by_is_read() {
    let mut kept = Kept::new();
    kept.run();
    kept.scene.clock.advance(QUARTER);
    let secret = HookSecret {
        path: Some(SecretText::new("new-path")),
        channel_token: Some(SecretText::new("new-token")),
        ..HookSecret::default()
    };
    kept.scene.hooks.0.insert(target("zoho"), Ok(secret));
    // A callback with the old token, which is refused now.
    kept.org("zoho").edit("Deals", "21", false);
    let report = kept.run();
    assert_eq!(
        (of(&report, "zoho").subscribed, report.channels.lapsed()),
        (2, 0)
    );
    assert_eq!(kept.scene.records(), ["21"]);
    assert!(kept.edit("Deals", "22", false));
}

#[test]
fn a_module_that_is_watched_no_more_is_ended_and_late_runs_leave_the_rest_to_the_next() {
    let mut kept = Kept::new();
    kept.run();
    let events = &mut kept
        .scene
        .config
        .targets
        .get_mut(&target("zoho"))
        .unwrap()
        .events;
    events.watch = vec!["Accounts".into()];
    assert_eq!(of(&kept.run(), "zoho").ended, 1);
    assert!(!kept.edit("Deals", "21", false));
    assert_eq!(of(&kept.run(), "zoho").ended, 0);
    let kept = Kept::new();
    let report = kept.run_for(Duration::from_secs(30));
    assert_eq!(
        (
            of(&report, "zoho").subscribed,
            of(&report, "zoho").behind.len()
        ),
        (0, 2)
    );
}
