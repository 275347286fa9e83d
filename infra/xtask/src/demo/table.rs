//! The figures as a person reads them: the targets side by side.

use std::fmt::Write as _;

use counterpart_domain::Entity;

use crate::demo::figures::{Arrival, Figures, Import, Outage, SalesFigures, Tally};
use crate::say::seconds;
use crate::target::{TARGETS, Target};

/// Width of the texts before the columns.
const TEXT: usize = 46;
/// Width of a target's column.
const COLUMN: usize = 12;

/// The whole report.
pub fn report(figures: &Figures) -> String {
    let took = seconds(std::time::Duration::from_secs_f64(
        figures.import_seconds.max(0.0),
    ));
    let mut text = String::from("\n");
    text.push_str(&row("The import", |target| target.name.to_owned()));
    for entity in entities(figures) {
        text.push_str(&tallies(figures, entity));
    }
    let _infallible = writeln!(text, "\nWhat it cost ({took})");
    text.push_str(&calls(figures));
    text.push_str(&per_thousand(figures));
    text.push_str("\nAfterwards\n");
    text.push_str(&changes(figures));
    for outage in &figures.outage {
        let _infallible = write!(text, "\n{}", outage_of(outage));
    }
    text.push_str(&orders(figures));
    text.push_str(&sales(figures));
    let _infallible = write!(text, "\n{}", parked(figures));
    text
}

/// All sales, held against Sage.
fn sales(figures: &Figures) -> String {
    if figures.sales.is_empty() {
        return String::new();
    }
    let number = |title: &str, value: fn(&SalesFigures) -> String| {
        row(title, |target| {
            let sales = figures.sales.get(target.name);
            sales.map(value).unwrap_or_default()
        })
    };
    [
        "\n".to_owned(),
        row("All sales", |target| target.name.to_owned()),
        number("  held against Sage 100", |sales| {
            sales.checked_records.to_string()
        }),
        number("  orders there", |sales| sales.orders.to_string()),
        number("  dollars in the CRM", |sales| sales.crm_total.clone()),
        number("  dollars in Sage 100", |sales| sales.sage_total.clone()),
    ]
    .concat()
}

/// The deals, and how long each hop took since the closing.
fn orders(figures: &Figures) -> String {
    if figures.orders.is_empty() {
        return String::new();
    }
    let of = |target: &Target| figures.orders.get(target.name);
    let mut text = String::from("\n");
    text.push_str(&row("A deal, closed in the CRM", |target| {
        target.name.to_owned()
    }));
    text.push_str(&row("  order in Sage 100", |target| {
        of(target).map_or_else(String::new, |order| order.sage_order_no.clone())
    }));
    text.push_str(&row("  orders created", |target| {
        of(target).map_or_else(String::new, |order| order.sage_orders_created.to_string())
    }));
    for (hop, title) in [
        ("taken", "  event taken after"),
        ("transformed", "  job for Sage after"),
        ("in_sage", "  in Sage after"),
        ("written_back", "  number in the CRM after"),
    ] {
        text.push_str(&row(title, |target| {
            let taken = of(target).and_then(|order| order.hops_ms.get(hop));
            taken.map_or_else(String::new, |taken| format!("{taken} ms"))
        }));
    }
    text
}

/// A line with a cell for each target.
fn row(title: &str, cell: impl Fn(&Target) -> String) -> String {
    let mut line = format!("{title:<TEXT$}");
    for target in TARGETS {
        // Writing into a String cannot fail.
        let _infallible = write!(line, "{:>COLUMN$}", cell(target));
    }
    line.push('\n');
    line
}

fn of<'a>(figures: &'a Figures, target: &Target) -> Option<&'a Import> {
    figures.import.get(target.name)
}

fn entities(figures: &Figures) -> Vec<Entity> {
    let first = figures.import.values().next();
    first
        .into_iter()
        .flat_map(|import| import.entities.keys().copied())
        .collect()
}

