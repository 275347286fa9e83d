//! The condition of a query, checked against the fields and ready to judge records.

use std::cmp::Ordering;

use serde_json::{Value, json};

use super::{
    compare::{Wanted, known, wanted},
    fault::{invalid_field, malformed},
    path::{Path, resolve},
    syntax::{Condition, Literal, Name, Operator, Query},
};
use crate::salesforce::{
    errors::Fail,
    ids::Id,
    org::Org,
    schema::{Kind, Object},
    store::Record,
};

/// A checked condition.
#[derive(Debug, Clone)]
pub enum Filter {
    /// All records.
    Everything,
    /// AND.
    All(Vec<Filter>),
    /// OR.
    Any(Vec<Filter>),
    /// NOT.
    Not(Box<Filter>),
    /// A test.
    Test(Path, Operator, Vec<Wanted>),
}

/// Checks a condition.
///
/// # Errors
/// What Salesforce says, with the place.
pub fn checked(
    org: &Org,
    object: &'static Object,
    condition: Option<&Condition>,
    text: &str,
) -> Result<Filter, Fail> {
    let Some(condition) = condition else {
        return Ok(Filter::Everything);
    };
    let parts = |parts: &[Condition]| -> Result<Vec<Filter>, Fail> {
        parts
            .iter()
            .map(|part| checked(org, object, Some(part), text))
            .collect()
    };
    match condition {
        Condition::All(all) => parts(all).map(Filter::All),
        Condition::Any(any) => parts(any).map(Filter::Any),
        Condition::Not(inner) => {
            checked(org, object, Some(inner), text).map(|inner| Filter::Not(Box::new(inner)))
        }
        Condition::Test {
            field,
            operator,
            values,
        } => test(org, object, field, *operator, values, text),
        Condition::Within {
            field,
            negated,
            query,
        } => within(org, object, field, *negated, query, text),
    }
}

fn test(
    org: &Org,
    object: &'static Object,
    field: &Name,
    operator: Operator,
    values: &[Literal],
    text: &str,
) -> Result<Filter, Fail> {
    let path = resolve(org, object, field, text)?;
    if matches!(
        path.field.kind,
        Kind::LongText | Kind::Html | Kind::Address(_)
    ) {
        let message = format!(
            "field '{}' can not be filtered in a query call",
            path.field.name
        );
        return Err(invalid_field(text, field.at, &message));
    }
    let orders = matches!(
        operator,
        Operator::Less | Operator::AtMost | Operator::Greater | Operator::AtLeast
    );
    let is_text = matches!(wanted_kind(path.field.kind), "string");
    let fits = match operator {
        Operator::Like => is_text,
        _ => !(orders && path.field.kind == Kind::Boolean),
    };
    if !fits {
        let mut fail = malformed(text, field.at, "invalid operator on this type of field");
        "INVALID_QUERY_FILTER_OPERATOR".clone_into(&mut fail.code);
        return Err(fail);
    }
    let values: Result<Vec<Wanted>, Fail> = values
        .iter()
        .map(|value| wanted(org, path.field, operator, value, text))
        .collect();
    Ok(Filter::Test(path, operator, values?))
}

/// The name of a type in messages.
pub fn wanted_kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Boolean => "boolean",
        Kind::Number(..) => "double",
        Kind::Int(_) => "int",
        Kind::Currency(..) => "currency",
        Kind::Percent(..) => "percent",
        Kind::Date => "date",
        Kind::DateTime => "dateTime",
        Kind::Id | Kind::Reference(_) => "id",
        _ => "string",
    }
}

/// `Id IN (SELECT AccountId FROM Contact …)`.
fn within(
    org: &Org,
    object: &'static Object,
    field: &Name,
    negated: bool,
    query: &Query,
    text: &str,
) -> Result<Filter, Fail> {
    let path = resolve(org, object, field, text)?;
    let (target, inner) = super::single_column(org, query, text)?;
    let is_id = |kind: Kind| matches!(kind, Kind::Id | Kind::Reference(_));
    if !is_id(path.field.kind) || !is_id(inner.field.kind) {
        return Err(malformed(
            text,
            field.at,
            "The inner and outer selects of a semi join sub-select must have id fields",
        ));
    }
    let values = super::select::records(org, target, query, text, false)?
        .into_iter()
        .filter_map(|record| Id::parse(inner.value(org, record).as_str()?))
        .map(|id| Wanted::Exact(id.to_string()))
        .collect();
    let operator = if negated {
        Operator::NotIn
    } else {
        Operator::In
    };
    Ok(Filter::Test(path, operator, values))
}

