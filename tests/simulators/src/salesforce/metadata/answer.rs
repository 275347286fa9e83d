//! What the Metadata API answers.

use crate::{salesforce::errors::Fail, shared::xml::escaped};

/// What became of one component.
pub struct Saved {
    /// Its full name.
    pub name: String,
    /// Whether it was made.
    pub done: Result<(), Fail>,
}

fn envelope(body: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns=\"http://soap.sforce.com/2006/04/metadata\" xmlns:sf=\"http://soap.sforce.com/2006/04/metadata\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
    )
}

/// One result for each component, in their order.
pub fn created(all: &[Saved]) -> String {
    let results: String = all
        .iter()
        .map(|saved| {
            let name = escaped(&saved.name);
            match &saved.done {
                Ok(()) => format!("<result><fullName>{name}</fullName><success>true</success></result>"),
                Err(fail) => format!(
                    "<result><errors xsi:type=\"Error\"><message>{}</message><statusCode>{}</statusCode></errors>\
                     <fullName>{name}</fullName><success>false</success></result>",
                    escaped(&fail.message),
                    escaped(&fail.code)
                ),
            }
        })
        .collect();
    envelope(&format!(
        "<createMetadataResponse>{results}</createMetadataResponse>"
    ))
}

/// A fault.
pub fn fault(code: &str, message: &str) -> String {
    envelope(&format!(
        "<soapenv:Fault><faultcode>{code}</faultcode><faultstring>{}</faultstring></soapenv:Fault>",
        escaped(message)
    ))
}
