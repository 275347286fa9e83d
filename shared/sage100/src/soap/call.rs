//! One call: the envelope in the binding's order, the answer read and classed.

use counterpart_domain::Fault;
use counterpart_http::Silence;
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;

use super::answer::{Answer, answer};
use super::binding::{Operation, Slot, find, lacks};
use super::client::SoapClient;
use super::fault::{Purpose, no_soap, of, unknown};
use super::value::carried;
use super::xml::{Name, Node, write};
use crate::peer::SOAP;

const ENVELOPE: &str = "http://schemas.xmlsoap.org/soap/envelope/";
/// The longest answer that is read. An order of 1,000 lines has some 4 MB.
const LONGEST_ANSWER: usize = 16 * 1024 * 1024;
/// The longest request that is sent.
const LONGEST_REQUEST: usize = 16 * 1024 * 1024;

/// A parameter's value.
pub(super) enum Parameter {
    Text(String),
    /// The elements of an object, in the service's order.
    Object(Vec<Node>),
}

impl From<&str> for Parameter {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl SoapClient {
    /// Calls an operation. Logon is added; parameters are put into the binding's order.
    pub(super) async fn call(
        &self,
        name: &str,
        purpose: Purpose,
        parameters: Vec<(&str, Parameter)>,
    ) -> Result<Option<Node>, Fault> {
        let operation = self.binding.operation(name)?;
        let envelope = self.envelope(operation, parameters)?;
        if envelope.len() > LONGEST_REQUEST {
            return Err(Fault::new(
                counterpart_domain::Class::Data,
                "E_SAGE_TOO_LONG",
                "This is longer than is sent to the SOAP service in one call (16 MiB): make its texts or its lines fewer.",
            ));
        }
        let request = self
            .http
            .request(Method::POST, self.url.clone())
            .header(CONTENT_TYPE, "text/xml; charset=utf-8")
            .header("SOAPAction", format!("\"{}\"", operation.action))
            .body(envelope);
        let reply = match self.http.fetch(request, LONGEST_ANSWER).await {
            Ok(reply) => reply,
            Err(why) if why.how == Silence::TooLong => {
                return Err(unknown(purpose, "the answer is longer than 16 MiB"));
            }
            // A connection that did not come about has sent nothing.
            Err(why) if !why.was_sent() => return Err(SOAP.silent(why)),
            Err(why) => {
                let silence = SOAP.silent(why);
                return Err(unknown(
                    purpose,
                    format!("{} {}", silence.message, silence.detail),
                ));
            }
        };
        let status = reply.status;
        let fault = match answer(operation, &reply.body) {
            Answer::Result(result) if status == 200 => return Ok(result),
            Answer::Result(_) => unknown(purpose, format!("HTTP {status} with a result")),
            Answer::Fault(fault) => of(purpose, &fault, &self.texts),
            Answer::Strange(why) => no_soap(purpose, status, &why),
        };
        Err(self.without_password(fault))
    }

    /// The whole request.
    fn envelope(
        &self,
        operation: &Operation,
        mut parameters: Vec<(&str, Parameter)>,
    ) -> Result<String, Fault> {
        let mut wrapper = Vec::with_capacity(operation.parameters.len());
        for slot in &operation.parameters {
            let local = slot.name.local.as_str();
            let given = parameters
                .iter()
                .position(|(name, _)| name.eq_ignore_ascii_case(local));
            let node = match given.map(|at| parameters.swap_remove(at).1) {
                Some(Parameter::Text(text)) => Node::text(slot.name.clone(), carried(local, text)?),
                Some(Parameter::Object(children)) => Node::with(slot.name.clone(), children),
                None if local.eq_ignore_ascii_case("logon") => self.logon_node(slot)?,
                None if slot.required && slot.nillable => Node::nil(slot.name.clone()),
                None => continue,
            };
            wrapper.push(node);
        }
        if let Some((name, _)) = parameters.first() {
            return Err(lacks(format_args!(
                "the parameter {name} of {}",
                operation.request.local
            )));
        }
        let body = Node::with(
            Name::new(ENVELOPE, "Body"),
            vec![Node::with(operation.request.clone(), wrapper)],
        );
        Ok(write(&Node::with(
            Name::new(ENVELOPE, "Envelope"),
            vec![body],
        )))
    }

    fn logon_node(&self, slot: &Slot) -> Result<Node, Fault> {
        let slots = self.binding.fields(slot);
        let mut nodes = Vec::with_capacity(2);
        for field in slots {
            let text = match field.name.local.as_str() {
                "Username" => self.username.as_str(),
                "Password" => self.password.reveal(),
                _ => continue,
            };
            nodes.push(Node::text(
                field.name.clone(),
                carried(&field.name.local, text.to_owned())?,
            ));
        }
        for wanted in ["Username", "Password"] {
            find(slots, wanted).ok_or_else(|| lacks(format_args!("{wanted} of Logon")))?;
        }
        Ok(Node::with(slot.name.clone(), nodes))
    }

    /// Whatever answered may repeat what it was sent.
    fn without_password(&self, mut fault: Fault) -> Fault {
        let password = self.password.reveal();
        fault.message = fault.message.replace(password, "(password)");
        fault.detail = fault.detail.replace(password, "(password)");
        fault
    }
}
