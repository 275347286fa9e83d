//! Hints by HTTP: payload version 2.0 of HTTP APIs and function URLs.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use counterpart_delivery::ingress::{WebhookRequest, WebhookResponse};
use counterpart_domain::Fault;
use serde::Serialize;
use serde_json::{Value, json};

/// The header that carries a hint's signature, in the lower case that HTTP APIs pass headers on in.
const SIGNATURE: &str = "counterpart-signature";

/// A hint as it came; nothing in it is to be trusted yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HintRequest {
    /// The company of the path; empty where there is none.
    pub company: String,
    /// The signature; empty where there is none.
    pub signature: String,
    /// The body, byte for byte as it was signed; none where the gateway's base64 is none.
    pub body: Option<Vec<u8>>,
}

impl HintRequest {
    pub(super) fn read(event: &Value) -> Self {
        let text = |pointer: &str| {
            event
                .pointer(pointer)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let company = match text("/pathParameters/company") {
            "" => company_of_path(text("/rawPath")),
            company => company,
        };
        let signature = event
            .get("headers")
            .and_then(Value::as_object)
            .and_then(|headers| {
                headers
                    .iter()
                    .find(|(name, _)| name.eq_ignore_ascii_case(SIGNATURE))
            })
            .and_then(|(_, value)| value.as_str())
            .unwrap_or_default();
        Self {
            company: company.to_owned(),
            signature: signature.to_owned(),
            body: body_of(event),
        }
    }
}

/// Any other request, for the handlers that know no gateway. Nothing in it is to be trusted yet. None: its body cannot be
/// decoded, which [`HttpAnswer::undecodable`] answers.
pub(crate) fn webhook(event: &Value) -> Option<WebhookRequest> {
    let text = |pointer: &str| {
        let value = event.pointer(pointer).and_then(Value::as_str);
        value.unwrap_or_default().to_owned()
    };
    let pairs = |name: &str| {
        let object = event.get(name).and_then(Value::as_object);
        let texts = object
            .into_iter()
            .flatten()
            .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
        texts.collect::<Vec<_>>()
    };
    Some(WebhookRequest {
        query: text("/rawQueryString"),
        method: text("/requestContext/http/method"),
        path: text("/rawPath"),
        parameters: pairs("pathParameters").into_iter().collect(),
        headers: pairs("headers"),
        body: body_of(event)?,
        source_ip: text("/requestContext/http/sourceIp"),
    })
}

/// The body, byte for byte; none where it is no base64 after all. An empty one in its place would be a body that nobody
/// sent.
fn body_of(event: &Value) -> Option<Vec<u8>> {
    let body = event
        .get("body")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let encoded = event.get("isBase64Encoded").and_then(Value::as_bool);
    if encoded.unwrap_or(false) {
        STANDARD.decode(body).ok()
    } else {
        Some(body.as_bytes().to_vec())
    }
}

/// `/sage/ABC/hint`, perhaps behind a stage.
fn company_of_path(path: &str) -> &str {
    let mut parts = path.rsplit('/');
    match (parts.next(), parts.next(), parts.next()) {
        (Some("hint"), Some(company), Some("sage")) => company,
        _ => "",
    }
}

/// An answer by HTTP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpAnswer {
    /// The status.
    pub status_code: u16,
    headers: std::collections::BTreeMap<&'static str, String>,
    /// JSON.
    pub body: String,
}

impl HttpAnswer {
    /// An answer with a JSON body.
    #[must_use]
    pub fn json(status_code: u16, body: &Value) -> Self {
        let headers = [
            ("content-type", "application/json".to_owned()),
            ("cache-control", "no-store".to_owned()),
        ];
        Self {
            status_code,
            headers: headers.into(),
            body: body.to_string(),
        }
    }

    /// The answer when nothing could be taken: the sender may come again. What is out of order here is nobody's business
    /// outside.
    pub(crate) fn later() -> Self {
        let body = json!({
            "code": "E_LATER",
            "message": "This could not be taken now; send it again later.",
        });
        let mut answer = Self::json(503, &body);
        answer.headers.insert("retry-after", "30".into());
        answer
    }

    /// The answer to a body that is said to be base64 and is none.
    pub(crate) fn undecodable() -> Self {
        tracing::warn!(
            status = 400,
            fault.code = "E_BODY_ENCODING",
            "a request is refused: its body cannot be decoded"
        );
        let body = json!({"code": "E_BODY_ENCODING", "message": "The body cannot be decoded."});
        Self::json(400, &body)
    }

