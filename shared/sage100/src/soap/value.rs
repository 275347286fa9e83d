//! Values as the service's types want them.

use counterpart_domain::{Class, Fault, Value, bounded};
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::binding::{Kind, Slot};
use super::xml::{Node, check_text};
use crate::text::text;

/// A value in an element's own form. `null_date`: what the service takes for a blank date.
pub(super) fn node(slot: &Slot, value: &Value, null_date: Option<&str>) -> Result<Node, Fault> {
    let column = &slot.name.local;
    let Kind::Simple(kind) = &slot.kind else {
        return Err(refused(column, "it is no single value in the SOAP service"));
    };
    let blank = value.is_blank();
    let text = match kind.as_str() {
        "decimal" | "double" | "float" if blank => return Ok(empty_number(slot)),
        "decimal" | "double" | "float" => number(column, value)?.normalize().to_string(),
        "int" | "integer" | "long" | "short" | "byte" | "unsignedInt" | "unsignedShort"
        | "unsignedByte" | "unsignedLong" | "nonNegativeInteger" | "positiveInteger"
            if blank =>
        {
            return Ok(empty_number(slot));
        }
        "int" | "integer" | "long" | "short" | "byte" | "unsignedInt" | "unsignedShort"
        | "unsignedByte" | "unsignedLong" | "nonNegativeInteger" | "positiveInteger" => {
            let number = number(column, value)?.normalize();
            if number.scale() > 0 {
                return Err(refused(column, "it takes whole numbers only"));
            }
            number.to_string()
        }
        "dateTime" if blank => match null_date {
            Some(null_date) => null_date.to_owned(),
            None => return Ok(Node::nil(slot.name.clone())),
        },
        // Without a zone: Sage's dates are days, and a zone could move them to the next one.
        "dateTime" => format!("{}T00:00:00", date(column, value)?),
        "date" if blank => return Ok(Node::nil(slot.name.clone())),
        "date" => date(column, value)?.to_string(),
        "boolean" => match value {
            Value::Flag(flag) => flag.to_string(),
            Value::Text(text) if text == "Y" => "true".into(),
            Value::Text(text) if text == "N" => "false".into(),
            Value::Blank => "false".into(),
            _ => return Err(refused(column, "it takes Y or N")),
        },
        _ => text(value),
    };
    Ok(Node::text(slot.name.clone(), carried(column, text)?))
}

/// Whether blanking this column takes the service's own blank date.
pub(super) fn needs_null_date(slot: &Slot, value: &Value) -> bool {
    value.is_blank() && slot.kind == Kind::Simple("dateTime".into())
}

/// A text that XML can carry.
pub(super) fn carried(column: &str, text: String) -> Result<String, Fault> {
    if check_text(&text) {
        return Ok(text);
    }
    Err(refused(
        column,
        "it holds a control character, which the SOAP service cannot be sent",
    ))
}

fn empty_number(slot: &Slot) -> Node {
    if slot.nillable {
        Node::nil(slot.name.clone())
    } else {
        Node::text(slot.name.clone(), "0")
    }
}

fn number(column: &str, value: &Value) -> Result<Decimal, Fault> {
    match value {
        Value::Number(number) => Ok(*number),
        Value::Text(text) => {
            Decimal::from_str_exact(text.trim()).map_err(|_| refused(column, "it takes a number"))
        }
        _ => Err(refused(column, "it takes a number")),
    }
}

fn date(column: &str, value: &Value) -> Result<Date, Fault> {
    let wanted = || refused(column, "it takes a date");
    match value {
        Value::Date(date) => Ok(*date),
        Value::Text(text) if text.len() == 8 => {
            Date::strptime("%Y%m%d", text).map_err(|_| wanted())
        }
        Value::Text(text) => text.parse().map_err(|_| wanted()),
        _ => Err(wanted()),
    }
}

/// A value that cannot be sent to this service.
pub(super) fn refused(column: &str, why: &str) -> Fault {
    Fault::new(
        Class::Data,
        "E_SAGE_REFUSED",
        format!(
            "{} cannot be written: {why}.",
            bounded(column.to_owned(), 64)
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::super::xml::Name;
    use super::*;

    fn written(kind: &str, nillable: bool, value: &Value) -> String {
        let slot = Slot {
            name: Name::new("", "X"),
            kind: Kind::Simple(kind.into()),
            nillable,
            required: false,
            repeated: false,
        };
        match node(&slot, value, Some("1753-01-01T00:00:00")) {
            Ok(node) if node.nil => "nil".into(),
            Ok(node) => node.text,
            Err(fault) => fault.message,
        }
    }

    #[test]
    fn each_type_has_its_form() {
        let number = |text: &str| Value::Number(text.parse().unwrap());
        let day = Value::Date("2026-11-22".parse().unwrap());
        for (kind, value, expected) in [
            ("string", Value::text("a & b"), "a & b"),
            ("string", Value::Flag(true), "Y"),
            ("string", day.clone(), "20261122"),
            ("string", Value::Blank, ""),
            ("decimal", number("84.500000"), "84.5"),
            ("decimal", number("1000"), "1000"),
            (
                "decimal",
                Value::text("0.000000000000000000000001"),
                "0.000000000000000000000001",
            ),
            (
                "decimal",
                Value::text("12 1/2"),
                "X cannot be written: it takes a number.",
            ),
            ("decimal", Value::Blank, "nil"),
            ("int", number("3.0"), "3"),
            (
                "int",
                number("3.5"),
                "X cannot be written: it takes whole numbers only.",
            ),
            ("dateTime", day.clone(), "2026-11-22T00:00:00"),
            ("dateTime", Value::text("20261122"), "2026-11-22T00:00:00"),
            (
                "dateTime",
                Value::text("20261332"),
                "X cannot be written: it takes a date.",
            ),
            ("dateTime", Value::Blank, "1753-01-01T00:00:00"),
            ("date", day, "2026-11-22"),
            ("boolean", Value::text("Y"), "true"),
            (
                "string",
                Value::text("a\u{1}b"),
                "X cannot be written: it holds a control character, which the SOAP service cannot be sent.",
            ),
        ] {
            assert_eq!(written(kind, true, &value), expected, "{kind} {value:?}");
        }
        assert_eq!(written("decimal", false, &Value::Blank), "0");
    }
}
