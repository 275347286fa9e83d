//! What nobody told of is read by its stamp: all of it, and little of it twice.

use std::collections::BTreeSet;
use std::time::Duration;

use counterpart_delivery::ports::{ChangedId, Clock as _, Heard, Marks as _, Resync, Sweeps as _};
use counterpart_domain::CrmId;
use jiff::{SignedDuration, Timestamp};

use crate::keeper::{HOUR, Kept, QUARTER, swept};
use crate::scene::{outage, target};

/// The time of the function.
const MINUTES_5: Duration = Duration::from_secs(300);

#[test]
fn what_was_refused_before_anybody_could_note_it_is_read_by_the_next_run() {
    let mut kept = Kept::new();
    kept.orgs.get_mut(&target("zoho")).unwrap().grants = SignedDuration::from_hours(1);
    kept.run();
    // The gateway throttles, the function crashes: the channel is alive all the time, and nobody notes anything.
    for (n, id) in ["21", "22", "23", "24"].iter().enumerate() {
        kept.scene.clock.advance(QUARTER);
        assert!(kept.org("zoho").edit("Deals", id, n == 3).is_some());
        kept.scene.clock.advance(Duration::from_secs(60));
        // Every other run renews the channels.
        kept.run();
        let found = kept.scene.records();
        assert!(found.contains(&(*id).to_owned()), "{id} is lost: {found:?}");
    }
}

#[test]
fn a_long_catch_up_goes_on_page_by_page_over_runs_and_outages() {
    let mut kept = Kept::new();
    kept.orgs.get_mut(&target("zoho")).unwrap().grants = SignedDuration::from_hours(1);
    kept.run();
    kept.scene.clock.advance(2 * HOUR);
    for n in 0..12_000 {
        // Many of one second: the position has to tell them apart.
        if n % 500 == 0 {
            kept.scene.clock.advance(Duration::from_secs(1));
        }
        kept.org("zoho")
            .edit("Deals", &format!("{}", 100_000 + n), false);
    }
    kept.scene.told().break_down(outage());
    let read_until = kept.sweep("zoho", "Deals").read_until;
    let report = kept.run();
    assert_eq!(swept(&report, "zoho").faults[0].code, "E_QUEUE_DOWN");
    let sweep = kept.sweep("zoho", "Deals");
    assert_eq!(
        (sweep.read_until, sweep.open),
        (read_until, None),
        "nothing was queued, nothing is passed over"
    );
    kept.scene.told().mend();
    let report = kept.run();
    assert_eq!(
        report.channels.lapsed(),
        0,
        "it was subscribed again before"
    );
    // One page of 200, and five of 2,000.
    assert_eq!(
        (swept(&report, "zoho").queued, swept(&report, "zoho").behind),
        (10_200, vec!["Deals".to_owned()])
    );
    assert_eq!(kept.sweep("zoho", "Deals").read_until, read_until);
    let report = kept.run();
    assert_eq!(
        (
            swept(&report, "zoho").queued,
            swept(&report, "zoho").behind.len()
        ),
        (1_800, 0)
    );
    let found: BTreeSet<String> = kept.scene.records().into_iter().collect();
    assert_eq!((found.len(), kept.scene.told().len()), (12_000, 12_000));
}

#[test]
fn a_long_transaction_a_tie_and_a_clock_that_is_ahead_pass_over_nothing() {
    let kept = Kept::new();
    kept.run();
    let org = kept.org("salesforce");
    let appears = |id: &str, ago: i64| {
        let now = kept.scene.clock.now();
        let modified = Timestamp::from_second(now.as_second() - ago).unwrap();
        let change = ChangedId {
            id: CrmId(id.to_owned()),
            modified,
            modified_by: None,
            deleted: false,
            line_of: None,
        };
        org.changed
            .borrow_mut()
            .push(("Opportunity".to_owned(), change));
    };
    // Stamped before the last reading, and to be seen only after it: Salesforce ends a transaction after ten minutes.
    kept.scene.clock.advance(QUARTER);
    kept.run();
    appears("006000000000001AAA", 10 * 60 + 30);
    kept.scene.clock.advance(QUARTER);
    kept.run();
    // Within the second in which it was read another change has the same stamp: nobody can tell them apart.
    appears("006000000000002AAA", 0);
    kept.run();
    let count = |id: &str| {
        let records = kept.scene.records();
        records.iter().filter(|record| *record == id).count()
    };
    assert_eq!(count("006000000000002AAA"), 1);
    kept.run();
    assert_eq!(
        count("006000000000002AAA"),
        2,
        "it is too young to be told apart"
    );
    // The CRM's clock is a minute ahead of ours.
    appears("006000000000003AAA", -60);
    for _ in 0..6 {
        kept.scene.clock.advance(QUARTER);
        kept.run();
    }
    assert_eq!(count("006000000000001AAA"), 1);
    assert_eq!(count("006000000000002AAA"), 3, "and no more");
    assert!(count("006000000000003AAA") >= 1);
}

/// A call is given up after thirty seconds, and after as many for its token: the first CRM must not use up the run for all.
#[test]
fn a_crm_that_does_not_answer_keeps_no_other_waiting() {
    let kept = Kept::new();
    kept.run_for(MINUTES_5);
    for hangs in ["salesforce", "zoho"] {
        let org = kept.org(hangs);
        org.takes.set(Duration::from_secs(100));
        *org.fault.borrow_mut() = Some(outage());
    }
    kept.scene.clock.advance(QUARTER);
    kept.org("zoho-eu").edit("Deals", "31", false);
    kept.run_for(MINUTES_5);
    let found = kept.scene.records();
    assert!(found.contains(&"31".to_owned()), "{found:?}");
}

