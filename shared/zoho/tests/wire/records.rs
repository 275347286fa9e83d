//! Single records on the wire: documents, writing by id, changes, currencies.

use crate::support::*;
use counterpart_delivery::ports::{CrmRecords as _, DocumentQuery, LinesQuery, UpdateRow};
use counterpart_domain::{Class, CrmId, Fields, Value};
use serde_json::{Value as Json, json};
use wiremock::matchers::{method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

const DEAL: &str = "4150868000000376008";
pub(crate) const AT_DEAL: &str = "/crm/v8/Deals/4150868000000376008";
pub(crate) const COQL: &str = "/crm/v8/coql";
const FIELDS: &str = "/crm/v8/settings/fields";

pub(crate) async fn answers(server: &MockServer, at: &str, replies: Vec<ResponseTemplate>) {
    for reply in replies {
        Mock::given(path(at))
            .respond_with(reply)
            .up_to_n_times(1)
            .mount(server)
            .await;
    }
}

fn raw(body: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(body, "application/json")
}

pub(crate) fn rows(rows: impl Into<Vec<Json>>) -> ResponseTemplate {
    let rows: Vec<Json> = rows.into();
    ResponseTemplate::new(200)
        .set_body_json(json!({"info": {"count": rows.len(), "more_records": false}, "data": rows}))
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

pub(crate) fn deal() -> CrmId {
    CrmId(DEAL.into())
}

pub(crate) fn sale() -> DocumentQuery {
    DocumentQuery {
        module: "Deals".into(),
        fields: names(&[
            "Deal_Name",
            "Amount",
            "Closing_Date",
            "Won",
            "Account_Name",
            "Account_Name.name",
            "Account_Name.Sage_Key",
            "Contact_Name.Email",
            "Contact_Name.Vendor_Name.Vendor_Name",
            "Campaign.Name",
            "Owner.email",
        ]),
        lines: Some(LinesQuery {
            relation: "Sale_Items".into(),
            fields: names(&[
                "Quantity",
                "List_Price",
                "Product_Name",
                "Product_Name.Product_Code",
                "Product_Name.Vendor_Name.Vendor_Name",
            ]),
        }),
    }
}

/// The record as a read of it alone shows it.
fn record() -> ResponseTemplate {
    raw(&format!(
        r#"{{"data":[{{"id":"{DEAL}","Deal_Name":"500 chairs","Amount":1234567890123.45,"Closing_Date":"2026-11-30","Won":true,
        "Modified_Time":"2026-11-22T13:00:00+01:00","Modified_By":{{"name":"Patricia Boyle","id":"4150868000000225013","email":"p@x.example"}},
        "Account_Name":{{"name":"American Business Futures","id":"41"}},"Contact_Name":{{"name":"Artie","id":"42"}},"Campaign":null,
        "Owner":{{"name":"Ann","id":"43","email":"ann@x.example"}},"$editable":true,
        "Sale_Items":[
          {{"id":"91","Quantity":2,"List_Price":0.1,"Product_Name":{{"name":"Chair","id":"71"}}}},
          {{"id":"92","Quantity":1.5,"List_Price":9007199254740993,"Product_Name":{{"name":"Desk","id":"72","Product_Code":"2551-D"}}}},
          {{"id":"93","Quantity":-1,"List_Price":null,"Product_Name":null}}]}}]}}"#
    ))
}

