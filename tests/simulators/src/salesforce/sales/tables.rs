//! What an administrator has set up for selling: stages, statuses, currencies and their rates.
//! Programs read it, and never write it.

use crate::salesforce::schema::{Field, Kind, Object};

/// A stage: name, closed, won, probability, forecast category.
pub struct Stage {
    /// What people see and records hold.
    pub name: &'static str,
    /// The sale is over.
    pub closed: bool,
    /// It was made.
    pub won: bool,
    /// Probability in percent.
    pub probability: u32,
    /// Forecast category.
    pub forecast: &'static str,
}

const fn open(name: &'static str, probability: u32, forecast: &'static str) -> Stage {
    Stage {
        name,
        closed: false,
        won: false,
        probability,
        forecast,
    }
}

/// The stages.
pub const STAGES: &[Stage] = &[
    open("Prospecting", 10, "Pipeline"),
    open("Qualification", 10, "Pipeline"),
    open("Needs Analysis", 20, "Pipeline"),
    open("Value Proposition", 50, "Pipeline"),
    open("Id. Decision Makers", 60, "Pipeline"),
    open("Perception Analysis", 70, "Pipeline"),
    open("Proposal/Price Quote", 75, "BestCase"),
    open("Negotiation/Review", 90, "Forecast"),
    Stage {
        name: "Closed Won",
        closed: true,
        won: true,
        probability: 100,
        forecast: "Closed",
    },
    Stage {
        name: "Closed Lost",
        closed: true,
        won: false,
        probability: 0,
        forecast: "Omitted",
    },
];
/// Their names.
pub const STAGE_NAMES: &[&str] = &[
    "Prospecting",
    "Qualification",
    "Needs Analysis",
    "Value Proposition",
    "Id. Decision Makers",
    "Perception Analysis",
    "Proposal/Price Quote",
    "Negotiation/Review",
    "Closed Won",
    "Closed Lost",
];
/// Forecast categories.
pub const FORECASTS: &[&str] = &[
    "Omitted",
    "Pipeline",
    "BestCase",
    "MostLikely",
    "Forecast",
    "Closed",
];
/// What people see of the forecast categories that they may choose.
pub const FORECAST_NAMES: &[&str] = &["Omitted", "Pipeline", "Best Case", "Commit", "Closed"];
/// What people see of a forecast category.
pub fn forecast_name(category: &str) -> &str {
    match category {
        "BestCase" => "Best Case",
        "Forecast" => "Commit",
        other => other,
    }
}

/// Labels of orders' statuses, each with the group that rules go by.
pub const STATUSES: &[(&str, &str)] = &[
    ("Draft", "Draft"),
    ("In Approval", "Draft"),
    ("Activated", "Activated"),
    ("Released", "Activated"),
];
/// The labels.
pub const STATUS_NAMES: &[&str] = &["Draft", "In Approval", "Activated", "Released"];
/// The groups.
pub const STATUS_CODES: &[&str] = &["Draft", "Activated"];

/// The group of a status, if it is one.
pub fn status_code(status: &str) -> Option<&'static str> {
    let found = STATUSES
        .iter()
        .find(|(label, _)| label.eq_ignore_ascii_case(status));
    found.map(|(_, code)| *code)
}

/// The stage of a name.
pub fn stage(name: &str) -> Option<&'static Stage> {
    STAGES.iter().find(|stage| stage.name == name)
}

/// Currencies of the organisation; the first is its own.
pub const CURRENCIES: &[&str] = &["USD", "CAD", "EUR"];
/// How much of a currency one dollar is: code, today's rate, the rate before July 2026.
pub const RATES: &[(&str, f64, f64)] =
    &[("USD", 1.0, 1.0), ("CAD", 1.37, 1.35), ("EUR", 0.92, 0.9)];

/// OpportunityStage.
pub const OPPORTUNITY_STAGE: Object = Object {
    name: "OpportunityStage",
    label: "Opportunity Stage",
    plural: "Opportunity Stage",
    prefix: "01J",
    writable: false,
    record_types: &[],
    multi_currency: false,
    fields: &[
        Field::system("MasterLabel", "Master Label", Kind::Text, 255),
        Field::system("ApiName", "API Name", Kind::Text, 255),
        Field::system("IsActive", "Is Active", Kind::Boolean, 0),
        Field::system("SortOrder", "Sort Order", Kind::Int(9), 0),
        Field::system("IsClosed", "Closed", Kind::Boolean, 0),
        Field::system("IsWon", "Won", Kind::Boolean, 0),
        Field::system(
            "ForecastCategory",
            "Forecast Category",
            Kind::Picklist(FORECASTS),
            40,
        ),
        Field::system(
            "ForecastCategoryName",
            "Forecast Category Name",
            Kind::Text,
            255,
        ),
        Field::system(
            "DefaultProbability",
            "Probability (%)",
            Kind::Percent(3, 0),
            0,
        ),
    ],
};

/// OrderStatus.
pub const ORDER_STATUS: Object = Object {
    name: "OrderStatus",
    label: "Order Status Value",
    plural: "Order Status Value",
    prefix: "8OS",
    writable: false,
    record_types: &[],
    multi_currency: false,
    fields: &[
        Field::system("MasterLabel", "Master Label", Kind::Text, 255),
        Field::system("ApiName", "API Name", Kind::Text, 255),
        Field::system("SortOrder", "Sort Order", Kind::Int(9), 0),
        Field::system("IsDefault", "Is Default", Kind::Boolean, 0),
        Field::system(
            "StatusCode",
            "Status Category",
            Kind::Picklist(STATUS_CODES),
            40,
        ),
    ],
};

/// CurrencyType.
pub const CURRENCY_TYPE: Object = Object {
    name: "CurrencyType",
    label: "Currency Type",
    plural: "Currency Type",
    prefix: "01L",
    writable: false,
    record_types: &[],
    multi_currency: true,
    fields: &[
        Field::system(
            "IsoCode",
            "Currency ISO Code",
            Kind::Picklist(CURRENCIES),
            3,
        ),
        Field::system("ConversionRate", "Conversion Rate", Kind::Number(18, 6), 0),
        Field::system("DecimalPlaces", "Decimal Places", Kind::Int(1), 0),
        Field::system("IsActive", "Active", Kind::Boolean, 0),
        Field::system("IsCorporate", "Corporate Currency", Kind::Boolean, 0),
    ],
};

/// DatedConversionRate, with advanced currency management only.
pub const DATED_RATE: Object = Object {
    name: "DatedConversionRate",
    label: "Dated Conversion Rate",
    plural: "Dated Conversion Rate",
    prefix: "04w",
    writable: false,
    record_types: &[],
    multi_currency: true,
    fields: &[
        Field::system(
            "IsoCode",
            "Currency ISO Code",
            Kind::Picklist(CURRENCIES),
            3,
        ),
        Field::system("StartDate", "Start Date", Kind::Date, 0),
        Field::system("NextStartDate", "Next Start Date", Kind::Date, 0),
        Field::system("ConversionRate", "Conversion Rate", Kind::Number(18, 6), 0),
    ],
};
