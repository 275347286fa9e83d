//! The figures as a person reads them.

use std::fmt::Write;

use super::figures::Figures;
use super::rules::Rules;

/// The tables; `verbose` adds what was counted.
pub fn show(figures: &Figures, rules: &Rules, verbose: bool) -> String {
    let mut out = String::new();
    // Writing into a text cannot fail.
    let _infallible = write(&mut out, figures, rules, verbose);
    out
}

fn write(out: &mut String, figures: &Figures, rules: &Rules, verbose: bool) -> std::fmt::Result {
    writeln!(
        out,
        "{:<20}{:>8}{:>8}{:>8}",
        "figure", "here", "limit", "goal"
    )?;
    let number = |number: Option<&usize>| number.map_or_else(|| "-".to_owned(), usize::to_string);
    for (name, figure) in &figures.figures {
        let (limit, goal) = (rules.limits.get(name), rules.goals.get(name));
        writeln!(
            out,
            "{name:<20}{figure:>8}{:>8}{:>8}",
            number(limit),
            number(goal)
        )?;
    }
    writeln!(out, "\n{:<20}{:>8}", "entity", "files")?;
    for (name, files) in &figures.entities {
        writeln!(out, "{name:<20}{files:>8}")?;
    }
    writeln!(
        out,
        "\n{:<20}{:>8}{:>8}{:>8}",
        "folder", "files", "lines", "code"
    )?;
    for size in figures.folders.iter().chain([&figures.all]) {
        writeln!(
            out,
            "{:<20}{:>8}{:>8}{:>8}",
            size.folder, size.files, size.lines, size.code
        )?;
    }
    if verbose {
        for (name, counted) in &figures.counted {
            writeln!(out, "\n{name}")?;
            for one in counted {
                writeln!(out, "  {}", one.replace('\n', "\n  "))?;
            }
        }
    }
    Ok(())
}
