//! Reading, bounded in depth, in elements and in attributes; the caller bounds the bytes.

use std::rc::Rc;

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::{Element, Name, Scope};

/// The deepest nesting; a schema needs some ten.
const DEEPEST: usize = 64;
/// The most elements of a document. An order of 1,000 lines with 100 columns has some 100,000.
const MOST_ELEMENTS: usize = 400_000;
/// The most attributes and declarations of an element.
const MOST_ATTRIBUTES: usize = 100;

/// A document that is not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum XmlError {
    /// Not XML.
    #[error("not well-formed at byte {at}: {why}")]
    Malformed { at: u64, why: String },
    /// A document type or an entity.
    #[error("it has a document type or an entity, which is not read")]
    Entity,
    /// More than the bounds.
    #[error("it is nested too deeply, or has too many elements or attributes")]
    TooLarge,
    /// Not in UTF-8.
    #[error("it is not in UTF-8")]
    Encoding,
}

/// Reads a document into a tree.
pub(crate) fn read(bytes: &[u8]) -> Result<Element, XmlError> {
    let text = std::str::from_utf8(bytes).map_err(|_| XmlError::Encoding)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader::from_str(text);
    let mut building = Building::default();
    loop {
        let at = reader.buffer_position();
        let malformed = |why: &dyn std::fmt::Display| XmlError::Malformed {
            at,
            why: counterpart_domain::bounded(why.to_string(), 80),
        };
        match reader.read_event().map_err(|error| malformed(&error))? {
            Event::Start(start) => building.open(&start, at)?,
            Event::Empty(start) => {
                building.open(&start, at)?;
                building.close();
            }
            // The reader has compared the names.
            Event::End(_) => building.close(),
            Event::Text(content) => building.text(&content.xml10_content(), at)?,
            Event::CData(content) => building.text(&content.xml10_content(), at)?,
            Event::GeneralRef(reference) => {
                let one = match reference
                    .resolve_char_ref()
                    .map_err(|error| malformed(&error))?
                {
                    Some(one) => one,
                    None => predefined(&reference).ok_or(XmlError::Entity)?,
                };
                building.text(one.encode_utf8(&mut [0; 4]), at)?;
            }
            Event::DocType(_) => return Err(XmlError::Entity),
            Event::Decl(declaration) => {
                let utf8 = match declaration.encoding() {
                    None => true,
                    Some(Ok(name)) => {
                        name.eq_ignore_ascii_case("utf-8") || name.eq_ignore_ascii_case("us-ascii")
                    }
                    Some(Err(_)) => false,
                };
                if !utf8 {
                    return Err(XmlError::Encoding);
                }
            }
            Event::Comment(_) | Event::PI(_) => {}
            Event::Eof => break building.finish(at),
        }
    }
}

fn predefined(name: &str) -> Option<char> {
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "apos" => Some('\''),
        "quot" => Some('"'),
        _ => None,
    }
}

#[derive(Default)]
struct Building {
    /// The elements that are open, outermost first.
    open: Vec<Element>,
    root: Option<Element>,
    count: usize,
}

