//! Order and OrderItem.

use super::{
    CURRENCY,
    tables::{STATUS_CODES, STATUS_NAMES},
};
use crate::salesforce::schema::{Field, Kind, Object};

/// Order.
pub const ORDER: Object = Object {
    name: "Order",
    label: "Order",
    plural: "Orders",
    prefix: "801",
    writable: true,
    record_types: &[],
    multi_currency: false,
    fields: &[
        Field::reference("AccountId", "Account ID", "Account", "Account")
            .required()
            .children("Orders")
            .cascade(),
        Field::reference(
            "OpportunityId",
            "Opportunity ID",
            "Opportunity",
            "Opportunity",
        )
        .children("Orders"),
        Field::reference("Pricebook2Id", "Price Book ID", "Pricebook2", "Pricebook2"),
        Field::new("EffectiveDate", "Order Start Date", Kind::Date, 0).required(),
        Field::new("EndDate", "Order End Date", Kind::Date, 0),
        Field::new("Status", "Status", Kind::Picklist(STATUS_NAMES), 255).required(),
        Field::system(
            "StatusCode",
            "Status Category",
            Kind::Picklist(STATUS_CODES),
            40,
        ),
        Field::new("Description", "Description", Kind::LongText, 32_000),
        Field::new("Name", "Order Name", Kind::Text, 80),
        Field::system("OrderNumber", "Order Number", Kind::Text, 30),
        Field::new("PoNumber", "PO Number", Kind::Text, 80),
        Field::new("PoDate", "PO Date", Kind::Date, 0),
        Field::new(
            "OrderReferenceNumber",
            "Order Reference Number",
            Kind::Text,
            80,
        ),
        Field::new(
            "Type",
            "Order Type",
            Kind::Picklist(&["Standard", "Drop Ship"]),
            255,
        ),
        Field::reference(
            "BillToContactId",
            "Bill To Contact ID",
            "Contact",
            "BillToContact",
        ),
        Field::reference(
            "ShipToContactId",
            "Ship To Contact ID",
            "Contact",
            "ShipToContact",
        ),
        Field::new("BillingStreet", "Billing Street", Kind::TextArea, 255),
        Field::new("BillingCity", "Billing City", Kind::Text, 40),
        Field::new("BillingState", "Billing State/Province", Kind::State, 80),
        Field::new(
            "BillingPostalCode",
            "Billing Zip/Postal Code",
            Kind::Text,
            20,
        ),
        Field::new("BillingCountry", "Billing Country", Kind::Country, 80),
        Field::system(
            "BillingAddress",
            "Billing Address",
            Kind::Address("Billing"),
            0,
        ),
        Field::new("ShippingStreet", "Shipping Street", Kind::TextArea, 255),
        Field::new("ShippingCity", "Shipping City", Kind::Text, 40),
        Field::new("ShippingState", "Shipping State/Province", Kind::State, 80),
        Field::new(
            "ShippingPostalCode",
            "Shipping Zip/Postal Code",
            Kind::Text,
            20,
        ),
        Field::new("ShippingCountry", "Shipping Country", Kind::Country, 80),
        Field::system(
            "ShippingAddress",
            "Shipping Address",
            Kind::Address("Shipping"),
            0,
        ),
        Field::system("TotalAmount", "Order Amount", Kind::Currency(18, 2), 0),
        Field::system("ActivatedDate", "Activated Date", Kind::DateTime, 0),
        Field::reference("ActivatedById", "Activated By ID", "User", "ActivatedBy").read_only(),
        Field::system("IsReductionOrder", "Reduction Order", Kind::Boolean, 0),
        Field::reference("OwnerId", "Owner ID", "User", "Owner").defaulted(),
        CURRENCY,
    ],
};

/// OrderItem.
pub const ORDER_ITEM: Object = Object {
    name: "OrderItem",
    label: "Order Product",
    plural: "Order Products",
    prefix: "802",
    writable: true,
    record_types: &[],
    multi_currency: false,
    fields: &[
        Field::reference("OrderId", "Order ID", "Order", "Order")
            .required()
            .not_updateable()
            .children("OrderItems")
            .cascade(),
        Field::reference(
            "PricebookEntryId",
            "Price Book Entry ID",
            "PricebookEntry",
            "PricebookEntry",
        )
        .required()
        .not_updateable()
        .children("OrderItems"),
        Field::reference("Product2Id", "Product ID", "Product2", "Product2").read_only(),
        CURRENCY.read_only(),
        Field::system("OrderItemNumber", "Order Product Number", Kind::Text, 30),
        Field::new("Quantity", "Quantity", Kind::Number(18, 2), 0).required(),
        Field::system(
            "AvailableQuantity",
            "Available Quantity",
            Kind::Number(18, 2),
            0,
        ),
        Field::new("UnitPrice", "Unit Price", Kind::Currency(18, 2), 0).required(),
        Field::system("ListPrice", "List Price", Kind::Currency(18, 2), 0),
        Field::system("TotalPrice", "Total Price", Kind::Currency(18, 2), 0),
        Field::new("ServiceDate", "Start Date", Kind::Date, 0),
        Field::new("EndDate", "End Date", Kind::Date, 0),
        Field::new("Description", "Line Description", Kind::Text, 255),
    ],
};
