//! People pause companies, CRMs, kinds of records and everything, and resume them; at times more than one of these at once.

use std::cell::RefCell;

use counterpart_delivery::IntentKind;
use counterpart_delivery::invariants::{Broken, rest};
use counterpart_delivery::pause::Scope;
use counterpart_domain::{Company, Entity, TargetName};
use jiff::SignedDuration;

use super::mishap::Mishap;
use super::org::ORGS;
use super::town::{Town, company, target};

/// What is paused in a run.
#[derive(Debug, Default)]
pub(super) struct Pausing {
    /// Those that end when somebody ends them, the oldest first; and whether it is everything.
    on: RefCell<Vec<(String, bool)>>,
    /// What had been written when everything came to stand still.
    before: RefCell<Option<Vec<String>>>,
    broken: RefCell<Vec<Broken>>,
}

fn scope(of: Option<Company>, to: Option<TargetName>, kind: Option<IntentKind>) -> Scope {
    Scope {
        company: of,
        target: to,
        kind,
    }
}

impl Town {
    /// What somebody may pause.
    fn pausable(&self) -> Scope {
        let company = company(["ABC", "XYZ"][usize::from(self.dice.one_in(2))]);
        let target = target(self.dice.pick(&ORGS).map_or("zoho", |org| org.target));
        let kinds = [
            IntentKind::Order,
            IntentKind::Record(Entity::CUSTOMER),
            IntentKind::Record(Entity::CONTACT),
        ];
        let kind = self.dice.pick(&kinds).copied();
        match self.dice.below(7) {
            0 => scope(Some(company), None, None),
            1 => scope(None, Some(target), None),
            2 => scope(None, None, kind),
            3 => scope(Some(company), Some(target), None),
            4 => scope(Some(company), None, kind),
            5 => scope(None, Some(target), kind),
            _ => Scope::default(),
        }
    }

    /// Somebody pauses something. Whether somebody has to resume it.
    pub(super) fn begin_pause(&self) -> bool {
        let scope = self.pausable();
        let is_all = scope.is_everything();
        // Of everything it is to be known when it is over: clocks differ.
        let until = (!is_all && self.dice.one_in(3))
            .then(|| self.now() + SignedDuration::from_mins(self.minutes(2, 45)));
        self.mishaps.note(Mishap::Paused);
        self.story.tell(|| {
            let until = until.map_or_else(
                || "until it is resumed".to_owned(),
                |at| format!("until {at}"),
            );
            format!("-- {scope} is paused {until}")
        });
        let pause = self.world.pause(scope, until);
        if until.is_none() {
            let mut on = self.mishaps.pausing.on.borrow_mut();
            on.push((pause.id, is_all));
        }
        until.is_none()
    }

    /// Somebody resumes what was paused first.
    pub(super) fn end_pause(&self) {
        let first = {
            let mut on = self.mishaps.pausing.on.borrow_mut();
            (!on.is_empty()).then(|| on.remove(0))
        };
        let Some((id, is_all)) = first else { return };
        self.look_at_pause();
        if is_all {
            self.mishaps.pausing.before.replace(None);
        }
        self.world.resume(&id);
        self.story.tell(|| format!("-- pause {id} is over"));
    }

    /// Everybody resumes.
    pub(super) fn end_pauses(&self) {
        while !self.mishaps.pausing.on.borrow().is_empty() {
            self.end_pause();
        }
    }

    /// Nobody is at work. Where everything is paused, nothing is written from here on.
    pub(super) fn stands_still(&self) {
        let is_all = self
            .mishaps
            .pausing
            .on
            .borrow()
            .iter()
            .any(|(_, is_all)| *is_all);
        if is_all
            && self.mishaps.pausing.before.borrow().is_none()
            && !self.world.sage.expects_late_writes()
        {
            self.mishaps
                .pausing
                .before
                .replace(Some(self.written_by_us()));
        }
    }

    fn look_at_pause(&self) {
        let before = self.mishaps.pausing.before.borrow();
        let Some(before) = &*before else { return };
        let now = self.written_by_us();
        let news: Vec<String> = now
            .into_iter()
            .filter(|one| !before.contains(one))
            .collect();
        self.mishaps
            .pausing
            .broken
            .borrow_mut()
            .extend(rest::pause(&news));
    }

    /// What was written in a pause.
    pub(super) fn broken_pauses(&self) -> Vec<Broken> {
        self.mishaps.pausing.broken.borrow().clone()
    }

    /// Everything that we made or changed, counted where one thing is changed more than once.
    fn written_by_us(&self) -> Vec<String> {
        let sage = &self.world.sage;
        let mut written = sage.created();
        let changed = sage.changed_by_us();
        written.extend(
            changed
                .iter()
                .enumerate()
                .map(|(n, what)| format!("{n}. {what}")),
        );
        for org in &ORGS {
            let made = self.crm(org).ever_made();
            written.extend(
                made.into_iter()
                    .map(|(module, _, id)| format!("{module} {id}")),
            );
        }
        written
    }
}
