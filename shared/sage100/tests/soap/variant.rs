//! The fixtures: a description as the service shows it, and what it expects, said without a WSDL.

use std::collections::BTreeMap;

use serde::Deserialize;

/// What a service expects.
#[derive(Debug, Clone, Deserialize)]
pub struct Variant {
    #[serde(skip)]
    pub name: &'static str,
    pub path: String,
    /// Query to file.
    pub documents: BTreeMap<String, String>,
    pub fault_namespace: String,
    pub operations: BTreeMap<String, Expected>,
    /// In order.
    pub types: BTreeMap<String, Vec<Place>>,
}

/// Namespace, name, type and whether it repeats.
pub type Place = (String, String, Option<String>, bool);

#[derive(Debug, Clone, Deserialize)]
pub struct Expected {
    pub action: String,
    pub request: (String, String),
    pub parameters: Vec<(String, String, Option<String>)>,
    pub response: (String, String),
    pub result: Option<(String, String, Option<String>)>,
}

pub const VARIANTS: [&str; 3] = ["split", "single", "included"];

impl Variant {
    pub fn named(name: &'static str) -> Self {
        let text = Self::text(name, "expected.json");
        Self {
            name,
            ..serde_json::from_str(&text).unwrap()
        }
    }

    pub fn all() -> impl Iterator<Item = Self> {
        VARIANTS.into_iter().map(Self::named)
    }

    pub fn document(&self, query: &str) -> Option<String> {
        self.documents
            .get(query)
            .map(|file| Self::text(self.name, file))
    }

    fn text(name: &str, file: &str) -> String {
        let path = format!(
            "{}/tests/soap/fixtures/{name}/{file}",
            env!("CARGO_MANIFEST_DIR")
        );
        std::fs::read_to_string(path).unwrap()
    }
}
