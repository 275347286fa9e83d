//! The way to write to a company: its agent, or its SOAP service.

use counterpart_aws::SystemClock;
use counterpart_delivery::SecretText;
use counterpart_delivery::ports::{SageWrite, WriteContext};
use counterpart_domain::sale::{OrderChange, SaleOrder};
use counterpart_domain::{Class, Company, Fault, Fields, SageKey};
use counterpart_sage100::AgentClient;
use counterpart_sage100::soap::SoapClient;
use serde::Deserialize;

/// A way to write to one company.
#[derive(Clone)]
pub enum SageClient {
    /// By the agent.
    Agent(AgentClient<SystemClock>),
    /// By the SOAP service.
    Soap(SoapClient),
    /// No client could be made: every call fails with this. Other companies go on.
    Unusable(Fault),
}

/// The content of a SOAP service's secret: `{"username": "…", "password": "…"}`, and `"ca"` with the root certificate (PEM)
/// of a private CA.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoapSecret {
    /// The user.
    pub username: String,
    /// Its password.
    pub password: SecretText,
    /// The certificates of a private CA.
    pub ca: Option<String>,
}

// No Debug: it holds the password itself for a moment.
#[derive(Deserialize)]
struct Plain {
    username: String,
    password: String,
    #[serde(default)]
    ca: Option<String>,
}

impl SoapSecret {
    /// Reads it.
    ///
    /// # Errors
    /// `E_SAGE_SECRET` (configuration); the content is not repeated.
    pub fn read(secret: &SecretText) -> Result<Self, Fault> {
        let plain: Plain = serde_json::from_str(secret.reveal()).map_err(|error| {
            Fault::new(
                Class::Configuration,
                "E_SAGE_SECRET",
                "The secret of Sage's web services is not {\"username\", \"password\"}.",
            )
            // The error itself may quote what it did not like.
            .with_detail(format_args!(
                "line {} column {}",
                error.line(),
                error.column()
            ))
        })?;
        Ok(Self {
            username: plain.username,
            password: SecretText::new(plain.password),
            ca: plain.ca.filter(|ca| !ca.trim().is_empty()),
        })
    }
}

macro_rules! through {
    ($self:ident, $client:ident => $call:expr) => {
        match $self {
            Self::Agent($client) => $call,
            Self::Soap($client) => $call,
            Self::Unusable(fault) => Err(fault.clone()),
        }
    };
}

impl SageWrite for SageClient {
    async fn next_order_number(&self, company: &Company) -> Result<String, Fault> {
        through!(self, client => client.next_order_number(company).await)
    }

    async fn create_order(
        &self,
        number: &str,
        customer: &SageKey,
        order: &SaleOrder,
        context: WriteContext<'_>,
    ) -> Result<(), Fault> {
        through!(self, client => client.create_order(number, customer, order, context).await)
    }

    async fn update_order(
        &self,
        number: &str,
        customer: &SageKey,
        change: &OrderChange,
        context: WriteContext<'_>,
    ) -> Result<(), Fault> {
        through!(self, client => client.update_order(number, customer, change, context).await)
    }

    async fn cancel_order(
        &self,
        company: &Company,
        number: &str,
        context: WriteContext<'_>,
    ) -> Result<(), Fault> {
        through!(self, client => client.cancel_order(company, number, context).await)
    }

    async fn next_customer_number(&self, company: &Company) -> Result<String, Fault> {
        through!(self, client => client.next_customer_number(company).await)
    }

    async fn create_record(
        &self,
        key: &SageKey,
        columns: &Fields,
        context: WriteContext<'_>,
    ) -> Result<(), Fault> {
        through!(self, client => client.create_record(key, columns, context).await)
    }

    async fn update_record(
        &self,
        key: &SageKey,
        changes: &Fields,
        context: WriteContext<'_>,
    ) -> Result<(), Fault> {
        through!(self, client => client.update_record(key, changes, context).await)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_that_cannot_be_read_is_not_repeated() {
        let read = |text: &str| SoapSecret::read(&SecretText::new(text));
        let good = read(r#"{"username":"counterpart","password":"hush"}"#).unwrap();
        assert_eq!(good.password.reveal(), "hush");
        assert!(!format!("{good:?}").contains("hush"));
        for bad in [
            "hush",
            r#"{"username":"hush"}"#,
            r#"{"username":1,"password":"hush"}"#,
        ] {
            let fault = read(bad).unwrap_err();
            assert_eq!(fault.code, "E_SAGE_SECRET");
            assert!(!format!("{fault:?}").contains("hush"), "{fault:?}");
        }
    }
}
