//! The figures as a person reads them.

use std::fmt::Write as _;

use super::build::EMPTY;
use super::figures::{Figures, Report};

/// A line per function, the empty one first.
pub fn table(report: &Report) -> String {
    let mut text = format!(
        "\nThe functions, profile {}, {} starts each (median, middle half)\n{:24}{:>10}{:>30}{:>30}\n",
        report.profile, report.runs, "", "binary", "start to first poll", "memory by then"
    );
    let empty = report.functions.get_key_value(EMPTY);
    let others = report.functions.iter().filter(|(name, _)| *name != EMPTY);
    for (name, figures) in empty.into_iter().chain(others) {
        // Writing into a String cannot fail.
        let _infallible = text.write_str(&line(name, figures));
    }
    text
}

fn line(name: &str, of: &Figures) -> String {
    let megabytes = |bytes: f64| bytes / 1_000_000.0;
    let (init, peak) = (of.init_ms, of.peak_bytes);
    let mut text = format!(
        "  {name:<22}{:>10}{:>30}{:>30}\n",
        format!("{:.2} MB", megabytes(of.binary_bytes as f64)),
        format!(
            "{:.2} ms ({:.2} to {:.2})",
            init.median, init.lower_quartile, init.upper_quartile
        ),
        format!(
            "{:.2} MB ({:.2} to {:.2})",
            megabytes(peak.median),
            megabytes(peak.lower_quartile),
            megabytes(peak.upper_quartile)
        ),
    );
    if name != EMPTY {
        let ratios = of.against_empty;
        let _infallible = writeln!(
            text,
            "  {:<22}{:>10}{:>30}{:>30}",
            "  against empty",
            format!("{:.1} x", ratios.binary),
            format!("{:.1} x, {:+.2} ms", ratios.init, ratios.init_more_ms),
            format!("{:.1} x", ratios.peak),
        );
    }
    text
}
