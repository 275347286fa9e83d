//! The request and the answer, free of any gateway's own form.

use std::collections::BTreeMap;
use std::fmt;

/// A request as it came; nothing in it is to be trusted yet.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct WebhookRequest {
    /// The method, in any case.
    pub method: String,
    /// The path, with or without a stage before it.
    pub path: String,
    /// Route parameters, decoded: `target` and `path`. What is missing is taken from the path.
    pub parameters: BTreeMap<String, String>,
    /// What stands behind the path's question mark, as it came.
    pub query: String,
    /// Headers; names in any case.
    pub headers: Vec<(String, String)>,
    /// The body, byte for byte.
    pub body: Vec<u8>,
    /// The caller's address, for logs.
    pub source_ip: String,
}

impl WebhookRequest {
    /// The first header of a name, trimmed; empty where there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .iter()
            .find(|(given, _)| given.eq_ignore_ascii_case(name))
            .map_or("", |(_, value)| value.trim())
    }
}

/// Paths and headers hold secrets, bodies hold records: none of them is shown.
impl fmt::Debug for WebhookRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookRequest")
            .field("method", &self.method)
            .field("body_bytes", &self.body.len())
            .field("source_ip", &self.source_ip)
            .finish_non_exhaustive()
    }
}

/// An answer. It never repeats anything of the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookResponse {
    /// The status.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: BTreeMap<&'static str, String>,
    /// JSON, or a SOAP envelope for Outbound Messages.
    pub body: String,
}

impl WebhookResponse {
    fn new(status: u16, content_type: &str, body: String) -> Self {
        let headers = [
            ("content-type", content_type.to_owned()),
            ("cache-control", "no-store".to_owned()),
        ];
        Self {
            status,
            headers: headers.into(),
            body,
        }
    }

    pub(crate) fn json(status: u16, body: &serde_json::Value) -> Self {
        Self::new(status, "application/json", body.to_string())
    }

    /// The answer to an Outbound Message. Page: "Understanding Notifications", SOAP API Developer Guide.
    pub(super) fn ack(ack: bool) -> Self {
        let body = format!(
            "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\"><soapenv:Body>\
             <notificationsResponse xmlns=\"http://soap.sforce.com/2005/09/outbound\"><Ack>{ack}</Ack>\
             </notificationsResponse></soapenv:Body></soapenv:Envelope>"
        );
        Self::new(200, "text/xml; charset=utf-8", body)
    }
}
