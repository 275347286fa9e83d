//! Entities as they are sent: every member, in order; what is not there is `i:nil`.

use super::{
    binding::Binding,
    types::{Member, Type, column_of},
    values,
    xml::escaped,
};
use crate::{data::Values, sage::Order};

/// What an entity is written from.
pub struct Record<'a> {
    /// Its columns.
    pub values: &'a Values,
    /// Its lines, if it is an order.
    pub lines: &'a [Values],
    /// Its payments, if it is an order.
    pub payments: &'a [Values],
}

impl<'a> Record<'a> {
    /// A record without lines.
    pub fn plain(values: &'a Values) -> Self {
        Self {
            values,
            lines: &[],
            payments: &[],
        }
    }

    /// An order.
    pub fn order(order: &'a Order) -> Self {
        Self {
            values: &order.header,
            lines: &order.lines,
            payments: &order.payments,
        }
    }
}

/// The members of a record in the data namespace, whose prefix is `b`.
pub fn members(record: &Record<'_>, kind: Type, binding: &Binding) -> String {
    let mut xml = String::new();
    for name in kind.members(binding) {
        let column = column_of(name);
        match kind.member(name) {
            Member::ListOf(Type::Field) => xml += &other_fields(record.values),
            Member::ListOf(item) => {
                let rows = if name == "Lines" {
                    record.lines
                } else {
                    record.payments
                };
                xml += &list(name, rows, item, binding);
            }
            member => xml += &simple(name, &text(record.values, &column, member), member),
        }
    }
    xml
}

fn list(name: &str, rows: &[Values], item: Type, binding: &Binding) -> String {
    let rows: String = rows
        .iter()
        .map(|row| {
            let inner = members(&Record::plain(row), item, binding);
            format!("<b:{0}>{inner}</b:{0}>", item.name())
        })
        .collect();
    format!("<b:{name}>{rows}</b:{name}>")
}

fn text(values: &Values, column: &str, member: Member) -> Option<String> {
    let of = |name: &str| values.get(name).map_or("", String::as_str);
    match (column, member) {
        ("DateTimeCreated", _) => values::stamp(of("DateCreated"), of("TimeCreated")),
        ("DateTimeUpdated", _) => values::stamp(of("DateUpdated"), of("TimeUpdated")),
        (_, Member::DateTime | Member::Instant) => values::date_time(of(column)),
        _ => values.get(column).cloned(),
    }
}

/// One simple member.
pub fn simple(name: &str, text: &Option<String>, member: Member) -> String {
    match text {
        Some(text) if member == Member::Text && text.is_empty() => format!("<b:{name}/>"),
        Some(text) if !text.is_empty() => format!("<b:{name}>{}</b:{name}>", escaped(text)),
        _ => format!("<b:{name} i:nil=\"true\"/>"),
    }
}

/// The user-defined columns.
fn other_fields(values: &Values) -> String {
    let fields: String = values
        .iter()
        .filter(|(name, _)| name.starts_with("UDF_"))
        .map(|(name, value)| {
            let name = simple("MasFieldName", &Some(name.clone()), Member::Text);
            let value = simple("Value", &Some(value.clone()), Member::Text);
            format!("<b:Field>{name}{value}</b:Field>")
        })
        .collect();
    format!("<b:OtherFields>{fields}</b:OtherFields>")
}
