//! A person moves and releases links: with the verbs alone a customer that was renumbered in Sage is mended, twins and all.

use counterpart_delivery::{CrmSide, MovePlan, Relink, SageSide, Stage};
use counterpart_domain::{CrmId, SageKey, Value};
use counterpart_simulation::world::{MemoryPorts, World, killed_after};

use crate::events::records::two_way;
use crate::events::redrives::redrive_all;
use crate::events::scene::{fields, link, shown, text, won_deal};
use crate::events::whole::{event_flow, flow, selling};
use crate::hands::{QUARTER, parked};
use crate::scene::*;

pub fn verbs(world: &World) -> Relink<'_, MemoryPorts> {
    let (target, settings) = world.config.targets.iter().next().unwrap();
    Relink {
        context: world.context(),
        target,
        settings,
        crm: &world.crms[target],
        agent: &world.sage,
    }
}

pub fn plan(world: &World, id: &CrmId, key: &SageKey) -> MovePlan {
    world
        .clock
        .block_on(verbs(world).plan_move(id, key))
        .unwrap()
}

pub fn move_link(world: &World, id: &CrmId, key: &SageKey) {
    let plan = plan(world, id, key);
    let done = world.clock.block_on(verbs(world).carry_out(&plan, "pat"));
    done.unwrap();
    flow(world);
}

pub fn release(world: &World, key: &SageKey) {
    let over = verbs(world);
    let plan = world.clock.block_on(over.plan_release(key)).unwrap();
    world.clock.block_on(over.release(&plan, "pat")).unwrap();
}

pub fn codes(world: &World) -> Vec<String> {
    parked(world).into_iter().map(|(_, code)| code).collect()
}

pub fn id_of(world: &World, module: &str, key: &str) -> CrmId {
    let held = crm(world).with_key(module, key);
    assert_eq!(held.len(), 1, "{key}");
    held[0].id.clone()
}

/// A customer with two contacts, a sale that is an order and one that is open; then Sage gives it another number.
fn renumbered() -> World {
    let world = selling(&two_way());
    for (code, name) in [("MAIN", "Artie Johnson"), ("SHOP", "Jane Smith")] {
        put_contact(&world, &contact(&format!("01-ABF/{code}")), name);
    }
    settle(&world);
    let account = id_of(&world, "Accounts", "ABC:01-ABF");
    let deal = won_deal(&world, &account);
    event_flow(&world, "Deals", &deal);
    assert_eq!(world.sage.created(), ["order 0000181"]);
    world.clock.advance(QUARTER);
    world.sage.remove(&customer("01-ABF"));
    put_customer(&world, &customer("01-ABFNEW"), "American Business Futures");
    for (code, name) in [("MAIN", "Artie Johnson"), ("SHOP", "Jane Smith")] {
        world.sage.remove(&contact(&format!("01-ABF/{code}")));
        put_contact(&world, &contact(&format!("01-ABFNEW/{code}")), name);
    }
    // Sage renumbers its orders along.
    world.sage.edit_order(&abc(), "0000181", |order| {
        order.customer = customer("01-ABFNEW");
    });
    world.clock.advance(QUARTER);
    world
}

fn assert_mended(world: &World, account: &CrmId, contacts: &[CrmId; 2], context: &str) {
    assert_eq!(
        id_of(world, "Accounts", "ABC:01-ABFNEW"),
        *account,
        "{context}"
    );
    for (contact, code) in contacts.iter().zip(["MAIN", "SHOP"]) {
        let key = format!("ABC:01-ABFNEW/{code}");
        let holders = crm(world).with_key("Contacts", &key).len();
        assert_eq!(holders, 1, "{context}: {key}, {:?}", codes(world));
        assert_eq!(id_of(world, "Contacts", &key), *contact, "{context}");
        let held = crm(world).record("Contacts", contact).unwrap();
        assert_eq!(
            held.fields["Account_Name"].to_string(),
            account.0,
            "{context}"
        );
    }
    assert_eq!(codes(world), [""; 0], "{context}");
    assert_at_rest(world, context);
}

