//! `demo`: the whole path from Sage 100 to the CRMs through the deployed functions, checked at every step.

mod calls;
mod changes;
mod checks;
mod figures;
mod import;
pub mod orders;
mod outage;
pub mod polls;
pub mod reps;
mod rights;
mod said;
mod sales;
mod scene;
mod sides;
mod table;
mod usage;

use std::collections::{BTreeMap, BTreeSet};

use crate::cli::DemoOptions;
use crate::demo::calls::Calls;
use crate::demo::checks::Sides;
use crate::demo::figures::{Figures, Parked};
use crate::demo::reps::Mappings;
use crate::demo::scene::Cast;
use crate::error::{Failure, Result, ensure};
use crate::say::Say;
use crate::stack::{Stack, Wanted};
use crate::target::{TARGETS, titles};
use crate::workspace::Workspace;

/// Runs the demo and prints its figures.
///
/// # Errors
/// Names the first step that did not hold. Whatever was started is ended either way.
pub fn run(workspace: &Workspace, options: &DemoOptions) -> Result<()> {
    let say = Say::new(options.json);
    say.line(&format!(
        "Counterpart: Sage 100 to {}, {} generated customers, seed {}",
        titles(),
        options.customers,
        options.seed
    ));
    let wanted = Wanted {
        customers: options.customers,
        seed: options.seed,
        scheduled: false,
        dir: workspace.target.join("stack").join("demo"),
    };
    let stack = Stack::start(workspace, &say, &wanted)?;
    let figures = play(&stack, &say, options)?;
    drop(stack);
    say.line(&table::report(&figures));
    if options.json {
        println!("{}", serde_json::to_string(&figures)?);
    }
    Ok(())
}

fn play(stack: &Stack, say: &Say, options: &DemoOptions) -> Result<Figures> {
    let mut figures = Figures::default();
    let (mut mappings, without_user) = say.step("match salespersons with CRM users", || {
        polls::poll_all(stack, "salesperson")?;
        // What is right is found out without the command; every owner is held against it later.
        let (mappings, without_user) = reps::by_email(stack)?;
        reps::accept(stack, &mappings)?;
        Ok((mappings, without_user))
    })?;
    say.step(
        "no function may write the configuration, no writer another target's rows",
        || rights::hold(stack),
    )?;
    let customers = sides::customers(&stack.sage)?;
    let of_crms = stack.crms.iter().flat_map(|crm| &crm.children);
    let children = of_crms.map(|child| sides::children(&stack.sage, child.entity.plural()));
    let children: Vec<BTreeSet<String>> = children.collect::<Result<_>>()?;
    let children: BTreeSet<String> = children.into_iter().flatten().collect();
    let cast = Cast::choose(&customers, &children, &mappings, &without_user)?;
    cast.set_up(stack)?;
    let said = import::run(stack, say, &mut figures)?;
    let aside = BTreeSet::from([cast.refused.key.as_str(), cast.unmapped.key.as_str()]);
    say.step(
        "all sides are equal, keys and parents right, companies not mixed",
        || {
            each(stack, |sides| {
                sides.are_equal(&aside)?;
                sides.nobody_is_mixed_up()?;
                sides.agree_with(known(&said, sides.target.name)?)
            })
        },
    )?;
    say.step("every owner is right", || {
        owners_are_right(stack, &mappings)
    })?;
    say.step(
        "the two that were meant to be are parked, with code and sentence",
        || {
            figures.parked = parked(stack)?;
            are_parked(&figures.parked, &aside)?;
            ensure(
                figures
                    .parked
                    .iter()
                    .all(|parked| parked.code.starts_with("E_")),
                || format!("a code does not begin with E_: {:?}", figures.parked),
            )
        },
    )?;
    say.step("the CRM was called no more often than needed", || {
        let mut imports = figures.import.iter();
        imports.try_for_each(|(target, import)| import::is_thrifty(target, import))
    })?;
    say.step("a second poll of unchanged data writes nothing", || {
        let crms = stack.crms.iter();
        let before: Vec<Calls> = crms.map(Calls::so_far).collect::<Result<_>>()?;
        for entity in import::entities(stack) {
            polls::poll_all(stack, entity.name())?;
        }
        polls::drain(stack, say, "second poll")?;
        for (crm, before) in stack.crms.iter().zip(before) {
            let writes = (Calls::so_far(crm)? - before).writes;
            figures.second_poll.crm_write_calls += writes;
            figures.second_poll.targets.insert(crm.target.name, writes);
        }
        let writes = figures.second_poll.crm_write_calls;
        ensure(writes == 0, || format!("{writes} calls wrote"))
    })?;
    changes::by_poll(stack, say, &cast, &mappings, &mut figures)?;
    changes::by_late_mapping(stack, say, &cast, &mut mappings, &mut figures)?;
    changes::by_hint(stack, say, &cast, &mut figures)?;
    outage::each_in_turn(stack, say, &cast, &mut figures)?;
    say.step("all sides are still equal, with one left parked", || {
        polls::drain(stack, say, "the last packs")?;
        let aside = BTreeSet::from([cast.refused.key.as_str()]);
        each(stack, |sides| {
            sides.are_equal(&aside)?;
            sides.nobody_is_mixed_up()
        })?;
        owners_are_right(stack, &mappings)?;
        are_parked(&parked(stack)?, &aside)
    })?;
    // Nobody listens to the CRMs yet.
    let before = options.sales.then(|| sales::before(stack, say));
    let before = before.transpose()?;
    let duplicates = usize::from(options.duplicates);
    orders::run(stack, say, duplicates, &mut figures)?;
    if let Some(before) = before {
        sales::run(stack, say, before, &mut figures)?;
    }
    Ok(figures)
}

/// Holds each CRM against Sage.
fn each(stack: &Stack, check: impl Fn(&Sides) -> Result<()>) -> Result<()> {
    stack
        .crms
        .iter()
        .try_for_each(|crm| check(&Sides::read(stack, crm)?))
}

fn owners_are_right(stack: &Stack, mappings: &Mappings) -> Result<()> {
    each(stack, |sides| {
        sides.owners_are_right(known(mappings, sides.target.name)?)
    })
}

/// What is known of a target.
fn known<'a, T>(of: &'a BTreeMap<&'static str, T>, target: &str) -> Result<&'a T> {
    of.get(target)
        .ok_or_else(|| Failure::new(format!("nothing is known of {target}")))
}

/// Whether these keys are parked, once for each target, and nothing else is.
fn are_parked(parked: &[Parked], keys: &BTreeSet<&str>) -> Result<()> {
    let found: BTreeSet<(&str, &str)> = parked
        .iter()
        .map(|parked| (parked.target.as_str(), parked.key.as_str()))
        .collect();
    let wanted: BTreeSet<(&str, &str)> = TARGETS
        .iter()
        .flat_map(|target| keys.iter().map(|key| (target.name, *key)))
        .collect();
    ensure(found == wanted && parked.len() == wanted.len(), || {
        format!("{wanted:?} were to be parked, {parked:?} are")
    })
}

fn parked(stack: &Stack) -> Result<Vec<Parked>> {
    Parked::list(&stack.counterpart_json(&["parked", "list"])?)
}
