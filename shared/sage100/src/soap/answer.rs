//! What comes back: a result, a fault, or no SOAP at all.

use counterpart_domain::bounded;

use super::binding::Operation;
use super::xml::{Element, Node, read};

const SOAP11: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const SOAP12: &str = "http://www.w3.org/2003/05/soap-envelope";

/// An answer, read.
#[derive(Debug)]
pub(super) enum Answer {
    /// The result element; none where the operation has none.
    Result(Option<Node>),
    /// The service refuses.
    Fault(SoapFault),
    /// No envelope, or not that of this operation; why.
    Strange(String),
}

/// A SOAP fault.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct SoapFault {
    /// Its code, without a prefix: `CI_NoKey`, `Client`, `InternalServiceFault`.
    pub code: String,
    /// What it says.
    pub text: String,
    /// Whether Sage itself says it: a `MasFault` stands in its detail.
    pub from_sage: bool,
}

/// The longest text of a fault that is kept.
const LONGEST_TEXT: usize = 600;

pub(super) fn answer(operation: &Operation, body: &[u8]) -> Answer {
    let root = match read(body) {
        Ok(root) => root,
        Err(error) => return Answer::Strange(format!("the answer is no XML: {error}")),
    };
    let envelope =
        root.name.local == "Envelope" && matches!(root.name.ns.as_str(), SOAP11 | SOAP12);
    if !envelope {
        return Answer::Strange("the answer is no SOAP envelope".into());
    }
    let content = root
        .children_named(&root.name.ns, "Body")
        .next()
        .and_then(|body| body.children.first());
    let Some(content) = content else {
        return Answer::Strange("the answer's body is empty".into());
    };
    if content.name.ns == root.name.ns && content.name.local == "Fault" {
        return Answer::Fault(fault(content));
    }
    if content.name != operation.response {
        return Answer::Strange(format!(
            "the answer is {}, not {}",
            bounded(content.name.to_string(), 100),
            operation.response
        ));
    }
    let Some(slot) = &operation.result else {
        return Answer::Result(None);
    };
    match content.child(&slot.name.local) {
        Some(result) => Answer::Result(Some(Node::from(result))),
        None => Answer::Result(None),
    }
}

/// Both versions of SOAP, and a `MasFault` in whatever namespace.
fn fault(fault: &Element) -> SoapFault {
    let code = fault
        .child("faultcode")
        .map(|code| code.text.trim())
        .or_else(|| innermost(fault.child("Code")?))
        .unwrap_or_default();
    let text = fault
        .child("faultstring")
        .or_else(|| fault.child("Reason")?.child("Text"))
        .map(|text| text.text.trim())
        .unwrap_or_default();
    let sage = fault
        .child("detail")
        .or_else(|| fault.child("Detail"))
        .and_then(|detail| {
            detail
                .children
                .iter()
                .find(|child| child.name.local == "MasFault")
        });
    let said = |name: &str| {
        let text = sage?.child(name)?.text.trim();
        (!text.is_empty()).then_some(text)
    };
    let code = code.rsplit(':').next().unwrap_or_default();
    SoapFault {
        // Sage's own code and words stand over those of the envelope.
        code: bounded(said("ErrorCode").unwrap_or(code).to_owned(), 60),
        text: bounded(
            said("ErrorMessage").unwrap_or(text).to_owned(),
            LONGEST_TEXT,
        ),
        from_sage: sage.is_some(),
    }
}

/// SOAP 1.2: the innermost subcode says most.
fn innermost(code: &Element) -> Option<&str> {
    let mut at = code;
    while let Some(deeper) = at.child("Subcode") {
        at = deeper;
    }
    Some(at.child("Value")?.text.trim())
}

#[cfg(test)]
mod tests {
    use super::super::xml::Name;
    use super::*;

    fn operation() -> Operation {
        Operation {
            action: String::new(),
            request: Name::new("urn:ws", "GetCustomer"),
            parameters: Vec::new(),
            response: Name::new("urn:ws", "GetCustomerResponse"),
            result: None,
        }
    }

    fn read_fault(xml: &str) -> SoapFault {
        match answer(&operation(), xml.as_bytes()) {
            Answer::Fault(fault) => fault,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn faults_are_read_whatever_prefixes_and_namespaces_they_use() {
        let expected = SoapFault {
            code: "CI_NoKey".into(),
            text: "The customer is not on file.".into(),
            from_sage: true,
        };
        for xml in [
            r#"<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode xmlns:a="urn:x">a:CI_NoKey</faultcode><faultstring xml:lang="en-US">The customer is not on file.</faultstring><detail><MasFault xmlns="urn:y"><ErrorCode>CI_NoKey</ErrorCode><ErrorMessage>The customer is not on file.</ErrorMessage></MasFault></detail></s:Fault></s:Body></s:Envelope>"#,
            r#"<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body><Fault><faultcode xmlns="">b:CI_NoKey</faultcode><faultstring xmlns=""/><detail xmlns=""><z:MasFault xmlns:z="urn:z"><z:ErrorCode>CI_NoKey</z:ErrorCode><z:ErrorMessage> The customer is not on file.
</z:ErrorMessage></z:MasFault></detail></Fault></Body></Envelope>"#,
            r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>a:CI_NoKey</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang="en">The customer is not on file.</s:Text></s:Reason><s:Detail><MasFault/></s:Detail></s:Fault></s:Body></s:Envelope>"#,
        ] {
            assert_eq!(read_fault(xml), expected, "{xml}");
        }
    }

    #[test]
    fn what_is_not_this_operations_answer_is_strange() {
        for body in [
            "",
            "<html><body>Service Unavailable</body></html>",
            "Service Unavailable",
            r#"<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body/></s:Envelope>"#,
            r#"<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><GetCustomerResponse xmlns="urn:other"/></s:Body></s:Envelope>"#,
            r#"<!DOCTYPE a><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><GetCustomerResponse xmlns="urn:ws"/></s:Body></s:Envelope>"#,
        ] {
            assert!(
                matches!(answer(&operation(), body.as_bytes()), Answer::Strange(_)),
                "{body}"
            );
        }
    }
}
