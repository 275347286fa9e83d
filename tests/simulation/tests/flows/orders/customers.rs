//! An account becomes a customer, once.

use super::killed::everywhere;
use super::*;
use counterpart_delivery::job::CreateChild;
use counterpart_delivery::ports::Links as _;
use counterpart_delivery::{Link, Pack, Stage};
use counterpart_domain::{AsOf, Entity, digest_of};
use counterpart_simulation::world::Steps;

fn customer_intent(world: &World, account: &str) -> Intent {
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

fn link_of(world: &World, crm_id: &str) -> Link {
    let (target, id) = (zoho(), id(crm_id));
    let key = world.clock.block_on(world.store.inner.key_of(&target, &id));
    let key = key.unwrap().unwrap();
    let link = world.store.inner.link(&target, &key);
    world.clock.block_on(link).unwrap().unwrap()
}

fn packs(world: &World) -> Vec<Pack> {
    let bodies = world.writes(&zoho()).bodies();
    let packs = bodies.iter().filter_map(|body| Pack::decode(body).ok());
    packs.map(|decoded| decoded.pack).collect()
}

fn one_customer(world: &World, context: &str) {
    assert_eq!(created(world), 1, "{context}: {:?}", world.sage.created());
    assert_eq!(parked(world), [], "{context}");
    let link = link_of(world, "account-9");
    assert_eq!(link.stage, Stage::Linked, "{context}");
    assert!(link.key_unwritten, "{context}");
    assert!(world.sage.has(&link.key), "{context}");
    let sent = packs(world);
    assert!(
        sent.iter().any(|pack| pack.entity == Entity::CUSTOMER),
        "{context}: no pack"
    );
    let intent = customer_intent(world, "account-9");
    assert_eq!(intent.stage, IntentStage::Done, "{context}");
    assert!(
        write_backs(world).iter().any(|message| {
            matches!(&message.write_back, counterpart_delivery::Show::Intents(ids) if ids.contains(&intent.id))
        }),
        "{context}: nobody tells the CRM"
    );
    assert!(world.jobs().is_empty(), "{context}");
}

#[test]
fn a_client_killed_anywhere_is_one_customer() {
    let prepare = || {
        let world = shop(1);
        world.send_job(&client(&world, "account-9", "Nine Ltd"));
        world
    };
    everywhere(prepare, one_customer);
}

#[test]
fn an_order_of_a_new_client_killed_anywhere_is_one_customer_and_one_order() {
    let prepare = || {
        let world = shop(1);
        let mut job = sale(&world, "deal-1");
        job.account = id("account-9");
        let buyer = &mut place_of(&mut job).order.customer;
        buyer.account = id("account-9");
        buyer.key = None;
        buyer.create = Some(new_customer("Nine Ltd"));
        world.send_job(&job);
        world
    };
    everywhere(prepare, |world, context| {
        assert_eq!(created(world), 2, "{context}: {:?}", world.sage.created());
        assert_eq!(parked(world), [], "{context}");
        let link = link_of(world, "account-9");
        assert_eq!(link.stage, Stage::Linked, "{context}");
        assert_eq!(orders(world)[0].customer, link.key, "{context}");
        assert_sold(world, context);
    });
}

#[test]
fn the_same_client_twice_within_milliseconds_on_two_workers_is_one_customer() {
    for seed in 0..30 {
        let world = shop(seed);
        let first = client(&world, "account-9", "Nine Ltd");
        world.send_job(&first);
        world.send_job(&again(&world, &first));
        let one = world.receive_jobs();
        world.jobs().time_out();
        let two = world.receive_jobs();
        world
            .sage
            .slow_writes(Duration::from_millis(300 * (seed % 5)));
        let writer = world.sage_writer();
        let deadline = world.deadline();
        let both = futures_util::future::join(
            writer.handle(&one, deadline),
            writer.handle(&two, deadline),
        );
        let (first, second) = world.clock.block_on(both);
        world.acknowledge_jobs(&one, &first);
        world.acknowledge_jobs(&two, &second);
        world.drain_jobs();
        one_customer(&world, &format!("seed {seed}"));
    }
}

#[test]
fn a_number_that_is_anothers_is_left_alone_and_its_link_as_well() {
    let world = shop(1);
    put_customer(&world, &customer("01-0000101"), "Somebody Else");
    world.send_job(&client(&world, "account-9", "Nine Ltd"));
    world.drain_jobs();
    let link = link_of(&world, "account-9");
    assert_eq!(link.key, customer("01-0000102"));
    assert_eq!(
        world.sage.column(&customer("01-0000101"), "CustomerName"),
        "Somebody Else"
    );
    let (target, key) = (zoho(), customer("01-0000101"));
    let other = world.store.inner.link(&target, &key);
    let other = world.clock.block_on(other).unwrap().unwrap();
    assert_eq!((other.stage, other.crm_id), (Stage::Unwritten, None));
}

/// A customer was created, and nothing after that could be stored; then somebody renames it in Sage.
fn renamed_before_it_was_stored() -> (World, SageJob) {
    let mut stopped = (0..200).map(|n| {
        let world = shop(1);
        let job = client(&world, "account-9", "Nine Ltd");
        world.send_job(&job);
        world.faults.fail_from(n);
        let batch = world.receive_jobs();
        let deadline = world.deadline();
        let writer = world.sage_writer();
        world.clock.block_on(writer.handle(&batch, deadline));
        world.faults.reset();
        (world, job)
    });
    let (world, job) = stopped.find(|(world, _)| created(world) == 1).unwrap();
    world
        .sage
        .edit(&customer("01-0000101"), &[("CustomerName", "Renamed")]);
    wait(&world, 30);
    (world, job)
}

#[test]
fn a_customer_that_was_renamed_before_anybody_knew_of_it_is_for_a_person() {
    let (world, job) = renamed_before_it_was_stored();
    world.drain_jobs();
    assert_eq!(created(&world), 1, "{:?}", world.sage.created());
    let doubt = ("customer#account-9".into(), "E_RECORD_AMBIGUOUS".into());
    assert_eq!(parked(&world), [doubt]);
    world.send_job(&again(&world, &job));
    world.drain_jobs();
    assert_eq!(created(&world), 1, "an event is no person's word");

    // It is this account's: the name is put back.
    world
        .sage
        .edit(&customer("01-0000101"), &[("CustomerName", "Nine Ltd")]);
    world.send_job(&redriven(&world, &job));
    world.drain_jobs();
    one_customer(&world, "renamed back");

    // It is another's, a person says by sending it again as it is.
    let (world, job) = renamed_before_it_was_stored();
    world.drain_jobs();
    world.send_job(&redriven(&world, &job));
    world.drain_jobs();
    assert_eq!(link_of(&world, "account-9").key, customer("01-0000102"));
    assert_eq!(parked(&world), []);
}

#[test]
fn an_account_that_somebody_linked_meanwhile_is_that_customer() {
    let world = shop(1);
    // The import matched it while the job lay in the queue.
    let linked = Link {
        stage: Stage::Linked,
        crm_id: Some(id("account-9")),
        ..a_link(&abf())
    };
    let write = counterpart_delivery::LinkWrite {
        link: linked,
        previous_crm_id: None,
        write_reverse: true,
    };
    world
        .clock
        .block_on(world.store.inner.put_link(&write))
        .unwrap();
    let mut job = sale(&world, "deal-1");
    let buyer = &mut place_of(&mut job).order.customer;
    buyer.account = id("account-9");
    buyer.key = None;
    buyer.create = Some(new_customer("Nine Ltd"));
    world.send_job(&job);
    world.send_job(&client(&world, "account-9", "Nine Ltd"));
    world.drain_jobs();
    assert_eq!(world.sage.created(), ["order 0000181"]);
    assert_eq!(orders(&world)[0].customer, abf());
    assert_eq!(parked(&world), []);
}

fn a_link(key: &SageKey) -> Link {
    let (as_of, version) = (AsOf::default(), digest_of([""]));
    let now = Timestamp::UNIX_EPOCH;
    Link::new(zoho(), key.clone(), Stage::Linked, as_of, version, now)
}

#[test]
fn a_customer_that_sage_refuses_is_said_on_account_and_order_and_goes_through_once_mended() {
    let world = shop(1);
    world.sage.refuse("Racine");
    let mut job = sale(&world, "deal-1");
    let buyer = &mut place_of(&mut job).order.customer;
    buyer.account = id("account-9");
    buyer.key = None;
    buyer.create = Some(new_customer("Nine Ltd"));
    world.send_job(&job);
    world.drain_jobs();
    let ids: Vec<_> = parked(&world).into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, ["customer#account-9", "order#deal-1"]);
    let said = intent(&world, "deal-1").status_text;
    assert!(said.contains("customer could not be created"), "{said}");
    assert_eq!((created(&world), orders(&world).len()), (0, 0));
    world.sage.accept("Racine");
    world.send_job(&redriven(&world, &job));
    world.drain_jobs();
    assert_eq!(
        world.sage.created(),
        ["customer ABC:01-0000101", "order 0000181"]
    );
    assert_eq!(parked(&world), []);
    assert_sold(&world, "mended");
}

