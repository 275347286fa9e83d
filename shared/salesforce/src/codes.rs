//! What is told of our codes: pauses and sentences. What Salesforce's codes mean: [`crate::refusals`].

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
        "E_CRM_AUTOMATION_LIMIT" => {
            "The triggers and flows of the Salesforce org need more for these records than one call may use."
        }
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
            "The Salesforce user may not do this; check the permission set of the integration user, and whether the record \
             is shared with it."
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
