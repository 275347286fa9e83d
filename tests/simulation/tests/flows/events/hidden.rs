//! A sale that its owner hides from the integration user. A CRM that leaves it out of its answers, as Salesforce does ("Sharing
//! Considerations"), says no more of it than of one that was deleted, and sharing it later is no change: nobody tells of it.

use counterpart_delivery::event::Change;

use super::scene::*;
use crate::events::redrives::redrive_all;
use crate::orders::parked;

#[test]
fn a_hidden_sale_waits_for_a_person_and_goes_through_once_it_is_shared() {
    let world = sales();
    let deal = won_deal(&world, &account(&world));
    crm(&world).hide(&deal, true);
    say(&world, "Deals", &deal);
    work(&world);
    let expected = [(format!("order#{deal}"), "E_CRM_RECORD_REFUSED".to_owned())];
    assert_eq!(parked(&world), expected);
    // It is still hidden: nobody forgets it.
    redrive_all(&world);
    work(&world);
    assert_eq!(parked(&world), expected);
    crm(&world).hide(&deal, false);
    redrive_all(&world);
    work(&world);
    assert!(parked(&world).is_empty(), "{:?}", parked(&world));
    assert_eq!(placed(&world).len(), 1);
}

#[test]
fn a_hidden_sale_that_has_its_order_is_not_said_to_be_deleted() {
    let world = sales();
    let deal = won_deal(&world, &account(&world));
    say(&world, "Deals", &deal);
    work(&world);
    done(&world, &placed(&world)[0], "0000184");
    crm(&world).hide(&deal, true);
    say(&world, "Deals", &deal);
    work(&world);
    let kept = intent(&world, &order_of(&deal)).unwrap();
    assert!(
        !kept.status_text.contains("deleted"),
        "{}",
        kept.status_text
    );
    assert_eq!(parked(&world).len(), 1);
    crm(&world).hide(&deal, false);
    redrive_all(&world);
    work(&world);
    assert!(parked(&world).is_empty(), "{:?}", parked(&world));
}

#[test]
fn a_sale_that_was_deleted_is_set_aside_for_nobody() {
    for told in [Change::Updated, Change::Deleted] {
        let world = sales();
        let deal = won_deal(&world, &account(&world));
        crm(&world).delete_record("Deals", &deal);
        if told == Change::Deleted {
            // Its bin was emptied since.
            crm(&world).forget_deletions();
        }
        let mut event = event(&world, "Deals", &deal);
        event.change = told;
        send_body(&world, serde_json::to_string(&event).unwrap());
        work(&world);
        assert!(parked(&world).is_empty(), "{told:?} {:?}", parked(&world));
    }
    // Told of the edit first, and of the deletion when the CRM did not list it yet.
    let world = sales();
    let deal = won_deal(&world, &account(&world));
    crm(&world).delete_record("Deals", &deal);
    crm(&world).forget_deletions();
    say(&world, "Deals", &deal);
    work(&world);
    assert_eq!(parked(&world).len(), 1);
    let mut event = event(&world, "Deals", &deal);
    event.change = Change::Deleted;
    send_body(&world, serde_json::to_string(&event).unwrap());
    work(&world);
    assert!(parked(&world).is_empty(), "{:?}", parked(&world));
}
