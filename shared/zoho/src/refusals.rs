//! The table of Zoho's codes. Page: "Status codes and errors" of the CRM developer documentation. `docs/reach.md` shows it.

use counterpart_domain::Class::{Bug, Configuration, Data, Throttled, Transient};
use counterpart_http::{About, Meaning, Refusal};

const fn of(code: &'static str, class: counterpart_domain::Class, ours: &'static str) -> Refusal {
    Refusal::new(code, class, ours)
}

/// A code about a record's content. Said of a whole call it is about the request: perhaps for one of its rows.
const fn data(code: &'static str, ours: &'static str) -> Refusal {
    of(code, Data, ours).of_call(Configuration, "E_CRM_REQUEST_REFUSED")
}

/// What each code means.
pub(crate) const REFUSALS: &[Refusal] = &[
    data("MANDATORY_NOT_FOUND", "E_CRM_REQUIRED_MISSING"),
    data("INVALID_DATA", "E_CRM_INVALID_DATA"),
    data("PATTERN_NOT_MATCHED", "E_CRM_INVALID_DATA"),
    data("DUPLICATE_DATA", "E_CRM_DUPLICATE"),
    data("MULTIPLE_OR_MULTI_ERRORS", "E_CRM_DUPLICATE"),
    data("DEPENDENT_FIELD_MISSING", "E_CRM_FIELD_DEPENDENCY"),
    data("EXPECTED_FIELD_MISSING", "E_CRM_FIELD_DEPENDENCY"),
    data("DEPENDENT_MISMATCH", "E_CRM_FIELD_DEPENDENCY"),
    data("MAPPING_MISMATCH", "E_CRM_FIELD_DEPENDENCY"),
    data("DATA_MISMATCH", "E_CRM_FIELD_DEPENDENCY"),
    data("CANNOT_PERFORM_ACTION", "E_CRM_REFUSED"),
    data("NOT_ALLOWED", "E_CRM_REFUSED"),
    of("NOT_SUBSCRIBED", Data, "E_CRM_NOT_SUBSCRIBED"),
    of("RECORD_LOCKED", Transient, "E_CRM_RECORD_LOCKED"),
    of("RECORD_IN_BLUEPRINT", Transient, "E_CRM_RECORD_LOCKED"),
    of("NOT_APPROVED", Transient, "E_CRM_RECORD_LOCKED"),
    of("ALREADY_MODIFIED", Transient, "E_CRM_ALREADY_MODIFIED"),
    // Of one record where another one of the module is shown to us; else of the profile.
    of("NO_PERMISSION", Configuration, "E_CRM_PERMISSION"),
    of("AUTHORIZATION_FAILED", Configuration, "E_CRM_PERMISSION"),
    of("NOT_SUPPORTED", Configuration, "E_CRM_PERMISSION"),
    of("FEATURE_NOT_SUPPORTED", Configuration, "E_CRM_PERMISSION"),
    of("FEATURE_NOT_ENABLED", Configuration, "E_CRM_EDITION"),
    of("INVALID_MODULE", Configuration, "E_CRM_MODULE_INVALID"),
    of("INVALID_QUERY", Configuration, "E_CRM_QUERY_REFUSED"),
    of(
        "INVALID_URL_PATTERN",
        Configuration,
        "E_CRM_REQUEST_REFUSED",
    ),
    of(
        "INVALID_REQUEST_METHOD",
        Configuration,
        "E_CRM_REQUEST_REFUSED",
    ),
    of(
        "REQUIRED_PARAM_MISSING",
        Configuration,
        "E_CRM_REQUEST_REFUSED",
    ),
    of("METHOD_NOT_ALLOWED", Configuration, "E_CRM_REQUEST_REFUSED"),
    of("LIMIT_EXCEEDED", Bug, "E_CRM_LIMIT_EXCEEDED"),
    of("LIMIT_REACHED", Bug, "E_CRM_LIMIT_EXCEEDED"),
    of("OAUTH_SCOPE_MISMATCH", Configuration, "E_CRM_SCOPE"),
    of("INVALID_TOKEN", Configuration, "E_CRM_UNAUTHORIZED"),
    of(
        "AUTHENTICATION_FAILURE",
        Configuration,
        "E_CRM_UNAUTHORIZED",
    ),
    of(
        "STORAGE_SPACE_EXCEEDED",
        Configuration,
        "E_CRM_STORAGE_FULL",
    ),
    of("TOO_MANY_REQUESTS", Throttled, "E_CRM_THROTTLED"),
    of("INTERNAL_ERROR", Transient, "E_CRM_UNAVAILABLE"),
    of("DEPENDENT_SERVICE_ERROR", Transient, "E_CRM_UNAVAILABLE"),
];

/// What a code of Zoho's means; none for one that is in no table.
pub(crate) fn meaning(about: About, zoho_code: &str) -> Option<Meaning> {
    counterpart_http::meaning(REFUSALS, about, zoho_code, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_shows_the_table() {
        let page = include_str!("../../../docs/reach.md");
        let (_, page) = page.split_once("## Zoho CRM").unwrap();
        let page = page.split("\n## ").next().unwrap();
        let shown: Vec<&str> = page
            .lines()
            .filter(|line| line.starts_with("| `"))
            .collect();
        let table: Vec<String> = REFUSALS.iter().map(Refusal::line).collect();
        assert_eq!(shown, table, "docs/reach.md wants:\n{}", table.join("\n"));
    }
}
