//! A service with customers, contacts and orders. Its reader shares nothing with the client's: it walks over the request
//! with the list of what it expects in its hand, as a data contract serializer does, and notes what it drops.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use quick_xml::NsReader;
use quick_xml::events::Event;
use quick_xml::name::ResolveResult;
use wiremock::{Request, Respond, ResponseTemplate};

use crate::variant::{Place, Variant};

/// A tree as it was taken.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Taken {
    pub name: String,
    pub ns: String,
    pub nil: bool,
    pub text: String,
    pub children: Vec<Taken>,
}

impl Taken {
    pub fn get(&self, path: &str) -> &str {
        self.find(path).map_or("(none)", |taken| &taken.text)
    }

    /// `Lines/2/ItemCode`: numbers count children from 1.
    pub fn find(&self, path: &str) -> Option<&Self> {
        path.split('/')
            .try_fold(self, |at, part| match part.parse::<usize>() {
                Ok(number) => at.children.get(number - 1),
                Err(_) => at.children.iter().find(|child| child.name == part),
            })
    }

    /// A value of OtherFields.
    pub fn other(&self, column: &str) -> String {
        self.children
            .iter()
            .filter(|child| child.name == "OtherFields")
            .flat_map(|list| std::iter::once(list).chain(&list.children))
            .find(|field| field.get("MasFieldName").trim_end_matches('$') == column)
            .map_or("(none)".into(), |field| field.get("Value").to_owned())
    }
}

/// What the service holds and has seen.
#[derive(Default)]
pub struct State {
    pub objects: BTreeMap<String, Taken>,
    /// What stood out of order, was unknown, or in another namespace.
    pub dropped: Vec<String>,
    /// Operations in the order of calls.
    pub calls: Vec<String>,
    pub last_request: String,
    pub number: u32,
    /// Answered instead of doing it.
    pub fault: Option<(String, String)>,
}

#[derive(Clone)]
pub struct Service {
    pub variant: Arc<Variant>,
    pub state: Arc<Mutex<State>>,
    /// Whether customers are given out with an element that the description does not know.
    pub newer: Arc<AtomicBool>,
}

const READ_ONLY: [&str; 4] = [
    "DateTimeCreated",
    "DateTimeUpdated",
    "TaxableAmt",
    "LineWeight",
];

impl Respond for Service {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        if request.method.as_str() == "GET" {
            let query = request.url.query().unwrap_or_default();
            return match self.variant.document(query) {
                Some(text) => {
                    ResponseTemplate::new(200).set_body_raw(text, "text/xml; charset=utf-8")
                }
                None => ResponseTemplate::new(404),
            };
        }
        let mut state = self.state.lock().unwrap();
        state.last_request = String::from_utf8(request.body.clone()).unwrap();
        let action = request
            .headers
            .get("SOAPAction")
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        let Some((name, _)) = self
            .variant
            .operations
            .iter()
            .find(|(_, operation)| action == format!("\"{}\"", operation.action))
        else {
            return self.fault("ActionNotSupported", &format!("no operation {action}"));
        };
        let name = name.clone();
        state.calls.push(name.clone());
        if let Some((code, text)) = state.fault.take() {
            return self.fault(&code, &text);
        }
        match self.serve(&name, &mut state) {
            Ok(result) => ResponseTemplate::new(200).set_body_raw(
                self.answer(&name, result.as_ref()),
                "text/xml; charset=utf-8",
            ),
            Err((code, text)) => self.fault(code, &text),
        }
    }
}

