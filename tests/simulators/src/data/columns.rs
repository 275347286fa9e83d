//! Columns and lengths of the Sage 100 tables that the agent serves (2023 lengths).
//! Card fields, encrypted values and tax numbers are left out: an agent never reads them.

/// The type of a column, as the agent's capabilities name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text of at most so many characters.
    Text(u32),
    /// Text without a stated limit.
    Memo,
    /// Decimal: precision and scale.
    Decimal(u32, u32),
    /// Date as `YYYYMMDD`.
    Date,
}

/// One column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Sage's column name.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
}

pub(super) const fn text(name: &'static str, length: u32) -> Column {
    Column {
        name,
        kind: Kind::Text(length),
    }
}

pub(super) const fn money(name: &'static str) -> Column {
    Column {
        name,
        kind: Kind::Decimal(13, 2),
    }
}

pub(super) const fn rate(name: &'static str) -> Column {
    Column {
        name,
        kind: Kind::Decimal(8, 3),
    }
}

pub(super) const fn date(name: &'static str) -> Column {
    Column {
        name,
        kind: Kind::Date,
    }
}

pub(super) const fn decimal(name: &'static str, precision: u32, scale: u32) -> Column {
    Column {
        name,
        kind: Kind::Decimal(precision, scale),
    }
}

pub(super) const fn memo(name: &'static str) -> Column {
    Column {
        name,
        kind: Kind::Memo,
    }
}

/// The audit columns that every table has. They are no content: digests leave them out.
pub const AUDIT: &[Column] = &[
    date("DateCreated"),
    text("TimeCreated", 8),
    text("UserCreatedKey", 10),
    date("DateUpdated"),
    text("TimeUpdated", 8),
    text("UserUpdatedKey", 10),
];

/// AR_Customer, with three user-defined columns.
pub const CUSTOMER: &[Column] = &[
    text("ARDivisionNo", 2),
    text("CustomerNo", 20),
    text("CustomerName", 50),
    text("AddressLine1", 40),
    text("AddressLine2", 40),
    text("AddressLine3", 40),
    text("City", 30),
    text("State", 2),
    text("ZipCode", 10),
    text("CountryCode", 3),
    text("TelephoneNo", 20),
    text("TelephoneExt", 6),
    text("FaxNo", 20),
    text("EmailAddress", 250),
    text("URLAddress", 50),
    text("ContactCode", 10),
    text("ShipMethod", 15),
    text("TaxSchedule", 9),
    text("TaxExemptNo", 15),
    text("TermsCode", 2),
    text("SalespersonDivisionNo", 2),
    text("SalespersonNo", 4),
    text("Comment", 30),
    text("SortField", 10),
    text("CustomerType", 4),
    text("PriceLevel", 1),
    text("PrimaryShipToCode", 4),
    text("DefaultItemCode", 30),
    text("DefaultPaymentType", 5),
    text("CustomerStatus", 1),
    text("InactiveReasonCode", 5),
    text("CreditHold", 1),
    text("OpenItemCustomer", 1),
    text("TemporaryCustomer", 1),
    text("ResidentialAddress", 1),
    text("StatementCycle", 1),
    text("PrintDunningMessage", 1),
    text("EmailStatements", 1),
    text("BatchFax", 1),
    text("TelephoneType", 1),
    money("CreditLimit"),
    money("CurrentBalance"),
    money("AgingCategory1"),
    money("AgingCategory2"),
    money("AgingCategory3"),
    money("AgingCategory4"),
    money("OpenOrderAmt"),
    money("LastPaymentAmt"),
    money("HighestStmntBalance"),
    Column {
        name: "CustomerDiscountRate",
        kind: Kind::Decimal(12, 3),
    },
    Column {
        name: "ServiceChargeRate",
        kind: Kind::Decimal(12, 3),
    },
    Column {
        name: "AvgDaysPaymentInvoice",
        kind: Kind::Decimal(3, 0),
    },
    Column {
        name: "AvgDaysOverDue",
        kind: Kind::Decimal(3, 0),
    },
    date("DateEstablished"),
    date("DateLastActivity"),
    date("DateLastPayment"),
    date("DateLastStatement"),
    date("DateLastFinanceChrg"),
    date("DateLastAging"),
    money("BalanceForward"),
    money("UnpaidServiceChrg"),
    money("RetentionCurrent"),
    money("RetentionAging1"),
    money("RetentionAging2"),
    money("RetentionAging3"),
    money("RetentionAging4"),
    decimal("NumberOfInvToUseInCalc", 2, 0),
    text("SalespersonDivisionNo2", 2),
    text("SalespersonDivisionNo3", 2),
    text("SalespersonDivisionNo4", 2),
    text("SalespersonDivisionNo5", 2),
    text("SalespersonNo2", 4),
    text("SalespersonNo3", 4),
    text("SalespersonNo4", 4),
    text("SalespersonNo5", 4),
    rate("SplitCommRate2"),
    rate("SplitCommRate3"),
    rate("SplitCommRate4"),
    rate("SplitCommRate5"),
    text("DefaultCostCode", 9),
    text("DefaultCostType", 1),
    text("EBMEnabled", 1),
    text("EBMConsumerUserID", 15),
    text("UDF_REGION", 12),
    text("UDF_ACCOUNT_TIER", 1),
    text("UDF_LEGACY_ID", 15),
];

/// AR_CustomerContact, with one user-defined column.
pub const CONTACT: &[Column] = &[
    text("ARDivisionNo", 2),
    text("CustomerNo", 20),
    text("ContactCode", 10),
    text("ContactName", 50),
    text("AddressLine1", 40),
    text("AddressLine2", 40),
    text("AddressLine3", 40),
    text("City", 30),
    text("State", 2),
    text("ZipCode", 10),
    text("CountryCode", 3),
    text("Salutation", 10),
    text("ContactTitle", 15),
    text("TelephoneNo1", 20),
    text("TelephoneExt1", 6),
    text("TelephoneNo2", 20),
    text("TelephoneExt2", 6),
    text("FaxNo", 20),
    text("EmailAddress", 50),
    Column {
        name: "ContactNotes",
        kind: Kind::Memo,
    },
    text("TelephoneType1", 1),
    text("TelephoneType2", 1),
    text("PrimaryTelephone1", 1),
    text("PrimaryTelephone2", 1),
    text("EBMUserID", 15),
    text("UDF_NEWSLETTER", 1),
];

/// AR_Salesperson.
pub const SALESPERSON: &[Column] = &[
    text("SalespersonDivisionNo", 2),
    text("SalespersonNo", 4),
    text("SalespersonName", 30),
    text("AddressLine1", 40),
    text("AddressLine2", 40),
    text("AddressLine3", 40),
    text("City", 30),
    text("State", 2),
    text("ZipCode", 10),
    text("CountryCode", 3),
    text("TelephoneNo", 20),
    text("TelephoneExt", 6),
    text("EmailAddress", 50),
    text("SalesManagerDivisionNo", 2),
    text("SalesManagerNo", 4),
    rate("CommissionRate"),
    rate("SalesManagerCommRate"),
    text("CRMUserID", 11),
    text("UserKey", 10),
    text("TelephoneType", 1),
];
