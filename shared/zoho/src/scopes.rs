//! What the token has to be granted. Page: "OAuth scopes".

/// A scope, and why it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// As Zoho's API console takes it.
    pub name: &'static str,
    /// What it opens, and what is missing without it.
    pub opens: &'static str,
}

/// Everything that the client asks for, and nothing else: what is told of scopes anywhere is this list.
pub const SCOPES: &[Scope] = &[
    Scope {
        name: "ZohoCRM.modules.ALL",
        opens: "records of all modules that `sync.toml` names, and which of them were deleted",
    },
    Scope {
        name: "ZohoCRM.coql.READ",
        opens: "records found by key, and by the time of their change",
    },
    Scope {
        name: "ZohoCRM.settings.modules.READ",
        opens: "which modules there are, and what we may do in them",
    },
    Scope {
        name: "ZohoCRM.settings.fields.READ",
        opens: "which fields there are, and which of them can be written",
    },
    Scope {
        name: "ZohoCRM.settings.layouts.READ",
        opens: "which fields every layout requires; without it these are not known before a record is refused",
    },
    Scope {
        name: "ZohoCRM.settings.currencies.READ",
        opens: "exchange rates, for sales in a currency that is not Sage's; without it those wait",
    },
    Scope {
        name: "ZohoCRM.users.READ",
        opens: "who we are, and who may own a record",
    },
    Scope {
        name: "ZohoCRM.org.READ",
        opens: "which org it is, and how many credits it has; without it `doctor` shows neither",
    },
    Scope {
        name: "ZohoCRM.notifications.ALL",
        opens: "watch channels; without it changes are heard by webhooks of workflow rules only",
    },
];

/// The names, as Zoho's API console takes them all at once.
#[must_use]
pub fn scope_names() -> String {
    let names: Vec<&str> = SCOPES.iter().map(|scope| scope.name).collect();
    names.join(",")
}
