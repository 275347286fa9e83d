//! Pauses are begun and ended by people, each change with its note in the ledger.

use counterpart_domain::{Class, Fault};
use jiff::{SignedDuration, Timestamp};

use super::{Did, Pause, PauseNote, Pauses, Scope};
use crate::ports::{Clock, Ids, Settings};

/// How often a change is tried that others were faster than.
const TRIES: u32 = 5;
/// A pause that is over says for so long from when time limits count; no limit is longer.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24 * 30);
/// The most that are kept: the item has to stay small.
const MOST: usize = 200;
/// The characters of an id that people type.
const ID: usize = 6;

/// What the end of a pause came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// This one is ended.
    This(Pause),
    /// Nothing is paused by this name.
    None,
    /// More than one is: nothing was ended.
    Several(Vec<Pause>),
}

/// Begins a pause.
///
/// # Errors
/// When the store cannot be read or written; `E_PAUSES_BUSY`; `E_PAUSES_FULL`.
pub async fn begin(
    store: &impl Settings,
    clock: &(impl Clock + Ids),
    scope: Scope,
    by: &str,
    reason: &str,
    until: Option<Timestamp>,
) -> Result<Pause, Fault> {
    for _ in 0..TRIES {
        let mut pauses = remembered(store.pauses().await?, clock.now());
        if !make_room(&mut pauses, clock.now()) {
            return Err(Fault::new(
                Class::Data,
                "E_PAUSES_FULL",
                format!("{MOST} pauses are on already: end some of them."),
            ));
        }
        let pause = Pause {
            id: fresh(&pauses, clock),
            scope: scope.clone(),
            by: by.to_owned(),
            reason: reason.to_owned(),
            since: clock.now(),
            until,
            ended: None,
        };
        pauses.all.push(pause.clone());
        if put(store, clock, &pauses, Did::Began, by, &pause).await? {
            return Ok(pause);
        }
    }
    Err(busy())
}

/// Ends the pause that `is_meant`, if there is one.
///
/// # Errors
/// When the store cannot be read or written; `E_PAUSES_BUSY`.
pub async fn end(
    store: &impl Settings,
    clock: &(impl Clock + Ids),
    by: &str,
    is_meant: impl Fn(&Pause) -> bool,
) -> Result<Ended, Fault> {
    for _ in 0..TRIES {
        let now = clock.now();
        let mut pauses = remembered(store.pauses().await?, now);
        let on = pauses.all.iter_mut().filter(|pause| pause.is_on(now));
        let mut meant: Vec<&mut Pause> = on.filter(|pause| is_meant(pause)).collect();
        if meant.len() > 1 {
            let several = meant.into_iter().map(|pause| pause.clone());
            return Ok(Ended::Several(several.collect()));
        }
        let Some(pause) = meant.pop() else {
            return Ok(Ended::None);
        };
        pause.ended = Some(now);
        let ended = pause.clone();
        if put(store, clock, &pauses, Did::Ended, by, &ended).await? {
            return Ok(Ended::This(ended));
        }
    }
    Err(busy())
}

async fn put(
    store: &impl Settings,
    clock: &impl Clock,
    pauses: &Pauses,
    did: Did,
    by: &str,
    pause: &Pause,
) -> Result<bool, Fault> {
    let note = PauseNote {
        at: clock.now(),
        did,
        by: by.to_owned(),
        pause: pause.clone(),
    };
    store.put_pauses(pauses, &note).await
}

/// Without those that were over long ago.
fn remembered(mut pauses: Pauses, now: Timestamp) -> Pauses {
    pauses.all.retain(|pause| {
        let over = pause.over_at(now);
        over.is_none_or(|end| now.duration_since(end) < REMEMBERED)
    });
    pauses
}

/// Whether one more may be kept. Those that are over make room, the longest over first; the ledger has its note of each.
fn make_room(pauses: &mut Pauses, now: Timestamp) -> bool {
    while pauses.all.len() >= MOST {
        let over = pauses.all.iter().enumerate();
        let over = over.filter_map(|(index, pause)| Some((pause.over_at(now)?, index)));
        let Some((_, index)) = over.min() else {
            return false;
        };
        pauses.all.remove(index);
    }
    true
}

/// An id that people can type: the last characters of a long one, which are chance.
fn fresh(pauses: &Pauses, ids: &impl Ids) -> String {
    loop {
        let long = ids.new_id();
        let start = long.len().saturating_sub(ID);
        let id = long.get(start..).unwrap_or(&long).to_owned();
        if pauses.all.iter().all(|pause| pause.id != id) {
            return id;
        }
    }
}

fn busy() -> Fault {
    Fault::new(
        Class::Transient,
        "E_PAUSES_BUSY",
        "Others pause and resume at this very moment: nothing was changed. Try again.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_over_makes_room_and_what_is_on_does_not() {
        let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        let pause = |index: usize, ended: Option<i64>| Pause {
            id: index.to_string(),
            scope: Scope::default(),
            by: "ann".to_owned(),
            reason: "backup".to_owned(),
            since: now - SignedDuration::from_hours(100),
            until: None,
            ended: ended.map(|hours| now - SignedDuration::from_hours(hours)),
        };
        let kept = |over: usize| {
            let all = (0..MOST).map(|index| {
                let hours = i64::try_from(index + 1).unwrap();
                pause(index, (index < over).then_some(hours))
            });
            let mut pauses = Pauses {
                all: all.collect(),
                rev: 1,
            };
            let room = make_room(&mut pauses, now);
            (room, pauses)
        };
        let (room, pauses) = kept(3);
        assert!(room);
        assert_eq!(pauses.all.len(), MOST - 1);
        // The one that was over first, three hours ago.
        assert!(pauses.all.iter().all(|pause| pause.id != "2"));
        let (room, pauses) = kept(0);
        assert!(!room);
        assert_eq!(pauses.all.len(), MOST);
    }
}
