//! The first import, and what it cost.

use std::collections::BTreeMap;
use std::time::Instant;

use counterpart_domain::Entity;
use serde_json::Value;

use crate::demo::calls::Calls;
use crate::demo::checks::Sides;
use crate::demo::figures::{Figures, Import, PerThousand, Tally, per_thousand, rounded};
use crate::demo::polls;
use crate::demo::said::Said;
use crate::demo::usage::{self, Usage};
use crate::error::{Failure, Result, ensure};
use crate::say::Say;
use crate::stack::Stack;
use crate::stack::crm::Crm;

/// Entities in the order in which a first import is best polled: parents before children.
pub fn entities(stack: &Stack) -> Vec<Entity> {
    let belongs = |entity: Entity| {
        let mut children = stack.crms.iter().flat_map(|crm| &crm.children);
        children.any(|child| child.entity == entity)
    };
    let mut all = Entity::ALL.to_vec();
    all.retain(|entity| entity.parent().is_none() || belongs(*entity));
    all
}

/// Polls everything once and waits until all of it has a verdict.
///
/// # Errors
/// When a poll fails or a queue does not become empty.
pub fn run(
    stack: &Stack,
    say: &Say,
    figures: &mut Figures,
) -> Result<BTreeMap<&'static str, Said>> {
    let started = Instant::now();
    let usage = Usage::so_far(&stack.aws)?;
    let calls: Vec<Calls> = stack
        .crms
        .iter()
        .map(Calls::so_far)
        .collect::<Result<_>>()?;
    for entity in entities(stack) {
        let verb = if entity.goes_to_crm() {
            "import"
        } else {
            "read"
        };
        let title = format!("{verb} the {}", entity.plural());
        say.step(&title, || {
            polls::poll_all(stack, entity.name())?;
            polls::drain(stack, say, &title)
        })?;
    }
    figures.import_seconds = rounded(started.elapsed().as_secs_f64());
    let usage = &Usage::so_far(&stack.aws)? - &usage;
    let status = stack.counterpart_json(&["status"])?;
    let mut all = BTreeMap::new();
    for (crm, before) in stack.crms.iter().zip(calls) {
        let spent = Calls::so_far(crm)? - before;
        let said = Said {
            customer: tally(&status, crm, "customer")?,
            children: crm
                .children
                .iter()
                .map(|child| Ok((child.entity, tally(&status, crm, child.entity.name())?)))
                .collect::<Result<_>>()?,
        };
        let import = sum_up(
            &said,
            spent,
            mean_pack(&usage, crm),
            floor(&Sides::read(stack, crm)?),
        );
        let billed = per_thousand(counted(spent.units), import.total.seen);
        figures.per_1000.units.insert(crm.target.unit, billed);
        figures.import.insert(crm.target.name, import);
        all.insert(crm.target.name, said);
    }
    let records = figures
        .import
        .values()
        .map(|import| import.total.seen)
        .sum();
    cost(&usage, records, &mut figures.per_1000);
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
    Ok(all)
}

/// What the product says of one entity at one target.
///
/// # Errors
/// When it says nothing.
pub fn tally(status: &Value, crm: &Crm, entity: &str) -> Result<Tally> {
    let place = format!("/totals/{}/{entity}", crm.target.name);
    status
        .pointer(&place)
        .map(Tally::of)
        .ok_or_else(|| Failure::new(format!("counterpart status has no {place}: {status}")))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of a demo are far below 2^52"
)]
fn counted(count: u64) -> f64 {
    count as f64
}

/// Records in a pack on average, of those that the target's writer took.
fn mean_pack(usage: &Usage, crm: &Crm) -> f64 {
    let writer = usage::writer(crm.target);
    let packs = usage.of(&writer, "packs").max(1.0);
    rounded(usage.of(&writer, "pack_records") / packs)
}

fn sum_up(said: &Said, calls: Calls, mean_pack: f64, floor: u64) -> Import {
    let mut entities = said.children.clone();
    entities.insert(Entity::CUSTOMER, said.customer);
    let total = entities
        .values()
        .fold(Tally::default(), |sum, one| sum.plus(*one));
    Import {
        total,
        crm_calls: calls.writes,
        floor_calls: floor,
        all_calls: calls.all,
        mean_pack,
        entities,
    }
}

/// What AWS counted, for a thousand records of one target. What is done once for all targets is spread over them.
fn cost(usage: &Usage, records: u64, per: &mut PerThousand) {
    per.sqs_requests = per_thousand(usage.sqs_requests(), records);
    per.dynamodb_requests = per_thousand(usage.sum("dynamodb_requests"), records);
    per.dynamodb_write_units = per_thousand(usage.sum("dynamodb_write_units"), records);
    per.dynamodb_read_units = per_thousand(usage.sum("dynamodb_read_units"), records);
}

/// The fewest calls that carry what is in the CRM now: a call takes so many records of one module, and never those of
/// two companies.
fn floor(sides: &Sides) -> u64 {
    let mut rows = BTreeMap::<(&str, &str), u64>::new();
    let target = sides.target;
    let children = sides.children.iter();
    let children = children.map(|one| (one.child.module.as_str(), &one.in_crm));
    for (module, records) in children.chain([(target.account(), &sides.accounts)]) {
        for key in records.keys() {
            let company = key.split_once(':').map_or("", |(company, _)| company);
            *rows.entry((module, company)).or_default() += 1;
        }
    }
    rows.values()
        .map(|rows| rows.div_ceil(target.bulk_size as u64))
        .sum()
}

/// At most a twentieth more calls than the fewest possible. A small import may need one more: what the writer leaves
/// out of a pack, such as a contact of a customer that is left out, leaves a gap.
///
/// # Errors
/// When there were more.
pub fn is_thrifty(target: &str, import: &Import) -> Result<()> {
    let most = import.floor_calls + (import.floor_calls / 20).max(1);
    ensure(import.crm_calls <= most, || {
        format!(
            "{} calls wrote to {target}, {} would have been enough",
            import.crm_calls, import.floor_calls
        )
    })
}
