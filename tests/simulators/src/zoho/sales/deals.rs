//! Deals, with a subform of this organisation's own for what is sold.

use super::RECORD_STATUS;
use crate::zoho::{
    accounts::CURRENCIES,
    schema::{Field, Kind, Module},
};

/// The module.
pub static DEALS: Module = Module {
    name: "Deals",
    singular: "Deal",
    plural: None,
    custom: false,
    id: 5_725_767_000_000_002_181,
    check: "Deal_Name",
    display: "Deal_Name",
    fields: &[
        Field::new("Owner", Kind::Owner, 120),
        Field::new("Deal_Name", Kind::Text, 120).mandatory(),
        Field::new("Account_Name", Kind::Lookup("Accounts"), 200),
        Field::new("Contact_Name", Kind::Lookup("Contacts"), 120),
        Field::new("Amount", Kind::Currency, 16),
        Field::new("Closing_Date", Kind::Date, 20),
        Field::new("Pipeline", Kind::Picklist(&["Standard (Standard)"]), 120),
        Field::new("Stage", Kind::Picklist(STAGE_NAMES), 120).mandatory(),
        Field::new("Probability", Kind::Integer, 3),
        Field::new("Expected_Revenue", Kind::Currency, 16).read_only(),
        Field::new(
            "Type",
            Kind::Picklist(&["-None-", "Existing Business", "New Business"]),
            120,
        ),
        Field::new("Next_Step", Kind::Text, 100),
        Field::new(
            "Lead_Source",
            Kind::Picklist(&[
                "-None-",
                "Advertisement",
                "Cold Call",
                "Partner",
                "Trade Show",
            ]),
            120,
        ),
        Field::new("Description", Kind::TextArea, 32_000),
        Field::new("Currency", Kind::Picklist(CURRENCIES), 120),
        Field::new("Exchange_Rate", Kind::Double, 20),
        Field::new("Sale_Items", Kind::Subform("Sale_Items"), 0).custom(),
        Field::new("Created_By", Kind::Owner, 120).read_only(),
        Field::new("Modified_By", Kind::Owner, 120).read_only(),
        Field::new("Created_Time", Kind::DateTime, 120).read_only(),
        Field::new("Modified_Time", Kind::DateTime, 120).read_only(),
        Field::new("Last_Activity_Time", Kind::DateTime, 120).read_only(),
        RECORD_STATUS,
        Field::new("Locked__s", Kind::Boolean, 5).read_only(),
    ],
};

/// The subform.
pub static SALE_ITEMS: Module = Module {
    name: "Sale_Items",
    singular: "Sale Items",
    plural: None,
    custom: false,
    id: 5_725_767_000_000_477_001,
    check: "id",
    display: "Product_Name",
    fields: &[
        Field::new("Parent_Id", Kind::Lookup("Deals"), 120).read_only(),
        Field::new("Product_Name", Kind::Lookup("Products"), 200).custom(),
        Field::new("Quantity", Kind::Double, 16).custom(),
        Field::new("List_Price", Kind::Currency, 16).custom(),
        Field::new("Discount", Kind::Currency, 16).custom(),
        Field::new("Description", Kind::TextArea, 2_000).custom(),
        Field::new("Created_Time", Kind::DateTime, 120).read_only(),
        Field::new("Modified_Time", Kind::DateTime, 120).read_only(),
    ],
};

/// Stages, each with its probability in percent.
pub const STAGES: &[(&str, u32)] = &[
    ("Qualification", 10),
    ("Needs Analysis", 20),
    ("Value Proposition", 40),
    ("Identify Decision Makers", 60),
    ("Proposal/Price Quote", 75),
    ("Negotiation/Review", 90),
    ("Closed Won", 100),
    ("Closed Lost", 0),
    ("Closed Lost to Competition", 0),
];

const STAGE_NAMES: &[&str] = &[
    "Qualification",
    "Needs Analysis",
    "Value Proposition",
    "Identify Decision Makers",
    "Proposal/Price Quote",
    "Negotiation/Review",
    "Closed Won",
    "Closed Lost",
    "Closed Lost to Competition",
];
