//! `AR_Salesperson` (primary key: SalespersonDivisionNo, SalespersonNo). A CRM has users of its own, to whom they are mapped.

use super::spec::{EntitySpec, Identity};
use super::{KeyPart, KeyShape};
use crate::table::{TableSpec, text};

pub(super) static SALESPERSON: EntitySpec = EntitySpec {
    name: "salesperson",
    table: TableSpec {
        name: "salespersons",
        in_sage: "AR_Salesperson",
        columns: &[
            text("SalespersonDivisionNo").read_only(),
            text("SalespersonNo").read_only(),
            text("SalespersonName").read_only(),
            text("EmailAddress").read_only(),
            text("TelephoneNo").read_only(),
            text("SalesManagerDivisionNo").read_only(),
            text("SalesManagerNo").read_only(),
        ],
        others: &[],
    },
    key: KeyShape {
        parts: &[
            KeyPart {
                column: "SalespersonDivisionNo",
                separator: '-',
                longest: 2,
                fixed: true,
            },
            KeyPart {
                column: "SalespersonNo",
                separator: '-',
                longest: 4,
                fixed: false,
            },
        ],
        wanted: "a two-character division, a dash and a number are wanted",
    },
    parent: None,
    goes_to_crm: false,
    in_crm: "user",
    inactive: None,
    rep: None,
    identity: Identity {
        name: "SalespersonName",
        email: "EmailAddress",
    },
    key_source: None,
    soap: None,
};
