//! An account that is to become a customer whom Sage may hold already: looked for first, and decided by a person.

use super::killed::everywhere;
use super::*;
use counterpart_delivery::Stage;
use counterpart_delivery::ports::{Links as _, SageWrite as _};

fn status(world: &World, account: &str) -> Intent {
    let (target, id) = (
        zoho(),
        IntentId {
            kind: IntentKind::Record(Entity::CUSTOMER),
            root: id(account),
        },
    );
    let stored = world.store.inner.intent(&target, &id);
    world.clock.block_on(stored).unwrap().unwrap()
}

/// A client by another spelling of 01-OTHER's name.
fn known_client(world: &World, account: &str) -> SageJob {
    client(world, account, "SOMEBODY else ")
}

fn is_parked(world: &World, account: &str, code: &str) {
    let parked_as = (format!("customer#{account}"), code.to_owned());
    assert_eq!(parked(world), [parked_as]);
}

#[test]
fn a_customer_who_is_there_is_named_to_a_person_and_no_number_is_taken() {
    let world = shop(1);
    let job = known_client(&world, "account-9");
    for job in [job.clone(), again(&world, &job)] {
        world.send_job(&job);
        world.drain_jobs();
        assert_eq!(world.sage.created(), [""; 0]);
        is_parked(&world, "account-9", "E_CUSTOMER_MAY_EXIST");
    }
    let told = status(&world, "account-9");
    assert_eq!((told.stage, told.number), (IntentStage::Refused, None));
    let said = &told.status_text;
    assert!(said.contains("01-OTHER Somebody Else"), "{said}");
    assert!(
        said.contains("ABC:01-OTHER") && said.contains("Sage_Key"),
        "{said}"
    );
    assert!(!said.contains("01-ABF"), "{said}");
    let company = abc();
    let next = world.sage.next_customer_number(&company);
    let next = world.clock.block_on(next).unwrap();
    assert_eq!(next, "0000101", "a number was taken");
}

#[test]
fn a_redrive_creates_all_the_same_and_only_of_what_the_person_was_told() {
    let world = shop(1);
    let job = known_client(&world, "account-9");
    // Sent again by a person for another reason: nobody has been told of anybody yet.
    world.send_job(&redriven(&world, &job));
    world.drain_jobs();
    is_parked(&world, "account-9", "E_CUSTOMER_MAY_EXIST");
    // One more appears meanwhile, who was not looked at.
    put_customer(&world, &customer("02-LATER"), "somebody ELSE");
    world.send_job(&redriven(&world, &job));
    world.drain_jobs();
    assert_eq!(created(&world), 0);
    let said = status(&world, "account-9").status_text;
    assert!(said.contains("02-LATER"), "{said}");
    world.send_job(&redriven(&world, &job));
    world.drain_jobs();
    assert_eq!(world.sage.created(), ["customer ABC:01-0000101"]);
    assert_eq!(parked(&world), []);
    assert_eq!(status(&world, "account-9").stage, IntentStage::Done);
}

#[test]
fn a_redrive_killed_anywhere_is_one_customer() {
    let prepare = || {
        let world = shop(1);
        let job = known_client(&world, "account-9");
        world.send_job(&job);
        world.drain_jobs();
        is_parked(&world, "account-9", "E_CUSTOMER_MAY_EXIST");
        world.send_job(&redriven(&world, &job));
        world
    };
    everywhere(prepare, |world, context| {
        assert_eq!(created(world), 1, "{context}: {:?}", world.sage.created());
        assert_eq!(parked(world), [], "{context}");
        assert_eq!(
            status(world, "account-9").stage,
            IntentStage::Done,
            "{context}"
        );
    });
}

#[test]
fn a_look_killed_anywhere_parks_and_creates_nothing() {
    let prepare = || {
        let world = shop(1);
        world.send_job(&known_client(&world, "account-9"));
        world
    };
    let check = |world: &World, context: &str| {
        assert_eq!(created(world), 0, "{context}");
        is_parked(world, "account-9", "E_CUSTOMER_MAY_EXIST");
    };
    let points = killed::kill_everywhere(prepare, check);
    assert!(points > 8, "only {points} points were tried");
    for vague in [false, true] {
        let lose = |world: &World, n| {
            world.faults.be_vague(vague);
            world.faults.lose_answer(n);
        };
        assert!(killed::spoil_everywhere(prepare, lose, check) > 5);
    }
}

