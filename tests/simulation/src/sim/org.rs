//! The two CRMs of a town: what their modules and fields are called.

/// How a line holds its discount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Discount {
    /// An amount of the whole line.
    Amount,
    /// Per cent of the line.
    Percent,
    /// Not at all.
    None,
}

/// A module whose records become orders.
#[derive(Debug)]
pub(super) struct Module {
    pub(super) name: &'static str,
    pub(super) relation: &'static str,
    pub(super) state: &'static str,
    pub(super) won: &'static str,
    pub(super) open: &'static str,
    /// The state that cancels.
    pub(super) lost: Option<&'static str>,
    /// The look-up to the record that the sale began with.
    pub(super) root: Option<&'static str>,
    pub(super) total: &'static str,
    pub(super) closed_on: &'static str,
    pub(super) discount: Discount,
}

/// A CRM.
#[derive(Debug)]
pub(super) struct Org {
    pub(super) target: &'static str,
    pub(super) deals: Module,
    pub(super) orders: Module,
    pub(super) accounts: &'static str,
    pub(super) account_name: &'static str,
    pub(super) account_type: &'static str,
    pub(super) owner: &'static str,
    pub(super) owners: [&'static str; 2],
    pub(super) account: &'static str,
    pub(super) products: &'static str,
    pub(super) code: &'static str,
    pub(super) product: &'static str,
    pub(super) price: &'static str,
    pub(super) po: &'static str,
    pub(super) record_no: &'static str,
    pub(super) freight: &'static str,
    pub(super) text: &'static str,
}

pub(super) const ORGS: [Org; 2] = [
    Org {
        target: "zoho",
        deals: Module {
            name: "Deals",
            relation: "Sale_Items",
            state: "Stage",
            won: "Closed Won",
            open: "Negotiation",
            lost: Some("Closed Lost"),
            root: None,
            total: "Amount",
            closed_on: "Closing_Date",
            discount: Discount::Amount,
        },
        orders: Module {
            name: "Sales_Orders",
            relation: "Ordered_Items",
            state: "Status",
            won: "Approved",
            open: "Created",
            lost: Some("Cancelled"),
            root: Some("Deal_Name"),
            total: "Grand_Total",
            closed_on: "Due_Date",
            discount: Discount::Amount,
        },
        accounts: "Accounts",
        account_name: "Account_Name",
        account_type: "Account_Type",
        owner: "Owner",
        owners: ["user-1", "user-2"],
        account: "Account_Name",
        products: "Products",
        code: "Product_Code",
        product: "Product_Name",
        price: "List_Price",
        po: "PO_Number",
        record_no: "Record_No",
        freight: "Freight",
        text: "Sage_Status_Text",
    },
    Org {
        target: "salesforce",
        deals: Module {
            name: "Opportunity",
            relation: "OpportunityLineItems",
            state: "StageName",
            won: "Closed Won",
            open: "Negotiation",
            lost: Some("Closed Lost"),
            root: None,
            total: "Amount",
            closed_on: "CloseDate",
            discount: Discount::Percent,
        },
        orders: Module {
            name: "Order",
            relation: "OrderItems",
            state: "StatusCode",
            won: "Activated",
            open: "Draft",
            lost: None,
            root: Some("OpportunityId"),
            total: "TotalAmount",
            closed_on: "EffectiveDate",
            discount: Discount::None,
        },
        accounts: "Account",
        account_name: "Name",
        account_type: "Type",
        owner: "OwnerId",
        owners: ["005user1", "005user2"],
        account: "AccountId",
        products: "Product2",
        code: "ProductCode",
        product: "Product2Id",
        price: "UnitPrice",
        po: "PO__c",
        record_no: "Record_No__c",
        freight: "Freight__c",
        text: "Sage_Status_Text__c",
    },
];

impl Org {
    /// Whether the records of a module sell, or are the lines of some that do.
    pub(super) fn sells(&self, name: &str) -> bool {
        let lines = ["OpportunityLineItem", "OrderItem"];
        self.module(name).is_some() || lines.contains(&name)
    }

    /// The module of a name, where its records sell.
    pub(super) fn module(&self, name: &str) -> Option<&Module> {
        [&self.deals, &self.orders]
            .into_iter()
            .find(|module| module.name == name)
    }
}

/// The configuration; when its sales begin to count is filled in.
const CONFIG: &str = include_str!("town.toml");

/// The configuration of a town whose sales count from `since` on.
#[must_use]
pub(super) fn config(since: jiff::civil::Date) -> String {
    CONFIG.replace("# since", &format!("since = \"{since}\""))
}
