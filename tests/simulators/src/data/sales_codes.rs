//! Code tables of company ABC. What the reference page does not name is invented.

/// Terms: code, days before due. `00` is the code that Sage itself gives new customers.
pub const TERMS: &[(&str, u32)] = &[
    ("00", 0),
    ("01", 30),
    ("02", 45),
    ("03", 60),
    ("04", 0),
    ("05", 10),
    ("06", 90),
    ("10", 15),
];

/// Tax schedules with their rate in per cent. That of WI follows from order 0000115 (1.5 % of
/// 7,740.00 are 116.10); the others are invented.
pub const TAX_SCHEDULES: &[(&str, &str)] = &[
    ("WI", "1.5"),
    ("IL", "6.25"),
    ("CA", "7.25"),
    ("NY", "4"),
    ("DEFAULT", "0"),
    ("NONTAX", "0"),
];

/// Warehouses. Codes 000 and EST are known, WST is invented.
pub const WAREHOUSES: &[&str] = &["000", "EST", "WST"];

/// Types of payment.
pub const PAYMENT_TYPES: &[&str] = &["CASH", "CHECK", "WIRE", "VISA", "MC", "AMEX", "ACH", "NONE"];
