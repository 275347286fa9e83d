//! Sales: one order each, with the right money, and nobody's work lost in silence.

use std::collections::BTreeMap;

use counterpart_domain::Fields;
use rust_decimal::Decimal;

use super::{
    ANSWERED, Broken, HEADER, MONEY, NOTHING_FROM_BEFORE, NOTHING_UNASKED, ONE_CUSTOMER, ONE_ORDER,
    PEOPLE,
};

/// Something that was created in Sage, at any time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The CRM record it was made for: target, module, id.
    pub record: String,
    /// Company and number.
    pub number: String,
}

/// No record is two orders.
#[must_use]
pub fn one_order(made: &[Made]) -> Vec<Broken> {
    twice(made)
        .map(|(record, numbers)| Broken::new(&ONE_ORDER, format!("{record} is {numbers}")))
        .collect()
}

/// No account is two customers.
#[must_use]
pub fn one_customer(made: &[Made]) -> Vec<Broken> {
    twice(made)
        .map(|(record, numbers)| Broken::new(&ONE_CUSTOMER, format!("{record} is {numbers}")))
        .collect()
}

fn twice(made: &[Made]) -> impl Iterator<Item = (&str, String)> {
    let mut by_record: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for one in made {
        by_record.entry(&one.record).or_default().push(&one.number);
    }
    by_record
        .into_iter()
        .filter(|(_, numbers)| numbers.len() > 1)
        .map(|(record, numbers)| (record, numbers.join(" and ")))
}

/// What a record asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// An order: it was won after the start.
    Order,
    /// Nothing: it is not won, or it was cancelled.
    Nothing,
    /// Nothing by itself: it was won before the start.
    FromBefore,
}

/// A line as one of the two sides has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineFacts {
    /// The item.
    pub item: String,
    /// How many.
    pub quantity: Decimal,
    /// What the line comes to, its discount taken off.
    pub amount: Decimal,
    /// The other columns that the mapping owns; blank ones are left out.
    pub columns: Fields,
}

/// An order as one of the two sides has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderFacts {
    /// Its lines, in any order.
    pub lines: Vec<LineFacts>,
    /// The header columns that the mapping owns; blank ones are left out.
    pub header: Fields,
    /// What it comes to.
    pub total: Decimal,
}

/// What is to be known of one CRM record that sells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaleFacts {
    /// Target, module, id.
    pub record: String,
    /// What it asks for.
    pub asks: Asks,
    /// The order as the CRM has it, where this record is the one that says so.
    pub wanted: Option<OrderFacts>,
    /// The order that stands in Sage's open file; none: there is none, or it is invoiced or closed.
    pub held: Option<OrderFacts>,
    /// How many orders were ever created for it.
    pub made: usize,
    /// What a person is told beyond that the order is there: the sentence on the record, or the code it is parked under.
    pub told: Option<String>,
    /// Whether people in Sage changed the order, or took it away.
    pub changed_in_sage: bool,
}

/// Whether one sale is as it must be at rest.
#[must_use]
pub fn sale(sale: &SaleFacts) -> Vec<Broken> {
    let of = &sale.record;
    let mut broken = Vec::new();
    match sale.asks {
        Asks::FromBefore if sale.made > 0 => {
            let what = format!("{of} was won before the start and is an order");
            broken.push(Broken::new(&NOTHING_FROM_BEFORE, what));
        }
        Asks::Nothing if sale.held.is_some() && sale.told.is_none() => {
            let what = format!("{of} asks for no order, has one, and nobody is told");
            broken.push(Broken::new(&NOTHING_UNASKED, what));
        }
        Asks::Order if sale.made == 0 && sale.held.is_none() && sale.told.is_none() => {
            let what = format!("{of} is won, no order was made, and nobody is told");
            broken.push(Broken::new(&ANSWERED, what));
        }
        Asks::Order | Asks::Nothing | Asks::FromBefore => {}
    }
    if let (Asks::Order, Some(wanted), Some(held)) = (sale.asks, &sale.wanted, &sale.held)
        && sale.told.is_none()
        && !sale.changed_in_sage
    {
        broken.extend(money(of, wanted, held));
        broken.extend(columns(of, wanted, held));
    }
    broken
}

fn money(of: &str, wanted: &OrderFacts, held: &OrderFacts) -> Option<Broken> {
    let priced = |order: &OrderFacts| {
        let lines = order.lines.iter();
        let mut lines: Vec<_> = lines
            .map(|line| {
                let (quantity, amount) = (line.quantity.normalize(), line.amount.normalize());
                format!("{quantity} x {} = {amount}", line.item)
            })
            .collect();
        lines.sort();
        let total = order.total.normalize();
        format!("{}, together {total}", lines.join(", "))
    };
    let (wanted, held) = (priced(wanted), priced(held));
    let what = || format!("{of}: the CRM says {wanted}; Sage holds {held}; nobody is told");
    (wanted != held).then(|| Broken::new(&MONEY, what()))
}

