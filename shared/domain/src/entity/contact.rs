//! `AR_CustomerContact` (primary key: ARDivisionNo, CustomerNo, ContactCode). Sage has one ContactName.

use super::spec::{EntitySpec, Identity, KeySource, Parent, SoapNames};
use super::{DIVISION, Entity, KeyPart, KeyShape, customer};
use crate::table::{AddressPart, TableSpec, text};

pub(super) static CONTACT: EntitySpec = EntitySpec {
    name: "contact",
    table: TableSpec {
        name: "contacts",
        in_sage: "AR_CustomerContact",
        columns: &[
            text("ARDivisionNo").ours(),
            text("CustomerNo").ours(),
            text("ContactCode").ours(),
            text("ContactName"),
            text("AddressLine1"),
            text("AddressLine2"),
            text("AddressLine3"),
            text("City"),
            text("State").part(AddressPart::State),
            text("ZipCode").part(AddressPart::PostalCode),
            text("CountryCode").part(AddressPart::Country),
            text("Salutation"),
            text("ContactTitle"),
            text("TelephoneNo1"),
            text("TelephoneExt1"),
            text("TelephoneNo2"),
            text("TelephoneExt2"),
            text("FaxNo"),
            text("EmailAddress"),
            text("ContactNotes").several_lines(),
        ],
        others: &[
            text("DateCreated").read_only(),
            text("TimeCreated").read_only(),
            text("DateTimeCreated").read_only(),
            text("UserCreatedKey").read_only(),
            text("DateUpdated").read_only(),
            text("TimeUpdated").read_only(),
            text("DateTimeUpdated").read_only(),
            text("UserUpdatedKey").read_only(),
        ],
    },
    key: KeyShape {
        parts: &[
            DIVISION,
            customer::NUMBER,
            KeyPart {
                column: "ContactCode",
                separator: '/',
                longest: 10,
                fixed: false,
            },
        ],
        wanted: "DIVISION-NUMBER/CONTACTCODE is wanted",
    },
    parent: Some(Parent {
        entity: Entity::CUSTOMER,
        columns: &["ARDivisionNo", "CustomerNo"],
    }),
    goes_to_crm: true,
    in_crm: "contact",
    inactive: None,
    rep: None,
    identity: Identity {
        name: "ContactName",
        email: "EmailAddress",
    },
    key_source: Some(KeySource::OfName {
        otherwise: "CONTACT",
    }),
    soap: Some(SoapNames {
        object: "CustomerContact",
        parameter: "customerContact",
        get: "GetCustomerContact",
        create: "CreateCustomerContact",
        update: "UpdateCustomerContact",
        key: &["arDivisionNo", "customerNo", "contactCode"],
        wanted: &["ARDivisionNo", "CustomerNo", "ContactCode", "ContactName"],
    }),
};
