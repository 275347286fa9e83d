//! The CRMs of the local stack, a row each. A new one is a row here, a table in `infra/local/sync.toml`, and a simulator
//! that has its name as a flag and in its start line.

/// A CRM target: what the stack needs to start it, and what the demo needs to look at it.
#[derive(Debug, PartialEq, Eq)]
pub struct Target {
    /// Its name in `sync.toml`, in the template's parameter `Targets`, and in the simulators' start line.
    pub name: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// Members of the start line that make its secret.
    pub secret: &'static [&'static str],
    /// Records that one of its calls takes.
    pub bulk: u64,
    /// What it calls a customer.
    pub account: &'static str,
    /// A record's own id.
    pub id: &'static str,
    /// The field that holds the Sage key.
    pub key: &'static str,
    /// An account's name.
    pub name_field: &'static str,
    /// An account's city.
    pub city: &'static str,
    /// An account's owner.
    pub owner: &'static str,
    /// What it bills, as a member of the demo's `per_1000`.
    pub unit: &'static str,
    /// What its simulator's control door calls a module.
    pub door_module: &'static str,
}

/// All of them, in the order in which people read of them.
pub const TARGETS: &[Target] = &[
    Target {
        name: "zoho",
        title: "Zoho CRM",
        secret: &["client_id", "client_secret", "refresh_token"],
        bulk: 100,
        account: "Accounts",
        id: "id",
        key: "Sage_Key",
        name_field: "Account_Name",
        city: "Billing_City",
        owner: "Owner",
        unit: "zoho_credits",
        door_module: "module",
    },
    Target {
        name: "salesforce",
        title: "Salesforce",
        // The JWT bearer's three would do as well: client_id, username, private_key.
        secret: &["client_id", "client_secret"],
        bulk: 200,
        account: "Account",
        id: "Id",
        key: "Sage_Key__c",
        name_field: "Name",
        city: "BillingCity",
        owner: "OwnerId",
        unit: "salesforce_calls",
        door_module: "object",
    },
];

/// Their names, for the template's parameter.
pub fn names() -> String {
    let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
    names.join(",")
}

/// What people call them: `Zoho CRM and Salesforce`.
pub fn titles() -> String {
    let titles: Vec<_> = TARGETS.iter().map(|target| target.title).collect();
    titles.join(" and ")
}
