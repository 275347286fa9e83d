//! `GET …/customer-search`: customers that may be the one described.

use serde_json::{Map, Value, json};

use super::{errors::Failure, query::Query};
use crate::{
    data::Values,
    sage::{CUSTOMERS, World},
};

/// The most customers of one answer.
const MOST: usize = 25;
/// How many when nothing is said.
const USUAL: usize = 10;
/// As many digits tell one telephone number of a country from another.
const LAST_DIGITS: usize = 10;
/// The columns that are shown.
const SHOWN: [&str; 5] = [
    "CustomerName",
    "TelephoneNo",
    "City",
    "ZipCode",
    "CustomerStatus",
];

/// What is looked for, checked.
struct Wanted {
    name: Option<String>,
    first_word: Option<String>,
    digits: Option<String>,
    code: Option<String>,
}

impl Wanted {
    fn of(query: &Query) -> Result<Self, Failure> {
        let text = |name: &'static str| Ok::<_, Failure>(query.one(name)?.map(str::to_owned));
        let (name, digits, code) = (text("name")?, text("phone")?, text("postal_code")?);
        let bad = |what: &str| Err(Failure::bad_request(what));
        if name.is_none() && digits.is_none() {
            return bad("At least one of name and phone is given.");
        }
        if let Some(name) = &name
            && !(1..=100).contains(&name.trim().chars().count())
        {
            return bad("name has 1 to 100 characters, outer spaces aside.");
        }
        if let Some(digits) = &digits
            && !((7..=20).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()))
        {
            return bad("phone has 7 to 20 digits and nothing else.");
        }
        if let Some(code) = &code {
            let fits = |b: u8| b.is_ascii_digit() || b.is_ascii_uppercase();
            if !(3..=10).contains(&code.len()) || !code.bytes().all(fits) {
                return bad("postal_code has 3 to 10 capital letters and digits.");
            }
            if name.is_none() {
                return bad("postal_code only goes with name.");
            }
        }
        Ok(Self {
            first_word: name.as_deref().and_then(first_word),
            name: name.as_deref().map(folded),
            digits,
            code,
        })
    }

    /// Why a customer may be meant; empty when nothing says so.
    fn by(&self, row: &Values) -> Vec<&'static str> {
        let column = |name: &str| row.get(name).map_or("", String::as_str);
        let (name, code) = (column("CustomerName"), column("ZipCode"));
        let mut by = Vec::new();
        if self
            .name
            .as_ref()
            .is_some_and(|wanted| *wanted == folded(name))
        {
            by.push("name");
        }
        let digits: String = column("TelephoneNo")
            .chars()
            .filter(char::is_ascii_digit)
            .collect();
        if self
            .digits
            .as_ref()
            .is_some_and(|wanted| same_number(wanted, &digits))
        {
            by.push("phone");
        }
        let code: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
        let near = self
            .code
            .as_ref()
            .is_some_and(|wanted| code.to_uppercase().starts_with(wanted.as_str()));
        if near && self.first_word.is_some() && self.first_word == first_word(name) {
            by.push("postal_code");
        }
        by
    }
}

/// The customers that fit, in key order.
pub fn customers(world: &mut World, company: &str, query: &Query) -> Result<Value, Failure> {
    if !world.settings.site.customer_search {
        return Err(Failure::new(
            "E_NOT_OFFERED",
            "Customers cannot be looked for here.",
        ));
    }
    let limit = query.number("limit", USUAL, MOST)?;
    let wanted = Wanted::of(query)?;
    let as_of = world.observe();
    let rows = world
        .companies
        .get(company)
        .and_then(|company| company.table(&CUSTOMERS))
        .into_iter()
        .flat_map(|table| table.after(None));
    let mut found = rows.filter_map(|row| {
        let by = wanted.by(&row.fields);
        (!by.is_empty()).then_some((row, by))
    });
    let customers: Vec<Value> = found
        .by_ref()
        .take(limit)
        .map(|(row, by)| json!({"key": row.key, "by": by, "fields": shown(&row.fields)}))
        .collect();
    let more = found.next().is_some();
    Ok(json!({"as_of": as_of, "customers": customers, "more": more}))
}

fn shown(row: &Values) -> Map<String, Value> {
    SHOWN
        .iter()
        .map(|column| {
            let value = row.get(*column).map_or("", String::as_str);
            ((*column).to_owned(), json!(value))
        })
        .collect()
}

fn folded(text: &str) -> String {
    text.trim().to_uppercase()
}

fn first_word(name: &str) -> Option<String> {
    name.split_whitespace().next().map(str::to_uppercase)
}

fn same_number(wanted: &str, there: &str) -> bool {
    let last = |digits: &str| digits.len().checked_sub(LAST_DIGITS);
    match (last(wanted), last(there)) {
        (Some(at), Some(of)) => wanted[at..] == there[of..],
        _ => wanted == there,
    }
}
