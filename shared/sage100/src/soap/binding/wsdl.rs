//! From the documents of a description to a [`Binding`]: WSDL 1.1, SOAP 1.1, document/literal with wrapped parameters.

use std::collections::BTreeMap;

use counterpart_domain::Fault;

use super::documents::WSDL;
use super::xsd::Schemas;
use super::{BINDING_VERSION, Binding, Documents, Operation, Origin, lacks, unusable};
use crate::soap::xml::{Element, Name};

const SOAP: &str = "http://schemas.xmlsoap.org/wsdl/soap/";
const SOAP12: &str = "http://schemas.xmlsoap.org/wsdl/soap12/";

/// Reads the documents.
///
/// # Errors
/// `E_SAGE_BINDING` (configuration), naming what is not there or not understood.
pub(crate) fn learn(documents: &Documents) -> Result<Binding, Fault> {
    let roots = documents.roots()?;
    let wsdl = Wsdl::of(&roots)?;
    let (binding_element, port_type) = wsdl.soap_binding()?;
    let schemas = Schemas::of(&roots, &wsdl.target);
    let mut binding = Binding {
        version: BINDING_VERSION,
        origin: Origin::Wsdl,
        operations: BTreeMap::new(),
        types: BTreeMap::new(),
    };
    for bound in binding_element.children_named(WSDL, "operation") {
        let name = named(bound, "an operation")?;
        let soap = bound.children_named(SOAP, "operation").next();
        let rpc = soap.and_then(|soap| soap.attribute("style")) == Some("rpc");
        if rpc || encoded(bound) {
            return Err(not_understood("it wants rpc or encoded messages"));
        }
        let declared = port_type
            .children_named(WSDL, "operation")
            .find(|operation| operation.attribute("name") == Some(name))
            .ok_or_else(|| lacks(format_args!("the operation {name} in its port type")))?;
        let request = wsdl.message(declared, "input", name)?;
        let response = wsdl.message(declared, "output", name)?;
        let operation = Operation {
            action: soap
                .and_then(|soap| soap.attribute("soapAction"))
                .unwrap_or_default()
                .to_owned(),
            parameters: schemas.message(&request, &mut binding)?,
            result: schemas.message(&response, &mut binding)?.into_iter().next(),
            request,
            response,
        };
        binding.operations.insert(name.to_owned(), operation);
    }
    Ok(binding)
}

struct Wsdl<'a> {
    /// Definitions of all documents.
    parts: Vec<(&'a str, &'a Element)>,
    target: String,
}

impl<'a> Wsdl<'a> {
    fn of(roots: &'a [Element]) -> Result<Self, Fault> {
        let definitions: Vec<&Element> = roots
            .iter()
            .filter(|root| root.name.ns == WSDL && root.name.local == "definitions")
            .collect();
        let Some(first) = definitions.first() else {
            return Err(unusable(
                "What answers to ?wsdl is no WSDL: check the SOAP service's address, and whether its metadata are switched on.",
            ));
        };
        let target = first
            .attribute("targetNamespace")
            .unwrap_or_default()
            .to_owned();
        let mut parts = Vec::new();
        for document in definitions {
            let target = document.attribute("targetNamespace").unwrap_or_default();
            parts.extend(document.children.iter().map(|child| (target, child)));
        }
        Ok(Self { parts, target })
    }

    /// A named part of a kind.
    fn find(&self, kind: &str, name: &Name) -> Option<&'a Element> {
        self.parts
            .iter()
            .find(|(target, part)| {
                part.name.ns == WSDL
                    && part.name.local == kind
                    && *target == name.ns
                    && part.attribute("name") == Some(&name.local)
            })
            .map(|(_, part)| *part)
    }

    /// The binding for SOAP 1.1, and its port type.
    fn soap_binding(&self) -> Result<(&'a Element, &'a Element), Fault> {
        let bindings = || {
            self.parts
                .iter()
                .map(|(_, part)| *part)
                .filter(|part| part.name.ns == WSDL && part.name.local == "binding")
        };
        let mut found = None;
        for binding in bindings() {
            let Some(soap) = binding.children_named(SOAP, "binding").next() else {
                continue;
            };
            if soap.attribute("style") == Some("rpc") {
                return Err(not_understood("it wants rpc messages"));
            }
            let port_type = binding
                .attribute("type")
                .and_then(|name| binding.resolve(name))
                .and_then(|name| self.find("portType", &name))
                .ok_or_else(|| lacks("the port type of its binding"))?;
            // A service may have other contracts beside: the one that knows customers is ours.
            let ours = port_type
                .children_named(WSDL, "operation")
                .any(|operation| operation.attribute("name") == Some("GetCustomer"));
            if ours || found.is_none() {
                found = Some((binding, port_type));
            }
            if ours {
                break;
            }
        }
        if let Some(found) = found {
            return Ok(found);
        }
        if bindings().any(|binding| binding.children_named(SOAP12, "binding").next().is_some()) {
            return Err(not_understood("it offers SOAP 1.2 only"));
        }
        Err(lacks("a binding for SOAP 1.1"))
    }

    /// The element of an operation's message.
    fn message(&self, operation: &'a Element, direction: &str, name: &str) -> Result<Name, Fault> {
        let missing = || lacks(format_args!("the {direction} of {name}"));
        let side = operation
            .children_named(WSDL, direction)
            .next()
            .ok_or_else(missing)?;
        let message = side
            .attribute("message")
            .and_then(|message| side.resolve(message))
            .and_then(|message| self.find("message", &message))
            .ok_or_else(missing)?;
        let part = message
            .children_named(WSDL, "part")
            .next()
            .ok_or_else(missing)?;
        match part
            .attribute("element")
            .and_then(|element| part.resolve(element))
        {
            Some(element) => Ok(element),
            None => Err(not_understood(format_args!(
                "the {direction} of {name} is no element"
            ))),
        }
    }
}

fn named<'a>(element: &'a Element, what: &str) -> Result<&'a str, Fault> {
    element
        .attribute("name")
        .ok_or_else(|| lacks(format_args!("the name of {what}")))
}

fn encoded(bound: &Element) -> bool {
    ["input", "output"].into_iter().any(|direction| {
        bound
            .children_named(WSDL, direction)
            .flat_map(|side| side.children_named(SOAP, "body"))
            .any(|body| body.attribute("use") == Some("encoded"))
    })
}

fn not_understood(what: impl std::fmt::Display) -> Fault {
    unusable(format!(
        "The SOAP service's WSDL is of a kind that is not understood here: {what}."
    ))
}
