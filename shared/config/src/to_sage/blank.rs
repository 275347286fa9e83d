//! What a blank in the CRM means for a column of an order that is there already.

use counterpart_domain::ColumnKind;

use super::SageTable;

/// What becomes of a column whose field is blank in the CRM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnBlank {
    /// It is blanked; a number is 0.
    Blanked,
    /// It is blanked where something of the CRM stood there before. Otherwise what stands there is Sage's own default.
    IfWritten,
    /// Sage takes no blank there: what stands there stays.
    Stays,
}

impl SageTable {
    /// What a blank means for a column of an order's header or line.
    #[must_use]
    pub fn on_blank(self, column: &str) -> OnBlank {
        let (never, filled): (&[&str], &[&str]) = match self {
            Self::OrderHeader => (HEADER_NEVER, HEADER_FILLED),
            Self::OrderLine => (LINE_NEVER, LINE_FILLED),
            Self::Customer | Self::Contact => return OnBlank::Blanked,
        };
        let address = column.starts_with("ShipTo") || column.starts_with("BillTo");
        if self.kind(column) == ColumnKind::Flag || never.contains(&column) {
            OnBlank::Stays
        } else if filled.contains(&column) || (self == Self::OrderHeader && address) {
            OnBlank::IfWritten
        } else {
            OnBlank::Blanked
        }
    }
}

/// Codes without which there is no order.
const HEADER_NEVER: &[&str] = &[
    "BillToCustomerNo",
    "BillToDivisionNo",
    "FreightCalculationMethod",
    "OrderDate",
    "OrderStatus",
    "OrderType",
    "PaymentTypeCategory",
    "SalespersonDivisionNo",
    "SalespersonNo",
    "SplitCommissions",
    "TaxSchedule",
    "TermsCode",
    "WarehouseCode",
];

/// What Sage fills from the customer, the ship-to address or its own options, or computes.
const HEADER_FILLED: &[&str] = &[
    "CommissionRate",
    "ConfirmTo",
    "DiscountAmt",
    "DiscountRate",
    "EmailAddress",
    "FOB",
    "FaxNo",
    "FreightAmt",
    "PaymentType",
    "SalespersonDivisionNo2",
    "SalespersonDivisionNo3",
    "SalespersonDivisionNo4",
    "SalespersonDivisionNo5",
    "SalespersonNo2",
    "SalespersonNo3",
    "SalespersonNo4",
    "SalespersonNo5",
    "ShipExpireDate",
    "ShipVia",
    "ShipWeight",
    "ShipZone",
    "ShipZoneActual",
    "SplitCommRate2",
    "SplitCommRate3",
    "SplitCommRate4",
    "SplitCommRate5",
    "TaxExemptNo",
];

const LINE_NEVER: &[&str] = &[
    "CostOfGoodsSoldAcctKey",
    "CostType",
    "CustomerAction",
    "ItemAction",
    "ItemCodeDesc",
    "PriceLevel",
    "SalesAcctKey",
    "TaxClass",
];

/// What Sage fills from the item. Unit and warehouse: the item's own is written.
const LINE_FILLED: &[&str] = &[
    "APDivisionNo",
    "CommodityCode",
    "ExtDescriptionText",
    "Revision",
    "UnitCost",
    "UnitOfMeasure",
    "VendorNo",
    "WarehouseCode",
    "WarrantyCode",
];