fn contact_job(world: &World, contact: &str, name: &str) -> SageJob {
    let work = Work::CreateChild(Box::new(CreateChild {
        intent: IntentId {
            kind: IntentKind::Record(Entity::CONTACT),
            root: id(contact),
        },
        customer: abf(),
        code: None,
        columns: Fields::from([("ContactName".to_owned(), text(name))]),
        crm: Fields::new(),
        shown: shown("Contacts", contact),
    }));
    job(world, "account-1", contact, work)
}

#[test]
fn contacts_of_one_name_get_codes_of_their_own_and_keep_them() {
    let world = shop(1);
    let first = contact_job(&world, "contact-1", "Artie Johnson");
    let second = contact_job(&world, "contact-2", "Artie Johnson");
    for job in [
        &first,
        &second,
        &again(&world, &first),
        &again(&world, &second),
    ] {
        world.send_job(job);
    }
    world.drain_jobs();
    assert_eq!(
        world.sage.created(),
        [
            "contact ABC:01-ABF/ARTIE JOHN",
            "contact ABC:01-ABF/ARTIE JOH2"
        ]
    );
    assert_eq!(
        link_of(&world, "contact-1").key,
        contact("01-ABF/ARTIE JOHN")
    );
    assert_eq!(
        link_of(&world, "contact-2").key,
        contact("01-ABF/ARTIE JOH2")
    );
    assert_eq!(parked(&world), []);
}

