//! Products and price books, and those that are there from the start.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::RECORD_STATUS;
use crate::{
    data,
    zoho::{
        accounts::CURRENCIES,
        org::Org,
        schema::{Field, Kind, Module},
        store::{Id, Record},
    },
};

/// Products.
pub static PRODUCTS: Module = Module {
    name: "Products",
    singular: "Product",
    plural: None,
    custom: false,
    id: 5_725_767_000_000_002_197,
    check: "Product_Name",
    display: "Product_Name",
    fields: &[
        Field::new("Owner", Kind::Owner, 120),
        Field::new("Product_Name", Kind::Text, 200).mandatory(),
        Field::new("Product_Code", Kind::Text, 40),
        Field::new("Vendor_Name", Kind::Lookup("Vendors"), 120),
        Field::new("Product_Active", Kind::Boolean, 5),
        Field::new("Manufacturer", Kind::Picklist(&["-None-"]), 120),
        Field::new(
            "Product_Category",
            Kind::Picklist(&["-None-", "Hardware", "Software", "Furniture"]),
            120,
        ),
        Field::new("Unit_Price", Kind::Currency, 16),
        Field::new("Commission_Rate", Kind::Currency, 16),
        Field::new("Taxable", Kind::Boolean, 5),
        Field::new(
            "Usage_Unit",
            Kind::Picklist(&["Box", "Carton", "Dozen", "Each", "Pieces"]),
            120,
        ),
        Field::new("Qty_in_Stock", Kind::Double, 16),
        Field::new("Qty_Ordered", Kind::Double, 16),
        Field::new("Qty_in_Demand", Kind::Double, 16),
        Field::new("Reorder_Level", Kind::Double, 16),
        Field::new("Description", Kind::TextArea, 32_000),
        Field::new("Currency", Kind::Picklist(CURRENCIES), 120),
        Field::new("Exchange_Rate", Kind::Double, 20),
        Field::new("Sage_Key", Kind::Text, 255).custom().unique(),
        Field::new("Sage_Available", Kind::Double, 16).custom(),
        Field::new("Created_By", Kind::Owner, 120).read_only(),
        Field::new("Modified_By", Kind::Owner, 120).read_only(),
        Field::new("Created_Time", Kind::DateTime, 120).read_only(),
        Field::new("Modified_Time", Kind::DateTime, 120).read_only(),
        RECORD_STATUS,
        Field::new("Locked__s", Kind::Boolean, 5).read_only(),
    ],
};

/// Price books.
pub static PRICE_BOOKS: Module = Module {
    name: "Price_Books",
    singular: "Price Book",
    plural: None,
    custom: false,
    id: 5_725_767_000_000_002_217,
    check: "Price_Book_Name",
    display: "Price_Book_Name",
    fields: &[
        Field::new("Owner", Kind::Owner, 120),
        Field::new("Price_Book_Name", Kind::Text, 200).mandatory(),
        Field::new("Active", Kind::Boolean, 5),
        Field::new(
            "Pricing_Model",
            Kind::Picklist(&["-None-", "Flat", "Differential"]),
            120,
        ),
        Field::new("Pricing_Details", Kind::List("text"), 0).mandatory(),
        Field::new("Description", Kind::TextArea, 32_000),
        Field::new("Created_By", Kind::Owner, 120).read_only(),
        Field::new("Modified_By", Kind::Owner, 120).read_only(),
        Field::new("Created_Time", Kind::DateTime, 120).read_only(),
        Field::new("Modified_Time", Kind::DateTime, 120).read_only(),
        RECORD_STATUS,
        Field::new("Locked__s", Kind::Boolean, 5).read_only(),
    ],
};

/// Ids of what is there from the start lie below those of new records.
const FIRST: Id = 5_725_767_000_000_500_001;
/// As old as the organisation: 3 March 2025.
const FOUNDED: i64 = 1_741_014_000;

/// Puts products and a price book in.
pub fn fill(org: &mut Org) {
    for (product, id) in data::PRODUCTS.iter().zip(FIRST..) {
        let values = [
            ("Product_Name", json!(product.name)),
            ("Product_Code", json!(product.code)),
            ("Product_Active", json!(true)),
            ("Unit_Price", json!(product.price)),
            ("Usage_Unit", json!("Each")),
        ];
        put(org, &PRODUCTS, id, values.into_iter().collect());
    }
    let values = [
        ("Price_Book_Name", json!("Wholesale")),
        ("Active", json!(true)),
        ("Pricing_Model", json!("Flat")),
        (
            "Pricing_Details",
            json!([{"from_range": 1, "to_range": 1_000_000, "discount": 10}]),
        ),
    ];
    put(org, &PRICE_BOOKS, FIRST + 100, values.into_iter().collect());
}

fn put(org: &mut Org, module: &Module, id: Id, values: BTreeMap<&'static str, Value>) {
    let admin = org.users.get(1).map_or(0, |user| user.id);
    let record = Record {
        id,
        values,
        owner: admin,
        created: FOUNDED,
        modified: FOUNDED,
        created_by: admin,
        modified_by: admin,
        locked: false,
        hidden: false,
    };
    if let Ok(store) = org.store_mut(module) {
        store.put(record);
    }
}