#[tokio::test]
async fn a_record_comes_with_its_subform_and_what_its_lookups_point_to() {
    let (server, client) = ready().await;
    answers(&server, AT_DEAL, vec![record()]).await;
    // What only its field can tell, a day or a text that looks like one, is asked about.
    let of_deals =
        json!({"fields": [{"api_name": "Closing_Date", "data_type": "date", "lookup": {}}]});
    answers(
        &server,
        FIELDS,
        vec![ResponseTemplate::new(200).set_body_json(of_deals)],
    )
    .await;
    let fields = json!({"fields": [{"api_name": "Product_Name", "data_type": "lookup", "lookup": {"module": {"api_name": "Products", "id": "1"}}},
        {"api_name": "Quantity", "lookup": {}}]});
    answers(
        &server,
        FIELDS,
        vec![ResponseTemplate::new(200).set_body_json(fields)],
    )
    .await;
    answers(
        &server,
        COQL,
        vec![
            rows([json!({"id": DEAL, "Account_Name": {"id": "41"}, "Account_Name.Sage_Key": "ABC:01-ABF",
                "Contact_Name": {"id": "42"}, "Contact_Name.Email": "artie@x.example"})]),
            rows([json!({"id": DEAL, "Contact_Name.Vendor_Name.Vendor_Name": null})]),
            rows([json!({"id": "71", "Product_Code": "1001-HON-H252", "Vendor_Name.Vendor_Name": "HON"})]),
        ],
    )
    .await;
    let document = client.document(&sale(), &deal()).await.unwrap().unwrap();
    insta::assert_debug_snapshot!(document);
    let (_, calls) = requests(&server).await;
    insta::assert_snapshot!(calls.iter().map(shown).collect::<String>());
    // What is known of the fields is not asked again.
    answers(&server, AT_DEAL, vec![record()]).await;
    let lines_only = DocumentQuery {
        fields: vec![],
        ..sale()
    };
    answers(&server, COQL, vec![ResponseTemplate::new(204)]).await;
    let document = client
        .document(&lines_only, &deal())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        document.lines[0]["Product_Name.Product_Code"],
        Value::Blank,
        "a product that is gone has no code"
    );
    let (_, calls) = requests(&server).await;
    let asked = calls.iter().filter(|call| call.url.path() == FIELDS);
    assert_eq!(asked.count(), 2);
}

#[tokio::test]
async fn the_lines_of_a_sales_order_need_no_question_about_fields() {
    let (server, client) = ready().await;
    let order = json!({"data": [{"id": DEAL, "Ordered_Items": [{"id": "1", "Product_Name": {"id": "71"}}]}]});
    answers(
        &server,
        "/crm/v8/Sales_Orders/4150868000000376008",
        vec![ResponseTemplate::new(200).set_body_json(order)],
    )
    .await;
    answers(
        &server,
        COQL,
        vec![rows([json!({"id": "71", "Product_Code": "A"})])],
    )
    .await;
    let query = DocumentQuery {
        module: "Sales_Orders".into(),
        fields: vec![],
        lines: Some(LinesQuery {
            relation: "Ordered_Items".into(),
            fields: names(&["Product_Name.Product_Code"]),
        }),
    };
    let document = client.document(&query, &deal()).await.unwrap().unwrap();
    assert_eq!(
        document.lines[0]["Product_Name.Product_Code"],
        Value::Text("A".into())
    );
    assert_eq!(client.usage().calls(), 2);
}

#[tokio::test]
async fn a_record_that_is_not_there_is_none() {
    let (server, client) = ready().await;
    answers(
        &server,
        AT_DEAL,
        vec![
            ResponseTemplate::new(204),
            error(400, "INVALID_DATA"),
            error(404, "INVALID_DATA"),
        ],
    )
    .await;
    for _ in 0..3 {
        assert_eq!(client.document(&sale(), &deal()).await.unwrap(), None);
    }
    for id in ["", "x", "1' or id > '0", "1/../Contacts/2", "1?fields=x"] {
        let none = client.document(&sale(), &CrmId(id.into())).await.unwrap();
        assert_eq!(none, None, "{id}");
    }
    assert_eq!(
        client.usage().calls(),
        3,
        "what is no id is not asked about"
    );
    for (reply, code, class) in [
        (
            error(400, "INVALID_MODULE"),
            "E_CRM_MODULE_INVALID",
            Class::Configuration,
        ),
        (
            error(403, "NO_PERMISSION"),
            "E_CRM_PERMISSION",
            Class::Configuration,
        ),
        (
            error(500, "INTERNAL_ERROR"),
            "E_CRM_UNAVAILABLE",
            Class::Transient,
        ),
        (rows([]), "E_CRM_REPLY_UNREADABLE", Class::Transient),
        (
            rows([json!({"id": "7"})]),
            "E_CRM_REPLY_UNREADABLE",
            Class::Transient,
        ),
    ] {
        answers(&server, AT_DEAL, vec![reply]).await;
        // Of what is refused by a permission, others of the module are asked for: none is shown either.
        answers(&server, "/crm/v8/Deals", vec![error(403, "NO_PERMISSION")]).await;
        let fault = client.document(&sale(), &deal()).await.unwrap_err();
        assert_eq!((&*fault.code, fault.class), (code, class), "{fault}");
    }
}

