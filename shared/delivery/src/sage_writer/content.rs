//! What an order is, apart from how it is spelt.

pub(super) use crate::intent::{content_of, content_of_columns};

/// Whether two numbers are one: Sage fills them with zeros on the left.
pub(super) fn same_number(one: &str, other: &str) -> bool {
    let bare = |number: &str| number.trim().trim_start_matches('0').to_uppercase();
    bare(one) == bare(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use counterpart_domain::sale::{Reference, SaleCustomer, SaleLine, SaleOrder};
    use counterpart_domain::{Company, CrmId, Fields, TargetName, Value};
    use rust_decimal::Decimal;

    fn line(item: &str, quantity: &str) -> SaleLine {
        SaleLine {
            id: None,
            product: None,
            item: item.to_owned(),
            quantity: quantity.parse().unwrap(),
            unit: None,
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

    #[test]
    fn numbers_are_compared_without_their_zeros() {
        assert!(same_number("0000181", "181 "));
        assert!(same_number("a00181", "A00181"));
        assert!(!same_number("0000181", "1810000"));
    }
}
