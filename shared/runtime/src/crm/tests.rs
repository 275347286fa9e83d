use counterpart_config::{CRM_PROFILES, SyncConfig};
use counterpart_delivery::ports::{CrmChannels as _, CrmRecords as _};
use counterpart_simulation::memory::MemoryStore;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;

const SECRET: &str = r#"{"client_id":"3MVG9","client_secret":"hush"}"#;

fn salesforce(lines: &str) -> (TargetName, TargetConfig) {
    let text = format!(
        r#"
[companies.ABC]
agent_url = "https://agent.example.com"

[targets.sales]
crm = "salesforce"
my_domain = "acme.my.salesforce.com"
companies = ["ABC"]
{lines}

[targets.sales.customer]
module = "Account"
key_field = "Sage_Key__c"
[targets.sales.customer.fields]
Name = "CustomerName"
"#
    );
    let config = SyncConfig::parse(&text).unwrap_or_else(|findings| panic!("{findings:#?}"));
    config.targets.into_iter().next().unwrap()
}

fn client(lines: &str, secret: &str, allow_loopback: bool) -> TargetClient<MemoryStore> {
    let (name, target) = salesforce(lines);
    let secret = Ok(SecretText::new(secret));
    TargetClient::new(&name, &target, secret, MemoryStore::new(), allow_loopback)
}

#[tokio::test]
async fn a_salesforce_target_calls_where_and_in_the_version_that_its_settings_name() {
    let server = MockServer::start().await;
    let (login, api) = (MockServer::start().await, &server);
    Mock::given(method("POST"))
        .and(path("/services/oauth2/token"))
        .respond_with(ResponseTemplate::new(200).set_body_string(
            r#"{"access_token":"00D!1","instance_url":"https://acme.my.salesforce.com"}"#,
        ))
        .mount(&login)
        .await;
    Mock::given(path("/services/data/v61.0/sobjects/Account/describe"))
        .respond_with(
            ResponseTemplate::new(200).set_body_string(r#"{"name":"Account","fields":[]}"#),
        )
        .mount(api)
        .await;
    let lines = format!(
        "api_version = \"61.0\"\nlogin_url = {:?}\ninstance_url = {:?}",
        login.uri(),
        api.uri()
    );
    let client = client(&lines, SECRET, true);
    let module = client.describe("Account").await.unwrap().unwrap();
    assert_eq!(module.name, "Account");
    assert_eq!((client.bulk_size(), client.used().calls), (200, 1));
}

#[tokio::test]
async fn a_target_that_cannot_be_called_says_so_with_every_call() {
    let loopback = "login_url = \"http://127.0.0.1:1\"";
    for (lines, secret, code) in [
        (loopback, SECRET, "E_CRM_ADDRESS"),
        (
            "",
            r#"{"client_id":"hush","refresh_token":"hush"}"#,
            "E_CRM_CREDENTIALS",
        ),
    ] {
        let client = client(lines, secret, false);
        let fault = client.users().await.unwrap_err();
        assert_eq!((&*fault.code, fault.class), (code, Class::Configuration));
        assert!(!format!("{fault} {fault:?}").contains("hush"));
    }
}

#[tokio::test]
async fn salesforce_has_no_channels_and_says_so() {
    let client = client("", SECRET, false);
    let fault = client.unsubscribe(&["1".to_owned()]).await.unwrap_err();
    assert_eq!(
        (&*fault.code, fault.class),
        ("E_CRM_NO_CHANNELS", Class::Configuration)
    );
    let broken = TargetClient::<MemoryStore>::Unusable(fault.clone());
    let day = jiff::civil::date(2026, 11, 22);
    assert_eq!(broken.currencies(day).await.unwrap_err(), fault);
}

#[tokio::test]
async fn every_product_has_a_client() {
    let (name, mut target) = salesforce("");
    for profile in CRM_PROFILES {
        target.crm = CrmSettings::new(profile, BTreeMap::new());
        let secret = Ok(SecretText::new("{}"));
        let client = TargetClient::new(&name, &target, secret, MemoryStore::new(), false);
        let fault = client.users().await.unwrap_err();
        assert_ne!(fault.code, "E_CRM_NO_CLIENT", "{fault}");
    }
}
