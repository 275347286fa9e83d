//! The figures as a person reads them.

use std::fmt::Write as _;

use crate::demo::figures::{Figures, Import, Tally};
use crate::say::seconds;

/// The whole report.
pub fn report(figures: &Figures) -> String {
    let mut text = String::new();
    for (target, import) in &figures.import {
        // Writing into a String cannot fail.
        let _infallible = writeln!(text, "\nThe import into {target}");
        text.push_str(&tallies(import));
        let _infallible = write!(text, "\n{}", cost(figures, import));
    }
    let _infallible = write!(text, "\n{}\n{}", parked(figures), changes(figures));
    text
}

fn tallies(import: &Import) -> String {
    let heads = [
        "",
        "seen",
        "created",
        "updated",
        "unchanged",
        "excluded",
        "parked",
        "superseded",
        "waiting",
    ];
    let mut text = row(&heads.map(str::to_owned));
    let total = ("total".to_owned(), import.total);
    let entities = import
        .entities
        .iter()
        .map(|(name, tally)| (name.clone(), *tally));
    for (name, tally) in entities.chain([total]) {
        text.push_str(&row(&cells(name, tally)));
    }
    text
}

fn cells(name: String, tally: Tally) -> [String; 9] {
    let Tally {
        seen,
        created,
        updated,
        unchanged,
        excluded,
        parked,
        superseded,
        open,
    } = tally;
    [
        name,
        seen.to_string(),
        created.to_string(),
        updated.to_string(),
        unchanged.to_string(),
        excluded.to_string(),
        parked.to_string(),
        superseded.to_string(),
        open.to_string(),
    ]
}

fn row(cells: &[String; 9]) -> String {
    let mut line = String::new();
    for (place, cell) in cells.iter().enumerate() {
        let _infallible = if place == 0 {
            write!(line, "  {cell:<12}")
        } else {
            write!(line, "{cell:>11}")
        };
    }
    line.push('\n');
    line
}

fn cost(figures: &Figures, import: &Import) -> String {
    let per = &figures.per_1000;
    let took = seconds(std::time::Duration::from_secs_f64(
        figures.import_seconds.max(0.0),
    ));
    format!(
        "What it cost ({took})
  CRM calls that write   {} (the fewest possible: {}); calls of every kind: {}
  mean pack              {} records
  per 1,000 records      {} Zoho credits, {} SQS requests, {} DynamoDB requests,
                         {} write units, {} read units
",
        import.crm_calls,
        import.floor_calls,
        import.all_calls,
        import.mean_pack,
        per.zoho_credits,
        per.sqs_requests,
        per.dynamodb_requests,
        per.dynamodb_write_units,
        per.dynamodb_read_units,
    )
}

fn parked(figures: &Figures) -> String {
    let mut text = String::from("Parked after the import, on purpose\n");
    for parked in &figures.parked {
        let _infallible = writeln!(
            text,
            "  {}  {}\n      {}",
            parked.key, parked.code, parked.message
        );
    }
    text
}

fn changes(figures: &Figures) -> String {
    format!(
        "Afterwards
  second poll, nothing changed      {} CRM write calls
  an edit in Sage, by a poll        {} ms to Zoho
  another salesperson, same poll    {} ms to Zoho
  a rep mapped late, no Sage edit   {} ms to Zoho
  an edit in Sage, by a hint        {} ms to Zoho
",
        figures.second_poll.crm_write_calls,
        figures.edit.zoho_ms,
        figures.rep_change.zoho_ms,
        figures.rep_mapped.zoho_ms,
        figures.hint.zoho_ms,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_under_their_heads() {
        let mut import = Import::default();
        import.entities.insert(
            "customer".to_owned(),
            Tally {
                seen: 2013,
                ..Tally::default()
            },
        );
        let text = tallies(&import);
        let widths: Vec<usize> = text.lines().map(|line| line.chars().count()).collect();
        assert!(widths.windows(2).all(|pair| pair[0] == pair[1]), "{text}");
        assert!(text.contains("2013"));
    }
}
