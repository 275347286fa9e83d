//! The WSDL: `?wsdl` with schemas apart, in two parts where the binding has it so, and `?singleWsdl`.

use super::{binding::Binding, operations::OPERATIONS, xsd};

const WSDL: &str = "http://schemas.xmlsoap.org/wsdl/";
const SOAP: &str = "http://schemas.xmlsoap.org/wsdl/soap/";
const ADDRESSING: &str = "http://www.w3.org/2006/05/addressing/wsdl";

/// The document that a query asks for. `url`: the service's address. `None`: there is no such document.
pub fn document(binding: &Binding, url: &str, query: &str) -> Option<String> {
    let query = query.to_ascii_lowercase();
    let apart = |at: u8| format!("{url}?xsd=xsd{at}");
    let body = match query.as_str() {
        "wsdl" if binding.in_two_parts() => {
            let import = format!(
                "<wsdl:import namespace=\"{}\" location=\"{url}?wsdl=wsdl0\"/><wsdl:types/>",
                binding.service_namespace
            );
            definitions(
                binding,
                &binding.wsdl_namespace,
                &(import + &service(binding, url)),
            )
        }
        "wsdl" => {
            let body = imports(binding, url) + &port_type(binding) + &service(binding, url);
            definitions(binding, &binding.wsdl_namespace, &body)
        }
        "wsdl=wsdl0" if binding.in_two_parts() => {
            let body = imports(binding, url) + &port_type(binding);
            definitions(binding, &binding.service_namespace, &body)
        }
        // One document has one namespace: the service's parts come in the contract's.
        "singlewsdl" => {
            let body = inlined(binding) + &port_type(binding) + &service(binding, url);
            definitions(binding, &binding.service_namespace, &body)
        }
        "xsd=xsd0" => xsd::service(binding, &apart),
        "xsd=xsd1" => xsd::serialization(),
        "xsd=xsd2" if binding.data_namespace != binding.service_namespace => xsd::data(binding),
        _ => return None,
    };
    Some(format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>{body}"))
}

fn definitions(binding: &Binding, namespace: &str, body: &str) -> String {
    format!(
        "<wsdl:definitions name=\"MasService\" targetNamespace=\"{namespace}\" xmlns:wsdl=\"{WSDL}\" xmlns:soap=\"{SOAP}\" \
         xmlns:wsaw=\"{ADDRESSING}\" xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" xmlns:tns=\"{namespace}\" \
         xmlns:i0=\"{}\" xmlns:q1=\"{}\">{body}</wsdl:definitions>",
        binding.service_namespace, binding.data_namespace
    )
}

fn imports(binding: &Binding, url: &str) -> String {
    let namespace = &binding.service_namespace;
    let mut body = import(url, 0, namespace);
    body += &import(
        url,
        1,
        "http://schemas.microsoft.com/2003/10/Serialization/",
    );
    if binding.data_namespace != *namespace {
        body += &import(url, 2, &binding.data_namespace);
    }
    format!(
        "<wsdl:types><xsd:schema targetNamespace=\"{namespace}/Imports\">{body}</xsd:schema></wsdl:types>"
    )
}

fn import(url: &str, at: u8, namespace: &str) -> String {
    format!("<xsd:import schemaLocation=\"{url}?xsd=xsd{at}\" namespace=\"{namespace}\"/>")
}

fn inlined(binding: &Binding) -> String {
    let mut schemas = xsd::service(binding, &|_| String::new()) + &xsd::serialization();
    if binding.data_namespace != binding.service_namespace {
        schemas += &xsd::data(binding);
    }
    format!("<wsdl:types>{schemas}</wsdl:types>")
}

fn port_type(binding: &Binding) -> String {
    let contract = &binding.contract;
    let (mut messages, mut operations) = (String::new(), String::new());
    for operation in &OPERATIONS {
        let name = operation.name;
        for (direction, element) in [
            ("Input", name.to_owned()),
            ("Output", format!("{name}Response")),
        ] {
            messages += &format!(
                "<wsdl:message name=\"{contract}_{name}_{direction}Message\"><wsdl:part name=\"parameters\" \
                 element=\"i0:{element}\"/></wsdl:message>"
            );
        }
        messages += &format!(
            "<wsdl:message name=\"{contract}_{name}_MasFaultFault_FaultMessage\"><wsdl:part name=\"detail\" \
             element=\"q1:MasFault\"/></wsdl:message>"
        );
        let action = binding.action(name);
        operations += &format!(
            "<wsdl:operation name=\"{name}\">\
             <wsdl:input wsaw:Action=\"{action}\" message=\"i0:{contract}_{name}_InputMessage\"/>\
             <wsdl:output wsaw:Action=\"{action}Response\" message=\"i0:{contract}_{name}_OutputMessage\"/>\
             <wsdl:fault wsaw:Action=\"{action}MasFaultFault\" name=\"MasFaultFault\" \
             message=\"i0:{contract}_{name}_MasFaultFault_FaultMessage\"/></wsdl:operation>"
        );
    }
    format!("{messages}<wsdl:portType name=\"{contract}\">{operations}</wsdl:portType>")
}

fn service(binding: &Binding, url: &str) -> String {
    let contract = &binding.contract;
    let operations: String = OPERATIONS
        .iter()
        .map(|operation| {
            format!(
                "<wsdl:operation name=\"{0}\"><soap:operation soapAction=\"{1}\" style=\"document\"/>\
                 <wsdl:input><soap:body use=\"literal\"/></wsdl:input><wsdl:output><soap:body use=\"literal\"/></wsdl:output>\
                 <wsdl:fault name=\"MasFaultFault\"><soap:fault use=\"literal\" name=\"MasFaultFault\"/></wsdl:fault>\
                 </wsdl:operation>",
                operation.name,
                binding.action(operation.name)
            )
        })
        .collect();
    format!(
        "<wsdl:binding name=\"BasicHttpBinding_{contract}\" type=\"i0:{contract}\">\
         <soap:binding transport=\"http://schemas.xmlsoap.org/soap/http\"/>{operations}</wsdl:binding>\
         <wsdl:service name=\"MasService\"><wsdl:port name=\"BasicHttpBinding_{contract}\" \
         binding=\"tns:BasicHttpBinding_{contract}\"><soap:address location=\"{url}\"/></wsdl:port></wsdl:service>"
    )
}
