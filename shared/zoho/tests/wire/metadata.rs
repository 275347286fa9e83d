//! What the org is like, on the wire.

use crate::support::*;
use counterpart_delivery::ports::{CrmBudget, CrmMetadata as _};
use serde_json::{Value as Json, json};
use wiremock::matchers::{path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

async fn answers(server: &MockServer, at: &str, reply: ResponseTemplate) {
    Mock::given(path(at))
        .respond_with(reply)
        .mount(server)
        .await;
}

fn ok(body: Json) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}

async fn org_with(fields: Json, layouts: ResponseTemplate) -> (MockServer, Client) {
    let (server, client) = ready().await;
    let module = json!({"modules": [{"api_name": "Accounts", "creatable": true, "editable": false, "api_supported": true}]});
    answers(&server, "/crm/v8/settings/modules/Accounts", ok(module)).await;
    Mock::given(path("/crm/v8/settings/fields"))
        .and(query_param("module", "Accounts"))
        .respond_with(ok(json!({"fields": fields})))
        .mount(&server)
        .await;
    answers(&server, "/crm/v8/settings/layouts", layouts).await;
    (server, client)
}

#[tokio::test]
async fn a_module_tells_what_may_be_written_and_what_must_be() {
    let fields = json!([
        {"api_name": "Account_Name", "field_label": "Account Name", "data_type": "text", "length": 200, "system_mandatory": true,
         "unique": {}, "read_only": false, "pick_list_values": [], "lookup": {}},
        {"api_name": "Sage_Key", "data_type": "text", "length": 80, "unique": {"case_sensitive": false},
         "operation_type": {"api_create": true, "api_update": false}},
        {"api_name": "Industry", "data_type": "picklist", "unique": null, "length": 120,
         "pick_list_values": [{"display_value": "Steel", "actual_value": "STL", "type": "used"}, {"actual_value": "OLD", "type": "unused"}]},
        {"api_name": "Parent_Account", "data_type": "lookup", "lookup": {"module": {"api_name": "Accounts", "id": "1"}}},
        {"api_name": "Owner", "data_type": "ownerlookup", "length": 120},
        {"api_name": "Credit_Limit", "data_type": "currency", "length": 16, "decimal_place": 2},
        {"api_name": "Age", "data_type": "formula", "read_only": false},
        {"data_type": "text"},
    ]);
    let layouts = json!({"layouts": [
        {"id": "7", "name": "Standard", "visible": true, "status": "active",
         "sections": [{"fields": [{"api_name": "Industry", "required": true}, {"api_name": "Owner", "required": true}]}]},
        {"id": "8", "name": "Wholesale", "visible": true, "status": "active",
         "sections": [{"fields": [{"api_name": "Industry", "required": true}]}]},
        {"id": "9", "name": "Old", "visible": true, "status": "inactive", "sections": []},
    ]});
    let (_server, client) = org_with(fields, ok(layouts)).await;
    let module = client.describe("Accounts").await.unwrap().unwrap();
    insta::assert_debug_snapshot!(module);
    assert_eq!(client.usage().metadata_calls, 3);
}

#[tokio::test]
async fn the_operations_decide_what_is_written_and_without_them_read_only_does() {
    let all = |may: bool| json!({"api_create": may, "api_update": may, "web_create": may, "web_update": may});
    let flags = |name: &str, data_type: &str, read_only: bool, field_read_only: bool| json!({"api_name": name, "data_type": data_type, "read_only": read_only, "field_read_only": field_read_only});
    let with = |mut field: Json, operations: Json| {
        field["operation_type"] = operations;
        field
    };
    let only = json!({"api_create": true, "api_update": false});
    let fields = json!([
        with(flags("Owner", "ownerlookup", false, true), all(true)),
        with(flags("Created_Time", "datetime", false, false), all(false)),
        with(flags("Grand_Total", "formula", true, false), all(false)),
        with(flags("SO_Number", "autonumber", true, true), all(false)),
        with(flags("Once", "text", false, false), only),
        with(flags("Odd_Formula", "formula", false, false), all(true)),
        flags("Owner_Of_Before", "ownerlookup", false, true),
        flags("Fixed_Of_Before", "text", true, false),
    ]);
    let (_server, client) = org_with(fields, ok(json!({"layouts": []}))).await;
    let module = client.describe("Accounts").await.unwrap().unwrap();
    let may: Vec<(&str, bool, bool)> = module
        .fields
        .iter()
        .map(|field| (field.name.as_str(), field.createable, field.updateable))
        .collect();
    assert_eq!(
        may,
        [
            ("Owner", true, true),
            ("Created_Time", false, false),
            ("Grand_Total", false, false),
            ("SO_Number", false, false),
            ("Once", true, false),
            ("Odd_Formula", false, false),
            ("Owner_Of_Before", true, true),
            ("Fixed_Of_Before", false, false),
        ]
    );
}

