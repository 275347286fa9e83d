//! The first import, and what it cost.

use std::collections::BTreeMap;
use std::time::Instant;

use crate::demo::calls::Calls;
use crate::demo::checks::Sides;
use crate::demo::figures::{Figures, Import, PerThousand, Tally, per_thousand, rounded};
use crate::demo::polls::{self, Polled};
use crate::demo::usage::Usage;
use crate::error::{Failure, Result, ensure};
use crate::say::Say;
use crate::stack::Stack;

/// Entities in the order in which a first import is best polled: parents before children.
pub const ENTITIES: [&str; 3] = ["salesperson", "customer", "contact"];
/// Records that one call of Zoho takes.
const BULK: u64 = 100;

/// What the product says about its import.
#[derive(Clone, Copy, Debug)]
pub struct Said {
    /// Of customers.
    pub customer: Tally,
    /// Of contacts.
    pub contact: Tally,
}

/// Polls everything once and waits until all of it has a verdict.
///
/// # Errors
/// When a poll fails or the queue does not become empty.
pub fn run(stack: &Stack, say: &Say, figures: &mut Figures) -> Result<Said> {
    let started = Instant::now();
    let (usage, calls) = (Usage::so_far(&stack.aws)?, Calls::so_far(&stack.zoho)?);
    let mut polled = Polled::default();
    for (entity, title) in ENTITIES.into_iter().zip([
        "read the salespersons",
        "import the customers",
        "import the contacts",
    ]) {
        say.step(title, || {
            let of_entity = polls::poll_all(stack, entity)?;
            polled.sent += of_entity.sent;
            polled.packs += of_entity.packs;
            polls::drain(stack, say, title)
        })?;
    }
    figures.import_seconds = rounded(started.elapsed().as_secs_f64());
    let usage = &Usage::so_far(&stack.aws)? - &usage;
    let calls = Calls::so_far(&stack.zoho)? - calls;
    let status = stack.counterpart_json(&["status"])?;
    let tally = |entity: &str| {
        status
            .pointer(&format!("/totals/zoho/{entity}"))
            .map(Tally::of)
            .ok_or_else(|| {
                Failure::new(format!(
                    "counterpart status says nothing of {entity}: {status}"
                ))
            })
    };
    let said = Said {
        customer: tally("customer")?,
        contact: tally("contact")?,
    };
    let import = sum_up(said, calls, polled, floor(&Sides::read(stack)?));
    figures.per_1000 = cost(&usage, calls, import.total.seen);
    figures.import.insert("zoho".to_owned(), import);
    if usage.counted < usage.invocations {
        say.line(&format!(
            "  note: {} of {} invocations left no usage line; costs are a little too low",
            usage.invocations - usage.counted,
            usage.invocations
        ));
    }
    ensure(usage.counted > 0, || {
        "no function said what it used; its log has no line with \"metric\":\"usage\"".to_owned()
    })?;
    Ok(said)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of a demo are far below 2^52"
)]
fn sum_up(said: Said, calls: Calls, polled: Polled, floor: u64) -> Import {
    let entities = [("customer", said.customer), ("contact", said.contact)];
    Import {
        total: said.customer.plus(said.contact),
        crm_calls: calls.writes,
        floor_calls: floor,
        all_calls: calls.all,
        mean_pack: rounded(polled.sent as f64 / polled.packs.max(1) as f64),
        entities: entities
            .into_iter()
            .map(|(name, tally)| (name.to_owned(), tally))
            .collect(),
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "credits of a demo are far below 2^52"
)]
fn cost(usage: &Usage, calls: Calls, records: u64) -> PerThousand {
    PerThousand {
        sqs_requests: per_thousand(usage.sqs_requests(), records),
        dynamodb_requests: per_thousand(usage.sum("dynamodb_requests"), records),
        dynamodb_write_units: per_thousand(usage.sum("dynamodb_write_units"), records),
        dynamodb_read_units: per_thousand(usage.sum("dynamodb_read_units"), records),
        zoho_credits: per_thousand(calls.credits as f64, records),
    }
}

/// The fewest calls that carry what is in the CRM now: a call takes a hundred records of one module, and never those of
/// two companies.
fn floor(sides: &Sides) -> u64 {
    let mut rows = BTreeMap::<(&str, &str), u64>::new();
    let modules = [
        ("Accounts", &sides.accounts),
        ("Contacts", &sides.crm_contacts),
    ];
    for (module, records) in modules {
        for key in records.keys() {
            let company = key.split_once(':').map_or("", |(company, _)| company);
            *rows.entry((module, company)).or_default() += 1;
        }
    }
    rows.values().map(|rows| rows.div_ceil(BULK)).sum()
}

/// At most a twentieth more calls than the fewest possible. A small import may need one more: what the writer leaves
/// out of a pack, such as a contact of a customer that is left out, leaves a gap.
///
/// # Errors
/// When there were more.
pub fn is_thrifty(import: &Import) -> Result<()> {
    let most = import.floor_calls + (import.floor_calls / 20).max(1);
    ensure(import.crm_calls <= most, || {
        format!(
            "{} calls wrote, {} would have been enough",
            import.crm_calls, import.floor_calls
        )
    })
}
