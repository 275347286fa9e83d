//! Runs seeds of the simulation: `cargo xtask sim` builds and starts it.

mod ask;
mod count;
mod scenarios;
mod seeds;

use std::process::ExitCode;

use counterpart_simulation::sim::run;

use ask::Ask;

fn main() -> ExitCode {
    let ask = match Ask::read(std::env::args().skip(1)) {
        Ok(ask) => ask,
        Err(why) => {
            eprintln!("{why}");
            return ExitCode::from(2);
        }
    };
    let holds = match (ask.seed, &ask.scenarios) {
        (_, Some(None)) => scenarios::run_all(),
        (_, Some(Some(name))) => scenarios::run_one(name),
        (Some(seed), None) => replay(seed, &ask),
        (None, None) => seeds::run(&ask),
    };
    match holds {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

/// Runs one seed and tells its story.
fn replay(seed: u64, ask: &Ask) -> bool {
    let outcome = run(seed, &ask.mishaps, true);
    for line in &outcome.story {
        println!("{line}");
    }
    for (mishap, times) in &outcome.mishaps {
        println!("{:>5} x {:<16} {}", times, mishap.name(), mishap.says());
    }
    for broken in &outcome.broken {
        println!("BROKEN {broken}");
    }
    println!(
        "seed {seed}: {} events, {} sales, {} orders, digest {:016x}: {}",
        outcome.events,
        outcome.sales,
        outcome.orders,
        outcome.digest,
        if outcome.broken.is_empty() {
            "holds"
        } else {
            "fails"
        },
    );
    outcome.broken.is_empty()
}
