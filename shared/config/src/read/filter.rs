//! `inactive` and `include`.

use counterpart_domain::{ColumnKind, Entity, Value};
use jiff::civil::Date;
use rust_decimal::Decimal;
use toml::de::DeValue;

use super::column::column;
use super::compute;
use super::item::Item;
use super::section::Section;
use crate::{Condition, Expression, Filter, Inactive, Test};

pub(super) fn read(section: &mut Section<'_>, entity: Entity) -> Filter {
    let inactive = section.get("inactive").and_then(|item| {
        if entity.spec().inactive.is_some() {
            return item.word(&[("exclude", Inactive::Exclude), ("sync", Inactive::Sync)]);
        }
        item.report(
            format!("Sage 100 knows no inactive {entity}s."),
            format!("Take it out here; it belongs to {}.", with_inactive()),
        );
        None
    });
    let conditions = section
        .get("include")
        .and_then(|item| item.list())
        .unwrap_or_default();
    Filter {
        inactive: inactive.unwrap_or(match entity.spec().inactive {
            Some(_) => Inactive::Exclude,
            None => Inactive::Sync,
        }),
        include: conditions
            .iter()
            .filter_map(|item| condition(item, entity))
            .collect(),
    }
}

/// The entities that can be inactive.
fn with_inactive() -> String {
    let any = Entity::ALL.into_iter();
    let any = any.filter(|entity| entity.spec().inactive.is_some());
    any.map(Entity::plural).collect::<Vec<_>>().join(" and ")
}

const TESTS: &str = "Use one of: equals, not, in, starts_with; or { when = \"EXPRESSION\" } alone.";

fn condition(item: &Item<'_>, entity: Entity) -> Option<Condition> {
    let mut section = item.table()?;
    if let Some(when) = section.get("when") {
        section.finish();
        return self::when(&when, entity).map(Condition::When);
    }
    let column = section.need(
        "column",
        "Name the Sage column: { column = \"CustomerType\", equals = \"W\" }.",
    );
    let tests: Vec<_> = ["equals", "not", "in", "starts_with"]
        .into_iter()
        .filter_map(|name| section.get(name))
        .collect();
    if tests.len() != 1 {
        section.report(format!("The condition has {} tests.", tests.len()), TESTS);
    }
    section.finish();
    let (column, kind) = self::column(&column?, entity)?;
    let test = test(tests.first()?, kind)?;
    Some(Condition::Column { column, test })
}

/// An expression that is true or false.
fn when(item: &Item<'_>, entity: Entity) -> Option<Expression> {
    let expression = compute::read(item, entity)?;
    if expression.kind() != Some(ColumnKind::Flag) {
        item.report(
            "The expression is neither true nor false.",
            "Compare something: CreditLimit > 1000, CustomerType == \"W\".",
        );
    }
    Some(expression)
}

fn test(item: &Item<'_>, kind: ColumnKind) -> Option<Test> {
    match item.name() {
        "equals" => Some(Test::Equals(value(item, kind)?)),
        "not" => Some(Test::Not(value(item, kind)?)),
        "in" => {
            let list = item.list()?;
            if list.is_empty() {
                item.report(
                    "The list is empty; nothing would go to the CRM.",
                    "Name at least one value.",
                );
            }
            Some(Test::In(
                list.iter()
                    .filter_map(|element| value(element, kind))
                    .collect(),
            ))
        }
        _ => {
            let text = item.filled()?;
            if kind != ColumnKind::Text {
                item.report(
                    "Only texts start with something.",
                    "Use `equals`, `not` or `in`.",
                );
            }
            Some(Test::StartsWith(text.to_owned()))
        }
    }
}

/// A value in the column's own type; an empty text is blank in any of them.
fn value(item: &Item<'_>, kind: ColumnKind) -> Option<Value> {
    let text = match item.value() {
        DeValue::String(text) => text.to_string(),
        DeValue::Integer(integer) => integer.to_string(),
        DeValue::Float(float) => float.to_string(),
        DeValue::Datetime(date) => date.to_string(),
        DeValue::Boolean(flag) => if *flag { "Y" } else { "N" }.to_owned(),
        DeValue::Array(_) | DeValue::Table(_) => {
            item.text();
            return None;
        }
    };
    if text.is_empty() {
        return Some(Value::Blank);
    }
    let (value, wanted) = match kind {
        ColumnKind::Text => (Some(Value::text(text.as_str())), "a text"),
        ColumnKind::Number => {
            let number = text.parse::<Decimal>().ok();
            (
                number.map(|number| Value::Number(number.normalize())),
                "a number",
            )
        }
        ColumnKind::Flag => match text.as_str() {
            "Y" => (Some(Value::Flag(true)), ""),
            "N" => (Some(Value::Flag(false)), ""),
            _ => (None, "\"Y\" or \"N\""),
        },
        ColumnKind::Date => {
            let date = Date::strptime("%Y-%m-%d", &text).ok();
            (date.map(Value::Date), "a date as YYYY-MM-DD")
        }
    };
    if value.is_none() {
        item.report(
            format!("The column never holds {text:?}."),
            format!("Write {wanted}."),
        );
    }
    value
}
