//! Items of company ABC with their stock and prices. Codes, descriptions and prices of the first four
//! stand in public documents about the demo company; of 2481-5-50 only the code does. Codes that begin
//! with `INV-`, all stock, all price codes and everything else are invented.

use super::{
    item_columns::{ITEM, PRICE_CODE, STOCK},
    row::{Values, filled},
};

/// Code, description, price, tax class, further columns.
type Known = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
);

const ITEMS: &[Known] = &[
    (
        "1001-HON-H252",
        "HON 2 DRAWER LETTER FLE W/O LK",
        "84.000000",
        "NT",
        &[("ShipWeight", "35.0000"), ("StandardUnitCost", "49.000000")],
    ),
    (
        "1001-HON-H254",
        "HON 4 DRAWER LETTER FLE W/O LK",
        "131.000000",
        "NT",
        &[
            ("ShipWeight", "52.0000"),
            ("StandardUnitCost", "80.500000"),
            ("PriceCode", "STD"),
        ],
    ),
    (
        "6655",
        "PRINTER STAND W/ BASKET",
        "179.000000",
        "NT",
        &[("ShipWeight", "18.0000"), ("StandardUnitCost", "98.000000")],
    ),
    (
        "8983",
        "2.5 320GB External Portable",
        "41.590000",
        "NT",
        &[("ShipWeight", "0.4000"), ("StandardUnitCost", "30.000000")],
    ),
    (
        "2481-5-50",
        "DISKETTES 5 1/4 DS-DD 50 PACK",
        "52.500000",
        "NT",
        &[("StandardUnitCost", "30.000000"), ("ShipWeight", "1.2000")],
    ),
    // Sold by the case of 12 packages, kept by the package.
    (
        "INV-TIES",
        "CABLE TIES 5 IN PACK OF 50",
        "12.500000",
        "NT",
        &[
            ("StandardUnitOfMeasure", "PKG"),
            ("SalesUnitOfMeasure", "CASE"),
            ("SalesUMConvFctr", "12.0000"),
            ("PurchaseUnitOfMeasure", "PALT"),
            ("PurchaseUMConvFctr", "480.0000"),
            ("StandardUnitCost", "7.000000"),
            ("ShipWeight", "0.3000"),
        ],
    ),
    (
        "INV-DESK-01",
        "STANDING DESK OAK",
        "640.000000",
        "TX",
        &[
            ("StandardUnitCost", "410.000000"),
            ("ShipWeight", "61.0000"),
            ("DefaultWarehouseCode", "EST"),
        ],
    ),
    // On sale: a price that is lower than the usual one, for a long time.
    (
        "INV-LAMP",
        "DESK LAMP LED",
        "59.900000",
        "TX",
        &[
            ("StandardUnitCost", "22.000000"),
            ("SaleMethod", "P"),
            ("SalesPromotionPrice", "49.900000"),
            ("SaleStartingDate", "20250101"),
            ("SaleEndingDate", "20991231"),
        ],
    ),
    // A sale that is over.
    (
        "INV-CLOCK",
        "WALL CLOCK 12 IN",
        "25.000000",
        "TX",
        &[
            ("StandardUnitCost", "9.000000"),
            ("SaleMethod", "D"),
            ("SalesPromotionDiscountPercent", "20.000"),
            ("SaleStartingDate", "20200101"),
            ("SaleEndingDate", "20201231"),
        ],
    ),
    (
        "INV-OLD-CHAIR",
        "TASK CHAIR 1998",
        "99.000000",
        "NT",
        &[("InactiveItem", "Y")],
    ),
    (
        "INV-FAX-200",
        "FAX MACHINE 200",
        "149.000000",
        "NT",
        &[("ProductType", "D")],
    ),
    (
        "/FREIGHT",
        "Freight charge",
        "0.000000",
        "NT",
        &[("ItemType", "3")],
    ),
    ("/C", "Comment", "0.000000", "NT", &[("ItemType", "4")]),
    (
        "/MISC",
        "Miscellaneous item",
        "0.000000",
        "NT",
        &[("ItemType", "5")],
    ),
    (
        "/INSTALL",
        "Installation on site",
        "120.000000",
        "TX",
        &[("ItemType", "5")],
    ),
];

