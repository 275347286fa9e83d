//! Edits in the CRM reach Sage, by the policies, once.

use super::killed::everywhere;
use super::*;
use counterpart_delivery::job::ChangeRecord;
use counterpart_delivery::ports::Links as _;
use counterpart_delivery::{Link, Stage};

fn link(world: &World) -> Link {
    let (target, key) = (zoho(), abf());
    let link = world.store.inner.link(&target, &key);
    world.clock.block_on(link).unwrap().unwrap()
}

/// ABF is in both systems, and at rest.
fn linked() -> World {
    let world = shop(1);
    world.sage.remove(&customer("01-OTHER"));
    settle(&world);
    assert_eq!(link(&world).stage, Stage::Linked);
    world
}

/// Somebody edits the account; the job as the transform makes it.
fn edited(world: &World, fields: &[(&str, Value)]) -> SageJob {
    wait(world, 5);
    edited_at_once(world, fields)
}

fn edited_at_once(world: &World, fields: &[(&str, Value)]) -> SageJob {
    let held = crm(world).with_key("Accounts", "ABC:01-ABF").remove(0);
    let fields: Fields = fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect();
    crm(world).edit("Accounts", &held.id, "user-7", fields);
    let held = crm(world).record("Accounts", &held.id).unwrap();
    let work = Work::ChangeRecord(Box::new(ChangeRecord {
        key: abf(),
        module: "Accounts".to_owned(),
        id: held.id.clone(),
        link_rev: link(world).rev,
        crm: held.fields,
        modified: Some(held.modified),
    }));
    job(world, &held.id.0, &held.id.0, work)
}

#[test]
fn an_edit_killed_anywhere_reaches_sage_and_makes_no_echo() {
    let prepare = || {
        let world = linked();
        world.send_job(&edited(&world, &[("Billing_City", text("Kenosha"))]));
        world
    };
    everywhere(prepare, |world, context| {
        assert_eq!(world.sage.column(&abf(), "City"), "Kenosha", "{context}");
        assert_eq!(parked(world), [], "{context}");
        let calls = crm(world).calls();
        world.drain();
        wait(world, 15);
        settle(world);
        assert_at_rest(world, context);
        let held = crm(world).with_key("Accounts", "ABC:01-ABF").remove(0);
        assert_eq!(held.fields["Billing_City"], text("Kenosha"), "{context}");
        assert_eq!(held.modified_by, Some(id("user-7")), "{context}: an echo");
        assert!(crm(world).calls() <= calls + 4, "{context}");
    });
}

#[test]
fn an_edit_without_an_answer_is_not_written_over_a_newer_one_when_it_arrives_late() {
    let world = linked();
    world
        .faults
        .decided_by(Some(std::rc::Rc::new(super::money::Late)));
    world.send_job(&edited(&world, &[("Billing_City", text("Kenosha"))]));
    assert!(world.write_sage_once().is_some());
    world.faults.decided_by(None);
    // Tried again until it is done; the sales person corrects it as soon as that is seen.
    world.drain_jobs();
    world.hint(&[abf()]).unwrap();
    world.drain();
    world.send_job(&edited_at_once(&world, &[("Billing_City", text("Racine"))]));
    world.drain_jobs();
    wait(&world, 30);
    world.sage.land();
    assert_eq!(world.sage.column(&abf(), "City"), "Racine");
    assert_eq!(parked(&world), []);
}

#[test]
fn an_edit_that_was_overtaken_is_read_anew() {
    let world = linked();
    let job = edited(&world, &[("Phone", text("+14145550000"))]);
    // Sage's own edit reaches the CRM before the job is taken.
    world.sage.edit(&abf(), &[("City", "Racine")]);
    world.hint(&[abf()]).unwrap();
    world.drain();
    world.send_job(&job);
    world.drain_jobs();
    assert_eq!(world.sage.column(&abf(), "City"), "Racine");
    // The CRM writer saw the edit as well, and said so before.
    let said = world.events().bodies();
    let said = said.iter().map(|body| serde_json::from_str(body).unwrap());
    let again: Vec<CrmEvent> = said
        .filter(|event: &CrmEvent| event.source != EventSource::Comparison)
        .collect();
    assert_eq!(again.len(), 1);
    assert_eq!(
        (&again[0].record, again[0].attempts),
        (&job.event.record, 1)
    );
}

#[test]
fn what_both_sides_changed_follows_the_policy() {
    let world = linked();
    let job = edited(
        &world,
        &[
            ("Billing_City", text("Kenosha")),
            ("Phone", text("+14145550000")),
        ],
    );
    world.sage.edit(
        &abf(),
        &[("City", "Racine"), ("TelephoneNo", "(414) 555-9999")],
    );
    world.send_job(&job);
    world.drain_jobs();
    // The city is for a person, the telephone number is Sage's.
    assert_eq!(parked(&world)[0].1, "E_FIELD_CONFLICT");
    assert_eq!(world.sage.column(&abf(), "City"), "Racine");
    assert_eq!(world.sage.column(&abf(), "TelephoneNo"), "(414) 555-9999");
    assert_eq!(world.sage.changed_by_us(), Vec::<String>::new());
}

#[test]
fn a_record_that_is_gone_in_sage_is_said() {
    let world = linked();
    let job = edited(&world, &[("Billing_City", text("Kenosha"))]);
    world.sage.remove(&abf());
    world.send_job(&job);
    world.drain_jobs();
    assert_eq!(parked(&world)[0].1, "E_SAGE_RECORD_GONE");
}

#[test]
fn the_account_manager_follows_by_the_rep_mapping() {
    let world = linked();
    world.map_rep(&zoho(), &rep("02-0200"), "user-2");
    world.map_rep(&zoho(), &rep("02-0300"), "user-3");
    world.map_rep(&zoho(), &rep("02-0301"), "user-3");
    settle(&world);
    let owner = |user: &str| ("Owner", Value::Reference(user.to_owned()));
    let job = edited(
        &world,
        &[owner("user-2"), ("Billing_City", text("Kenosha"))],
    );
    world.send_job(&job);
    world.drain_jobs();
    let no = |world: &World| {
        let division = world.sage.column(&abf(), "SalespersonDivisionNo");
        format!("{division}-{}", world.sage.column(&abf(), "SalespersonNo"))
    };
    assert_eq!((no(&world).as_str(), parked(&world)), ("02-0200", vec![]));
    assert_eq!(world.sage.column(&abf(), "City"), "Kenosha");
    for (user, code) in [("user-9", "E_REP_UNMAPPED"), ("user-3", "E_REP_AMBIGUOUS")] {
        world.drain();
        world.send_job(&edited(
            &world,
            &[owner(user), ("Billing_City", text(user))],
        ));
        world.drain_jobs();
        assert_eq!(parked(&world)[0].1, code);
        assert_eq!(no(&world), "02-0200");
        // The other fields go on.
        assert_eq!(world.sage.column(&abf(), "City"), user);
    }
    // Sage's own rep is one of the user's: nothing to choose.
    world.sage.edit(
        &abf(),
        &[("SalespersonDivisionNo", "02"), ("SalespersonNo", "0301")],
    );
    world.drain();
    world.send_job(&edited(&world, &[owner("user-3")]));
    world.drain_jobs();
    assert_eq!(no(&world), "02-0301");
}
