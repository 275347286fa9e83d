//! Workers of every kind, side by side: each step of each is somebody's turn, drawn by chance, and time passes in between.

use std::time::Duration;

use counterpart_domain::{Company, Entity, TargetName};
use jiff::{SignedDuration, Timestamp};

use super::begun::{crm_writer, poller, sage_writer, sweeper, transform};
use super::hearing::Hearing;
use super::mishap::Mishap;
use super::org::ORGS;
use super::town::{Town, target};
use crate::memory::Chain;
use crate::world::Steps;

/// What a worker is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Transform,
    SageWriter,
    CrmWriter(TargetName),
    Poller(Company, Entity),
    Sweeper,
}

impl Kind {
    fn name(&self) -> String {
        match self {
            Self::Transform => "transform".to_owned(),
            Self::SageWriter => "sage-writer".to_owned(),
            Self::CrmWriter(target) => format!("crm-writer {target}"),
            Self::Poller(company, entity) => format!("poller {company} {entity}"),
            Self::Sweeper => "sweeper".to_owned(),
        }
    }

    /// How many there may be at once.
    const fn most(&self) -> usize {
        match self {
            Self::Poller(..) | Self::Sweeper => 2,
            _ => 3,
        }
    }
}

/// One worker at work.
#[derive(Debug)]
struct Worker<'w> {
    name: String,
    kind: Kind,
    steps: Steps<'w, Vec<String>>,
    /// The invocations that led to this one: what it sends carries them on.
    chain: Chain,
    /// Message and receipt.
    batch: Vec<(String, String)>,
    /// When its function is stopped.
    stopped_at: Timestamp,
    frozen_until: Option<Timestamp>,
    /// It stood still beyond its time, and goes on.
    is_late: bool,
}

/// All of them.
#[derive(Debug)]
pub(super) struct Workers<'w> {
    pub(super) town: &'w Town,
    pub(super) hearing: Hearing,
    at_work: Vec<Worker<'w>>,
    count: u64,
    /// The most that were ever at work at once.
    pub(super) most: usize,
    pub(super) events: u64,
}

impl<'w> Workers<'w> {
    pub(super) fn new(town: &'w Town) -> Self {
        Self {
            town,
            hearing: Hearing::default(),
            at_work: Vec::new(),
            count: 0,
            most: 0,
            events: 0,
        }
    }

    /// Whether nobody is at work, or nobody of a kind.
    pub(super) fn is_idle(&self, of: Option<&Kind>) -> bool {
        let mut at_work = self.at_work.iter();
        at_work.all(|worker| of.is_some_and(|kind| worker.kind != *kind))
    }

    /// Has the frozen go on at once.
    pub(super) fn thaw(&mut self) {
        let now = self.town.now();
        for worker in &mut self.at_work {
            if let Some(until) = &mut worker.frozen_until {
                *until = now;
            }
        }
    }

    /// What could be begun now.
    fn kinds(&self) -> Vec<Kind> {
        let (world, now) = (&self.town.world, self.town.now());
        let due = |next: Option<Timestamp>| next.is_some_and(|next| next <= now);
        let mut kinds = Vec::new();
        if due(world.events().next_visible()) {
            kinds.push(Kind::Transform);
        }
        if due(world.jobs().next_visible()) {
            kinds.push(Kind::SageWriter);
        }
        for org in &ORGS {
            let name = target(org.target);
            if due(world.writes(&name).next_visible()) {
                kinds.push(Kind::CrmWriter(name));
            }
        }
        kinds.retain(|kind| {
            let same = self.at_work.iter().filter(|worker| worker.kind == *kind);
            same.count() < kind.most()
        });
        kinds
    }

    /// Somebody's turn, if there is anybody who can go on or begin. `but`: who does not begin.
    pub(super) fn turn(&mut self, but: Option<&Kind>, nobody_begins: bool) -> bool {
        let (town, now) = (self.town, self.town.now());
        for worker in &mut self.at_work {
            if worker.frozen_until.is_some_and(|until| until <= now) {
                worker.frozen_until = None;
                worker.is_late = true;
                town.story
                    .tell(|| format!("  {} goes on, as if no time had passed", worker.name));
            }
        }
        // A function is stopped when its time is over; one that stood still is not even noticed.
        self.at_work.retain(|worker| {
            worker.stopped_at > now || worker.is_late || worker.frozen_until.is_some()
        });
        let awake: Vec<usize> = self
            .at_work
            .iter()
            .enumerate()
            .filter(|(_, worker)| worker.frozen_until.is_none() && worker.steps.is_awake())
            .map(|(at, _)| at)
            .collect();
        let mut kinds = self.kinds();
        kinds.retain(|kind| !nobody_begins && but != Some(kind));
        let begins = awake.is_empty() || town.dice.one_in(4);
        if let Some(kind) = town.dice.pick(&kinds).filter(|_| begins) {
            self.begin(kind.clone());
            return true;
        }
        let Some(at) = town.dice.pick(&awake) else {
            return false;
        };
        self.go_on(*at);
        true
    }

