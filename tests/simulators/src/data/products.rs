//! What the CRMs sell: items of the demo company, under their Sage item codes.

/// One product: Sage item code, name, unit, price in US dollars.
#[derive(Debug, Clone, Copy)]
pub struct Product {
    /// Sage's ItemCode.
    pub code: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// The unit in which it is sold.
    pub unit: &'static str,
    /// The standard price.
    pub price: f64,
}

const fn product(code: &'static str, name: &'static str, price: f64) -> Product {
    Product {
        code,
        name,
        unit: "EACH",
        price,
    }
}

/// All products. The first four stand with these prices in orders of the demo company; the
/// price and name of the last are invented.
pub const PRODUCTS: &[Product] = &[
    product("1001-HON-H252", "HON 2 DRAWER LETTER FLE W/O LK", 84.0),
    product("1001-HON-H254", "HON 4 DRAWER LETTER FLE W/O LK", 131.0),
    product("6655", "PRINTER STAND W/ BASKET", 179.0),
    product("8983", "2.5 320GB External Portable", 41.59),
    product("2481-5-50", "DISKETTES 5 1/4 DS-DD 50 PACK", 52.5),
];
