//! Writing: every element in a namespace has a prefix, and every namespace is declared on the outermost element, so that
//! elements in no namespace stay in none.

use std::fmt::Write as _;

use super::{Node, XSI};

/// Whether XML 1.0 can carry a text at all. It cannot say most control characters, not even escaped.
pub(crate) fn check_text(text: &str) -> bool {
    text.chars().all(|c| {
        matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
    })
}

/// Writes a document.
pub(crate) fn write(root: &Node) -> String {
    let mut namespaces = Vec::new();
    collect(root, &mut namespaces);
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>");
    let mut declarations = format!(" xmlns:i=\"{XSI}\"");
    for (at, ns) in namespaces.iter().enumerate() {
        // Writing to a String does not fail.
        let _ = write!(declarations, " xmlns:n{at}=\"{}\"", escaped(ns));
    }
    node(root, &namespaces, &declarations, &mut out);
    out
}

fn collect<'a>(node: &'a Node, namespaces: &mut Vec<&'a str>) {
    let ns = node.name.ns.as_str();
    if !ns.is_empty() && !namespaces.contains(&ns) {
        namespaces.push(ns);
    }
    for child in &node.children {
        collect(child, namespaces);
    }
}

fn node(node_: &Node, namespaces: &[&str], declarations: &str, out: &mut String) {
    let name = &node_.name;
    let tag = match namespaces.iter().position(|ns| *ns == name.ns) {
        Some(at) => format!("n{at}:{}", name.local),
        None => name.local.clone(),
    };
    out.push('<');
    out.push_str(&tag);
    out.push_str(declarations);
    if node_.nil {
        out.push_str(" i:nil=\"true\"/>");
        return;
    }
    out.push('>');
    out.push_str(&escaped(&node_.text));
    for child in &node_.children {
        node(child, namespaces, "", out);
    }
    out.push_str("</");
    out.push_str(&tag);
    out.push('>');
}

/// Carriage returns too: a reader would take them for line ends.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\r' => escaped.push_str("&#13;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::super::{Name, read};
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_text_that_xml_can_carry_comes_back(text in any::<String>()) {
            prop_assume!(check_text(&text));
            let name = Name::new("urn:a", "Value");
            let root = read(write(&Node::text(name.clone(), text.clone())).as_bytes()).unwrap();
            prop_assert_eq!(root.text, text);
            prop_assert_eq!(root.name, name);
        }
    }

    #[test]
    fn elements_in_no_namespace_stay_in_none() {
        let tree = Node::with(
            Name::new("urn:a", "A"),
            vec![
                Node::text(Name::new("", "b"), "1"),
                Node::with(
                    Name::new("urn:other", "C"),
                    vec![Node::nil(Name::new("urn:a", "D"))],
                ),
            ],
        );
        let text = write(&tree);
        assert_eq!(Node::from(&read(text.as_bytes()).unwrap()), tree, "{text}");
    }

    #[test]
    fn control_characters_cannot_be_carried() {
        assert!(check_text("a\tb\r\n\u{10ffff}"));
        for text in ["\0", "\u{8}", "\u{b}", "\u{1f}", "\u{fffe}", "\u{ffff}"] {
            assert!(!check_text(text), "{text:?}");
        }
    }
}
