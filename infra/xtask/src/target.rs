//! The CRMs of the local stack: a row for each profile. A new one is a row here, a table in `infra/local/sync.toml`, and a
//! simulator that has its name as a flag and in its start line.

use std::ops::Deref;

use counterpart_config::{CrmProfile, EntityProfile, SALESFORCE, ZOHO};

/// A CRM target: its product's profile, and what the demo needs to know of its simulator. Its name is that of the product,
/// in `sync.toml`, in the template's parameter `Targets`, and in the simulators' start line.
#[derive(Debug, PartialEq, Eq)]
pub struct Target {
    /// The product.
    pub profile: &'static CrmProfile,
    /// What it bills, as a member of the demo's `per_1000`.
    pub unit: &'static str,
    /// What its simulator's control door calls a module.
    pub door_module: &'static str,
}

/// All of them, in the order in which people read of them.
pub const TARGETS: &[Target] = &[
    Target {
        profile: &ZOHO,
        unit: "zoho_credits",
        door_module: "module",
    },
    Target {
        profile: &SALESFORCE,
        unit: "salesforce_calls",
        door_module: "object",
    },
];

impl Deref for Target {
    type Target = CrmProfile;

    fn deref(&self) -> &CrmProfile {
        self.profile
    }
}

impl Target {
    /// Members of the start line that make its secret: the first of the ways to log on.
    pub fn secret(&self) -> &'static [&'static str] {
        self.profile.secrets.first().copied().unwrap_or_default()
    }

    /// What it calls a customer.
    pub fn account(&self) -> &'static str {
        self.entry("customer", |entry| entry.module)
    }

    /// What it calls a contact.
    pub fn contact(&self) -> &'static str {
        self.entry("contact", |entry| entry.module)
    }

    /// The field that holds the Sage key.
    pub fn key(&self) -> &'static str {
        self.entry("customer", |entry| entry.key_field)
    }

    /// An account's name.
    pub fn name_field(&self) -> &'static str {
        self.entry("customer", |entry| {
            entry.mandatory.first().copied().unwrap_or_default()
        })
    }

    /// An account's city.
    pub fn city(&self) -> &'static str {
        self.entry("customer", |entry| entry.city_field.unwrap_or_default())
    }

    /// A contact's account.
    pub fn parent(&self) -> &'static str {
        self.entry("contact", |entry| entry.parent_field.unwrap_or_default())
    }

    /// A part of an entity's entry; blank where it has none, which no record is called.
    fn entry(&self, entity: &str, of: fn(&EntityProfile) -> &'static str) -> &'static str {
        self.profile.entity(entity).map_or("", of)
    }
}

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
