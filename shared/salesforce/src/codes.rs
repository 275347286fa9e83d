//! What Salesforce's codes mean, for a row or for a whole call. The same code may mean several things; then the message
//! decides. Pages: "Status Codes and Error Responses", "Core Data Types: StatusCode".

use counterpart_domain::Class;

use crate::wire::error::ApiError;

/// The class and our code of an error; none for a code that is in no table.
pub(crate) fn meaning(error: &ApiError) -> Option<(Class, &'static str)> {
    passing(error)
        .or_else(|| about_data(error))
        .or_else(|| about_settings(error))
}

/// What passes by itself, sooner or later.
fn passing(error: &ApiError) -> Option<(Class, &'static str)> {
    use Class::{Throttled, Transient};
    Some(match error.code.as_str() {
        "UNABLE_TO_LOCK_ROW" | "RECORD_IN_USE_BY_WORKFLOW" | "CONFLICT" | "COLLISION_DETECTED" => {
            (Transient, "E_CRM_RECORD_LOCKED")
        }
        // A trigger or a flow that met a lock: it is told as the automation's failure.
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY" | "CANNOT_EXECUTE_FLOW_TRIGGER"
            if error.mentions("UNABLE_TO_LOCK_ROW") =>
        {
            (Transient, "E_CRM_RECORD_LOCKED")
        }
        "SERVER_UNAVAILABLE"
        | "SERVICE_UNAVAILABLE"
        | "QUERY_TIMEOUT"
        | "TOO_MANY_APEX_REQUESTS"
        | "INTERNAL_ERROR"
        | "TXN_SECURITY_METERING_ERROR" => (Transient, "E_CRM_UNAVAILABLE"),
        // Fewer rows may need less time than Salesforce grants.
        "REQUEST_RUNNING_TOO_LONG" => (Transient, "E_CRM_TOO_SLOW"),
        // Said of a whole call, one of its rows may have caused it: the handler looks for that row.
        "UNKNOWN_EXCEPTION" => (Transient, "E_CRM_UNEXPLAINED"),
        "INVALID_QUERY_LOCATOR" => (Transient, "E_CRM_QUERY_EXPIRED"),
        "ALL_OR_NONE_OPERATION_ROLLED_BACK" | "PROCESSING_HALTED" | "BATCH_PROCESSING_HALTED" => {
            (Transient, "E_CRM_NOT_PROCESSED")
        }
        "REQUEST_LIMIT_EXCEEDED" if error.mentions("concurrent") => (Throttled, "E_CRM_THROTTLED"),
        "REQUEST_LIMIT_EXCEEDED" => (Throttled, "E_CRM_DAILY_LIMIT"),
        "LIMIT_EXCEEDED" | "EXCEEDED_QUOTA" => (Throttled, "E_CRM_LIMIT_REACHED"),
        "API_CURRENTLY_DISABLED"
        | "ORG_IN_MAINTENANCE"
        | "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE"
        | "FUNCTIONALITY_TEMPORARILY_UNAVAILABLE" => (Throttled, "E_CRM_MAINTENANCE"),
        "STORAGE_LIMIT_EXCEEDED" => (Throttled, "E_CRM_STORAGE_FULL"),
        _ => return None,
    })
}

