//! Company XYZ: small and invented. Its customer, contact and salesperson numbers collide with
//! ABC's on purpose, but belong to other people.

use super::{CompanyData, SalesData, items};

/// XYZ, the same for every data set.
pub fn company() -> CompanyData {
    CompanyData {
        code: "XYZ",
        name: "XYZ Manufacturing Inc.",
        sales: sales(),
    }
}

/// The items of ABC under the same codes; there is less of everything.
fn sales() -> SalesData {
    let mut stock = items::stock();
    for row in &mut stock {
        row.insert("QuantityOnHand".to_owned(), "7.000000".to_owned());
        row.insert("QuantityOnSalesOrder".to_owned(), "0.000000".to_owned());
        row.insert("QuantityOnBackOrder".to_owned(), "0.000000".to_owned());
    }
    SalesData {
        stock,
        ..SalesData::default()
    }
}
