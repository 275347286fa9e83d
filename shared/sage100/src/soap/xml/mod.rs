//! XML as small trees, bounded. Document types and entities are refused: nothing that we read needs them.

mod read;
mod write;

use std::rc::Rc;

pub(crate) use read::read;
pub(crate) use write::{check_text, write};

/// The namespace of `xsi:nil`.
pub(crate) const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// A name and the namespace that it is in; blank: in none.
#[derive(
    Debug,
    Clone,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    serde::Serialize,
    serde::Deserialize,
)]
pub struct Name {
    /// The namespace.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub ns: String,
    /// The local name.
    pub local: String,
}

impl Name {
    /// A name in a namespace; an empty one is no namespace.
    #[must_use]
    pub fn new(ns: impl Into<String>, local: impl Into<String>) -> Self {
        Self {
            ns: ns.into(),
            local: local.into(),
        }
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.ns.is_empty() {
            return f.write_str(&self.local);
        }
        write!(f, "{{{}}}{}", self.ns, self.local)
    }
}

/// Which prefixes stand for which namespaces at a place of the document.
#[derive(Debug, Default)]
pub(crate) struct Scope {
    parent: Option<Rc<Scope>>,
    declared: Vec<(String, String)>,
}

impl Scope {
    /// The namespace of a prefix; the blank prefix is that of names without one.
    fn namespace(&self, prefix: &str) -> Option<&str> {
        if prefix == "xml" {
            return Some("http://www.w3.org/XML/1998/namespace");
        }
        match self.declared.iter().find(|(known, _)| known == prefix) {
            Some((_, ns)) => Some(ns),
            None => match &self.parent {
                Some(parent) => parent.namespace(prefix),
                None if prefix.is_empty() => Some(""),
                None => None,
            },
        }
    }
}

/// One element.
#[derive(Debug, Clone)]
pub(crate) struct Element {
    pub name: Name,
    pub attributes: Vec<(Name, String)>,
    pub children: Vec<Element>,
    /// All text directly within it, put together.
    pub text: String,
    scope: Rc<Scope>,
}

impl Element {
    /// The value of an attribute without a namespace.
    pub fn attribute(&self, local: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(name, _)| name.ns.is_empty() && name.local == local)
            .map(|(_, value)| value.as_str())
    }

    /// The name that a value such as `tns:GetCustomer` stands for at this place.
    pub fn resolve(&self, value: &str) -> Option<Name> {
        let value = value.trim();
        let (prefix, local) = value.split_once(':').unwrap_or(("", value));
        Some(Name::new(self.scope.namespace(prefix)?, local))
    }

    /// The children of this name.
    pub fn children_named<'a>(
        &'a self,
        ns: &'a str,
        local: &'a str,
    ) -> impl Iterator<Item = &'a Element> {
        self.children
            .iter()
            .filter(move |child| child.name.ns == ns && child.name.local == local)
    }

    /// The first child of this local name, in whatever namespace.
    pub fn child(&self, local: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name.local == local)
    }

    /// Whether it says that it has no value.
    fn is_nil(&self) -> bool {
        self.attributes.iter().any(|(name, value)| {
            name.ns == XSI && name.local == "nil" && matches!(value.trim(), "true" | "1")
        })
    }
}

/// An element of a message: without attributes but `xsi:nil`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Node {
    pub name: Name,
    pub nil: bool,
    pub text: String,
    pub children: Vec<Node>,
}

impl Node {
    pub fn text(name: Name, text: impl Into<String>) -> Self {
        Self {
            name,
            text: text.into(),
            ..Self::default()
        }
    }

    pub fn with(name: Name, children: Vec<Self>) -> Self {
        Self {
            name,
            children,
            ..Self::default()
        }
    }

    pub fn nil(name: Name) -> Self {
        Self {
            name,
            nil: true,
            ..Self::default()
        }
    }

    /// The first child of this local name.
    pub fn child(&self, local: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name.local == local)
    }
}

impl From<&Element> for Node {
    /// Text beside elements is layout.
    fn from(element: &Element) -> Self {
        Self {
            name: element.name.clone(),
            nil: element.is_nil(),
            text: if element.children.is_empty() {
                element.text.clone()
            } else {
                String::new()
            },
            children: element.children.iter().map(Self::from).collect(),
        }
    }
}