#[test]
fn a_quiet_day_costs_one_reading_of_each_module_a_quarter_of_an_hour() {
    let kept = Kept::new();
    kept.run();
    for org in kept.orgs.values() {
        org.reads.set(0);
    }
    for _ in 0..96 {
        kept.scene.clock.advance(QUARTER);
        let run = kept.run();
        assert!(run.sweep.targets.iter().all(|one| one.faults.is_empty()));
    }
    // Accounts and Deals; Account, Contact, and Opportunity, which a platform event names.
    let reads = |name: &str| kept.org(name).reads.get();
    assert_eq!((reads("zoho"), reads("salesforce")), (2 * 96, 3 * 96));
    println!(
        "a day: {} readings of two modules of Zoho CRM, {} of three of Salesforce",
        reads("zoho"),
        reads("salesforce")
    );
}

#[test]
fn a_change_of_which_nobody_told_rings_where_somebody_used_to() {
    let kept = Kept::new();
    kept.run();
    let hear = |of: &str| {
        let heard = Heard {
            target: target("zoho"),
            of: of.to_owned(),
            at: kept.scene.clock.now(),
        };
        let noted = kept.scene.store.note_heard(&heard);
        kept.scene.clock.block_on(noted).unwrap();
    };
    let untold = || swept(&kept.run(), "zoho").untold;
    kept.scene.clock.advance(QUARTER);
    let edit = |module: &str, id: &str| {
        kept.org("zoho").edit(module, id, false);
    };
    edit("Deals", "21");
    kept.scene.clock.advance(Duration::from_secs(900));
    assert_eq!(untold(), 0, "of this module nobody ever told");
    hear("Deals");
    edit("Deals", "22");
    kept.scene.clock.advance(Duration::from_secs(300));
    assert_eq!(
        untold(),
        0,
        "there is time yet, and it may have been what was heard"
    );
    kept.scene.clock.advance(Duration::from_secs(300));
    edit("Deals", "23");
    kept.scene.clock.advance(Duration::from_secs(660));
    assert_eq!(untold(), 1);
    hear("Deals");
    assert_eq!(untold(), 0);
    // What is deleted is not told by every way.
    kept.scene.clock.advance(Duration::from_secs(300));
    kept.org("zoho").edit("Deals", "24", true);
    kept.scene.clock.advance(Duration::from_secs(900));
    assert_eq!(untold(), 0);
}

#[test]
fn deletions_are_read_where_they_have_a_list_of_modules_that_somebody_waits_for() {
    let mut kept = Kept::new();
    kept.run();
    assert_eq!(kept.org("zoho").lists.take(), ["Accounts", "Deals"]);
    let events = &mut kept
        .scene
        .config
        .targets
        .get_mut(&target("zoho"))
        .unwrap()
        .events;
    events.watch = vec!["Deals".to_owned()];
    kept.scene.clock.advance(QUARTER);
    kept.run();
    assert_eq!(
        kept.org("zoho").lists.take(),
        ["Deals"],
        "Accounts are not in sync.toml any more"
    );
    // Salesforce has them among its changes: a run writes each place once.
    let place = kept.sweep("salesforce", "Account");
    kept.scene.clock.advance(QUARTER);
    kept.run();
    assert_eq!(kept.org("salesforce").lists.take(), [""; 0]);
    let next = kept.sweep("salesforce", "Account");
    assert_eq!((next.rev, next.deleted_until), (place.rev + 1, None));
}

#[test]
fn where_deletions_have_no_list_what_was_lost_is_read_with_the_changes() {
    let kept = Kept::new();
    kept.run();
    let salesforce = target("salesforce");
    // As it was stored while such a place was still kept.
    let mut place = kept.sweep("salesforce", "Account");
    place.deleted_until = Some(place.read_until);
    let now = kept.scene.clock.now();
    let lost = Resync {
        target: salesforce.clone(),
        module: "Account".to_owned(),
        since: now,
        reason: "an overflow".to_owned(),
        times: 0,
    };
    let store = &kept.scene.store;
    kept.scene.clock.block_on(async {
        assert!(store.put_sweep(&place).await.unwrap());
        store.note_resync(&lost).await.unwrap();
    });
    kept.scene.clock.advance(QUARTER);
    kept.run();
    let left = kept.scene.clock.block_on(store.resyncs(&salesforce));
    assert_eq!(left.unwrap(), []);
}

#[test]
fn a_module_whose_reading_fails_holds_no_other_up() {
    let kept = Kept::new();
    kept.run();
    kept.scene.clock.advance(HOUR);
    kept.org("zoho-eu").edit("Deals", "31", false);
    *kept.org("zoho").fault.borrow_mut() = Some(outage());
    let run = kept.run();
    assert_eq!(swept(&run, "zoho").faults.len(), 2);
    assert_eq!(swept(&run, "zoho-eu").queued, 1);
    assert_eq!(kept.scene.records(), ["31"]);
}

#[test]
fn a_crm_that_lets_nobody_in_from_the_first_run_on_is_read_from_there_days_later() {
    let kept = Kept::new();
    *kept.org("zoho").fault.borrow_mut() = Some(outage());
    kept.run();
    kept.scene.clock.advance(Duration::from_secs(60));
    kept.org("zoho").edit("Deals", "41", false);
    for _ in 0..3 * 24 {
        kept.scene.clock.advance(HOUR);
        kept.run();
    }
    assert_eq!(kept.scene.records(), Vec::<String>::new());
    *kept.org("zoho").fault.borrow_mut() = None;
    kept.run();
    assert_eq!(kept.scene.records(), ["41"]);
}
