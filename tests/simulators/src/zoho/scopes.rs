//! What a token was granted, and what a call needs. Each page of the API's documentation names the scopes that open it.

use axum::http::Method;

use super::catalog::Catalog;

/// What the grants of the start allow: what an integration is told to ask for, and no more. The control door can change it,
/// as if the organisation had been authorised anew.
pub const GRANTED: &[&str] = &[
    "ZohoCRM.modules.ALL",
    "ZohoCRM.coql.READ",
    "ZohoCRM.settings.modules.READ",
    "ZohoCRM.settings.fields.READ",
    "ZohoCRM.settings.layouts.READ",
    "ZohoCRM.settings.currencies.READ",
    "ZohoCRM.users.READ",
    "ZohoCRM.org.READ",
    "ZohoCRM.notifications.ALL",
];

/// Modules have names of their own in scopes: those of the API, in small letters and without what joins them. All custom ones
/// have one together.
fn word(catalog: &Catalog, module: &str) -> String {
    if catalog.module(module).is_some_and(|module| module.custom) {
        return "custom".to_owned();
    }
    module.replace('_', "").to_ascii_lowercase()
}

/// Whether a scope opens an area to an operation: by itself, or as part of a wider one.
fn opens(granted: &str, area: &str, operation: &str) -> bool {
    let Some((name, right)) = granted.rsplit_once('.') else {
        return false;
    };
    let wide = name == area
        || area
            .strip_prefix(name)
            .is_some_and(|rest| rest.starts_with('.'));
    let enough = match right {
        "ALL" => true,
        "WRITE" => matches!(operation, "CREATE" | "UPDATE"),
        right => right == operation,
    };
    wide && enough
}

/// Areas and operations, all of which must be open.
fn needed(catalog: &Catalog, method: &Method, path: &str) -> Vec<(String, &'static str)> {
    let operation = match *method {
        Method::POST => "CREATE",
        Method::PUT | Method::PATCH => "UPDATE",
        Method::DELETE => "DELETE",
        _ => "READ",
    };
    let parts: Vec<&str> = path.split('/').skip(3).collect();
    let area = |name: &str| format!("ZohoCRM.{name}");
    match parts.as_slice() {
        ["coql"] => vec![(area("coql"), "READ")],
        ["users", ..] => vec![(area("users"), "READ")],
        ["org"] => vec![(area("org"), "READ")],
        ["org", "currencies"] => vec![(area("settings.currencies"), "READ")],
        ["settings", what, ..] => vec![(area(&format!("settings.{what}")), operation)],
        ["actions", "watch"] => vec![(area("notifications"), operation)],
        [module, "search"] => vec![
            (area(&format!("modules.{}", word(catalog, module))), "READ"),
            ("ZohoSearch.securesearch".to_owned(), "READ"),
        ],
        [module, ..] => vec![(
            area(&format!("modules.{}", word(catalog, module))),
            operation,
        )],
        [] => Vec::new(),
    }
}

/// Whether a grant opens a call.
pub fn allow(catalog: &Catalog, granted: &[String], method: &Method, path: &str) -> bool {
    // An upsert creates and updates.
    let operations: &[&str] = if path.ends_with("/upsert") {
        &["CREATE", "UPDATE"]
    } else {
        &[]
    };
    needed(catalog, method, path)
        .into_iter()
        .all(|(area, operation)| {
            let open = |operation: &str| granted.iter().any(|scope| opens(scope, &area, operation));
            match operations {
                [] => open(operation),
                both => both.iter().all(|operation| open(operation)),
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_opens_its_own_area_and_a_wide_one_all_within() {
        for (granted, method, path, open) in [
            ("ZohoCRM.modules.ALL", Method::POST, "/crm/v8/Deals", true),
            ("ZohoCRM.modules.READ", Method::GET, "/crm/v8/Deals/1", true),
            ("ZohoCRM.modules.READ", Method::PUT, "/crm/v8/Deals", false),
            (
                "ZohoCRM.modules.salesorders.ALL",
                Method::GET,
                "/crm/v8/Sales_Orders",
                true,
            ),
            (
                "ZohoCRM.modules.deals.ALL",
                Method::GET,
                "/crm/v8/Sales_Orders",
                false,
            ),
            (
                "ZohoCRM.modules.CREATE",
                Method::POST,
                "/crm/v8/Accounts/upsert",
                false,
            ),
            (
                "ZohoCRM.modules.WRITE",
                Method::POST,
                "/crm/v8/Accounts/upsert",
                true,
            ),
            (
                "ZohoCRM.settings.ALL",
                Method::GET,
                "/crm/v8/org/currencies",
                true,
            ),
            ("ZohoCRM.org.READ", Method::GET, "/crm/v8/org", true),
            (
                "ZohoCRM.org.READ",
                Method::GET,
                "/crm/v8/org/currencies",
                false,
            ),
            (
                "ZohoCRM.settings.fields.READ",
                Method::GET,
                "/crm/v8/settings/layouts",
                false,
            ),
            (
                "ZohoCRM.notifications.CREATE",
                Method::DELETE,
                "/crm/v8/actions/watch",
                false,
            ),
            (
                "ZohoCRM.modules.ALL",
                Method::GET,
                "/crm/v8/Accounts/search",
                false,
            ),
        ] {
            assert_eq!(
                allow(&Catalog::default(), &[granted.to_owned()], &method, path),
                open,
                "{granted} {method} {path}"
            );
        }
    }
}
