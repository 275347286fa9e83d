//! One list of scopes: what the client needs, what a deployment is told to grant, what the simulated org grants.

use counterpart_delivery::SecretText;
use counterpart_delivery::ports::{
    ChannelRequest, Crm as _, CrmChannels as _, CrmMetadata as _, CrmRecords as _, DocumentQuery,
};
use counterpart_domain::{Class, CrmId, Fault};
use counterpart_zoho::{SCOPES, scope_names};
use serde_json::json;

use crate::simulated::{faults, zoho};
use crate::support::{Client, key};

/// What each call of the client meets, by name.
async fn all_calls(client: &Client) -> Vec<(&'static str, Option<Fault>)> {
    let deals = DocumentQuery {
        module: "Deals".into(),
        fields: vec!["Stage".into()],
        lines: None,
    };
    let channel = ChannelRequest {
        channel_id: "1000000068001".into(),
        events: vec!["Deals.all".into()],
        notify_url: SecretText::new("http://127.0.0.1:9/zoho/a-path-that-is-long"),
        token: SecretText::new("t0ken-of-the-channel"),
        expiry: jiff::Timestamp::now() + jiff::SignedDuration::from_hours(3),
    };
    let since = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(1);
    let described = client.describe("Accounts").await;
    let bare = matches!(&described, Ok(Some(module)) if module.record_types.is_empty());
    // Without these two the client goes on with what it has.
    let lacking = |lacks: bool| {
        lacks.then(|| Fault::new(Class::Configuration, "E_CRM_SCOPE", "It is left out."))
    };
    let org = client.org().await;
    let nameless = org.as_ref().is_ok_and(|org| org.id.is_empty());
    vec![
        ("describe", described.err()),
        ("layouts", lacking(bare)),
        ("org", org.err()),
        ("the org itself", lacking(nameless)),
        ("users", client.users().await.err()),
        (
            "read",
            client
                .read("Accounts", "Sage_Key", &[key("01-ABF")], &[])
                .await
                .err(),
        ),
        (
            "document",
            client
                .document(&deals, &CrmId("5725767000009999999".into()))
                .await
                .err(),
        ),
        (
            "changes",
            client.changed_since("Deals", since, None, 10).await.err(),
        ),
        (
            "currencies",
            client.currencies("2026-11-22".parse().unwrap()).await.err(),
        ),
        ("subscribe", client.subscribe(&channel).await.err()),
    ]
}

#[tokio::test]
async fn with_the_list_every_call_is_let_in_and_without_any_of_it_some_call_is_not() {
    let (running, url, client) = zoho().await;
    let granted: Vec<&str> = SCOPES.iter().map(|scope| scope.name).collect();
    assert_eq!(running.announcement()["zoho"]["scopes"], json!(granted));
    for (call, fault) in all_calls(&client).await {
        assert_eq!(fault, None, "{call}");
    }
    for missing in &granted {
        let mut fewer = granted.clone();
        fewer.retain(|scope| scope != missing);
        faults(&url, json!({"scopes": fewer})).await;
        let refused: Vec<&str> = all_calls(&client)
            .await
            .into_iter()
            .filter(|(_, fault)| {
                fault
                    .as_ref()
                    .is_some_and(|fault| fault.code == "E_CRM_SCOPE")
            })
            .map(|(call, _)| call)
            .collect();
        assert!(
            !refused.is_empty(),
            "{missing} is asked for, but not needed"
        );
    }
}

#[test]
fn the_guide_the_readme_and_the_template_name_the_list() {
    let readme = include_str!("../../README.md");
    for scope in SCOPES {
        let row = format!("| `{}` | {} |\n", scope.name, scope.opens);
        assert!(readme.contains(&row), "{row}");
    }
    let told = readme.matches("| `ZohoCRM.").count();
    assert_eq!(told, SCOPES.len(), "no other scope is told of");
    for (place, text) in [
        ("docs/deploy.md", include_str!("../../../../docs/deploy.md")),
        (
            "infra/template.yaml",
            include_str!("../../../../infra/template.yaml"),
        ),
    ] {
        assert!(text.contains(&scope_names()), "{place}");
        let told = text.matches("ZohoCRM.").count();
        assert_eq!(told, SCOPES.len(), "{place} tells of scopes elsewhere, too");
    }
}