/// What this record, as it is, will always meet.
fn about_data(error: &ApiError) -> Option<(Class, &'static str)> {
    let code = match error.code.as_str() {
        "REQUIRED_FIELD_MISSING" => "E_CRM_REQUIRED_MISSING",
        "FIELD_CUSTOM_VALIDATION_EXCEPTION" => "E_CRM_VALIDATION_RULE",
        "STRING_TOO_LONG" => "E_CRM_TOO_LONG",
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST" => "E_CRM_PICKLIST",
        "DUPLICATES_DETECTED" => "E_CRM_DUPLICATE_RULE",
        "DUPLICATE_EXTERNAL_ID" => "E_CRM_MATCHED_SEVERAL",
        "DUPLICATE_VALUE" => "E_CRM_DUPLICATE",
        "INACTIVE_OWNER_OR_USER" => "E_CRM_OWNER_INVALID",
        // State and country picklists: the value is no entry of the org's list.
        "FIELD_INTEGRITY_EXCEPTION"
            if error.mentions("problem with this state")
                || error.mentions("problem with this country") =>
        {
            "E_CRM_PICKLIST"
        }
        "FIELD_INTEGRITY_EXCEPTION" | "STANDARD_PRICE_NOT_DEFINED" => "E_CRM_FIELD_DEPENDENCY",
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY" | "CANNOT_EXECUTE_FLOW_TRIGGER" => {
            "E_CRM_AUTOMATION_FAILED"
        }
        "NUMBER_OUTSIDE_VALID_RANGE"
        | "INVALID_EMAIL_ADDRESS"
        | "INVALID_CURRENCY_ISO"
        | "FIELD_FILTER_VALIDATION_EXCEPTION"
        | "JSON_PARSER_ERROR"
        | "MALFORMED_ID" => "E_CRM_INVALID_DATA",
        "MALFORMED_QUERY" => "E_CRM_QUERY_REFUSED",
        "FAILED_ACTIVATION" | "ENTITY_IS_LOCKED" | "INVALID_STATUS" => "E_CRM_REFUSED",
        "ENTITY_IS_DELETED" | "INVALID_CROSS_REFERENCE_KEY" | "MISSING_RECORD" => {
            "E_CRM_RECORD_GONE"
        }
        // The code is that of a mapping mistake; the record that is pointed at by a key is not there.
        "INVALID_FIELD" if is_missing_parent(error) => "E_CRM_PARENT_NOT_FOUND",
        _ => return None,
    };
    Some((Class::Data, code))
}

/// What a person has to set right in the org or in sync.toml.
fn about_settings(error: &ApiError) -> Option<(Class, &'static str)> {
    let code = match error.code.as_str() {
        "INVALID_FIELD" => "E_CRM_FIELD_INVALID",
        "INVALID_FIELD_FOR_INSERT_UPDATE" => "E_CRM_FIELD_READ_ONLY",
        "NOT_FOUND" if error.mentions("external id field") => "E_CRM_KEY_FIELD",
        "INVALID_TYPE" | "NOT_FOUND" => "E_CRM_MODULE_INVALID",
        "UNSUPPORTED_API_VERSION" => "E_CRM_API_VERSION",
        "API_DISABLED_FOR_ORG" | "FUNCTIONALITY_NOT_ENABLED" => "E_CRM_EDITION",
        "INVALID_SESSION_ID" | "INVALID_AUTH_HEADER" => "E_CRM_UNAUTHORIZED",
        code if code.starts_with("INSUFFICIENT_ACCESS") => "E_CRM_PERMISSION",
        _ => return None,
    };
    Some((Class::Configuration, code))
}

fn is_missing_parent(error: &ApiError) -> bool {
    let said = error.message.trim_start();
    said.starts_with("Foreign key external ID:") && said.contains(" not found")
}

/// How long the work waits for what was asked of it; none for what is not throttled.
pub(crate) fn pause_seconds(code: &str) -> i64 {
    match code {
        "E_CRM_DAILY_LIMIT"
        | "E_CRM_LIMIT_REACHED"
        | "E_CRM_STORAGE_FULL"
        | "E_CRM_MAINTENANCE" => 5 * 60,
        _ => 1,
    }
}

/// Whether what a row met would be met by every other row, too: the org is shut or full, or a field of the mapping is
/// wrong. Then nothing is parked; the flow stops until it is mended.
pub(crate) fn concerns_all(code: &str) -> bool {
    matches!(
        code,
        "E_CRM_MAINTENANCE"
            | "E_CRM_STORAGE_FULL"
            | "E_CRM_DAILY_LIMIT"
            | "E_CRM_THROTTLED"
            | "E_CRM_FIELD_INVALID"
            | "E_CRM_KEY_FIELD"
            | "E_CRM_MODULE_INVALID"
            | "E_CRM_API_VERSION"
            | "E_CRM_EDITION"
            | "E_CRM_UNAUTHORIZED"
    )
}

