//! How the service names its operations and errors.

use axum::{
    http::{HeaderMap, Method, Uri},
    response::Response,
};
use serde_json::Value;

use super::{
    faults::{self, Fault},
    operations::Operation,
    routes::{plain, soap_action},
    system::System,
};
use crate::control::{Permit, Personality, Seen};

/// The longest message (`maxReceivedMessageSize`).
const BODY_LIMIT: usize = 4 * 1024 * 1024;

impl Personality for System {
    fn operation(&self, method: &Method, _path: &str) -> String {
        if method == Method::GET {
            "page"
        } else {
            "unknown"
        }
        .to_owned()
    }

    fn operation_of(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> String {
        if method == Method::POST {
            let action = soap_action(headers).unwrap_or_default();
            let name = action.rsplit(['/', ':']).next().unwrap_or("");
            return Operation::named(name)
                .map_or("unknown", |known| known.name)
                .to_owned();
        }
        let query = uri.query().unwrap_or("").to_ascii_lowercase();
        if query.contains("wsdl") {
            "wsdl".to_owned()
        } else if query.contains("xsd") {
            "xsd".to_owned()
        } else {
            self.operation(method, uri.path())
        }
    }

    /// Codes of faults, and three words: `exception`, `busy`, `maintenance`.
    fn error(&self, code: &str) -> (u16, Value) {
        let binding = self.binding();
        let fault = match code {
            "exception" => Fault::unexpected(&binding),
            "maintenance" => {
                return (
                    503,
                    Value::String(
                        "<html><head><title>Service Unavailable</title></head><body><h2>Service Unavailable</h2>\
                         <p>HTTP Error 503. The service is unavailable.</p></body></html>"
                            .to_owned(),
                    ),
                );
            }
            "busy" => Fault::mas(
                &binding.codes.validation,
                "The maximum number of users for this module has been reached.",
            ),
            "lock" => {
                let site = self.world().settings.site.clone();
                Fault::mas(&site.lock_code, site.lock_text)
            }
            "logon" => Fault::mas(&binding.codes.logon, faults::LOGON),
            "no_access" => Fault::mas(&binding.codes.no_access, faults::NO_ACCESS),
            code => Fault::mas(code, format!("Could not do it: {code}.")),
        };
        (500, Value::String(fault.envelope(&binding)))
    }

    fn retry_after(&self) -> Option<u64> {
        None
    }

    fn body_limit(&self) -> usize {
        BODY_LIMIT
    }

    fn too_large(&self) -> Response {
        plain(
            413,
            "The maximum message size quota for incoming messages has been exceeded.",
        )
    }

    fn admit(
        &self,
        _method: &Method,
        _operation: &str,
        _seen: &Seen,
    ) -> Result<Permit, Box<Response>> {
        Ok(Box::new(()))
    }
}
