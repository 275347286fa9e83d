//! Several columns at once, amounts of another currency among them. All is decimal; a rate and its product are rounded once,
//! half away from zero.

use std::collections::BTreeMap;

use counterpart_domain::sale::CurrencyNote;
use counterpart_domain::{Fields, Record, TableSpec, Value};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::{Decimal, RoundingStrategy};

use super::Lengths;
use super::day::day;
use super::fault::{Faults, Subject, Wrong, quoted};
use crate::mapping::Helper;
use crate::{
    CurrencyConfig, OrderSource, OrdersConfig, RateSource, SageFieldMap, SageSource, SageWith,
};

/// What the making of columns needs beside maps and fields.
pub(super) struct Making<'a> {
    pub(super) table: &'static TableSpec,
    pub(super) subject: Subject,
    /// As it is called in sentences: `the sale`, `line 2 (HON-H252)`.
    pub(super) whose: &'a str,
    pub(super) lengths: &'a Lengths,
    /// What one unit of the CRM's currency is worth in Sage's.
    pub(super) rate: Option<Decimal>,
    /// Sage's record as it is, where one is changed: what a column holds beside what the CRM shows of it stays.
    pub(super) held: Option<&'a Record>,
}

impl Making<'_> {
    /// The columns, blank ones included; what is wrong goes to `faults`.
    pub(super) fn columns<'m>(
        &self,
        maps: impl IntoIterator<Item = &'m SageFieldMap>,
        fields: &Fields,
        faults: &mut Faults,
    ) -> Fields {
        let maps: Vec<&SageFieldMap> = maps.into_iter().collect();
        let lines = address_lines(&maps);
        let mut made = Fields::new();
        for map in maps.iter().copied() {
            let spread = lines.get(&group(map)).copied().unwrap_or(3);
            match map.value(fields, self.table, self.lengths, spread, self.held) {
                Ok(value) => {
                    let value = match (self.converted(map, value, faults), &map.default) {
                        (Value::Blank, Some(default)) => default.clone(),
                        (value, _) => value,
                    };
                    if value.is_blank() && map.required {
                        self.missing(map, faults);
                    }
                    made.insert(map.column.name.clone(), value);
                }
                // Its country's own column says so.
                Err(refusal) if refusal.by_country && has_country(&maps) => {}
                // Who buys is said by the customer: an address that is none is left out of an order.
                Err(_) if self.is_beside(map) => {}
                Err(refusal) => faults.add(
                    self.subject.code(refusal.wrong),
                    format!("{} {}", self.label(map), refusal.why),
                ),
            }
        }
        made
    }

    /// An amount of the CRM in Sage's currency.
    fn converted(&self, map: &SageFieldMap, value: Value, faults: &mut Faults) -> Value {
        let of_crm = matches!(map.from, SageSource::Fields(_));
        let (Value::Number(amount), Some(rate)) = (&value, self.rate) else {
            return value;
        };
        if !of_crm || !self.table.is_money(&map.column.name) {
            return value;
        }
        if let Some(made) = converted(*amount, rate, 2) {
            return Value::Number(made);
        }
        faults.add(
            self.subject.code(Wrong::Invalid),
            format!(
                "{} is {amount}, which is too large to be converted. Correct it.",
                self.label(map)
            ),
        );
        Value::Blank
    }

    /// Whether an order does without this column where its value is none.
    fn is_beside(&self, map: &SageFieldMap) -> bool {
        self.subject == Subject::Sale && map.with == SageWith::Email && !map.required
    }

    fn missing(&self, map: &SageFieldMap, faults: &mut Faults) {
        faults.add(
            self.subject.code(Wrong::Missing),
            format!(
                "{} is blank, and Sage 100 does not take {} without it ({}). Fill it in.",
                self.label(map),
                self.subject.name(),
                map.column.name
            ),
        );
    }

    /// `Shipping_Street of the sale`.
    fn label(&self, map: &SageFieldMap) -> String {
        match &map.from {
            // The second field of an address only says how the first one is read.
            SageSource::Fields(names) if map.with != SageWith::Join => {
                let first = names.first().map_or("", String::as_str);
                format!("{first} of {}", self.whose)
            }
            SageSource::Fields(names) => format!("{} of {}", names.join(" and "), self.whose),
            SageSource::Const(_) => format!("{} of {}", map.column.name, self.whose),
        }
    }
}

