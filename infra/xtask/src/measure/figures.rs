//! Medians, spreads and ratios.

use std::collections::BTreeMap;

use serde::Serialize;

use super::build::{Binary, EMPTY};
use super::run::Started;
use crate::error::{Failure, Result};

/// What the starts of one function showed.
#[derive(Debug)]
pub struct Samples {
    name: String,
    bytes: u64,
    init_ms: Vec<f64>,
    peak_bytes: Vec<f64>,
}

impl Samples {
    /// None yet, of a built function.
    ///
    /// # Errors
    /// When its file cannot be looked at.
    pub fn of(binary: &Binary) -> Result<Self> {
        Ok(Self {
            name: binary.name.clone(),
            bytes: std::fs::metadata(&binary.path)?.len(),
            init_ms: Vec::new(),
            peak_bytes: Vec::new(),
        })
    }

    /// One more.
    pub fn add(&mut self, started: &Started) {
        self.init_ms.push(started.init.as_secs_f64() * 1_000.0);
        self.peak_bytes.push(started.peak as f64);
    }
}

/// The middle of some samples, and how far they lie apart.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// Half lie below.
    pub median: f64,
    /// A quarter lies below.
    pub lower_quartile: f64,
    /// A quarter lies above.
    pub upper_quartile: f64,
    /// The least.
    pub least: f64,
    /// The most.
    pub most: f64,
}

impl Spread {
    /// Of at least one sample.
    fn of(samples: &[f64]) -> Option<Self> {
        let mut sorted = samples.to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = |part: f64| {
            let place = part * (sorted.len() - 1) as f64;
            let (below, above) = (place.floor() as usize, place.ceil() as usize);
            let (below, above) = (sorted[below], sorted[above]);
            below + (above - below) * place.fract()
        };
        (!sorted.is_empty()).then(|| Self {
            median: at(0.5),
            lower_quartile: at(0.25),
            upper_quartile: at(0.75),
            least: at(0.0),
            most: at(1.0),
        })
    }
}

/// One function's figures.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    /// Size of the binary.
    pub binary_bytes: u64,
    /// From its start to its first poll.
    pub init_ms: Spread,
    /// Memory at that moment.
    pub peak_bytes: Spread,
    /// Its figures as multiples of those of the empty function in the same run.
    pub against_empty: Ratios,
}

/// Multiples of the empty function's figures.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Ratios {
    /// Of the size.
    pub binary: f64,
    /// Of the median time.
    pub init: f64,
    /// Of the median memory.
    pub peak: f64,
    /// How much longer the median time is, in milliseconds.
    pub init_more_ms: f64,
}

/// Everything.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// How they were built.
    pub profile: String,
    /// Starts of each.
    pub runs: u32,
    /// By name; the empty one is among them.
    pub functions: BTreeMap<String, Figures>,
}

impl Report {
    /// Counts.
    ///
    /// # Errors
    /// When there are no samples, or none of the empty function.
    pub fn new(profile: &str, runs: u32, samples: &[Samples]) -> Result<Self> {
        let nothing = || Failure::new("nothing was measured");
        let spreads = |of: &Samples| Some((Spread::of(&of.init_ms)?, Spread::of(&of.peak_bytes)?));
        let empty = samples.iter().find(|of| of.name == EMPTY);
        let empty = empty.ok_or_else(nothing)?;
        let (init, peak) = spreads(empty).ok_or_else(nothing)?;
        let mut functions = BTreeMap::new();
        for of in samples {
            let (init_ms, peak_bytes) = spreads(of).ok_or_else(nothing)?;
            let against_empty = Ratios {
                binary: of.bytes as f64 / empty.bytes as f64,
                init: init_ms.median / init.median,
                peak: peak_bytes.median / peak.median,
                init_more_ms: init_ms.median - init.median,
            };
            let figures = Figures {
                binary_bytes: of.bytes,
                init_ms,
                peak_bytes,
                against_empty,
            };
            functions.insert(of.name.clone(), figures);
        }
        Ok(Self {
            profile: profile.to_owned(),
            runs,
            functions,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_quartiles_and_ratios_are_those_of_the_samples() {
        let spread = Spread::of(&[4.0, 1.0, 3.0, 2.0]).unwrap();
        assert_eq!((spread.median, spread.least, spread.most), (2.5, 1.0, 4.0));
        assert_eq!((spread.lower_quartile, spread.upper_quartile), (1.75, 3.25));
        assert_eq!(Spread::of(&[]), None);
        let samples = |name: &str, bytes, init: f64| Samples {
            name: name.to_owned(),
            bytes,
            init_ms: vec![init, init + 1.0, init + 2.0],
            peak_bytes: vec![1_000.0 * init; 3],
        };
        let all = [samples(EMPTY, 100, 1.0), samples("poller", 250, 5.0)];
        let report = Report::new("dev", 3, &all).unwrap();
        let ratios = report.functions["poller"].against_empty;
        assert_eq!((ratios.binary, ratios.init, ratios.peak), (2.5, 3.0, 5.0));
        assert_eq!(ratios.init_more_ms, 4.0);
        assert!(
            Report::new("dev", 3, &all[1..]).is_err(),
            "nothing to compare with"
        );
    }
}