/// Whether what a row met may be met by every other row, or be its own: a person account takes fewer fields than others, and
/// some limits are counted by record.
pub(crate) fn may_concern_all(code: &str) -> bool {
    matches!(code, "E_CRM_FIELD_READ_ONLY" | "E_CRM_LIMIT_REACHED")
}

/// The sentence of a fault that concerns all calls alike.
pub(crate) fn sentence(code: &str) -> &'static str {
    match code {
        "E_CRM_UNAVAILABLE" => "Salesforce does not work at present; the work is tried again.",
        "E_CRM_TOO_SLOW" => {
            "It took Salesforce too long; it is tried again with fewer records at once."
        }
        "E_CRM_UNEXPLAINED" => "Salesforce failed without saying why; the work is tried again.",
        "E_CRM_RECORD_LOCKED" => {
            "Another user or process holds a record that is written, or its parent; it is tried again."
        }
        "E_CRM_QUERY_EXPIRED" => {
            "Salesforce has closed the query before its end; it is asked again."
        }
        "E_CRM_NOT_PROCESSED" => {
            "Salesforce left the work undone because of others in the same call; it is tried again without them."
        }
        "E_CRM_THROTTLED" => "Salesforce asks for fewer calls at a time; the work waits.",
        "E_CRM_DAILY_LIMIT" => {
            "The org's API calls of the last 24 hours are used up, by all integrations together; the work waits."
        }
        "E_CRM_LIMIT_REACHED" => "A limit of the Salesforce org is reached; the work waits.",
        "E_CRM_MAINTENANCE" => "The Salesforce org is in maintenance; the work waits.",
        "E_CRM_STORAGE_FULL" => {
            "The Salesforce org's storage is full; free some, or buy more. The work waits."
        }
        "E_CRM_UNAUTHORIZED" => {
            "Salesforce refused a fresh access token; check that the credentials belong to this org, and that the user \
             may use the API."
        }
        "E_CRM_ADDRESS" => {
            "No Salesforce org answers at this address; check my_domain: it must be the org's own."
        }
        "E_CRM_SCOPE" => {
            "Salesforce says that the token is not for the REST API; give the app the scope \"Manage user data via APIs\" \
             (api)."
        }
        "E_CRM_APP_NOT_ATTACHED" => {
            "Salesforce says that the app is not attached to the agent that it acts for; check the app's settings."
        }
        "E_CRM_PERMISSION" => {
            "The Salesforce user may not do this; check the permission set of the integration user."
        }
        "E_CRM_EDITION" => "The Salesforce org's edition or set-up does not allow this.",
        "E_CRM_FIELD_INVALID" => "Salesforce does not know a field; check `fields` in sync.toml.",
        "E_CRM_FIELD_READ_ONLY" => {
            "Salesforce does not let us write a field; check its field-level security, or take it out of sync.toml."
        }
        "E_CRM_KEY_FIELD" => {
            "The key field is no External ID in Salesforce, or is hidden from us; mark it External ID and Unique."
        }
        "E_CRM_MODULE_INVALID" => {
            "Salesforce does not know the object, or hides it from us; check `module` and `api_version` in sync.toml."
        }
        "E_CRM_API_VERSION" => {
            "Salesforce does not offer this API version; check `api_version` in sync.toml."
        }
        "E_CRM_MATCHED_SEVERAL" => {
            "Several records of Salesforce have one key; keep one of them, and mark the key field Unique."
        }
        "E_CRM_LIMIT_EXCEEDED" => "Salesforce says that a call was too big.",
        "E_CRM_QUERY_REFUSED" => "Salesforce refused the query; check keys and field names.",
        _ => "Salesforce refused the whole call.",
    }
}
