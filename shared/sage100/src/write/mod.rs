//! The `SageWrite` port, by the agent.

mod fault;
mod order;

use counterpart_delivery::ports::{Clock, SageWrite, WriteContext};
use counterpart_domain::sale::{OrderChange, SaleOrder};
use counterpart_domain::{Class, Company, Fault, Fields, SageKey};
use counterpart_http::Silence;
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde::{Deserialize, Serialize};

use crate::client::{AgentClient, entity_path};
use crate::http::{Answer, encode, json};
use crate::peer::AGENT;
use crate::text::{Columns, bug, check_record, columns};

/// The longest body that is sent, in bytes: what the contract allows.
const LONGEST_REQUEST: usize = 1024 * 1024;
/// Among `writes`: lines of an order that is changed may be named by their key, and those that are not named stay.
const BY_KEY: &str = "order_lines";

impl<C: Clock> SageWrite for AgentClient<C> {
    async fn next_order_number(&self, company: &Company) -> Result<String, Fault> {
        self.next_number(company, "orders", "order-numbers").await
    }

    async fn create_order(
        &self,
        number: &str,
        customer: &SageKey,
        order: &SaleOrder,
        context: WriteContext<'_>,
    ) -> Result<(), Fault> {
        let body = order::create(number, customer, order, context)?;
        let path = format!("/v1/companies/{}/orders", customer.company);
        let call = Call {
            method: Method::POST,
            path,
            body: Some(body),
            key: context.idempotency_key,
        };
        self.write_order(&customer.company, call, number).await
    }

    async fn update_order(
        &self,
        number: &str,
        customer: &SageKey,
        change: &OrderChange,
        context: WriteContext<'_>,
    ) -> Result<(), Fault> {
        self.may_write(&customer.company, "orders").await?;
        let known = self.known_capabilities().await;
        let known = known.map_err(fault::before_a_write)?;
        let by_key = known.company(&customer.company)?.writes.contains(BY_KEY);
        let body = order::change(customer, change, context, by_key)?;
        let call = Call {
            method: Method::PUT,
            path: order_path(&customer.company, number),
            body: Some(body),
            key: context.idempotency_key,
        };
        self.write_order(&customer.company, call, number).await
    }

    async fn cancel_order(
        &self,
        company: &Company,
        number: &str,
        context: WriteContext<'_>,
    ) -> Result<(), Fault> {
        let call = Call {
            method: Method::DELETE,
            path: order_path(company, number),
            body: None,
            key: context.idempotency_key,
        };
        self.write_order(company, call, number).await
    }

    async fn next_customer_number(&self, company: &Company) -> Result<String, Fault> {
        self.next_number(company, "customers", "customer-numbers")
            .await
    }

    async fn create_record(
        &self,
        key: &SageKey,
        fields: &Fields,
        context: WriteContext<'_>,
    ) -> Result<(), Fault> {
        check_record(key, fields)?;
        let call = Call {
            method: Method::POST,
            path: format!("{}/records", entity_path(&key.company, key.entity)),
            body: Some(json(&NewRecord {
                key: &key.local,
                fields: columns(fields),
            })?),
            key: context.idempotency_key,
        };
        self.write_record(key, call).await
    }

    /// The agent puts the changes into the record; the whole record does not travel.
    async fn update_record(
        &self,
        key: &SageKey,
        changes: &Fields,
        context: WriteContext<'_>,
    ) -> Result<(), Fault> {
        check_record(key, changes)?;
        if changes.is_empty() {
            return Err(bug("a change of nothing"));
        }
        let call = Call {
            method: Method::PATCH,
            path: format!(
                "{}/records/{}",
                entity_path(&key.company, key.entity),
                encode(&key.local)
            ),
            body: Some(json(&ChangedFields {
                fields: columns(changes),
            })?),
            key: context.idempotency_key,
        };
        self.write_record(key, call).await
    }
}

#[derive(Serialize)]
struct NewRecord<'a> {
    key: &'a str,
    fields: Columns,
}

#[derive(Serialize)]
struct ChangedFields {
    fields: Columns,
}

#[derive(Deserialize)]
#[serde(expecting = "a number")]
struct WrittenNumber {
    number: String,
}

