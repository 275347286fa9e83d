//! Orders.

use counterpart_domain::Class;
use counterpart_domain::sale::{OrderFile, SalesOrder};
use serde_json::json;

use crate::world::{WAYS, World, context, customer, line, sale};

const ONE: &str = "CP-0123456789AB";
const TWO: &str = "CP-0123456789AC";

fn lines(order: &SalesOrder) -> Vec<[String; 4]> {
    order
        .lines
        .iter()
        .map(|line| {
            [
                line.key.clone(),
                line.item.clone(),
                line.quantity.normalize().to_string(),
                line.unit_price.normalize().to_string(),
            ]
        })
        .collect()
}

#[tokio::test]
async fn an_order_is_created_found_changed_invoiced_and_cancelled_by_every_way() {
    for name in WAYS {
        let world = World::start(name).await;
        let number = world.next_order().await.unwrap();
        assert_ne!(number, world.next_order().await.unwrap());
        assert!(world.by_number(&number).await.is_empty());
        let order = sale(
            ONE,
            vec![
                line("1001-HON-H252", "2", None),
                line("6655", "3", Some("131.25")),
            ],
        );
        world
            .create(&number, &order, context("create"))
            .await
            .unwrap();

        let found = world.by_number(&number).await;
        assert_eq!(found, world.by_reference(&order.reference).await);
        let [one] = found.as_slice() else {
            panic!("{name}: {found:?}")
        };
        assert_eq!(
            (one.file, &one.customer, one.reference.as_str()),
            (OrderFile::Open, &customer(), ONE)
        );
        assert_eq!(one.order_date, Some("2026-11-22".parse().unwrap()));
        let seen = lines(one);
        assert_eq!(
            [seen[0][1].as_str(), seen[0][2].as_str()],
            ["1001-HON-H252", "2"],
            "{name}"
        );
        assert_eq!(
            [
                seen[1][1].as_str(),
                seen[1][2].as_str(),
                seen[1][3].as_str()
            ],
            ["6655", "3", "131.25"]
        );
        let sum: rust_decimal::Decimal = one.lines.iter().map(|line| line.extension).sum();
        assert_eq!(one.taxable + one.non_taxable, sum, "{name}");

        // The first line changes and keeps its key, the second goes, another comes.
        let changed = sale(
            ONE,
            vec![
                line("8983", "1", Some("41.59")),
                line("1001-HON-H252", "4", None),
            ],
        );
        world
            .update(&number, &changed, context("update"))
            .await
            .unwrap();
        let after = world.by_number(&number).await.remove(0);
        let now = lines(&after);
        assert_eq!(now.len(), 2, "{name}: {now:?}");
        assert_eq!(
            now[0][..3],
            [seen[0][0].clone(), "1001-HON-H252".into(), "4".into()],
            "{name}"
        );
        assert_eq!([now[1][1].as_str(), now[1][3].as_str()], ["8983", "41.59"]);
        assert_eq!(after.reference, ONE);

        world
            .door(
                "edit",
                json!({"entity": "sales_orders", "action": "invoice", "key": number}),
            )
            .await;
        let invoiced = world.by_number(&number).await.remove(0);
        assert_eq!(
            (invoiced.file, invoiced.reference.as_str()),
            (OrderFile::History, ONE),
            "{name}"
        );
        assert!(!invoiced.invoice.is_empty());
        let fault = world
            .update(
                &number,
                &sale(ONE, vec![line("8983", "2", None)]),
                context("late"),
            )
            .await
            .unwrap_err();
        assert_eq!(
            (fault.class, &*fault.code),
            (Class::Data, "E_SAGE_NOT_FOUND"),
            "{name}: {fault}"
        );

        let second = world.next_order().await.unwrap();
        world
            .create(
                &second,
                &sale(TWO, vec![line("6655", "1", None)]),
                context("second"),
            )
            .await
            .unwrap();
        world.cancel(&second, context("cancel")).await.unwrap();
        assert!(
            world
                .by_number(&second)
                .await
                .iter()
                .all(|order| order.file == OrderFile::History),
            "{name}"
        );
        let fault = world
            .cancel(&second, context("cancel-again"))
            .await
            .unwrap_err();
        assert_eq!(
            (fault.class, &*fault.code),
            (Class::Data, "E_SAGE_NOT_FOUND"),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_number_that_is_in_use_is_said_to_be() {
    for name in WAYS {
        let world = World::start(name).await;
        let number = world.next_order().await.unwrap();
        let order = sale(ONE, vec![line("6655", "1", None)]);
        world.create(&number, &order, context("one")).await.unwrap();
        let fault = world
            .create(
                &number,
                &sale(TWO, vec![line("6655", "1", None)]),
                context("two"),
            )
            .await
            .unwrap_err();
        assert_eq!(
            (fault.class, &*fault.code),
            (Class::Data, "E_SAGE_ALREADY_EXISTS"),
            "{name}: {fault}"
        );
        assert_eq!(world.by_number(&number).await[0].reference, ONE);
    }
}

#[tokio::test]
async fn the_agent_answers_a_repeated_key_as_it_did_and_refuses_another_body_under_it() {
    let world = World::start("agent").await;
    let number = world.next_order().await.unwrap();
    let order = sale(ONE, vec![line("6655", "1", None)]);
    for _ in 0..3 {
        world.create(&number, &order, context("key")).await.unwrap();
    }
    let other = sale(ONE, vec![line("6655", "2", None)]);
    let fault = world
        .create(&number, &other, context("key"))
        .await
        .unwrap_err();
    assert_eq!(
        (fault.class, &*fault.code),
        (Class::Data, "E_SAGE_KEY_REUSED")
    );
    assert_eq!(lines(&world.by_number(&number).await[0])[0][2], "1");
}
