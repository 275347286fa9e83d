//! Accounts: Zoho's standard fields, and the custom fields of this organisation.

use super::schema::{Field, Kind, Module};

/// The module.
pub static MODULE: Module = Module {
    name: "Accounts",
    singular: "Account",
    plural: None,
    custom: false,
    id: 5_725_767_000_000_002_177,
    check: "Account_Name",
    display: "Account_Name",
    fields: FIELDS,
};

const FIELDS: &[Field] = &[
    Field::new("Owner", Kind::Owner, 120),
    Field::new("Account_Name", Kind::Text, 200).mandatory(),
    Field::new("Phone", Kind::Phone, 30),
    Field::new("Fax", Kind::Phone, 30),
    Field::new("Website", Kind::Website, 255),
    Field::new("Parent_Account", Kind::Lookup("Accounts"), 200),
    Field::new("Account_Site", Kind::Text, 80),
    // Numeric in stock layouts: no place for a Sage customer number.
    Field::new("Account_Number", Kind::BigInt, 18),
    Field::new("Account_Type", Kind::Picklist(TYPES), 120),
    Field::new("Industry", Kind::Picklist(INDUSTRIES), 120),
    Field::new("Annual_Revenue", Kind::Currency, 16),
    Field::new(
        "Rating",
        Kind::Picklist(&[
            "-None-",
            "Acquired",
            "Active",
            "Market Failed",
            "Project Cancelled",
            "Shut Down",
        ]),
        120,
    ),
    Field::new("Ticker_Symbol", Kind::Text, 30),
    Field::new(
        "Ownership",
        Kind::Picklist(&[
            "-None-",
            "Other",
            "Private",
            "Public",
            "Subsidiary",
            "Partnership",
        ]),
        120,
    ),
    Field::new("Employees", Kind::Integer, 9),
    Field::new("SIC_Code", Kind::Integer, 9),
    Field::new("Billing_Street", Kind::Text, 250),
    Field::new("Billing_City", Kind::Text, 100),
    Field::new("Billing_State", Kind::Text, 100),
    Field::new("Billing_Code", Kind::Text, 30),
    Field::new("Billing_Country", Kind::Text, 100),
    Field::new("Shipping_Street", Kind::Text, 250),
    Field::new("Shipping_City", Kind::Text, 100),
    Field::new("Shipping_State", Kind::Text, 100),
    Field::new("Shipping_Code", Kind::Text, 30),
    Field::new("Shipping_Country", Kind::Text, 100),
    Field::new("Description", Kind::TextArea, 32_000),
    Field::new("Currency", Kind::Picklist(CURRENCIES), 120),
    Field::new("Exchange_Rate", Kind::Double, 20),
    Field::new("Sage_Key", Kind::Text, 255).custom().unique(),
    Field::new("Sage_Customer_No", Kind::Text, 30).custom(),
    Field::new("Sage_Company", Kind::Text, 3).custom(),
    Field::new("Sage_Terms", Kind::Text, 30).custom(),
    Field::new("Sage_Salesperson", Kind::Text, 60).custom(),
    Field::new("Sage_Price_Level", Kind::Text, 1).custom(),
    Field::new("Sage_Region", Kind::Text, 40).custom(),
    Field::new("Sage_Account_Since", Kind::Date, 20).custom(),
    Field::new("Credit_Limit", Kind::Currency, 16).custom(),
    Field::new("Current_Balance", Kind::Currency, 16).custom(),
    Field::new("Open_Order_Amount", Kind::Currency, 16).custom(),
    Field::new("Credit_Hold", Kind::Boolean, 5).custom(),
    Field::new(
        "Customer_Status",
        Kind::Picklist(&["-None-", "Active", "Inactive", "Temporary"]),
        120,
    )
    .custom(),
    Field::new("Sage_Status_Text", Kind::Text, 255).custom(),
    // Unique too: a second unique field is what makes upserts surprising.
    Field::new("Legacy_Id", Kind::Text, 40).custom().unique(),
    Field::new("Created_By", Kind::Owner, 120).read_only(),
    Field::new("Modified_By", Kind::Owner, 120).read_only(),
    Field::new("Created_Time", Kind::DateTime, 120).read_only(),
    Field::new("Modified_Time", Kind::DateTime, 120).read_only(),
    Field::new("Last_Activity_Time", Kind::DateTime, 120).read_only(),
    Field::new(
        "Record_Status__s",
        Kind::Picklist(&["Available", "Trash", "Draft"]),
        120,
    )
    .read_only(),
    Field::new("Locked__s", Kind::Boolean, 5).read_only(),
];

const TYPES: &[&str] = &[
    "-None-",
    "Analyst",
    "Client",
    "Competitor",
    "Customer",
    "Distributor",
    "Integrator",
    "Investor",
    "Other",
    "Partner",
    "Press",
    "Prospect",
    "Reseller",
    "Supplier",
    "Vendor",
];

const INDUSTRIES: &[&str] = &[
    "-None-",
    "Communications",
    "Consulting",
    "Education",
    "Financial Services",
    "Government/Military",
    "Manufacturing",
    "Real Estate",
    "Technology",
    "Wholesale",
];

/// Currencies of the organisation, by ISO code.
pub const CURRENCIES: &[&str] = &["USD", "CAD", "EUR"];
