//! What goes wrong at the simulated Sage 100's doors.

use counterpart_domain::{Fault, Value};
use serde_json::json;

use crate::world::{WAYS, World, context, customer, fields, line, sale};

const ONE: &str = "CP-0123456789AB";

fn brief(fault: &Fault) -> String {
    format!("{:?} {}", fault.class, fault.code)
}

#[tokio::test]
async fn a_locked_record_is_told_from_a_refused_one() {
    for name in WAYS {
        let world = World::start(name).await;
        world
            .faults(json!({"locks": [{"entity": "customers", "key": "01-ABF", "times": 1}]}))
            .await;
        let city = fields([("City", Value::text("Racine"))]);
        let fault = world
            .update_record(&customer(), &city, context("one"))
            .await
            .unwrap_err();
        assert_eq!(brief(&fault), "Transient E_SAGE_LOCKED", "{name}: {fault}");
        world
            .update_record(&customer(), &city, context("one"))
            .await
            .unwrap();

        world.faults(json!({"refuse": [{"column": "ShipVia", "message": "The Ship Via is not on file."}]})).await;
        let number = world.next_order().await.unwrap();
        let mut order = sale(ONE, vec![line("6655", "1", None)]);
        order.header.insert("ShipVia".into(), Value::text("PIGEON"));
        let fault = world
            .create(&number, &order, context("two"))
            .await
            .unwrap_err();
        assert_eq!(brief(&fault), "Data E_SAGE_REFUSED", "{name}: {fault}");
        assert!(fault.message.contains("ShipVia"), "{name}: {fault}");
        let unknown = sale(ONE, vec![line("NO-SUCH-ITEM", "1", None)]);
        let fault = world
            .create(&number, &unknown, context("three"))
            .await
            .unwrap_err();
        assert_eq!(brief(&fault), "Data E_SAGE_REFUSED", "{name}: {fault}");
        assert!(fault.message.contains("ItemCode"), "{name}: {fault}");
        let mut long = sale(ONE, vec![line("6655", "1", None)]);
        long.header
            .insert("CustomerPONo".into(), Value::text("x".repeat(31)));
        let fault = world
            .create(&number, &long, context("four"))
            .await
            .unwrap_err();
        assert_eq!(brief(&fault), "Data E_SAGE_TOO_LONG", "{name}: {fault}");
        assert!(world.by_number(&number).await.is_empty(), "{name}");
    }
}

#[tokio::test]
async fn done_and_the_answer_lost_is_unknown_and_a_look_finds_it() {
    for name in WAYS {
        let world = World::start(name).await;
        let number = world.next_order().await.unwrap();
        let order = sale(ONE, vec![line("6655", "1", None)]);
        world.lose_answer("orders.create", "CreateSalesOrder").await;
        let fault = world
            .create(&number, &order, context("one"))
            .await
            .unwrap_err();
        assert_eq!(
            brief(&fault),
            "Ambiguous E_SAGE_OUTCOME_UNKNOWN",
            "{name}: {fault}"
        );
        assert_eq!(
            world.by_reference(&order.reference).await.len(),
            1,
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_mark_that_was_dropped_is_seen_by_reading() {
    for name in WAYS {
        let world = World::start(name).await;
        world
            .faults(json!({"drop": [{"column": "UDF_CRM_REFERENCE", "times": 1}]}))
            .await;
        let number = world.next_order().await.unwrap();
        let order = sale(ONE, vec![line("6655", "1", None)]);
        world.create(&number, &order, context("one")).await.unwrap();
        assert_eq!(world.by_number(&number).await[0].reference, "", "{name}");
        assert!(
            world.by_reference(&order.reference).await.is_empty(),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_page_in_the_place_of_an_answer_proves_nothing_of_a_write() {
    for name in WAYS {
        let world = World::start(name).await;
        let number = world.next_order().await.unwrap();
        world.faults(json!({"rules": [{"operation": "*", "status": 503, "body": "<html>Service Unavailable</html>"}]})).await;
        let order = sale(ONE, vec![line("6655", "1", None)]);
        let fault = world
            .create(&number, &order, context("one"))
            .await
            .unwrap_err();
        assert_eq!(
            (fault.class, &*fault.code),
            (counterpart_domain::Class::Ambiguous, "E_SAGE_NO_VERDICT"),
            "{name}: {fault}"
        );
        // A number is all that is at stake.
        let fault = world.next_order().await.unwrap_err();
        assert_eq!(
            fault.class,
            counterpart_domain::Class::Transient,
            "{name}: {fault}"
        );
    }
}
