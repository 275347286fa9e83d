//! Learning a binding from the service's own description.

use std::collections::VecDeque;

use counterpart_domain::{Class, Fault};
use counterpart_http::{Http, Silence};
use reqwest::Method;
use url::Url;

use super::binding::{Asked, Binding, Documents, check, read_documents, unusable};
use super::settings::SoapSettings;
use crate::peer::SOAP;

/// The longest document that is read.
const LONGEST_DOCUMENT: usize = 8 * 1024 * 1024;

/// Learns the binding of a service: from `?wsdl` and all that it imports, else from `?singleWsdl`. No credentials are
/// sent.
///
/// # Errors
/// `E_SAGE_BINDING` (configuration): there is no WSDL, or it cannot be used, and in what way; `E_SAGE_UNAVAILABLE`,
/// `E_SAGE_MAINTENANCE` (transient); `E_SAGE_TLS` and the settings' own faults.
pub async fn learn(settings: &SoapSettings) -> Result<Binding, Fault> {
    learn_with(&settings.connect()?, &settings.checked()?).await
}

pub(super) async fn learn_with(http: &Http, service: &Url) -> Result<Binding, Fault> {
    let first = learn_from(http, service, "wsdl").await;
    match first {
        Err(fault) if fault.class == Class::Configuration && fault.code == "E_SAGE_BINDING" => {
            // Older and newer services know one of the two. Where neither works, the first says more.
            learn_from(http, service, "singleWsdl")
                .await
                .map_err(|_| fault)
        }
        other => other,
    }
}

async fn learn_from(http: &Http, service: &Url, query: &str) -> Result<Binding, Fault> {
    let mut start = service.clone();
    start.set_query(Some(query));
    let mut documents = Documents::default();
    let mut wanted = VecDeque::from([Asked { url: start }]);
    while let Some(asked) = wanted.pop_front() {
        if documents.has(&asked.url) {
            continue;
        }
        let text = fetch(http, &asked.url).await?;
        wanted.extend(documents.take(service, &asked.url, text)?);
    }
    let binding = read_documents(&documents)?;
    check(&binding)?;
    Ok(binding)
}

async fn fetch(http: &Http, url: &Url) -> Result<String, Fault> {
    let place = url
        .query()
        .map_or_else(|| url.path().to_owned(), |query| format!("?{query}"));
    let request = http.request(Method::GET, url.clone());
    let reply = match http.fetch(request, LONGEST_DOCUMENT).await {
        Ok(reply) => reply,
        Err(why) if why.how == Silence::TooLong => {
            return Err(
                unusable("A part of the SOAP service's WSDL is longer than 8 MiB.")
                    .with_detail(place),
            );
        }
        Err(why) => return Err(SOAP.silent(why)),
    };
    let status = reply.status;
    if matches!(status, 500.. | 429) {
        // Such a service answers its help page with 500 when it cannot start; it is asked again.
        let (code, message) = if status == 503 {
            (
                "E_SAGE_MAINTENANCE",
                "The SOAP service is stopped, as it is in maintenance; it is asked again.",
            )
        } else {
            (
                "E_SAGE_UNAVAILABLE",
                "The SOAP service could not show its WSDL; it is asked again.",
            )
        };
        return Err(Fault::new(Class::Transient, code, message)
            .with_detail(format!("{place}: HTTP {status}")));
    }
    if status != 200 {
        return Err(unusable(
            "The SOAP service shows no WSDL: check its address, and let its metadata be shown while it is learned.",
        )
        .with_detail(format!("{place}: HTTP {status}")));
    }
    String::from_utf8(reply.body)
        .map_err(|_| unusable("The SOAP service's WSDL is not in UTF-8.").with_detail(place))
}
