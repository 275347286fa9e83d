//! What the usual work costs, counted over a real engine.

use std::sync::Arc;

use counterpart_aws::UsageCounts;
use counterpart_delivery::ports::{Ledger as _, Links as _};
use counterpart_delivery::{Link, LinkWrite, Outcome, OutcomeItem};

use super::{key, link, run, zoho};

fn write(link: Link, write_reverse: bool) -> LinkWrite {
    LinkWrite {
        link,
        previous_crm_id: None,
        write_reverse,
    }
}

#[test]
fn an_update_is_one_write_and_a_creation_one_transaction() {
    run(async {
        let (store, usage) = super::support::empty_store().await;
        let created = link("01-ABF");
        store.put_link(&write(created.clone(), true)).await.unwrap();
        let creation = usage.take();
        // Two items of less than 1 KB, twice the units in a transaction.
        assert_eq!(
            (creation.dynamodb_requests, creation.dynamodb_write_units),
            (1, 4.0)
        );
        let updated = Link { rev: 1, ..created };
        store.put_link(&write(updated, false)).await.unwrap();
        let update = usage.take();
        assert_eq!(
            (update.dynamodb_requests, update.dynamodb_write_units),
            (1, 1.0)
        );
    });
}

#[test]
fn links_are_read_a_hundred_at_a_time() {
    run(async {
        let (store, usage) = super::support::empty_store().await;
        let keys: Vec<_> = (0..201).map(|n| key(&format!("01-C{n}"))).collect();
        store.put_link(&write(link("01-C0"), false)).await.unwrap();
        usage.take();
        store.links(&zoho(), &keys).await.unwrap();
        let UsageCounts {
            dynamodb_requests,
            dynamodb_read_units,
            dynamodb_write_units,
            ..
        } = usage.take();
        assert_eq!((dynamodb_requests, dynamodb_write_units), (3, 0.0));
        // One unit each, whether it is there or not.
        assert_eq!(dynamodb_read_units, 201.0);
    });
}

#[test]
fn an_outcome_is_one_write_and_its_copy_in_the_index() {
    run(async {
        let (store, usage) = super::support::empty_store().await;
        let outcome = |n: usize| OutcomeItem {
            run: "r1".to_owned(),
            target: zoho(),
            key: key(&format!("01-C{n}")),
            outcome: Outcome::Created,
            code: None,
            changes: Vec::new(),
            mapping_version: counterpart_domain::digest_of(["m"]),
            attempts: 1,
            at: jiff::Timestamp::UNIX_EPOCH,
        };
        let outcomes: Vec<_> = (0..50).map(outcome).collect();
        let usage = Arc::clone(&usage);
        store.put_outcomes(&outcomes).await.unwrap();
        let counts = usage.take();
        assert_eq!(
            (counts.dynamodb_requests, counts.dynamodb_write_units),
            (50, 100.0)
        );
    });
}
