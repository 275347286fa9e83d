//! Company XYZ: small and invented. Its customer, contact and salesperson numbers collide with
//! ABC's on purpose, but belong to other people.

use super::{
    CompanyData, SalesData,
    abc::{contact, invented},
    items, reps,
};

/// XYZ, the same for every data set.
pub fn company() -> CompanyData {
    CompanyData {
        code: "XYZ",
        name: "XYZ Manufacturing Inc.",
        customers: vec![
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
        ],
        contacts: vec![
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
        ],
        salespersons: reps::rows(reps::XYZ),
        sales: sales(),
    }
}

/// The items of ABC under the same codes; 6655 costs more here, and there is less of everything.
fn sales() -> SalesData {
    let mut items = items::items();
    for item in &mut items {
        if item.get("ItemCode").is_some_and(|code| code == "6655") {
            item.insert("StandardUnitPrice".to_owned(), "201.000000".to_owned());
        }
    }
    let mut stock = items::stock();
    for row in &mut stock {
        row.insert("QuantityOnHand".to_owned(), "7.000000".to_owned());
        row.insert("QuantityOnSalesOrder".to_owned(), "0.000000".to_owned());
        row.insert("QuantityOnBackOrder".to_owned(), "0.000000".to_owned());
    }
    SalesData {
        items,
        stock,
        ..SalesData::default()
    }
}
