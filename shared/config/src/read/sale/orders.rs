//! `[targets.zoho.orders]`.

use std::collections::BTreeMap;
use std::time::Duration;

use counterpart_domain::sale::{ORDER_HEADER, code};
use counterpart_domain::{Company, Entity};
use rust_decimal::Decimal;

use super::super::item::Item;
use super::super::section::Section;
use super::super::{quiet, suggest, words};
use super::{currency, since, source, write_back};
use crate::{
    CompanyConfig, CreditPolicy, CreditZero, CrmProfile, CurrencyConfig, EntityConfig, ItemCodes,
    OrderSource, OrdersConfig, Prices, RateSource, Reductions, SageWay, StockFields, TotalsPolicy,
};

const DAY: u64 = 24 * 60 * 60;

pub(in crate::read) fn read(
    mut section: Section<'_>,
    crm: &CrmProfile,
    companies: &[Company],
    known: &BTreeMap<Company, CompanyConfig>,
    entities: &BTreeMap<Entity, EntityConfig>,
) -> Option<OrdersConfig> {
    let company = company(&mut section, companies, known);
    let reference_column = section
        .need(
            "reference_column",
            "Add a text UDF of the order header, of 15 characters or more: reference_column = \"UDF_CRM_REFERENCE\".",
        )
        .and_then(|item| reference(&item));
    let since = since::read(
        &mut section,
        "Add the day that you go live: since = 2026-12-01. What was won before it is not sent by itself.",
    );
    let prices = [("sage", Prices::Sage), ("crm", Prices::Crm)];
    let prices = section.get("prices").and_then(|item| item.word(&prices));
    let credit = [
        ("ignore", CreditPolicy::Ignore),
        ("warn", CreditPolicy::Warn),
        ("hold", CreditPolicy::Hold),
        ("refuse", CreditPolicy::Refuse),
    ];
    let credit = section.get("credit").and_then(|item| item.word(&credit));
    let zero = [
        ("unlimited", CreditZero::Unlimited),
        ("none", CreditZero::None),
    ];
    let zero = section.get("credit_zero").and_then(|item| item.word(&zero));
    let totals = [
        ("park", TotalsPolicy::Park),
        ("tell", TotalsPolicy::Tell),
        ("ignore", TotalsPolicy::Ignore),
    ];
    let totals = section.get("totals").and_then(|item| item.word(&totals));
    let tolerance = section
        .get("totals_tolerance")
        .and_then(|item| tolerance(&item));
    let resend = section
        .get("resend_within")
        .and_then(|item| item.duration("1m", "744h"));
    let follow = section.get("follow_changes").and_then(|item| item.flag());
    let items = items(&mut section);
    let reductions = section
        .get("reductions")
        .map(|item| reductions(&item, items.upper));
    let currency = currency::read(&mut section);
    let stock = section.get("stock").and_then(|item| stock(&item));
    let key_field = entities
        .get(&Entity::CUSTOMER)
        .map(|customer| customer.key_field.as_str())
        .filter(|key| !key.is_empty());
    let reference_column = reference_column.unwrap_or_default();
    let sources = section
        .need(
            "sources",
            "Add the module whose records become orders: [targets.NAME.orders.sources.Opportunity] or [….Deals].",
        )
        .and_then(|item| item.table());
    let mut read = Vec::new();
    if let Some(sources) = sources {
        for item in sources.entries() {
            read.extend(source::read(&item, crm, key_field, &reference_column));
        }
        if sources.entries().next().is_none() {
            sources.report(
                "No module is named.",
                "Add a table such as [targets.NAME.orders.sources.Deals].",
            );
        }
    }
    let prices = prices.unwrap_or(Prices::Sage);
    if prices == Prices::Sage && section.has("reductions") {
        section.report(
            "`reductions` has no effect where Sage 100 says the prices.",
            "Set prices = \"crm\", or take it out.",
        );
    }
    of_sources(&section, &read, prices, &currency);
    if !entities.contains_key(&Entity::CUSTOMER) {
        section.report(
            "Orders need customers: an account is found by its link.",
            "Add [targets.NAME.customer].",
        );
    }
    let quiet = quiet::read(&mut section);
    section.finish();
    Some(OrdersConfig {
        company: company?,
        reference_column,
        since,
        sources: read,
        prices,
        credit: credit.unwrap_or(CreditPolicy::Hold),
        credit_zero: zero.unwrap_or(CreditZero::Unlimited),
        totals: totals.unwrap_or(TotalsPolicy::Park),
        totals_tolerance: tolerance.unwrap_or(Decimal::new(1, 2)),
        reductions: reductions.flatten().unwrap_or(Reductions::Refuse),
        items,
        currency,
        stock,
        resend_within: resend
            .and_then(|span| Duration::try_from(span).ok())
            .unwrap_or(Duration::from_secs(DAY)),
        follow_changes: follow.unwrap_or(true),
        quiet,
    })
}

