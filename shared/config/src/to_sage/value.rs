//! One column's value out of the CRM's fields.

use counterpart_domain::sale::{code, is_code_column};
use counterpart_domain::{ColumnKind, Fields, Record, TableSpec, Value};
use jiff::tz::TimeZone;

use super::day::day;
use super::fault::{Wrong, quoted};
use super::{Lengths, phone};
use crate::mapping::{Helper, as_flag, as_number, is_addressed, place, title, with_first};
use crate::{SageFieldMap, SageSource, SageWith, StreetLines};

/// Why a column has no value: the end of the sentence `FIELDS of RECORD …`.
pub(super) struct Refusal {
    pub(super) wrong: Wrong,
    pub(super) why: String,
    /// It is the country that is wrong, which its own column says where there is one.
    pub(super) by_country: bool,
}

impl Refusal {
    fn invalid(why: String) -> Self {
        Self {
            wrong: Wrong::Invalid,
            why,
            by_country: false,
        }
    }
}

impl SageFieldMap {
    /// The value of this column. `lines`: how many address lines the street is spread over. `held`: Sage's record as it is,
    /// where there is one.
    pub(super) fn value(
        &self,
        fields: &Fields,
        table: &'static TableSpec,
        lengths: &Lengths,
        lines: u8,
        held: Option<&Record>,
    ) -> Result<Value, Refusal> {
        let kind = table.kind(&self.column.name);
        let zone = lengths.zone();
        let most = self.most(table, lengths);
        let names = match &self.from {
            SageSource::Const(value) => {
                return typed(value.clone(), kind, None).map(|value| self.tidy(value, table));
            }
            SageSource::Fields(names) => names,
        };
        let in_crm = |at: usize| {
            let name = names.get(at)?;
            fields.get(name).filter(|value| !value.is_blank()).cloned()
        };
        let text = |at: usize| {
            let value = in_crm(at).unwrap_or(Value::Blank);
            Helper::source_text(&value).trim().to_owned()
        };
        let first = in_crm(0).unwrap_or(Value::Blank);
        let in_sage = held.map_or("", |record| record.text(&self.column.name));
        if !self.values.is_empty() {
            let made = self.of_table(&text(0))?;
            return self.fit(typed(made, kind, zone)?, table, most);
        }
        let made = match self.with {
            SageWith::AsIs => typed(first, kind, zone)?,
            SageWith::Upper => Value::text(text(0).to_uppercase()),
            SageWith::Join => {
                let texts = (0..names.len()).map(text).filter(|text| !text.is_empty());
                let joined = texts.collect::<Vec<_>>().join(" ");
                Value::text(self.with_title(joined, in_sage))
            }
            SageWith::AddressLine(line) => {
                return self.address_line(&text(0), line, lines, table, lengths);
            }
            SageWith::StateCode => state(&text(0), &text(1))?,
            SageWith::CountryCode3 => country(&text(0))?,
            SageWith::PostalCode => postal_code(&text(0), &text(1))?,
            SageWith::Phone => Value::text(phone::split(&text(0)).0),
            SageWith::PhoneExtension => Value::text(phone::split(&text(0)).1),
            SageWith::Email => email(&text(0), in_sage)?,
            SageWith::Date => {
                let date = typed(first, ColumnKind::Date, zone)?;
                typed(date, kind, zone)?
            }
        };
        self.fit(made, table, most)
    }

    /// A name with the title that stands before it in Sage and in no field of the CRM.
    fn with_title(&self, name: String, in_sage: &str) -> String {
        let of_name = ["ContactName", "CustomerName"].contains(&self.column.name.as_str());
        let title_of = |text: &str| {
            let word = text.split_whitespace().next().filter(|_| of_name)?;
            (!title(word).is_empty()).then(|| word.to_owned())
        };
        match title_of(in_sage) {
            Some(title) if !name.is_empty() && title_of(&name).is_none() => {
                format!("{title} {name}")
            }
            _ => name,
        }
    }

    /// The greatest length, where one is known: the shorter one of configuration and agent.
    fn most(&self, table: &'static TableSpec, lengths: &Lengths) -> Option<u32> {
        let known = lengths.get(table, &self.column.name);
        [self.column.length, known].into_iter().flatten().min()
    }

    fn of_table(&self, text: &str) -> Result<Value, Refusal> {
        let found = self.values.iter().find(|(from, _)| from == text);
        match found {
            Some((_, to)) => Ok(Value::text(to.as_str())),
            None if text.is_empty() => Ok(Value::Blank),
            None => {
                let known = self.values.iter().take(20).map(|(from, _)| from.as_str());
                let known: Vec<&str> = known.filter(|from| !from.is_empty()).collect();
                Err(Refusal {
                    wrong: Wrong::Unknown,
                    why: format!(
                        "is {}, for which no value of Sage 100 is set up. Choose one of: {}.",
                        quoted(text),
                        known.join(", ")
                    ),
                    by_country: false,
                })
            }
        }
    }

    /// A text of one line, unless the column takes several.
    fn tidy(&self, value: Value, table: &TableSpec) -> Value {
        let Value::Text(text) = value else {
            return value;
        };
        if table
            .column(&self.column.name)
            .is_some_and(|spec| spec.several_lines)
        {
            return Value::text(text.trim());
        }
        if !text.contains(char::is_control) {
            return Value::text(text.trim());
        }
        let parts = text.split(char::is_control).map(str::trim);
        let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
        Value::text(parts.join(" "))
    }

