//! Vendors: here because contacts may look them up.

use super::schema::{Field, Kind, Module};

/// The module.
pub static MODULE: Module = Module {
    name: "Vendors",
    singular: "Vendor",
    plural: None,
    custom: false,
    id: 5_725_767_000_000_002_195,
    check: "Vendor_Name",
    display: "Vendor_Name",
    fields: FIELDS,
};

const FIELDS: &[Field] = &[
    Field::new("Owner", Kind::Owner, 120),
    Field::new("Vendor_Name", Kind::Text, 120).mandatory(),
    Field::new("Email", Kind::Email, 100),
    Field::new("Phone", Kind::Phone, 30),
    Field::new("Street", Kind::Text, 250),
    Field::new("City", Kind::Text, 30),
    Field::new("State", Kind::Text, 30),
    Field::new("Zip_Code", Kind::Text, 30),
    Field::new("Country", Kind::Text, 30),
    Field::new("Category", Kind::Text, 50),
    Field::new(
        "GL_Account",
        Kind::Picklist(&[
            "-None-",
            "Sales-Hardware",
            "Sales-Software",
            "Rental Income",
            "Labor Income",
        ]),
        120,
    ),
    Field::new("Website", Kind::Website, 255),
    Field::new("Description", Kind::TextArea, 32_000),
    Field::new("Sage_Key", Kind::Text, 255).custom().unique(),
    Field::new("Created_By", Kind::Owner, 120).read_only(),
    Field::new("Modified_By", Kind::Owner, 120).read_only(),
    Field::new("Created_Time", Kind::DateTime, 120).read_only(),
    Field::new("Modified_Time", Kind::DateTime, 120).read_only(),
    Field::new(
        "Record_Status__s",
        Kind::Picklist(&["Available", "Trash", "Draft"]),
        120,
    )
    .read_only(),
    Field::new("Locked__s", Kind::Boolean, 5).read_only(),
];
