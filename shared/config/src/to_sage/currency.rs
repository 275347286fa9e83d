//! Amounts of another currency. All is decimal; a rate and its product are rounded once, half away from zero.

use counterpart_domain::sale::CurrencyNote;
use counterpart_domain::{Fields, Value};
use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy};

use super::fault::{Faults, quoted};
use crate::mapping::as_date;
use crate::{CurrencyConfig, OrderSource, OrdersConfig, RateSource};

/// The decimals that a rate made of two others is kept with.
const RATE_DECIMALS: u32 = 12;

/// A rate that has to be asked of the CRM before an order can be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedRate {
    /// The sale's currency, ISO 4217.
    pub from: String,
    /// The day that it is wanted for; none: today.
    pub day: Option<Date>,
}

impl OrdersConfig {
    /// The rate of the CRM's that this record's order needs. `None`: none is needed, or the configuration has it.
    #[must_use]
    pub fn wanted_rate(&self, source: &OrderSource, fields: &Fields) -> Option<WantedRate> {
        let from = self.currency.foreign(source, fields)?;
        (self.currency.rates == RateSource::Crm).then(|| WantedRate {
            from,
            day: day_of(source, fields),
        })
    }
}

impl CurrencyConfig {
    /// A rate to Sage's currency out of the CRM's two, each the units of a currency for one unit of the org's own.
    /// `None`: one of them is no rate.
    #[must_use]
    pub fn crossed(
        &self,
        from: &str,
        from_per_home: Decimal,
        sage_per_home: Decimal,
        date: Option<Date>,
    ) -> Option<CurrencyNote> {
        if from_per_home <= Decimal::ZERO || sage_per_home <= Decimal::ZERO {
            return None;
        }
        let rate = rounded(sage_per_home.checked_div(from_per_home)?, RATE_DECIMALS);
        (rate > Decimal::ZERO).then(|| CurrencyNote {
            from: from.to_owned(),
            to: self.sage.clone(),
            rate,
            source: "crm".to_owned(),
            date,
        })
    }

    /// The currency of a record, unless it is Sage's; a blank one is Sage's.
    fn foreign(&self, source: &OrderSource, fields: &Fields) -> Option<String> {
        let iso = iso_of(fields, source.currency.as_ref())?;
        (iso != self.sage).then_some(iso)
    }

    /// How the amounts of a record are converted; none: they are Sage's. `given`: a rate of the CRM's.
    pub(super) fn note(
        &self,
        source: &OrderSource,
        fields: &Fields,
        given: Option<&CurrencyNote>,
        faults: &mut Faults,
    ) -> Option<CurrencyNote> {
        let from = self.foreign(source, fields)?;
        let to = &self.sage;
        let shown = quoted(&from);
        let day = day_of(source, fields);
        let note = match &self.rates {
            RateSource::Refuse => {
                faults.add(
                    "E_CURRENCY_REFUSED",
                    format!(
                        "The sale is in {shown}, and orders go to Sage 100 in {to} only. Make the sale in {to}, or ask \
                         for an exchange rate to be set up."
                    ),
                );
                return None;
            }
            RateSource::Crm => given
                .filter(|note| note.from == from && note.to == *to)
                .cloned(),
            RateSource::Table(table) => table
                .get(&from)
                .filter(|rate| day.is_none_or(|day| rate.since <= day))
                .map(|rate| CurrencyNote {
                    from: from.clone(),
                    to: to.clone(),
                    rate: rate.rate,
                    source: "configuration".to_owned(),
                    date: Some(rate.since),
                }),
        };
        let note = note.filter(|note| note.rate > Decimal::ZERO);
        if note.is_none() {
            let of_day = day.map_or(String::new(), |day| format!(" for {day}"));
            let place = match self.rates {
                RateSource::Table(_) => "the settings of the order interface",
                RateSource::Crm | RateSource::Refuse => "the CRM's currencies",
            };
            faults.add(
                "E_CURRENCY_NO_RATE",
                format!(
                    "The sale is in {shown}, and there is no exchange rate to {to}{of_day}. Have it entered in {place}."
                ),
            );
        }
        note
    }
}

/// The currency in a field, in upper case; none where it is blank.
pub(super) fn iso_of(fields: &Fields, field: Option<&String>) -> Option<String> {
    let iso = fields.get(field?)?.to_string().trim().to_ascii_uppercase();
    (!iso.is_empty()).then_some(iso)
}

fn day_of(source: &OrderSource, fields: &Fields) -> Option<Date> {
    match fields.get(source.day.as_ref()?)? {
        Value::Date(day) => Some(*day),
        // A date and time, as the CRM shows it.
        Value::Text(text) => match as_date(text.split(['T', ' ']).next()?) {
            Some(Value::Date(day)) => Some(day),
            _ => None,
        },
        _ => None,
    }
}

/// An amount in Sage's currency. `None`: more digits than a decimal holds.
pub(super) fn converted(amount: Decimal, rate: Decimal, decimals: u32) -> Option<Decimal> {
    amount.checked_mul(rate).map(|made| rounded(made, decimals))
}

pub(super) fn rounded(amount: Decimal, decimals: u32) -> Decimal {
    let strategy = RoundingStrategy::MidpointAwayFromZero;
    amount
        .round_dp_with_strategy(decimals, strategy)
        .normalize()
}
