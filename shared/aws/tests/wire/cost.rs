//! What the usual work costs, counted over a real engine.

use std::sync::Arc;

use counterpart_aws::UsageCounts;
use counterpart_delivery::ports::{Ledger as _, Links as _};
use counterpart_delivery::{Link, LinkWrite, Outcome, OutcomeItem};
use counterpart_domain::reconcile::{BaseField, Known};
use counterpart_domain::{Entity, Record};

use super::{key, link, run, zoho};

/// A customer as the demo company has them, with a shadow of the fields that are usually mapped.
fn full_customer() -> Link {
    let columns = [
        ("ARDivisionNo", "01"),
        ("CustomerNo", "ABF"),
        ("CustomerName", "American Business Futures"),
        ("AddressLine1", "2131 N. 14th Street"),
        ("AddressLine2", "Suite 100"),
        ("AddressLine3", "Accounting Department"),
        ("City", "Milwaukee"),
        ("State", "WI"),
        ("ZipCode", "53205-1204"),
        ("CountryCode", "USA"),
        ("TelephoneNo", "(414) 555-4787"),
        ("FaxNo", "(414) 555-4788"),
        ("EmailAddress", "artie@abf.example.com"),
        ("URLAddress", "www.abf.example.com"),
        ("ContactCode", "ARTIE JOHN"),
        ("ShipMethod", "UPS BLUE"),
        ("TaxSchedule", "WI"),
        ("TermsCode", "01"),
        ("SalespersonDivisionNo", "01"),
        ("SalespersonNo", "0100"),
        ("SortField", "AMERICAN B"),
        ("CustomerStatus", "A"),
        ("CreditHold", "N"),
        ("CreditLimit", "120000.00"),
        ("CurrentBalance", "37841.90"),
        ("OpenOrderAmt", "9211.55"),
        ("DateEstablished", "19980521"),
        ("UDF_REGION", "MIDWEST"),
    ];
    let columns = columns.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let record = Record::from_columns(&key("01-ABF"), &columns.into()).unwrap();
    let mapped = Entity::CUSTOMER.columns().iter().skip(2).take(20);
    let shadow = mapped.filter_map(|column| {
        let value = record.get(column.name).filter(|value| !value.is_blank())?;
        let base = BaseField {
            sage: Known::Read(value.clone()),
            crm: Known::Written(value),
            reverted: None,
        };
        Some((format!("Billing_{}", column.name), base))
    });
    Link {
        shadow: shadow.collect(),
        rep: record.rep(&key("01-ABF").company, "SalespersonNo"),
        record: Some(record),
        ..link("01-ABF")
    }
}

#[test]
fn a_full_customer_is_updated_for_one_unit() {
    run(async {
        let (store, usage) = super::support::empty_store().await;
        let customer = full_customer();
        store
            .put_link(&write(customer.clone(), true))
            .await
            .unwrap();
        usage.take();
        let update = write(Link { rev: 1, ..customer }, false);
        store.put_link(&update).await.unwrap();
        let counts = usage.take();
        assert_eq!(
            (counts.dynamodb_requests, counts.dynamodb_write_units),
            (1, 1.0)
        );
    });
}

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
fn outcomes_cost_by_the_pack() {
    run(async {
        let (store, usage) = super::support::empty_store().await;
        let outcome = |n: usize| OutcomeItem {
            run: "r1".to_owned(),
            target: zoho(),
            key: key(&format!("01-C{n}")),
            outcome: Outcome::Created,
            code: None,
            changes: Vec::new(),
            notes: Vec::new(),
            mapping_version: counterpart_domain::digest_of(["m"]),
            attempts: 1,
            at: jiff::Timestamp::UNIX_EPOCH,
        };
        let outcomes: Vec<_> = (0..200).map(outcome).collect();
        let usage = Arc::clone(&usage);
        store.put_outcomes(&outcomes).await.unwrap();
        let counts = usage.take();
        assert_eq!(counts.dynamodb_requests, 1);
        // An item for the run and eight for the histories, at twice the units in a transaction.
        assert!(counts.dynamodb_write_units <= 44.0, "{counts:?}");
    });
}