    fn go_on(&mut self, at: usize) {
        let town = self.town;
        // A few steps at a time, as a thread that is not interrupted at once.
        let steps = town.dice.between(1, 12);
        town.story.mix(at as u64 * 100 + steps);
        let Some(worker) = self.at_work.get_mut(at) else {
            return;
        };
        for _ in 0..steps {
            let (lambda, chain) = (&town.world.lambda, worker.chain);
            if let Some(failed) = lambda.within(chain, || worker.steps.step()) {
                let worker = self.at_work.remove(at);
                acknowledge(town, &worker, &failed);
                return;
            }
            if !worker.steps.is_awake() {
                break;
            }
        }
        town.world
            .clock
            .advance(Duration::from_millis(town.dice.below(60)));
        if town.mishaps.may(Mishap::Killed) && town.dice.one_in(120) {
            town.mishaps.note(Mishap::Killed);
            town.story.tell(|| format!("  {} dies", worker.name));
            self.at_work.remove(at);
        } else if town.mishaps.may(Mishap::Frozen) && town.dice.one_in(160) {
            town.mishaps.note(Mishap::Frozen);
            let seconds = i64::try_from(town.dice.between(400, 1_500)).unwrap_or(400);
            worker.frozen_until = Some(town.now() + SignedDuration::from_secs(seconds));
            town.story
                .tell(|| format!("  {} stands still for {seconds} s", worker.name));
        }
    }

    /// Begins a worker.
    pub(super) fn begin(&mut self, kind: Kind) {
        let town = self.town;
        self.disturb_queue(&kind);
        self.count += 1;
        let name = format!("{} {}", kind.name(), self.count);
        let skew = if town.mishaps.may(Mishap::Skew) {
            town.mishaps.note(Mishap::Skew);
            i64::try_from(town.dice.below(121)).unwrap_or(60) - 60
        } else {
            0
        };
        let clock = town.world.clock.ahead_by(SignedDuration::from_secs(skew));
        let stopped_at = town.world.deadline();
        let (steps, batch, chain) = match &kind {
            Kind::Transform => transform(town, clock),
            Kind::SageWriter => sage_writer(town, clock),
            Kind::CrmWriter(target) => crm_writer(town, clock, target),
            Kind::Poller(company, entity) => poller(town, clock, company, *entity),
            Kind::Sweeper => sweeper(town, clock),
        };
        town.story.tell(|| {
            let of = match (batch.len(), skew) {
                (0, _) => String::new(),
                (count, 0) => format!(" on {count} messages"),
                (count, skew) => format!(" on {count} messages, its clock {skew} s off"),
            };
            format!("  {name} begins{of}")
        });
        self.at_work.push(Worker {
            name,
            kind,
            steps,
            chain,
            batch,
            stopped_at,
            frozen_until: None,
            is_late: false,
        });
        self.most = self.most.max(self.at_work.len());
    }

    fn disturb_queue(&self, kind: &Kind) {
        let (town, world) = (self.town, &self.town.world);
        if town.mishaps.may(Mishap::Duplicate) && town.dice.one_in(12) {
            let nth = town.dice.below(10);
            let done = match kind {
                Kind::Transform => world.events().deliver_again(nth),
                Kind::CrmWriter(target) => world.writes(target).deliver_again(nth),
                _ => false,
            };
            if done {
                town.mishaps.note(Mishap::Duplicate);
                town.story
                    .tell(|| "  a message is delivered once more".to_owned());
            }
        }
        if town.mishaps.may(Mishap::Reordered) && town.dice.one_in(6) {
            let (nth, by) = (
                town.dice.below(10),
                Duration::from_secs(town.dice.between(1, 40)),
            );
            let done = match kind {
                Kind::Transform => world.events().put_off(nth, by),
                Kind::CrmWriter(target) => world.writes(target).put_off(nth, by),
                _ => false,
            };
            if done {
                town.mishaps.note(Mishap::Reordered);
            }
        }
    }

    /// When something happens next by itself.
    pub(super) fn next(&self) -> Option<Timestamp> {
        let world = &self.town.world;
        let mut next = vec![
            world.events().next_visible(),
            world.jobs().next_visible(),
            world.queue.inner.next_write(),
            world.clock.next_timer(),
            world.sage.next_late_write(),
            self.hearing.next(),
        ];
        next.extend(self.at_work.iter().map(|worker| worker.frozen_until));
        let now = self.town.now();
        next.into_iter().flatten().filter(|next| *next > now).min()
    }
}

fn acknowledge(town: &Town, worker: &Worker<'_>, failed: &[String]) {
    for (id, receipt) in &worker.batch {
        if failed.contains(id) {
            continue;
        }
        match &worker.kind {
            Kind::Transform => {
                town.world.events().delete(receipt);
            }
            Kind::SageWriter => {
                town.world.jobs().delete(receipt);
            }
            Kind::CrmWriter(target) => {
                town.world.writes(target).delete(receipt);
            }
            Kind::Poller(..) | Kind::Sweeper => {}
        }
    }
    town.story.tell(|| match failed {
        [] => format!("  {} is done", worker.name),
        failed => format!(
            "  {} hands back {} of {}",
            worker.name,
            failed.len(),
            worker.batch.len()
        ),
    });
}
