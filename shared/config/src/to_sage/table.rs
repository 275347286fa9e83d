//! The tables of Sage that the CRM's records are written to, with the columns that may be named in a mapping. Lengths are
//! the agent's to tell. Columns that hold cards, tax ids or encrypted values are in no list.

use counterpart_domain::{ColumnKind, Entity};

/// A table of Sage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SageTable {
    /// `SO_SalesOrderHeader`.
    OrderHeader,
    /// `SO_SalesOrderDetail`.
    OrderLine,
    /// `AR_Customer`.
    Customer,
    /// `AR_CustomerContact`.
    Contact,
}

/// Who may set a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SageAccess {
    /// A mapping.
    Write,
    /// Sage alone.
    ReadOnly,
    /// Counterpart itself: keys, quantities, prices.
    Ours,
}

/// A column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SageColumnSpec {
    /// Sage's name.
    pub name: &'static str,
    /// What it holds.
    pub kind: ColumnKind,
    /// Who may set it.
    pub access: SageAccess,
}

impl SageTable {
    /// Sage's name.
    #[must_use]
    pub const fn in_sage(self) -> &'static str {
        match self {
            Self::OrderHeader => "SO_SalesOrderHeader",
            Self::OrderLine => "SO_SalesOrderDetail",
            Self::Customer => "AR_Customer",
            Self::Contact => "AR_CustomerContact",
        }
    }

    /// The name in logs and messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OrderHeader => "orders",
            Self::OrderLine => "order_lines",
            Self::Customer => "customers",
            Self::Contact => "contacts",
        }
    }

    /// The table of an entity; salespersons are never written.
    #[must_use]
    pub const fn of(entity: Entity) -> Option<Self> {
        match entity {
            Entity::Customer => Some(Self::Customer),
            Entity::Contact => Some(Self::Contact),
            Entity::Salesperson => None,
        }
    }

    /// A column by Sage's name. A UDF is text, and may be written.
    #[must_use]
    pub fn column(self, name: &str) -> Option<SageColumnSpec> {
        self.columns().into_iter().find(|spec| spec.name == name)
    }

    /// What a column holds; a UDF is text.
    pub(crate) fn kind(self, name: &str) -> ColumnKind {
        self.column(name).map_or(ColumnKind::Text, |spec| spec.kind)
    }

    /// Its columns, by what they hold.
    #[must_use]
    pub fn columns(self) -> Vec<SageColumnSpec> {
        use ColumnKind::{Date, Flag, Number, Text};
        use SageAccess::{Ours, ReadOnly, Write};
        let groups: &[(SageAccess, ColumnKind, &[&'static str])] = match self {
            Self::OrderHeader => &[
                (Ours, Text, HEADER_OURS),
                (ReadOnly, Text, HEADER_READ_ONLY),
                (Write, Text, HEADER_TEXTS),
                (Write, Flag, HEADER_FLAGS),
                (Write, Number, HEADER_NUMBERS),
                (Write, Date, HEADER_DATES),
            ],
            Self::OrderLine => &[
                (Ours, Text, LINE_OURS),
                (ReadOnly, Text, LINE_READ_ONLY),
                (Write, Text, LINE_TEXTS),
                (Write, Flag, LINE_FLAGS),
                (Write, Number, LINE_NUMBERS),
                (Write, Date, LINE_DATES),
            ],
            Self::Customer => &[
                (Ours, Text, CUSTOMER_OURS),
                (ReadOnly, Text, CUSTOMER_READ_ONLY),
                (Write, Text, CUSTOMER_TEXTS),
                (Write, Flag, CUSTOMER_FLAGS),
                (Write, Number, CUSTOMER_NUMBERS),
                (Write, Date, CUSTOMER_DATES),
            ],
            Self::Contact => &[
                (Ours, Text, CONTACT_OURS),
                (ReadOnly, Text, AUDIT),
                (Write, Text, CONTACT_TEXTS),
            ],
        };
        let specs = groups.iter().flat_map(|(access, kind, names)| {
            names.iter().map(|name| SageColumnSpec {
                name,
                kind: *kind,
                access: *access,
            })
        });
        specs.collect()
    }

    /// Whether a column holds an amount of money that is not per unit: it is converted to Sage's currency.
    pub(crate) fn is_money(self, name: &str) -> bool {
        match self {
            Self::OrderHeader => ["DepositAmt", "DiscountAmt", "FreightAmt"].contains(&name),
            Self::OrderLine => name == "UnitCost",
            Self::Customer | Self::Contact => false,
        }
    }
}

const AUDIT: &[&str] = &[
    "DateCreated",
    "TimeCreated",
    "DateTimeCreated",
    "UserCreatedKey",
    "DateUpdated",
    "TimeUpdated",
    "DateTimeUpdated",
    "UserUpdatedKey",
];

const HEADER_OURS: &[&str] = &["ARDivisionNo", "CustomerNo", "SalesOrderNo"];

const HEADER_READ_ONLY: &[&str] = &[
    "CurrentInvoiceNo",
    "DateCreated",
    "DateTimeCreated",
    "DateTimeUpdated",
    "DateUpdated",
    "EBMSubmissionType",
    "EBMUserIDSubmittingThisOrder",
    "EBMUserType",
    "InvalidTaxCalc",
    "LastInvoiceOrderDate",
    "LastInvoiceOrderNo",
    "LastNoOfShippingLabels",
    "LotSerialLinesExist",
    "NonTaxableAmt",
    "NonTaxableSubjectToDiscount",
    "PickingSheetPrinted",
    "PromotedDate",
    "SalesOrderPrinted",
    "SalesTaxAmt",
    "TaxSubjToDiscPrcntOfTotSubjTo",
    "TaxableAmt",
    "TaxableSubjectToDiscount",
    "TimeCreated",
    "TimeUpdated",
    "UserCreatedKey",
    "UserUpdatedKey",
    "Weight",
];

const HEADER_TEXTS: &[&str] = &[
    "BillToAddress1",
    "BillToAddress2",
    "BillToAddress3",
    "BillToCity",
    "BillToCountryCode",
    "BillToCustomerNo",
    "BillToDivisionNo",
    "BillToName",
    "BillToState",
    "BillToZipCode",
    "CRMCompanyID",
    "CRMOpportunityID",
    "CRMPersonID",
    "CRMProspectID",
    "CRMUserID",
    "CancelReasonCode",
    "CheckNoForDeposit",
    "Comment",
    "ConfirmTo",
    "CustomerPONo",
    "CycleCode",
    "EmailAddress",
    "FOB",
    "FaxNo",
    "FreightCalculationMethod",
    "JobNo",
    "MasterRepeatingOrderNo",
    "OrderStatus",
    "OrderType",
    "OtherPaymentTypeRefNo",
    "PaymentType",
    "PaymentTypeCategory",
    "RMANo",
    "SalespersonDivisionNo",
    "SalespersonDivisionNo2",
    "SalespersonDivisionNo3",
    "SalespersonDivisionNo4",
    "SalespersonDivisionNo5",
    "SalespersonNo",
    "SalespersonNo2",
    "SalespersonNo3",
    "SalespersonNo4",
    "SalespersonNo5",
    "ShipToAddress1",
    "ShipToAddress2",
    "ShipToAddress3",
    "ShipToCity",
    "ShipToCode",
    "ShipToCountryCode",
    "ShipToName",
    "ShipToState",
    "ShipToZipCode",
    "ShipVia",
    "ShipWeight",
    "ShipZone",
    "ShipZoneActual",
    "SplitCommissions",
    "TaxSchedule",
    "TermsCode",
    "WarehouseCode",
];

const HEADER_FLAGS: &[&str] = &[
    "BatchEmail",
    "BatchFax",
    "PayBalance",
    "PrintPickingSheets",
    "PrintSalesOrders",
    "ResidentialAddress",
];

const HEADER_NUMBERS: &[&str] = &[
    "CommissionRate",
    "DepositAmt",
    "DiscountAmt",
    "DiscountRate",
    "FreightAmt",
    "NumberOfShippingLabels",
    "SplitCommRate2",
    "SplitCommRate3",
    "SplitCommRate4",
    "SplitCommRate5",
];

const HEADER_DATES: &[&str] = &["OrderDate", "ShipExpireDate"];

const LINE_OURS: &[&str] = &[
    "ItemCode",
    "LineDiscountPercent",
    "LineKey",
    "QuantityOrdered",
    "SalesOrderNo",
    "UnitOfMeasure",
    "UnitPrice",
    "WarehouseCode",
];

const LINE_READ_ONLY: &[&str] = &[
    "CostOverridden",
    "DebitCreditIndicator",
    "ExplodedKitItem",
    "ExtendedDescriptionKey",
    "ExtensionAmt",
    "ItemType",
    "LineSeqNo",
    "LineWeight",
    "LotSerialFullyDistributed",
    "MasterOrderLineKey",
    "MasterOriginalQty",
    "MasterQtyBalance",
    "MasterQtyOrderedToDate",
    "NetGrossIndicator",
    "PriceOverridden",
    "QuantityPerBill",
    "RepeatingQtyShippedToDate",
    "SOHistoryDetlSeqNo",
    "SalesKitLineKey",
    "StandardKitBill",
    "TaxAmt",
    "TaxRate",
    "TaxTypeApplied",
    "UnitOfMeasureConvFactor",
    "Valuation",
];

const LINE_TEXTS: &[&str] = &[
    "APDivisionNo",
    "AliasItemNo",
    "BillOption1",
    "BillOption2",
    "BillOption3",
    "BillOption4",
    "BillOption5",
    "BillOption6",
    "BillOption7",
    "BillOption8",
    "BillOption9",
    "CommentText",
    "CommodityCode",
    "CostCode",
    "CostOfGoodsSoldAcctKey",
    "CostType",
    "CustomerAction",
    "ExtDescriptionText",
    "ItemAction",
    "ItemCodeDesc",
    "PriceLevel",
    "PurchaseOrderNo",
    "Revision",
    "SalesAcctKey",
    "TaxClass",
    "VendorNo",
    "WarrantyCode",
];

const LINE_FLAGS: &[&str] = &[
    "BackorderKitCompLine",
    "Commissionable",
    "Discount",
    "DropShip",
    "ExpirationOverridden",
    "PrintDropShipment",
    "SkipPrintCompLine",
    "SubjectToExemption",
];

const LINE_NUMBERS: &[&str] = &["QuantityBackordered", "QuantityShipped", "UnitCost"];

const LINE_DATES: &[&str] = &["ExpirationDate", "PromiseDate", "PurchaseOrderRequiredDate"];

const CUSTOMER_OURS: &[&str] = &["ARDivisionNo", "CustomerNo"];

const CUSTOMER_READ_ONLY: &[&str] = &[
    "AgingCategory1",
    "AgingCategory2",
    "AgingCategory3",
    "AgingCategory4",
    "AvgDaysOverDue",
    "AvgDaysPaymentInvoice",
    "BalanceForward",
    "CurrentBalance",
    "DateCreated",
    "DateLastActivity",
    "DateLastAging",
    "DateLastFinanceChrg",
    "DateLastPayment",
    "DateLastStatement",
    "DateTimeCreated",
    "DateTimeUpdated",
    "DateUpdated",
    "HighestStmntBalance",
    "LastPaymentAmt",
    "OpenOrderAmt",
    "PIIEncryptedDate",
    "RetentionAging1",
    "RetentionAging2",
    "RetentionAging3",
    "RetentionAging4",
    "RetentionCurrent",
    "TimeCreated",
    "TimeUpdated",
    "UnpaidServiceChrg",
    "UserCreatedKey",
    "UserUpdatedKey",
];

const CUSTOMER_TEXTS: &[&str] = &[
    "AddressLine1",
    "AddressLine2",
    "AddressLine3",
    "City",
    "Comment",
    "ContactCode",
    "CountryCode",
    "CustomerName",
    "CustomerStatus",
    "CustomerType",
    "DefaultCostCode",
    "DefaultCostType",
    "DefaultItemCode",
    "DefaultPaymentType",
    "EmailAddress",
    "FaxNo",
    "InactiveReasonCode",
    "PriceLevel",
    "PrimaryShipToCode",
    "SalesPersonDivisionNo2",
    "SalesPersonDivisionNo3",
    "SalesPersonDivisionNo4",
    "SalesPersonDivisionNo5",
    "SalesPersonNo2",
    "SalesPersonNo3",
    "SalesPersonNo4",
    "SalesPersonNo5",
    "SalespersonDivisionNo",
    "SalespersonNo",
    "ShipMethod",
    "SortField",
    "State",
    "StatementCycle",
    "TaxSchedule",
    "TelephoneExt",
    "TelephoneNo",
    "TermsCode",
    "URLAddress",
    "ZipCode",
];

const CUSTOMER_FLAGS: &[&str] = &[
    "BatchFax",
    "CreditHold",
    "EBMEnabled",
    "EmailStatements",
    "OpenItemCustomer",
    "PrintDunningMessage",
    "ResidentialAddress",
    "TemporaryCustomer",
];

const CUSTOMER_NUMBERS: &[&str] = &[
    "CreditLimit",
    "CustomerDiscountRate",
    "NumberOfInvToUseInCalc",
    "ServiceChargeRate",
    "SplitCommRate2",
    "SplitCommRate3",
    "SplitCommRate4",
    "SplitCommRate5",
];

const CUSTOMER_DATES: &[&str] = &["DateEstablished"];

const CONTACT_OURS: &[&str] = &["ARDivisionNo", "ContactCode", "CustomerNo"];

const CONTACT_TEXTS: &[&str] = &[
    "AddressLine1",
    "AddressLine2",
    "AddressLine3",
    "City",
    "ContactName",
    "ContactNotes",
    "ContactTitle",
    "CountryCode",
    "EmailAddress",
    "FaxNo",
    "Salutation",
    "State",
    "TelephoneExt1",
    "TelephoneExt2",
    "TelephoneNo1",
    "TelephoneNo2",
    "ZipCode",
];