    /// A handler's answer.
    pub(crate) fn of(response: WebhookResponse) -> Self {
        Self {
            status_code: response.status,
            headers: response.headers,
            body: response.body,
        }
    }

    /// The answer for a hint that was not taken. The detail is for our logs, not for whoever asked.
    #[must_use]
    pub fn refusal(fault: &Fault) -> Self {
        let status = match &*fault.code {
            "E_HINT_UNSIGNED" => 401,
            "E_HINT_TOO_LARGE" => 413,
            "E_HINT_INVALID" => 400,
            _ => 503,
        };
        let (code, message) = if status == 503 {
            // What is out of order here is nobody's business outside.
            (
                "E_HINT_LATER",
                "The hint was not taken; send it again later. The schedule reads the change in any case.",
            )
        } else {
            (&*fault.code, fault.message.as_str())
        };
        let mut answer = Self::json(status, &json!({"code": code, "message": message}));
        if status == 503 {
            answer.headers.insert("retry-after", "30".into());
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use counterpart_domain::Class;

    fn read(event: &Value) -> HintRequest {
        HintRequest::read(event)
    }

    #[test]
    fn company_signature_and_body_are_taken_from_where_the_gateway_puts_them() {
        let event = json!({
            "version": "2.0", "rawPath": "/sage/ABC/hint", "pathParameters": {"company": "ABC"},
            "headers": {"counterpart-signature": "t=1,v1=ab"}, "requestContext": {"http": {"method": "POST"}},
            "body": "{\"entity\":\"customer\"}", "isBase64Encoded": false
        });
        let request = read(&event);
        assert_eq!(
            (request.company.as_str(), request.signature.as_str()),
            ("ABC", "t=1,v1=ab")
        );
        assert_eq!(
            request.body.as_deref(),
            Some(&b"{\"entity\":\"customer\"}"[..])
        );
    }

    #[test]
    fn the_path_names_the_company_where_no_parameter_does_and_base64_is_undone() {
        let event = json!({"rawPath": "/live/sage/XYZ/hint", "headers": {"Counterpart-Signature": "s"},
                           "body": "eyJhIjoxfQ==", "isBase64Encoded": true});
        let request = read(&event);
        assert_eq!(
            (request.company.as_str(), request.signature.as_str()),
            ("XYZ", "s")
        );
        assert_eq!(request.body.as_deref(), Some(&b"{\"a\":1}"[..]));
        let odd = read(&json!({"rawPath": "/sage/hint", "body": "%%", "isBase64Encoded": true}));
        assert_eq!((odd.company.as_str(), odd.body), ("", None));
    }

    #[test]
    fn a_body_that_cannot_be_decoded_is_no_empty_body() {
        let event = |body: &str| {
            json!({"rawPath": "/callouts/zoho", "requestContext": {"http": {"method": "POST"}},
                   "body": body, "isBase64Encoded": true})
        };
        assert_eq!(webhook(&event("%%")), None);
        assert_eq!(webhook(&event("eyJhIjoxfQ")), None, "cut off");
        let whole = webhook(&event("eyJhIjoxfQ==")).unwrap();
        assert_eq!(whole.body, b"{\"a\":1}");
        assert_eq!(HttpAnswer::undecodable().status_code, 400);
    }

    #[test]
    fn what_is_out_of_order_inside_is_not_told_outside() {
        let answer = |code: &'static str| {
            HttpAnswer::refusal(
                &Fault::new(Class::Data, code, "A sentence.").with_detail("a detail"),
            )
        };
        assert_eq!(answer("E_HINT_UNSIGNED").status_code, 401);
        assert_eq!(answer("E_HINT_INVALID").status_code, 400);
        assert_eq!(answer("E_HINT_TOO_LARGE").status_code, 413);
        let inside = answer("E_STORE_DENIED");
        insta::assert_snapshot!(serde_json::to_string(&inside).unwrap(), @r#"{"statusCode":503,"headers":{"cache-control":"no-store","content-type":"application/json","retry-after":"30"},"body":"{\"code\":\"E_HINT_LATER\",\"message\":\"The hint was not taken; send it again later. The schedule reads the change in any case.\"}"}"#);
    }
}
