//! Changes after the import, and how long each takes to arrive.

use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::json;

use crate::demo::calls::Calls;
use crate::demo::figures::Figures;
use crate::demo::polls;
use crate::demo::reps::{self, Mapping};
use crate::demo::scene::Cast;
use crate::demo::sides;
use crate::error::{Failure, Result, ensure};
use crate::say::Say;
use crate::stack::Stack;

/// A poll stays this far behind the ERP's clock (`lag` in `infra/local/sync.toml`), and a little more.
const LAG: Duration = Duration::from_millis(1300);
/// "In one poll" and "within seconds".
const PATIENCE: Duration = Duration::from_secs(20);

/// An edit and another salesperson, both found by one poll.
///
/// # Errors
/// When one of them does not arrive.
pub fn by_poll(
    stack: &Stack,
    say: &Say,
    cast: &Cast,
    mapping: &Mapping,
    figures: &mut Figures,
) -> Result<()> {
    say.step(
        "an edit and a rep change in Sage arrive in one poll",
        || {
            let city = "Counterpart City";
            let (division, number) = rep_parts(&cast.moved_to)?;
            stack.sage.edit(&json!({ "edits": [
                {
                    "company": cast.edited.company(),
                    "key": cast.edited.local(),
                    "fields": { "City": city },
                },
                {
                    "company": cast.moved.company(),
                    "key": cast.moved.local(),
                    "fields": { "SalespersonDivisionNo": division, "SalespersonNo": number },
                },
            ]}))?;
            let owner = mapping
                .get(&cast.moved_to)
                .ok_or_else(|| Failure::new(format!("{} is mapped to nobody", cast.moved_to)))?;
            sleep(LAG);
            let started = Instant::now();
            let polled = polls::poll(stack, cast.edited.company(), "customer")?;
            ensure(polled.invocations == 1, || {
                format!("it took {} polls", polled.invocations)
            })?;
            figures.edit.zoho_ms = polls::until(started, PATIENCE, "the edit", || {
                holds(stack, &cast.edited.key, "Billing_City", city)
            })?;
            figures.rep_change.zoho_ms = polls::until(started, PATIENCE, "the new owner", || {
                owned_by(stack, &cast.moved.key, &owner.id)
            })?;
            Ok(())
        },
    )
}

/// A salesperson mapped after the fact: its customer comes out of the parking without an edit in Sage. The CRM's access
/// token is revoked just before, which costs one refresh and nothing else.
///
/// # Errors
/// When it does not arrive, or arrives for somebody else, or the token is asked for more than once.
pub fn by_late_mapping(
    stack: &Stack,
    say: &Say,
    cast: &Cast,
    mapping: &mut Mapping,
    figures: &mut Figures,
) -> Result<()> {
    let title = "a rep mapped late brings its customer, without an edit in Sage; a revoked token costs one refresh";
    say.step(title, || {
        let users = sides::users(stack)?;
        let owner = sides::successor(&users)?;
        mapping.insert(cast.unmapped.rep.clone(), owner.clone());
        stack.zoho.faults(&json!({ "revoke": "access" }))?;
        let before = Calls::so_far(&stack.zoho)?;
        let started = Instant::now();
        reps::import(stack, "reps-later.csv", mapping)?;
        polls::poll(stack, cast.unmapped.company(), "customer")?;
        figures.rep_mapped.zoho_ms = polls::until(started, PATIENCE, "the customer", || {
            owned_by(stack, &cast.unmapped.key, &owner.id)
        })?;
        let refreshes = (Calls::so_far(&stack.zoho)? - before).tokens;
        ensure(refreshes == 1, || {
            format!("the token was asked for {refreshes} times")
        })
    })
}

/// An edit that is announced by a signed hint; a forged hint is refused.
///
/// # Errors
/// When it does not arrive, or the forged one is taken.
pub fn by_hint(stack: &Stack, say: &Say, cast: &Cast, figures: &mut Figures) -> Result<()> {
    say.step("an edit in Sage arrives by a signed hint", || {
        let company = cast.hinted.company();
        let city = "Hinted City";
        stack.sage.edit(&json!({
            "company": company,
            "key": cast.hinted.local(),
            "fields": { "City": city },
        }))?;
        let body = json!({ "entity": "customer", "keys": [cast.hinted.local()] });
        let started = Instant::now();
        let (status, said) = stack.hint(company, &body, now())?;
        ensure(status == 202, || {
            format!("the hint was answered {status}: {said}")
        })?;
        figures.hint.zoho_ms = polls::until(started, PATIENCE, "the hinted edit", || {
            holds(stack, &cast.hinted.key, "Billing_City", city)
        })?;
        let (status, _) = stack.hint(company, &body, now() - 3600)?;
        ensure(status == 401, || {
            format!("a hint of an hour ago was answered {status}")
        })
    })
}

fn holds(stack: &Stack, key: &str, field: &str, value: &str) -> Result<bool> {
    let account = sides::account(&stack.zoho, key)?;
    Ok(account
        .as_ref()
        .and_then(|account| account.get(field)?.as_str())
        .is_some_and(|found| found == value))
}

fn owned_by(stack: &Stack, key: &str, user: &str) -> Result<bool> {
    let account = sides::account(&stack.zoho, key)?;
    Ok(account.as_ref().and_then(sides::owner_of) == Some(user))
}

/// Division and number out of `ABC:01-0110`.
fn rep_parts(rep: &str) -> Result<(&str, &str)> {
    rep.split_once(':')
        .and_then(|(_, key)| key.split_once('-'))
        .ok_or_else(|| Failure::new(format!("{rep} is no salesperson's key")))
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
