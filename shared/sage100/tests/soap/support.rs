//! What the tests share.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use counterpart_delivery::SecretText;
use counterpart_delivery::ports::WriteContext;
use counterpart_domain::sale::{Reference, SaleCustomer, SaleLine, SaleOrder};
use counterpart_domain::{Company, CrmId, Entity, Fields, SageKey, Value};
use counterpart_sage100::soap::{SoapClient, SoapSettings, learn};
use wiremock::matchers::path;
use wiremock::{Mock, MockServer};

use crate::service::{Service, State};
use crate::variant::Variant;

pub struct Running {
    /// Listens as long as it is kept.
    pub _server: MockServer,
    pub service: Service,
    pub settings: SoapSettings,
    pub client: SoapClient,
}

impl Running {
    pub async fn start(variant: Variant) -> Self {
        let (server, service) = serving(variant).await;
        let settings = settings(&format!("{}{}", server.uri(), service.variant.path));
        let binding = learn(&settings).await.unwrap();
        let client = SoapClient::new(&settings, binding).unwrap();
        Self {
            _server: server,
            service,
            settings,
            client,
        }
    }

    pub fn state<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.service.state.lock().unwrap())
    }

    /// Nothing that was sent may have been dropped.
    pub fn nothing_dropped(&self) {
        self.state(|state| {
            assert_eq!(
                state.dropped,
                Vec::<String>::new(),
                "{}",
                self.service.variant.name
            )
        });
    }
}

pub async fn serving(variant: Variant) -> (MockServer, Service) {
    let server = MockServer::start().await;
    let service = Service {
        variant: Arc::new(variant),
        state: Arc::new(Mutex::default()),
        newer: Arc::default(),
    };
    Mock::given(path(service.variant.path.clone()))
        .respond_with(service.clone())
        .mount(&server)
        .await;
    (server, service)
}

pub fn settings(url: &str) -> SoapSettings {
    let mut settings = SoapSettings::new(url, "web", SecretText::new("s3cret & <safe>"));
    settings.allow_loopback = true;
    settings.timeout = Duration::from_secs(5);
    settings
}

pub fn abc() -> Company {
    Company::new("ABC").unwrap()
}

pub fn key(entity: Entity, local: &str) -> SageKey {
    SageKey::new(&abc(), entity, local).unwrap()
}

pub fn customer() -> SageKey {
    key(Entity::CUSTOMER, "01-ABF")
}

pub fn context() -> WriteContext<'static> {
    WriteContext {
        idempotency_key: "one",
        reference_column: "UDF_CRM_REFERENCE",
        parent: None,
    }
}

/// Of a record that belongs to another one.
pub fn below(parent: &SageKey) -> WriteContext<'_> {
    WriteContext {
        parent: Some(parent),
        ..context()
    }
}

pub fn fields<const N: usize>(columns: [(&str, Value); N]) -> Fields {
    columns.map(|(name, value)| (name.to_owned(), value)).into()
}

pub fn line(item: &str, quantity: &str, price: Option<&str>) -> SaleLine {
    SaleLine {
        id: None,
        number: None,
        product: None,
        item: item.into(),
        quantity: quantity.parse().unwrap(),
        unit: Some("EACH".into()),
        crm_unit: None,
        warehouse: None,
        unit_price: price.map(|price| price.parse().unwrap()),
        discount_percent: None,
        columns: Fields::new(),
    }
}

pub fn sale(lines: Vec<SaleLine>) -> SaleOrder {
    SaleOrder {
        company: abc(),
        customer: SaleCustomer {
            account: CrmId("001".into()),
            key: Some(customer()),
            create: None,
        },
        reference: Reference::try_from("CP-0123456789AB".to_owned()).unwrap(),
        header: fields([
            ("OrderDate", Value::Date("2026-11-22".parse().unwrap())),
            ("Comment", Value::text("Call \"first\" & <ring>")),
            ("UDF_PROMO", Value::text("AUTUMN")),
        ]),
        lines,
        crm_total: None,
        crm_tax: None,
        currency: None,
    }
}

/// An address where nobody listens.
pub fn nowhere() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}
