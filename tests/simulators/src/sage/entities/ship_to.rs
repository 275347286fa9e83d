//! Ship-to addresses. Address 2 of 01-ABF is documented, the other one is invented.

use super::{Entity, customers::CUSTOMERS};
use crate::{
    data::{Column, DataSet, Row, Stamp, columns::text},
    sage::check::Source,
};

/// SO_ShipToAddress, key `01-ABF/2`.
pub static SHIP_TO: Entity = Entity {
    name: "ship_to_addresses",
    key: &[
        ("ARDivisionNo", ""),
        ("CustomerNo", "-"),
        ("ShipToCode", "/"),
    ],
    parent: Some(&CUSTOMERS),
    since: Some("1.3"),
    source: Source {
        object: "SO_ShipToAddress_bus",
        columns: COLUMNS,
        read_only: &[],
        old_lengths: false,
    },
    initial: &[],
    rows,
    writes: None,
};

fn rows(company: &str, _: DataSet) -> Vec<Row> {
    if company != "ABC" {
        return Vec::new();
    }
    vec![
        address(
            "01-ABF/2",
            &[
                ("ARDivisionNo", "01"),
                ("CustomerNo", "ABF"),
                ("ShipToCode", "2"),
                ("ShipToName", "American Business Futures"),
                ("ShipToAddress1", "5411 Kendrick Dr"),
                ("ShipToAddress2", "Suite 2087"),
                ("ShipToCity", "Racine"),
                ("ShipToState", "WI"),
                ("ShipToZipCode", "53402"),
                ("ShipToCountryCode", "USA"),
                ("TelephoneNo", "(414) 555-4319"),
                ("ShipVia", "UPS BLUE"),
                ("ContactCode", "JOHN QUINN"),
                ("ResidentialAddress", "N"),
            ],
        ),
        address(
            "01-BRESLIX/MAIN",
            &[
                ("ARDivisionNo", "01"),
                ("CustomerNo", "BRESLIX"),
                ("ShipToCode", "MAIN"),
                ("ShipToName", "Breslin Parts Supply"),
                ("ShipToAddress1", "44 Commerce Parkway"),
                ("ShipToCity", "Kenosha"),
                ("ShipToState", "WI"),
                ("ShipToZipCode", "53144"),
                ("ShipToCountryCode", "USA"),
                ("WarehouseCode", "EST"),
                ("TaxSchedule", "IL"),
            ],
        ),
    ]
}

fn address(key: &str, values: &[(&str, &str)]) -> Row {
    let stamp = Stamp::new("20260204", "15.5");
    Row::new(
        COLUMNS,
        key.to_owned(),
        stamp,
        &Stamp::new("20190101", "9.00000"),
        values,
    )
}

/// SO_ShipToAddress.
const COLUMNS: &[Column] = &[
    text("ARDivisionNo", 2),
    text("CustomerNo", 20),
    text("ShipToCode", 4),
    text("ShipToName", 50),
    text("ShipToAddress1", 40),
    text("ShipToAddress2", 40),
    text("ShipToAddress3", 40),
    text("ShipToCity", 30),
    text("ShipToState", 2),
    text("ShipToZipCode", 10),
    text("ShipToCountryCode", 3),
    text("TelephoneNo", 20),
    text("TelephoneExt", 6),
    text("FaxNo", 20),
    text("BatchFax", 1),
    text("BatchEmail", 1),
    text("EmailAddress", 50),
    text("ContactCode", 10),
    text("SalespersonDivisionNo", 2),
    text("SalespersonNo", 4),
    text("WarehouseCode", 3),
    text("TaxSchedule", 9),
    text("ResidentialAddress", 1),
    text("ShipVia", 15),
];
