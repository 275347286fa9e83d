//! Counterpart's CRM writer beside two Python writers that do the same durable steps: same packs, same simulated
//! Salesforce, same local AWS, each fed by a Runtime API on the loopback address.

mod amount;
mod checks;
mod figures;
mod item;
mod meter;
mod order;
mod packs;
mod phases;
pub mod proc;
mod proxy;
mod runtime_api;
mod side;
mod start;
mod table;
mod tables;
mod units;
mod wire;
mod worker;

use std::path::PathBuf;

use crate::binaries::Binaries;
use crate::cli::BenchOptions;
use crate::compile;
use crate::error::Result;
use crate::measure;
use crate::say::Say;
use crate::stack::ministack::MiniStack;
use crate::venv::Venv;
use crate::workspace::Workspace;
use figures::{Cost, Costs, Report};
use packs::{PACK, PHASES, Packs};
use phases::Running;
pub use side::CRM;
use side::{Ground, IDIOMATIC, SIDES, Side};
use start::Start;
use worker::Worker;

/// Records that the idiomatic peer is given: it takes its time.
const IDIOMATIC_SIZE: u32 = 1_000;
/// The function that is measured.
const WRITER: &str = "crm-writer";

/// Measures, checks and reports.
///
/// # Errors
/// When something does not compile or start, a side does not do what it has to, or a peer asks too much to be one.
pub fn run(workspace: &Workspace, options: &BenchOptions) -> Result<()> {
    let say = Say::new(options.json);
    let size = options.size.div_ceil(PACK) * PACK;
    let dir = workspace.target.join("bench");
    if dir.exists() {
        std::fs::remove_dir_all(&dir)?;
    }
    std::fs::create_dir_all(&dir)?;
    let peers = Venv::ready(workspace, &say, "bench", "tests/bench/requirements.txt")?;
    let stack = Venv::ready(
        workspace,
        &say,
        "stack",
        "infra/local/requirements-stack.txt",
    )?;
    let (binaries, writer) = build(workspace, &say)?;
    let order = if options.no_order {
        None
    } else {
        Some(order::run(workspace, &say, &dir, options.seed)?)
    };
    let packs = say.step(&format!("make packs of {size} customers"), || {
        Packs::make(&binaries, &dir, size, options.seed, options.touched)
    })?;
    let ministack = say.step("start MiniStack", || {
        MiniStack::start(workspace, &stack, &dir)
    })?;
    let ground = Ground {
        workspace,
        dir: &dir,
        binaries: &binaries,
        writer: &writer,
        peers: &peers,
        aws: &ministack.aws,
        tables: &tables::Definitions::read(workspace, &stack, &dir)?,
    };
    let sides: Vec<Side> =
        say.step(&format!("tables and a {} for each side", CRM.short), || {
            SIDES
                .iter()
                .map(|name| Side::set_up(&ground, name))
                .collect()
        })?;
    let start = say.step(&format!("start each {} times", start::STARTS), || {
        let recipes: Vec<_> = sides.iter().map(|side| &side.recipe).collect();
        start::all(&recipes)
    })?;
    let costs = measured(&say, &sides, &packs, size)?;
    say.step(
        "all sides wrote every record once, with the same values, and linked it",
        || check(&ground, &sides, &packs, size),
    )?;
    figures::accept(&costs)?;
    report(options, size, &say, costs, &start, order)
}

/// Everything but the writer as the local stack runs it; the writer as it is deployed.
fn build(workspace: &Workspace, say: &Say) -> Result<(Binaries, PathBuf)> {
    let binaries = Binaries::build(workspace, say)?;
    let title = "build the maker of packs";
    say.step(title, || {
        compile::binaries(workspace, say, title, &["bench-packs"])
    })?;
    let writer = say.step(&format!("build {WRITER}, profile release"), || {
        let built = measure::build::build(workspace, &[WRITER.to_owned()], "release")?;
        Ok(built
            .into_iter()
            .map(|binary| binary.path)
            .collect::<PathBuf>())
    })?;
    Ok((binaries, writer))
}

fn given(side: &str, size: u32) -> u32 {
    if side == IDIOMATIC {
        size.min(IDIOMATIC_SIZE)
    } else {
        size
    }
}

fn measured(say: &Say, sides: &[Side], packs: &Packs, size: u32) -> Result<Costs> {
    let mut running = Vec::new();
    for side in sides {
        running.push(Running {
            side,
            worker: Worker::start(&side.recipe)?,
            packs: (given(side.name, size) / PACK) as usize,
        });
    }
    let mut costs = Costs::new();
    for phase in PHASES {
        let spent = say.step(&phases::title(phase), || {
            phases::run(say, packs, phase, &mut running)
        })?;
        let of_sides = sides
            .iter()
            .zip(&spent)
            .map(|(side, spent)| (side.name, Cost::of(spent)));
        costs.insert(phase.name(), of_sides.collect());
    }
    Ok(costs)
}

fn check(ground: &Ground<'_>, sides: &[Side], packs: &Packs, size: u32) -> Result<()> {
    let records = packs.last()?;
    let mut ours = None;
    for side in sides {
        let own = records
            .get(..given(side.name, size) as usize)
            .unwrap_or(&records);
        let accounts = checks::accounts(side)?;
        checks::are(side.name, &accounts, own)?;
        checks::were_written_once(side, own.len() as u64)?;
        checks::are_linked(ground.aws, side, own)?;
        // Our own side is the first.
        let ours = ours.get_or_insert_with(|| accounts.clone());
        checks::are_equal(side.name, &accounts, ours)?;
    }
    Ok(())
}

fn report(
    options: &BenchOptions,
    size: u32,
    say: &Say,
    costs: Costs,
    start: &[Start],
    order: Option<order::Order>,
) -> Result<()> {
    let report = Report {
        size,
        size_idiomatic: given(IDIOMATIC, size),
        ratios: figures::ratios(&costs)?,
        goals: figures::goals(&costs)?,
        per_1000: costs,
        start: SIDES.into_iter().zip(start.iter().copied()).collect(),
        order,
    };
    say.line(&table::table(&report));
    if options.json {
        println!("{}", serde_json::to_string(&report)?);
    }
    Ok(())
}