#[test]
fn a_renumbered_customer_is_mended_with_the_verbs_alone() {
    // Before the poller has made twins of it, and after.
    for twins in [false, true] {
        let world = renumbered();
        let account = id_of(&world, "Accounts", "ABC:01-ABF");
        let contacts =
            ["MAIN", "SHOP"].map(|code| id_of(&world, "Contacts", &format!("ABC:01-ABF/{code}")));
        if twins {
            settle_twins(&world);
        }
        let plan = plan(&world, &account, &customer("01-ABFNEW"));
        assert_eq!(plan.moves.len(), 3, "{twins}: the account and its contacts");
        assert_eq!(plan.moves[0].leaves(), Some(&customer("01-ABF")));
        assert_eq!(
            plan.moves.iter().map(|one| one.twins.len()).sum::<usize>(),
            if twins { 3 } else { 0 }
        );
        assert_eq!((plan.sales.of_record, plan.sales.of_twins), (1, 0));
        move_link(&world, &account, &customer("01-ABFNEW"));
        world.poll_all(&abc());
        flow(&world);
        assert_mended(&world, &account, &contacts, &format!("twins {twins}"));

        // The old sale goes on, and a new one is an order of the customer as it is numbered now.
        let deal = crm(&world).records("Deals")[0].id.clone();
        crm(&world).edit("Deals", &deal, "u", fields([("PO_Number", text("4712"))]));
        event_flow(&world, "Deals", &deal);
        let next = won_deal(&world, &account);
        event_flow(&world, "Deals", &next);
        let orders = world.sage.all_orders(&abc());
        assert_eq!(orders.len(), 2);
        assert!(
            orders
                .iter()
                .all(|order| order.customer == customer("01-ABFNEW"))
        );
        assert_eq!(codes(&world), [""; 0], "twins {twins}");

        // It is in step again, both ways.
        world.clock.advance(QUARTER);
        world
            .sage
            .edit(&customer("01-ABFNEW"), &[("City", "Racine")]);
        settle(&world);
        assert_eq!(
            shown(&world, "Accounts", &account, "Billing_City"),
            text("Racine")
        );
        let phone = fields([("Phone", text("(262) 555-0101"))]);
        crm(&world).edit("Accounts", &account, "u", phone);
        event_flow(&world, "Accounts", &account);
        assert_eq!(
            world.sage.column(&customer("01-ABFNEW"), "TelephoneNo"),
            "(262) 555-0101"
        );
        assert_eq!(
            crm(&world).records("Accounts").len(),
            if twins { 2 } else { 1 }
        );
        assert_eq!(world.sage.records_ever_made(), []);
    }
}

fn settle_twins(world: &World) {
    world.poll_all(&abc());
    flow(world);
    // They look alike, and a person lets them be created; or the target does not look.
    redrive_all(world);
    flow(world);
    assert_eq!(crm(world).records("Accounts").len(), 2);
    assert_eq!(crm(world).records("Contacts").len(), 4);
}

#[test]
fn a_move_is_done_whole_wherever_it_is_killed_and_said_again() {
    for polls in 0.. {
        let world = renumbered();
        let account = id_of(&world, "Accounts", "ABC:01-ABF");
        let contacts =
            ["MAIN", "SHOP"].map(|code| id_of(&world, "Contacts", &format!("ABC:01-ABF/{code}")));
        settle_twins(&world);
        let over = verbs(&world);
        let plan = plan(&world, &account, &customer("01-ABFNEW"));
        let done = killed_after(&world.clock, polls, over.carry_out(&plan, "pat"));
        flow(&world);
        move_link(&world, &account, &customer("01-ABFNEW"));
        assert_mended(
            &world,
            &account,
            &contacts,
            &format!("killed after {polls}"),
        );
        if done.is_some() {
            assert!(polls > 8, "killed nowhere");
            break;
        }
    }
}

