//! Lines that are records of their own: they change, and the sale's own record says nothing of it.

use std::time::Duration;

use counterpart_domain::{CrmId, Fields, Value};
use counterpart_simulation::world::World;
use rust_decimal::Decimal;

use super::org::{both_with, closed_won, flow, say_org};
use super::scene::*;
use crate::targets::org;

const RELATION: &str = "OpportunityLineItems";
/// A line's text goes to Sage as well.
const TEXTS: &str = r#"
[targets.salesforce.orders.sources.Opportunity.lines]
columns = { CommentText = "Description" }
"#;

/// A won opportunity that is an order, an hour ago.
fn sold() -> (World, CrmId) {
    let world = both_with(TEXTS);
    let sale = closed_won(&world);
    say_org(&world, "Opportunity", &sale);
    flow(&world);
    assert_eq!(world.sage.all_orders(&abc()).len(), 1);
    // The first reading of all modules.
    world.sweep();
    flow(&world);
    world.clock.advance(Duration::from_secs(3_600));
    world.sweep();
    flow(&world);
    world.clock.advance(Duration::from_secs(3_600));
    (world, sale)
}

/// Saves the lines alone. The answer: the lines that changed.
fn save(world: &World, sale: &CrmId, lines: Vec<Fields>) -> Vec<CrmId> {
    let stamp = || org(world).record("Opportunity", sale).unwrap().modified;
    let before = stamp();
    let _earlier = org(world).take_changes();
    org(world).put_lines("Opportunity", sale, RELATION, lines);
    assert_eq!(stamp(), before, "the sale itself says nothing");
    let told = org(world).take_changes().into_iter();
    let told: Vec<_> = told.map(|told| (told.module, told.id)).collect();
    assert!(
        told.iter()
            .all(|(module, _)| module == "OpportunityLineItem")
    );
    told.into_iter().map(|(_, id)| id).collect()
}

fn with(line: &Fields, changed: &[(&str, Value)]) -> Fields {
    let mut line = line.clone();
    let changed = changed.iter().cloned();
    line.extend(changed.map(|(name, value)| (name.to_owned(), value)));
    line
}

fn lines_of(world: &World, sale: &CrmId) -> Vec<Fields> {
    org(world).lines(sale, RELATION)
}

/// Told of the lines, or of nothing at all: read by their stamps then.
fn learn(world: &World, told: Option<&[CrmId]>) {
    match told {
        Some(lines) => {
            for line in lines {
                say_org(world, "OpportunityLineItem", line);
            }
        }
        None => {
            world.clock.advance(Duration::from_secs(900));
            let swept = world.sweep();
            let queued: u64 = swept.sum(|target| target.queued);
            assert!(queued > 0, "{swept:?}");
        }
    }
    flow(world);
}

fn held(world: &World) -> Vec<(String, String, Option<String>)> {
    let number = &world.sage.all_orders(&abc())[0].number;
    let order = world.sage.order_row(&abc(), number).unwrap().told();
    let lines = order.lines.iter();
    lines
        .map(|line| {
            let price = line.unit_price.normalize().to_string();
            let comment = line.columns.get("CommentText").cloned();
            (line.quantity.normalize().to_string(), price, comment)
        })
        .collect()
}

#[test]
fn a_line_that_comes_to_the_same_reaches_its_order() {
    for is_told in [true, false] {
        let (world, sale) = sold();
        // Two lines of one piece each come to what one line of two came to: no sum of the sale moves.
        let line = lines_of(&world, &sale).remove(0);
        let one = with(&line, &[("Quantity", number("1"))]);
        let mut other = one.clone();
        other.remove("id");
        let told = save(&world, &sale, vec![one, other]);
        assert_eq!(told.len(), 2);
        learn(&world, is_told.then_some(&told[..]));
        let quantities: Vec<_> = held(&world).into_iter().map(|(count, ..)| count).collect();
        assert_eq!(quantities, ["1", "1"], "told {is_told}");
        assert!(world.store.inner.all_parked().is_empty());
    }
}

#[test]
fn a_text_of_a_line_reaches_its_order() {
    for is_told in [true, false] {
        let (world, sale) = sold();
        let line = lines_of(&world, &sale).remove(0);
        let said = with(&line, &[("Description", text("Green, not blue"))]);
        let told = save(&world, &sale, vec![said]);
        learn(&world, is_told.then_some(&told[..]));
        assert!(world.store.inner.all_parked().is_empty());
        assert_eq!(
            held(&world)[0].2.as_deref(),
            Some("Green, not blue"),
            "told {is_told}"
        );
    }
}

