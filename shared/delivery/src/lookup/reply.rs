//! An answer, and how it is said.

use counterpart_domain::sale::{CustomerCredit, ItemPrice, ItemStock};
use counterpart_domain::{Class, Company, Fault, SageKey};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Map, Value as Json, json};

use super::question::Question;

/// What Sage says.
#[derive(Debug, Clone)]
pub(super) enum Found {
    Credit(Credit),
    Stock {
        company: Company,
        item: String,
        rows: Vec<ItemStock>,
    },
    Price {
        customer: SageKey,
        price: ItemPrice,
    },
    Nothing(Unknown),
}

/// A customer's credit, and whether its limit is none.
#[derive(Debug, Clone)]
pub(super) struct Credit {
    pub customer: SageKey,
    pub credit: CustomerCredit,
    pub unlimited: bool,
}

/// Why there is nothing to tell although all is well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unknown {
    NotLinked,
    NoCustomer,
    NoItem,
    NoStockKept,
    NoPrice,
}

/// An answer as it is kept.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    kind: &'static str,
    /// When it was asked: what Sage says is no older than this.
    asked_at: Timestamp,
    found: Option<Found>,
    /// Why nobody knows.
    pub fault: Option<Fault>,
}

impl Reply {
    pub(super) fn of(
        question: &Question,
        answer: Result<Found, Fault>,
        asked_at: Timestamp,
    ) -> Self {
        let (found, fault) = match answer {
            Ok(found) => (Some(found), None),
            Err(fault) => (None, Some(fault)),
        };
        Self {
            kind: question.kind(),
            asked_at,
            found,
            fault,
        }
    }

    /// Whether it tells what was asked.
    pub(super) const fn known(&self) -> bool {
        matches!(&self.found, Some(found) if !matches!(found, Found::Nothing(_)))
    }

    /// How old it is, in seconds.
    pub(super) fn age(&self, now: Timestamp) -> i64 {
        now.duration_since(self.asked_at).as_secs().max(0)
    }

    /// The JSON at `now`.
    pub(super) fn json(&self, now: Timestamp) -> Json {
        let mut told = Map::new();
        let mut tell = |name: &str, value: Json| {
            told.insert(name.to_owned(), value);
        };
        tell("kind", json!(self.kind));
        tell("known", json!(self.known()));
        tell("as_of", json!(self.asked_at.to_string()));
        tell("age_seconds", json!(self.age(now)));
        match &self.found {
            Some(Found::Credit(credit)) => told.extend(credit_json(credit)),
            Some(Found::Stock {
                company,
                item,
                rows,
            }) => told.extend(stock_json(company, item, rows)),
            Some(Found::Price { customer, price }) => told.extend(price_json(customer, price)),
            Some(Found::Nothing(unknown)) => {
                let (code, reason) = unknown.said();
                tell("code", json!(code));
                tell("reason", json!(reason));
            }
            None => {
                let (code, reason) = silence(self.fault.as_ref());
                tell("code", json!(code));
                tell("reason", json!(reason));
            }
        }
        Json::Object(told)
    }
}

impl Unknown {
    const fn said(self) -> (&'static str, &'static str) {
        match self {
            Self::NotLinked => (
                "E_LOOKUP_NOT_LINKED",
                "This account is not linked to a customer of Sage 100.",
            ),
            Self::NoCustomer => (
                "E_LOOKUP_NO_CUSTOMER",
                "The customer of this account is not in Sage 100 any more.",
            ),
            Self::NoItem => ("E_LOOKUP_NO_ITEM", "Sage 100 has no such item."),
            Self::NoStockKept => (
                "E_LOOKUP_NO_STOCK",
                "Sage 100 keeps no stock of this item: it is a charge, a comment or a miscellaneous item.",
            ),
            Self::NoPrice => (
                "E_LOOKUP_NO_PRICE",
                "Sage 100 does not know the item or the customer, so it has no price.",
            ),
        }
    }
}

/// What whoever looks at the screen is told of a failure. What exactly it was is for our logs.
fn silence(fault: Option<&Fault>) -> (&'static str, &'static str) {
    match fault.map(|fault| fault.class) {
        Some(Class::Configuration | Class::Bug) => (
            "E_LOOKUP_OUT_OF_ORDER",
            "Sage 100 cannot be asked at present; something has to be set right first. Operations can see what.",
        ),
        Some(Class::Data) => (
            "E_LOOKUP_REFUSED",
            "Sage 100 did not take the question. Operations can see why.",
        ),
        Some(Class::Transient | Class::Throttled | Class::Ambiguous) | None => (
            "E_LOOKUP_NO_ANSWER",
            "Sage 100 does not answer. Try again in a minute.",
        ),
    }
}

fn digits(number: Decimal) -> Json {
    json!(number.to_string())
}

fn credit_json(credit: &Credit) -> Map<String, Json> {
    let CustomerCredit {
        hold,
        limit,
        due,
        open_orders,
        remaining,
    } = credit.credit.clone();
    let remaining = if credit.unlimited {
        Json::Null
    } else {
        digits(remaining)
    };
    object([
        ("company", json!(credit.customer.company.as_str())),
        ("customer", json!(credit.customer.text())),
        ("hold", json!(hold)),
        ("unlimited", json!(credit.unlimited)),
        ("limit", digits(limit)),
        ("due", digits(due)),
        ("open_orders", digits(open_orders)),
        ("remaining", remaining),
    ])
}

fn stock_json(company: &Company, item: &str, rows: &[ItemStock]) -> Map<String, Json> {
    let quantities = |of: &dyn Fn(fn(&ItemStock) -> Decimal) -> Decimal| {
        object([
            ("on_hand", digits(of(|row| row.on_hand))),
            ("on_sales_order", digits(of(|row| row.on_sales_order))),
            ("on_back_order", digits(of(|row| row.on_back_order))),
            ("on_purchase_order", digits(of(|row| row.on_purchase_order))),
            ("available", digits(of(|row| row.available))),
        ])
    };
    let warehouses: Vec<Json> = rows
        .iter()
        .map(|row| {
            let mut told = quantities(&|quantity| quantity(row));
            told.insert("warehouse".to_owned(), json!(row.warehouse));
            Json::Object(told)
        })
        .collect();
    object([
        ("company", json!(company.as_str())),
        ("item", json!(item)),
        (
            "total",
            Json::Object(quantities(&|quantity| rows.iter().map(quantity).sum())),
        ),
        ("warehouses", json!(warehouses)),
    ])
}

fn price_json(customer: &SageKey, price: &ItemPrice) -> Map<String, Json> {
    object([
        ("company", json!(customer.company.as_str())),
        ("customer", json!(customer.text())),
        ("item", json!(price.item)),
        ("unit", json!(price.unit)),
        ("quantity", digits(price.quantity)),
        ("unit_price", digits(price.unit_price)),
        ("basis", json!(price.basis)),
    ])
}

fn object<const N: usize>(members: [(&str, Json); N]) -> Map<String, Json> {
    members
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
