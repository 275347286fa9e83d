//! What the CRMs call what sells.

use counterpart_config::{CrmProfile, SALESFORCE, ZOHO};

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
    /// What the whole of it has off or on it, and no line shows.
    pub whole: Option<Whole>,
}

/// Fields with amounts of a whole record.
#[derive(Debug)]
pub struct Whole {
    /// Its discount.
    pub discount: &'static str,
    /// What else is added to it, or taken off.
    pub adjustment: &'static str,
}

/// Where the lines are.
#[derive(Debug)]
pub enum Lines {
    /// In a field of the record.
    Subform(&'static str),
    /// Records of their own, with the field that refers to theirs.
    Object(&'static str, &'static str),
}

/// What sells in a CRM.
struct Kinds {
    product: &'static CrmProfile,
    deal: Kind,
    order: Kind,
    /// The field for what sales people read.
    text: &'static str,
    /// The field for Sage's number.
    number: &'static str,
}

static KINDS: [Kinds; 2] = [
    Kinds {
        product: &ZOHO,
        deal: Kind {
            module: "Deals",
            title: "deal",
            name: "Deal_Name",
            day: Some("Closing_Date"),
            stage: ("Stage", "Negotiation/Review", "Closed Won"),
            lines: Lines::Subform("Sale_Items"),
            // Whoever sells types it in.
            total: None,
            whole: None,
        },
        order: Kind {
            module: "Sales_Orders",
            title: "Sales Order",
            name: "Subject",
            day: None,
            stage: ("Status", "Created", "Approved"),
            lines: Lines::Subform("Ordered_Items"),
            total: Some("Grand_Total"),
            whole: Some(Whole {
                discount: "Discount",
                adjustment: "Adjustment",
            }),
        },
        text: "Sage_Status_Text",
        number: "Sage_Order_No",
    },
    Kinds {
        product: &SALESFORCE,
        deal: Kind {
            module: "Opportunity",
            title: "deal",
            name: "Name",
            day: Some("CloseDate"),
            stage: ("StageName", "Negotiation/Review", "Closed Won"),
            lines: Lines::Object("OpportunityLineItem", "OpportunityId"),
            total: Some("Amount"),
            whole: None,
        },
        order: Kind {
            module: "Order",
            title: "Order",
            name: "Name",
            day: Some("EffectiveDate"),
            stage: ("Status", "Draft", "Activated"),
            lines: Lines::Object("OrderItem", "OrderId"),
            total: Some("TotalAmount"),
            whole: None,
        },
        text: "Sage_Status_Text__c",
        number: "Sage_Order_No__c",
    },
];

fn of(crm: &Crm) -> &'static Kinds {
    let [first, ..] = &KINDS;
    let mut kinds = KINDS.iter();
    kinds
        .find(|kinds| kinds.product == crm.target.profile)
        .unwrap_or(first)
}

/// What a CRM calls a deal.
pub fn deal_of(crm: &Crm) -> &'static Kind {
    &of(crm).deal
}

/// What a CRM calls an order.
pub fn order_of(crm: &Crm) -> &'static Kind {
    &of(crm).order
}

/// The field of an order that names the deal it came of.
pub fn deal_field(crm: &Crm) -> &'static str {
    let source = crm.target.source(order_of(crm).module);
    source.and_then(|source| source.root).unwrap_or_default()
}

/// The field for what sales people read.
pub fn text_field(crm: &Crm) -> &'static str {
    of(crm).text
}

/// The field for Sage's number.
pub fn number_field(crm: &Crm) -> &'static str {
    of(crm).number
}
