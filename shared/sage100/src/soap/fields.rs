//! The fields that the objects of orders are known to have in the SOAP service, as public clients of it name them; those of
//! records stand in their entities' specifications. They serve to check what was
//! learned, to say what a service lacks, and as the order of a guess: all lists are in the order of their bytes, which
//! is how the service's framework sorts by default.

/// `SalesOrder`.
pub(crate) const SALES_ORDER: &[&str] = &[
    "ARDivisionNo",
    "BatchEmail",
    "BatchFax",
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
    "CommissionRate",
    "ConfirmTo",
    "CurrentInvoiceNo",
    "CustomerNo",
    "CustomerPONo",
    "CycleCode",
    "DateTimeCreated",
    "DateTimeUpdated",
    "DepositAmt",
    "DiscountAmt",
    "DiscountRate",
    "EBMSubmissionType",
    "EBMUserIDSubmittingThisOrder",
    "EBMUserType",
    "EmailAddress",
    "FOB",
    "FaxNo",
    "FreightAmt",
    "FreightCalculationMethod",
    "InvalidTaxCalc",
    "JobNo",
    "LastInvoiceOrderDate",
    "LastInvoiceOrderNo",
    "LastNoOfShippingLabels",
    "Lines",
    "LotSerialLinesExist",
    "MasterRepeatingOrderNo",
    "NonTaxableAmt",
    "NonTaxableSubjectToDiscount",
    "NumberOfShippingLabels",
    "OrderDate",
    "OrderStatus",
    "OrderType",
    "OtherPaymentTypeRefNo",
    "PaymentType",
    "PaymentTypeCategory",
    "Payments",
    "PickingSheetPrinted",
    "PrintPickingSheets",
    "PrintSalesOrders",
    "RMANo",
    "ResidentialAddress",
    "SalesOrderNo",
    "SalesOrderPrinted",
    "SalesTaxAmt",
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
    "ShipExpireDate",
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
    "SplitCommRate2",
    "SplitCommRate3",
    "SplitCommRate4",
    "SplitCommRate5",
    "SplitCommissions",
    "TaxExemptNo",
    "TaxSchedule",
    "TaxSubjToDiscPrcntOfTotSubjTo",
    "TaxableAmt",
    "TaxableSubjectToDiscount",
    "TermsCode",
    "UserCreatedKey",
    "UserUpdatedKey",
    "WarehouseCode",
    "Weight",
];

/// `SalesOrderLine`.
pub(crate) const SALES_ORDER_LINE: &[&str] = &[
    "APDivisionNo",
    "AliasItemNo",
    "BackorderKitCompLine",
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
    "Commissionable",
    "CostCode",
    "CostOfGoodsSoldAcctKey",
    "CostOverridden",
    "CostType",
    "CustomerAction",
    "Discount",
    "DropShip",
    "ExpirationDate",
    "ExpirationOverridden",
    "ExplodedKitItem",
    "ExtDescriptionText",
    "ExtendedDescriptionKey",
    "ExtensionAmt",
    "ItemAction",
    "ItemCode",
    "ItemCodeDesc",
    "ItemType",
    "LineDiscountPercent",
    "LineKey",
    "LineSeqNo",
    "LineWeight",
    "LotSerialFullyDistributed",
    "MasterOrderLineKey",
    "MasterOriginalQty",
    "MasterQtyBalance",
    "MasterQtyOrderedToDate",
    "PriceLevel",
    "PriceOverridden",
    "PrintDropShipment",
    "PromiseDate",
    "PurchaseOrderNo",
    "PurchaseOrderRequiredDate",
    "QuantityBackordered",
    "QuantityOrdered",
    "QuantityPerBill",
    "QuantityShipped",
    "RepeatingQtyShippedToDate",
    "Revision",
    "SOHistoryDetlSeqNo",
    "SalesAcctKey",
    "SalesKitLineKey",
    "SalesOrderNo",
    "SkipPrintCompLine",
    "StandardKitBill",
    "SubjectToExemption",
    "TaxClass",
    "UnitCost",
    "UnitOfMeasure",
    "UnitOfMeasureConvFactor",
    "UnitPrice",
    "Valuation",
    "VendorNo",
    "WarehouseCode",
    "WarrantyCode",
];

