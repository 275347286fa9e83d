//! What the tests share: the simulated Sage 100, and the ways to write to it behind one type.

use std::time::Duration;

use counterpart_delivery::SecretText;
use counterpart_delivery::ports::{Clock, OrderQuery, SageOrders as _, SageWrite, WriteContext};
use counterpart_domain::sale::{
    LineChange, OrderChange, Reference, SaleCustomer, SaleLine, SaleOrder, SalesOrder,
};
use counterpart_domain::{Company, CrmId, Entity, Fault, Fields, SageKey, Value};
use counterpart_sage100::soap::{SoapClient, SoapSettings, learn};
use counterpart_sage100::{AgentClient, AgentSettings};
use counterpart_simulators::{DataSet, Options, Running, start};
use jiff::Timestamp;
use serde_json::json;

pub const MARK: &str = "UDF_CRM_REFERENCE";
pub const WAYS: [&str; 4] = ["agent", "reference", "split", "late"];

#[derive(Clone)]
pub struct Now;

impl Clock for Now {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
    async fn sleep(&self, _: Duration) {}
}

pub enum Way {
    Agent(AgentClient<Now>),
    Soap(SoapClient),
}

/// Calls a method on whichever it is.
macro_rules! either {
    ($self:ident . $method:ident ( $($argument:expr),* )) => {
        match &$self.way {
            Way::Agent(way) => way.$method($($argument),*).await,
            Way::Soap(way) => way.$method($($argument),*).await,
        }
    };
}

pub struct World {
    running: Running,
    pub agent: AgentClient<Now>,
    pub way: Way,
    pub name: &'static str,
}

impl World {
    /// `way`: `agent`, or the name of a binding of the SOAP service.
    pub async fn start(name: &'static str) -> Self {
        let binding = (name != "agent").then(|| name.to_owned());
        let any = "127.0.0.1:0".parse().unwrap();
        let options = Options {
            agent: Some(any),
            soap: Some(any),
            soap_binding: binding.clone(),
            data: DataSet {
                customers: 30,
                seed: 7,
            },
            ..Options::default()
        };
        let running = start(options).await.unwrap();
        let said = running.announcement();
        let text = |system: &str, name: &str| said[system][name].as_str().unwrap().to_owned();
        let mut settings = AgentSettings::new(
            text("agent", "url"),
            SecretText::new(text("agent", "token")),
        );
        settings.allow_loopback = true;
        settings.timeout = Duration::from_secs(3);
        let agent = AgentClient::new(&settings, Now).unwrap();
        let way = match binding {
            None => Way::Agent(agent.clone()),
            Some(_) => {
                let password = SecretText::new(text("soap", "password"));
                let mut settings =
                    SoapSettings::new(text("soap", "url"), text("soap", "username"), password);
                settings.allow_loopback = true;
                settings.timeout = Duration::from_secs(3);
                Way::Soap(SoapClient::new(&settings, learn(&settings).await.unwrap()).unwrap())
            }
        };
        Self {
            running,
            agent,
            way,
            name,
        }
    }

    pub async fn door(&self, path: &str, body: serde_json::Value) {
        let system = if self.name == "agent" {
            "agent"
        } else {
            "soap"
        };
        let url = self.running.announcement()[system]["url"].as_str().unwrap();
        let url = url::Url::parse(url)
            .unwrap()
            .join(&format!("/_sim/{path}"))
            .unwrap();
        let answer = counterpart_simulators::plain_http()
            .build()
            .unwrap()
            .post(url)
            .json(&body)
            .send()
            .await
            .unwrap();
        let status = answer.status();
        assert!(
            status.is_success(),
            "{status} {}",
            answer.text().await.unwrap()
        );
    }

    pub async fn faults(&self, body: serde_json::Value) {
        self.door("faults", body).await;
    }

    /// Loses the answer of the next call of these operations, after it was done.
    pub async fn lose_answer(&self, agent: &str, soap: &str) {
        let operation = if self.name == "agent" { agent } else { soap };
        self.faults(json!({"rules": [{"operation": operation, "after": true, "times": 1}]}))
            .await;
    }

    pub async fn next_order(&self) -> Result<String, Fault> {
        either!(self.next_order_number(&abc()))
    }

