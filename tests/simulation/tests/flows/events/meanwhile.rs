//! Edits of a record that is just being created in Sage: they reach Sage, or a person is told.

use counterpart_delivery::ConfiguredMapper;
use counterpart_delivery::ports::Clock as _;
use counterpart_domain::{Class, CrmId, Entity, Fault, SageKey};
use counterpart_simulation::world::{VISIBILITY, World, killed_after};
use jiff::SignedDuration;

use super::records::two_way;
use super::redrives::redrive_all;
use super::scene::*;
use super::whole::{assert_still, client, flow, selling};

/// With the record belonging to Sage afterwards, and without.
fn configs() -> [String; 2] {
    let both = two_way().replace(
        "division = \"01\"",
        "division = \"01\"\nthen_sage_owned = false",
    );
    [two_way(), both]
}

fn rephone(world: &World, account: &CrmId, phone: &str) {
    let edited = fields([("Phone", text(phone))]);
    crm(world).edit("Accounts", account, "u", edited);
    say(world, "Accounts", account);
}

/// The customer that was created.
fn customer_of(world: &World) -> SageKey {
    let rows = world.sage.rows(&abc(), Entity::CUSTOMER).into_iter();
    let mut keys = rows.map(|(key, _)| key);
    keys.find(|key| *key != customer("01-ABF")).unwrap()
}

/// What is wrong with one account whose telephone number was changed to this on its way to Sage.
fn wrong_of(world: &World, account: &CrmId, phone: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let key = customer_of(world);
    let (sage, crm) = (
        world.sage.column(&key, "TelephoneNo"),
        shown(world, "Accounts", account, "Phone").to_string(),
    );
    if sage != phone || crm != phone {
        wrong.push(format!("Sage has {sage}, the CRM {crm}"));
    }
    if !parked(world).is_empty() || world.sage.created().len() != 1 {
        wrong.push(format!("{:?} {:?}", parked(world), world.sage.created()));
    }
    if crm_key(world, account) != Some(key.text()) {
        wrong.push("the account does not hold its key".to_owned());
    }
    wrong
}

fn crm_key(world: &World, account: &CrmId) -> Option<String> {
    crm(world).record("Accounts", account).unwrap().key
}

#[test]
fn an_edit_before_the_job_is_taken_reaches_sage() {
    for config in configs() {
        let world = selling(&config);
        let account = client(&world);
        say(&world, "Accounts", &account);
        while world.transform_once().is_some() {}
        rephone(&world, &account, "(414) 555-0001");
        flow(&world);
        let wrong = wrong_of(&world, &account, "(414) 555-0001");
        assert!(wrong.is_empty(), "{wrong:?}");
        assert_still(&world);
    }
}

#[test]
fn an_edit_between_the_creation_and_the_key_reaches_sage() {
    for config in configs() {
        let world = selling(&config);
        let account = client(&world);
        say(&world, "Accounts", &account);
        while world.transform_once().is_some() {}
        while world.write_sage_once().is_some() {}
        rephone(&world, &account, "(414) 555-0001");
        flow(&world);
        let wrong = wrong_of(&world, &account, "(414) 555-0001");
        assert!(wrong.is_empty(), "{wrong:?}");
        let owned = config.contains("then_sage_owned = false");
        // From now on an edit is Sage's to take or not.
        rephone(&world, &account, "(414) 555-0002");
        flow(&world);
        let took = if owned {
            "(414) 555-0002"
        } else {
            "(414) 555-0001"
        };
        assert_eq!(world.sage.column(&customer_of(&world), "TelephoneNo"), took);
    }
}

#[test]
fn edits_during_an_outage_of_sage_reach_it() {
    for config in configs() {
        let world = selling(&config);
        let account = client(&world);
        say(&world, "Accounts", &account);
        let now = world.clock.now();
        world.sage.outage(now, now + SignedDuration::from_hours(11));
        for n in 1..=5 {
            super::scene::work_within(&world, SignedDuration::from_hours(1));
            while world.write_sage_once().is_some() {}
            rephone(&world, &account, &format!("(414) 555-000{n}"));
        }
        flow(&world);
        let wrong = wrong_of(&world, &account, "(414) 555-0005");
        assert!(wrong.is_empty(), "{wrong:?}");
        assert_still(&world);
    }
}

