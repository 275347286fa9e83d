//! What is asked for.

use std::collections::BTreeSet;

use counterpart_simulation::sim::Mishap;

/// The arguments, and `SEED`.
#[derive(Debug)]
pub(crate) struct Ask {
    pub(crate) seeds: u64,
    pub(crate) from: u64,
    pub(crate) mishaps: BTreeSet<Mishap>,
    /// What `--faults` said, for the command that replays.
    pub(crate) faults: String,
    pub(crate) is_json: bool,
    /// One seed, told step by step.
    pub(crate) seed: Option<u64>,
    /// The named scenarios: all of them, or one.
    pub(crate) scenarios: Option<Option<String>>,
    /// Ends with the first seed that fails.
    pub(crate) is_quick: bool,
}

impl Ask {
    pub(crate) fn read(arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let seed = match std::env::var("SEED") {
            Ok(text) => Some(number("SEED", &text)?),
            Err(_) => None,
        };
        let mut ask = Self {
            seeds: 100,
            from: 0,
            mishaps: Mishap::ALL.iter().copied().collect(),
            faults: "all".to_owned(),
            is_json: false,
            seed,
            scenarios: None,
            is_quick: false,
        };
        let mut arguments = arguments.peekable();
        while let Some(name) = arguments.next() {
            let mut value = || {
                let value = arguments.next();
                value.ok_or_else(|| format!("{name} wants a value"))
            };
            match name.as_str() {
                "--seeds" => ask.seeds = number("--seeds", &value()?)?,
                "--from" => ask.from = number("--from", &value()?)?,
                "--faults" => {
                    ask.faults = value()?;
                    ask.mishaps = mishaps(&ask.faults)?;
                }
                "--json" => ask.is_json = true,
                "--scenarios" => ask.scenarios = Some(None),
                "--scenario" => ask.scenarios = Some(Some(value()?)),
                "--quick" => ask.is_quick = true,
                other => return Err(format!("{other} is no option here")),
            }
        }
        Ok(ask)
    }
}

fn number(name: &str, text: &str) -> Result<u64, String> {
    let number = text.parse();
    number.map_err(|_| format!("{name} wants a number, and {text} is none"))
}

fn mishaps(text: &str) -> Result<BTreeSet<Mishap>, String> {
    match text {
        "all" => Ok(Mishap::all()),
        "none" => Ok(BTreeSet::new()),
        names => names
            .split(',')
            .map(|name| {
                let names = || {
                    let all = Mishap::ALL.iter();
                    all.map(|one| format!("  {:<16} {}", one.name(), one.says()))
                        .collect::<Vec<_>>()
                        .join("\n")
                };
                Mishap::of(name.trim())
                    .ok_or_else(|| format!("{name} is no fault. There are:\n{}", names()))
            })
            .collect(),
    }
}
