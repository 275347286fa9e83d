//! The schemas of the service, as a DataContractSerializer exports them.

use super::{
    binding::{Binding, OtherFields},
    operations::{OPERATIONS, What},
    types::{BASE, Member, Type},
};

const XS: &str = "http://www.w3.org/2001/XMLSchema";

/// The schema of a namespace; `with_data`: the types of the data are in the same one.
pub fn service(binding: &Binding, location: &dyn Fn(u8) -> String) -> String {
    let same = binding.service_namespace == binding.data_namespace;
    let mut body = String::new();
    if !same {
        body += &import(&location(2), &binding.data_namespace);
    }
    for operation in &OPERATIONS {
        let mut members = String::new();
        for (name, what) in operation.all_parameters() {
            members += &parameter(name, what, same);
        }
        body += &wrapper(operation.name, &members);
        let name = format!("{}Result", operation.name);
        let result = operation
            .result
            .map_or(String::new(), |what| parameter(&name, what, same));
        body += &wrapper(&format!("{}Response", operation.name), &result);
    }
    if same {
        body += &types(binding);
    }
    schema(&binding.service_namespace, &binding.data_namespace, &body)
}

/// The schema of the data, where it has a namespace of its own.
pub fn data(binding: &Binding) -> String {
    schema(
        &binding.data_namespace,
        &binding.data_namespace,
        &types(binding),
    )
}

/// The serializer's own schema, which WCF always adds.
pub fn serialization() -> String {
    let namespace = "http://schemas.microsoft.com/2003/10/Serialization/";
    let body = "<xs:element name=\"anyType\" nillable=\"true\" type=\"xs:anyType\"/>\
                <xs:element name=\"string\" nillable=\"true\" type=\"xs:string\"/>\
                <xs:element name=\"decimal\" nillable=\"true\" type=\"xs:decimal\"/>\
                <xs:element name=\"dateTime\" nillable=\"true\" type=\"xs:dateTime\"/>\
                <xs:element name=\"int\" nillable=\"true\" type=\"xs:int\"/>\
                <xs:attribute name=\"Id\" type=\"xs:ID\"/><xs:attribute name=\"Ref\" type=\"xs:IDREF\"/>";
    schema(namespace, namespace, body)
}

fn schema(namespace: &str, data: &str, body: &str) -> String {
    format!(
        "<xs:schema elementFormDefault=\"qualified\" targetNamespace=\"{namespace}\" xmlns:xs=\"{XS}\" \
         xmlns:tns=\"{namespace}\" xmlns:q1=\"{data}\">{body}</xs:schema>"
    )
}

fn import(location: &str, namespace: &str) -> String {
    if location.is_empty() {
        return format!("<xs:import namespace=\"{namespace}\"/>");
    }
    format!("<xs:import schemaLocation=\"{location}\" namespace=\"{namespace}\"/>")
}

fn wrapper(name: &str, members: &str) -> String {
    format!(
        "<xs:element name=\"{name}\"><xs:complexType><xs:sequence>{members}</xs:sequence></xs:complexType></xs:element>"
    )
}

fn parameter(name: &str, what: What, same: bool) -> String {
    let prefix = if same { "tns" } else { "q1" };
    let kind = match what {
        What::Text => "xs:string".to_owned(),
        What::Data(data) => format!("{prefix}:{}", data.name()),
    };
    format!("<xs:element minOccurs=\"0\" name=\"{name}\" nillable=\"true\" type=\"{kind}\"/>")
}

fn types(binding: &Binding) -> String {
    let mut body = String::new();
    if binding.other_fields == OtherFields::Base {
        let member = element("OtherFields", Member::ListOf(Type::Field));
        body += &complex(BASE, &format!("<xs:sequence>{member}</xs:sequence>"));
    }
    for kind in Type::ALL {
        let inherits = kind.is_entity() && binding.other_fields == OtherFields::Base;
        let members: String = kind
            .members(binding)
            .into_iter()
            .filter(|name| !(inherits && *name == "OtherFields"))
            .map(|name| element(name, kind.member(name)))
            .collect();
        let sequence = format!("<xs:sequence>{members}</xs:sequence>");
        let content = if inherits {
            format!(
                "<xs:complexContent mixed=\"false\"><xs:extension base=\"tns:{BASE}\">{sequence}</xs:extension></xs:complexContent>"
            )
        } else {
            sequence
        };
        body += &complex(kind.name(), &content);
    }
    for kind in [Type::Field, Type::SalesOrderLine, Type::SalesOrderPayment] {
        let name = kind.name();
        body += &complex(
            &format!("ArrayOf{name}"),
            &format!(
                "<xs:sequence><xs:element minOccurs=\"0\" maxOccurs=\"unbounded\" name=\"{name}\" nillable=\"true\" \
                 type=\"tns:{name}\"/></xs:sequence>"
            ),
        );
    }
    body
}

fn complex(name: &str, content: &str) -> String {
    format!(
        "<xs:complexType name=\"{name}\">{content}</xs:complexType>\
         <xs:element name=\"{name}\" nillable=\"true\" type=\"tns:{name}\"/>"
    )
}

fn element(name: &str, member: Member) -> String {
    let (kind, nillable) = match member {
        Member::Text => ("xs:string".to_owned(), true),
        Member::Decimal => ("xs:decimal".to_owned(), true),
        Member::DateTime => ("xs:dateTime".to_owned(), true),
        Member::Int => ("xs:int".to_owned(), false),
        Member::Instant => ("xs:dateTime".to_owned(), false),
        Member::ListOf(item) => (format!("tns:ArrayOf{}", item.name()), true),
    };
    let nillable = if nillable { " nillable=\"true\"" } else { "" };
    format!("<xs:element minOccurs=\"0\" name=\"{name}\"{nillable} type=\"{kind}\"/>")
}
