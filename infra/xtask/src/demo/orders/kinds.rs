//! What the CRMs call what sells.

use crate::stack::crm::Crm;

/// What a module that sells is called, and its fields.
#[derive(Debug)]
pub struct Kind {
    /// The module or object.
    pub module: &'static str,
    /// What people call one of its records.
    pub title: &'static str,
    /// The field of its name.
    pub(super) name: &'static str,
    /// The field of its day.
    pub(super) day: Option<&'static str>,
    /// The field that says how far it is, before it is won and once it is.
    pub(super) stage: (&'static str, &'static str, &'static str),
    /// Where its lines are.
    pub(super) lines: Lines,
    /// What the CRM itself says that it comes to.
    pub(super) total: Option<&'static str>,
}

/// Where the lines are.
#[derive(Debug)]
pub enum Lines {
    /// In a field of the record (Zoho).
    Subform(&'static str),
    /// Records of their own, with the field that refers to theirs (Salesforce).
    Object(&'static str, &'static str),
}

/// Zoho's deal.
const DEAL: Kind = Kind {
    module: "Deals",
    title: "deal",
    name: "Deal_Name",
    day: Some("Closing_Date"),
    stage: ("Stage", "Negotiation/Review", "Closed Won"),
    lines: Lines::Subform("Sale_Items"),
    // Whoever sells types it in.
    total: None,
};
/// Zoho's order.
const SALES_ORDER: Kind = Kind {
    module: "Sales_Orders",
    title: "Sales Order",
    name: "Subject",
    day: None,
    stage: ("Status", "Created", "Approved"),
    lines: Lines::Subform("Ordered_Items"),
    total: Some("Grand_Total"),
};
/// Salesforce's deal.
const OPPORTUNITY: Kind = Kind {
    module: "Opportunity",
    title: "deal",
    name: "Name",
    day: Some("CloseDate"),
    stage: ("StageName", "Negotiation/Review", "Closed Won"),
    lines: Lines::Object("OpportunityLineItem", "OpportunityId"),
    total: Some("Amount"),
};
/// Salesforce's order.
const ORDER: Kind = Kind {
    module: "Order",
    title: "Order",
    name: "Name",
    day: Some("EffectiveDate"),
    stage: ("Status", "Draft", "Activated"),
    lines: Lines::Object("OrderItem", "OrderId"),
    total: Some("TotalAmount"),
};

/// What a CRM calls a deal.
pub fn deal_of(crm: &Crm) -> &'static Kind {
    if is_zoho(crm) { &DEAL } else { &OPPORTUNITY }
}

/// What a CRM calls an order.
pub fn order_of(crm: &Crm) -> &'static Kind {
    if is_zoho(crm) { &SALES_ORDER } else { &ORDER }
}

/// The field of an order that names the deal it came of.
pub fn deal_field(crm: &Crm) -> &'static str {
    if is_zoho(crm) {
        "Deal_Name"
    } else {
        "OpportunityId"
    }
}

/// The field for what sales people read.
pub fn text_field(crm: &Crm) -> &'static str {
    if is_zoho(crm) {
        "Sage_Status_Text"
    } else {
        "Sage_Status_Text__c"
    }
}

/// The field for Sage's number.
pub fn number_field(crm: &Crm) -> &'static str {
    if is_zoho(crm) {
        "Sage_Order_No"
    } else {
        "Sage_Order_No__c"
    }
}

/// Whether it is Zoho; the other one is Salesforce.
pub fn is_zoho(crm: &Crm) -> bool {
    crm.target.name == "zoho"
}