fn columns(of: &str, wanted: &OrderFacts, held: &OrderFacts) -> Option<Broken> {
    let all = |order: &OrderFacts| {
        let lines = order.lines.iter();
        let mut lines: Vec<_> = lines
            .map(|line| (line.item.clone(), line.quantity, line.columns.clone()))
            .collect();
        lines.sort_by_key(|(item, quantity, columns)| {
            (item.clone(), *quantity, format!("{columns:?}"))
        });
        (order.header.clone(), lines)
    };
    let (wanted, held) = (all(wanted), all(held));
    let what = || format!("{of}: the CRM says {wanted:?}; Sage holds {held:?}; nobody is told");
    (wanted != held).then(|| Broken::new(&HEADER, what()))
}

/// Something that a person did in Sage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkFacts {
    /// Company and number of the order.
    pub order: String,
    /// What was done: a column and its value, a line.
    pub what: String,
    /// Whether it is still as the person left it, or a person changed it since.
    pub stands: bool,
    /// What people are told of the order.
    pub told: Option<String>,
}

/// What a person did stands, or people are told.
#[must_use]
pub fn peoples_work(work: &WorkFacts) -> Option<Broken> {
    let what = || format!("{} of order {} is gone", work.what, work.order);
    (!work.stands && work.told.is_none()).then(|| Broken::new(&PEOPLE, what()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use counterpart_domain::Value;

    fn order(amount: i64) -> OrderFacts {
        OrderFacts {
            lines: vec![LineFacts {
                item: "A".to_owned(),
                quantity: Decimal::ONE,
                amount: Decimal::from(amount),
                columns: Fields::new(),
            }],
            header: Fields::new(),
            total: Decimal::from(amount),
        }
    }

    fn facts() -> SaleFacts {
        SaleFacts {
            record: "zoho Deals 1".to_owned(),
            asks: Asks::Order,
            wanted: Some(order(5)),
            held: Some(order(5)),
            made: 1,
            told: None,
            changed_in_sage: false,
        }
    }

    fn broken(change: impl FnOnce(&mut SaleFacts)) -> Vec<&'static str> {
        let mut facts = facts();
        change(&mut facts);
        sale(&facts).into_iter().map(|one| one.invariant).collect()
    }

    #[test]
    fn two_orders_of_one_record_are_one_too_many() {
        let made = |record: &str, number: &str| Made {
            record: record.to_owned(),
            number: number.to_owned(),
        };
        let all = [made("1", "181"), made("2", "182"), made("1", "183")];
        let broken = one_order(&all);
        assert_eq!(broken.len(), 1);
        assert_eq!(broken[0].to_string(), "one-order: 1 is 181 and 183");
        assert!(one_order(&all[..2]).is_empty());
        assert_eq!(one_customer(&all)[0].invariant, "one-customer");
    }

    #[test]
    fn a_sale_is_answered_or_told() {
        assert!(broken(|_| {}).is_empty());
        let none = |facts: &mut SaleFacts| (facts.held, facts.made) = (None, 0);
        assert_eq!(broken(none), ["sale-answered"]);
        let told = Some("E_ORDER_EMPTY".to_owned());
        let parked = broken(|facts| {
            none(facts);
            facts.told.clone_from(&told);
        });
        assert!(parked.is_empty());
        assert_eq!(
            broken(|facts| facts.asks = Asks::Nothing),
            ["nothing-unasked"]
        );
        assert_eq!(
            broken(|facts| facts.asks = Asks::FromBefore),
            ["nothing-from-before"]
        );
    }

    #[test]
    fn money_and_columns_agree_or_a_person_is_told() {
        let other = |facts: &mut SaleFacts| facts.held = Some(order(4));
        assert_eq!(broken(other), ["money-agrees"]);
        let blank = |facts: &mut SaleFacts| {
            if let Some(held) = &mut facts.held {
                let comment = ("Comment".to_owned(), Value::text("old"));
                held.header = Fields::from([comment]);
            }
        };
        assert_eq!(broken(blank), ["columns-agree"]);
        let told = broken(|facts| {
            other(facts);
            facts.told = Some("E_ORDER_TOTAL_DIFFERS".to_owned());
        });
        assert!(told.is_empty());
        let by_people = broken(|facts| {
            other(facts);
            facts.changed_in_sage = true;
        });
        assert!(by_people.is_empty());
    }

    #[test]
    fn spelling_makes_no_difference() {
        let spelt = broken(|facts| {
            if let Some(held) = &mut facts.held {
                held.total = "5.00".parse().unwrap();
                held.lines[0].quantity = "1.000000".parse().unwrap();
            }
        });
        assert!(spelt.is_empty());
    }

    #[test]
    fn peoples_work_stands_or_is_told() {
        let mut work = WorkFacts {
            order: "ABC 0000181".to_owned(),
            what: "the line /DELIVERY".to_owned(),
            stands: false,
            told: None,
        };
        let gone = peoples_work(&work).map(|one| one.invariant);
        assert_eq!(gone, Some("peoples-work"));
        work.told = Some("E_ORDER_CHANGED_IN_SAGE".to_owned());
        assert_eq!(peoples_work(&work), None);
    }
}
