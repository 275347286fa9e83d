//! The tables. Names as in Sage's file layouts; lengths are the agent's to tell, since they differ by version.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::columns::table;

table! {
    /// A row of `AR_Customer` (primary key: ARDivisionNo, CustomerNo).
    Customer {
        "ARDivisionNo" => division_no: String,
        "CustomerNo" => customer_no: String,
        "CustomerName" => name: String,
        "AddressLine1" => address_line1: String,
        "AddressLine2" => address_line2: String,
        "AddressLine3" => address_line3: String,
        "City" => city: String,
        "State" => state: String,
        "ZipCode" => zip_code: String,
        "CountryCode" => country_code: String,
        "TelephoneNo" => telephone_no: String,
        "TelephoneExt" => telephone_ext: String,
        "FaxNo" => fax_no: String,
        "EmailAddress" => email_address: String,
        "URLAddress" => url_address: String,
        "ContactCode" => contact_code: String,
        "ShipMethod" => ship_method: String,
        "TaxSchedule" => tax_schedule: String,
        "TermsCode" => terms_code: String,
        "SalespersonDivisionNo" => salesperson_division_no: String,
        "SalespersonNo" => salesperson_no: String,
        "Comment" => comment: String,
        "SortField" => sort_field: String,
        "CustomerType" => customer_type: String,
        "PriceLevel" => price_level: String,
        "PrimaryShipToCode" => primary_ship_to_code: String,
        "CustomerStatus" => status: String,
        "InactiveReasonCode" => inactive_reason_code: String,
        "CreditHold" => credit_hold: bool,
        "CreditLimit" => credit_limit: Option<Decimal>,
        "CurrentBalance" => current_balance: Option<Decimal>,
        "AgingCategory1" => aging_category1: Option<Decimal>,
        "AgingCategory2" => aging_category2: Option<Decimal>,
        "AgingCategory3" => aging_category3: Option<Decimal>,
        "AgingCategory4" => aging_category4: Option<Decimal>,
        "OpenOrderAmt" => open_order_amt: Option<Decimal>,
        "DateEstablished" => date_established: Option<Date>,
        "DateLastPayment" => date_last_payment: Option<Date>,
    }
}

table! {
    /// A row of `AR_CustomerContact` (primary key: ARDivisionNo, CustomerNo, ContactCode). Sage has one ContactName.
    Contact {
        "ARDivisionNo" => division_no: String,
        "CustomerNo" => customer_no: String,
        "ContactCode" => contact_code: String,
        "ContactName" => name: String,
        "AddressLine1" => address_line1: String,
        "AddressLine2" => address_line2: String,
        "AddressLine3" => address_line3: String,
        "City" => city: String,
        "State" => state: String,
        "ZipCode" => zip_code: String,
        "CountryCode" => country_code: String,
        "Salutation" => salutation: String,
        "ContactTitle" => title: String,
        "TelephoneNo1" => telephone_no1: String,
        "TelephoneExt1" => telephone_ext1: String,
        "TelephoneNo2" => telephone_no2: String,
        "TelephoneExt2" => telephone_ext2: String,
        "FaxNo" => fax_no: String,
        "EmailAddress" => email_address: String,
        "ContactNotes" => notes: String,
    }
}

table! {
    /// A row of `AR_Salesperson` (primary key: SalespersonDivisionNo, SalespersonNo).
    Salesperson {
        "SalespersonDivisionNo" => division_no: String,
        "SalespersonNo" => salesperson_no: String,
        "SalespersonName" => name: String,
        "EmailAddress" => email_address: String,
        "TelephoneNo" => telephone_no: String,
        "SalesManagerDivisionNo" => sales_manager_division_no: String,
        "SalesManagerNo" => sales_manager_no: String,
    }
}