/// What the orders want of every source.
fn of_sources(
    section: &Section<'_>,
    sources: &[OrderSource],
    prices: Prices,
    currency: &CurrencyConfig,
) {
    for source in sources {
        if prices == Prices::Crm && source.lines.unit_price.is_none() {
            section.report(
                format!(
                    "The CRM says the prices, and the lines of {} have none.",
                    source.module
                ),
                "Name the field: lines = { unit_price = \"FIELD\" }, or set prices = \"sage\".",
            );
        }
        if currency.rates != RateSource::Refuse && source.currency.is_none() {
            section.report(
                format!("{} names no field of its currency, so that all is taken for {}.", source.module, currency.sage),
                "Add the field, such as currency = \"CurrencyIsoCode\" or \"Currency\", or take `rates` out.",
            );
        }
    }
}

/// The company of an account that is not linked: the target's only one, unless the file says so.
fn company(
    section: &mut Section<'_>,
    companies: &[Company],
    known: &BTreeMap<Company, CompanyConfig>,
) -> Option<Company> {
    let item = section.get("company");
    let company = match (&item, companies) {
        (Some(item), _) => self::named(item, companies),
        (None, [only]) => Some(only.clone()),
        (None, []) => None,
        (None, _) => {
            section.report(
                "`company` is missing, and the target has several.",
                "Add the company of accounts that Sage does not know yet: company = \"ABC\".",
            );
            None
        }
    }?;
    let written = known
        .get(&company)
        .is_some_and(|config| config.write != SageWay::None);
    if !written {
        section.report(
            format!("Nothing is written to the company {company}."),
            format!("Add write = \"agent\" or write = {{ soap = … }} to [companies.{company}]."),
        );
    }
    Some(company)
}

/// One of the target's companies.
pub(super) fn named(item: &Item<'_>, companies: &[Company]) -> Option<Company> {
    let code = item.text()?;
    let found = companies.iter().find(|company| company.as_str() == code);
    if found.is_none() {
        let remedy = suggest::remedy(code, companies.iter().map(Company::as_str));
        item.report(
            format!("The company {code:?} does not go to this target."),
            remedy,
        );
    }
    found.cloned()
}

/// A text column that takes our 15 characters in every version of Sage, and that is kept in the history.
fn reference(item: &Item<'_>) -> Option<String> {
    let name = item.filled()?;
    let udf = name.starts_with("UDF_");
    if let Err((message, remedy)) = super::super::column::known_name(name, &ORDER_HEADER) {
        item.report(message, remedy);
        return None;
    }
    if !udf && name != "CustomerPONo" {
        item.report(
            format!("{name} cannot hold the mark by which an order is found again."),
            "Name a text UDF of the order header with 15 characters or more, or CustomerPONo.",
        );
        return None;
    }
    Some(name.to_owned())
}

/// An amount of Sage's currency, as a text: a float is no money.
fn tolerance(item: &Item<'_>) -> Option<Decimal> {
    let text = item.text()?;
    let amount = Decimal::from_str_exact(text).ok();
    let amount = amount.filter(|amount| *amount >= Decimal::ZERO);
    if amount.is_none() {
        item.report(
            format!("{text:?} is no amount."),
            "Write it as a text: totals_tolerance = \"0.01\".",
        );
    }
    amount
}

/// `"refuse"`, `"discount"`, or `{ item = "/DISCOUNT" }`.
fn reductions(item: &Item<'_>, upper: bool) -> Option<Reductions> {
    if !item.is_table() {
        let words = [
            ("refuse", Reductions::Refuse),
            ("discount", Reductions::Discount),
        ];
        return item.word(&words);
    }
    let mut section = item.table()?;
    let code = section
        .need(
            "item",
            "Name a charge or miscellaneous item of Sage 100: reductions = { item = \"/DISCOUNT\" }.",
        )
        .and_then(|item| item.filled().map(str::to_owned));
    section.finish();
    let codes = ItemCodes {
        upper,
        ..ItemCodes::default()
    };
    Some(Reductions::Item(codes.item(&code?)))
}

fn items(section: &mut Section<'_>) -> ItemCodes {
    let Some(mut section) = section.get("items").and_then(|item| item.table()) else {
        return ItemCodes::default();
    };
    let upper = section
        .get("upper")
        .and_then(|item| item.flag())
        .unwrap_or(true);
    let mut table = BTreeMap::new();
    if let Some(item) = section.get("table") {
        for (from, to) in write_back::pairs(&item) {
            // Two spellings of one code are one code.
            let from = code(&from);
            if to.trim().is_empty() {
                item.report(format!("{from:?} has no item."), "Write Sage's ItemCode.");
            }
            if table.insert(from.clone(), to).is_some() {
                item.report(format!("{from:?} is named twice."), "Name it once.");
            }
        }
    }
    section.finish();
    ItemCodes { table, upper }
}

fn stock(item: &Item<'_>) -> Option<StockFields> {
    let mut section = item.table()?;
    let module = section
        .need(
            "module",
            "Name the module of products: module = \"Products\".",
        )
        .and_then(|item| words::api_name(&item));
    let mut field = |name| section.get(name).and_then(|item| words::api_name(&item));
    let on_hand = field("on_hand");
    let available = field("available");
    if on_hand.is_none() && available.is_none() {
        section.report("No field is named.", "Add on_hand or available.");
    }
    section.finish();
    Some(StockFields {
        module: module?,
        on_hand,
        available,
    })
}
