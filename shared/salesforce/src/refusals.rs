//! The table of Salesforce's codes, for a row or for a whole call. The same code may mean several things; then the sentence
//! decides. Pages: "Status Codes and Error Responses", "Core Data Types: StatusCode"; for what triggers and flows may use
//! within one call, "Execution Governors and Limits". `docs/reach.md` shows it.

use counterpart_domain::Class::{self, Configuration, Data, Throttled, Transient};
use counterpart_http::{About, Meaning, Refusal};

use crate::wire::error::ApiError;

const fn of(code: &'static str, class: Class, ours: &'static str) -> Refusal {
    Refusal::new(code, class, ours)
}

/// What triggers and flows may use is counted per transaction, which holds all rows of a call (in chunks of 200): fewer rows
/// need less. Such a limit cannot be caught, and all rows of the chunk bear it.
const LIMITS: &[&str] = &[
    "system.limitexception",
    "too many soql queries",
    "too many dml statements",
    "too many dml rows",
    "too many query rows",
    "cpu time limit exceeded",
    "heap size too large",
];
const LOCKED: &[&str] = &["unable_to_lock_row"];

/// What each code means: the first entry that fits.
pub(crate) const REFUSALS: &[Refusal] = &[
    of("UNABLE_TO_LOCK_ROW", Transient, "E_CRM_RECORD_LOCKED"),
    of(
        "RECORD_IN_USE_BY_WORKFLOW",
        Transient,
        "E_CRM_RECORD_LOCKED",
    ),
    of("CONFLICT", Transient, "E_CRM_RECORD_LOCKED"),
    of("COLLISION_DETECTED", Transient, "E_CRM_RECORD_LOCKED"),
    // A trigger or a flow that met a lock, or a limit: it is told as the automation's failure.
    of(
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        Transient,
        "E_CRM_RECORD_LOCKED",
    )
    .saying(LOCKED),
    of(
        "CANNOT_EXECUTE_FLOW_TRIGGER",
        Transient,
        "E_CRM_RECORD_LOCKED",
    )
    .saying(LOCKED),
    of(
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        Data,
        "E_CRM_AUTOMATION_LIMIT",
    )
    .saying(LIMITS),
    of(
        "CANNOT_EXECUTE_FLOW_TRIGGER",
        Data,
        "E_CRM_AUTOMATION_LIMIT",
    )
    .saying(LIMITS),
    of("APEX_ERROR", Data, "E_CRM_AUTOMATION_LIMIT").saying(LIMITS),
    of("UNKNOWN_EXCEPTION", Data, "E_CRM_AUTOMATION_LIMIT").saying(LIMITS),
    of(
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        Data,
        "E_CRM_AUTOMATION_FAILED",
    ),
    of(
        "CANNOT_EXECUTE_FLOW_TRIGGER",
        Data,
        "E_CRM_AUTOMATION_FAILED",
    ),
    of(
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        Transient,
        "E_CRM_NOT_PROCESSED",
    ),
    of("PROCESSING_HALTED", Transient, "E_CRM_NOT_PROCESSED"),
    of("BATCH_PROCESSING_HALTED", Transient, "E_CRM_NOT_PROCESSED"),
    // What this record, as it is, will always meet.
    of("REQUIRED_FIELD_MISSING", Data, "E_CRM_REQUIRED_MISSING"),
    of(
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        Data,
        "E_CRM_VALIDATION_RULE",
    ),
    of("STRING_TOO_LONG", Data, "E_CRM_TOO_LONG"),
    of(
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        Data,
        "E_CRM_PICKLIST",
    ),
    of("DUPLICATES_DETECTED", Data, "E_CRM_DUPLICATE_RULE"),
    of("DUPLICATE_EXTERNAL_ID", Data, "E_CRM_MATCHED_SEVERAL"),
    of("DUPLICATE_VALUE", Data, "E_CRM_DUPLICATE"),
    of("INACTIVE_OWNER_OR_USER", Data, "E_CRM_OWNER_INVALID"),
    // State and country picklists: the value is no entry of the org's list.
    of("FIELD_INTEGRITY_EXCEPTION", Data, "E_CRM_PICKLIST")
        .saying(&["problem with this state", "problem with this country"]),
    of("FIELD_INTEGRITY_EXCEPTION", Data, "E_CRM_FIELD_DEPENDENCY"),
    of("STANDARD_PRICE_NOT_DEFINED", Data, "E_CRM_FIELD_DEPENDENCY"),
    of("NUMBER_OUTSIDE_VALID_RANGE", Data, "E_CRM_INVALID_DATA"),
    of("INVALID_EMAIL_ADDRESS", Data, "E_CRM_INVALID_DATA"),
    of("INVALID_CURRENCY_ISO", Data, "E_CRM_INVALID_DATA"),
    of(
        "FIELD_FILTER_VALIDATION_EXCEPTION",
        Data,
        "E_CRM_INVALID_DATA",
    ),
    of("JSON_PARSER_ERROR", Data, "E_CRM_INVALID_DATA"),
    of("MALFORMED_ID", Data, "E_CRM_INVALID_DATA"),
    of("MALFORMED_QUERY", Data, "E_CRM_QUERY_REFUSED"),
    of("FAILED_ACTIVATION", Data, "E_CRM_REFUSED"),
    of("ENTITY_IS_LOCKED", Data, "E_CRM_REFUSED"),
    of("INVALID_STATUS", Data, "E_CRM_REFUSED"),
    of("ENTITY_IS_DELETED", Data, "E_CRM_RECORD_GONE"),
    of("INVALID_CROSS_REFERENCE_KEY", Data, "E_CRM_RECORD_GONE"),
    of("MISSING_RECORD", Data, "E_CRM_RECORD_GONE"),
    // The code is that of a mapping mistake; the record that is pointed at by a key is not there.
    of("INVALID_FIELD", Data, "E_CRM_PARENT_NOT_FOUND").saying(&["foreign key external id:"]),
    of("NOT_FOUND", Configuration, "E_CRM_KEY_FIELD").saying(&["external id field"]),
    of("NOT_FOUND", Data, "E_CRM_RECORD_GONE").of_call(Configuration, "E_CRM_MODULE_INVALID"),
    // What a person has to set right in the org or in sync.toml.
    of("INSUFFICIENT_ACCESS*", Configuration, "E_CRM_PERMISSION"),
    of(
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        Configuration,
        "E_CRM_FIELD_READ_ONLY",
    ),
    of("INVALID_FIELD", Configuration, "E_CRM_FIELD_INVALID"),
    of("INVALID_TYPE", Configuration, "E_CRM_MODULE_INVALID"),
    of(
        "UNSUPPORTED_API_VERSION",
        Configuration,
        "E_CRM_API_VERSION",
    ),
    of("API_DISABLED_FOR_ORG", Configuration, "E_CRM_EDITION"),
    of("FUNCTIONALITY_NOT_ENABLED", Configuration, "E_CRM_EDITION"),
    of("INVALID_SESSION_ID", Configuration, "E_CRM_UNAUTHORIZED"),
    of("INVALID_AUTH_HEADER", Configuration, "E_CRM_UNAUTHORIZED"),
    // Fewer rows may need less time than Salesforce grants.
    of("REQUEST_RUNNING_TOO_LONG", Transient, "E_CRM_TOO_SLOW"),
    // Said of a whole call, one of its rows may have caused it: the writer looks for that row.
    of("UNKNOWN_EXCEPTION", Transient, "E_CRM_UNEXPLAINED"),
    of("INVALID_QUERY_LOCATOR", Transient, "E_CRM_QUERY_EXPIRED"),
    of("SERVER_UNAVAILABLE", Transient, "E_CRM_UNAVAILABLE"),
    of("SERVICE_UNAVAILABLE", Transient, "E_CRM_UNAVAILABLE"),
    of("QUERY_TIMEOUT", Transient, "E_CRM_UNAVAILABLE"),
    of("TOO_MANY_APEX_REQUESTS", Transient, "E_CRM_UNAVAILABLE"),
    of("INTERNAL_ERROR", Transient, "E_CRM_UNAVAILABLE"),
    of(
        "TXN_SECURITY_METERING_ERROR",
        Transient,
        "E_CRM_UNAVAILABLE",
    ),
    of("REQUEST_LIMIT_EXCEEDED", Throttled, "E_CRM_THROTTLED").saying(&["concurrent"]),
    of("REQUEST_LIMIT_EXCEEDED", Throttled, "E_CRM_DAILY_LIMIT"),
    of("LIMIT_EXCEEDED", Throttled, "E_CRM_LIMIT_REACHED"),
    of("EXCEEDED_QUOTA", Throttled, "E_CRM_LIMIT_REACHED"),
    of("API_CURRENTLY_DISABLED", Throttled, "E_CRM_MAINTENANCE"),
    of("ORG_IN_MAINTENANCE", Throttled, "E_CRM_MAINTENANCE"),
    of(
        "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE",
        Throttled,
        "E_CRM_MAINTENANCE",
    ),
    of(
        "FUNCTIONALITY_TEMPORARILY_UNAVAILABLE",
        Throttled,
        "E_CRM_MAINTENANCE",
    ),
    of("STORAGE_LIMIT_EXCEEDED", Throttled, "E_CRM_STORAGE_FULL"),
];

/// What an error means; none for a code that is in no table.
pub(crate) fn meaning(about: About, error: &ApiError) -> Option<Meaning> {
    counterpart_http::meaning(REFUSALS, about, &error.code, &error.message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_shows_the_table() {
        let page = include_str!("../../../docs/reach.md");
        let (_, page) = page.split_once("## Salesforce").unwrap();
        let page = page.split("\n## ").next().unwrap();
        let shown: Vec<&str> = page
            .lines()
            .filter(|line| line.starts_with("| `"))
            .collect();
        let table: Vec<String> = REFUSALS.iter().map(Refusal::line).collect();
        assert_eq!(shown, table, "docs/reach.md wants:\n{}", table.join("\n"));
    }
}