#[tokio::test]
async fn a_record_that_is_refused_is_refused_alone_where_others_are_shown() {
    let (server, client) = ready().await;
    let (own, unclear) = (
        ("E_CRM_RECORD_REFUSED", Class::Data),
        ("E_CRM_PERMISSION", Class::Configuration),
    );
    for (refusal, shown, told) in [
        ("NO_PERMISSION", rows([json!({"id": "7"})]), own),
        // An empty list shows nothing: perhaps nobody is shown to us any more.
        ("NO_PERMISSION", ResponseTemplate::new(204), unclear),
        ("NO_PERMISSION", rows([]), unclear),
        // A refusal that nobody knows, which may be everybody's.
        ("SOMETHING_NEW", ResponseTemplate::new(204), unclear),
        ("SOMETHING_NEW", rows([json!({"id": "7"})]), own),
    ] {
        answers(&server, AT_DEAL, vec![error(403, refusal)]).await;
        answers(&server, "/crm/v8/Deals", vec![shown]).await;
        let fault = client.document(&sale(), &deal()).await.unwrap_err();
        assert_eq!((&*fault.code, fault.class), told, "{refusal}");
        assert_eq!(fault.message.contains(&deal().0), told == own, "{fault}");
    }
    // A code that nobody knows, of one record, is its own; one of the connection is not.
    for (reply, code) in [
        (error(403, "NOT_ALLOWED"), "E_CRM_REFUSED"),
        (error(400, "SOMETHING_NEW"), "E_CRM_REFUSED"),
        (error(401, "OAUTH_SCOPE_MISMATCH"), "E_CRM_SCOPE"),
    ] {
        answers(&server, AT_DEAL, vec![reply]).await;
        let fault = client.document(&sale(), &deal()).await.unwrap_err();
        assert_eq!(fault.code, code, "{fault}");
    }
}

#[tokio::test]
async fn a_lookup_that_changed_between_read_and_query_is_read_again() {
    let (server, client) = ready().await;
    let query = DocumentQuery {
        fields: names(&["Account_Name.Sage_Key"]),
        lines: None,
        ..sale()
    };
    for seen in [
        rows([
            json!({"id": DEAL, "Account_Name": {"id": "40"}, "Account_Name.Sage_Key": "ABC:01-OLD"}),
        ]),
        rows([json!({"id": DEAL, "Account_Name": null, "Account_Name.Sage_Key": null})]),
        ResponseTemplate::new(204),
    ] {
        answers(&server, AT_DEAL, vec![record()]).await;
        answers(&server, COQL, vec![seen]).await;
        let fault = client.document(&query, &deal()).await.unwrap_err();
        assert_eq!(
            (&*fault.code, fault.class),
            ("E_CRM_ALREADY_MODIFIED", Class::Transient)
        );
    }
}

#[tokio::test]
async fn fields_that_do_not_exist_are_a_matter_of_settings_and_those_of_another_layout_are_blank() {
    let (server, client) = ready().await;
    let known = json!({"fields": [{"api_name": "Elsewhere"}, {"api_name": "Old_Items"}, {"api_name": "Far", "lookup": {"module": "Products"}}]});
    Mock::given(path(FIELDS))
        .and(query_param("module", "Deals"))
        .respond_with(ResponseTemplate::new(200).set_body_json(known))
        .mount(&server)
        .await;
    let query = |field: &str, relation: Option<&str>| DocumentQuery {
        module: "Deals".into(),
        fields: names(&[field]),
        lines: relation.map(|relation| LinesQuery {
            relation: relation.into(),
            fields: names(&["Quantity"]),
        }),
    };
    Mock::given(method("GET"))
        .and(path(AT_DEAL))
        .respond_with(record())
        .mount(&server)
        .await;
    let document = client
        .document(&query("Elsewhere", Some("Old_Items")), &deal())
        .await;
    let document = document.unwrap().unwrap();
    assert_eq!(document.fields["Elsewhere"], Value::Blank);
    assert!(document.lines.is_empty());
    let far = client
        .document(&query("Far.Name", None), &deal())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(far.fields["Far.Name"], Value::Blank);
    let refused = error(400, "INVALID_QUERY");
    answers(&server, COQL, vec![refused]).await;
    for (field, relation) in [
        ("Nowhere", None),
        ("Nowhere.Name", None),
        ("Deal_Name", Some("Nowhere")),
        ("Deal_Name", Some("Deal_Name")),
        ("Account_Name.Nowhere", None),
    ] {
        let fault = client
            .document(&query(field, relation), &deal())
            .await
            .unwrap_err();
        assert_eq!(
            (&*fault.code, fault.class),
            ("E_CRM_FIELD_UNKNOWN", Class::Configuration),
            "{field} {relation:?}: {fault}"
        );
    }
    for field in ["", "a b", "Account_Name.x from Deals", "id) or (1"] {
        let fault = client
            .document(&query(field, None), &deal())
            .await
            .unwrap_err();
        assert_eq!(fault.code, "E_CRM_NAME", "{field}");
    }
}

