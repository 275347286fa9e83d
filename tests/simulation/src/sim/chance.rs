//! What becomes of each call, by chance.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use super::dice::Dice;
use super::mishap::Mishap;
use super::pauses::Pausing;
use super::story::Story;
use crate::world::{Fate, Fates};

/// The mishaps of a run, and how often each has happened.
#[derive(Debug)]
pub(super) struct Mishaps {
    of: BTreeSet<Mishap>,
    happened: RefCell<BTreeMap<Mishap, u64>>,
    /// From the time on at which everything is to come to rest, nothing goes wrong any more.
    over: Cell<bool>,
    /// In the days of a long outage nothing is spoilt by chance: every message comes so often that all would meet everything.
    quiet: Cell<bool>,
    /// What people paused.
    pub(super) pausing: Pausing,
}

impl Mishaps {
    pub(super) fn new(of: BTreeSet<Mishap>) -> Self {
        Self {
            of,
            happened: RefCell::default(),
            over: Cell::new(false),
            quiet: Cell::new(false),
            pausing: Pausing::default(),
        }
    }

    /// Whether something may happen now.
    pub(super) fn may(&self, one: Mishap) -> bool {
        let is_quiet = self.quiet.get() && one.is_by_chance();
        !self.over.get() && !is_quiet && self.of.contains(&one)
    }

    /// Notes that it happened.
    pub(super) fn note(&self, one: Mishap) {
        *self.happened.borrow_mut().entry(one).or_default() += 1;
    }

    pub(super) fn be_quiet(&self, quiet: bool) {
        self.quiet.set(quiet);
    }

    pub(super) fn is_quiet(&self) -> bool {
        self.quiet.get()
    }

    /// How often the clock of the Sage server was moved.
    pub(super) fn moves(&self) -> u64 {
        let happened = self.happened.borrow();
        let moves = [Mishap::HourRepeated, Mishap::HourSkipped, Mishap::ZoneMoved];
        moves.iter().filter_map(|one| happened.get(one)).sum()
    }

    /// Whether something is out of order for days.
    pub(super) fn is_long(&self) -> bool {
        self.of.iter().any(|one| one.is_for_days())
    }

    pub(super) fn end(&self) {
        self.over.set(true);
    }

    pub(super) fn is_over(&self) -> bool {
        self.over.get()
    }

    pub(super) fn happened(&self) -> BTreeMap<Mishap, u64> {
        self.happened.borrow().clone()
    }

    pub(super) fn drawn(&self) -> impl Iterator<Item = Mishap> {
        self.of.iter().copied()
    }
}

/// Calls, spoilt by chance.
#[derive(Debug)]
pub(super) struct Calls {
    pub(super) dice: Dice,
    pub(super) mishaps: Rc<Mishaps>,
    pub(super) story: Rc<Story>,
}

/// One call in so many is spoilt; of the writes to Sage, where it matters most, one in far fewer.
const RARE: u64 = 350;
const OFTEN: u64 = 10;

impl Fates for Calls {
    fn of(&self, call: &'static str) -> Fate {
        let writes = matches!(
            call,
            "sage.create_order" | "sage.update_order" | "sage.create_record" | "sage.update_record"
        );
        let rarely = if writes { OFTEN } else { RARE };
        for (mishap, fate) in [
            (Mishap::AnswerLost, Fate::AnswerLost),
            (Mishap::CallFails, Fate::Fails),
        ] {
            if self.mishaps.may(mishap) && self.dice.one_in(rarely) {
                self.mishaps.note(mishap);
                self.story.tell(|| match fate {
                    Fate::Fails => format!("    {call} fails before anything is done"),
                    _ => format!("    {call} is done, and its answer is lost"),
                });
                return fate;
            }
        }
        Fate::Done
    }

    fn lands_after(&self, call: &'static str) -> Option<Duration> {
        let mishap = match call {
            "sage.create_order" | "sage.create_record" => Mishap::LateCreate,
            "sage.update_order" => Mishap::LateUpdate,
            _ => return None,
        };
        if !self.mishaps.may(mishap) || !self.dice.one_in(4) {
            return None;
        }
        self.mishaps.note(mishap);
        let after = Duration::from_secs(self.dice.between(5, 170));
        self.story.tell(|| {
            format!(
                "    {call} is not answered, and takes effect {} s later",
                after.as_secs()
            )
        });
        Some(after)
    }
}
