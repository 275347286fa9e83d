//! One run: a day with its mishaps, then rest.

use std::collections::BTreeSet;
use std::time::Duration;

use counterpart_delivery::invariants::{self, Broken, rest};
use counterpart_domain::Entity;
use jiff::{SignedDuration, Timestamp};

use super::mishap::Mishap;
use super::org::ORGS;
use super::outage::LONGEST_DAYS;
use super::outcome::Outcome;
use super::panics;
use super::town::{Town, company};
use super::workers::{Kind, Workers};

/// Something that is due at some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    /// People sell and correct.
    Live,
    /// The first sales of the day.
    Sell(usize, bool),
    Upset(Mishap),
    SecondChange,
    BringBack,
    Disturb(Mishap),
    /// Something is out of order from now on.
    Trouble(Mishap),
    Pause,
    Resume,
    BackUp,
    Restore,
    LookThrough,
    Poll(usize),
    Sweep,
    Accept,
}

/// The day's length, in minutes.
const DAY: u64 = 150;
/// How often something is tried that cannot be done yet.
const TRIES: u32 = 8;
/// More turns than any run needs: one that does not end is broken. Days of an outage have more.
const MOST_TURNS: u64 = 60_000;
const TURNS_OF_DAYS: u64 = 1_500_000;
/// How often the schedules poll while something is out of order for days.
const POLLED: SignedDuration = SignedDuration::from_hours(3);

/// Runs a seed. `allowed`: what may go wrong; `is_told`: what happens is put into words.
#[must_use]
pub fn run(seed: u64, allowed: &BTreeSet<Mishap>, is_told: bool) -> Outcome {
    panics::watch();
    let town = Town::new(seed, allowed, is_told);
    let mut day = Day::new(&town);
    let mut broken = Vec::new();
    if !day.pass() {
        let what = "the queues do not empty";
        broken.push(Broken::new(&invariants::QUEUES_EMPTY, what));
    }
    broken.extend(town.broken());
    broken.extend(town.broken_pauses());
    town.story.tell(|| "== at rest".to_owned());
    if broken.is_empty() {
        broken.extend(day.echo());
        broken.extend(town.ever_made());
    }
    town.tell_rest();
    broken.extend(panics::seen());
    for one in &broken {
        town.story.tell(|| format!("BROKEN {one}"));
    }
    Outcome {
        seed,
        broken,
        mishaps: town.mishaps.happened(),
        events: day.workers.events,
        sales: town.sales.borrow().len() as u64,
        orders: town.world.sage.ever_made().len() as u64,
        workers: day.workers.most,
        digest: town.story.digest(),
        story: town.story.take(),
    }
}

struct Day<'t> {
    town: &'t Town,
    workers: Workers<'t>,
    due: Vec<(Timestamp, u32, Act)>,
    turns: u64,
    /// When what is out of order for days ends; none: nothing is.
    long_until: Option<Timestamp>,
    /// The functions are stopped: a table was restored, and what changed since is not looked at again yet.
    is_stopped: bool,
}

impl<'t> Day<'t> {
    fn new(town: &'t Town) -> Self {
        let mut day = Self {
            town,
            workers: Workers::new(town),
            due: Vec::new(),
            turns: 0,
            long_until: town.mishaps.is_long().then(|| {
                let hours = town.dice.between(24, 24 * LONGEST_DAYS);
                town.now() + SignedDuration::from_hours(i64::try_from(hours).unwrap_or(24))
            }),
            is_stopped: false,
        };
        // Five sales at least, in both CRMs.
        for n in 0..5 {
            day.plan(Act::Sell(n % ORGS.len(), n == 3), 0, 4);
        }
        for _ in 0..town.dice.between(12, 20) {
            day.plan(Act::Live, 2, DAY);
        }
        for mishap in town.mishaps.drawn() {
            let times = town.dice.between(1, 3);
            for _ in 0..times {
                day.plan_mishap(mishap);
            }
        }
        if let Some(until) = day.long_until {
            let minutes = until.duration_since(town.now()).as_mins().unsigned_abs();
            for _ in 0..town.dice.between(4, 10) {
                day.plan(Act::Live, DAY, minutes);
            }
        }
        day.poll_all();
        for at in 0..2 {
            day.plan(Act::Poll(at), 5, 15);
        }
        day
    }

