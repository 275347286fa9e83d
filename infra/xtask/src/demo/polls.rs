//! Polls through the deployed function, and waits for what they set off.

use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::aws::Depth;
use crate::demo::figures::Arrival;
use crate::error::{Failure, Result, ensure};
use crate::say::Say;
use crate::stack::Stack;
use crate::stack::crm::Crm;
use crate::stack::deploy::STACK;

/// A poll that is cut off by its time goes on at the next: so many are enough for any demo.
const MOST_POLLS: u32 = 100;
/// Nothing that is queued takes longer on a working system.
const PATIENCE: Duration = Duration::from_secs(600);

/// What polls did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Polled {
    /// Records that were sent on to the writer.
    pub sent: u64,
    /// Packs that carried them.
    pub packs: u64,
    /// Times that the function was invoked.
    pub invocations: u64,
}

impl Polled {
    fn add(&mut self, other: Self) {
        self.sent += other.sent;
        self.packs += other.packs;
        self.invocations += other.invocations;
    }
}

/// Polls one entity of one company until its window is complete.
///
/// # Errors
/// When the function fails, or never comes to an end.
pub fn poll(stack: &Stack, company: &str, entity: &str) -> Result<Polled> {
    let event = json!({ "company": company, "entity": entity });
    let mut polled = Polled::default();
    for _ in 0..MOST_POLLS {
        let report = stack.aws.invoke(&format!("{STACK}-poller"), &event)?;
        let count = |name: &str| report.get(name).and_then(Value::as_u64).unwrap_or(0);
        polled.add(Polled {
            sent: count("sent") + count("remapped"),
            packs: count("packs"),
            invocations: 1,
        });
        match report.get("complete").and_then(Value::as_bool) {
            Some(true) => return Ok(polled),
            Some(false) => {}
            None => return Err(Failure::new(format!("the poller reported {report}"))),
        }
        if report
            .get("busy_until")
            .is_some_and(|until| !until.is_null())
        {
            sleep(Duration::from_millis(500));
        }
    }
    Err(Failure::new(format!(
        "the poll of {company}'s {entity} is not complete after {MOST_POLLS} times"
    )))
}

/// Polls one entity of every company.
///
/// # Errors
/// As [`poll`].
pub fn poll_all(stack: &Stack, entity: &str) -> Result<Polled> {
    let mut polled = Polled::default();
    for company in &stack.companies {
        polled.add(poll(stack, company, entity)?);
    }
    Ok(polled)
}

/// Waits until the queues of packs are empty: nothing waiting, nothing in a writer's hands.
///
/// # Errors
/// When one does not become empty.
pub fn drain(stack: &Stack, say: &Say, what: &str) -> Result<()> {
    let patience = Instant::now() + PATIENCE;
    let mut empty = 0;
    while empty < 2 {
        let mut depth = Depth::default();
        for crm in &stack.crms {
            depth = depth.plus(stack.aws.depth(&crm.packs)?);
        }
        empty = if depth.is_empty() { empty + 1 } else { 0 };
        let Depth {
            ready,
            in_flight,
            delayed,
        } = depth;
        ensure(Instant::now() < patience, || {
            format!(
                "the queues are not empty after {} s: {ready} ready, {in_flight} in flight, {delayed} delayed",
                PATIENCE.as_secs()
            )
        })?;
        say.note(&format!(
            "{what}: {ready} packs ready, {in_flight} in flight"
        ));
        sleep(Duration::from_millis(150));
    }
    Ok(())
}

/// Waits until something holds in each CRM, and says after how many milliseconds it did.
///
/// # Errors
/// With the sentence and the CRM, when it does not hold within the patience.
pub fn arrivals(
    crms: &[&Crm],
    since: Instant,
    patience: Duration,
    sentence: &str,
    holds: impl Fn(&Crm) -> Result<bool>,
) -> Result<Arrival> {
    let mut arrival = Arrival::default();
    let mut open: Vec<&Crm> = crms.to_vec();
    loop {
        let mut left = Vec::new();
        for crm in open {
            if holds(crm)? {
                arrival.note(crm.target.name, since.elapsed());
            } else {
                left.push(crm);
            }
        }
        let Some(first) = left.first() else {
            return Ok(arrival);
        };
        ensure(since.elapsed() < patience, || {
            let (title, seconds) = (first.target.title, patience.as_secs());
            format!("{sentence} is not in {title} after {seconds} s")
        })?;
        open = left;
        sleep(Duration::from_millis(20));
    }
}