pub(crate) fn row(id: &str, fields: &[(&str, Value)]) -> UpdateRow {
    UpdateRow {
        id: CrmId(id.into()),
        fields: fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect::<Fields>(),
    }
}

pub(crate) fn written(id: &str) -> Json {
    json!({"code": "SUCCESS", "status": "success", "message": "record updated",
           "details": {"id": id, "Modified_Time": "2026-11-22T13:00:00+01:00", "Modified_By": {"id": "1"}}})
}

#[tokio::test]
async fn rows_are_written_by_id_run_no_workflow_and_each_has_its_outcome() {
    let (server, client) = ready().await;
    let number = ("Sage_Order_No", Value::Text("0000123".into()));
    let total = (
        "Sage_Total",
        Value::Number("1234567890123.45".parse().unwrap()),
    );
    let account = ("Account_Name", Value::Reference("41".into()));
    let sent = [
        row(
            "11",
            &[number.clone(), total, ("id", Value::Text("12".into()))],
        ),
        row("no id", &[]),
        row("12", std::slice::from_ref(&number)),
        row("13", &[account]),
        row("14", std::slice::from_ref(&number)),
        row("15", std::slice::from_ref(&number)),
        row("16", std::slice::from_ref(&number)),
    ];
    let at = |api_name: &str, path: &str| json!({"api_name": api_name, "json_path": path});
    answers(
        &server,
        "/crm/v8/Deals",
        vec![data(
            207,
            [
                written("11"),
                row_error("INVALID_DATA", at("id", "$.data[1].id")),
                row_error("INVALID_DATA", at("id", "$.data[2].Account_Name.id")),
                row_error("RECORD_LOCKED", json!({})),
                row_error(
                    "DUPLICATE_DATA",
                    json!({"api_name": "Sage_Order_No", "id": "77"}),
                ),
                written("99"),
            ],
        )],
    )
    .await;
    let outcomes = client.update("Deals", &sent).await.unwrap();
    let told: Vec<String> = outcomes
        .iter()
        .map(|outcome| match outcome {
            Ok(written) => format!("{written:?}"),
            Err(fault) => format!("{:?} {fault}", fault.class),
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"));
    let (_, calls) = requests(&server).await;
    assert_eq!(calls.len(), 1);
    insta::assert_snapshot!(shown(&calls[0]));
    assert_eq!(client.usage().credits, 1);
}

#[tokio::test]
async fn the_same_record_twice_is_written_in_order_in_two_calls() {
    let (server, client) = ready().await;
    let status = |text: &str| [("Sage_Status", Value::Text(text.into()))];
    let twice = [
        row("11", &status("first")),
        row("12", &[]),
        row("11", &status("second")),
    ];
    answers(
        &server,
        "/crm/v8/Deals",
        vec![
            data(200, [written("11"), written("12")]),
            data(200, [written("11")]),
        ],
    )
    .await;
    let outcomes = client.update("Deals", &twice).await.unwrap();
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    let (_, calls) = requests(&server).await;
    assert!(shown(&calls[1]).contains("second") && !shown(&calls[0]).contains("second"));
    assert!(client.update("Deals", &[]).await.unwrap().is_empty());
    assert_eq!(client.usage().write_calls, 2);
    let bad = [row("11", &[("a b", Value::Blank)])];
    assert_eq!(
        client.update("Deals", &bad).await.unwrap_err().code,
        "E_CRM_NAME"
    );
    let many = vec![row("11", &[]); 101];
    assert_eq!(
        client.update("Deals", &many).await.unwrap_err().class,
        Class::Bug
    );
    answers(&server, "/crm/v8/Deals", vec![data(200, [written("11")])]).await;
    let two = [row("11", &[]), row("12", &[])];
    assert_eq!(
        client.update("Deals", &two).await.unwrap_err().class,
        Class::Ambiguous
    );
    // One row, refused with the whole call: the row's fault.
    let gone = row_error(
        "INVALID_DATA",
        json!({"api_name": "id", "json_path": "$.data[0].id"}),
    );
    answers(&server, "/crm/v8/Deals", vec![data(400, [gone])]).await;
    let outcomes = client.update("Deals", &two[..1]).await.unwrap();
    assert_eq!(outcomes[0].as_ref().unwrap_err().code, "E_CRM_RECORD_GONE");
}
