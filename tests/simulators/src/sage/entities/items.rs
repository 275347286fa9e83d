//! Items. What of them is documented, and what is invented, the sample data tell.

use super::Entity;
use crate::{
    data::{DataSet, ITEM, Row, Stamp, items},
    sage::check::Source,
};

/// CI_Item, key `1001-HON-H252`. They are no entity of the agent's change feed.
pub static ITEMS: Entity = Entity {
    name: "items",
    key: &[("ItemCode", "")],
    parent: None,
    since: None,
    source: Source {
        object: "CI_ItemCode_bus",
        columns: ITEM,
        read_only: &[],
        old_lengths: false,
    },
    initial: &[
        ("ItemType", "1"),
        ("ProductType", "F"),
        ("InactiveItem", "N"),
        ("TaxClass", "NT"),
        ("SalesUnitOfMeasure", "EACH"),
        ("PurchaseUnitOfMeasure", "EACH"),
        ("StandardUnitOfMeasure", "EACH"),
        ("SalesUMConvFctr", "1.0000"),
        ("PurchaseUMConvFctr", "1.0000"),
        ("DefaultWarehouseCode", "000"),
        ("AllowTradeDiscount", "Y"),
        ("SaleMethod", "N"),
    ],
    rows,
    writes: None,
};

/// The items of XYZ have the codes of ABC's; 6655 costs more there.
fn rows(company: &str, _: DataSet) -> Vec<Row> {
    let (stamp, created) = (
        Stamp::new("20260112", "8.50000"),
        Stamp::new("20190101", "9.00000"),
    );
    items()
        .into_iter()
        .map(|values| {
            let code = values.get("ItemCode").cloned().unwrap_or_default();
            let dearer = company == "XYZ" && code == "6655";
            let mut row = Row::new(ITEM, code, stamp.clone(), &created, &[]);
            row.fields.extend(values);
            if dearer {
                let price = "201.000000".to_owned();
                row.fields.insert("StandardUnitPrice".to_owned(), price);
            }
            row
        })
        .collect()
}