#[test]
fn what_people_did_is_in_the_ledger_and_is_undone_by_the_verbs() {
    let world = selling(&two_way());
    put_customer(&world, &customer("01-OTHER"), "Another");
    settle(&world);
    redrive_all(&world);
    flow(&world);
    world.clock.advance(QUARTER);
    let (one, other) = (
        id_of(&world, "Accounts", "ABC:01-ABF"),
        id_of(&world, "Accounts", "ABC:01-OTHER"),
    );
    move_link(&world, &one, &customer("01-OTHER"));
    let history = crate::orders::history(&world, &customer("01-OTHER"));
    let moved = |code: &Option<String>| code.as_deref() == Some("LINK_MOVED");
    let audit = history.iter().find(|item| moved(&item.code)).unwrap();
    let said: Vec<_> = audit
        .changes
        .iter()
        .map(|c| (c.field.as_str(), c.before.as_str(), c.after.as_str()))
        .collect();
    assert_eq!(
        said,
        [
            ("record", other.0.as_str(), one.0.as_str()),
            ("by", "", "pat")
        ]
    );
    let view = world
        .clock
        .block_on(verbs(&world).view(&customer("01-OTHER"), Some(&other)))
        .unwrap();
    assert_eq!(view.former.as_ref(), Some(&other));
    assert!(matches!(view.sage, SageSide::Held(_)) && matches!(view.crm, CrmSide::Held(_)));
    assert_eq!(view.history.len(), 1);
    assert_eq!(
        shown(&world, "Accounts", &one, "Account_Name"),
        text("Another")
    );

    // Back: both verbs that the answer names.
    move_link(&world, &one, &customer("01-ABF"));
    move_link(&world, &other, &customer("01-OTHER"));
    assert_eq!(id_of(&world, "Accounts", "ABC:01-ABF"), one);
    assert_eq!(id_of(&world, "Accounts", "ABC:01-OTHER"), other);
    world.poll_all(&abc());
    flow(&world);
    assert_at_rest(&world, "moved back");
    assert_eq!(
        shown(&world, "Accounts", &one, "Account_Name"),
        text("American Business Futures")
    );
}

#[test]
fn what_was_released_makes_no_twin_in_silence_on_either_side() {
    let world = selling(&two_way());
    put_contact(&world, &contact("01-ABF/MAIN"), "Artie Johnson");
    settle(&world);
    world.clock.advance(QUARTER);
    settle(&world);
    world.clock.advance(QUARTER);
    let account = id_of(&world, "Accounts", "ABC:01-ABF");
    release(&world, &customer("01-ABF"));
    assert_eq!(link(&world, &customer("01-ABF")).stage, Stage::Released);
    // Whatever changes on either side, and however often.
    for city in ["Racine", "Kenosha"] {
        world.sage.edit(&customer("01-ABF"), &[("City", city)]);
        settle(&world);
        world.clock.advance(QUARTER);
    }
    assert_eq!(codes(&world), ["E_LINK_RELEASED"]);
    // Out of the filter and back.
    for status in ["I", "A"] {
        world
            .sage
            .edit(&customer("01-ABF"), &[("CustomerStatus", status)]);
        settle(&world);
        world.clock.advance(QUARTER);
    }
    crm(&world).set_key("Accounts", &account, None);
    let client = fields([
        ("Account_Type", text("Client")),
        ("Account_Name", text("Quite another name")),
    ]);
    crm(&world).edit("Accounts", &account, "u", client);
    event_flow(&world, "Accounts", &account);
    let deal = won_deal(&world, &account);
    event_flow(&world, "Deals", &deal);
    assert_eq!(world.sage.created(), [""; 0]);
    assert_eq!(crm(&world).records("Accounts").len(), 1);
    let mut told = codes(&world);
    told.sort();
    assert_eq!(
        told,
        ["E_ACCOUNT_RELEASED", "E_LINK_RELEASED", "E_LINK_RELEASED"]
    );

    // Linked again, everything goes on.
    move_link(&world, &account, &customer("01-ABF"));
    event_flow(&world, "Accounts", &account);
    redrive_all(&world);
    flow(&world);
    assert_eq!(codes(&world), [""; 0]);
    assert_eq!(world.sage.created(), ["order 0000181"]);
    assert_eq!(id_of(&world, "Accounts", "ABC:01-ABF"), account);
    assert_at_rest(&world, "linked again");
}

