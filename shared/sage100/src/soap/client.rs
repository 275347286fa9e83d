//! The client.

use std::sync::{Arc, Mutex, PoisonError};

use counterpart_delivery::SecretText;
use counterpart_delivery::ports::Bindings;
use counterpart_domain::{Company, Fault};
use counterpart_http::Http;
use url::Url;

use super::binding::{Binding, check, find};
use super::fault::{Purpose, unknown};
use super::learn::learn_with;
use super::settings::{FaultTexts, SoapSettings};

/// A client of one SOAP service. Cheap to clone.
#[derive(Clone)]
pub struct SoapClient {
    pub(super) http: Http,
    pub(super) url: Url,
    pub(super) username: String,
    pub(super) password: SecretText,
    pub(super) texts: Arc<FaultTexts>,
    pub(super) binding: Arc<Binding>,
    null_date: Arc<Mutex<Option<String>>>,
}

/// What the service says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractInformation {
    /// `ContractVersion`, as it is written.
    pub contract_version: String,
    /// `AssemblyVersion`.
    pub assembly_version: String,
    /// What blanks a date.
    pub null_date: Option<String>,
}

impl SoapClient {
    /// A client with a binding that is known. No call is made yet.
    ///
    /// # Errors
    /// `E_SAGE_URL`, `E_SAGE_CREDENTIALS`, `E_SAGE_CA`, `E_SAGE_BINDING` (class configuration).
    pub fn new(settings: &SoapSettings, binding: Binding) -> Result<Self, Fault> {
        check(&binding)?;
        Self::made(settings, settings.connect()?, binding)
    }

    /// A client with the binding that is stored for the company; without one, or with one of another version, it is
    /// learned from the service and stored.
    ///
    /// # Errors
    /// As for [`SoapClient::new`] and [`learn`](super::learn), and those of the store.
    pub async fn of_company(
        settings: &SoapSettings,
        company: &Company,
        bindings: &impl Bindings,
    ) -> Result<Self, Fault> {
        let stored = match bindings.binding(company).await? {
            Some(text) => Binding::from_json(&text)?,
            None => None,
        };
        if let Some(binding) = stored {
            return Self::new(settings, binding);
        }
        Self::learned(settings, company, bindings).await
    }

    /// A client with a binding that is learned now, whatever is stored; it is stored in its place.
    ///
    /// # Errors
    /// As for [`SoapClient::of_company`].
    pub async fn learned(
        settings: &SoapSettings,
        company: &Company,
        bindings: &impl Bindings,
    ) -> Result<Self, Fault> {
        let http = settings.connect()?;
        let binding = learn_with(&http, &settings.checked()?).await?;
        bindings.put_binding(company, &binding.to_json()?).await?;
        Self::made(settings, http, binding)
    }

    fn made(settings: &SoapSettings, http: Http, binding: Binding) -> Result<Self, Fault> {
        Ok(Self {
            http,
            url: settings.checked()?,
            username: settings.username.clone(),
            password: settings.password.clone(),
            texts: Arc::new(settings.texts.clone()),
            binding: Arc::new(binding),
            null_date: Arc::default(),
        })
    }

    /// The binding that is in use.
    #[must_use]
    pub fn binding(&self) -> &Binding {
        &self.binding
    }

    /// Asks the service for its versions. It takes no credentials.
    ///
    /// # Errors
    /// `E_SAGE_BINDING` where the service has no such operation; `E_SAGE_*` by class.
    pub async fn contract_information(&self) -> Result<ContractInformation, Fault> {
        // The documentation spells it both ways.
        let name = ["GetContractInformation", "GetContractInfomation"]
            .into_iter()
            .find(|name| self.binding.operations.contains_key(*name))
            .unwrap_or("GetContractInformation");
        let result = self.call(name, Purpose::Read, Vec::new()).await?;
        let result = result
            .ok_or_else(|| unknown(Purpose::Read, "no contract information in the answer"))?;
        let text = |name: &str| {
            let text = result.child(name).map_or("", |child| child.text.trim());
            counterpart_domain::bounded(text.to_owned(), 80)
        };
        let null_date = text("NullDateTime");
        Ok(ContractInformation {
            contract_version: text("ContractVersion"),
            assembly_version: text("AssemblyVersion"),
            null_date: (!null_date.is_empty()).then_some(null_date),
        })
    }

    /// Tries the credentials on a company without changing anything: reads a customer who is not there.
    ///
    /// # Errors
    /// `E_SAGE_UNAUTHORIZED`, `E_SAGE_FORBIDDEN`, `E_SAGE_*` by class.
    pub async fn logon(&self, company: &Company) -> Result<(), Fault> {
        let parameters = vec![
            ("companyCode", company.as_str().into()),
            ("arDivisionNo", "00".into()),
            ("customerNo", "~".into()),
        ];
        match self.call("GetCustomer", Purpose::Read, parameters).await {
            Ok(_) => Ok(()),
            // It was let in: the answer is about the customer.
            Err(fault)
                if matches!(
                    &*fault.code,
                    "E_SAGE_NOT_FOUND" | "E_SAGE_REFUSED" | "E_SAGE_TOO_LONG"
                ) =>
            {
                Ok(())
            }
            Err(fault) => Err(fault),
        }
    }

    /// What blanks a date, asked once.
    pub(super) async fn null_date(&self) -> Result<Option<String>, Fault> {
        let known = |client: &Self| {
            client
                .null_date
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone()
        };
        if let Some(known) = known(self) {
            return Ok(Some(known));
        }
        let has = self
            .binding
            .operations
            .get("GetContractInformation")
            .or_else(|| self.binding.operations.get("GetContractInfomation"))
            .and_then(|operation| operation.result.as_ref())
            .is_some_and(|result| find(self.binding.fields(result), "NullDateTime").is_some());
        if !has {
            return Ok(None);
        }
        let told = self.contract_information().await?.null_date;
        *self
            .null_date
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = told.clone();
        Ok(told)
    }
}

impl std::fmt::Debug for SoapClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SoapClient")
            .field("url", &self.url.as_str())
            .finish_non_exhaustive()
    }
}
