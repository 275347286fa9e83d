//! The named scenarios.

use counterpart_simulation::sim::scenarios::{ALL, Scenario};

/// Plays all. Whether each does what it is said to do: it holds, or breaks what is known to break.
pub(crate) fn run_all() -> bool {
    let mut all = true;
    for scenario in ALL {
        let broken = scenario.play();
        let as_said = match scenario.breaks {
            None => broken.is_empty(),
            Some(known) => broken.iter().any(|one| one.invariant == known),
        };
        let verdict = match (scenario.breaks, broken.is_empty()) {
            (None, true) => "holds",
            (Some(_), true) => "holds, and is said not to",
            (Some(_), false) if as_said => "breaks, as is known",
            _ => "BREAKS",
        };
        println!("{:<44} {verdict}: {}", scenario.name, scenario.says);
        for one in &broken {
            println!("    {one}");
        }
        all &= as_said;
    }
    all
}

/// Plays one. Whether it holds.
pub(crate) fn run_one(name: &str) -> bool {
    let Some(scenario) = Scenario::of(name) else {
        eprintln!("{name} is no scenario; --scenarios names all");
        std::process::exit(2);
    };
    let broken = scenario.play();
    println!("{}: {}", scenario.name, scenario.says);
    for one in &broken {
        println!("    {one}");
    }
    broken.is_empty()
}
