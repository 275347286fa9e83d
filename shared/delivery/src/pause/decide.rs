//! Whether work may be done now: the one place that decides it, a pure function of the pauses, the configuration and the time.

use counterpart_config::{QuietWindow, SyncConfig};
use jiff::{SignedDuration, Timestamp};

use super::{Pauses, Scope};
use crate::IntentKind;

/// So long after a pause that which waited may still be on its way: the longest time that work stays away (see
/// [`crate::backoff`]), and what it takes to do it.
const COMES_BACK: SignedDuration = SignedDuration::from_hours(1);

/// What keeps work from being done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Since when.
    pub since: Timestamp,
    /// When it is over; none: when somebody ends it.
    pub until: Option<Timestamp>,
    /// Who or what holds it, and why: one line for each.
    pub why: Vec<String>,
}

/// All that the decision is made of.
#[derive(Debug, Clone, Copy)]
pub struct Pausing<'a> {
    /// What people stopped.
    pub pauses: &'a Pauses,
    /// The quiet windows.
    pub config: &'a SyncConfig,
    /// When it is asked.
    pub now: Timestamp,
}

impl<'a> Pausing<'a> {
    /// What holds this work now; none: it may be done.
    #[must_use]
    pub fn hold(&self, work: &Scope) -> Option<Hold> {
        let people = self.pauses.on(self.now);
        let people = people.filter(|pause| pause.scope.covers(work));
        let people = people.map(|pause| {
            let why = format!("{}, by {}: {}", pause.scope, pause.by, pause.reason);
            (pause.since, pause.until, why)
        });
        let windows = windows(self.config, work).into_iter();
        let windows = windows.filter_map(|(of, window)| {
            let time = window.at(self.now)?;
            Some((
                time.begin,
                Some(time.end),
                format!("{of}: quiet window of sync.toml"),
            ))
        });
        let mut holds: Option<Hold> = None;
        for (since, until, why) in people.chain(windows) {
            let held = holds.get_or_insert_with(|| Hold {
                since,
                until,
                why: Vec::new(),
            });
            held.since = held.since.min(since);
            // Two that overlap are one, and it ends with the later; one without an end has none.
            held.until = held.until.zip(until).map(|(one, other)| one.max(other));
            held.why.push(why);
        }
        holds
    }

    /// The quiet windows that are on now, each with the name of its table and when it is over.
    #[must_use]
    pub fn quiet(&self) -> Vec<(String, Timestamp)> {
        let mut found = Vec::new();
        let mut note = |of: String, windows: &[QuietWindow]| {
            let on = windows.iter().filter_map(|window| window.at(self.now));
            found.extend(on.map(|time| time.end).max().map(|end| (of, end)));
        };
        for (name, company) in &self.config.companies {
            note(format!("company {name}"), &company.quiet);
        }
        for (name, target) in &self.config.targets {
            note(format!("target {name}"), &target.quiet);
            for (entity, config) in &target.entities {
                note(format!("target {name}, entity {entity}"), &config.quiet);
            }
            if let Some(orders) = &target.orders {
                note(format!("target {name}, entity order"), &orders.quiet);
            }
        }
        found
    }

    /// From when the time counts that this work was given since `first`: a pause is not its fault. None while there is one.
    #[must_use]
    pub fn counts_from(&self, work: &Scope, first: Timestamp) -> Option<Timestamp> {
        if self.hold(work).is_some() {
            return None;
        }
        Some(self.last_end(work).map_or(first, |end| end.max(first)))
    }

    /// Whether this work is held, or was until so lately that what waited may still be on its way.
    #[must_use]
    pub fn holds_up(&self, work: &Scope) -> bool {
        self.hold(work).is_some() || self.last_end(work).is_some_and(|end| self.is_recent(end))
    }

    /// The same of anything at all within a scope, such as what one queue holds.
    #[must_use]
    pub fn holds_up_any(&self, within: &Scope) -> bool {
        let people = self.pauses.all.iter();
        let people = people.filter(|pause| pause.scope.meets(within));
        let mut people = people.map(|pause| {
            pause.is_on(self.now)
                || pause
                    .over_at(self.now)
                    .is_some_and(|end| self.is_recent(end))
        });
        let mut windows = windows_within(self.config, within);
        people.any(|held| held)
            || windows.any(|window| {
                let recent = |end| self.is_recent(end);
                window.at(self.now).is_some() || window.last_end(self.now).is_some_and(recent)
            })
    }

    fn is_recent(&self, end: Timestamp) -> bool {
        self.now.duration_since(end) < COMES_BACK
    }

    /// When the last of what ever held this work was over.
    fn last_end(&self, work: &Scope) -> Option<Timestamp> {
        let people = self.pauses.all.iter();
        let people = people.filter(|pause| pause.scope.covers(work));
        let people = people.filter_map(|pause| pause.over_at(self.now));
        let windows = windows(self.config, work).into_iter();
        let windows = windows.filter_map(|(_, window)| window.last_end(self.now));
        people.chain(windows).max()
    }
}

/// The windows that work is within, each with the name of its table.
fn windows<'a>(config: &'a SyncConfig, work: &Scope) -> Vec<(String, &'a QuietWindow)> {
    let mut found = Vec::new();
    if let Some((name, company)) = work
        .company
        .as_ref()
        .and_then(|name| config.companies.get_key_value(name))
    {
        found.extend(
            company
                .quiet
                .iter()
                .map(|one| (format!("company {name}"), one)),
        );
    }
    let target = work.target.as_ref();
    if let Some((name, target)) = target.and_then(|name| config.targets.get_key_value(name)) {
        found.extend(
            target
                .quiet
                .iter()
                .map(|one| (format!("target {name}"), one)),
        );
        let of_kind = match work.kind {
            Some(IntentKind::Order) => target.orders.as_ref().map(|orders| &orders.quiet),
            Some(IntentKind::Record(of)) => target.entities.get(&of).map(|entity| &entity.quiet),
            None => None,
        };
        let kind = work.kind.map_or("", IntentKind::name);
        let of_kind = of_kind.into_iter().flatten();
        found.extend(of_kind.map(|one| (format!("target {name}, entity {kind}"), one)));
    }
    found
}

/// The windows of whatever may be within a scope.
fn windows_within<'a>(
    config: &'a SyncConfig,
    within: &Scope,
) -> impl Iterator<Item = &'a QuietWindow> + use<'a> {
    let companies = config.companies.iter();
    let company = within.company.clone();
    let of_company = companies
        .filter(move |(name, _)| company.as_ref().is_none_or(|only| only == *name))
        .flat_map(|(_, company)| &company.quiet);
    let target = within.target.clone();
    let targets = config.targets.iter();
    let of_target = targets
        .filter(move |(name, _)| target.as_ref().is_none_or(|only| only == *name))
        .flat_map(|(_, target)| {
            let entities = target.entities.values().flat_map(|entity| &entity.quiet);
            let orders = target.orders.iter().flat_map(|orders| &orders.quiet);
            target.quiet.iter().chain(entities).chain(orders)
        });
    of_company.chain(of_target)
}

#[cfg(test)]
mod tests;