type Refusal = (&'static str, String);

impl Service {
    fn serve(&self, name: &str, state: &mut State) -> Result<Option<Taken>, Refusal> {
        let operation = &self.variant.operations[name];
        let root = tree(&state.last_request);
        assert_eq!(
            (root.ns.as_str(), root.name.as_str()),
            ("http://schemas.xmlsoap.org/soap/envelope/", "Envelope")
        );
        let wrapper = &root.children[0].children[0];
        assert_eq!(
            (&wrapper.ns, &wrapper.name),
            (&operation.request.0, &operation.request.1)
        );
        let parameters: Vec<_> = operation
            .parameters
            .iter()
            .map(|(ns, name, kind)| (ns.clone(), name.clone(), kind.clone(), false))
            .collect();
        let taken = self.take(wrapper, &parameters, name, &mut state.dropped);
        let of = |name: &str| taken.get(name).to_owned();
        if name == "GetContractInformation" {
            return Ok(Some(object([
                ("AssemblyVersion", "7.20.1.0"),
                ("ContractVersion", "4"),
                ("NullDateTime", "1753-01-01T00:00:00"),
            ])));
        }
        if (taken.get("logon/Username"), taken.get("logon/Password")) != ("web", "s3cret & <safe>")
        {
            return Err(("", "Logon failure: The user logon or password does not match or the user logon is not enabled for web services.".into()));
        }
        if of("companyCode") != "ABC" {
            return Err((
                "",
                "No Access - you are not authorized to perform this action".into(),
            ));
        }
        let customer = || format!("{}-{}", of("arDivisionNo"), of("customerNo"));
        let key = match name {
            "GetNextSalesOrderNo" | "GetNextCustomerNo" => {
                state.number += 1;
                return Ok(Some(Taken {
                    text: format!("{:07}", 340 + state.number),
                    ..Taken::default()
                }));
            }
            "GetCustomer" => format!("customer {}", customer()),
            "GetCustomerContact" => format!("contact {}/{}", customer(), of("contactCode")),
            "GetSalesOrder" | "DeleteSalesOrder" => format!("order {}", of("salesOrderNo")),
            "CreateCustomer" | "UpdateCustomer" => format!(
                "customer {}-{}",
                of("customer/ARDivisionNo"),
                of("customer/CustomerNo")
            ),
            "CreateCustomerContact" | "UpdateCustomerContact" => {
                let part = |name: &str| of(&format!("customerContact/{name}"));
                format!(
                    "contact {}-{}/{}",
                    part("ARDivisionNo"),
                    part("CustomerNo"),
                    part("ContactCode")
                )
            }
            "CreateSalesOrder" | "UpdateSalesOrder" => {
                format!("order {}", of("salesOrder/SalesOrderNo"))
            }
            other => panic!("{other}"),
        };
        let there = state.objects.contains_key(&key);
        if !there && !name.starts_with("Create") {
            return Err(("CI_NoKey", format!("The {key} does not exist.")));
        }
        if there && name.starts_with("Create") {
            return Err(("WS_AlreadyExists", format!("The {key} is already in use.")));
        }
        if name.starts_with("Get") {
            return Ok(state.objects.get(&key).cloned());
        }
        if name.starts_with("Delete") {
            state.objects.remove(&key);
            return Ok(None);
        }
        // An object is taken as a whole: what is not in it is gone.
        let mut whole = taken.children.last().cloned().unwrap();
        refuse_read_only(&whole)?;
        compute(&mut whole);
        state.objects.insert(key, whole);
        Ok(None)
    }

    /// As the framework's serializer: an element that stands behind its place, or is not known, is dropped.
    fn take(
        &self,
        given: &Taken,
        expected: &[Place],
        place: &str,
        dropped: &mut Vec<String>,
    ) -> Taken {
        let mut next = 0;
        let mut taken = Taken {
            name: given.name.clone(),
            nil: given.nil,
            text: given.text.clone(),
            ..Taken::default()
        };
        for child in &given.children {
            let found = expected
                .iter()
                .skip(next)
                .position(|(ns, name, ..)| *ns == child.ns && *name == child.name);
            let Some(offset) = found else {
                dropped.push(format!("{place}/{{{}}}{}", child.ns, child.name));
                continue;
            };
            next += offset;
            let (_, name, kind, repeated) = &expected[next];
            let inner = match kind {
                Some(kind) if !child.nil => self.take(
                    child,
                    &self.variant.types[kind],
                    &format!("{place}/{name}"),
                    dropped,
                ),
                _ => child.clone(),
            };
            taken.children.push(inner);
            if !repeated {
                next += 1;
            }
        }
        taken
    }

    fn answer(&self, name: &str, result: Option<&Taken>) -> String {
        let operation = &self.variant.operations[name];
        let (ns, local) = &operation.response;
        let mut body = format!("<q:{local} xmlns:q=\"{ns}\">");
        if let (Some((ns, local, kind)), Some(result)) = (&operation.result, result) {
            self.show(ns, local, kind.as_deref(), result, &mut body);
        }
        body.push_str(&format!("</q:{local}>"));
        format!(
            "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>{body}</s:Body></s:Envelope>"
        )
    }

    fn show(&self, ns: &str, local: &str, kind: Option<&str>, taken: &Taken, out: &mut String) {
        let xsi = "xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\"";
        if taken.nil {
            out.push_str(&format!("<{local} xmlns=\"{ns}\" {xsi} i:nil=\"true\"/>"));
            return;
        }
        out.push_str(&format!("<{local} xmlns=\"{ns}\">{}", escape(&taken.text)));
        if let Some(kind) = kind {
            for (ns, name, kind, _) in &self.variant.types[kind] {
                let here: Vec<_> = taken
                    .children
                    .iter()
                    .filter(|child| child.name == *name)
                    .collect();
                for child in &here {
                    self.show(ns, name, kind.as_deref(), child, out);
                }
                let newer = self.newer.load(Ordering::Relaxed);
                if newer && name == "CustomerName" {
                    out.push_str(&format!(
                        "<CustomerNewThing xmlns=\"{ns}\">kept &amp; sound</CustomerNewThing>"
                    ));
                }
            }
        }
        out.push_str(&format!("</{local}>"));
    }

    fn fault(&self, code: &str, text: &str) -> ResponseTemplate {
        let ns = &self.variant.fault_namespace;
        let text = escape(text);
        ResponseTemplate::new(500).set_body_raw(
            format!(
                "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><s:Fault><faultcode xmlns:a=\"{ns}\">a:{code}</faultcode><faultstring xml:lang=\"en-US\">{text}</faultstring><detail><MasFault xmlns=\"{ns}\"><ErrorCode>{code}</ErrorCode><ErrorMessage>{text}</ErrorMessage></MasFault></detail></s:Fault></s:Body></s:Envelope>"
            ),
            "text/xml; charset=utf-8",
        )
    }
}

fn escape(text: &str) -> String {
    quick_xml::escape::escape(text).replace('\r', "&#13;")
}

pub fn object<const N: usize>(fields: [(&str, &str); N]) -> Taken {
    let children = fields
        .map(|(name, text)| Taken {
            name: name.into(),
            text: text.into(),
            ..Taken::default()
        })
        .into();
    Taken {
        children,
        ..Taken::default()
    }
}

fn refuse_read_only(taken: &Taken) -> Result<(), Refusal> {
    if READ_ONLY.contains(&taken.name.as_str()) {
        return Err((
            "",
            format!(
                "Could not set X_bus column {}$: This column is read-only.",
                taken.name
            ),
        ));
    }
    taken.children.iter().try_for_each(refuse_read_only)
}

/// What Sage computes.
fn compute(whole: &mut Taken) {
    whole
        .children
        .push(object([("DateTimeUpdated", "2026-11-22T13:30:00")]).children[0].clone());
    let mut number = 0;
    for lines in whole
        .children
        .iter_mut()
        .filter(|child| child.name == "Lines")
    {
        let wrapped = lines
            .children
            .iter()
            .all(|child| child.name == "SalesOrderLine")
            && !lines.children.is_empty();
        let each: Vec<&mut Taken> = if wrapped {
            lines.children.iter_mut().collect()
        } else {
            vec![lines]
        };
        for line in each {
            number += 1;
            if line.find("LineKey").is_none() {
                line.children.push(
                    object([("LineKey", format!("{number:06}").as_str())]).children[0].clone(),
                );
            }
            if line.find("ExtensionAmt").is_none() {
                line.children
                    .push(object([("ExtensionAmt", "1.00")]).children[0].clone());
            }
            line.children
                .push(object([("LineWeight", "35.00")]).children[0].clone());
        }
    }
    whole
        .children
        .push(object([("TaxableAmt", "561.00")]).children[0].clone());
}

/// Any document as a tree.
fn tree(text: &str) -> Taken {
    let mut reader = NsReader::from_str(text);
    let mut open = vec![Taken::default()];
    loop {
        let (resolved, event) = reader.read_resolved_event().unwrap();
        let ns = match resolved {
            ResolveResult::Bound(ns) => ns.as_ref().to_owned(),
            _ => Default::default(),
        };
        match event {
            Event::Start(start) | Event::Empty(start) => {
                let empty = text[..reader.buffer_position() as usize].ends_with("/>");
                let nil = start
                    .attributes()
                    .any(|attribute| attribute.unwrap().key.local_name().as_ref() == "nil");
                let taken = Taken {
                    name: start.local_name().as_ref().to_owned(),
                    ns,
                    nil,
                    ..Taken::default()
                };
                if empty {
                    open.last_mut().unwrap().children.push(taken);
                } else {
                    open.push(taken);
                }
            }
            Event::Text(content) => open
                .last_mut()
                .unwrap()
                .text
                .push_str(&content.xml10_content()),
            Event::GeneralRef(reference) => {
                let text = format!("&{};", &*reference);
                open.last_mut()
                    .unwrap()
                    .text
                    .push_str(&quick_xml::escape::unescape(&text).unwrap());
            }
            Event::End(_) => {
                let done = open.pop().unwrap();
                open.last_mut().unwrap().children.push(done);
            }
            Event::Eof => return open.pop().unwrap().children.remove(0),
            _ => {}
        }
    }
}
