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