fn tallies(figures: &Figures, entity: Entity) -> String {
    type Count = fn(&Tally) -> u64;
    let counts: [(&str, Count, bool); 8] = [
        ("seen", |tally| tally.seen, true),
        ("created", |tally| tally.created, true),
        ("updated", |tally| tally.updated, false),
        ("unchanged", |tally| tally.unchanged, false),
        ("excluded", |tally| tally.excluded, true),
        ("parked", |tally| tally.parked, true),
        ("superseded", |tally| tally.superseded, false),
        ("waiting", |tally| tally.open, false),
    ];
    let mut text = String::new();
    for (name, count, always) in counts {
        let count = |target: &Target| {
            let tally = of(figures, target).and_then(|import| import.entities.get(&entity));
            tally.map_or(0, count)
        };
        if always || TARGETS.iter().any(|target| count(target) > 0) {
            let title = format!("  {} {name}", entity.plural());
            text.push_str(&row(&title, |target| count(target).to_string()));
        }
    }
    text
}

fn calls(figures: &Figures) -> String {
    let number = |title: &str, value: fn(&Import) -> String| {
        row(title, |target| {
            of(figures, target).map(value).unwrap_or_default()
        })
    };
    [
        number("  CRM calls that write", |import| {
            import.crm_calls.to_string()
        }),
        number("  the fewest possible", |import| {
            import.floor_calls.to_string()
        }),
        number("  CRM calls of every kind", |import| {
            import.all_calls.to_string()
        }),
        number("  records in a pack, on average", |import| {
            import.mean_pack.to_string()
        }),
        row("  billed by the CRM, per 1,000 records", |target| {
            let units = figures.per_1000.units.get(target.unit);
            units.copied().unwrap_or_default().to_string()
        }),
    ]
    .concat()
}

fn per_thousand(figures: &Figures) -> String {
    let per = &figures.per_1000;
    format!(
        "  per 1,000 records and target: {} SQS requests, {} DynamoDB requests, {} write units, {} read units
",
        per.sqs_requests,
        per.dynamodb_requests,
        per.dynamodb_write_units,
        per.dynamodb_read_units,
    )
}

fn changes(figures: &Figures) -> String {
    let arrival = |title: &str, arrival: &Arrival| {
        row(title, |target| format!("{} ms", arrival.to(target.name)))
    };
    [
        row("  second poll, nothing changed: write calls", |target| {
            let calls = figures.second_poll.targets.get(target.name);
            calls.copied().unwrap_or_default().to_string()
        }),
        arrival("  an edit in Sage, by a poll", &figures.edit),
        arrival("  another salesperson, same poll", &figures.rep_change),
        arrival("  a rep mapped late, no Sage edit", &figures.rep_mapped),
        arrival("  an edit in Sage, by a hint", &figures.hint),
    ]
    .concat()
}

fn outage_of(outage: &Outage) -> String {
    format!(
        "{} down, and an edit in Sage
  the others: calls {} (without the outage {}), {} ms (without the outage {} ms)
  {}: calls refused {}, nothing parked, the edit there {} after it was back
",
        outage.down,
        outage.others_calls,
        outage.others_calls_without,
        outage.others_ms,
        outage.others_ms_without,
        outage.down,
        outage.refused_calls,
        seconds(std::time::Duration::from_millis(outage.caught_up_ms)),
    )
}

fn parked(figures: &Figures) -> String {
    let mut text = String::from("Parked after the import, on purpose\n");
    for parked in &figures.parked {
        let _infallible = writeln!(
            text,
            "  {}  {}  {}\n      {}",
            parked.target, parked.key, parked.code, parked.message
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn numbers_stand_under_the_names_of_their_targets() {
        let mut figures = Figures::default();
        let seen = Tally {
            seen: 2013,
            ..Tally::default()
        };
        for target in TARGETS {
            let import = figures.import.entry(target.name).or_default();
            import.entities.insert(Entity::CUSTOMER, seen);
            figures.edit.note(target.name, Duration::from_millis(742));
        }
        let text = report(&figures);
        let width = TEXT + COLUMN * TARGETS.len();
        for start in [
            "The import",
            "  customers seen",
            "  an edit in Sage, by a poll",
        ] {
            let line = text.lines().find(|line| line.starts_with(start)).unwrap();
            assert_eq!(line.chars().count(), width, "{line}");
        }
        assert!(text.contains("2013") && text.contains("742 ms"));
        assert!(!text.contains("customers superseded"), "{text}");
    }
}
