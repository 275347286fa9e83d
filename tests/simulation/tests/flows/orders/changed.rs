//! An order follows its sale while it is open.

use super::*;

fn changed(world: &World, quantity: i64) {
    wait(world, 5);
    world.send_job(&sale_of(
        world,
        "deal-1",
        vec![line("1001-HON-H252", quantity)],
    ));
    world.drain_jobs();
}

#[test]
fn an_open_order_follows_its_sale_there_and_back() {
    let world = shop(1);
    for (quantity, updates) in [(2, 0), (3, 1), (2, 2), (2, 2)] {
        changed(&world, quantity);
        assert_eq!(world.sage.changed_by_us().len(), updates);
        assert_eq!(orders(&world)[0].lines[0].quantity, Decimal::from(quantity));
    }
    assert_eq!(
        intent(&world, "deal-1").sage_total,
        Some(Decimal::from(200))
    );
    assert_eq!(created(&world), 1);
    assert_sold(&world, "there and back");
}

#[test]
fn an_update_whose_answer_is_lost_is_repeated_and_a_way_back_is_not_missed() {
    let world = shop(1);
    changed(&world, 2);
    world.faults.lose_answers_of("sage.update_order", 1);
    wait(&world, 5);
    let two = sale_of(&world, "deal-1", vec![line("1001-HON-H252", 9)]);
    world.send_job(&two);
    assert!(world.write_sage_once().is_some());
    // The sale is what it was, before anybody knows whether Sage has the change.
    world.jobs().time_out();
    let batch = world.receive_jobs();
    world.jobs().delete(&batch[0].receipt);
    changed(&world, 2);
    assert_eq!(orders(&world)[0].lines[0].quantity, Decimal::TWO);
    assert_sold(&world, "back again");
}

#[test]
fn an_invoiced_order_is_not_changed_and_says_so_once() {
    let world = shop(1);
    changed(&world, 2);
    world.sage.invoice(&abc(), "0000181");
    changed(&world, 3);
    let told = intent(&world, "deal-1");
    assert!(
        told.status_text.contains("invoiced"),
        "{}",
        told.status_text
    );
    assert_eq!(told.invoice, "0100042");
    let before = write_backs(&world).len();
    let (target, id) = (zoho(), order_id("deal-1"));
    let noted = world.store.inner.mark_written_back(&target, &id, told.rev);
    world.clock.block_on(noted).unwrap();
    changed(&world, 3);
    changed(&world, 4);
    assert_eq!(write_backs(&world).len(), before, "told again");
    assert_eq!(world.sage.changed_by_us(), Vec::<String>::new());
    assert_eq!((created(&world), parked(&world)), (1, vec![]));
}

#[test]
fn an_order_that_somebody_deleted_in_sage_is_not_created_again() {
    let world = shop(1);
    changed(&world, 2);
    world.sage.remove_order(&abc(), "0000181");
    changed(&world, 3);
    assert_eq!((created(&world), orders(&world).len()), (1, 0));
    assert!(intent(&world, "deal-1").status_text.contains("no longer"));
}

#[test]
fn without_follow_changes_an_order_stays_as_it_was() {
    let mut world = shop(1);
    let target = world.config.targets.get_mut(&zoho()).unwrap();
    target.orders.as_mut().unwrap().follow_changes = false;
    changed(&world, 2);
    changed(&world, 3);
    assert_eq!(world.sage.changed_by_us(), Vec::<String>::new());
    assert_eq!(orders(&world)[0].lines[0].quantity, Decimal::TWO);
}

#[test]
fn a_change_that_sage_refuses_leaves_the_order_and_is_parked_until_it_is_mended() {
    let world = shop(1);
    changed(&world, 2);
    wait(&world, 5);
    let wrong = sale_of(&world, "deal-1", vec![line("NO-SUCH-ITEM", 1)]);
    world.send_job(&wrong);
    world.drain_jobs();
    assert_eq!(parked(&world)[0].1, "E_ITEM_UNKNOWN");
    let kept = intent(&world, "deal-1");
    assert_eq!(
        (kept.stage, kept.number.as_deref()),
        (IntentStage::Done, Some("0000181"))
    );
    assert_eq!(orders(&world)[0].lines[0].item, "1001-HON-H252");
    world.sage.put_item(&abc(), "NO-SUCH-ITEM", Decimal::ONE);
    world.send_job(&redriven(&world, &wrong));
    world.drain_jobs();
    assert_eq!(
        (orders(&world)[0].lines[0].item.as_str(), parked(&world)),
        ("NO-SUCH-ITEM", vec![])
    );
    assert_sold(&world, "mended");
}

#[test]
fn another_customer_or_anothers_mark_is_never_written_over() {
    let world = shop(1);
    changed(&world, 2);
    wait(&world, 5);
    let mut moved = sale_of(&world, "deal-1", vec![line("1001-HON-H252", 3)]);
    place_of(&mut moved).order.customer.key = Some(customer("01-OTHER"));
    world.send_job(&moved);
    world.drain_jobs();
    assert_eq!(parked(&world)[0].1, "E_ORDER_CUSTOMER_CHANGED");
    let theirs = Reference::of(&zoho(), &abc(), &id("deal-2"));
    world.sage.edit_order(&abc(), "0000181", |order| {
        order.reference = theirs.as_str().to_owned();
    });
    changed(&world, 4);
    assert_eq!(parked(&world)[0].1, "E_ORDER_ANOTHERS");
    assert_eq!(world.sage.changed_by_us(), Vec::<String>::new());
}
