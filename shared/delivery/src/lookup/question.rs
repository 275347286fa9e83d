//! A question, read and checked.

use std::str::FromStr as _;

use counterpart_config::TargetConfig;
use counterpart_domain::sale::{bare_code, code, stranger_in};
use counterpart_domain::{Company, CrmId};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::value::RawValue;

/// The longest `ItemCode`, in characters.
const LONGEST_CODE: usize = 30;
/// The largest quantity, and the most decimals, that Sage takes.
const MOST: Decimal = Decimal::from_parts(999_999_999, 0, 0, false, 0);
const DECIMALS: u32 = 4;

/// What is asked. It is its own name in the cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Question {
    /// What an account may still buy.
    Credit {
        /// The CRM's account.
        account: CrmId,
    },
    /// How much there is of an item.
    Stock {
        /// The company.
        company: Company,
        /// `ItemCode`.
        item: String,
    },
    /// What an account pays for an item.
    Price {
        /// The CRM's account.
        account: CrmId,
        /// `ItemCode`.
        item: String,
        /// How many.
        quantity: Decimal,
    },
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Credit,
    Stock,
    Price,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    kind: Kind,
    /// A text, or a number as Zoho's functions hold ids.
    account: Option<Box<RawValue>>,
    /// The CRM's product code, which the configuration's table makes an item's.
    product: Option<String>,
    /// `ItemCode`, as it is.
    item: Option<String>,
    quantity: Option<Box<RawValue>>,
    company: Option<String>,
}

impl Question {
    /// Reads `{"kind": "credit", "account"}`, `{"kind": "stock", "product" or "item", "company"?}` or `{"kind": "price",
    /// "account", "product" or "item", "quantity"?}`.
    ///
    /// # Errors
    /// What is wrong with it, without any of its content.
    pub(super) fn read(raw: &[u8], target: &TargetConfig) -> Result<Self, &'static str> {
        let body: Body = serde_json::from_slice(raw)
            .map_err(|_| "not {\"kind\": \"credit\", \"stock\" or \"price\", …}")?;
        let account = |body: &Body| {
            let raw = body.account.as_deref().ok_or("no account")?;
            let text = raw.get().trim_matches('"').trim();
            let id = (target.crm.profile().ids.record)(text);
            id.map(CrmId).ok_or("an account that is no id")
        };
        match body.kind {
            Kind::Credit => Ok(Self::Credit {
                account: account(&body)?,
            }),
            Kind::Stock => Ok(Self::Stock {
                company: company(&body, target)?,
                item: item(&body, target)?,
            }),
            Kind::Price => Ok(Self::Price {
                account: account(&body)?,
                item: item(&body, target)?,
                quantity: quantity(body.quantity.as_deref())?,
            }),
        }
    }

    /// The name in answers and logs.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Credit { .. } => "credit",
            Self::Stock { .. } => "stock",
            Self::Price { .. } => "price",
        }
    }
}

/// The one that is named, that of the orders, or the only one.
fn company(body: &Body, target: &TargetConfig) -> Result<Company, &'static str> {
    if let Some(named) = &body.company {
        let company = Company::new(named).ok();
        return company
            .filter(|company| target.companies.contains(company))
            .ok_or("a company that is not the target's");
    }
    match (&target.orders, target.companies.as_slice()) {
        (Some(orders), _) => Ok(orders.company.clone()),
        (None, [only]) => Ok(only.clone()),
        (None, _) => Err("no company, and the target has several"),
    }
}

fn item(body: &Body, target: &TargetConfig) -> Result<String, &'static str> {
    let item = match (&body.product, &body.item) {
        (Some(product), None) => match &target.orders {
            Some(orders) => orders.items.item(product),
            None => code(product),
        },
        (None, Some(item)) => bare_code(item).to_owned(),
        _ => return Err("neither product nor item, or both"),
    };
    let sound =
        !item.is_empty() && item.chars().count() <= LONGEST_CODE && stranger_in(&item).is_none();
    sound.then_some(item).ok_or("a code that is none")
}

/// A number, or a text with one; every digit counts. One where nothing is said.
fn quantity(raw: Option<&RawValue>) -> Result<Decimal, &'static str> {
    let Some(raw) = raw else {
        return Ok(Decimal::ONE);
    };
    let text = raw.get().trim_matches('"');
    let number = if text.len() > 40 {
        None
    } else if text.contains(['e', 'E']) {
        Decimal::from_scientific(text).ok()
    } else {
        Decimal::from_str(text).ok()
    };
    number
        // CRMs keep more decimals than they show.
        .map(|number| number.round_dp(DECIMALS).normalize())
        .filter(|number| *number > Decimal::ZERO && *number <= MOST)
        .ok_or("a quantity that is not above zero, or has too many digits")
}
