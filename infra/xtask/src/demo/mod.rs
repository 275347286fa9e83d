//! `demo`: the whole path from Sage 100 to Zoho CRM through the deployed functions, checked at every step.

mod calls;
mod changes;
mod checks;
mod figures;
mod import;
mod polls;
pub mod reps;
mod scene;
mod sides;
mod table;
mod usage;

use std::collections::BTreeSet;

use crate::cli::DemoOptions;
use crate::demo::calls::Calls;
use crate::demo::checks::Sides;
use crate::demo::figures::{Figures, Parked};
use crate::demo::scene::Cast;
use crate::error::{Result, ensure};
use crate::say::Say;
use crate::stack::{Stack, Wanted};
use crate::workspace::Workspace;

/// Runs the demo and prints its figures.
///
/// # Errors
/// Names the first step that did not hold. Whatever was started is ended either way.
pub fn run(workspace: &Workspace, options: &DemoOptions) -> Result<()> {
    let say = Say::new(options.json);
    say.line(&format!(
        "Counterpart: Sage 100 to Zoho CRM, {} generated customers, seed {}",
        options.customers, options.seed
    ));
    let wanted = Wanted {
        customers: options.customers,
        seed: options.seed,
        scheduled: false,
        dir: workspace.target.join("stack").join("demo"),
    };
    let stack = Stack::start(workspace, &say, &wanted)?;
    let figures = play(&stack, &say)?;
    drop(stack);
    say.line(&table::report(&figures));
    if options.json {
        println!("{}", serde_json::to_string(&figures)?);
    }
    Ok(())
}

fn play(stack: &Stack, say: &Say) -> Result<Figures> {
    let mut figures = Figures::default();
    let (mut mapping, without_user) = say.step("map salespersons to CRM users", || {
        let (mapping, without_user) = reps::by_email(stack)?;
        reps::import(stack, "reps.csv", &mapping)?;
        Ok((mapping, without_user))
    })?;
    let cast = {
        let before = Sides::read(stack)?;
        let cast = Cast::choose(&before.customers, &before.contacts, &mapping, &without_user)?;
        cast.set_up(stack)?;
        cast
    };
    let import = import::run(stack, say, &mut figures)?;
    let aside = BTreeSet::from([cast.refused.key.as_str(), cast.unmapped.key.as_str()]);
    say.step(
        "both sides are equal, keys and parents right, companies not mixed",
        || {
            let sides = Sides::read(stack)?;
            sides.are_equal(&aside)?;
            sides.nobody_is_mixed_up()?;
            sides.agree_with(import.customer, import.contact)
        },
    )?;
    say.step("every owner is right", || {
        Sides::read(stack)?.owners_are_right(&mapping)
    })?;
    say.step(
        "the two that were meant to be are parked, with code and sentence",
        || {
            figures.parked = parked(stack)?;
            let keys: BTreeSet<&str> = figures
                .parked
                .iter()
                .map(|parked| parked.key.as_str())
                .collect();
            ensure(keys == aside && figures.parked.len() == aside.len(), || {
                format!("{aside:?} were to be parked, {:?} are", figures.parked)
            })?;
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
        figures.import.values().try_for_each(import::is_thrifty)
    })?;
    say.step("a second poll of unchanged data writes nothing", || {
        let before = Calls::so_far(&stack.zoho)?;
        for entity in import::ENTITIES {
            polls::poll_all(stack, entity)?;
        }
        polls::drain(stack, say, "second poll")?;
        let spent = Calls::so_far(&stack.zoho)? - before;
        figures.second_poll.crm_write_calls = spent.writes;
        ensure(spent.writes == 0, || {
            format!("{} calls wrote", spent.writes)
        })
    })?;
    changes::by_poll(stack, say, &cast, &mapping, &mut figures)?;
    changes::by_late_mapping(stack, say, &cast, &mut mapping, &mut figures)?;
    changes::by_hint(stack, say, &cast, &mut figures)?;
    say.step("both sides are still equal, with one left parked", || {
        polls::drain(stack, say, "the last packs")?;
        let sides = Sides::read(stack)?;
        sides.are_equal(&BTreeSet::from([cast.refused.key.as_str()]))?;
        sides.owners_are_right(&mapping)?;
        sides.nobody_is_mixed_up()?;
        let left = parked(stack)?;
        ensure(
            left.len() == 1 && left.iter().all(|parked| parked.key == cast.refused.key),
            || {
                format!(
                    "only {} was to be left, there are {left:?}",
                    cast.refused.key
                )
            },
        )
    })?;
    Ok(figures)
}

fn parked(stack: &Stack) -> Result<Vec<Parked>> {
    Parked::list(&stack.counterpart_json(&["parked", "list"])?)
}
