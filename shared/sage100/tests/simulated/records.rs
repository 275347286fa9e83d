//! Customers and contacts.

use counterpart_delivery::ports::{Sage as _, SageOrders as _};
use counterpart_domain::{Entity, Record, SageKey, Value};

use crate::world::{WAYS, World, abc, below, context, customer, fields, key};

async fn read(world: &World, key: &SageKey) -> Record {
    let mut answer = world
        .agent
        .records(std::slice::from_ref(key))
        .await
        .unwrap();
    answer.records.remove(0).record.unwrap()
}

#[tokio::test]
async fn a_customer_and_a_contact_are_created_and_changed_by_every_way() {
    for name in WAYS {
        let world = World::start(name).await;
        let number = world.next_customer().await.unwrap();
        let new = key(Entity::CUSTOMER, &format!("01-{number}"));
        let columns = fields([
            ("CustomerName", Value::text("Northwind & Sons")),
            ("SalespersonDivisionNo", Value::text("01")),
            ("SalespersonNo", Value::text("0100")),
            ("AddressLine3", Value::text("Third floor")),
            ("CreditLimit", Value::Number("1500.5".parse().unwrap())),
        ]);
        world
            .create_record(&new, &columns, context("create"))
            .await
            .unwrap();
        let is = |record: &Record, column: &str, value: Value| {
            assert_eq!(record.get(column), Some(value), "{name} {column}")
        };
        let created = read(&world, &new).await;
        is(&created, "CustomerName", Value::text("Northwind & Sons"));
        is(&created, "SalespersonNo", Value::text("0100"));

        let changes = fields([
            ("AddressLine3", Value::Blank),
            ("City", Value::text("Racine")),
        ]);
        world
            .update_record(&new, &changes, context("update"))
            .await
            .unwrap();
        let changed = read(&world, &new).await;
        is(&changed, "AddressLine3", Value::Blank);
        is(&changed, "City", Value::text("Racine"));
        is(&changed, "CustomerName", Value::text("Northwind & Sons"));
        is(
            &changed,
            "CreditLimit",
            Value::Number("1500.50".parse().unwrap()),
        );

        // Codes may hold what stands between the parts of a key.
        let customer = key(Entity::CUSTOMER, &format!("01-{number}"));
        let person = key(Entity::CONTACT, &format!("01-{number}/A/P DEPT"));
        world
            .create_record(
                &person,
                &fields([("ContactName", Value::text("Ann"))]),
                below("contact", &customer),
            )
            .await
            .unwrap();
        world
            .update_record(
                &person,
                &fields([("TelephoneNo1", Value::text("555-0100"))]),
                below("phone", &customer),
            )
            .await
            .unwrap();
        let person = read(&world, &person).await;
        is(&person, "ContactName", Value::text("Ann"));
        is(&person, "TelephoneNo1", Value::text("555-0100"));
    }
}

#[tokio::test]
async fn nothing_else_of_a_customer_changes_when_one_column_does() {
    for name in WAYS {
        let world = World::start(name).await;
        let before = serde_json::to_value(read(&world, &customer()).await).unwrap();
        world
            .update_record(
                &customer(),
                &fields([("City", Value::text("Racine"))]),
                context("city"),
            )
            .await
            .unwrap();
        let mut after = serde_json::to_value(read(&world, &customer()).await).unwrap();
        assert_eq!(after["customer"]["City"], "Racine");
        after["customer"]["City"] = before["customer"]["City"].clone();
        assert_eq!(after, before, "{name}");
    }
}

#[tokio::test]
async fn items_stock_credit_and_prices_are_told_by_the_agent() {
    let world = World::start("agent").await;
    let codes = ["1001-HON-H252", "NO-SUCH-ITEM"].map(str::to_owned);
    let items = world.agent.items(&abc(), &codes).await.unwrap();
    assert_eq!(items[0].as_ref().unwrap().code, codes[0]);
    assert!(items[1].is_none());
    let stock = world.agent.stock(&abc(), &codes[..1]).await.unwrap();
    assert!(!stock.value.is_empty());
    let credit = world.agent.credit(&customer()).await.unwrap().unwrap();
    assert_eq!(credit.remaining, "95123.24".parse().unwrap());
    assert!(
        world
            .agent
            .credit(&key(Entity::CUSTOMER, "01-NOBODY"))
            .await
            .unwrap()
            .is_none()
    );
    let price = world
        .agent
        .price(&customer(), &codes[0], "2".parse().unwrap())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(price.item, codes[0]);
    assert!(
        world
            .agent
            .price(&customer(), &codes[1], "1".parse().unwrap())
            .await
            .unwrap()
            .is_none()
    );
}