impl Building {
    fn open(&mut self, start: &BytesStart<'_>, at: u64) -> Result<(), XmlError> {
        let malformed = |why: String| XmlError::Malformed { at, why };
        self.count += 1;
        if self.count > MOST_ELEMENTS || self.open.len() >= DEEPEST {
            return Err(XmlError::TooLarge);
        }
        if self.root.is_some() {
            return Err(malformed("a second root".into()));
        }
        let parent = self.open.last().map(|element| element.scope.clone());
        let mut declared = Vec::new();
        let mut plain = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| malformed(error.to_string()))?;
            if declared.len() + plain.len() >= MOST_ATTRIBUTES {
                return Err(XmlError::TooLarge);
            }
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|_| XmlError::Entity)?
                .into_owned();
            let key: &str = attribute.key.as_ref();
            match key.strip_prefix("xmlns:") {
                Some(prefix) => declared.push((prefix.to_owned(), value)),
                None if key == "xmlns" => declared.push((String::new(), value)),
                None => plain.push((key.to_owned(), value)),
            }
        }
        let scope = match (declared.is_empty(), parent) {
            (true, Some(parent)) => parent,
            (_, parent) => Rc::new(Scope { parent, declared }),
        };
        let unknown = |name: &str| malformed(format!("the prefix of {name} is not declared"));
        let attributes = plain
            .into_iter()
            .map(|(name, value)| {
                // An attribute without a prefix is in no namespace.
                let full = match name.split_once(':') {
                    None => Name::new("", name),
                    Some((prefix, local)) => {
                        let ns = scope.namespace(prefix).ok_or_else(|| unknown(&name))?;
                        Name::new(ns, local)
                    }
                };
                Ok((full, value))
            })
            .collect::<Result<_, XmlError>>()?;
        let tag = start.name();
        let tag: &str = tag.as_ref();
        let (prefix, local) = tag.split_once(':').unwrap_or(("", tag));
        let ns = scope.namespace(prefix).ok_or_else(|| unknown(tag))?;
        self.open.push(Element {
            name: Name::new(ns, local),
            attributes,
            children: Vec::new(),
            text: String::new(),
            scope,
        });
        Ok(())
    }

    fn close(&mut self) {
        if let Some(element) = self.open.pop() {
            match self.open.last_mut() {
                Some(parent) => parent.children.push(element),
                None => self.root = Some(element),
            }
        }
    }

    fn text(&mut self, text: &str, at: u64) -> Result<(), XmlError> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if text.trim().is_empty() => {}
            None => {
                return Err(XmlError::Malformed {
                    at,
                    why: "text outside of the root".into(),
                });
            }
        }
        Ok(())
    }

    fn finish(self, at: u64) -> Result<Element, XmlError> {
        match self.root {
            Some(root) if self.open.is_empty() => Ok(root),
            _ => Err(XmlError::Malformed {
                at,
                why: "it ends too early".into(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_and_default_namespaces_are_resolved_where_they_stand() {
        let root = read(br#"<?xml version="1.0" encoding="utf-8"?><a:r xmlns:a="A" xmlns="D"><c t="b:T" xmlns:b="B"/><a:c xmlns=""><d a:x="1"/></a:c></a:r>"#).unwrap();
        assert_eq!(root.name, Name::new("A", "r"));
        assert_eq!(root.children[0].name, Name::new("D", "c"));
        assert_eq!(root.children[0].resolve("b:T"), Some(Name::new("B", "T")));
        assert_eq!(root.children[0].resolve("T"), Some(Name::new("D", "T")));
        assert_eq!(root.children[0].resolve("z:T"), None);
        assert_eq!(root.children[1].children[0].name, Name::new("", "d"));
        assert_eq!(
            root.children[1].children[0].attributes[0].0,
            Name::new("A", "x")
        );
    }

    #[test]
    fn texts_come_back_as_they_were_meant() {
        let root = read("<a>1 &lt;&#x26;&#228; <![CDATA[<b>]]> \r\n&#13;</a>".as_bytes()).unwrap();
        assert_eq!(root.text, "1 <&ä <b> \n\r");
    }

    #[test]
    fn document_types_entities_and_bombs_are_refused() {
        let bomb = r#"<!DOCTYPE a [<!ENTITY x "y"><!ENTITY z "&x;&x;">]><a>&z;</a>"#;
        assert_eq!(read(bomb.as_bytes()).unwrap_err(), XmlError::Entity);
        assert_eq!(read(b"<a>&x;</a>").unwrap_err(), XmlError::Entity);
        assert_eq!(read(b"<a b='&x;'/>").unwrap_err(), XmlError::Entity);
        let deep = "<a>".repeat(100_000);
        assert_eq!(read(deep.as_bytes()).unwrap_err(), XmlError::TooLarge);
        let wide = format!("<a>{}</a>", "<b/>".repeat(500_000));
        assert_eq!(read(wide.as_bytes()).unwrap_err(), XmlError::TooLarge);
        assert_eq!(read(b"<a>\xff</a>").unwrap_err(), XmlError::Encoding);
        assert_eq!(
            read(b"<?xml version='1.0' encoding='utf-16'?><a/>").unwrap_err(),
            XmlError::Encoding
        );
    }

    #[test]
    fn what_is_no_document_is_refused() {
        for text in [
            "",
            "hello",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "<p:a/>",
            "<a b:c='1'/>",
            "<a/>x",
        ] {
            assert!(
                matches!(read(text.as_bytes()), Err(XmlError::Malformed { .. })),
                "{text}"
            );
        }
    }
}
