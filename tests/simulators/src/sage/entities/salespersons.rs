//! Salespersons. All invented, but for the number 01-0100, which stands in a public script for company ABC.

use super::Entity;
use crate::{
    data::{
        Column, DataSet, Row, Stamp,
        columns::{rate, text},
        reps,
    },
    sage::check::Source,
};

/// AR_Salesperson, key `01-0100`.
pub static SALESPERSONS: Entity = Entity {
    name: "salespersons",
    key: &[("SalespersonDivisionNo", ""), ("SalespersonNo", "-")],
    parent: None,
    since: Some("1.0"),
    source: Source {
        object: "AR_Salesperson_bus",
        columns: COLUMNS,
        read_only: &[],
        old_lengths: false,
    },
    initial: &[],
    rows,
    writes: None,
};

fn rows(company: &str, _: DataSet) -> Vec<Row> {
    match company {
        "ABC" => made(reps::ABC)
            .into_iter()
            .chain(made(&[reps::RETIRED]))
            .collect(),
        "XYZ" => made(reps::XYZ),
        _ => Vec::new(),
    }
}

fn made(reps: &[reps::Rep]) -> Vec<Row> {
    let stamp = Stamp::new("20260112", "8.50000");
    reps.iter()
        .map(|(division, number, name, email)| {
            Row::new(
                COLUMNS,
                format!("{division}-{number}"),
                stamp.clone(),
                &Stamp::new("20190101", "9.00000"),
                &[
                    ("SalespersonDivisionNo", division),
                    ("SalespersonNo", number),
                    ("SalespersonName", name),
                    ("EmailAddress", email),
                    ("City", "Milwaukee"),
                    ("State", "WI"),
                    ("ZipCode", "53202"),
                    ("CountryCode", "USA"),
                    ("CommissionRate", "3.500"),
                ],
            )
        })
        .collect()
}

/// AR_Salesperson.
const COLUMNS: &[Column] = &[
    text("SalespersonDivisionNo", 2),
    text("SalespersonNo", 4),
    text("SalespersonName", 30),
    text("AddressLine1", 40),
    text("AddressLine2", 40),
    text("AddressLine3", 40),
    text("City", 30),
    text("State", 2),
    text("ZipCode", 10),
    text("CountryCode", 3),
    text("TelephoneNo", 20),
    text("TelephoneExt", 6),
    text("EmailAddress", 50),
    text("SalesManagerDivisionNo", 2),
    text("SalesManagerNo", 4),
    rate("CommissionRate"),
    rate("SalesManagerCommRate"),
    text("CRMUserID", 11),
    text("UserKey", 10),
    text("TelephoneType", 1),
];
