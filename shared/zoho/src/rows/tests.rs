use counterpart_domain::{Company, Entity, SageKey};
use serde_json::json;

use super::*;

fn moment() -> Moment {
    Moment {
        now: "2026-11-22T12:00:00Z".parse().unwrap(),
        jitter_seconds: 7,
    }
}

/// A contact with a parent and an owner.
fn row() -> UpsertRow {
    let company = Company::new("ABC").unwrap();
    UpsertRow {
        key: SageKey::new(&company, Entity::CONTACT, "01-ABF/ARTIE").unwrap(),
        fields: [
            ("Last_Name", Value::Text("Johnson".into())),
            ("Account_Name", Value::Reference("111".into())),
            ("Owner", Value::Reference("222".into())),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into(),
    }
}

fn verdict(entry: &Json) -> String {
    let line = |mark: &str, fault: &Fault| {
        let until = fault.not_before.map(|until| format!(" until {until}"));
        format!(
            "{mark}{:?} {}: {}{}",
            fault.class,
            fault.code,
            fault.message,
            until.unwrap_or_default()
        )
    };
    match judge(Sent::by_key("Sage_Key", &row()), entry, moment()) {
        Judged::Final(Ok(written)) => format!("{written:?}"),
        Judged::Final(Err(fault)) => line("", &fault),
        Judged::Raced(fault) => line("again, else ", &fault),
    }
}

fn table(entries: impl IntoIterator<Item = Json>) -> String {
    entries
        .into_iter()
        .map(|entry| format!("{entry}\n    {}\n", verdict(&entry)))
        .collect()
}

fn error(code: &str, message: &str, details: Json) -> Json {
    json!({"code": code, "message": message, "details": details, "status": "error"})
}

#[test]
fn each_row_code_has_its_class_code_and_sentence() {
    let named = |name: &str| json!({"api_name": name, "json_path": format!("$.data[0].{name}")});
    insta::assert_snapshot!(table([
        error(
            "MANDATORY_NOT_FOUND",
            "required field not found",
            named("Last_Name")
        ),
        error("MANDATORY_NOT_FOUND", "required field not found", json!({})),
        error(
            "INVALID_DATA",
            "invalid data",
            json!({"api_name": "Last_Name", "expected_data_type": "text", "maximum_length": 80}),
        ),
        error("INVALID_DATA", "invalid data", named("Account_Name")),
        error(
            "INVALID_DATA",
            "the related id given seems to be invalid",
            json!({"api_name": "id", "json_path": "$.data[0].Account_Name.id"}),
        ),
        error("INVALID_DATA", "invalid data", named("Owner")),
        error("PATTERN_NOT_MATCHED", "pattern", named("Email")),
        error(
            "DUPLICATE_DATA",
            "duplicate data",
            json!({"api_name": "Email", "id": "333"})
        ),
        error(
            "DUPLICATE_DATA",
            "duplicate data",
            json!({"api_name": "Email", "duplicate_record": {"id": "333"}}),
        ),
        error(
            "DUPLICATE_DATA",
            "duplicate data",
            json!({"api_name": "Sage_Key", "id": "333"})
        ),
        error(
            "MULTIPLE_OR_MULTI_ERRORS",
            "several errors",
            json!({"errors": [
                error("DUPLICATE_DATA", "duplicate data", json!({"api_name": "Email", "id": "333"})),
                error("DUPLICATE_DATA", "duplicate data", json!({"api_name": "Sage_Key", "id": "444"})),
            ]}),
        ),
        error("MULTIPLE_OR_MULTI_ERRORS", "several errors", json!({})),
        error(
            "DEPENDENT_FIELD_MISSING",
            "dependent field missing",
            named("State")
        ),
        error(
            "EXPECTED_FIELD_MISSING",
            "expected field missing",
            named("State")
        ),
        error("DEPENDENT_MISMATCH", "dependent mismatch", named("State")),
        error("MAPPING_MISMATCH", "mapping mismatch", named("Stage")),
        error("DATA_MISMATCH", "data mismatch", named("Stage")),
        error("CANNOT_PERFORM_ACTION", "cannot", json!({})),
        error("RECORD_LOCKED", "record locked", json!({})),
        error("RECORD_IN_BLUEPRINT", "in blueprint", json!({})),
        error("NOT_APPROVED", "in approval", json!({})),
        error("ALREADY_MODIFIED", "modified", json!({})),
        error("AUTHORIZATION_FAILED", "no", json!({})),
        error(
            "NO_PERMISSION",
            "no",
            json!({"permissions": ["Crm_Implied_Edit_Contacts"]})
        ),
        error("NOT_SUPPORTED", "no", json!({})),
        error("FEATURE_NOT_SUPPORTED", "no", json!({})),
        error("INVALID_MODULE", "no such module", json!({})),
        error("STORAGE_SPACE_EXCEEDED", "full", json!({})),
        error("LIMIT_EXCEEDED", "limit", json!({})),
        error("LIMIT_REACHED", "limit", json!({})),
        error("TOO_MANY_REQUESTS", "slow", json!({})),
        error("INTERNAL_ERROR", "oops", json!({})),
        error("DEPENDENT_SERVICE_ERROR", "oops", json!({})),
        error("BRAND_NEW_CODE", "who knows", named("Phone")),
    ]));
}

#[test]
fn a_success_counts_only_when_our_key_decided_it() {
    let success = |action: Json, duplicate_field: Json, id: Json| {
        json!({"code": "SUCCESS", "status": "success", "action": action, "duplicate_field": duplicate_field,
               "details": {"id": id, "Modified_Time": "2020-10-14T10:31:43+05:30"}})
    };
    insta::assert_snapshot!(table([
        success(json!("insert"), Json::Null, json!("4150868000003194003")),
        success(
            json!("update"),
            json!("Sage_Key"),
            json!("4150868000003194003")
        ),
        success(
            json!("update"),
            json!("Sage_Key"),
            json!(4150868000003194003_u64)
        ),
        success(
            json!("update"),
            json!("Email"),
            json!("4150868000003194003")
        ),
        success(json!("update"), Json::Null, json!("4150868000003194003")),
        success(Json::Null, Json::Null, json!("4150868000003194003")),
        success(json!("insert"), Json::Null, Json::Null),
        json!({"unexpected": true}),
        json!("text"),
    ]));
}

#[test]
fn a_hostile_message_is_bounded() {
    let long = "x".repeat(5000);
    let entry = error(
        "INVALID_DATA",
        &long,
        json!({"api_name": long, "expected_data_type": long}),
    );
    let Judged::Final(Err(fault)) = judge(Sent::by_key("Sage_Key", &row()), &entry, moment())
    else {
        panic!("a refusal is wanted");
    };
    assert!(fault.message.len() < 1000 && fault.detail.len() < 1100);
}
