//! Orders, on every variant.

use counterpart_delivery::ports::SageWrite as _;
use counterpart_domain::sale::{LineChange, OrderChange, SaleOrder};
use counterpart_domain::{Class, Entity, Value};
use counterpart_sage100::soap::SoapClient;

use crate::service::Taken;
use crate::support::{Running, abc, context, customer, key, line, sale};
use crate::variant::Variant;

/// The lines of an order as the service holds them: key, item, quantity, price.
fn lines(order: &Taken) -> Vec<[String; 4]> {
    order
        .children
        .iter()
        .filter(|child| child.name == "Lines")
        .flat_map(|list| {
            if list
                .children
                .iter()
                .all(|child| child.name == "SalesOrderLine")
            {
                list.children.iter().collect()
            } else {
                vec![list]
            }
        })
        .map(|line| {
            ["LineKey", "ItemCode", "QuantityOrdered", "UnitPrice"]
                .map(|name| line.get(name).to_owned())
        })
        .collect()
}

/// A change by which each line of the sale takes the first one of its item, and lines that nothing took go. Parts of a kit
/// are not named.
fn change(order: &SaleOrder, there: &Taken) -> OrderChange {
    let parts: Vec<&str> = vec!["000003"];
    let mut left: Vec<[String; 4]> = lines(there);
    left.retain(|line| !(line[1] == "PART" && parts.contains(&line[0].as_str())));
    let mut change = OrderChange {
        company: order.company.clone(),
        reference: order.reference.clone(),
        header: order.header.clone(),
        lines: Vec::new(),
        removed: Vec::new(),
    };
    for line in &order.lines {
        let place = left.iter().position(|held| held[1] == line.item);
        let held = place.map(|place| left.remove(place));
        change.lines.push(LineChange {
            key: held.map(|held| held[0].clone()),
            item: line.item.clone(),
            columns: line.named(),
            seen: None,
        });
    }
    let gone = left.into_iter().map(|[key, item, ..]| (key, item));
    change.removed = gone.collect();
    change
}

fn held(running: &Running) -> Taken {
    running.state(|state| state.objects["order 0000341"].clone())
}

#[tokio::test]
async fn a_line_is_the_one_that_was_seen_however_its_item_is_spelt() {
    let running = Running::start(Variant::all().next().unwrap()).await;
    let client = &running.client;
    let number = client.next_order_number(&abc()).await.unwrap();
    let order = sale(vec![line("1001-HON-H252", "2", Some("84"))]);
    client
        .create_order(&number, &customer(), &order, context())
        .await
        .unwrap();
    let mut change = change(
        &sale(vec![line("1001-HON-H252", "3", Some("84"))]),
        &held(&running),
    );
    for line in &mut change.lines {
        line.item = " 1001-hon-h252".to_owned();
        line.seen = Some((2.into(), 84.into()));
    }
    client
        .update_order(&number, &customer(), &change, context())
        .await
        .unwrap();
    let item = ["000001", "1001-HON-H252", "3", "84"];
    assert_eq!(lines(&held(&running)), [item]);
}

#[tokio::test]
async fn an_order_goes_round_on_every_variant() {
    for variant in Variant::all() {
        let running = Running::start(variant).await;
        let client = &running.client;
        let number = client.next_order_number(&abc()).await.unwrap();
        assert_eq!(number, "0000341");
        let order = sale(vec![
            line("1001-HON-H252", "2", None),
            line("6655", "3.5", Some("131.250")),
        ]);
        client
            .create_order(&number, &customer(), &order, context())
            .await
            .unwrap();
        running.nothing_dropped();
        insta::assert_snapshot!(
            format!("create_order_{}", running.service.variant.name),
            pretty(&running.state(|state| state.last_request.clone()))
        );
        let one = held(&running);
        assert_eq!(one.get("Comment"), "Call \"first\" & <ring>");
        assert_eq!(
            (one.other("UDF_CRM_REFERENCE"), one.other("UDF_PROMO")),
            ("CP-0123456789AB".into(), "AUTUMN".into())
        );
        assert!(one.get("OrderDate").starts_with("2026-11-22"));
        let none = "(none)";
        assert_eq!(
            lines(&one),
            [
                ["000001", "1001-HON-H252", "2", none],
                ["000002", "6655", "3.5", "131.25"]
            ]
        );

        // The first line stays, the second goes, another comes.
        let mut order = sale(vec![
            line("8983", "1", Some("41.59")),
            line("1001-HON-H252", "4", None),
        ]);
        order.header.insert("Comment".into(), Value::Blank);
        let order = change(&order, &held(&running));
        client
            .update_order(&number, &customer(), &order, context())
            .await
            .unwrap();
        running.nothing_dropped();
        let two = held(&running);
        assert_eq!(
            lines(&two),
            [
                ["000001", "1001-HON-H252", "4", none],
                ["000002", "8983", "1", "41.59"]
            ]
        );
        assert_eq!(
            (two.get("Comment"), two.other("UDF_PROMO").as_str()),
            ("", "AUTUMN")
        );

        client
            .cancel_order(&abc(), &number, context())
            .await
            .unwrap();
        let fault = client
            .cancel_order(&abc(), &number, context())
            .await
            .unwrap_err();
        assert_eq!(
            (fault.class, &*fault.code),
            (Class::Data, "E_SAGE_NOT_FOUND")
        );
        let fault = client
            .update_order(&number, &customer(), &order, context())
            .await
            .unwrap_err();
        assert_eq!(fault.code, "E_SAGE_NOT_FOUND");
        running.nothing_dropped();
    }
}

