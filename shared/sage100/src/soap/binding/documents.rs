//! The documents of a description: the WSDL and what it imports, wherever they lie.

use std::collections::BTreeMap;

use counterpart_domain::Fault;
use url::Url;

use super::unusable;
use crate::soap::xml::{Element, read};

pub(super) const WSDL: &str = "http://schemas.xmlsoap.org/wsdl/";
pub(super) const XS: &str = "http://www.w3.org/2001/XMLSchema";

/// The most documents of a description; such services have about seven.
const MOST_DOCUMENTS: usize = 50;
/// The most bytes of all of them together.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// A document that is still wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    /// Where we ask for it.
    pub url: Url,
}

/// What has been fetched so far, by address.
#[derive(Debug, Default)]
pub(crate) struct Documents {
    /// The text of each, in the order of addresses.
    texts: BTreeMap<String, String>,
    bytes: usize,
}

impl Documents {
    /// Takes a document in and tells what else it needs.
    ///
    /// `service`: the service's own address. Services name themselves by their machine's name, which is often not
    /// reachable from here, so everything is asked for at the address that we know.
    pub fn take(&mut self, service: &Url, url: &Url, text: String) -> Result<Vec<Asked>, Fault> {
        self.bytes += text.len();
        if self.bytes > MOST_BYTES || self.texts.len() >= MOST_DOCUMENTS {
            return Err(unusable(
                "The SOAP service's WSDL consists of more documents, or longer ones, than any that is known.",
            ));
        }
        let root = parsed(url, &text)?;
        let mut wanted = Vec::new();
        for location in locations(&root) {
            let Ok(named) = url.join(&location) else {
                return Err(unusable(
                    "The SOAP service's WSDL names a part of itself by something that is no address.",
                )
                .with_detail(counterpart_domain::bounded(location, 200)));
            };
            wanted.push(Asked {
                url: reachable(service, named),
            });
        }
        self.texts.insert(url.as_str().to_owned(), text);
        wanted.retain(|asked| !self.texts.contains_key(asked.url.as_str()));
        Ok(wanted)
    }

    /// Whether it is there already.
    pub fn has(&self, url: &Url) -> bool {
        self.texts.contains_key(url.as_str())
    }

    /// All roots, read once more: the trees are not kept while documents are fetched.
    pub fn roots(&self) -> Result<Vec<Element>, Fault> {
        self.texts
            .iter()
            .map(|(url, text)| match Url::parse(url) {
                Ok(url) => parsed(&url, text),
                Err(error) => Err(unusable("An address cannot be read.").with_detail(error)),
            })
            .collect()
    }
}

/// The address at which we ask for a part: our own, with the part's query where it is a part of the same service.
fn reachable(service: &Url, named: Url) -> Url {
    let file = |url: &Url| {
        url.path()
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase()
    };
    let mut url = service.clone();
    if file(&named) != file(service) || named.query().is_none() {
        url.set_path(named.path());
    }
    url.set_query(named.query());
    url
}

fn parsed(url: &Url, text: &str) -> Result<Element, Fault> {
    read(text.as_bytes()).map_err(|error| {
        unusable("A part of the SOAP service's WSDL cannot be read.")
            .with_detail(format!("{}: {error}", url.query().unwrap_or(url.path())))
    })
}

/// Where imports and includes point, in WSDL and in schemas.
fn locations(root: &Element) -> Vec<String> {
    let mut found = Vec::new();
    let mut left = vec![root];
    while let Some(element) = left.pop() {
        let attribute = match (element.name.ns.as_str(), element.name.local.as_str()) {
            (WSDL, "import") => Some("location"),
            (XS, "import" | "include" | "redefine") => Some("schemaLocation"),
            _ => None,
        };
        if let Some(location) = attribute.and_then(|name| element.attribute(name)) {
            found.push(location.to_owned());
        }
        let inside = element.children.iter().filter(|child| {
            matches!(
                (child.name.ns.as_str(), child.name.local.as_str()),
                (WSDL, "import" | "types") | (XS, "schema" | "import" | "include" | "redefine")
            )
        });
        left.extend(inside);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(service: &str, named: &str) -> String {
        reachable(&Url::parse(service).unwrap(), Url::parse(named).unwrap()).into()
    }

    #[test]
    fn parts_are_asked_for_at_the_address_that_we_know() {
        let service = "https://gateway.example.com/sage/MasService.svc";
        assert_eq!(
            asked(
                service,
                "http://sage01/ebusinesswebservices/masservice.svc?xsd=xsd0"
            ),
            "https://gateway.example.com/sage/MasService.svc?xsd=xsd0"
        );
        assert_eq!(
            asked(service, "http://sage01/schemas/types.xsd"),
            "https://gateway.example.com/schemas/types.xsd"
        );
        assert_eq!(
            asked(service, "file:///etc/passwd"),
            "https://gateway.example.com/etc/passwd"
        );
    }

    #[test]
    fn a_description_without_end_is_refused() {
        let service = Url::parse("https://sage.example.com/MasService.svc").unwrap();
        let mut documents = Documents::default();
        let fault = (0..1000)
            .find_map(|n| {
                let mut url = service.clone();
                url.set_query(Some(&format!("xsd=xsd{n}")));
                let text = format!(
                    "<schema xmlns='{XS}'><include schemaLocation='?xsd=xsd{}'/></schema>",
                    n + 1
                );
                documents.take(&service, &url, text).err()
            })
            .unwrap();
        assert_eq!(fault.code, "E_SAGE_BINDING");
    }
}
