//! Changes after the import, and how long each takes to arrive.

use std::collections::BTreeMap;
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::json;

use crate::demo::calls::Calls;
use crate::demo::figures::Figures;
use crate::demo::polls;
use crate::demo::reps::{self, Mappings};
use crate::demo::scene::Cast;
use crate::demo::sides;
use crate::error::{Failure, Result, ensure};
use crate::say::Say;
use crate::stack::Stack;
use crate::stack::crm::Crm;

/// A poll stays this far behind the ERP's clock (`lag` in `infra/local/sync.toml`), and a little more.
pub const LAG: Duration = Duration::from_millis(1300);
/// "In one poll" and "within seconds".
const PATIENCE: Duration = Duration::from_secs(20);

/// An edit and another salesperson, both found by one poll.
///
/// # Errors
/// When one of them does not arrive everywhere.
pub fn by_poll(
    stack: &Stack,
    say: &Say,
    cast: &Cast,
    mappings: &Mappings,
    figures: &mut Figures,
) -> Result<()> {
    let title = "an edit and a rep change in Sage arrive in one poll";
    say.step(title, || {
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
        sleep(LAG);
        let started = Instant::now();
        let polled = polls::poll(stack, cast.edited.company(), "customer")?;
        ensure(polled.invocations == 1, || {
            format!("it took {} polls", polled.invocations)
        })?;
        let all = stack.all();
        figures.edit = polls::arrivals(&all, started, PATIENCE, "the edit", |crm| {
            lies_in(crm, &cast.edited.key, city)
        })?;
        figures.rep_change = polls::arrivals(&all, started, PATIENCE, "the new owner", |crm| {
            let owner = mappings
                .get(crm.target.name)
                .and_then(|mapping| mapping.get(&cast.moved_to))
                .ok_or_else(|| Failure::new(format!("{} is mapped to nobody", cast.moved_to)))?;
            owned_by(crm, &cast.moved.key, &owner.id)
        })?;
        Ok(())
    })
}

/// A salesperson mapped after the fact: its customer comes out of the parking without an edit in Sage. The CRMs' access
/// tokens are revoked just before, which costs one refresh each and nothing else.
///
/// # Errors
/// When it does not arrive, or arrives for somebody else, or a token is asked for more than once.
pub fn by_late_mapping(
    stack: &Stack,
    say: &Say,
    cast: &Cast,
    mappings: &mut Mappings,
    figures: &mut Figures,
) -> Result<()> {
    let title = "a rep mapped late brings its customer, without an edit in Sage; a revoked token costs one refresh";
    say.step(title, || {
        let mut owners = BTreeMap::new();
        let mut before = Vec::new();
        for crm in &stack.crms {
            let users = sides::users(stack, crm)?;
            let owner = sides::successor(&users)?;
            let mapping = mappings.entry(crm.target.name).or_default();
            mapping.insert(cast.unmapped.rep.clone(), owner.clone());
            owners.insert(crm.target.name, owner.id.clone());
        }
        let started = Instant::now();
        // The command asks the CRMs who their users are, with a token of its own.
        reps::import(stack, "reps-later.csv", mappings)?;
        for crm in &stack.crms {
            crm.door.faults(&json!({ "revoke": "access" }))?;
            before.push(Calls::so_far(crm)?);
        }
        polls::poll(stack, cast.unmapped.company(), "customer")?;
        let all = stack.all();
        figures.rep_mapped = polls::arrivals(&all, started, PATIENCE, "the customer", |crm| {
            let owner = owners.get(crm.target.name);
            owned_by(crm, &cast.unmapped.key, owner.map_or("", String::as_str))
        })?;
        for (crm, before) in stack.crms.iter().zip(before) {
            let refreshes = (Calls::so_far(crm)? - before).tokens;
            ensure(refreshes == 1, || {
                let title = crm.target.title;
                format!("the token of {title} was asked for {refreshes} times")
            })?;
        }
        Ok(())
    })
}

/// An edit that is announced by a signed hint; a forged hint is refused.
///
/// # Errors
/// When it does not arrive everywhere, or the forged one is taken.
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
        figures.hint =
            polls::arrivals(&stack.all(), started, PATIENCE, "the hinted edit", |crm| {
                lies_in(crm, &cast.hinted.key, city)
            })?;
        let (status, _) = stack.hint(company, &body, now() - 3600)?;
        ensure(status == 401, || {
            format!("a hint of an hour ago was answered {status}")
        })
    })
}

/// Whether a CRM has the customer in that city.
///
/// # Errors
/// When the simulator does not answer as documented.
pub fn lies_in(crm: &Crm, key: &str, city: &str) -> Result<bool> {
    let account = sides::account(crm, key)?;
    Ok(account
        .as_ref()
        .and_then(|account| account.get(crm.target.city())?.as_str())
        .is_some_and(|found| found == city))
}

fn owned_by(crm: &Crm, key: &str, user: &str) -> Result<bool> {
    let account = sides::account(crm, key)?;
    let owner = account
        .as_ref()
        .and_then(|account| sides::reference(account, crm.target.owner_field));
    Ok(owner == Some(user))
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