#[tokio::test]
async fn everything_of_an_order_that_the_sale_does_not_name_stays() {
    let running = Running::start(Variant::named("split")).await;
    running
        .client
        .create_order(
            "0000341",
            &customer(),
            &sale(vec![line("KIT", "1", None), line("6655", "2", Some("5"))]),
            context(),
        )
        .await
        .unwrap();
    running.state(|state| {
        let order = state.objects.get_mut("order 0000341").unwrap();
        let text = |name: &str, text: &str| Taken {
            name: name.into(),
            text: text.into(),
            ..Taken::default()
        };
        let payment = Taken {
            name: "SalesOrderPayment".into(),
            children: vec![
                text("CreditCardGUID", "4711-GUID"),
                text("PaymentSeqNo", "1"),
            ],
            ..Taken::default()
        };
        order.children.push(Taken {
            name: "Payments".into(),
            children: vec![payment],
            ..Taken::default()
        });
        order.children.push(text("ShipVia", "UPS BLUE"));
        let lines = order
            .children
            .iter_mut()
            .find(|child| child.name == "Lines")
            .unwrap();
        // A kit's line may name itself.
        let kit = lines.children.first_mut().unwrap();
        kit.children.retain(|child| child.name != "SalesKitLineKey");
        kit.children.push(text("SalesKitLineKey", "000001"));
        // What the kit brought with it, and a line that has the same item as the kit's part.
        for (key, item, kit) in [("000003", "PART", "000001"), ("000004", "PART", "000000")] {
            lines.children.push(Taken {
                name: "SalesOrderLine".into(),
                children: vec![
                    text("LineKey", key),
                    text("ItemCode", item),
                    text("SalesKitLineKey", kit),
                    text("QuantityOrdered", "1"),
                ],
                ..Taken::default()
            });
        }
    });
    running
        .client
        .update_order(
            "0000341",
            &customer(),
            &change(
                &sale(vec![
                    line("KIT", "1", None),
                    line("6655", "2.000", Some("5.00")),
                    line("PART", "7", None),
                ]),
                &held(&running),
            ),
            context(),
        )
        .await
        .unwrap();
    running.nothing_dropped();
    let order = held(&running);
    assert_eq!(order.get("ShipVia"), "UPS BLUE");
    assert_eq!(order.get("Payments/1/CreditCardGUID"), "4711-GUID");
    let keys: Vec<[String; 4]> = lines(&order);
    let seen: Vec<[&str; 3]> = keys
        .iter()
        .map(|[key, item, quantity, _]| [key.as_str(), item.as_str(), quantity.as_str()])
        .collect();
    assert_eq!(
        seen,
        [
            ["000001", "KIT", "1"],
            ["000002", "6655", "2"],
            ["000003", "PART", "1"],
            ["000004", "PART", "7"]
        ]
    );
    // An amount that still fits is given back, one that does not is left to Sage.
    let sent = running.state(|state| state.last_request.clone());
    assert_eq!(sent.matches(":ExtensionAmt>1.00<").count(), 2, "{sent}");
    running
        .client
        .update_order(
            "0000341",
            &customer(),
            &change(&sale(vec![line("6655", "3", Some("5"))]), &held(&running)),
            context(),
        )
        .await
        .unwrap();
    let sent = running.state(|state| state.last_request.clone());
    assert!(!sent.contains("ExtensionAmt"), "{sent}");
    assert!(!sent.contains(":ItemCode>PART<"), "{sent}");
}