/// CI_Item.
pub fn items() -> Vec<Values> {
    ITEMS
        .iter()
        .map(|(code, description, price, tax_class, more)| {
            let regular = !code.starts_with('/');
            let mut values = filled(
                ITEM,
                &[
                    ("ItemCode", code),
                    ("ItemCodeDesc", description),
                    ("StandardUnitPrice", price),
                    ("SuggestedRetailPrice", price),
                    ("TaxClass", tax_class),
                    ("ItemType", "1"),
                    ("ProductType", if regular { "F" } else { "" }),
                    ("Valuation", if regular { "2" } else { "" }),
                    ("InactiveItem", "N"),
                    ("SalesUnitOfMeasure", "EACH"),
                    ("PurchaseUnitOfMeasure", "EACH"),
                    ("StandardUnitOfMeasure", "EACH"),
                    ("SalesUMConvFctr", "1.0000"),
                    ("PurchaseUMConvFctr", "1.0000"),
                    ("DefaultWarehouseCode", if regular { "000" } else { "" }),
                    ("UseInAR", "N"),
                    ("UseInSO", "Y"),
                    ("UseInPO", "Y"),
                    ("UseInBM", "N"),
                    ("AllowBackOrders", "Y"),
                    ("AllowReturns", "Y"),
                    ("AllowTradeDiscount", "Y"),
                    ("ProcurementType", "B"),
                    ("SaleMethod", "N"),
                ],
            );
            for (name, value) in *more {
                values.insert((*name).to_owned(), (*value).to_owned());
            }
            values
        })
        .collect()
}

/// Item, warehouse, on hand, on sales orders, on back orders, on purchase orders; in the standard unit.
const ON_HAND: &[(&str, &str, &str, &str, &str, &str)] = &[
    ("1001-HON-H252", "000", "120", "14", "0", "50"),
    ("1001-HON-H252", "EST", "18", "0", "0", "0"),
    ("1001-HON-H254", "000", "64", "9", "2", "0"),
    ("6655", "000", "31", "4", "0", "0"),
    ("8983", "000", "240", "0", "0", "0"),
    ("8983", "WST", "12.5", "0", "0", "0"),
    ("2481-5-50", "000", "200", "0", "0", "0"),
    ("INV-TIES", "000", "600", "24", "0", "480"),
    ("INV-DESK-01", "EST", "5", "0", "0", "0"),
    ("INV-LAMP", "000", "85", "0", "0", "0"),
    ("INV-CLOCK", "000", "0", "0", "6", "40"),
    ("INV-OLD-CHAIR", "000", "3", "0", "0", "0"),
    ("INV-FAX-200", "000", "1", "0", "0", "0"),
];

/// IM_ItemWarehouse.
pub fn stock() -> Vec<Values> {
    ON_HAND
        .iter()
        .map(|(item, warehouse, on_hand, on_order, back, purchase)| {
            let mut values = filled(STOCK, &[("ItemCode", item), ("WarehouseCode", warehouse)]);
            for (name, value) in [
                ("QuantityOnHand", on_hand),
                ("QuantityOnSalesOrder", on_order),
                ("QuantityOnBackOrder", back),
                ("QuantityOnPurchaseOrder", purchase),
            ] {
                let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
                values.insert(name.to_owned(), format!("{whole}.{fraction:0<6}"));
            }
            values
        })
        .collect()
}

/// IM_PriceCode: one of each method.
pub fn price_codes() -> Vec<Values> {
    [
        // What the price code of an item means at a price level: cost and 35 %.
        price(&[
            ("PriceCodeRecord", "0"),
            ("PriceCode", "STD"),
            ("CustomerPriceLevel", "2"),
            ("PricingMethod", "M"),
            ("DiscountMarkup1", "35.000000"),
        ]),
        price(&[
            ("PriceCodeRecord", "0"),
            ("PriceCode", "STD"),
            ("CustomerPriceLevel", "3"),
            ("PricingMethod", "C"),
            ("DiscountMarkup1", "40.000000"),
        ]),
        // What an item costs at a price level: less by quantity.
        price(&[
            ("PriceCodeRecord", "1"),
            ("ItemCode", "6655"),
            ("CustomerPriceLevel", "2"),
            ("PricingMethod", "D"),
            ("BreakQuantity1", "9"),
            ("DiscountMarkup1", "5.000000"),
            ("BreakQuantity2", "99999999"),
            ("DiscountMarkup2", "10.000000"),
        ]),
        price(&[
            ("PriceCodeRecord", "1"),
            ("ItemCode", "1001-HON-H252"),
            ("CustomerPriceLevel", "3"),
            ("PricingMethod", "P"),
            ("DiscountMarkup1", "6.500000"),
        ]),
        // What one customer pays for an item.
        price(&[
            ("PriceCodeRecord", "2"),
            ("ItemCode", "8983"),
            ("ARDivisionNo", "01"),
            ("CustomerNo", "BRESLIX"),
            ("PricingMethod", "O"),
            ("DiscountMarkup1", "39.950000"),
        ]),
    ]
    .into()
}

fn price(values: &[(&str, &str)]) -> Values {
    filled(PRICE_CODE, values)
}