#[test]
fn a_customer_that_another_account_has_is_said_to_be_that_ones() {
    let world = shop(1);
    world.send_job(&client(&world, "account-8", "Nine Ltd"));
    world.drain_jobs();
    world.send_job(&client(&world, "account-9", "Nine Ltd"));
    world.drain_jobs();
    assert_eq!(created(&world), 1);
    is_parked(&world, "account-9", "E_CUSTOMER_MAY_EXIST");
    let said = status(&world, "account-9").status_text;
    assert!(said.contains("belongs to account account-8"), "{said}");
}

#[test]
fn two_accounts_of_one_name_at_the_same_moment_are_not_two_customers() {
    for seed in 0..20 {
        let world = shop(seed);
        world.send_job(&client(&world, "account-8", "Nine Ltd"));
        world.send_job(&client(&world, "account-9", "Nine Ltd"));
        let both = world.receive_jobs();
        let (one, two) = both.split_at(1);
        world
            .sage
            .slow_writes(Duration::from_millis(300 * (seed % 5)));
        let writer = world.sage_writer();
        let deadline = world.deadline();
        let both =
            futures_util::future::join(writer.handle(one, deadline), writer.handle(two, deadline));
        let (first, second) = world.clock.block_on(both);
        world.acknowledge_jobs(one, &first);
        world.acknowledge_jobs(two, &second);
        world.drain_jobs();
        assert_eq!(
            created(&world),
            1,
            "seed {seed}: {:?}",
            world.sage.created()
        );
        assert_eq!(parked(&world).len(), 1, "seed {seed}");
        assert_eq!(parked(&world)[0].1, "E_CUSTOMER_MAY_EXIST", "seed {seed}");
    }
}

#[test]
fn our_own_customer_of_an_unknown_outcome_is_no_stranger() {
    // Created, nothing stored after that, and then the intents lost: the link still says whose it is.
    let mut stopped = (0..200).map(|n| {
        let world = shop(1);
        let job = client(&world, "account-9", "Nine Ltd");
        world.send_job(&job);
        world.faults.fail_from(n);
        assert!(world.write_sage_once().is_some());
        world.faults.reset();
        (world, job)
    });
    let (world, job) = stopped.find(|(world, _)| created(world) == 1).unwrap();
    wait(&world, 30);
    world.store.inner.forget_intents();
    world.send_job(&again(&world, &job));
    world.drain_jobs();
    assert_eq!(created(&world), 1, "{:?}", world.sage.created());
    assert_eq!(parked(&world), []);
    let (target, root) = (zoho(), id("account-9"));
    let key = world.store.inner.key_of(&target, &root);
    let key = world.clock.block_on(key).unwrap().unwrap();
    assert_eq!(key, customer("01-0000101"));
    let link = world.store.inner.link(&target, &key);
    let link = world.clock.block_on(link).unwrap().unwrap();
    assert_eq!(link.stage, Stage::Linked);
}

#[test]
fn who_was_entered_by_hand_after_a_create_that_nobody_answered_is_for_a_person() {
    let world = shop(1);
    let job = client(&world, "account-9", "Nine Ltd");
    world.send_job(&job);
    world.faults.be_vague(true);
    world.faults.fail_calls_of("sage.create_record", 1);
    assert!(world.write_sage_once().is_some());
    world.faults.reset();
    // Somebody did not want to wait.
    put_customer(&world, &customer("01-HAND"), "Nine Ltd");
    wait(&world, 30);
    world.drain_jobs();
    assert_eq!(created(&world), 0, "a twin");
    is_parked(&world, "account-9", "E_CUSTOMER_MAY_EXIST");
    assert_eq!(status(&world, "account-9").stage, IntentStage::Ambiguous);
    world.send_job(&redriven(&world, &job));
    world.drain_jobs();
    assert_eq!(world.sage.created(), ["customer ABC:01-0000101"]);
    assert_eq!(parked(&world), []);
}

