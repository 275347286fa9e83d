//! Values as the agent and the SOAP service want them, and what an order gives to Sage.

use std::collections::BTreeMap;

use counterpart_domain::sale::SaleLine;
use counterpart_domain::{Class, Fault, Fields, SageKey, Value};

/// The most lines of an order.
pub(crate) const MOST_LINES: usize = 1000;

/// Columns by name, as text.
pub(crate) type Columns = BTreeMap<String, String>;

/// A value as Sage holds it in text: flags `Y` and `N`, dates `YYYYMMDD`, numbers with a point.
pub(crate) fn text(value: &Value) -> String {
    value.in_sage()
}

/// Columns as text.
pub(crate) fn columns(fields: &Fields) -> Columns {
    fields
        .iter()
        .map(|(name, value)| (name.clone(), text(value)))
        .collect()
}

/// What is named to be written, checked: key columns follow from the key.
pub(crate) fn check_record(key: &SageKey, fields: &Fields) -> Result<(), Fault> {
    let spec = key.entity.spec();
    if spec.key_source.is_none() {
        return Err(bug(format_args!("{} are not written", spec.table.name)));
    }
    let forbidden: Vec<&str> = spec.key.columns().collect();
    check_free(fields, &forbidden)
}

/// The header columns of an order: those that are named, and neither key nor mark.
pub(crate) fn check_header(header: &Fields, reference_column: &str) -> Result<(), Fault> {
    check_free(
        header,
        &[
            "SalesOrderNo",
            "ARDivisionNo",
            "CustomerNo",
            reference_column,
        ],
    )
}

/// The columns of a new line.
pub(crate) fn line_columns(line: &SaleLine) -> Result<Fields, Fault> {
    check_line(&line.columns)?;
    Ok(line.named())
}

/// Columns of a line that may be named.
pub(crate) fn check_line(columns: &Fields) -> Result<(), Fault> {
    check_free(columns, &["SalesOrderNo", "LineKey"])
}

/// Refuses orders that no service takes.
pub(crate) fn check_lines(count: usize) -> Result<(), Fault> {
    if count == 0 {
        return Err(bug("an order without lines"));
    }
    if count > MOST_LINES {
        return Err(Fault::new(
            Class::Data,
            "E_SAGE_TOO_LONG",
            format!(
                "The order has {count} lines; at most {MOST_LINES} go to Sage 100 in one order."
            ),
        ));
    }
    Ok(())
}

/// The parts of a key, each with its column: `01`, `ABF` and, of a contact, its code, which its customer's key tells.
pub(crate) fn key_columns<'a>(
    key: &'a SageKey,
    parent: Option<&SageKey>,
) -> Result<Vec<(&'static str, &'a str)>, Fault> {
    let parts = key.parts(parent);
    if parts.is_empty() {
        return Err(bug(format_args!("{key} without its parts")));
    }
    Ok(key.entity.spec().key.columns().zip(parts).collect())
}

fn check_free(fields: &Fields, forbidden: &[&str]) -> Result<(), Fault> {
    match forbidden.iter().find(|name| fields.contains_key(**name)) {
        None => Ok(()),
        Some(name) => Err(bug(format!("{name} is given as a column"))),
    }
}

/// A question that our own code should not ask.
pub(crate) fn bug(why: impl std::fmt::Display) -> Fault {
    Fault::new(
        Class::Bug,
        "E_SAGE_BAD_REQUEST",
        "Sage 100 was not asked: the question makes no sense.",
    )
    .with_detail(why)
}

#[cfg(test)]
mod tests {
    use counterpart_domain::Entity;

    use super::*;

    #[test]
    fn values_are_written_as_sage_holds_them() {
        let date = "2026-11-22".parse().unwrap();
        for (value, expected) in [
            (Value::Blank, ""),
            (Value::Text("a, b".into()), "a, b"),
            (Value::Number("84.500".parse().unwrap()), "84.5"),
            (Value::Number("100".parse().unwrap()), "100"),
            (Value::Number("0.000001".parse().unwrap()), "0.000001"),
            (
                Value::Number("79228162514264337593543950335".parse().unwrap()),
                "79228162514264337593543950335",
            ),
            (Value::Flag(false), "N"),
            (Value::Date(date), "20261122"),
        ] {
            assert_eq!(text(&value), expected);
        }
    }

    #[test]
    fn a_contact_is_told_apart_by_its_customer_whatever_its_code_holds() {
        let company = counterpart_domain::Company::new("ABC").unwrap();
        let contact = SageKey::new(&company, Entity::CONTACT, "01-ABF/A/P DEPT").unwrap();
        for (number, code) in [("ABF", "A/P DEPT"), ("ABF/A", "P DEPT")] {
            let customer = format!("01-{number}");
            let customer = SageKey::new(&company, Entity::CUSTOMER, &customer).unwrap();
            let columns = key_columns(&contact, Some(&customer)).unwrap();
            assert_eq!(
                columns,
                [
                    ("ARDivisionNo", "01"),
                    ("CustomerNo", number),
                    ("ContactCode", code)
                ]
            );
        }
        assert!(key_columns(&contact, None).is_err());
        let customer = SageKey::new(&company, Entity::CUSTOMER, "01-A-B").unwrap();
        assert_eq!(
            key_columns(&customer, None).unwrap(),
            [("ARDivisionNo", "01"), ("CustomerNo", "A-B")]
        );
        let rep = SageKey::new(&company, Entity::SALESPERSON, "01-0100").unwrap();
        assert_eq!(
            check_record(&rep, &Fields::new()).unwrap_err().code,
            "E_SAGE_BAD_REQUEST"
        );
    }
}
