//! Customers and contacts, on every variant.

use std::sync::atomic::Ordering;

use counterpart_delivery::ports::SageWrite as _;
use counterpart_domain::{Class, Entity, Value};

use crate::service::{Taken, object};
use crate::support::{Running, below, context, customer, fields, key};
use crate::variant::Variant;

#[tokio::test]
async fn a_customer_goes_round_and_nothing_of_it_is_lost() {
    for variant in Variant::all() {
        let running = Running::start(variant).await;
        let client = &running.client;
        let columns = fields([
            (
                "CustomerName",
                Value::text("American <Business> & \"Futures\"\r\nÑ"),
            ),
            ("SalespersonDivisionNo", Value::text("01")),
            ("SalespersonNo", Value::text("0100")),
            ("CreditLimit", Value::Number("120000.50".parse().unwrap())),
            (
                "DateEstablished",
                Value::Date("2019-01-01".parse().unwrap()),
            ),
            ("AddressLine3", Value::text("Accounting")),
            ("UDF_REGION", Value::text("MIDWEST")),
            ("UDF_KEEP", Value::text("stays")),
        ]);
        client
            .create_record(&customer(), &columns, context())
            .await
            .unwrap();
        let changes = fields([
            ("City", Value::text("Milwaukee")),
            ("AddressLine3", Value::Blank),
            ("DateEstablished", Value::Blank),
            ("UDF_REGION", Value::text("WEST")),
        ]);
        client
            .update_record(&customer(), &changes, context())
            .await
            .unwrap();
        running.nothing_dropped();
        let whole = running.state(|state| state.objects["customer 01-ABF"].clone());
        assert_eq!(
            whole.get("CustomerName"),
            "American <Business> & \"Futures\"\r\nÑ"
        );
        assert_eq!(whole.get("CreditLimit"), "120000.5");
        assert_eq!(
            (whole.get("City"), whole.get("AddressLine3")),
            ("Milwaukee", "")
        );
        assert_eq!(
            (whole.other("UDF_REGION"), whole.other("UDF_KEEP")),
            ("WEST".into(), "stays".into())
        );
        let established = whole.find("DateEstablished").unwrap();
        // A dateTime is blanked with the service's own value, a date without a time with none at all.
        assert!(
            established.nil || established.text == "1753-01-01T00:00:00",
            "{established:?}"
        );
        let calls = running.state(|state| state.calls.clone());
        assert_eq!(
            calls
                .iter()
                .filter(|call| *call == "UpdateCustomer")
                .count(),
            1
        );
    }
}

#[tokio::test]
async fn a_contact_is_created_and_changed() {
    for variant in Variant::all() {
        let running = Running::start(variant).await;
        let of = customer();
        let contact = key(Entity::CONTACT, "01-ABF/A/P DEPT");
        let columns = fields([("ContactName", Value::text("Artie Johnson"))]);
        running
            .client
            .create_record(&contact, &columns, below(&of))
            .await
            .unwrap();
        let changes = fields([("TelephoneNo1", Value::text("(714) 555-7823"))]);
        running
            .client
            .update_record(&contact, &changes, below(&of))
            .await
            .unwrap();
        running.nothing_dropped();
        let whole = running.state(|state| state.objects["contact 01-ABF/A/P DEPT"].clone());
        assert_eq!(
            (whole.get("ContactName"), whole.get("TelephoneNo1")),
            ("Artie Johnson", "(714) 555-7823")
        );
        assert_eq!(
            (
                whole.get("ARDivisionNo"),
                whole.get("CustomerNo"),
                whole.get("ContactCode")
            ),
            ("01", "ABF", "A/P DEPT")
        );
    }
}

#[tokio::test]
async fn what_the_service_gives_and_the_description_does_not_know_is_given_back_in_its_place() {
    let running = Running::start(Variant::named("split")).await;
    running
        .client
        .create_record(
            &customer(),
            &fields([("CustomerName", Value::text("A"))]),
            context(),
        )
        .await
        .unwrap();
    running.service.newer.store(true, Ordering::Relaxed);
    running
        .client
        .update_record(
            &customer(),
            &fields([("City", Value::text("B"))]),
            context(),
        )
        .await
        .unwrap();
    let sent = running.state(|state| state.last_request.clone());
    let (name, new, next) = (
        sent.find(":CustomerName>").unwrap(),
        sent.find(":CustomerNewThing>kept &amp; sound<").unwrap(),
        sent.find(":CustomerNo>").unwrap(),
    );
    assert!(name < new && new < next, "{sent}");
}

#[tokio::test]
async fn other_fields_keep_the_names_that_the_service_gives_them() {
    let running = Running::start(Variant::named("split")).await;
    let mut whole = object([
        ("ARDivisionNo", "01"),
        ("CustomerName", "A"),
        ("CustomerNo", "ABF"),
    ]);
    let field = Taken {
        name: "Field".into(),
        ..object([("MasFieldName", "UDF_REGION$"), ("Value", "MIDWEST")])
    };
    whole.children.push(Taken {
        name: "OtherFields".into(),
        children: vec![field],
        ..Taken::default()
    });
    running.state(|state| state.objects.insert("customer 01-ABF".into(), whole));
    running
        .client
        .update_record(
            &customer(),
            &fields([("UDF_REGION", Value::text("WEST"))]),
            context(),
        )
        .await
        .unwrap();
    running.nothing_dropped();
    let whole = running.state(|state| state.objects["customer 01-ABF"].clone());
    let other = whole.find("OtherFields").unwrap();
    assert_eq!(other.children.len(), 1);
    assert_eq!(
        (other.get("1/MasFieldName"), other.get("1/Value")),
        ("UDF_REGION$", "WEST")
    );
}

#[tokio::test]
async fn columns_that_cannot_be_written_are_refused_before_anything_is_sent() {
    let running = Running::start(Variant::named("split")).await;
    for (column, value) in [
        ("CustomerName", Value::text("a\u{1}b")),
        ("CreditLimit", Value::text("lots")),
        ("DateTimeUpdated", Value::text("20261122")),
    ] {
        let fault = running
            .client
            .create_record(&customer(), &fields([(column, value)]), context())
            .await
            .unwrap_err();
        assert_eq!((fault.class, &*fault.code), (Class::Data, "E_SAGE_REFUSED"));
        assert!(fault.message.contains(column), "{fault}");
    }
    let fault = running
        .client
        .create_record(
            &customer(),
            &fields([("CustomerNo", Value::text("X"))]),
            context(),
        )
        .await
        .unwrap_err();
    assert_eq!(fault.class, Class::Bug);
    assert_eq!(
        running.state(|state| state.calls.clone()),
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn a_record_that_is_not_there_is_not_written() {
    let running = Running::start(Variant::named("single")).await;
    let fault = running
        .client
        .update_record(
            &customer(),
            &fields([("City", Value::text("B"))]),
            context(),
        )
        .await
        .unwrap_err();
    assert_eq!(
        (fault.class, &*fault.code),
        (Class::Data, "E_SAGE_NOT_FOUND")
    );
    assert_eq!(running.state(|state| state.calls.clone()), ["GetCustomer"]);
}
