//! XML as SOAP services read and write it: namespaces resolved, no DTD, no entities but the five of XML.

use quick_xml::{
    NsReader,
    escape::resolve_predefined_entity,
    events::{BytesStart, Event},
    name::{Namespace, ResolveResult},
};

/// The namespace of `xsi:type`.
const INSTANCE: Namespace<'_> = Namespace("http://www.w3.org/2001/XMLSchema-instance");
/// How deep elements may stand in each other (WCF's reader quota).
const DEPTH: usize = 32;
/// How many elements a message may have.
const ELEMENTS: usize = 200_000;

/// An element.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Element {
    /// Its namespace; empty for none.
    pub namespace: String,
    /// Its name without prefix.
    pub name: String,
    /// `xsi:nil` is true.
    pub nil: bool,
    /// The name in `xsi:type`, without prefix; empty for none.
    pub kind: String,
    /// `mustUnderstand` is 1 or true.
    pub must_understand: bool,
    /// Its own text, outer white space and all.
    pub text: String,
    /// The elements in it.
    pub children: Vec<Element>,
}

impl Element {
    /// Whether it is this one.
    pub fn is(&self, namespace: &str, name: &str) -> bool {
        self.namespace == namespace && self.name == name
    }

    /// The first element in it of this name.
    pub fn child(&self, namespace: &str, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.is(namespace, name))
    }
}

/// Reads a document.
///
/// # Errors
/// What is wrong with it: not well-formed, a DTD, an unknown entity, too deep, too many elements.
pub fn read(text: &str) -> Result<Element, String> {
    let mut reader = NsReader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    let mut elements = 0;
    loop {
        let event = reader.read_event().map_err(|error| error.to_string())?;
        match event {
            Event::Start(start) => {
                elements += 1;
                if open.len() >= DEPTH || elements > ELEMENTS || root.is_some() {
                    return Err("too deep, too many elements, or two documents".to_owned());
                }
                open.push(element(&reader, &start)?);
            }
            Event::End(_) => {
                let done = open.pop().ok_or("an end without a start")?;
                match open.last_mut() {
                    Some(parent) => parent.children.push(done),
                    None => root = Some(done),
                }
            }
            Event::Text(text) => append(&mut open, &text.xml10_content())?,
            Event::CData(text) => append(&mut open, &text.xml10_content())?,
            Event::GeneralRef(reference) => {
                let letter = reference
                    .resolve_char_ref()
                    .map_err(|error| error.to_string())?;
                match letter {
                    Some(letter) => append(&mut open, letter.encode_utf8(&mut [0; 4]))?,
                    None => {
                        let name = reference.xml10_content();
                        let text = resolve_predefined_entity(&name)
                            .ok_or_else(|| format!("the entity {name:?} is not known"))?;
                        append(&mut open, text)?;
                    }
                }
            }
            Event::DocType(_) => return Err("a DTD is prohibited".to_owned()),
            Event::PI(_) => return Err("processing instructions are not allowed".to_owned()),
            Event::Decl(_) | Event::Comment(_) | Event::Empty(_) => {}
            Event::Eof => break,
        }
    }
    if !open.is_empty() {
        return Err("the document ends too early".to_owned());
    }
    root.ok_or_else(|| "there is no element".to_owned())
}

fn append(open: &mut [Element], text: &str) -> Result<(), String> {
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        None if text.trim().is_empty() => {}
        None => return Err("text outside of the document".to_owned()),
    }
    Ok(())
}

fn element(reader: &NsReader<&[u8]>, start: &BytesStart<'_>) -> Result<Element, String> {
    let resolver = reader.resolver();
    let (namespace, local) = resolver.resolve_element(start.name());
    let namespace = match namespace {
        ResolveResult::Bound(namespace) => namespace.0.to_owned(),
        ResolveResult::Unbound => String::new(),
        ResolveResult::Unknown(prefix) => {
            return Err(format!("the prefix {prefix:?} is not bound"));
        }
    };
    let (mut must_understand, mut kind) = (false, String::new());
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        let is_it = attribute.key.local_name().as_ref() == "mustUnderstand";
        must_understand |= is_it && attribute.as_bool().unwrap_or(false);
        let (namespace, name) = resolver.resolve_attribute(attribute.key);
        if namespace == ResolveResult::Bound(INSTANCE) && name.as_ref() == "type" {
            let value = attribute.value.rsplit(':').next().unwrap_or_default();
            kind = value.to_owned();
        }
    }
    Ok(Element {
        namespace,
        name: local.as_ref().to_owned(),
        nil: start.attributes().has_nil(resolver),
        must_understand,
        kind,
        ..Element::default()
    })
}

/// A text with what XML would take for markup written otherwise, and without what it cannot hold.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\r' => escaped.push_str("&#xD;"),
            '\t' | '\n' => escaped.push(letter),
            _ if letter < ' ' => {}
            _ => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn namespaces_references_and_nil_are_read() {
        let text = r#"<?xml version="1.0"?><a:x xmlns:a="urn:a" xmlns:i="http://www.w3.org/2001/XMLSchema-instance">
            <y xmlns="urn:b">1 &lt; &#50; <![CDATA[& 3]]></y><a:z i:nil="true"/></a:x>"#;
        let root = read(text).unwrap();
        assert!(root.is("urn:a", "x"));
        assert_eq!(root.child("urn:b", "y").unwrap().text, "1 < 2 & 3");
        assert!(root.child("urn:a", "z").unwrap().nil);
    }

    #[test]
    fn bombs_and_broken_documents_are_refused() {
        for text in [
            "",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>",
            "<a>&nbsp;</a>",
            "<p:a/>",
            "<a b='1' b='2'/>",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
        let deep = "<a>".repeat(40) + &"</a>".repeat(40);
        assert!(read(&deep).is_err());
    }
}
