//! `currency`: Sage's own, and where rates come from.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;
use toml::de::DeValue;

use super::super::item::Item;
use super::super::section::Section;
use crate::{CurrencyConfig, RateSource, TableRate};

const RATES: &str = "Write \"refuse\", \"crm\", or a table such as { EUR = { rate = \"1.0845\", since = \"2026-01-01\" } }.";

pub(super) fn read(section: &mut Section<'_>) -> CurrencyConfig {
    let mut config = CurrencyConfig {
        sage: "USD".to_owned(),
        rates: RateSource::Refuse,
        price_decimals: 2,
    };
    let Some(mut section) = section.get("currency").and_then(|item| item.table()) else {
        return config;
    };
    if let Some(sage) = section.get("sage").and_then(|item| iso(&item)) {
        config.sage = sage;
    }
    let decimals = section.get("price_decimals");
    if let Some(item) = section.get("rates") {
        config.rates = rates(&item, &config.sage).unwrap_or(RateSource::Refuse);
    }
    if let (Some(item), false) = (&decimals, section.has("rates")) {
        item.report(
            "`price_decimals` has no effect where nothing is converted.",
            "Add `rates`, or take it out.",
        );
    }
    if let Some(decimals) = decimals.and_then(|item| item.whole(0, 6)) {
        config.price_decimals = decimals;
    }
    section.finish();
    config
}

fn rates(item: &Item<'_>, sage: &str) -> Option<RateSource> {
    if !item.is_table() {
        match item.text()? {
            "refuse" => return Some(RateSource::Refuse),
            "crm" => return Some(RateSource::Crm),
            other => item.report(format!("{other:?} is not known here."), RATES),
        }
        return None;
    }
    let section = item.table()?;
    let mut table = BTreeMap::new();
    for item in section.entries() {
        let code = item.name();
        if !is_iso(code) {
            item.report(format!("{code:?} is no currency."), ISO);
        } else if code == sage {
            item.report(format!("{code} is Sage's own currency."), "Take it out.");
        }
        table.extend(rate(&item).map(|rate| (code.to_owned(), rate)));
    }
    if section.entries().next().is_none() {
        section.report("The table of rates is empty.", RATES);
    }
    Some(RateSource::Table(table))
}

fn rate(item: &Item<'_>) -> Option<TableRate> {
    let mut section = item.table()?;
    let rate = section
        .need(
            "rate",
            "Add what one unit is worth in Sage's currency: rate = \"1.0845\".",
        )
        .and_then(|item| decimal(&item));
    let since = section
        .need(
            "since",
            "Add the day that the rate holds from: since = \"2026-01-01\".",
        )
        .and_then(|item| day(&item));
    section.finish();
    Some(TableRate {
        rate: rate?,
        since: since?,
    })
}

fn decimal(item: &Item<'_>) -> Option<Decimal> {
    let text = match item.value() {
        DeValue::String(text) => text.to_string(),
        DeValue::Integer(integer) if integer.radix() == 10 => integer.as_str().to_owned(),
        DeValue::Float(float) => float.as_str().to_owned(),
        _ => {
            item.text();
            return None;
        }
    };
    let rate = text.parse::<Decimal>().ok();
    let rate = rate.filter(|rate| *rate > Decimal::ZERO && *rate < Decimal::from(1_000_000_000));
    if rate.is_none() {
        item.report(
            format!("{text:?} is no rate."),
            "Write a number above zero, such as \"1.0845\".",
        );
    }
    rate
}

fn day(item: &Item<'_>) -> Option<Date> {
    let text = match item.value() {
        DeValue::String(text) => text.to_string(),
        DeValue::Datetime(date) => date.to_string(),
        _ => {
            item.text();
            return None;
        }
    };
    let day = Date::strptime("%Y-%m-%d", &text).ok();
    if day.is_none() {
        item.report(format!("{text:?} is no day."), "Write YYYY-MM-DD.");
    }
    day
}

const ISO: &str = "Write the three letters of ISO 4217, such as \"USD\".";

fn iso(item: &Item<'_>) -> Option<String> {
    let text = item.filled()?;
    if !is_iso(text) {
        item.report(format!("{text:?} is no currency."), ISO);
        return None;
    }
    Some(text.to_owned())
}

fn is_iso(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}
