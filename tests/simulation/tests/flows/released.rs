//! Links that a person takes away or moves while others work on their records.

use counterpart_delivery::{ConfiguredMapper, Stage};

use crate::events::records::two_way;
use crate::events::redrives::redrive_all;
use crate::events::scene::{fields, link, shown, text};
use crate::events::whole::{flow, selling};
use crate::hands::{QUARTER, interrupted, parked, received, send, take_all};
use crate::relink::{codes, id_of, plan, release, verbs};
use crate::scene::*;

/// A person takes the link away, or moves it, while a writer is at work: at any of its steps the person's word counts.
#[test]
fn a_link_that_a_person_changes_while_a_writer_works_stays_as_the_person_left_it() {
    for moves in [false, true] {
        for polls in 0.. {
            let context = format!("moved: {moves}, after {polls} polls");
            let world = selling(&two_way());
            let key = customer("01-ABF");
            let before = id_of(&world, "Accounts", "ABC:01-ABF");
            let other = fields([("Account_Name", text("Another"))]);
            let other = crm(&world).put("Accounts", None, other);
            world.clock.advance(QUARTER);
            world.sage.edit(&key, &[("City", "Racine")]);
            world.hint(std::slice::from_ref(&key)).unwrap();
            let body = take_all(&world).pop().unwrap();
            let batch = [received(&world, &body, 1)];
            let writer = world.writer_with(ConfiguredMapper);
            let person = || {
                if moves {
                    let plan = plan(&world, &other, &key);
                    let done = world.clock.block_on(verbs(&world).carry_out(&plan, "pat"));
                    assert!(done.is_ok(), "{context}: {done:?}");
                } else {
                    release(&world, &key);
                }
            };
            let work = writer.handle(&batch, world.deadline());
            let (report, was) = interrupted(&world, polls, work, person);
            if !was {
                assert!(polls > 5, "{context}: nothing was interrupted");
                break;
            }
            if !report.failed.is_empty() {
                send(&world, &body);
            }
            flow(&world);
            let link = link(&world, &key);
            if moves {
                assert_eq!(link.crm_id.as_ref(), Some(&other), "{context}");
                if !codes(&world).is_empty() {
                    // The call that was under way gave the key back to the record that had it.
                    assert_eq!(codes(&world), ["E_CRM_DUPLICATE"], "{context}");
                    crm(&world).set_key("Accounts", &before, None);
                    redrive_all(&world);
                    flow(&world);
                }
                assert_eq!(codes(&world), [""; 0], "{context}");
                let city = shown(&world, "Accounts", &other, "Billing_City");
                assert_eq!(city, text("Racine"), "{context}");
            } else {
                assert_eq!(
                    (link.stage, link.crm_id),
                    (Stage::Released, None),
                    "{context}"
                );
                assert!(
                    codes(&world).iter().all(|code| code == "E_LINK_RELEASED"),
                    "{context}"
                );
            }
        }
    }
}

/// Whatever else befalls the key, a person took the link away: neither a record that cannot be read, nor one that the CRM asks a
/// question about, makes anything else of it.
#[test]
fn what_was_released_stays_released_whatever_sage_sends() {
    let world = selling(&two_way());
    let key = customer("01-ABF");
    release(&world, &key);
    for limit in ["much", "1.00", "more"] {
        world.clock.advance(QUARTER);
        world.sage.edit(&key, &[("CreditLimit", limit)]);
        settle(&world);
        assert_eq!(link(&world, &key).stage, Stage::Released, "{limit}");
        assert_eq!(parked(&world).len(), 1, "{limit}");
    }
    assert_eq!(crm(&world).records("Accounts").len(), 1);
}
