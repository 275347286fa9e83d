//! The body of an answer.

use super::{binding::Binding, operations::Operation};

/// What an operation returns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Nothing.
    Void,
    /// A text.
    Text(String),
    /// The members of an entity, written already.
    Members(String),
}

impl Answer {
    /// The envelope.
    pub fn envelope(&self, operation: &Operation, binding: &Binding) -> String {
        let name = operation.name;
        let (service, data) = (&binding.service_namespace, &binding.data_namespace);
        let result = match self {
            Self::Void => String::new(),
            Self::Text(text) => {
                format!("<{name}Result>{}</{name}Result>", super::xml::escaped(text))
            }
            Self::Members(members) => format!(
                "<{name}Result xmlns:b=\"{data}\" xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\">{members}</{name}Result>"
            ),
        };
        format!(
            "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>\
             <{name}Response xmlns=\"{service}\">{result}</{name}Response></s:Body></s:Envelope>"
        )
    }
}
