//! Customers. 01-ABF is the documented demo record, field for field; what is marked as invented is ours.

use super::{Entity, Writes};
use crate::{
    data::{
        self, Column, DataSet, Row, Stamp,
        columns::{date, decimal, money, rate, text},
    },
    sage::{check::Source, customers},
};

/// AR_Customer, key `01-ABF`.
pub static CUSTOMERS: Entity = Entity {
    name: "customers",
    key: &[("ARDivisionNo", ""), ("CustomerNo", "-")],
    parent: None,
    since: Some("1.0"),
    source: Source {
        object: "AR_Customer_bus",
        columns: COLUMNS,
        read_only: &[
            "CurrentBalance",
            "AgingCategory1",
            "AgingCategory2",
            "AgingCategory3",
            "AgingCategory4",
            "OpenOrderAmt",
            "LastPaymentAmt",
            "HighestStmntBalance",
            "BalanceForward",
            "RetentionCurrent",
            "RetentionAging1",
            "RetentionAging2",
            "RetentionAging3",
            "RetentionAging4",
            "UnpaidServiceChrg",
            "AvgDaysPaymentInvoice",
            "AvgDaysOverDue",
            "DateLastActivity",
            "DateLastPayment",
            "DateLastStatement",
            "DateLastFinanceChrg",
            "DateLastAging",
        ],
        old_lengths: false,
    },
    initial: &[
        ("CustomerStatus", "A"),
        ("CreditHold", "N"),
        ("TemporaryCustomer", "N"),
    ],
    rows,
    writes: Some(Writes {
        create: customers::create,
        update: customers::update,
    }),
};

fn rows(company: &str, data: DataSet) -> Vec<Row> {
    match company {
        "ABC" => {
            let mut rows = demo();
            rows.extend(
                data::generated(data, rows.iter().map(|row| row.key.clone()).collect()).customers,
            );
            rows
        }
        "XYZ" => other(),
        _ => Vec::new(),
    }
}

/// The customers of the demo company.
pub fn demo() -> Vec<Row> {
    vec![abf(), avnet(), breslix()]
}

/// The customers of company XYZ: their numbers collide with ABC's on purpose, but belong to other people.
fn other() -> Vec<Row> {
    vec![
        invented(
            "01",
            "ABF",
            "Aurora Bakery Fixtures",
            "01",
            "0100",
            &[
                ("AddressLine1", "18 Mill Race"),
                ("City", "Elgin"),
                ("State", "IL"),
                ("ZipCode", "60120"),
                ("CountryCode", "USA"),
                ("TelephoneNo", "(847) 555-0110"),
                ("ContactCode", "ARTIE JOHN"),
                ("CreditLimit", "5000.00"),
            ],
        ),
        invented(
            "01",
            "BRESLIX",
            "Breslauer Lichttechnik",
            "01",
            "0300",
            &[
                ("AddressLine1", "Hafenstraße 12"),
                ("City", "Hamburg"),
                ("ZipCode", "20457"),
                ("CountryCode", "DEU"),
                ("TelephoneNo", "+49 40 5550 137"),
                ("CreditLimit", "15000.00"),
            ],
        ),
        invented(
            "02",
            "ABF",
            "Abbott Forge",
            "01",
            "0300",
            &[
                ("City", "Joliet"),
                ("State", "IL"),
                ("ZipCode", "60432"),
                ("CountryCode", "USA"),
                ("CreditLimit", "0.00"),
            ],
        ),
    ]
}

/// AR_Customer, with three user-defined columns.
const COLUMNS: &[Column] = &[
    text("ARDivisionNo", 2),
    text("CustomerNo", 20),
    text("CustomerName", 50),
    text("AddressLine1", 40),
    text("AddressLine2", 40),
    text("AddressLine3", 40),
    text("City", 30),
    text("State", 2),
    text("ZipCode", 10),
    text("CountryCode", 3),
    text("TelephoneNo", 20),
    text("TelephoneExt", 6),
    text("FaxNo", 20),
    text("EmailAddress", 250),
    text("URLAddress", 50),
    text("ContactCode", 10),
    text("ShipMethod", 15),
    text("TaxSchedule", 9),
    text("TaxExemptNo", 15),
    text("TermsCode", 2),
    text("SalespersonDivisionNo", 2),
    text("SalespersonNo", 4),
    text("Comment", 30),
    text("SortField", 10),
    text("CustomerType", 4),
    text("PriceLevel", 1),
    text("PrimaryShipToCode", 4),
    text("DefaultItemCode", 30),
    text("DefaultPaymentType", 5),
    text("CustomerStatus", 1),
    text("InactiveReasonCode", 5),
    text("CreditHold", 1),
    text("OpenItemCustomer", 1),
    text("TemporaryCustomer", 1),
    text("ResidentialAddress", 1),
    text("StatementCycle", 1),
    text("PrintDunningMessage", 1),
    text("EmailStatements", 1),
    text("BatchFax", 1),
    text("TelephoneType", 1),
    money("CreditLimit"),
    money("CurrentBalance"),
    money("AgingCategory1"),
    money("AgingCategory2"),
    money("AgingCategory3"),
    money("AgingCategory4"),
    money("OpenOrderAmt"),
    money("LastPaymentAmt"),
    money("HighestStmntBalance"),
    decimal("CustomerDiscountRate", 12, 3),
    decimal("ServiceChargeRate", 12, 3),
    decimal("AvgDaysPaymentInvoice", 3, 0),
    decimal("AvgDaysOverDue", 3, 0),
    date("DateEstablished"),
    date("DateLastActivity"),
    date("DateLastPayment"),
    date("DateLastStatement"),
    date("DateLastFinanceChrg"),
    date("DateLastAging"),
    money("BalanceForward"),
    money("UnpaidServiceChrg"),
    money("RetentionCurrent"),
    money("RetentionAging1"),
    money("RetentionAging2"),
    money("RetentionAging3"),
    money("RetentionAging4"),
    decimal("NumberOfInvToUseInCalc", 2, 0),
    text("SalespersonDivisionNo2", 2),
    text("SalespersonDivisionNo3", 2),
    text("SalespersonDivisionNo4", 2),
    text("SalespersonDivisionNo5", 2),
    text("SalespersonNo2", 4),
    text("SalespersonNo3", 4),
    text("SalespersonNo4", 4),
    text("SalespersonNo5", 4),
    rate("SplitCommRate2"),
    rate("SplitCommRate3"),
    rate("SplitCommRate4"),
    rate("SplitCommRate5"),
    text("DefaultCostCode", 9),
    text("DefaultCostType", 1),
    text("EBMEnabled", 1),
    text("EBMConsumerUserID", 15),
    text("UDF_REGION", 12),
    text("UDF_ACCOUNT_TIER", 1),
    text("UDF_LEGACY_ID", 15),
];

