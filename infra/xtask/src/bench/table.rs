//! The figures as a person reads them.

use std::fmt::Write as _;

use super::figures::{Cost, Report};
use super::packs::PHASES;
use super::side::{BATCHED, IDIOMATIC, OURS, SIDES};

/// All of it.
pub fn table(report: &Report) -> String {
    let mut text = String::new();
    // Writing into a String cannot fail.
    let _infallible = write(report, &mut text);
    text
}

fn write(report: &Report, text: &mut String) -> std::fmt::Result {
    writeln!(
        text,
        "\nPer 1,000 records, of {} ({IDIOMATIC}: of {}) in packs of 200\n{:30}{:>14}{:>14}{:>14}{:>12}{:>12}",
        report.size,
        report.size_idiomatic,
        "",
        OURS,
        BATCHED,
        IDIOMATIC,
        "x batched",
        "x idiomatic"
    )?;
    for phase in PHASES {
        writeln!(text, "  {}", phase.name())?;
        let Some(costs) = report.per_1000.get(phase.name()) else {
            continue;
        };
        let mut row = |title: &str, places: usize, of: fn(&Cost) -> f64, ratios: bool| {
            let figures = SIDES.map(|side| costs.get(side).map_or(0.0, of));
            let [ours, batched, idiomatic] = figures;
            write!(text, "    {title:26}")?;
            for figure in figures {
                write!(text, "{figure:>14.places$}")?;
            }
            if ratios && ours > 0.0 {
                write!(text, "{:>12.2}{:>12.1}", batched / ours, idiomatic / ours)?;
            }
            text.push('\n');
            Ok(())
        };
        row("CPU of the writer, s", 3, |cost| cost.cpu_s, true)?;
        row("DynamoDB requests", 0, |cost| cost.dynamodb_requests, true)?;
        row("write units", 0, |cost| cost.write_units, false)?;
        row("CRM calls", 0, |cost| cost.crm_calls, false)?;
        row("peak memory, MB", 1, |cost| cost.peak_rss_mb, true)?;
        row("wall time, s", 2, |cost| cost.wall_s, false)?;
    }
    told(report, text)?;
    writeln!(text, "\nStart (median)")?;
    for (title, of) in [
        (
            "start to first poll, ms",
            (|start| start.first_poll_ms) as fn(&super::start::Start) -> f64,
        ),
        ("CPU by then, ms", |start| start.cpu_ms),
        ("memory then, MB", |start| start.rss_mb),
    ] {
        write!(text, "    {title:26}")?;
        for side in SIDES {
            write!(text, "{:>14.1}", report.start.get(side).map_or(0.0, of))?;
        }
        text.push('\n');
    }
    if let Some(order) = &report.order {
        writeln!(
            text,
            "\nOne order, from the closing of a deal in Salesforce (median; CPU: average)\n    event taken after {} ms, job for Sage after {} ms, in \
             Sage after {} ms, number in the CRM after {} ms\n    CPU of all functions until nothing was queued any more: {:.3} s",
            order.taken_ms,
            order.job_ms,
            order.in_sage_ms,
            order.number_back_ms,
            order.functions_cpu_s
        )?;
    }
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

/// Our own count of units beside MiniStack's, where the writer asks for it.
fn told(report: &Report, text: &mut String) -> std::fmt::Result {
    let told: Vec<String> = PHASES
        .iter()
        .filter_map(|phase| {
            let cost = report.per_1000.get(phase.name())?.get(OURS)?;
            let told = cost.write_units_told?;
            Some(format!("{} {told:.0}", phase.name()))
        })
        .collect();
    if told.is_empty() {
        return Ok(());
    }
    writeln!(
        text,
        "\n  write units of {OURS} as MiniStack counts them: {}",
        told.join(", ")
    )
}