#[test]
fn where_nobody_can_look_a_person_decides() {
    let world = shop(1);
    world.sage.offer_search(false);
    let job = client(&world, "account-9", "Nine Ltd");
    for job in [job.clone(), again(&world, &job)] {
        world.send_job(&job);
        world.drain_jobs();
        assert_eq!(created(&world), 0);
        is_parked(&world, "account-9", "E_CUSTOMER_SEARCH_NOT_OFFERED");
    }
    let said = status(&world, "account-9").status_text;
    assert!(said.contains("cannot look for customers"), "{said}");
    let other = sale(&world, "deal-2");
    world.send_job(&other);
    world.drain_jobs();
    assert_eq!(orders(&world).len(), 1, "the company goes on");
    world.send_job(&redriven(&world, &job));
    world.drain_jobs();
    assert_eq!(status(&world, "account-9").stage, IntentStage::Done);
    assert_eq!(parked(&world), []);
}

#[test]
fn a_decision_for_an_agent_that_cannot_look_holds_over_a_crash_at_any_point() {
    let prepare = || {
        let world = shop(1);
        world.sage.offer_search(false);
        let job = client(&world, "account-9", "Nine Ltd");
        world.send_job(&job);
        world.drain_jobs();
        world.send_job(&redriven(&world, &job));
        world
    };
    everywhere(prepare, |world, context| {
        assert_eq!(created(world), 1, "{context}: {:?}", world.sage.created());
        assert_eq!(parked(world), [], "{context}");
    });
}

#[test]
fn a_decision_is_of_what_could_be_looked_at_then() {
    let world = shop(1);
    world.sage.offer_search(false);
    let job = known_client(&world, "account-9");
    world.send_job(&job);
    world.drain_jobs();
    // The agent is renewed before anybody redrives: it is looked for after all.
    world.sage.offer_search(true);
    world.send_job(&redriven(&world, &job));
    world.drain_jobs();
    assert_eq!(created(&world), 0);
    is_parked(&world, "account-9", "E_CUSTOMER_MAY_EXIST");
}

fn sale_of_new(world: &World, name: &str) -> SageJob {
    let mut job = sale(world, "deal-1");
    job.account = id("account-9");
    let buyer = &mut place_of(&mut job).order.customer;
    buyer.account = id("account-9");
    buyer.key = None;
    buyer.create = Some(new_customer(name));
    job
}

#[test]
fn the_order_of_a_customer_who_may_be_there_waits_with_it_and_its_redrive_decides() {
    let world = shop(1);
    let job = sale_of_new(&world, "Somebody Else");
    world.send_job(&job);
    world.drain_jobs();
    let code = "E_CUSTOMER_MAY_EXIST".to_owned();
    let both = [
        ("customer#account-9".to_owned(), code.clone()),
        ("order#deal-1".to_owned(), code),
    ];
    assert_eq!(parked(&world), both);
    assert!(intent(&world, "deal-1").status_text.contains("01-OTHER"));
    assert_eq!((created(&world), orders(&world).len()), (0, 0));
    world.send_job(&redriven(&world, &job));
    world.drain_jobs();
    assert_eq!(
        world.sage.created(),
        ["customer ABC:01-0000101", "order 0000181"]
    );
    assert_eq!(parked(&world), []);
    assert_sold(&world, "redriven");
}

#[test]
fn an_order_that_was_parked_for_something_else_decides_nothing_about_its_customer() {
    let world = shop(1);
    world.send_job(&known_client(&world, "account-9"));
    world.drain_jobs();
    let job = sale_of_new(&world, "Somebody Else");
    // Its own parked item, of before, was about something else.
    world.send_job(&redriven(&world, &job));
    world.drain_jobs();
    assert_eq!(created(&world), 0);
    world.send_job(&redriven(&world, &job));
    world.drain_jobs();
    assert_eq!(created(&world), 2);
}

#[test]
fn a_name_that_nobody_has_is_asked_for_once_and_created() {
    let world = shop(1);
    world.send_job(&client(&world, "account-9", "Nine Ltd"));
    world.drain_jobs();
    let looks = world.faults.trace();
    let looks = looks.iter().filter(|call| **call == "sage.find_customers");
    assert_eq!((looks.count(), created(&world)), (1, 1));
}