fn abf() -> Row {
    Row::new(
        COLUMNS,
        "01-ABF".to_owned(),
        Stamp::new("20260204", "15.5"),
        &Stamp::new("20190101", "9.00000"),
        &[
            ("ARDivisionNo", "01"),
            ("CustomerNo", "ABF"),
            ("CustomerName", "American Business Futures"),
            ("AddressLine1", "2131 N. 14th Street"),
            ("AddressLine2", "Suite 100"),
            ("AddressLine3", "Accounting Department"),
            ("City", "Milwaukee"),
            ("State", "WI"),
            ("ZipCode", "53205-1204"),
            ("CountryCode", "USA"),
            ("TelephoneNo", "(414) 555-4787"),
            ("EmailAddress", "artie@sage.sample.com"),
            ("CreditLimit", "120000.00"),
            ("CurrentBalance", "3252.38"),
            ("AgingCategory1", "1222.58"),
            ("AgingCategory2", "1257.40"),
            ("OpenOrderAmt", "19144.40"),
            ("DateEstablished", "20190101"),
            ("DateLastPayment", "20200531"),
            // Not documented from here on: invented, so that the record is a whole one.
            ("ContactCode", "ARTIE JOHN"),
            ("SalespersonDivisionNo", "01"),
            ("SalespersonNo", "0100"),
            ("TermsCode", "01"),
            ("TaxSchedule", "WI"),
            ("PriceLevel", "1"),
            ("ShipMethod", "UPS BLUE"),
            ("PrimaryShipToCode", "2"),
            ("CustomerStatus", "A"),
            ("CreditHold", "N"),
            ("OpenItemCustomer", "Y"),
            ("TemporaryCustomer", "N"),
            ("ResidentialAddress", "N"),
            ("StatementCycle", "M"),
            ("PrintDunningMessage", "Y"),
            ("BatchFax", "N"),
            ("DefaultPaymentType", "CHECK"),
            ("SortField", "AMERICAN B"),
            ("UDF_REGION", "MIDWEST"),
            ("UDF_ACCOUNT_TIER", "A"),
        ],
    )
}

/// Invented but for its code. Its salesperson has left and has no working CRM user.
fn avnet() -> Row {
    invented(
        "01",
        "AVNET",
        "Avenue Networks & Supply",
        "01",
        "0990",
        &[
            ("AddressLine1", "900 Harbor View Dr"),
            ("City", "Racine"),
            ("State", "WI"),
            ("ZipCode", "53402"),
            ("CountryCode", "USA"),
            ("TelephoneNo", "(262) 555-0142"),
            ("CreditLimit", "25000.00"),
        ],
    )
}

/// Invented but for its code and its salesperson.
fn breslix() -> Row {
    invented(
        "01",
        "BRESLIX",
        "Breslin Parts Supply",
        "01",
        "0100",
        &[
            ("AddressLine1", "44 Commerce Parkway"),
            ("AddressLine2", "Dock 7"),
            ("City", "Kenosha"),
            ("State", "WI"),
            ("ZipCode", "53144"),
            ("CountryCode", "USA"),
            ("TelephoneNo", "(262) 555-0177"),
            ("ContactCode", "PAT B"),
            ("CreditLimit", "60000.00"),
        ],
    )
}

/// An invented customer with the usual settings.
fn invented(
    division: &str,
    number: &str,
    name: &str,
    rep_division: &str,
    rep: &str,
    more: &[(&str, &str)],
) -> Row {
    let mut values = vec![
        ("ARDivisionNo", division),
        ("CustomerNo", number),
        ("CustomerName", name),
        ("SalespersonDivisionNo", rep_division),
        ("SalespersonNo", rep),
        ("TermsCode", "02"),
        ("PriceLevel", "2"),
        ("CustomerStatus", "A"),
        ("CreditHold", "N"),
        ("OpenItemCustomer", "Y"),
        ("TemporaryCustomer", "N"),
        ("ResidentialAddress", "N"),
        ("StatementCycle", "M"),
        ("PrintDunningMessage", "Y"),
        ("DefaultPaymentType", "CHECK"),
        ("DateEstablished", "20210601"),
        ("UDF_REGION", "MIDWEST"),
    ];
    values.extend_from_slice(more);
    let created = Stamp::new("20210601", "10.12500");
    Row::new(
        COLUMNS,
        format!("{division}-{number}"),
        Stamp::new("20260302", "9.25000"),
        &created,
        &values,
    )
}
