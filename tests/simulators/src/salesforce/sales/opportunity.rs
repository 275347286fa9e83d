//! Opportunity and OpportunityLineItem.

use super::{
    CURRENCY,
    tables::{FORECAST_NAMES, FORECASTS, STAGE_NAMES},
};
use crate::salesforce::schema::{Field, Kind, Object};

/// Opportunity.
pub const OPPORTUNITY: Object = Object {
    name: "Opportunity",
    label: "Opportunity",
    plural: "Opportunities",
    prefix: "006",
    writable: true,
    record_types: &[],
    multi_currency: false,
    fields: &[
        Field::reference("AccountId", "Account ID", "Account", "Account")
            .children("Opportunities")
            .cascade(),
        Field::new("Name", "Name", Kind::Text, 120).required(),
        Field::new("Description", "Description", Kind::LongText, 32_000),
        Field::new("StageName", "Stage", Kind::Picklist(STAGE_NAMES), 255).required(),
        Field::new("Amount", "Amount", Kind::Currency(18, 2), 0),
        Field::new("Probability", "Probability (%)", Kind::Percent(3, 0), 0),
        Field::system(
            "ExpectedRevenue",
            "Expected Amount",
            Kind::Currency(18, 2),
            0,
        ),
        Field::new(
            "TotalOpportunityQuantity",
            "Quantity",
            Kind::Number(18, 2),
            0,
        ),
        Field::new("CloseDate", "Close Date", Kind::Date, 0).required(),
        Field::new(
            "Type",
            "Opportunity Type",
            Kind::Picklist(&[
                "Existing Customer - Upgrade",
                "Existing Customer - Replacement",
                "New Customer",
            ]),
            255,
        ),
        Field::new("NextStep", "Next Step", Kind::Text, 255),
        Field::new(
            "LeadSource",
            "Lead Source",
            Kind::Picklist(&["Web", "Phone Inquiry", "Partner Referral", "Other"]),
            255,
        ),
        Field::system("IsClosed", "Closed", Kind::Boolean, 0),
        Field::system("IsWon", "Won", Kind::Boolean, 0),
        Field::system(
            "ForecastCategory",
            "Forecast Category",
            Kind::Picklist(FORECASTS),
            40,
        )
        .restricted()
        .never_empty(),
        Field::new(
            "ForecastCategoryName",
            "Forecast Category",
            Kind::Picklist(FORECAST_NAMES),
            255,
        )
        .restricted(),
        Field::system("HasOpportunityLineItem", "Has Line Item", Kind::Boolean, 0),
        Field::reference("Pricebook2Id", "Price Book ID", "Pricebook2", "Pricebook2"),
        Field::reference("ContactId", "Contact ID", "Contact", "Contact")
            .not_updateable()
            .not_followed(),
        Field::reference("OwnerId", "Owner ID", "User", "Owner").defaulted(),
        CURRENCY,
    ],
};

/// OpportunityLineItem.
pub const OPPORTUNITY_LINE: Object = Object {
    name: "OpportunityLineItem",
    label: "Opportunity Product",
    plural: "Opportunity Products",
    prefix: "00k",
    writable: true,
    record_types: &[],
    multi_currency: false,
    fields: &[
        Field::reference(
            "OpportunityId",
            "Opportunity ID",
            "Opportunity",
            "Opportunity",
        )
        .required()
        .not_updateable()
        .children("OpportunityLineItems")
        .cascade(),
        Field::new("SortOrder", "Sort Order", Kind::Int(9), 0),
        Field::reference(
            "PricebookEntryId",
            "Price Book Entry ID",
            "PricebookEntry",
            "PricebookEntry",
        )
        .not_updateable()
        .children("OpportunityLineItems"),
        Field::reference("Product2Id", "Product ID", "Product2", "Product2").read_only(),
        Field::system("ProductCode", "Product Code", Kind::Text, 255),
        Field::system("Name", "Opportunity Product Name", Kind::Text, 376),
        CURRENCY.read_only(),
        Field::new("Quantity", "Quantity", Kind::Number(12, 2), 0).required(),
        Field::new("TotalPrice", "Total Price", Kind::Currency(18, 2), 0),
        Field::new("UnitPrice", "Sales Price", Kind::Currency(18, 2), 0),
        Field::system("ListPrice", "List Price", Kind::Currency(18, 2), 0),
        Field::system("Subtotal", "Subtotal", Kind::Currency(18, 2), 0),
        Field::new("Discount", "Discount", Kind::Percent(5, 2), 0),
        Field::new("ServiceDate", "Date", Kind::Date, 0),
        Field::new("Description", "Line Description", Kind::Text, 255),
    ],
};
