use counterpart_domain::sale::{SaleCustomer, SaleLine};

use super::*;
use crate::job::{CreateChild, Work};

#[test]
fn kinds_are_stored_by_the_names_that_they_always_had() {
    for (kind, name) in [
        (IntentKind::Order, "order"),
        (IntentKind::Record(Entity::CUSTOMER), "customer"),
        (IntentKind::Record(Entity::CONTACT), "contact"),
    ] {
        let text = serde_json::to_string(&kind).unwrap();
        assert_eq!(text, format!("{name:?}"));
        assert_eq!(serde_json::from_str::<IntentKind>(&text).unwrap(), kind);
        let root = CrmId("006A".to_owned());
        assert_eq!(IntentId { kind, root }.storage(), format!("{name}#006A"));
    }
    assert!(serde_json::from_str::<IntentKind>("\"lead\"").is_err());
}

#[test]
fn a_contact_that_waits_is_stored_as_its_id_as_before_and_others_with_their_entity() {
    for (entity, text) in [
        (Entity::CONTACT, "\"003A\""),
        (Entity::CUSTOMER, "\"customer#003A\""),
    ] {
        let waiting = Waiting {
            entity,
            id: CrmId("003A".to_owned()),
        };
        assert_eq!(serde_json::to_string(&waiting).unwrap(), text);
        assert_eq!(serde_json::from_str::<Waiting>(text).unwrap(), waiting);
    }
}

#[test]
fn a_job_of_before_is_of_the_entity_of_its_intent() {
    let text = r#"{"create_contact":{"intent":{"kind":"contact","root":"003A"},"customer":{"company":"ABC","entity":"customer","local":"01-ABF"},"code":null,"columns":{},"crm":{},"shown":[]}}"#;
    let work: Work = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&work).unwrap(), text);
    let Work::CreateChild(create) = work else {
        panic!("{text}")
    };
    let CreateChild {
        intent, customer, ..
    } = *create;
    assert_eq!(intent.kind, IntentKind::Record(Entity::CONTACT));
    assert_eq!(customer.parts(None), ["01", "ABF"]);
}

fn line(item: &str, quantity: &str) -> SaleLine {
    SaleLine {
        id: None,
        number: None,
        product: None,
        item: item.to_owned(),
        quantity: quantity.parse().unwrap(),
        unit: None,
        crm_unit: None,
        warehouse: None,
        unit_price: None,
        discount_percent: None,
        columns: Fields::new(),
    }
}

fn order(lines: Vec<SaleLine>) -> SaleOrder {
    let (company, root) = (Company::new("ABC").unwrap(), CrmId("1".into()));
    let reference = Reference::of(&TargetName::new("zoho").unwrap(), &company, &root);
    SaleOrder {
        company,
        customer: SaleCustomer {
            account: root,
            key: None,
            create: None,
        },
        reference,
        header: Fields::from([("Comment".to_owned(), Value::text("soon"))]),
        lines,
        crm_total: None,
        crm_tax: None,
        currency: None,
    }
}

#[test]
fn that_there_is_no_discount_is_no_news_for_an_order_that_never_had_one() {
    let mut one = order(vec![line("A", "2")]);
    let mut intent = Intent {
        content: Some(content_of(&one)),
        ..Intent::new(
            TargetName::new("zoho").unwrap(),
            IntentId {
                kind: IntentKind::Order,
                root: CrmId("1".into()),
            },
            one.company.clone(),
            Timestamp::UNIX_EPOCH,
        )
    };
    intent.written.updates = 1;
    let holds = |intent: &Intent, order: &SaleOrder| intent.holds(order, &content_of(order));
    one.header.insert(DISCOUNT.to_owned(), Value::Blank);
    assert!(holds(&intent, &one));
    one.header
        .insert(DISCOUNT.to_owned(), Value::Number(Decimal::TEN));
    assert!(!holds(&intent, &one));
    intent.content = Some(content_of(&one));
    one.header.insert(DISCOUNT.to_owned(), Value::Blank);
    assert!(!holds(&intent, &one), "it is taken away");
}

#[test]
fn spelling_makes_no_other_content_and_every_detail_does() {
    let one = content_of(&order(vec![line("A", "2.00")]));
    let mut other = order(vec![line("A", "2")]);
    other.crm_total = Some(Decimal::TEN);
    other.lines[0].id = Some(CrmId("77".into()));
    assert_eq!(one, content_of(&other));
    let changes: [fn(&mut SaleOrder); 6] = [
        |order| order.header.clear(),
        |order| order.lines[0].quantity = Decimal::ONE,
        |order| order.lines[0].unit_price = Some(Decimal::ONE),
        |order| order.lines[0].discount_percent = Some(Decimal::ONE),
        |order| order.lines[0].warehouse = Some("001".into()),
        |order| order.lines.push(line("B", "1")),
    ];
    for (at, change) in changes.into_iter().enumerate() {
        let mut changed = other.clone();
        change(&mut changed);
        assert_ne!(one, content_of(&changed), "change {at}");
    }
}