#[tokio::test]
async fn without_the_scope_for_layouts_the_fields_are_told_all_the_same() {
    let fields = json!([{"api_name": "Industry", "data_type": "picklist"}]);
    let (_server, client) = org_with(fields, error(401, "OAUTH_SCOPE_MISMATCH")).await;
    let module = client.describe("Accounts").await.unwrap().unwrap();
    assert_eq!((module.fields.len(), module.record_types.len()), (1, 0));
}

#[tokio::test]
async fn an_unknown_module_is_an_answer_and_a_missing_scope_a_fault() {
    let (server, client) = ready().await;
    let unknown = error(400, "INVALID_MODULE");
    answers(&server, "/crm/v8/settings/modules/Acounts", unknown).await;
    let scope = error(401, "OAUTH_SCOPE_MISMATCH");
    answers(&server, "/crm/v8/settings/modules/Accounts", scope).await;
    assert_eq!(client.describe("Acounts").await.unwrap(), None);
    let fault = client.describe("Accounts").await.unwrap_err();
    assert_eq!(fault.code, "E_CRM_SCOPE");
    let fault = client.describe("../users").await.unwrap_err();
    assert_eq!(fault.code, "E_CRM_NAME");
}

fn me() -> ResponseTemplate {
    ok(json!({"users": [{"id": "42", "full_name": "Integration", "status": "active"}]}))
        .insert_header("date", "Sun, 22 Nov 2026 12:00:40 GMT")
        .insert_header("X-API-CREDITS-REMAINING", "20000")
}

#[tokio::test]
async fn the_org_tells_who_we_are_its_clock_and_its_budget() {
    let (server, client) = ready().await;
    answers(&server, "/crm/v8/users", me()).await;
    let licence = json!({"paid_type": "enterprise", "users_license_purchased": 15});
    let org = json!({"org": [{"id": "1", "zgid": "694902300", "company_name": "ABC", "license_details": licence}]});
    answers(&server, "/crm/v8/org", ok(org)).await;
    let org = client.org().await.unwrap();
    assert_eq!(
        (org.id.as_str(), org.user_id.0.as_str()),
        ("694902300", "42")
    );
    assert_eq!(
        org.server_time,
        Some("2026-11-22T12:00:40Z".parse().unwrap())
    );
    let budget = CrmBudget {
        used: 45_000,
        allowed: 65_000,
    };
    assert_eq!(org.budget, Some(budget));
}

#[tokio::test]
async fn an_org_that_may_not_be_asked_is_nameless_and_a_refused_user_is_a_fault() {
    let (server, client) = ready().await;
    answers(&server, "/crm/v8/users", me()).await;
    answers(&server, "/crm/v8/org", error(401, "OAUTH_SCOPE_MISMATCH")).await;
    let org = client.org().await.unwrap();
    assert_eq!(
        (org.id.as_str(), org.user_name.as_str()),
        ("", "Integration")
    );
    assert_eq!(org.budget, None);

    let (server, client) = ready().await;
    answers(&server, "/crm/v8/users", error(401, "OAUTH_SCOPE_MISMATCH")).await;
    assert_eq!(client.org().await.unwrap_err().code, "E_CRM_SCOPE");
}
