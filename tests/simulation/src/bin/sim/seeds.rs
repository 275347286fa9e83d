//! Many seeds, a thread per processor.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use counterpart_delivery::invariants::{Broken, Invariant};
use counterpart_simulation::sim::{self, Outcome};

use crate::ask::Ask;
use crate::count::Count;

/// How many failing seeds are told in words.
const TOLD: u64 = 5;
/// Between two lines of progress.
const PAUSE: Duration = Duration::from_secs(5);
/// A handler that panics breaks every promise.
const PANICS: Invariant = Invariant {
    id: "no-panic",
    says: "Nothing panics.",
};

/// Runs them. Whether all hold.
pub(crate) fn run_all(ask: &Ask, told: impl Fn(&Outcome, &Count)) -> Count {
    let next = AtomicU64::new(ask.from);
    let end = ask.from.saturating_add(ask.seeds);
    let stop = AtomicBool::new(false);
    let (send, outcomes) = mpsc::channel();
    let threads = thread::available_parallelism().map_or(2, usize::from);
    let mut count = Count::new(ask.from);
    thread::scope(|scope| {
        for _ in 0..threads {
            let send = send.clone();
            let (next, stop) = (&next, &stop);
            scope.spawn(move || {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end || stop.load(Ordering::Relaxed) {
                        return;
                    }
                    let ran =
                        catch_unwind(AssertUnwindSafe(|| sim::run(seed, &ask.mishaps, false)));
                    let outcome = ran.unwrap_or_else(|_| panicked(seed));
                    if send.send(outcome).is_err() {
                        return;
                    }
                }
            });
        }
        drop(send);
        for outcome in outcomes {
            count.add(&outcome);
            if !outcome.broken.is_empty() && ask.is_quick {
                stop.store(true, Ordering::Relaxed);
            }
            told(&outcome, &count);
        }
    });
    for seeds in count.broken.values_mut() {
        seeds.sort_unstable();
    }
    count
}

fn panicked(seed: u64) -> Outcome {
    let what = "the product panicked; its message is above";
    Outcome {
        seed,
        broken: vec![Broken::new(&PANICS, what)],
        mishaps: std::collections::BTreeMap::new(),
        events: 0,
        sales: 0,
        orders: 0,
        workers: 0,
        digest: 0,
        story: Vec::new(),
    }
}

/// Runs them, with progress and a verdict.
pub(crate) fn run(ask: &Ask) -> bool {
    let began = Instant::now();
    let last = std::cell::Cell::new(began);
    let count = run_all(ask, |outcome, count| {
        if !outcome.broken.is_empty() && count.failed <= TOLD {
            eprintln!("seed {} fails:", outcome.seed);
            for broken in &outcome.broken {
                eprintln!("  {broken}");
            }
        }
        if last.get().elapsed() >= PAUSE {
            last.set(Instant::now());
            let each = count.seeds as f64 / began.elapsed().as_secs_f64();
            eprintln!(
                "{} of {} seeds, {each:.1} a second, {} failed",
                count.seeds, ask.seeds, count.failed
            );
        }
    });
    for (invariant, seeds) in &count.broken {
        let shown: Vec<String> = seeds.iter().take(12).map(u64::to_string).collect();
        let more = if seeds.len() > shown.len() {
            ", …"
        } else {
            ""
        };
        eprintln!(
            "{invariant} is broken in {} seeds: {}{more}",
            seeds.len(),
            shown.join(", ")
        );
    }
    if let Some(seed) = count.broken.values().flatten().min() {
        let faults = match ask.faults.as_str() {
            "all" => String::new(),
            names => format!(" --faults {names}"),
        };
        eprintln!("replay one: SEED={seed} cargo xtask sim{faults}");
    }
    let seconds = began.elapsed().as_secs_f64();
    let line = format!(
        "{} seeds in {seconds:.1} s: {} events, {} sales, {} orders, {} failed",
        count.seeds, count.events, count.sales, count.orders, count.failed
    );
    match serde_json::to_string(&count) {
        Ok(json) if ask.is_json => {
            eprintln!("{line}");
            println!("{json}");
        }
        _ => println!("{line}"),
    }
    count.failed == 0
}