/// `SalesOrderPayment`.
pub(crate) const SALES_ORDER_PAYMENT: &[&str] = &[
    "AVSAddressLine1",
    "AVSAddressLine2",
    "AVSCity",
    "AVSCountryCode",
    "AVSState",
    "AVSZipCode",
    "AuthorizationDateTime",
    "BankAccountType",
    "BankName",
    "CardType",
    "CardholderName",
    "CorporateCustIDPurchOrder",
    "CorporateSalesTax",
    "CorporateTaxOverrd",
    "CreditCardAuthorizationNo",
    "CreditCardComment",
    "CreditCardEmailAddress",
    "CreditCardGUID",
    "CreditCardID",
    "CreditCardTrackingID",
    "CreditCardTransactionID",
    "DateTimeCreated",
    "DateTimeUpdated",
    "ExpirationDateMonth",
    "ExpirationDateYear",
    "Last4BankAccountNos",
    "Last4BankRoutingNos",
    "Last4UnencryptedCreditCardNos",
    "PaymentSeqNo",
    "PaymentType",
    "PaymentTypeCategory",
    "SalesOrderNo",
    "SaveCreditCard",
    "TransactionAmt",
    "UserCreatedKey",
    "UserUpdatedKey",
];

/// `ContractInformation`.
pub(crate) const CONTRACT_INFORMATION: &[&str] =
    &["AssemblyVersion", "ContractVersion", "NullDateTime"];

/// Columns that the service does not take back, or that Sage computes: they are left out of what is written.
pub(crate) const READ_ONLY: &[&str] = &[
    "DateLastAging",
    "DateTimeCreated",
    "DateTimeUpdated",
    "EBMSubmissionType",
    "EBMUserIDSubmittingThisOrder",
    "ExtendedDescriptionKey",
    "LineSeqNo",
    "LineWeight",
    "NonTaxableAmt",
    "NonTaxableSubjectToDiscount",
    "SalesTaxAmt",
    "TaxSubjToDiscPrcntOfTotSubjTo",
    "TaxableAmt",
    "TaxableSubjectToDiscount",
];

/// The built-in type that a field is likely to have, where nothing was learned. Codes and flags are texts.
pub(crate) fn likely_type(field: &str) -> &'static str {
    let date = field.starts_with("Date")
        || field.ends_with("Date")
        || matches!(
            field,
            "AuthorizationDateTime" | "NullDateTime" | "PurchaseOrderRequiredDate"
        );
    if date {
        return "dateTime";
    }
    let whole = matches!(
        field,
        "ContractVersion"
            | "LastNoOfShippingLabels"
            | "NumberOfShippingLabels"
            | "NumberOfInvToUseInCalc"
    );
    if whole {
        return "int";
    }
    let number = [
        "Amt", "Rate", "Balance", "Limit", "Price", "Weight", "Factor", "Percent", "Chrg",
        "PerBill",
    ]
    .iter()
    .any(|end| field.ends_with(end))
        || [
            "Quantity",
            "AgingCategory",
            "Retention",
            "SplitCommRate",
            "AvgDays",
            "MasterQty",
            "Repeating",
        ]
        .iter()
        .any(|start| field.starts_with(start))
        || matches!(
            field,
            "UnitCost"
                | "MasterOriginalQty"
                | "TaxableSubjectToDiscount"
                | "NonTaxableSubjectToDiscount"
                | "TaxSubjToDiscPrcntOfTotSubjTo"
        );
    // The one weight that is a code.
    if number && field != "ShipWeight" {
        "decimal"
    } else {
        "string"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_is_in_the_order_of_its_bytes() {
        for list in [
            SALES_ORDER,
            SALES_ORDER_LINE,
            SALES_ORDER_PAYMENT,
            CONTRACT_INFORMATION,
            READ_ONLY,
        ] {
            assert!(list.is_sorted(), "{list:?}");
        }
        assert_eq!(
            [SALES_ORDER, SALES_ORDER_LINE, SALES_ORDER_PAYMENT].map(<[_]>::len),
            [105, 68, 36]
        );
    }

    #[test]
    fn likely_types_are_those_of_the_tables() {
        for (field, expected) in [
            ("OrderDate", "dateTime"),
            ("ShipExpireDate", "dateTime"),
            ("DateTimeUpdated", "dateTime"),
            ("CreditLimit", "decimal"),
            ("QuantityOrdered", "decimal"),
            ("UnitPrice", "decimal"),
            ("ExtensionAmt", "decimal"),
            ("PriceLevel", "string"),
            ("TermsCode", "string"),
            ("ShipWeight", "string"),
            ("CreditHold", "string"),
            ("NumberOfShippingLabels", "int"),
            ("StandardKitBill", "string"),
            ("DebitCreditIndicator", "string"),
            ("LastInvoiceOrderNo", "string"),
        ] {
            assert_eq!(likely_type(field), expected, "{field}");
        }
    }
}
