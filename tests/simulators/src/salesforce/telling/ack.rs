//! The receiver's answer.

use quick_xml::{
    NsReader,
    events::Event,
    name::{Namespace, ResolveResult},
};

/// The namespace of what Salesforce sends and expects.
const OUTBOUND: &str = "http://soap.sforce.com/2005/09/outbound";

/// Whether an answer acknowledges; else what Setup would show.
///
/// # Errors
/// The answer is no XML, or no acknowledgement.
pub fn read(text: &str) -> Result<(), String> {
    let broken = |why: &str| Err(format!("org.xml.sax.SAXParseException: {why}"));
    let mut reader = NsReader::from_str(text);
    let (mut path, mut seen): (Vec<String>, bool) = (Vec::new(), false);
    let mut found: Option<String> = None;
    loop {
        match reader.read_resolved_event() {
            Ok((namespace, Event::Start(start))) => {
                seen = true;
                let ours =
                    matches!(namespace, ResolveResult::Bound(Namespace(name)) if name == OUTBOUND);
                let name = start.local_name().as_ref().to_owned();
                // What is in another namespace is something else of the same name.
                let other = !ours && matches!(name.as_str(), "notificationsResponse" | "Ack");
                path.push(if other { format!("other:{name}") } else { name });
            }
            Ok((_, Event::Empty(_))) => seen = true,
            Ok((_, Event::End(_))) => {
                path.pop();
            }
            Ok((_, Event::Text(text))) if in_ack(&path) => {
                found = Some(text.as_ref().trim().to_owned());
            }
            Ok((_, Event::Eof)) if !seen => return broken("Content is not allowed in prolog."),
            Ok((_, Event::Eof)) if !path.is_empty() => {
                return broken(
                    "XML document structures must start and end within the same entity.",
                );
            }
            Ok((_, Event::Eof)) => break,
            Ok(_) => {}
            Err(error) => return broken(&error.to_string()),
        }
    }
    match found.as_deref() {
        Some("true" | "1") => Ok(()),
        _ => Err("SOAP response was a nack".to_owned()),
    }
}

fn in_ack(path: &[String]) -> bool {
    let names: Vec<&str> = path.iter().map(String::as_str).collect();
    names == ["Envelope", "Body", "notificationsResponse", "Ack"]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(ack: &str) -> String {
        format!(
            "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\"><soapenv:Body><notificationsResponse xmlns=\"http://soap.sforce.com/2005/09/outbound\"><Ack>{ack}</Ack></notificationsResponse></soapenv:Body></soapenv:Envelope>"
        )
    }

    #[test]
    fn only_a_true_ack_in_its_place_is_one() {
        assert_eq!(read(&answer("true")), Ok(()));
        assert_eq!(
            read(&answer("true").replace("soapenv", "S")),
            Ok(()),
            "whatever the prefix"
        );
        let nack = Err("SOAP response was a nack".to_owned());
        assert_eq!(read(&answer("false")), nack);
        assert_eq!(read("<Ack>true</Ack>"), nack);
        let elsewhere = answer("true").replace("2005/09/outbound", "2005/09/inbound");
        assert_eq!(read(&elsewhere), nack, "another namespace");
        for broken in ["", "OK", "{\"ok\":true}", "<a><b></a>"] {
            let error = read(broken).unwrap_err();
            assert!(error.contains("SAXParseException"), "{broken}: {error}");
        }
    }
}