fn has_country(maps: &[&SageFieldMap]) -> bool {
    maps.iter().any(|map| map.with == SageWith::CountryCode3)
}

/// The maps of one street, by its source and the column's name without its number.
fn group(map: &SageFieldMap) -> (Vec<&str>, &str) {
    let name = &map.column.name;
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    (fields_of_ref(map), stem)
}

/// How many lines each street is spread over.
fn address_lines<'m>(maps: &[&'m SageFieldMap]) -> BTreeMap<(Vec<&'m str>, &'m str), u8> {
    let mut lines = BTreeMap::new();
    for map in maps {
        if let SageWith::AddressLine(line) = map.with {
            let most = lines.entry(group(map)).or_insert(line);
            *most = line.max(*most);
        }
    }
    lines
}

/// Whether the CRM's own field is there and blank: only then is a blank the sale's word. What could not be read is none, nor
/// what a rule makes nothing of.
pub(super) fn is_blank_in_crm(map: &SageFieldMap, fields: &Fields) -> bool {
    let names = match &map.from {
        SageSource::Const(_) => return false,
        SageSource::Fields(names) => names,
    };
    let counted = match map.with {
        SageWith::Join => names.len(),
        // The others only say how the first one is read.
        _ => 1,
    };
    let blank = |name: &String| {
        let value = fields.get(name);
        value.is_some_and(|value| Helper::source_text(value).trim().is_empty())
    };
    !names.is_empty() && names.iter().take(counted).all(blank)
}

/// Takes out what is blank for another reason than that the CRM's own field is.
pub(super) fn keep_own_blanks<'m>(
    columns: &mut Fields,
    maps: impl IntoIterator<Item = &'m SageFieldMap>,
    fields: &Fields,
) {
    let maps: BTreeMap<&str, &SageFieldMap> = maps
        .into_iter()
        .map(|map| (map.column.name.as_str(), map))
        .collect();
    columns.retain(|column, value| {
        let map = maps.get(column.as_str());
        !value.is_blank() || map.is_some_and(|map| is_blank_in_crm(map, fields))
    });
}

/// The fields that a map reads.
pub(super) fn fields_of(map: &SageFieldMap) -> Vec<String> {
    fields_of_ref(map).into_iter().map(str::to_owned).collect()
}

fn fields_of_ref(map: &SageFieldMap) -> Vec<&str> {
    match &map.from {
        SageSource::Fields(names) => names.iter().map(String::as_str).collect(),
        SageSource::Const(_) => Vec::new(),
    }
}

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
    /// The rate of the CRM's that this record's order needs. `None`: none is needed, or the configuration has it. `zone`: the
    /// company's.
    #[must_use]
    pub fn wanted_rate(
        &self,
        source: &OrderSource,
        fields: &Fields,
        zone: Option<&TimeZone>,
    ) -> Option<WantedRate> {
        let from = self.currency.foreign(source, fields)?;
        (self.currency.rates == RateSource::Crm).then(|| WantedRate {
            from,
            day: day_of(source, fields, zone),
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
        zone: Option<&TimeZone>,
        faults: &mut Faults,
    ) -> Option<CurrencyNote> {
        let from = self.foreign(source, fields)?;
        let to = &self.sage;
        let shown = quoted(&from);
        let day = day_of(source, fields, zone);
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

fn day_of(source: &OrderSource, fields: &Fields, zone: Option<&TimeZone>) -> Option<Date> {
    match fields.get(source.day.as_ref()?)? {
        Value::Date(day) => Some(*day),
        // A date and time.
        Value::Text(text) => day(text, zone),
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