#[test]
fn a_contact_that_was_entered_in_sage_by_hand_is_not_doubled_but_asked_about() {
    let world = shop(1);
    put_contact(&world, &contact("01-ABF/ARTIE JOHN"), "Artie Johnson");
    let job = contact_job(&world, "contact-1", "Artie Johnson");
    world.send_job(&job);
    world.send_job(&again(&world, &job));
    world.drain_jobs();
    assert_eq!(world.sage.created(), [""; 0]);
    let asked = (
        "contact#contact-1".to_owned(),
        "E_RECORD_MAY_EXIST".to_owned(),
    );
    assert_eq!(parked(&world), [asked]);
    // It is another one: a person says so.
    let mut answer = again(&world, &job);
    answer.event.source = EventSource::Redrive;
    answer.event.answers = Some("E_RECORD_MAY_EXIST".to_owned());
    world.send_job(&answer);
    world.drain_jobs();
    assert_eq!(world.sage.created(), ["contact ABC:01-ABF/ARTIE JOH2"]);
}

#[test]
fn a_contact_killed_anywhere_is_one_contact() {
    let prepare = || {
        let world = shop(1);
        put_contact(&world, &contact("01-ABF/ARTIE JOHN"), "Artie Johnston");
        world.send_job(&contact_job(&world, "contact-1", "Artie Johnson"));
        world
    };
    everywhere(prepare, |world, context| {
        assert_eq!(created(world), 1, "{context}: {:?}", world.sage.created());
        let link = link_of(world, "contact-1");
        assert_eq!(link.key, contact("01-ABF/ARTIE JOH2"), "{context}");
        assert_eq!(link.stage, Stage::Linked, "{context}");
        assert_eq!(parked(world), [], "{context}");
    });
}

/// The steps of a worker at which it may stand still for an hour, while another one goes on and people delete what that one
/// made, so that it makes it once more when it goes on itself.
fn made_again(job: impl Fn(&World) -> SageJob) -> Vec<u64> {
    let mut again = Vec::new();
    for steps in 1.. {
        let world = shop(1);
        world.send_job(&job(&world));
        let batch = world.receive_jobs();
        let one = world.sage_writer();
        let mut first = Steps::new(one.handle(&batch, world.deadline()));
        if first.steps(steps).is_some() {
            assert!(steps > 20, "it stood still nowhere");
            return again;
        }
        world.clock.advance(std::time::Duration::from_secs(3600));
        world.jobs().time_out();
        world.drain_jobs();
        let made = world.sage.created();
        for key in world.sage.records_ever_made() {
            world.sage.remove(&key);
        }
        for order in world.sage.all_orders(&abc()) {
            world.sage.remove_order(&abc(), &order.number);
        }
        world.clock.block_on(first.finish());
        if world.sage.created().len() > made.len() {
            again.push(steps);
        }
    }
    again
}

#[test]
fn a_worker_that_stood_still_makes_nothing_again_that_people_deleted_meanwhile() {
    // In the very call that it stood still in, nothing stops it.
    let orders = made_again(|world| sale(world, "deal-1"));
    assert!(orders.len() <= 1, "{orders:?}");
    let customers = made_again(|world| client(world, "account-9", "Nine Ltd"));
    assert!(customers.len() <= 1, "{customers:?}");
}