    /// Holds a text to its greatest length.
    fn fit(&self, value: Value, table: &TableSpec, most: Option<u32>) -> Result<Value, Refusal> {
        let mut value = self.tidy(value, table);
        if let Value::Text(text) = &value
            && is_code_column(&self.column.name)
        {
            value = Value::text(code(text));
        }
        let (Value::Text(text), Some(most)) = (&value, most) else {
            return Ok(value);
        };
        let count = text.chars().count();
        if count <= most as usize {
            return Ok(value);
        }
        if self.cut {
            let cut: String = text.chars().take(most as usize).collect();
            return Ok(Value::text(cut.trim_end()));
        }
        Err(Refusal {
            wrong: Wrong::TooLong,
            why: format!(
                "has {count} characters ({}), and Sage 100 takes {most}. Shorten it.",
                quoted(text)
            ),
            by_country: false,
        })
    }

    /// One of the lines that a street is spread over.
    fn address_line(
        &self,
        street: &str,
        line: u8,
        lines: u8,
        table: &'static TableSpec,
        lengths: &Lengths,
    ) -> Result<Value, Refusal> {
        let stem = self
            .column
            .name
            .trim_end_matches(|c: char| c.is_ascii_digit());
        let mut own = [0; 3];
        let usual = StreetLines::LENGTHS;
        for ((slot, usual), number) in own.iter_mut().zip(usual).zip(1..=lines.min(3)) {
            let known = lengths.get(table, &format!("{stem}{number}"));
            let known = [self.column.length, known].into_iter().flatten().min();
            *slot = known.map_or(usual, |most| most as usize);
        }
        let split = StreetLines::split(street, own);
        if !split.rest.is_empty() && !self.cut {
            let most = own.first().copied().unwrap_or_default();
            return Err(Refusal {
                wrong: Wrong::TooLong,
                why: format!(
                    "does not fit into Sage 100's {lines} address lines of {most} characters: {} has no place. \
                     Shorten it.",
                    quoted(&split.rest)
                ),
                by_country: false,
            });
        }
        let made = split.lines.get(usize::from(line.saturating_sub(1)));
        Ok(self.tidy(Value::text(made.cloned().unwrap_or_default()), table))
    }
}

/// See [`typed`]; for values of the configuration.
pub(crate) fn typed_constant(value: Value, kind: ColumnKind) -> Option<Value> {
    typed(value, kind, None).ok()
}

/// A value in the type of its column. Sage's UDFs are text. `zone`: the company's.
fn typed(value: Value, kind: ColumnKind, zone: Option<&TimeZone>) -> Result<Value, Refusal> {
    let text = match &value {
        Value::Blank => return Ok(Value::Blank),
        Value::Date(date) if kind == ColumnKind::Text => date.strftime("%Y%m%d").to_string(),
        other => Helper::source_text(other),
    };
    let text = text.trim();
    if text.is_empty() {
        return Ok(Value::Blank);
    }
    let (made, wanted) = match kind {
        ColumnKind::Text => (Some(Value::text(text)), "a text"),
        ColumnKind::Number => (as_number(text), "a number"),
        ColumnKind::Flag => (as_flag(text), "yes or no"),
        ColumnKind::Date => (day(text, zone).map(Value::Date), "a date"),
    };
    made.ok_or_else(|| {
        Refusal::invalid(format!(
            "is {}, where {wanted} is wanted. Correct it.",
            quoted(text)
        ))
    })
}

/// The two letters of a state or province.
fn state(text: &str, country: &str) -> Result<Value, Refusal> {
    if text.is_empty() {
        return Ok(Value::Blank);
    }
    let countries = match place::country(country) {
        Some(known) => vec![known.code],
        None if country.is_empty() => vec!["US", "CA"],
        None => Vec::new(),
    };
    let mut found = countries
        .iter()
        .filter_map(|country| place::state(text, country));
    match found.next() {
        Some(state) => Ok(Value::text(state.code)),
        None if text.chars().count() <= 2 => Ok(Value::text(text)),
        None => Err(Refusal {
            by_country: countries.is_empty(),
            ..Refusal::invalid(format!(
                "is {}, and Sage 100 takes the two letters of a state. Write those, or leave it blank.",
                quoted(text)
            ))
        }),
    }
}

/// The three letters of a country.
fn country(text: &str) -> Result<Value, Refusal> {
    match place::country(text) {
        Some(known) => Ok(Value::text(known.code3)),
        None if text.is_empty() => Ok(Value::Blank),
        None => Err(Refusal::invalid(format!(
            "is {}, which is no known country. Write its name or its code.",
            quoted(text)
        ))),
    }
}

/// The e-mail address in the place of the first one that Sage has.
fn email(text: &str, in_sage: &str) -> Result<Value, Refusal> {
    if !is_addressed(text) {
        return Err(Refusal::invalid(format!(
            "is {}, which is no e-mail address. Correct it.",
            quoted(text)
        )));
    }
    Ok(Value::text(with_first(in_sage, text)))
}

fn postal_code(text: &str, country: &str) -> Result<Value, Refusal> {
    if text.is_empty() {
        return Ok(Value::Blank);
    }
    let said = !country.is_empty();
    let known = place::country(if said { country } else { "US" });
    let made = known.map_or(place::Code::NoForm, |known| {
        place::postal_code(text, known.code, said)
    });
    match (made, known) {
        (place::Code::Standard(code), _) => Ok(Value::text(code)),
        (place::Code::Unknown, Some(known)) if said => Err(Refusal::invalid(format!(
            "is {}, which is no postal code of {}. Correct it.",
            quoted(text),
            known.name
        ))),
        // Without a country, nobody knows what form it should have.
        _ => Ok(Value::text(text)),
    }
}
