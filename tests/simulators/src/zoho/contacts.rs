//! Contacts: Zoho's standard fields, and the custom fields of this organisation.

use super::{
    accounts::CURRENCIES,
    schema::{Field, Kind, Module},
};

/// The module.
pub static MODULE: Module = Module {
    name: "Contacts",
    singular: "Contact",
    plural: None,
    custom: false,
    id: 5_725_767_000_000_002_179,
    check: "Email",
    display: "Full_Name",
    fields: FIELDS,
};

const FIELDS: &[Field] = &[
    Field::new("Owner", Kind::Owner, 120),
    Field::new(
        "Salutation",
        Kind::Picklist(&["-None-", "Mr.", "Mrs.", "Ms.", "Dr.", "Prof."]),
        120,
    ),
    Field::new("First_Name", Kind::Text, 40),
    Field::new("Last_Name", Kind::Text, 80).mandatory(),
    Field::new("Full_Name", Kind::Text, 120).read_only(),
    Field::new("Account_Name", Kind::Lookup("Accounts"), 200),
    Field::new("Vendor_Name", Kind::Lookup("Vendors"), 120),
    Field::new("Email", Kind::Email, 100),
    Field::new("Secondary_Email", Kind::Email, 100),
    Field::new("Phone", Kind::Phone, 30),
    Field::new("Mobile", Kind::Phone, 30),
    Field::new("Home_Phone", Kind::Phone, 30),
    Field::new("Other_Phone", Kind::Phone, 30),
    Field::new("Asst_Phone", Kind::Phone, 30),
    Field::new("Fax", Kind::Phone, 30),
    Field::new("Title", Kind::Text, 100),
    Field::new("Department", Kind::Text, 50),
    Field::new("Assistant", Kind::Text, 50),
    Field::new("Reporting_To", Kind::Lookup("Contacts"), 120),
    Field::new("Lead_Source", Kind::Picklist(SOURCES), 120),
    Field::new("Date_of_Birth", Kind::Date, 20),
    Field::new("Email_Opt_Out", Kind::Boolean, 5),
    Field::new("Skype_ID", Kind::Text, 50),
    Field::new("Mailing_Street", Kind::Text, 250),
    Field::new("Mailing_City", Kind::Text, 100),
    Field::new("Mailing_State", Kind::Text, 100),
    Field::new("Mailing_Zip", Kind::Text, 30),
    Field::new("Mailing_Country", Kind::Text, 100),
    Field::new("Other_Street", Kind::Text, 250),
    Field::new("Other_City", Kind::Text, 100),
    Field::new("Other_State", Kind::Text, 100),
    Field::new("Other_Zip", Kind::Text, 30),
    Field::new("Other_Country", Kind::Text, 100),
    Field::new("Description", Kind::TextArea, 32_000),
    Field::new("Currency", Kind::Picklist(CURRENCIES), 120),
    Field::new("Exchange_Rate", Kind::Double, 20),
    Field::new("Sage_Key", Kind::Text, 255).custom().unique(),
    Field::new("Sage_Contact_Code", Kind::Text, 10).custom(),
    Field::new("Sage_Company", Kind::Text, 3).custom(),
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

const SOURCES: &[&str] = &[
    "-None-",
    "Advertisement",
    "Cold Call",
    "Employee Referral",
    "External Referral",
    "Partner",
    "Public Relations",
    "Trade Show",
    "Web Download",
    "Chat",
];
