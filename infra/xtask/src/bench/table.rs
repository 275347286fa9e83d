//! The figures as a person reads them.

use std::fmt::{Result, Write as _};

use super::figures::{Cost, Report};
use super::order::Order;
use super::packs::{PACK, PHASES, Phase};
use super::side::{BATCHED, CRM, IDIOMATIC, OURS, SIDES};
use super::start::Start;

/// All of it.
pub fn table(report: &Report) -> String {
    let mut text = String::new();
    // Writing into a String cannot fail.
    let _infallible = write(report, &mut text);
    text
}

fn write(report: &Report, text: &mut String) -> Result {
    let Report {
        size,
        size_idiomatic,
        ..
    } = report;
    writeln!(
        text,
        "\nPer 1,000 records, of {size} ({IDIOMATIC}: of {size_idiomatic}) in packs of {PACK}\n{:30}{OURS:>14}{BATCHED:>14}\
         {IDIOMATIC:>14}{:>12}{:>12}",
        "", "x batched", "x idiomatic"
    )?;
    for phase in PHASES {
        costs(report, phase, text)?;
    }
    told(report, text)?;
    starts(report, text)?;
    if let Some(found) = &report.order {
        order(found, text)?;
    }
    goals(report, text)
}

/// A figure of a phase: title, decimal places, whether peers are compared by it.
type Row = (&'static str, usize, fn(&Cost) -> f64, bool);

const ROWS: [Row; 6] = [
    ("CPU of the writer, s", 4, |cost| cost.cpu_s, true),
    ("DynamoDB requests", 1, |cost| cost.dynamodb_requests, true),
    ("write units", 1, |cost| cost.write_units, false),
    ("CRM calls", 1, |cost| cost.crm_calls, false),
    ("peak memory, MB", 1, |cost| cost.peak_rss_mb, true),
    ("wall time, s", 2, |cost| cost.wall_s, false),
];

fn costs(report: &Report, phase: Phase, text: &mut String) -> Result {
    writeln!(text, "  {}", phase.name())?;
    let Some(costs) = report.per_1000.get(phase.name()) else {
        return Ok(());
    };
    for (title, places, of, compared) in ROWS {
        let figures = SIDES.map(|side| costs.get(side).map_or(0.0, of));
        write!(text, "    {title:26}")?;
        for figure in figures {
            write!(text, "{figure:>14.places$}")?;
        }
        let [ours, batched, idiomatic] = figures;
        if compared && ours > 0.0 {
            write!(text, "{:>12.2}{:>12.1}", batched / ours, idiomatic / ours)?;
        }
        text.push('\n');
    }
    Ok(())
}

/// MiniStack's own count of units, where the writer asks for it.
fn told(report: &Report, text: &mut String) -> Result {
    for side in SIDES {
        let told: Vec<String> = PHASES
            .iter()
            .filter_map(|phase| {
                let cost = report.per_1000.get(phase.name())?.get(side)?;
                Some(format!("{} {:.1}", phase.name(), cost.write_units_told?))
            })
            .collect();
        if !told.is_empty() {
            writeln!(
                text,
                "\n  write units of {side} as MiniStack told them: {}",
                told.join(", ")
            )?;
        }
    }
    Ok(())
}

/// A figure of a start, with its title.
type StartRow = (&'static str, fn(&Start) -> f64);

const STARTS: [StartRow; 3] = [
    ("start to first poll, ms", |start| start.first_poll_ms),
    ("CPU by then, ms", |start| start.cpu_ms),
    ("memory then, MB", |start| start.rss_mb),
];

fn starts(report: &Report, text: &mut String) -> Result {
    writeln!(text, "\nStart (median)")?;
    for (title, of) in STARTS {
        write!(text, "    {title:26}")?;
        for side in SIDES {
            write!(text, "{:>14.1}", report.start.get(side).map_or(0.0, of))?;
        }
        text.push('\n');
    }
    Ok(())
}

fn order(order: &Order, text: &mut String) -> Result {
    writeln!(
        text,
        "\nOne order, from the closing of a deal in {} (median; CPU: average)",
        CRM.short
    )?;
    for (title, after) in [
        ("event taken", order.taken_ms),
        ("job for Sage", order.job_ms),
        ("in Sage", order.in_sage_ms),
        ("number in the CRM", order.number_back_ms),
    ] {
        writeln!(text, "    {title:26}{after:>11} ms")?;
    }
    writeln!(
        text,
        "    {:26}{:>11.0} ms",
        "CPU of all functions, unoptimised build",
        order.functions_cpu_s * 1_000.0
    )
}

fn goals(report: &Report, text: &mut String) -> Result {
    writeln!(text, "\nWhat is asked for{:>65}{:>12}", "wanted", "found")?;
    for goal in &report.goals {
        let mark = if goal.holds { "holds" } else { "NOT" };
        writeln!(
            text,
            "    {mark:6}{:62}{:>10.1}{:>12.2}",
            goal.goal, goal.wanted, goal.found
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn every_phase_and_side_has_its_figures_and_every_goal_says_whether_it_holds() {
        let cost = |cpu_s| Cost {
            cpu_s,
            write_units_told: Some(7.0),
            ..Cost::default()
        };
        let sides = BTreeMap::from([
            (OURS, cost(0.1)),
            (BATCHED, cost(0.25)),
            (IDIOMATIC, cost(3.0)),
        ]);
        let per_1000 = PHASES.map(|phase| (phase.name(), sides.clone())).into();
        let report = Report {
            size: 1_000,
            size_idiomatic: 1_000,
            ratios: BTreeMap::new(),
            goals: super::super::figures::goals(&per_1000).unwrap(),
            per_1000,
            start: BTreeMap::new(),
            order: None,
        };
        let text = table(&report);
        assert_eq!(text.matches("0.2500").count(), PHASES.len());
        assert!(text.contains("2.50        30.0"), "{text}");
        assert!(
            text.contains("told them: created 7.0, changed 7.0"),
            "{text}"
        );
        assert!(text.contains("holds created: times the CPU"), "{text}");
        assert!(!text.contains("One order"));
    }
}