#[test]
fn a_list_of_addresses_is_whole_on_both_sides_also_where_somebody_edits_meanwhile() {
    // Of two addresses, the mapping compares the first.
    let mapped = |config: &str| {
        let phone = "Phone = { from = \"TelephoneNo\", owner = \"both\" }";
        assert!(config.contains(phone));
        let mail = "Email = { from = \"EmailAddress\", owner = \"both\", with = \"email\" }";
        config.replace(phone, &format!("{phone}\n{mail}"))
    };
    for (config, edited) in configs()
        .iter()
        .flat_map(|config| [(config, false), (config, true)])
    {
        let world = selling(&mapped(config));
        let account = client(&world);
        let set = |mail: &str| {
            let mail = fields([("Email", text(mail))]);
            crm(&world).edit("Accounts", &account, "u", mail);
            say(&world, "Accounts", &account);
        };
        set("old@new.example; two@new.example");
        while world.transform_once().is_some() {}
        while world.write_sage_once().is_some() {}
        if edited {
            set("late@new.example; two@new.example");
        }
        flow(&world);
        let key = customer_of(&world);
        let mail = if edited {
            "late@new.example; two@new.example"
        } else {
            "old@new.example; two@new.example"
        };
        assert_eq!(world.sage.column(&key, "EmailAddress"), mail);
        assert_eq!(shown(&world, "Accounts", &account, "Email"), text(mail));
        assert!(parked(&world).is_empty(), "{:?}", parked(&world));
        assert_still(&world);
    }
}

/// Kills one handler at each await point, with the edit made before or after.
fn killed(kill: impl Fn(&World, u64) -> bool) {
    let mut wrong = Vec::new();
    for (config, late) in configs()
        .iter()
        .flat_map(|config| [(config, false), (config, true)])
    {
        for polls in 0.. {
            let world = selling(config);
            let account = client(&world);
            say(&world, "Accounts", &account);
            while world.transform_once().is_some() {}
            if !late {
                rephone(&world, &account, "(414) 555-0001");
                while world.transform_once().is_some() {}
            }
            let done = kill(&world, polls);
            let owned = !config.contains("then_sage_owned = false");
            if late && owned && crm_key(&world, &account).is_some() {
                // The two were compared, and the field is Sage's: that is an edit like any other.
                break;
            }
            if late {
                rephone(&world, &account, "(414) 555-0001");
            }
            world.clock.advance(VISIBILITY * 4);
            flow(&world);
            world.poll_all(&abc());
            flow(&world);
            let found = wrong_of(&world, &account, "(414) 555-0001");
            if !found.is_empty() {
                wrong.push(format!("late {late}, {polls}: {found:?}"));
            }
            if done {
                assert!(polls > 10, "killed nowhere");
                break;
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn an_edit_reaches_sage_wherever_the_sage_writer_is_killed() {
    killed(|world, polls| {
        let batch = world.receive_jobs();
        let (writer, deadline) = (world.sage_writer(), world.deadline());
        let report = killed_after(&world.clock, polls, writer.handle(&batch, deadline));
        if let Some(report) = &report {
            world.acknowledge_jobs(&batch, report);
        }
        report.is_some()
    });
}

#[test]
fn an_edit_reaches_sage_wherever_the_crm_writer_is_killed() {
    killed(|world, polls| {
        while world.write_sage_once().is_some() {}
        let batch = world.receive(&zoho());
        let (writer, deadline) = (world.writer_with(ConfiguredMapper), world.deadline());
        let report = killed_after(&world.clock, polls, writer.handle(&batch, deadline));
        if let Some(report) = &report {
            world.acknowledge(&batch, report);
        }
        report.is_some()
    });
}

#[test]
fn an_edit_of_a_record_that_does_not_come_to_rest_is_told_and_redriven() {
    for config in configs() {
        let world = selling(&config);
        let account = client(&world);
        say(&world, "Accounts", &account);
        while world.transform_once().is_some() {}
        while world.write_sage_once().is_some() {}
        // The CRM refuses the key's write, so that nobody compares the two.
        let key = customer_of(&world);
        let refused = Fault::new(Class::Data, "E_CRM_VALIDATION_RULE", "A rule refused it.");
        crm(&world).refuse_rows(&key.text(), refused);
        flow(&world);
        rephone(&world, &account, "(414) 555-0001");
        flow(&world);
        let codes: Vec<_> = parked(&world).into_iter().map(|(_, code)| code).collect();
        assert!(codes.contains(&"E_RECORD_RESTLESS".to_owned()), "{codes:?}");
        let said = shown(&world, "Accounts", &account, "Sage_Status_Text").to_string();
        assert!(said.contains("edit"), "{said}");
        crm(&world).accept(&key.text());
        for _ in 0..3 {
            redrive_all(&world);
            flow(&world);
        }
        let wrong = wrong_of(&world, &account, "(414) 555-0001");
        assert!(wrong.is_empty(), "{wrong:?}");
        assert_ne!(
            shown(&world, "Accounts", &account, "Sage_Status_Text"),
            text(&said)
        );
    }
}
