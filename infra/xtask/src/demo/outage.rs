//! One CRM down: the others do not notice, and it catches up by itself.

use std::collections::BTreeMap;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::demo::calls::Calls;
use crate::demo::changes::{LAG, lies_in};
use crate::demo::figures::{Figures, Outage, Tally};
use crate::demo::import::tally;
use crate::demo::scene::Cast;
use crate::demo::{parked, polls};
use crate::error::{Failure, Result, ensure};
use crate::say::Say;
use crate::stack::Stack;
use crate::stack::crm::Crm;

/// For the targets that are up, and for a refused call of the one that is not.
const PATIENCE: Duration = Duration::from_secs(20);
/// A circuit that opened once pauses for 2.5 seconds at most, and each time twice as long: this is its fifth pause, which
/// an outage of a few seconds never sees.
const CATCH_UP: Duration = Duration::from_secs(60);

/// What an edit cost a target, and what became of it there.
#[derive(Clone, Debug, Default)]
struct Spent {
    calls: u64,
    outcomes: Tally,
    ms: u64,
}

impl Spent {
    /// Of several targets together: the slowest says how long it took.
    fn of(by_target: &BTreeMap<&'static str, Self>, crms: &[&Crm]) -> Self {
        let spent = crms.iter().filter_map(|crm| by_target.get(crm.target.name));
        spent.fold(Self::default(), |sum, one| Self {
            calls: sum.calls + one.calls,
            outcomes: sum.outcomes.plus(one.outcomes),
            ms: sum.ms.max(one.ms),
        })
    }
}

/// Takes each CRM down once, with an edit in Sage meanwhile.
///
/// # Errors
/// When the edit reaches the others later than else or at another price, when anything is parked, or when the CRM that
/// was down does not have it in the end.
pub fn each_in_turn(stack: &Stack, say: &Say, cast: &Cast, figures: &mut Figures) -> Result<()> {
    // With one CRM alone there is nobody to be disturbed.
    if stack.crms.len() < 2 {
        return Ok(());
    }
    let without = say.step("an edit while all are well, to compare with", || {
        polls::drain(stack, say, "before the edit")?;
        edit(stack, cast, "Before all", &stack.all())
    })?;
    for down in &stack.crms {
        let (name, title) = (down.target.name, down.target.title);
        let step =
            format!("{title} down: an edit reaches the others as ever, and {title} afterwards");
        let outage = say.step(&step, || {
            polls::drain(stack, say, "before the outage")?;
            let others: Vec<&Crm> = stack
                .crms
                .iter()
                .filter(|crm| crm.target.name != name)
                .collect();
            one(stack, cast, down, &others, &Spent::of(&without, &others))
        })?;
        figures.outage.push(outage);
    }
    Ok(())
}

fn one(stack: &Stack, cast: &Cast, down: &Crm, others: &[&Crm], without: &Spent) -> Result<Outage> {
    let (name, title) = (down.target.name, down.target.title);
    let city = format!("Without {name}");
    let parked_before = parked(stack)?.len();
    let sick = json!({ "rules": [{ "operation": "*", "status": 503, "body": "<html>Service Unavailable</html>" }] });
    down.door.faults(&sick)?;
    let with = Spent::of(&edit(stack, cast, &city, others)?, others);
    ensure(
        with.calls == without.calls && with.outcomes == without.outcomes,
        || format!("the others were disturbed: {with:?} instead of {without:?}"),
    )?;
    let refused_calls = refused(down)?;
    ensure(!lies_in(down, &cast.edited.key, &city)?, || {
        format!("{title} has the edit although it is down")
    })?;
    // The refusal of the one customer is a rule too: it has to stand on.
    let mut well = cast.refusal(down);
    if let Some(members) = well.as_object_mut() {
        members.insert("clear".to_owned(), Value::Bool(true));
    }
    down.door.faults(&well)?;
    let back = polls::arrivals(
        &[down],
        Instant::now(),
        CATCH_UP,
        "the edit made during the outage",
        |crm| lies_in(crm, &cast.edited.key, &city),
    )?;
    let parked_now = parked(stack)?.len();
    ensure(parked_now == parked_before, || {
        format!("the outage parked {} records", parked_now - parked_before)
    })?;
    Ok(Outage {
        down: name,
        refused_calls,
        others_calls: with.calls,
        others_calls_without: without.calls,
        others_outcomes: with.outcomes,
        others_outcomes_without: without.outcomes,
        others_ms: with.ms,
        others_ms_without: without.ms,
        caught_up_ms: back.to(name),
    })
}

/// An edit in Sage, a poll, and what it came to in each of these CRMs.
fn edit(
    stack: &Stack,
    cast: &Cast,
    city: &str,
    crms: &[&Crm],
) -> Result<BTreeMap<&'static str, Spent>> {
    let before = so_far(stack, crms)?;
    stack.sage.edit(&json!({
        "company": cast.edited.company(),
        "key": cast.edited.local(),
        "fields": { "City": city },
    }))?;
    sleep(LAG);
    let started = Instant::now();
    polls::poll(stack, cast.edited.company(), "customer")?;
    let arrival = polls::arrivals(crms, started, PATIENCE, "the edit", |crm| {
        lies_in(crm, &cast.edited.key, city)
    })?;
    settled(stack, crms)?;
    let mut spent = so_far(stack, crms)?;
    for (name, spent) in &mut spent {
        let before = before.get(name).cloned().unwrap_or_default();
        spent.calls -= before.calls;
        spent.outcomes = spent.outcomes.since(before.outcomes);
        spent.ms = arrival.to(name);
    }
    Ok(spent)
}

/// Waits until these targets' queues are empty; that of one that is down need not be.
fn settled(stack: &Stack, crms: &[&Crm]) -> Result<()> {
    let patience = Instant::now() + PATIENCE;
    for crm in crms {
        while !stack.aws.depth(&crm.packs)?.is_empty() {
            ensure(Instant::now() < patience, || {
                format!("packs for {} are left in its queue", crm.target.title)
            })?;
            sleep(Duration::from_millis(50));
        }
    }
    Ok(())
}

fn so_far(stack: &Stack, crms: &[&Crm]) -> Result<BTreeMap<&'static str, Spent>> {
    let status = stack.counterpart_json(&["status"])?;
    let of = |crm: &&Crm| {
        let spent = Spent {
            calls: Calls::so_far(crm)?.all,
            outcomes: tally(&status, crm, "customer")?,
            ms: 0,
        };
        Ok((crm.target.name, spent))
    };
    crms.iter().map(of).collect()
}

/// How many calls a CRM answered 503. Waits for the first: an outage that nobody met shows nothing.
fn refused(crm: &Crm) -> Result<u64> {
    let started = Instant::now();
    loop {
        let stats = crm.door.stats()?;
        let calls = stats.get("calls").and_then(Value::as_array);
        let count: u64 = calls
            .into_iter()
            .flatten()
            .filter(|entry| entry.get("status").and_then(Value::as_u64) == Some(503))
            .filter_map(|entry| entry.get("count")?.as_u64())
            .sum();
        if count > 0 {
            return Ok(count);
        }
        if started.elapsed() >= PATIENCE {
            let title = crm.target.title;
            return Err(Failure::new(format!(
                "nobody called {title} while it was down"
            )));
        }
        sleep(Duration::from_millis(50));
    }
}