    /// The schedules of both companies are due at once.
    fn poll_all(&mut self) {
        for code in ["ABC", "XYZ"] {
            for entity in [Entity::CUSTOMER, Entity::CONTACT] {
                self.workers.begin(Kind::Poller(company(code), entity));
            }
        }
    }

    fn plan(&mut self, act: Act, from: u64, to: u64) {
        let seconds = self.town.dice.between(from * 60, to * 60);
        let at = self.town.now() + SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(0));
        self.due.push((at, 0, act));
    }

    fn plan_mishap(&mut self, mishap: Mishap) {
        match mishap {
            Mishap::Killed
            | Mishap::Frozen
            | Mishap::AnswerLost
            | Mishap::CallFails
            | Mishap::Duplicate
            | Mishap::Reordered
            | Mishap::Skew
            | Mishap::LateCreate
            | Mishap::LateUpdate
            | Mishap::TakenAway
            | Mishap::TotalDiffers => {}
            Mishap::ToldNothing => {
                if !self.due.iter().any(|(_, _, act)| *act == Act::Sweep) {
                    self.plan(Act::Sweep, 0, 15);
                }
            }
            Mishap::Paused => self.plan(Act::Pause, 2, DAY - 30),
            Mishap::TableRestored => {
                if !self.due.iter().any(|(_, _, act)| *act == Act::BackUp) {
                    self.plan(Act::BackUp, 1, 60);
                    self.plan(Act::Restore, 61, DAY - 30);
                }
            }
            Mishap::WonBefore
            | Mishap::LookupMoves
            | Mishap::RootDeleted
            | Mishap::Clone
            | Mishap::AccountsMerged
            | Mishap::KeyEmptied
            | Mishap::Undelete
            | Mishap::SameSecond => self.plan(Act::Upset(mishap), 20, DAY - 10),
            Mishap::SageDown
            | Mishap::SageRefuses
            | Mishap::SageLocked
            | Mishap::NumberTaken
            | Mishap::CrmDown
            | Mishap::CrmRefusesUs
            | Mishap::IndexLags
            | Mishap::MarkDropped
            | Mishap::MarkTypedOver
            | Mishap::ClerkEdits
            | Mishap::ClerkCloses => self.plan(Act::Disturb(mishap), 2, DAY - 10),
            _ => self.plan(Act::Trouble(mishap), 2, DAY - 30),
        }
    }

    /// The day, and the night in which everything comes to rest. `false`: it does not.
    fn pass(&mut self) -> bool {
        let end = self.town.now() + SignedDuration::from_mins(i64::try_from(DAY).unwrap_or(0));
        self.until(Some(end));
        self.days();
        self.town
            .story
            .tell(|| "== from here on nothing goes wrong".to_owned());
        self.town.end_pauses();
        self.town.mishaps.end();
        self.town.world.faults.decided_by(None);
        self.town.world.store.inner.catch_up_indexes();
        self.due
            .retain(|(_, _, act)| matches!(act, Act::BringBack | Act::LookThrough | Act::Sweep));
        // Outages end, leases run out, and the schedule polls; what was late is told once more by nobody.
        let night = self.town.now() + SignedDuration::from_hours(2);
        for at in 0..2 {
            self.due.push((night, 0, Act::Poll(at)));
        }
        if self.town.mishaps.moves() > 1 {
            // A clock that was moved twice between two polls: what was edited in between is found by the daily wide one.
            let next_day = night + SignedDuration::from_hours(25);
            for at in 0..2 {
                self.due.push((next_day, 0, Act::Poll(at)));
            }
        }
        self.until(None)
    }

    /// Days in which something is out of order, and the hour after them.
    fn days(&mut self) {
        let Some(until) = self.long_until else {
            return;
        };
        let mishaps = &self.town.mishaps;
        mishaps.be_quiet(true);
        self.until(Some(until));
        mishaps.be_quiet(false);
        for _ in 0..4 {
            self.plan(Act::Live, 0, 50);
        }
        self.until(Some(until + SignedDuration::from_hours(1)));
    }

    /// Until a time, or until nothing is left to do. `false`: that does not come.
    fn until(&mut self, end: Option<Timestamp>) -> bool {
        let town = self.town;
        loop {
            self.turns += 1;
            let days = self.long_until.map_or(0, |_| TURNS_OF_DAYS);
            if self.turns > MOST_TURNS + days {
                return false;
            }
            if end.is_some_and(|end| town.now() >= end) {
                return true;
            }
            town.world.sage.land();
            if self.workers.is_idle(None) {
                town.stands_still();
            }
            let (waits, all) = self.act();
            self.workers.tell_changes();
            if self.workers.turn(waits.as_ref(), all) {
                continue;
            }
            let due = self
                .due
                .iter()
                .map(|(at, ..)| *at)
                .filter(|at| *at > town.now());
            let next = due.chain(self.workers.next()).min();
            match next {
                Some(next) => town.world.clock.advance_to(next),
                None => return true,
            }
        }
    }

    /// Does what is due. The answer: who may not begin, since something waits for nobody to be at it, or nobody.
    fn act(&mut self) -> (Option<Kind>, bool) {
        let (town, now) = (self.town, self.town.now());
        let (mut waits, mut all) = (None, self.is_stopped);
        let (due, later): (Vec<_>, Vec<_>) = self.due.drain(..).partition(|(at, ..)| *at <= now);
        self.due = later;
        for (at, tries, act) in due {
            let done = match act {
                Act::Live => {
                    town.live();
                    true
                }
                Act::Sell(org, is_order) => {
                    town.new_sale(org, is_order, None, true);
                    true
                }
                Act::Upset(mishap) => {
                    let done = town.upset(mishap);
                    if done && mishap == Mishap::SameSecond {
                        // The first change is told, and perhaps read, before the second one.
                        self.workers.tell_changes_at_once();
                        let millis = i64::try_from(town.dice.between(200, 900)).unwrap_or(200);
                        let soon = town.now() + SignedDuration::from_millis(millis);
                        self.due.push((soon, 0, Act::SecondChange));
                    }
                    if done && mishap == Mishap::Undelete {
                        self.plan(Act::BringBack, 2, 40);
                    }
                    done
                }
                Act::SecondChange => {
                    town.second_change();
                    true
                }
                Act::BringBack => town.bring_back(),
                Act::Disturb(mishap @ (Mishap::ClerkEdits | Mishap::ClerkCloses)) => {
                    // Between our look at an order and our write to it nobody could notice a clerk.
                    if !self.workers.is_idle(Some(&Kind::SageWriter))
                        || town.world.sage.expects_late_writes()
                    {
                        waits = Some(Kind::SageWriter);
                        self.workers.thaw();
                        self.due.push((at, tries, act));
                        continue;
                    }
                    town.disturb(mishap)
                }
                Act::Disturb(mishap) => {
                    let done = town.disturb(mishap);
                    if done && mishap == Mishap::IndexLags {
                        let soon = now + SignedDuration::from_secs(3);
                        self.due.push((soon, 0, Act::Accept));
                    }
                    if done && mishap == Mishap::SageRefuses {
                        self.plan(Act::Accept, 20, 60);
                    }
                    done
                }
                Act::Trouble(mishap) => {
                    self.trouble(mishap);
                    true
                }
                Act::Pause => {
                    if town.begin_pause() {
                        self.plan(Act::Resume, 2, 60);
                    }
                    true
                }
                Act::Resume => {
                    town.end_pause();
                    true
                }
                Act::BackUp => {
                    town.back_up();
                    true
                }
                Act::Restore => {
                    if !self.workers.is_idle(None) || town.world.sage.expects_late_writes() {
                        all = true;
                        self.workers.thaw();
                        self.due.push((at, tries, act));
                        continue;
                    }
                    let done = town.restore();
                    if done {
                        (self.is_stopped, all) = (true, true);
                        let soon = now + SignedDuration::from_secs(1);
                        self.due.push((soon, 0, Act::LookThrough));
                    }
                    done
                }
                Act::LookThrough => {
                    self.is_stopped = !town.look_through();
                    all = self.is_stopped;
                    if self.is_stopped {
                        let soon = now + SignedDuration::from_mins(1);
                        self.due.push((soon, 0, act));
                    } else {
                        self.poll_all();
                    }
                    true
                }
                Act::Accept => {
                    town.world.store.inner.catch_up_indexes();
                    town.accept();
                    true
                }
                Act::Sweep => {
                    self.workers.begin(Kind::Sweeper);
                    // For two hours of the night: until what is brought back is read as well.
                    if !town.mishaps.is_over() || tries < 8 {
                        let next = now + SignedDuration::from_mins(15);
                        let tries = tries + u32::from(town.mishaps.is_over());
                        self.due.push((next, tries, act));
                    }
                    true
                }
                Act::Poll(at) => {
                    let company = company(["ABC", "XYZ"][at]);
                    let entity = match town.dice.one_in(3) {
                        true => Entity::CONTACT,
                        false => Entity::CUSTOMER,
                    };
                    self.workers.begin(Kind::Poller(company, entity));
                    if !town.mishaps.is_over() {
                        let next = match self.is_in_days() {
                            true => POLLED,
                            false => SignedDuration::from_mins(15),
                        };
                        self.due.push((now + next, 0, act));
                    } else if entity != Entity::CUSTOMER {
                        self.due.push((now + SignedDuration::from_mins(1), 0, act));
                    }
                    true
                }
            };
            if !done && tries < TRIES {
                let again = now + SignedDuration::from_mins(5);
                self.due.push((again, tries + 1, act));
            }
        }
        (waits, all)
    }

    /// Whether the day is over, and what is out of order for days is not.
    fn is_in_days(&self) -> bool {
        self.town.mishaps.is_quiet()
    }

    fn trouble(&mut self, mishap: Mishap) {
        let town = self.town;
        let silent = match mishap {
            Mishap::NotificationsRefused => Some("zoho"),
            Mishap::RelayStands => Some("salesforce"),
            _ => None,
        };
        let org = ORGS.iter().position(|org| silent == Some(org.target));
        if let Some(org) = org {
            let until = town.now() + SignedDuration::from_mins(town.minutes(5, 60));
            self.workers.hush(org, until);
            town.mishaps.note(mishap);
            town.story.tell(|| format!("-- {}", mishap.says()));
        } else {
            town.trouble(mishap, self.long_until.filter(|_| mishap.is_for_days()));
        }
    }

    /// Everything is looked at once more: nothing may be written on either side.
    fn echo(&mut self) -> Option<Broken> {
        let town = self.town;
        let written = || {
            let mut written = town.world.sage.changed_by_us();
            written.extend(town.world.sage.created());
            for org in &ORGS {
                let crm = town.crm(org);
                for module in [org.accounts, org.deals.name, org.orders.name] {
                    let records = crm.records(module).into_iter();
                    written.extend(records.map(|held| {
                        format!("{} {module} {} at {}", org.target, held.id, held.modified)
                    }));
                }
            }
            written
        };
        // Who was never touched since the start is told for the first time why nothing is sent.
        for sale in town.sales.borrow().iter().filter(|sale| sale.before) {
            self.workers.tell(sale.org, sale.module().name, &sale.id);
        }
        if !self.until(None) {
            return rest::echo(&["without end".to_owned()]);
        }
        let before: BTreeSet<String> = written().into_iter().collect();
        town.world.clock.advance(Duration::from_secs(60));
        for (at, org) in ORGS.iter().enumerate() {
            for module in [org.accounts, org.deals.name, org.orders.name] {
                for held in town.crm(org).records(module) {
                    // What waits for a person may go through by now.
                    if !town.is_waiting(&held.id) {
                        self.workers.tell(at, module, &held.id);
                    }
                }
            }
        }
        for at in 0..2 {
            self.due.push((town.now(), 0, Act::Poll(at)));
        }
        if !self.until(None) {
            return rest::echo(&["without end".to_owned()]);
        }
        if town.sales.borrow().iter().any(|sale| sale.forgotten) {
            // What was forgotten is found again, and said again.
            return None;
        }
        let after: BTreeSet<String> = written().into_iter().collect();
        rest::echo(&after.difference(&before).cloned().collect::<Vec<_>>())
    }
}
