//! What is known of one service: learned from its own WSDL, never assumed. Elements out of the order that the service
//! expects are dropped by it without a word, so the order of every type is the heart of this.

mod check;
mod documents;
mod wsdl;
mod xsd;

use std::collections::BTreeMap;

use counterpart_domain::{Class, Fault, bounded};
use serde::{Deserialize, Serialize};

pub(crate) use check::check;
pub(crate) use documents::{Asked, Documents};
pub(crate) use wsdl::learn as read_documents;

use super::xml::Name;

/// The version of [`Binding`] as it is stored. Another one is learned anew.
pub const BINDING_VERSION: u32 = 1;

/// Where a binding comes from. There is one place; it is named in what is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The service's own WSDL.
    Wsdl,
}

/// What is known of one service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// [`BINDING_VERSION`].
    pub version: u32,
    /// Where it comes from.
    pub origin: Origin,
    /// By operation (`GetCustomer`).
    pub operations: BTreeMap<String, Operation>,
    /// By name: the fields of every type, in the service's order, those of base types first.
    pub types: BTreeMap<String, Vec<Slot>>,
}

/// One operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// The header `SOAPAction`.
    pub action: String,
    /// The element in the body of the request.
    pub request: Name,
    /// Its parameters, in order.
    pub parameters: Vec<Slot>,
    /// The element in the body of the answer.
    pub response: Name,
    /// The result within it; none where the operation has none.
    pub result: Option<Slot>,
}

/// One element of a type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// Its name.
    pub name: Name,
    /// What it holds.
    pub kind: Kind,
    /// Whether it may be `xsi:nil`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub nillable: bool,
    /// Whether it has to be there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// Whether it may be there several times.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub repeated: bool,
}

/// What an element holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A built-in type of XML Schema, by its local name: `string`, `decimal`, `dateTime`, `int`, `boolean`.
    Simple(String),
    /// A type of [`Binding::types`].
    Complex(String),
}

impl Binding {
    /// Reads one that was stored. None: it is of another version and has to be learned anew.
    ///
    /// # Errors
    /// `E_SAGE_BINDING` (configuration) when the text is none.
    pub fn from_json(text: &str) -> Result<Option<Self>, Fault> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        let unreadable = |error: serde_json::Error| {
            unusable(
                "What is stored of the SOAP service cannot be read; it has to be learned anew.",
            )
            .with_detail(error)
        };
        let stored: Versioned = serde_json::from_str(text).map_err(unreadable)?;
        if stored.version != BINDING_VERSION {
            return Ok(None);
        }
        serde_json::from_str(text).map(Some).map_err(unreadable)
    }

    /// The text that is stored.
    ///
    /// # Errors
    /// `E_SAGE_BINDING`, which would be our own mistake.
    pub fn to_json(&self) -> Result<String, Fault> {
        serde_json::to_string(self).map_err(|error| {
            unusable("What was learned of the SOAP service cannot be stored.").with_detail(error)
        })
    }

    /// An operation.
    pub(crate) fn operation(&self, name: &str) -> Result<&Operation, Fault> {
        self.operations
            .get(name)
            .ok_or_else(|| lacks(format_args!("the operation {name}")))
    }

    /// The fields of what an element holds; none of a simple one.
    pub(crate) fn fields(&self, slot: &Slot) -> &[Slot] {
        match &slot.kind {
            Kind::Complex(name) => self.types.get(name).map_or(&[], Vec::as_slice),
            Kind::Simple(_) => &[],
        }
    }

    /// The element that a list repeats: within the list's own element, or that element itself. And whether the list has
    /// an element of its own.
    pub(crate) fn item<'a>(&'a self, list: &'a Slot) -> Option<(&'a Slot, bool)> {
        if list.repeated {
            return Some((list, false));
        }
        match self.fields(list) {
            [only] if only.repeated => Some((only, true)),
            _ => None,
        }
    }
}

impl Operation {
    /// A parameter, by name.
    pub(crate) fn parameter(&self, name: &str) -> Option<&Slot> {
        find(&self.parameters, name)
    }
}

/// A field by its local name.
pub(crate) fn find<'a>(slots: &'a [Slot], local: &str) -> Option<&'a Slot> {
    slots.iter().find(|slot| slot.name.local == local)
}

/// A WSDL that cannot be used, or does not fit the service.
pub(crate) fn unusable(message: impl Into<String>) -> Fault {
    Fault::new(Class::Configuration, "E_SAGE_BINDING", message)
}

/// Something that we cannot do without is not in the WSDL.
pub(crate) fn lacks(what: impl std::fmt::Display) -> Fault {
    unusable(format!(
        "The SOAP service's WSDL lacks {}: it is of another version than is known here, or another service.",
        bounded(what.to_string(), 120)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_version_stored_is_learned_anew() {
        assert_eq!(
            Binding::from_json(r#"{"version": 0, "whatever": []}"#).unwrap(),
            None
        );
        assert_eq!(Binding::from_json("{}").unwrap_err().code, "E_SAGE_BINDING");
    }
}
