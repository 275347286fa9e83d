//! HTTP: one address for the WSDL, its schemas and all operations.

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware,
    response::Response,
};

use super::{calls, contract, faults::Fault, operations::OPERATIONS, system::System, wsdl, xml};
use crate::control::{Gate, door, gate};

const ENVELOPE: &str = "http://schemas.xmlsoap.org/soap/envelope/";

/// The service.
pub fn router(system: Arc<System>) -> Router {
    let passing = Arc::new(Gate::new(system.clone()));
    Router::new()
        .fallback(serve)
        .layer(middleware::from_fn_with_state(passing.clone(), gate))
        .with_state(system)
        .merge(door(passing))
}

/// The path may change at the door, so it is compared here; IIS does not mind the case of letters.
async fn serve(State(system): State<Arc<System>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    if !parts
        .uri
        .path()
        .eq_ignore_ascii_case(&system.binding().path)
    {
        return plain(404, "The resource cannot be found.");
    }
    match parts.method {
        Method::GET | Method::HEAD => page(&system, parts.uri.query().unwrap_or("")),
        Method::POST => {
            // The gate has bounded the body already.
            match axum::body::to_bytes(body, usize::MAX).await {
                Ok(bytes) => post(&system, &parts.headers, &bytes),
                Err(_) => plain(400, "Bad Request"),
            }
        }
        _ => plain(405, "Method Not Allowed"),
    }
}

fn page(system: &System, query: &str) -> Response {
    if query.is_empty() {
        let wsdl = format!("{}?wsdl", system.address());
        return reply(
            200,
            "text/html; charset=UTF-8",
            format!(
                "<html><head><title>MasService Service</title></head><body><h1>MasService Service</h1>\
                 <p>You have created a service. Its description: <a href=\"{wsdl}\">{wsdl}</a></p></body></html>"
            ),
        );
    }
    match wsdl::document(&system.binding(), &system.address(), query) {
        Some(document) => reply(200, "text/xml; charset=UTF-8", document),
        None => plain(404, "The resource cannot be found."),
    }
}

fn post(system: &System, headers: &HeaderMap, body: &Bytes) -> Response {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("");
    if !is_soap(content_type) {
        return plain(
            415,
            &format!(
                "Cannot process the message because the content type '{content_type}' was not the expected type 'text/xml; charset=utf-8'."
            ),
        );
    }
    // WCF answers what it cannot even read with 400 and no body.
    let Some(envelope) = std::str::from_utf8(body)
        .ok()
        .map(|text| text.strip_prefix('\u{feff}').unwrap_or(text))
        .and_then(|text| xml::read(text).ok())
    else {
        return plain(400, "");
    };
    let binding = system.binding();
    match answer(system, headers, &envelope) {
        Ok(xml) => reply(200, "text/xml; charset=utf-8", xml),
        Err(fault) => reply(500, "text/xml; charset=utf-8", fault.envelope(&binding)),
    }
}

fn answer(system: &System, headers: &HeaderMap, envelope: &xml::Element) -> Result<String, Fault> {
    let binding = system.binding();
    if !envelope.is(ENVELOPE, "Envelope") {
        return Err(Fault::version());
    }
    let action = soap_action(headers).unwrap_or_default();
    let operation = OPERATIONS
        .iter()
        .find(|operation| binding.action(operation.name) == action)
        .ok_or_else(|| Fault::action(&action))?;
    let understood = envelope
        .child(ENVELOPE, "Header")
        .is_none_or(|header| !header.children.iter().any(|child| child.must_understand));
    if !understood {
        return Err(Fault::must_understand());
    }
    let wrapper = envelope
        .child(ENVELOPE, "Body")
        .and_then(|body| body.children.first())
        .filter(|wrapper| wrapper.is(&binding.service_namespace, operation.name))
        .ok_or_else(|| {
            Fault::deserialization(format!(
                "OperationFormatter encountered an invalid Message body. Expected to find node type 'Element' with name '{}' and \
                 namespace '{}'.",
                operation.name, binding.service_namespace
            ))
        })?;
    let arguments = contract::arguments(wrapper, operation, &binding)?;
    let answer = calls::call(&mut system.world(), operation, &arguments, &binding)?;
    Ok(answer.envelope(operation, &binding))
}

/// The SOAPAction without its quotes.
pub fn soap_action(headers: &HeaderMap) -> Option<String> {
    let value = headers.get("soapaction")?.to_str().ok()?.trim();
    let bare = value
        .strip_prefix('"')
        .and_then(|value| value.strip_suffix('"'))
        .unwrap_or(value);
    Some(bare.to_owned())
}

/// `text/xml`, in UTF-8 if it says anything of it.
fn is_soap(content_type: &str) -> bool {
    let mut parts = content_type.split(';').map(str::trim);
    let media = parts.next().unwrap_or("");
    media.eq_ignore_ascii_case("text/xml")
        && parts.all(|part| match part.split_once('=') {
            Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
                value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
            }
            _ => true,
        })
}

/// A short text.
pub fn plain(status: u16, text: &str) -> Response {
    reply(status, "text/plain; charset=UTF-8", text.to_owned())
}

fn reply(status: u16, content_type: &'static str, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_text_xml_in_utf_8_is_soap_1_1() {
        assert!(is_soap("text/xml"));
        assert!(is_soap("text/xml; charset=\"UTF-8\""));
        assert!(!is_soap("application/soap+xml; charset=utf-8"));
        assert!(!is_soap("text/xml; charset=utf-16"));
        assert!(!is_soap(""));
    }

    #[test]
    fn there_are_twenty_operations() {
        let mut names: Vec<&str> = OPERATIONS.iter().map(|operation| operation.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 20);
    }
}
