//! `SO_ShipToAddress` (primary key: ARDivisionNo, CustomerNo, ShipToCode). The SOAP service has no such object; Sage alone
//! creates and changes them.

use super::spec::{EntitySpec, Identity, Parent};
use super::{DIVISION, Entity, KeyPart, KeyShape, customer};
use crate::table::{AddressPart, TableSpec, flag, text};

pub(super) static SHIP_TO: EntitySpec = EntitySpec {
    name: "ship_to",
    table: TableSpec {
        name: "ship_to_addresses",
        in_sage: "SO_ShipToAddress",
        columns: &[
            text("ARDivisionNo").ours(),
            text("CustomerNo").ours(),
            text("ShipToCode").ours(),
            text("ShipToName").read_only(),
            text("ShipToAddress1").read_only(),
            text("ShipToAddress2").read_only(),
            text("ShipToAddress3").read_only(),
            text("ShipToCity").read_only(),
            text("ShipToState").read_only().part(AddressPart::State),
            text("ShipToZipCode")
                .read_only()
                .part(AddressPart::PostalCode),
            text("ShipToCountryCode")
                .read_only()
                .part(AddressPart::Country),
            text("TelephoneNo").read_only(),
            text("TelephoneExt").read_only(),
            text("FaxNo").read_only(),
            text("EmailAddress").read_only(),
            text("ContactCode").read_only(),
            text("SalespersonDivisionNo").read_only(),
            text("SalespersonNo").read_only(),
            text("WarehouseCode").read_only(),
            text("TaxSchedule").read_only(),
            text("ShipVia").read_only(),
            flag("ResidentialAddress").read_only(),
        ],
        others: &[],
    },
    key: KeyShape {
        parts: &[
            DIVISION,
            customer::NUMBER,
            KeyPart {
                column: "ShipToCode",
                separator: '/',
                longest: 4,
                fixed: false,
            },
        ],
        wanted: "DIVISION-NUMBER/SHIPTOCODE is wanted",
    },
    parent: Some(Parent {
        entity: Entity::CUSTOMER,
        columns: &["ARDivisionNo", "CustomerNo"],
    }),
    goes_to_crm: true,
    in_crm: "ship-to address",
    inactive: None,
    // A salesperson of its own is Sage's: in the CRM, the account's owner looks after it.
    rep: None,
    identity: Identity {
        name: "ShipToName",
        email: "EmailAddress",
    },
    key_source: None,
    soap: None,
};
