//! What a client has to learn from the WSDL. No real WSDL of the service is public: namespaces, path, the order
//! of a logon's members and the place of OtherFields are open, so there are several bindings.

use serde::{Deserialize, Serialize};

/// Where OtherFields stands among the members of an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OtherFields {
    /// In a base type: before all others.
    Base,
    /// In its alphabetical place.
    Sorted,
    /// Behind all others.
    Last,
}

/// The codes of faults whose codes are not documented. They are invented.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Codes {
    /// User or password.
    pub logon: String,
    /// The role of the user.
    pub no_access: String,
    /// A value that fails a check.
    pub validation: String,
    /// `An exception occurred.`: a standard SOAP code, without a detail.
    pub unexpected: String,
}

/// How the service is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Binding {
    /// The name of the binding it began as.
    pub name: String,
    /// Of the operations.
    pub service_namespace: String,
    /// Of the entity types, of the logon and of the fault.
    pub data_namespace: String,
    /// Of the WSDL's service and binding. Where it is another than the operations', the WSDL has two parts.
    pub wsdl_namespace: String,
    /// The name of the contract: `IMasService`.
    pub contract: String,
    /// The path of the service.
    pub path: String,
    /// Whether a logon has its user name first.
    pub username_first: bool,
    /// Where OtherFields stands.
    pub other_fields: OtherFields,
    /// What sets a date blank.
    pub null_date_time: String,
    /// Codes that are invented.
    pub codes: Codes,
}

impl Binding {
    /// The names of the bindings that are known.
    pub const NAMES: [&str; 3] = ["reference", "split", "late"];

    /// A binding by its name.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "reference" => Some(Self::reference()),
            "split" => Some(Self::split()),
            "late" => Some(Self::late()),
            _ => None,
        }
    }

    /// As the reference page reconstructs it.
    fn reference() -> Self {
        let namespace = "http://mas90.sage.com/ws".to_owned();
        Self {
            name: "reference".to_owned(),
            service_namespace: namespace.clone(),
            data_namespace: namespace.clone(),
            wsdl_namespace: namespace,
            contract: "IMasService".to_owned(),
            path: "/ebusinesswebservices/MasService.svc".to_owned(),
            username_first: false,
            other_fields: OtherFields::Base,
            null_date_time: "1753-01-01T00:00:00".to_owned(),
            codes: Codes {
                logon: "SY_LogonFailure".to_owned(),
                no_access: "SY_NoAccess".to_owned(),
                validation: "CI_InvalidValue".to_owned(),
                unexpected: "s:Client".to_owned(),
            },
        }
    }

    /// Namespaces of their own for data and WSDL; the WSDL comes in two parts.
    fn split() -> Self {
        Self {
            name: "split".to_owned(),
            service_namespace: "http://www.sage.com/mas/2024/webservices/".to_owned(),
            data_namespace: "http://schemas.datacontract.org/2004/07/Sage.Mas.Ws".to_owned(),
            wsdl_namespace: "http://tempuri.org/".to_owned(),
            path: "/Sage100/eBusiness/MasService.svc".to_owned(),
            username_first: true,
            other_fields: OtherFields::Sorted,
            null_date_time: "0001-01-01T00:00:00".to_owned(),
            codes: Codes {
                logon: "WS_Logon".to_owned(),
                no_access: "WS_Security".to_owned(),
                validation: "CI_Validation".to_owned(),
                unexpected: "s:Server".to_owned(),
            },
            ..Self::reference()
        }
    }

    /// OtherFields behind everything else, another contract and another path.
    fn late() -> Self {
        Self {
            name: "late".to_owned(),
            service_namespace: "urn:sage:mas:webservices".to_owned(),
            data_namespace: "urn:sage:mas:data".to_owned(),
            wsdl_namespace: "urn:sage:mas:webservices".to_owned(),
            contract: "IMasContract".to_owned(),
            path: "/ws/mas/Service.svc".to_owned(),
            other_fields: OtherFields::Last,
            ..Self::reference()
        }
    }

    /// A binding with members changed by a door's body: a name, or an object with `name` among its members.
    ///
    /// # Errors
    /// What is wrong with the body.
    pub fn changed(&self, change: &serde_json::Value) -> Result<Self, String> {
        if let Some(name) = change.as_str() {
            return Self::named(name).ok_or_else(|| {
                format!(
                    "there is no binding {name:?}; there are {}",
                    Self::NAMES.join(", ")
                )
            });
        }
        let members = change
            .as_object()
            .ok_or("binding is a name, or an object with members to change")?;
        let start = members
            .get("name")
            .and_then(serde_json::Value::as_str)
            .and_then(Self::named)
            .unwrap_or_else(|| self.clone());
        let mut all = serde_json::to_value(start).map_err(|error| error.to_string())?;
        for (name, value) in members {
            all[name] = value.clone();
        }
        serde_json::from_value(all).map_err(|error| format!("binding: {error}"))
    }

    /// The SOAPAction of an operation.
    pub fn action(&self, operation: &str) -> String {
        let namespace = &self.service_namespace;
        let separator = match namespace {
            urn if urn.starts_with("urn:") => ":",
            url if url.ends_with('/') => "",
            _ => "/",
        };
        format!("{namespace}{separator}{}/{operation}", self.contract)
    }

    /// Whether the WSDL comes in two parts.
    pub fn in_two_parts(&self) -> bool {
        self.wsdl_namespace != self.service_namespace
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_made_as_wcf_does() {
        let action = |name: &str| Binding::named(name).unwrap().action("GetCustomer");
        assert_eq!(
            action("reference"),
            "http://mas90.sage.com/ws/IMasService/GetCustomer"
        );
        assert_eq!(
            action("split"),
            "http://www.sage.com/mas/2024/webservices/IMasService/GetCustomer"
        );
        assert_eq!(
            action("late"),
            "urn:sage:mas:webservices:IMasContract/GetCustomer"
        );
    }
}
