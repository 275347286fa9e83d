//! Contacts. Those of 01-ABF are the documented demo records, field for field; the others are invented.

use super::{Entity, Writes, customers};
use crate::{
    data::{
        self, Column, DataSet, Row, Stamp,
        columns::{memo, text},
    },
    sage::{check::Source, contacts},
};

/// AR_CustomerContact, key `01-ABF/ARTIE JOHN`.
pub static CONTACTS: Entity = Entity {
    name: "contacts",
    key: &[
        ("ARDivisionNo", ""),
        ("CustomerNo", "-"),
        ("ContactCode", "/"),
    ],
    parent: Some(&customers::CUSTOMERS),
    since: Some("1.0"),
    source: Source {
        object: "AR_CustomerContact_bus",
        columns: COLUMNS,
        read_only: &[],
        old_lengths: false,
    },
    initial: &[],
    rows,
    writes: Some(Writes {
        create: contacts::create,
        update: contacts::update,
    }),
};

fn rows(company: &str, data: DataSet) -> Vec<Row> {
    match company {
        "ABC" => {
            let mut rows = vec![artie_johnson(), john_quinn(), breslix_contact()];
            let taken = customers::demo().into_iter().map(|row| row.key).collect();
            rows.extend(data::generated(data, taken).contacts);
            rows
        }
        "XYZ" => other(),
        _ => Vec::new(),
    }
}

/// The contacts of company XYZ.
fn other() -> Vec<Row> {
    vec![
        contact(
            "01",
            "ABF",
            "ARTIE JOHN",
            &[
                ("ContactName", "Arturo Johannsen"),
                ("TelephoneNo1", "(847) 555-0111"),
                ("EmailAddress", "arturo@aurora-bakery.example"),
            ],
        ),
        contact(
            "02",
            "ABF",
            "MIRA",
            &[("ContactName", "Mira Abbott"), ("ContactTitle", "Owner")],
        ),
    ]
}

/// AR_CustomerContact, with one user-defined column.
const COLUMNS: &[Column] = &[
    text("ARDivisionNo", 2),
    text("CustomerNo", 20),
    text("ContactCode", 10),
    text("ContactName", 50),
    text("AddressLine1", 40),
    text("AddressLine2", 40),
    text("AddressLine3", 40),
    text("City", 30),
    text("State", 2),
    text("ZipCode", 10),
    text("CountryCode", 3),
    text("Salutation", 10),
    text("ContactTitle", 15),
    text("TelephoneNo1", 20),
    text("TelephoneExt1", 6),
    text("TelephoneNo2", 20),
    text("TelephoneExt2", 6),
    text("FaxNo", 20),
    text("EmailAddress", 50),
    memo("ContactNotes"),
    text("TelephoneType1", 1),
    text("TelephoneType2", 1),
    text("PrimaryTelephone1", 1),
    text("PrimaryTelephone2", 1),
    text("EBMUserID", 15),
    text("UDF_NEWSLETTER", 1),
];

fn artie_johnson() -> Row {
    contact(
        "01",
        "ABF",
        "ARTIE JOHN",
        &[
            ("ContactName", "Artie Johnson"),
            ("AddressLine1", "2131 E. 14th Street"),
            ("AddressLine2", "Suite 100"),
            ("AddressLine3", "Accounting Department"),
            ("City", "New Berlin"),
            ("State", "WI"),
            ("ZipCode", "53151"),
            ("CountryCode", "USA"),
            ("TelephoneNo1", "(714) 555-7823"),
            ("EmailAddress", "artie@sage.sample.com"),
        ],
    )
}

fn john_quinn() -> Row {
    contact(
        "01",
        "ABF",
        "JOHN QUINN",
        &[
            ("ContactName", "John Quinn"),
            ("AddressLine1", "2131 E. 14th Street"),
            ("AddressLine2", "Suite 100"),
            ("AddressLine3", "Service Department"),
            ("City", "Milwaukee"),
            ("State", "WI"),
            ("ZipCode", "53151"),
            ("CountryCode", "USA"),
            ("TelephoneNo1", "(714) 555-7823"),
            ("EmailAddress", "john@sage.sample.com"),
        ],
    )
}

/// Invented.
fn breslix_contact() -> Row {
    contact(
        "01",
        "BRESLIX",
        "PAT B",
        &[
            ("ContactName", "Patricia Breslin"),
            ("ContactTitle", "Owner"),
            ("TelephoneNo1", "(262) 555-0178"),
            ("EmailAddress", "pat@breslin-parts.example"),
        ],
    )
}

/// A contact.
fn contact(division: &str, number: &str, code: &str, more: &[(&str, &str)]) -> Row {
    let mut values = vec![
        ("ARDivisionNo", division),
        ("CustomerNo", number),
        ("ContactCode", code),
    ];
    values.extend_from_slice(more);
    let created = Stamp::new("20190101", "9.00000");
    Row::new(
        COLUMNS,
        format!("{division}-{number}/{code}"),
        Stamp::new("20260204", "15.5"),
        &created,
        &values,
    )
}