#[test]
fn a_redrive_of_what_was_released_makes_records_of_their_own() {
    let world = selling(&two_way());
    let account = id_of(&world, "Accounts", "ABC:01-ABF");
    world.clock.advance(QUARTER);
    release(&world, &customer("01-ABF"));
    crm(&world).set_key("Accounts", &account, None);
    let client = fields([
        ("Account_Type", text("Client")),
        ("Account_Name", text("Other Ltd")),
        ("Phone", Value::Blank),
    ]);
    crm(&world).edit("Accounts", &account, "u", client);
    event_flow(&world, "Accounts", &account);
    world.sage.edit(&customer("01-ABF"), &[("City", "Racine")]);
    settle(&world);
    assert_eq!(codes(&world), ["E_LINK_RELEASED"; 2]);
    redrive_all(&world);
    flow(&world);
    redrive_all(&world);
    flow(&world);
    assert_eq!(
        codes(&world),
        [""; 0],
        "{:?}",
        world.store.inner.all_parked()
    );
    assert_eq!(world.sage.created(), ["customer ABC:01-0000101"]);
    assert_eq!(id_of(&world, "Accounts", "ABC:01-0000101"), account);
    assert_ne!(id_of(&world, "Accounts", "ABC:01-ABF"), account);
}

#[test]
fn a_merge_of_two_customers_stands_until_a_person_says_otherwise() {
    let world = selling(&two_way());
    put_customer(&world, &customer("01-OTHER"), "Another");
    for code in ["MAIN", "SHOP"] {
        put_contact(
            &world,
            &contact(&format!("01-OTHER/{code}")),
            &format!("Artie {code}"),
        );
    }
    settle(&world);
    redrive_all(&world);
    flow(&world);
    settle(&world);
    world.clock.advance(QUARTER);
    let (one, other) = (
        id_of(&world, "Accounts", "ABC:01-ABF"),
        id_of(&world, "Accounts", "ABC:01-OTHER"),
    );
    let contacts =
        ["MAIN", "SHOP"].map(|code| id_of(&world, "Contacts", &format!("ABC:01-OTHER/{code}")));
    crm(&world).merge("Accounts", &other, &one, true);
    for contact in &contacts {
        let below = fields([("Account_Name", Value::Reference(one.0.clone()))]);
        crm(&world).edit("Contacts", contact, "u", below);
    }
    let stands = |context: &str| {
        assert_eq!(crm(&world).records("Accounts").len(), 1, "{context}");
        assert_eq!(crm(&world).records("Contacts").len(), 2, "{context}");
        for contact in &contacts {
            let held = crm(&world).record("Contacts", contact).unwrap();
            assert_eq!(held.fields["Account_Name"].to_string(), one.0, "{context}");
        }
    };
    world
        .sage
        .edit(&customer("01-OTHER"), &[("City", "Racine")]);
    world.sage.edit(
        &contact("01-OTHER/MAIN"),
        &[("EmailAddress", "new@sage.sample.com")],
    );
    settle(&world);
    stands("edited in Sage");
    for _ in 0..3 {
        redrive_all(&world);
        flow(&world);
    }
    stands("redriven");
    assert!(
        codes(&world).contains(&"E_CRM_MERGED".to_owned()),
        "{:?}",
        codes(&world)
    );

    // It is to have an account of its own again: the sentence's verbs do it.
    release(&world, &customer("01-OTHER"));
    redrive_all(&world);
    flow(&world);
    redrive_all(&world);
    flow(&world);
    let anew = id_of(&world, "Accounts", "ABC:01-OTHER");
    assert_ne!(anew, one);
    assert_eq!(
        codes(&world),
        [""; 0],
        "{:?}",
        world.store.inner.all_parked()
    );
}

#[test]
fn a_plan_that_is_out_of_date_changes_nothing() {
    let world = selling(&two_way());
    put_customer(&world, &customer("01-OTHER"), "Another");
    settle(&world);
    redrive_all(&world);
    flow(&world);
    world.clock.advance(QUARTER);
    let one = id_of(&world, "Accounts", "ABC:01-ABF");
    let plan = plan(&world, &one, &customer("01-OTHER"));
    world.sage.edit(&customer("01-ABF"), &[("City", "Racine")]);
    settle(&world);
    let done = world.clock.block_on(verbs(&world).carry_out(&plan, "pat"));
    assert_eq!(done.unwrap_err().code, "E_LINK_BUSY");
    assert_eq!(link(&world, &customer("01-ABF")).crm_id, Some(one));
}
