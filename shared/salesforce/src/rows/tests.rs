use counterpart_domain::{Company, Entity, Fields, SageKey};
use serde_json::json;

use super::*;

fn moment() -> Moment {
    Moment {
        now: "2026-11-22T12:00:00Z".parse().unwrap(),
        jitter_seconds: 7,
    }
}

fn row() -> UpsertRow {
    UpsertRow {
        key: SageKey::new(
            &Company::new("ABC").unwrap(),
            Entity::CONTACT,
            "01-ABF/ARTIE",
        )
        .unwrap(),
        fields: Fields::from([
            (
                "AccountId".into(),
                Value::Reference("001D000000Kv3g5IAB".into()),
            ),
            (
                "OwnerId".into(),
                Value::Reference("005D0000001AAAAIA4".into()),
            ),
            ("LastName".into(), Value::Text("Johnson".into())),
        ]),
    }
}

fn judged(entry: &Json) -> String {
    let (raced, fault) = match judge(Sent::by_key("Sage_Key__c", &row()), entry, moment()) {
        Judged::Final(Err(fault)) => ("", fault),
        Judged::Raced(fault) => ("once more, then ", fault),
        Judged::Final(Ok(written)) => return format!("{written:?}"),
    };
    let until = fault.not_before.map(|until| format!(" until {until}"));
    format!(
        "{raced}{:?} {fault}{}",
        fault.class,
        until.unwrap_or_default()
    )
}

#[test]
fn each_code_of_a_row_has_its_class_code_and_sentence() {
    let table: String = [
        "UNABLE_TO_LOCK_ROW", "RECORD_IN_USE_BY_WORKFLOW", "CONFLICT", "COLLISION_DETECTED",
        "SERVER_UNAVAILABLE", "SERVICE_UNAVAILABLE", "QUERY_TIMEOUT", "REQUEST_RUNNING_TOO_LONG", "UNKNOWN_EXCEPTION",
        "TOO_MANY_APEX_REQUESTS", "INTERNAL_ERROR", "TXN_SECURITY_METERING_ERROR",
        "REQUEST_LIMIT_EXCEEDED", "LIMIT_EXCEEDED", "EXCEEDED_QUOTA", "API_CURRENTLY_DISABLED", "ORG_IN_MAINTENANCE",
        "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE", "FUNCTIONALITY_TEMPORARILY_UNAVAILABLE", "STORAGE_LIMIT_EXCEEDED",
        "ALL_OR_NONE_OPERATION_ROLLED_BACK", "PROCESSING_HALTED", "BATCH_PROCESSING_HALTED",
        "REQUIRED_FIELD_MISSING", "FIELD_CUSTOM_VALIDATION_EXCEPTION", "STRING_TOO_LONG",
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "NUMBER_OUTSIDE_VALID_RANGE", "INVALID_EMAIL_ADDRESS", "DUPLICATE_VALUE",
        "DUPLICATES_DETECTED", "DUPLICATE_EXTERNAL_ID", "FIELD_INTEGRITY_EXCEPTION", "STANDARD_PRICE_NOT_DEFINED",
        "INVALID_CURRENCY_ISO", "FIELD_FILTER_VALIDATION_EXCEPTION", "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        "CANNOT_EXECUTE_FLOW_TRIGGER", "FAILED_ACTIVATION", "ENTITY_IS_LOCKED", "INVALID_STATUS", "INACTIVE_OWNER_OR_USER",
        "JSON_PARSER_ERROR", "MALFORMED_ID", "MALFORMED_QUERY",
        "INVALID_FIELD", "INVALID_FIELD_FOR_INSERT_UPDATE", "INVALID_TYPE", "INSUFFICIENT_ACCESS",
        "INSUFFICIENT_ACCESS_OR_READONLY", "API_DISABLED_FOR_ORG", "FUNCTIONALITY_NOT_ENABLED", "UNSUPPORTED_API_VERSION",
        "ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY", "MISSING_RECORD", "NOT_FOUND", "INVALID_SESSION_ID", "BRAND_NEW",
    ]
    .iter()
    .map(|code| {
        let entry = json!({"success": false, "errors": [{"statusCode": code, "message": "said so", "fields": []}]});
        format!("{code}\n  {}\n", judged(&entry))
    })
    .collect();
    insta::assert_snapshot!(table);
}

#[test]
fn the_reference_that_is_gone_is_found_by_field_by_id_or_by_being_a_parent() {
    for (message, fields, code) in [
        (
            "entity is deleted",
            json!(["OwnerId"]),
            "E_CRM_OWNER_INVALID",
        ),
        (
            "entity is deleted",
            json!(["AccountId"]),
            "E_CRM_PARENT_NOT_FOUND",
        ),
        (
            "invalid cross reference id: 005D0000001AAAA",
            json!([]),
            "E_CRM_OWNER_INVALID",
        ),
        (
            "invalid cross reference id",
            json!([]),
            "E_CRM_PARENT_NOT_FOUND",
        ),
        (
            "Record Type ID: this ID value isn't valid for the user",
            json!(["RecordTypeId"]),
            "E_CRM_INVALID_DATA",
        ),
    ] {
        let entry = json!({"success": false, "errors": [{"statusCode": "ENTITY_IS_DELETED", "message": message, "fields": fields}]});
        assert!(judged(&entry).contains(code), "{entry}: {}", judged(&entry));
    }
}

#[test]
fn of_several_errors_the_one_that_a_person_must_mend_decides() {
    let entry = json!({"success": false, "errors": [
        {"statusCode": "UNABLE_TO_LOCK_ROW", "message": "locked", "fields": []},
        {"statusCode": "STRING_TOO_LONG", "message": "Last Name: data value too large: x (max length=80)", "fields": ["LastName"]},
        {"statusCode": "DUPLICATE_VALUE", "message": "duplicate value found: Sage_Key__c duplicates value on record with id: 003", "fields": []},
    ]});
    insta::assert_snapshot!(judged(&entry));
}

#[test]
fn a_duplicate_that_does_not_show_its_field_may_be_the_keys_and_is_tried_once_more() {
    let said = |message: &str, fields: Json| {
        judged(&json!({"success": false, "errors": [
            {"statusCode": "DUPLICATE_VALUE", "message": message, "fields": fields},
        ]}))
    };
    let masked = "duplicate value found: <unknown> duplicates value on record with id: <unknown>";
    assert!(said(masked, json!([])).starts_with("once more, then Data E_CRM_DUPLICATE"));
    let other = "duplicate value found: AccountNumber duplicates value on record with id: 001";
    assert!(said(other, json!([])).starts_with("Data E_CRM_DUPLICATE"));
    assert!(said(masked, json!(["AccountNumber"])).starts_with("Data E_CRM_DUPLICATE"));
}
