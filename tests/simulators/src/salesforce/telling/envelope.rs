//! The SOAP message of notifications.

use std::fmt::Write as _;

use crate::salesforce::{ids::Id, schema::Object};

/// What stands above the notifications.
pub struct Head<'a> {
    /// The organisation.
    pub organisation: &'a str,
    /// The outbound message's own id.
    pub action: Id,
    /// A session, if one is sent.
    pub session: Option<&'a str>,
    /// Where Salesforce is reached.
    pub url: &'a str,
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // XML 1.0 has no place for other control characters.
            c if c.is_control() && !matches!(c, '\n' | '\t') => {}
            c => out.push(c),
        }
    }
    out
}

/// One notification.
pub fn notification(id: &Id, object: &Object, fields: &[(&str, Option<String>)]) -> String {
    let mut out = format!(
        "   <Notification>\n    <Id>{id}</Id>\n    <sObject xsi:type=\"sf:{}\" xmlns:sf=\"urn:sobject.enterprise.soap.sforce.com\">\n",
        object.name
    );
    for (name, text) in fields {
        // Writing to a text never fails.
        let _ = match text {
            Some(text) => writeln!(out, "     <sf:{name}>{}</sf:{name}>", escaped(text)),
            None => writeln!(out, "     <sf:{name} xsi:nil=\"true\"/>"),
        };
    }
    out.push_str("    </sObject>\n   </Notification>\n");
    out
}

/// The whole message.
pub fn message(head: &Head<'_>, notifications: &[String]) -> String {
    let session = match head.session {
        Some(session) => format!("<SessionId>{}</SessionId>", escaped(session)),
        None => "<SessionId xsi:nil=\"true\"/>".to_owned(),
    };
    let (organisation, url) = (escaped(head.organisation), escaped(head.url));
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\n <soapenv:Body>\n  <notifications xmlns=\"http://soap.sforce.com/2005/09/outbound\">\n   <OrganizationId>{organisation}</OrganizationId>\n   <ActionId>{}</ActionId>\n   {session}\n   <EnterpriseUrl>{url}/services/Soap/c/67.0/{organisation}</EnterpriseUrl>\n   <PartnerUrl>{url}/services/Soap/u/67.0/{organisation}</PartnerUrl>\n{}  </notifications>\n </soapenv:Body>\n</soapenv:Envelope>",
        head.action,
        notifications.concat()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_is_that_of_the_reference() {
        let fields = [
            ("Id", Some("0019000001KwyWtAAJ".to_owned())),
            ("Name", Some("Smith & <Sons>".to_owned())),
            ("BillingCity", None),
        ];
        let shown = notification(
            &Id::new("04l", 1),
            &crate::salesforce::account::OBJECT,
            &fields,
        );
        let head = Head {
            organisation: "00DRM000000Fxts2AC",
            action: Id::new("04k", 1),
            session: None,
            url: "http://127.0.0.1:8103",
        };
        insta::assert_snapshot!(message(&head, &[shown]));
    }
}