#[derive(Deserialize)]
#[serde(expecting = "a key")]
struct WrittenKey {
    key: String,
}

/// One write.
struct Call<'a> {
    method: Method,
    path: String,
    body: Option<Vec<u8>>,
    key: &'a str,
}

impl<C: Clock> AgentClient<C> {
    async fn next_number(
        &self,
        company: &Company,
        what: &str,
        path: &str,
    ) -> Result<String, Fault> {
        self.may_write(company, what).await?;
        let path = format!("/v1/companies/{company}/{path}");
        let request = self.request(Method::POST, &path);
        let written: WrittenNumber = self.answered(request, true).await?;
        let number = written.number;
        let fits = (1..=20).contains(&number.chars().count())
            && !number.chars().any(|c| c.is_control() || c.is_whitespace());
        if fits {
            return Ok(number);
        }
        Err(crate::http::contract_fault(
            "the number is empty, too long or not printable",
        ))
    }

    async fn write_order(
        &self,
        company: &Company,
        call: Call<'_>,
        number: &str,
    ) -> Result<(), Fault> {
        let written: WrittenNumber = self.write(company, "orders", call).await?;
        same(&written.number, number)
    }

    async fn write_record(&self, key: &SageKey, call: Call<'_>) -> Result<(), Fault> {
        let written: WrittenKey = self.write(&key.company, key.entity.plural(), call).await?;
        same(&written.key, &key.local)
    }

    async fn write<T: serde::de::DeserializeOwned>(
        &self,
        company: &Company,
        what: &str,
        call: Call<'_>,
    ) -> Result<T, Fault> {
        if call
            .body
            .as_ref()
            .is_some_and(|body| body.len() > LONGEST_REQUEST)
        {
            return Err(Fault::new(
                Class::Data,
                "E_SAGE_TOO_LONG",
                "This is longer than the agent takes in one call (1 MiB): make its texts or its lines fewer.",
            ));
        }
        let key = call.key;
        if !(1..=255).contains(&key.len()) || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(bug("the idempotency key does not fit into its header"));
        }
        self.may_write(company, what).await?;
        let mut request = self
            .request(call.method, &call.path)
            .header("Idempotency-Key", key);
        if let Some(body) = call.body {
            request = request.header(CONTENT_TYPE, "application/json").body(body);
        }
        self.answered(request, false).await
    }

    /// The capabilities, as a question before a write: without an answer nothing was written.
    async fn may_write(&self, company: &Company, what: &str) -> Result<(), Fault> {
        self.check_writes(company, what)
            .await
            .map_err(fault::before_a_write)
    }

    /// `number`: a counter is moved, and nothing is written.
    async fn answered<T: serde::de::DeserializeOwned>(
        &self,
        request: reqwest::RequestBuilder,
        number: bool,
    ) -> Result<T, Fault> {
        match self.send(request, true).await {
            Answer::Success(_, body) => serde_json::from_slice(&body)
                .map_err(|error| fault::unknown("the answer", crate::http::place(&error))),
            Answer::Refused(refused) if number => {
                let as_read = || self.refusal_fault(&refused);
                Err(fault::refused_number(&refused, as_read))
            }
            Answer::Refused(refused) => {
                Err(fault::refused(&refused, || self.refusal_fault(&refused)))
            }
            Answer::None(why) if why.how == Silence::TooLong => {
                Err(fault::unknown("the answer", "it is longer than 4 MiB"))
            }
            // A connection that did not come about has sent nothing.
            Answer::None(why) if !why.was_sent() => Err(fault::before_a_write(AGENT.silent(why))),
            Answer::None(why) => {
                let silence = AGENT.silent(why);
                Err(fault::unknown(&silence.message, silence.detail))
            }
        }
    }
}

/// An answer about something else says nothing about what was asked.
fn same(said: &str, asked: &str) -> Result<(), Fault> {
    if said == asked {
        return Ok(());
    }
    Err(fault::unknown(
        "the answer",
        format!(
            "it is about {}, not {asked}",
            counterpart_domain::bounded(said.to_owned(), 60)
        ),
    ))
}

fn order_path(company: &Company, number: &str) -> String {
    format!("/v1/companies/{company}/orders/{}", encode(number))
}