#[tokio::test]
async fn who_is_billed_is_given_back_only_where_it_is_somebody_else() {
    let running = Running::start(Variant::named("split")).await;
    let order = sale(vec![line("6655", "1", None)]);
    let client = &running.client;
    client
        .create_order("0000341", &customer(), &order, context())
        .await
        .unwrap();
    // Sage refuses these columns where bill-to reporting is off, also when they come back as they were given.
    for (division, number, times) in [("", "", 0), ("01", "ABF", 0), ("02", "ATOZ", 1)] {
        running.state(|state| {
            let order = state.objects.get_mut("order 0000341").unwrap();
            for (name, text) in [("BillToDivisionNo", division), ("BillToCustomerNo", number)] {
                order.children.retain(|child| child.name != name);
                order.children.push(Taken {
                    name: name.into(),
                    text: text.into(),
                    ..Taken::default()
                });
            }
        });
        let order = change(&order, &held(&running));
        client
            .update_order("0000341", &customer(), &order, context())
            .await
            .unwrap();
        let sent = running.state(|state| state.last_request.clone());
        assert_eq!(sent.matches(":BillToDivisionNo>02<").count(), times);
        assert_eq!(sent.matches(":BillToCustomerNo>ATOZ<").count(), times);
        assert_eq!(
            sent.matches(":BillToCustomerNo>").count(),
            2 * times,
            "{sent}"
        );
    }
}

#[tokio::test]
async fn an_order_of_somebody_else_is_not_touched() {
    let running = Running::start(Variant::named("included")).await;
    let order = sale(vec![line("6655", "1", None)]);
    running
        .client
        .create_order("0000341", &customer(), &order, context())
        .await
        .unwrap();
    let before = held(&running);
    let stranger = key(Entity::CUSTOMER, "01-AVNET");
    let mut other = order.clone();
    other.reference = "CP-0123456789AC".to_owned().try_into().unwrap();
    let mut own = change(&order, &before);
    own.lines[0].seen = Some((9.into(), 0.into()));
    for fault in [
        running
            .client
            .update_order("0000341", &stranger, &change(&order, &before), context())
            .await
            .unwrap_err(),
        running
            .client
            .update_order("0000341", &customer(), &change(&other, &before), context())
            .await
            .unwrap_err(),
    ] {
        assert_eq!(
            (fault.class, &*fault.code),
            (Class::Data, "E_SAGE_REFUSED"),
            "{fault}"
        );
    }
    // Nor one whose lines are others than when it was decided what to change.
    let fault = running
        .client
        .update_order("0000341", &customer(), &own, context())
        .await
        .unwrap_err();
    assert_eq!(fault.code, "E_SAGE_NOT_FOUND");
    assert_eq!(held(&running), before);
    let fault = running
        .client
        .create_order("0000341", &customer(), &order, context())
        .await
        .unwrap_err();
    assert_eq!(
        (fault.class, &*fault.code),
        (Class::Data, "E_SAGE_ALREADY_EXISTS")
    );
}

#[tokio::test]
async fn the_mark_may_stand_in_a_column_of_its_own() {
    for variant in Variant::all() {
        let running = Running::start(variant).await;
        let context = counterpart_delivery::ports::WriteContext {
            reference_column: "CustomerPONo",
            parent: None,
            ..context()
        };
        running
            .client
            .create_order(
                "0000341",
                &customer(),
                &sale(vec![line("6655", "1", None)]),
                context,
            )
            .await
            .unwrap();
        running.nothing_dropped();
        assert_eq!(held(&running).get("CustomerPONo"), "CP-0123456789AB");
    }
}

#[tokio::test]
async fn passwords_are_in_no_text_that_is_shown() {
    let running = Running::start(Variant::named("split")).await;
    assert!(!format!("{:?} {:?}", running.client, running.settings).contains("s3cret"));
    let mut settings = running.settings.clone();
    settings.password = counterpart_delivery::SecretText::new("");
    let binding = running.client.binding().clone();
    assert_eq!(
        SoapClient::new(&settings, binding).unwrap_err().code,
        "E_SAGE_CREDENTIALS"
    );
}

/// One element per line, the password left out.
fn pretty(xml: &str) -> String {
    xml.replace("s3cret &amp; &lt;safe&gt;", "…")
        .replace("><", ">\n<")
}
