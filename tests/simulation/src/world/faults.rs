//! The two faults that matter most, at every port: killed at any await point; done, but the answer lost.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use counterpart_domain::{Class, Fault};

use super::troubles::Troubles;

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is done and answered.
    Done,
    /// It fails before anything is done.
    Fails,
    /// It is done, and the answer is lost.
    AnswerLost,
}

/// Decides what becomes of each call.
pub trait Fates: fmt::Debug {
    /// Of a call of any port.
    fn of(&self, call: &'static str) -> Fate;

    /// After how long a write to Sage takes effect whose answer is lost; none: it does at once, or not at all.
    fn lands_after(&self, call: &'static str) -> Option<Duration>;
}

/// Counts port calls, and spoils the one it is told to. Clones share the count.
#[derive(Debug, Clone, Default)]
pub struct Faults(Rc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    calls: Cell<u64>,
    lose_answer: Cell<Option<u64>>,
    fail_before: Cell<Option<u64>>,
    fail_from: Cell<Option<u64>>,
    trace: RefCell<Vec<&'static str>>,
    about: RefCell<Option<(&'static [&'static str], String)>>,
    lose_named: RefCell<Option<(&'static str, u32)>>,
    fail_named: RefCell<Option<(&'static str, u32)>>,
    spared: Cell<u32>,
    vague: Cell<bool>,
    refused: RefCell<Option<(&'static str, Fault)>>,
    fates: RefCell<Option<Rc<dyn Fates>>>,
    troubles: RefCell<Option<Troubles>>,
}

/// How a spoilt call is put: its name, and what really happened.
type Spoilt = fn(&str, &str) -> Fault;

impl Faults {
    /// Begins to count anew, with nothing to spoil.
    pub fn reset(&self) {
        self.0.calls.set(0);
        self.0.lose_answer.set(None);
        self.0.fail_before.set(None);
        self.0.fail_from.set(None);
        self.0.lose_named.replace(None);
        self.0.fail_named.replace(None);
        self.0.trace.borrow_mut().clear();
    }

    /// The `n`-th call from now on (from 0) is done, and its answer lost.
    pub fn lose_answer(&self, n: u64) {
        self.reset();
        self.0.lose_answer.set(Some(n));
    }

    /// The `n`-th call from now on (from 0) fails before anything is done.
    pub fn fail_before(&self, n: u64) {
        self.reset();
        self.0.fail_before.set(Some(n));
    }

    /// Every call from the `n`-th on fails before anything is done, until [`Faults::reset`].
    pub fn fail_from(&self, n: u64) {
        self.reset();
        self.0.fail_from.set(Some(n));
    }

    /// Store calls of these names fail before anything is done where their arguments name this, until
    /// [`Faults::spare`].
    pub fn fail_about(&self, calls: &'static [&'static str], what: &str) {
        self.0.about.replace(Some((calls, what.to_owned())));
    }

    /// Ends [`Faults::fail_about`].
    pub fn spare(&self) {
        self.0.about.replace(None);
    }

    /// The next `times` calls of this name are done, and their answers lost.
    pub fn lose_answers_of(&self, name: &'static str, times: u32) {
        self.0.lose_named.replace(Some((name, times)));
    }

    /// The next `times` calls of this name fail before anything is done.
    pub fn fail_calls_of(&self, name: &'static str, times: u32) {
        self.0.fail_named.replace(Some((name, times)));
    }

    /// As [`Faults::fail_calls_of`], once `spared` calls of this name went well.
    pub fn fail_calls_after(&self, name: &'static str, spared: u32, times: u32) {
        self.0.spared.set(spared);
        self.fail_calls_of(name, times);
    }

    /// All calls of this name are refused like this, before anything is done.
    pub fn refuse_calls_of(&self, name: &'static str, fault: Fault) {
        self.0.refused.replace(Some((name, fault)));
    }

    /// Writes to Sage that fail before anything is done say no more than those whose answer is lost.
    pub fn be_vague(&self, vague: bool) {
        self.0.vague.set(vague);
    }

    /// Calls are refused while AWS has these troubles.
    pub(super) fn troubled_by(&self, troubles: &Troubles) {
        self.0.troubles.replace(Some(troubles.clone()));
    }

    /// From now on somebody else decides what becomes of each call; none: nobody does.
    pub fn decided_by(&self, fates: Option<Rc<dyn Fates>>) {
        self.0.fates.replace(fates);
    }

    /// After how long a write takes effect, where that is not at once.
    pub(crate) fn lands_after(&self, name: &'static str) -> Option<Duration> {
        let fates = self.0.fates.borrow().clone();
        fates.and_then(|fates| fates.lands_after(name))
    }

    fn fate(&self, name: &'static str) -> Fate {
        let fates = self.0.fates.borrow().clone();
        fates.map_or(Fate::Done, |fates| fates.of(name))
    }

    fn takes(&self, of: &RefCell<Option<(&'static str, u32)>>, name: &str) -> bool {
        let mut of = of.borrow_mut();
        match &mut *of {
            Some((named, left)) if *named == name && *left > 0 => {
                *left -= 1;
                true
            }
            _ => false,
        }
    }

    /// Whether a call with these arguments is one that fails.
    pub(crate) fn check(
        &self,
        name: &'static str,
        arguments: impl FnOnce() -> String,
    ) -> Result<(), Fault> {
        let about = self.0.about.borrow();
        match &*about {
            Some((calls, what)) if calls.contains(&name) && arguments().contains(what) => {
                Err(lost(name, "nothing was done"))
            }
            _ => Ok(()),
        }
    }

    /// How many calls there were since the count began.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.0.calls.get()
    }

    /// The names of the calls since the count began.
    #[must_use]
    pub fn trace(&self) -> Vec<&'static str> {
        self.0.trace.borrow().clone()
    }

    /// Wraps one call: an await point before its effect and one after it.
    pub(crate) async fn call<T>(
        &self,
        name: &'static str,
        effect: impl Future<Output = Result<T, Fault>>,
    ) -> Result<T, Fault> {
        self.spoil(name, effect, (lost, lost)).await
    }

    /// Wraps one write to Sage: whoever loses its answer is told that nobody knows.
    pub(crate) async fn write<T>(
        &self,
        name: &'static str,
        effect: impl Future<Output = Result<T, Fault>>,
    ) -> Result<T, Fault> {
        let before = if self.0.vague.get() { unknown } else { lost };
        self.spoil(name, effect, (before, unknown)).await
    }

    async fn spoil<T>(
        &self,
        name: &'static str,
        effect: impl Future<Output = Result<T, Fault>>,
        (before, after): (Spoilt, Spoilt),
    ) -> Result<T, Fault> {
        let number = self.0.calls.get();
        self.0.calls.set(number + 1);
        self.0.trace.borrow_mut().push(name);
        pause().await;
        if self.0.fail_before.get() == Some(number)
            || self.0.fail_from.get().is_some_and(|from| number >= from)
        {
            return Err(before(name, "nothing was done"));
        }
        if !self.spares(name) && self.takes(&self.0.fail_named, name) {
            return Err(before(name, "nothing was done"));
        }
        let troubles = self.0.troubles.borrow().clone();
        if let Some(refused) = troubles.and_then(|of| of.refusal(name, number)) {
            return Err(refused);
        }
        let fate = self.fate(name);
        if fate == Fate::Fails {
            return Err(before(name, "nothing was done"));
        }
        let refused = self.0.refused.borrow().clone();
        if let Some((_, fault)) = refused.filter(|(named, _)| *named == name) {
            return Err(fault);
        }
        let answer = effect.await;
        pause().await;
        if self.0.lose_answer.get() == Some(number)
            || self.takes(&self.0.lose_named, name)
            || fate == Fate::AnswerLost
        {
            return Err(after(name, "it was done"));
        }
        answer
    }

    /// Whether a call is let through before those that fail.
    fn spares(&self, name: &str) -> bool {
        let named = self.0.fail_named.borrow().is_some_and(|(of, _)| of == name);
        let left = self.0.spared.get();
        if named && left > 0 {
            self.0.spared.set(left - 1);
        }
        named && left > 0
    }
}

/// Nobody knows what became of a write.
pub(crate) fn unknown(name: &str, truth: &str) -> Fault {
    Fault::new(
        Class::Ambiguous,
        "E_SAGE_OUTCOME_UNKNOWN",
        "Sage 100 did not answer.",
    )
    .with_detail(format_args!("{name}: {truth}"))
}

fn lost(name: &str, truth: &str) -> Fault {
    Fault::new(Class::Transient, "E_SIMULATED", "The connection was lost.")
        .with_detail(format_args!("{name}: {truth}"))
}

/// An await point at which the caller may be killed.
async fn pause() {
    let mut paused = false;
    poll_fn(|context| {
        if std::mem::replace(&mut paused, true) {
            Poll::Ready(())
        } else {
            context.waker().wake_by_ref();
            Poll::Pending
        }
    })
    .await;
}
