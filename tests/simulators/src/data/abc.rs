//! Company ABC, "ABC Distribution and Service Corp.": the demo company that ships with Sage 100.
//! Customer 01-ABF and its two contacts are the documented records, field for field.
//! What is marked as invented is ours: only the codes of those customers are documented.

use super::{
    CONTACT, CUSTOMER, CompanyData, SalesData, items, orders, reps,
    row::{Row, Stamp},
};

/// ABC without generated customers.
pub fn company() -> CompanyData {
    let mut salespersons = reps::rows(reps::ABC);
    salespersons.extend(reps::rows(&[reps::RETIRED]));
    CompanyData {
        code: "ABC",
        name: "ABC Distribution and Service Corp.",
        customers: vec![abf(), avnet(), breslix()],
        contacts: vec![artie_johnson(), john_quinn(), breslix_contact()],
        salespersons,
        sales: SalesData {
            items: items::items(),
            stock: items::stock(),
            price_codes: items::price_codes(),
            ship_to: orders::ship_to(),
            orders: orders::open(),
            history: orders::history(),
            invoices: orders::invoices(),
        },
    }
}

fn abf() -> Row {
    Row::new(
        CUSTOMER,
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

/// An invented customer with the usual settings.
pub fn invented(
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
        CUSTOMER,
        format!("{division}-{number}"),
        Stamp::new("20260302", "9.25000"),
        &created,
        &values,
    )
}

/// A contact.
pub fn contact(division: &str, number: &str, code: &str, more: &[(&str, &str)]) -> Row {
    let mut values = vec![
        ("ARDivisionNo", division),
        ("CustomerNo", number),
        ("ContactCode", code),
    ];
    values.extend_from_slice(more);
    let created = Stamp::new("20190101", "9.00000");
    Row::new(
        CONTACT,
        format!("{division}-{number}/{code}"),
        Stamp::new("20260204", "15.5"),
        &created,
        &values,
    )
}
