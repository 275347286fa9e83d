//! What is learned of each variant, and what cannot be learned.

use counterpart_delivery::ports::Bindings;
use counterpart_domain::{Class, Company, Fault};
use counterpart_sage100::soap::{Binding, SoapClient, learn};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{Running, abc, nowhere, serving, settings};
use crate::variant::Variant;

#[tokio::test]
async fn every_variant_is_learned_in_its_own_order() {
    for variant in Variant::all() {
        let running = Running::start(variant).await;
        let binding = running.client.binding();
        let expected = &running.service.variant;
        for (name, operation) in &expected.operations {
            let learned = &binding.operations[name];
            assert_eq!(learned.action, operation.action);
            let names: Vec<_> = learned
                .parameters
                .iter()
                .map(|slot| (slot.name.ns.clone(), slot.name.local.clone()))
                .collect();
            let wanted: Vec<_> = operation
                .parameters
                .iter()
                .map(|(ns, name, _)| (ns.clone(), name.clone()))
                .collect();
            assert_eq!(names, wanted, "{} {name}", expected.name);
        }
        insta::assert_snapshot!(
            format!("facts_of_{}", expected.name),
            binding.facts().join("\n")
        );
        let names = ["customername", "UDF_X"];
        assert_eq!(
            binding.without_element("AR_Customer", names),
            (vec!["UDF_X"], true)
        );
        let names = ["ItemCode", "UDF_X"];
        assert_eq!(
            binding.without_element("SO_SalesOrderDetail", names),
            (vec!["UDF_X"], true)
        );
        assert_eq!(
            Binding::from_json(&binding.to_json().unwrap())
                .unwrap()
                .as_ref(),
            Some(binding)
        );
        let told = running.client.contract_information().await.unwrap();
        assert_eq!(
            (&*told.contract_version, &*told.assembly_version),
            ("4", "7.20.1.0")
        );
        running.client.logon(&abc()).await.unwrap();
        running.nothing_dropped();
    }
}

#[tokio::test]
async fn an_operation_or_a_field_that_is_not_there_is_named() {
    for (from, to, expected) in [
        (
            "UpdateSalesOrder",
            "ReviseSalesOrder",
            "the operation UpdateSalesOrder",
        ),
        (
            "name=\"salesOrderNo\"",
            "name=\"orderNumber\"",
            "the parameter salesOrderNo of DeleteSalesOrder",
        ),
        ("name=\"Password\"", "name=\"Pass\"", "Password of Logon"),
        ("name=\"LineKey\"", "name=\"Key\"", "LineKey of Lines"),
        (
            "name=\"ArrayOfField\"",
            "name=\"ListOfField\"",
            "the type {urn:erp:orders:v2}ArrayOfField",
        ),
        (
            "name=\"MasFieldName\"",
            "name=\"Name\"",
            "MasFieldName of OtherFields",
        ),
    ] {
        let fault = learned_from(&text_of("single").replace(from, to))
            .await
            .unwrap_err();
        assert_eq!(
            (fault.class, &*fault.code),
            (Class::Configuration, "E_SAGE_BINDING")
        );
        let said = match expected.split_once("salesOrderNo of") {
            // Which of the two operations is looked at first does not matter.
            Some((begin, _)) => fault.message.contains(&format!("{begin}salesOrderNo of")),
            None => fault.message.contains(expected),
        };
        assert!(said, "{fault}");
    }
}

#[tokio::test]
async fn what_is_no_description_or_a_hostile_one_is_refused() {
    let wsdl = text_of("single");
    let bomb = format!("<!DOCTYPE a [<!ENTITY b \"{}\">]>{wsdl}", "b".repeat(1000));
    let rpc = wsdl.replace("style=\"document\"", "style=\"rpc\"");
    let encoded = wsdl.replace("use=\"literal\"", "use=\"encoded\"");
    let newer = wsdl.replace(
        "http://schemas.xmlsoap.org/wsdl/soap/",
        "http://schemas.xmlsoap.org/wsdl/soap12/",
    );
    let round = wsdl.replace(
        "<complexType name=\"Logon\"><sequence>",
        "<complexType name=\"Logon\"><sequence><group ref=\"o:G\"/></sequence></complexType><group name=\"G\"><sequence><group ref=\"o:G\"/></sequence></group><complexType name=\"L2\"><sequence>",
    );
    for (text, expected) in [
        ("<html><body>It works</body></html>", "no WSDL"),
        ("It works", "cannot be read"),
        (&bomb, "cannot be read"),
        (&rpc, "rpc"),
        (&encoded, "encoded"),
        (&newer, "SOAP 1.2 only"),
        (&round, "circles"),
        (&"x".repeat(9 * 1024 * 1024), "longer than 8 MiB"),
    ] {
        let fault = learned_from(text).await.unwrap_err();
        assert_eq!(
            (fault.class, &*fault.code),
            (Class::Configuration, "E_SAGE_BINDING"),
            "{fault}"
        );
        assert!(fault.message.contains(expected), "{fault}");
    }
}

#[tokio::test]
async fn an_outage_while_learning_is_none_of_the_configuration() {
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(503))
        .mount(&server)
        .await;
    let fault = learn(&settings(&server.uri())).await.unwrap_err();
    assert_eq!(
        (fault.class, &*fault.code),
        (Class::Transient, "E_SAGE_MAINTENANCE")
    );
    let fault = learn(&settings(&nowhere())).await.unwrap_err();
    assert_eq!(
        (fault.class, &*fault.code),
        (Class::Transient, "E_SAGE_UNAVAILABLE")
    );
}

#[tokio::test]
async fn a_company_learns_once_and_again_after_another_version() {
    let (server, service) = serving(Variant::named("included")).await;
    let settings = settings(&format!("{}{}", server.uri(), service.variant.path));
    let store = Store::default();
    let asked = async || server.received_requests().await.unwrap().len();
    SoapClient::of_company(&settings, &abc(), &store)
        .await
        .unwrap();
    let first = asked().await;
    assert!(first > 0);
    SoapClient::of_company(&settings, &abc(), &store)
        .await
        .unwrap();
    assert_eq!(asked().await, first);
    *store.0.lock().unwrap() = Some("{\"version\": 0}".into());
    SoapClient::of_company(&settings, &abc(), &store)
        .await
        .unwrap();
    assert_eq!(asked().await, 2 * first);
    assert_ne!(store.0.lock().unwrap().as_deref(), Some("{\"version\": 0}"));
}

#[derive(Default)]
struct Store(std::sync::Mutex<Option<String>>);

impl Bindings for Store {
    async fn binding(&self, _: &Company) -> Result<Option<String>, Fault> {
        Ok(self.0.lock().unwrap().clone())
    }
    async fn put_binding(&self, _: &Company, binding: &str) -> Result<(), Fault> {
        *self.0.lock().unwrap() = Some(binding.to_owned());
        Ok(())
    }
}

fn text_of(variant: &'static str) -> String {
    Variant::named(variant).document("wsdl").unwrap()
}

async fn learned_from(text: &str) -> Result<Binding, Fault> {
    let server = MockServer::start().await;
    let answer = ResponseTemplate::new(200).set_body_raw(text, "text/xml");
    Mock::given(any()).respond_with(answer).mount(&server).await;
    learn(&settings(&server.uri())).await
}