impl Filter {
    /// Whether a record is wanted.
    pub fn fits(&self, org: &Org, record: &Record) -> bool {
        match self {
            Filter::Everything => true,
            Filter::All(parts) => parts.iter().all(|part| part.fits(org, record)),
            Filter::Any(parts) => parts.iter().any(|part| part.fits(org, record)),
            Filter::Not(inner) => !inner.fits(org, record),
            Filter::Test(path, operator, wanted) => {
                let found = known(path.field, &path.value(org, record));
                judge(&found, *operator, wanted)
            }
        }
    }

    /// The few records that an index gives, if one helps.
    pub fn candidates<'a>(&self, org: &'a Org, object: &Object) -> Option<Vec<&'a Record>> {
        let store = org.stores.get(object.name)?;
        match self {
            Filter::All(parts) => parts.iter().find_map(|part| part.candidates(org, object)),
            Filter::Test(path, Operator::Equal | Operator::In, wanted) if path.hops.is_empty() => {
                let texts: Option<Vec<&str>> = wanted.iter().map(Wanted::text).collect();
                let mut few: Vec<&Record> = if path.field.kind == Kind::Id {
                    texts?
                        .into_iter()
                        .filter_map(|id| store.any(&Id::parse(id)?))
                        .collect()
                } else if store.is_indexed(path.field.name) {
                    texts?
                        .into_iter()
                        .flat_map(|text| store.find(path.field.name, &json!(text)))
                        .collect()
                } else {
                    return None;
                };
                few.sort_by(|one, other| one.id.cmp(&other.id));
                few.dedup_by(|one, other| one.id == other.id);
                Some(few)
            }
            _ => None,
        }
    }
}

fn judge(found: &Wanted, operator: Operator, wanted: &[Wanted]) -> bool {
    let equal = |wanted: &Wanted| found.order(wanted) == Some(Ordering::Equal);
    let Some(first) = wanted.first() else {
        return operator == Operator::NotIn;
    };
    match operator {
        Operator::Equal | Operator::In => wanted.iter().any(equal),
        Operator::NotEqual | Operator::NotIn => !wanted.iter().any(equal),
        Operator::Less => found.order(first) == Some(Ordering::Less),
        Operator::Greater => found.order(first) == Some(Ordering::Greater),
        Operator::AtMost => {
            matches!(found.order(first), Some(Ordering::Less | Ordering::Equal))
                && *found != Wanted::Null
        }
        Operator::AtLeast => {
            matches!(
                found.order(first),
                Some(Ordering::Greater | Ordering::Equal)
            ) && *found != Wanted::Null
        }
        Operator::Like => match (found, first) {
            (Wanted::Text(text), Wanted::Text(pattern)) => like(text, pattern),
            _ => false,
        },
    }
}

/// `%` stands for any text, `_` for one character, a backslash for what follows it.
fn like(text: &str, pattern: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    // What a place of the pattern takes: `None` is any text, `Some(None)` any character.
    let mut parts: Vec<Option<Option<char>>> = Vec::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        parts.push(match c {
            '%' => None,
            '_' => Some(None),
            '\\' => Some(Some(chars.next().unwrap_or('\\'))),
            c => Some(Some(c)),
        });
    }
    // Which prefixes of the text the pattern so far fits.
    let mut reached = vec![false; text.len() + 1];
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    for part in parts {
        let mut next = vec![false; text.len() + 1];
        let mut any = false;
        for (at, place) in next.iter_mut().enumerate() {
            *place = match part {
                None => {
                    any |= reached.get(at).copied().unwrap_or(false);
                    any
                }
                Some(one) => {
                    let before = at.checked_sub(1);
                    let came = before
                        .and_then(|before| reached.get(before))
                        .copied()
                        .unwrap_or(false);
                    let here = before.and_then(|before| text.get(before)).copied();
                    came && (one.is_none() || one == here)
                }
            };
        }
        reached = next;
    }
    reached.last().copied().unwrap_or(false)
}

/// The value as one that can be ordered.
pub fn sortable(path: &Path, value: &Value) -> Wanted {
    known(path.field, value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn like_knows_any_text_any_character_and_escapes() {
        assert!(like("american business futures", "american%"));
        assert!(like("american business futures", "%bus_ness%"));
        assert!(like("50% off", r"50\% off"));
        assert!(!like("500 off", r"50\% off"));
        assert!(!like("american business futures", "business"));
        assert!(like("", "%") && !like("", "_"));
    }
}