/// A gift goes, and what another line costs in its place keeps all sums: the line that is gone can be asked for nothing any
/// more, and the other one leads to the sale.
#[test]
fn a_line_that_is_gone_is_taken_out_of_its_order() {
    for is_told in [true, false] {
        let (world, sale) = sold();
        let line = lines_of(&world, &sale).remove(0);
        let gift = [("UnitPrice", number("0")), ("Quantity", number("2"))];
        let mut gift = with(&line, &gift);
        gift.remove("id");
        org(&world).put_lines("Opportunity", &sale, RELATION, vec![line.clone(), gift]);
        say_org(&world, "Opportunity", &sale);
        flow(&world);
        assert_eq!(held(&world).len(), 2);
        world.clock.advance(Duration::from_secs(3_600));
        world.sweep();
        flow(&world);
        let price = "22.75".parse::<Decimal>().unwrap();
        let four = [
            ("Quantity", number("4")),
            ("UnitPrice", Value::Number(price)),
        ];
        let told = save(&world, &sale, vec![with(&line, &four)]);
        assert_eq!(told.len(), 2);
        learn(&world, is_told.then_some(&told[..]));
        assert_eq!(held(&world).len(), 1, "told {is_told}");
        assert!(world.store.inner.all_parked().is_empty());
    }
}

/// Twenty lines are one look at their sale, not twenty.
#[test]
fn many_lines_of_one_sale_are_one_event_of_the_sweep() {
    let (world, sale) = sold();
    let line = lines_of(&world, &sale).remove(0);
    let said = |at: usize| {
        let mut line = with(
            &line,
            &[
                ("Quantity", number("0.1")),
                ("Description", text(&format!("Part {at}"))),
            ],
        );
        line.remove("id");
        line
    };
    save(&world, &sale, (0..20).map(said).collect());
    world.clock.advance(Duration::from_secs(900));
    let swept = world.sweep();
    assert_eq!(
        (swept.sum(|one| one.read), swept.sum(|one| one.queued)),
        (20, 1),
        "{swept:?}"
    );
    flow(&world);
    assert_eq!(held(&world).len(), 20);
}

#[test]
fn a_line_that_nobody_knows_is_nothing() {
    let (world, _) = sold();
    let before = held(&world);
    say_org(
        &world,
        "OpportunityLineItem",
        &CrmId("00k000000000001AAA".to_owned()),
    );
    flow(&world);
    assert_eq!(held(&world), before);
    assert!(world.events().is_empty() && world.store.inner.all_parked().is_empty());
}

/// Whose reading got through in the end says so, also where it began with a line.
#[test]
fn a_line_that_got_through_is_no_testimony_of_an_outage() {
    use counterpart_delivery::ports::Settings as _;
    use counterpart_domain::{Class, Fault};
    let (world, sale) = sold();
    let mut other = lines_of(&world, &sale).remove(0);
    other.remove("id");
    let both = vec![lines_of(&world, &sale).remove(0), other];
    org(&world).put_lines("Opportunity", &sale, RELATION, both);
    say_org(&world, "Opportunity", &sale);
    flow(&world);
    for (at, count) in ["3", "4"].into_iter().enumerate() {
        let mut lines = lines_of(&world, &sale);
        lines[at] = with(&lines[at], &[("Description", text(count))]);
        let told = save(&world, &sale, lines);
        assert_eq!(told.len(), 1);
        let unclear = Fault::new(Class::Configuration, "E_CRM_PERMISSION", "Not now.");
        world.faults.refuse_calls_of("crm.record_of_line", unclear);
        let mut event = event(&world, "OpportunityLineItem", &told[0]);
        event.target = crate::targets::salesforce();
        send_body(&world, serde_json::to_string(&event).unwrap());
        let _ = world.transform_once();
        let nothing = Fault::new(Class::Transient, "E_NEVER", "Never.");
        world.faults.refuse_calls_of("nothing", nothing);
        let name = crate::targets::salesforce();
        let circuit = world
            .clock
            .block_on(world.store.inner.circuit(&name))
            .unwrap();
        assert_eq!(circuit.failures, 0, "{count}: {}", circuit.reason);
        flow(&world);
        world.clock.advance(Duration::from_secs(3_600));
    }
}
