//! Product2, Pricebook2 and PricebookEntry.

use super::CURRENCY;
use crate::salesforce::schema::{Field, Kind, Object};

/// Product2.
pub const PRODUCT: Object = Object {
    name: "Product2",
    label: "Product",
    plural: "Products",
    prefix: "01t",
    writable: true,
    record_types: &[],
    multi_currency: false,
    fields: &[
        Field::new("Name", "Product Name", Kind::Text, 255).required(),
        Field::new("ProductCode", "Product Code", Kind::Text, 255),
        Field::new("Description", "Product Description", Kind::LongText, 4_000),
        Field::new("IsActive", "Active", Kind::Boolean, 0).defaulted(),
        Field::new(
            "Family",
            "Product Family",
            Kind::Picklist(&["None", "Furniture", "Supplies", "Hardware"]),
            255,
        ),
        Field::new(
            "QuantityUnitOfMeasure",
            "Quantity Unit Of Measure",
            Kind::Picklist(&["EACH", "CASE", "BOX"]),
            255,
        ),
        Field::new("ExternalId", "External ID", Kind::Text, 255),
        Field::new("StockKeepingUnit", "Product SKU", Kind::Text, 180),
        Field::new("DisplayUrl", "Display URL", Kind::Url, 1_000),
        Field::system("IsArchived", "Archived", Kind::Boolean, 0),
        CURRENCY,
    ],
};

/// Pricebook2.
pub const PRICEBOOK: Object = Object {
    name: "Pricebook2",
    label: "Price Book",
    plural: "Price Books",
    prefix: "01s",
    writable: true,
    record_types: &[],
    multi_currency: false,
    fields: &[
        Field::new("Name", "Price Book Name", Kind::Text, 255).required(),
        Field::new("Description", "Description", Kind::Text, 255),
        Field::new("IsActive", "Active", Kind::Boolean, 0).defaulted(),
        Field::system("IsStandard", "Is Standard Price Book", Kind::Boolean, 0),
        Field::system("IsArchived", "Archived", Kind::Boolean, 0),
    ],
};

/// PricebookEntry.
pub const PRICEBOOK_ENTRY: Object = Object {
    name: "PricebookEntry",
    label: "Price Book Entry",
    plural: "Price Book Entries",
    prefix: "01u",
    writable: true,
    record_types: &[],
    multi_currency: false,
    fields: &[
        Field::system("Name", "Product Name", Kind::Text, 255),
        Field::reference("Pricebook2Id", "Price Book ID", "Pricebook2", "Pricebook2")
            .required()
            .not_updateable()
            .children("PricebookEntries"),
        Field::reference("Product2Id", "Product ID", "Product2", "Product2")
            .required()
            .not_updateable()
            .children("PricebookEntries")
            .cascade(),
        CURRENCY.not_updateable(),
        Field::new("UnitPrice", "List Price", Kind::Currency(18, 2), 0).required(),
        Field::new("IsActive", "Active", Kind::Boolean, 0).defaulted(),
        Field::new("UseStandardPrice", "Use Standard Price", Kind::Boolean, 0).defaulted(),
        Field::system("ProductCode", "Product Code", Kind::Text, 255),
        Field::system("IsArchived", "Archived", Kind::Boolean, 0),
    ],
};