    pub async fn next_customer(&self) -> Result<String, Fault> {
        either!(self.next_customer_number(&abc()))
    }

    pub async fn create(
        &self,
        number: &str,
        order: &SaleOrder,
        context: WriteContext<'_>,
    ) -> Result<(), Fault> {
        either!(self.create_order(number, &customer(), order, context))
    }

    pub async fn update(
        &self,
        number: &str,
        order: &SaleOrder,
        context: WriteContext<'_>,
    ) -> Result<(), Fault> {
        let there = self.by_number(number).await.remove(0);
        let change = change(order, &there);
        either!(self.update_order(number, &customer(), &change, context))
    }

    pub async fn cancel(&self, number: &str, context: WriteContext<'_>) -> Result<(), Fault> {
        either!(self.cancel_order(&abc(), number, context))
    }

    pub async fn create_record(
        &self,
        key: &SageKey,
        fields: &Fields,
        context: WriteContext<'_>,
    ) -> Result<(), Fault> {
        either!(self.create_record(key, fields, context))
    }

    pub async fn update_record(
        &self,
        key: &SageKey,
        fields: &Fields,
        context: WriteContext<'_>,
    ) -> Result<(), Fault> {
        either!(self.update_record(key, fields, context))
    }

    pub async fn by_number(&self, number: &str) -> Vec<SalesOrder> {
        let query = OrderQuery::Number(number.to_owned());
        self.agent.orders(&abc(), &query, MARK).await.unwrap().value
    }

    pub async fn by_reference(&self, reference: &Reference) -> Vec<SalesOrder> {
        let query = OrderQuery::Reference {
            column: MARK.into(),
            reference: reference.clone(),
        };
        self.agent.orders(&abc(), &query, MARK).await.unwrap().value
    }
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

pub fn context(idempotency_key: &str) -> WriteContext<'_> {
    WriteContext {
        idempotency_key,
        reference_column: MARK,
        parent: None,
    }
}

pub fn fields<const N: usize>(columns: [(&str, Value); N]) -> Fields {
    columns.map(|(name, value)| (name.to_owned(), value)).into()
}

/// A change by which each line of the sale takes the first one of its item, and lines that nothing took go.
fn change(order: &SaleOrder, there: &SalesOrder) -> OrderChange {
    let mut left = there.lines.clone();
    let mut change = OrderChange {
        company: order.company.clone(),
        reference: order.reference.clone(),
        header: order.header.clone(),
        lines: Vec::new(),
        removed: Vec::new(),
    };
    for line in &order.lines {
        let place = left.iter().position(|held| held.item == line.item);
        let held = place.map(|place| left.remove(place));
        let mut columns = line.named();
        if held.is_some() {
            columns.remove("ItemCode");
        }
        change.lines.push(LineChange {
            seen: held.as_ref().map(|held| (held.quantity, held.unit_price)),
            key: held.map(|held| held.key),
            item: line.item.clone(),
            columns,
        });
    }
    let gone = left.into_iter().map(|held| (held.key, held.item));
    change.removed = gone.collect();
    change
}

pub fn line(item: &str, quantity: &str, price: Option<&str>) -> SaleLine {
    SaleLine {
        id: None,
        number: None,
        product: None,
        item: item.into(),
        quantity: quantity.parse().unwrap(),
        unit: None,
        crm_unit: None,
        warehouse: None,
        unit_price: price.map(|price| price.parse().unwrap()),
        discount_percent: None,
        columns: Fields::new(),
    }
}

pub fn sale(reference: &str, lines: Vec<SaleLine>) -> SaleOrder {
    SaleOrder {
        company: abc(),
        customer: SaleCustomer {
            account: CrmId("001".into()),
            key: Some(customer()),
            create: None,
        },
        reference: Reference::try_from(reference.to_owned()).unwrap(),
        header: fields([
            ("OrderDate", Value::Date("2026-11-22".parse().unwrap())),
            ("Comment", Value::text("Ring <first> & wait")),
        ]),
        lines,
        crm_total: None,
        crm_tax: None,
        currency: None,
    }
}

/// Of a record that belongs to another one.
pub fn below<'a>(idempotency_key: &'a str, parent: &'a SageKey) -> WriteContext<'a> {
    WriteContext {
        parent: Some(parent),
        ..context(idempotency_key)
    }
}
