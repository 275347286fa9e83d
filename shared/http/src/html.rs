//! Texts in fields that hold HTML: rich text areas. Salesforce, "Rich Text Area Field Considerations": the markup is returned
//! through the API, and special characters are encoded. Zoho CRM, "Get Rich Text Fields": formatted text with HTML elements.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The entities that are written, with what they stand for.
const ENTITIES: [(&str, char); 6] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", ' '),
];
/// Elements after which a line ends.
const BLOCKS: [&str; 9] = ["p", "div", "li", "tr", "h1", "h2", "h3", "h4", "blockquote"];
/// The longest entity that is looked for.
const LONGEST_ENTITY: usize = 12;

/// A plain text as HTML that shows it.
#[must_use]
pub fn to_html(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"', '\'', '\n', '\r']) && !text.contains("  ") {
        return Cow::Borrowed(text);
    }
    let mut html = String::with_capacity(text.len() + 16);
    let mut last = '\0';
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            // A line may end in two characters.
            '\n' if last == '\r' => {}
            '\n' | '\r' => html.push_str("<br>"),
            // Several spaces would be shown as one.
            ' ' if last == ' ' => html.push_str("&nbsp;"),
            c => html.push(c),
        }
        last = c;
    }
    Cow::Owned(html)
}

/// The text that HTML shows: without markup, lines where elements end one.
#[must_use]
pub fn from_html(html: &str) -> Cow<'_, str> {
    if !html.contains(['&', '<']) {
        return Cow::Borrowed(html);
    }
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find(['&', '<']) {
        let (before, from) = rest.split_at(at);
        text.push_str(before);
        let taken = if from.starts_with('<') {
            element(from, &mut text)
        } else {
            entity(from, &mut text)
        };
        // What is neither stands for itself.
        let taken = taken.unwrap_or_else(|| {
            text.extend(from.chars().next());
            1
        });
        rest = from.get(taken..).unwrap_or_default();
    }
    text.push_str(rest);
    Cow::Owned(text.trim_end_matches('\n').to_owned())
}

/// Takes an element off; answers how many bytes it has.
fn element(from: &str, text: &mut String) -> Option<usize> {
    let end = from.find('>')?;
    let inner = from.get(1..end)?;
    let name: String = inner
        .trim_start_matches('/')
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect();
    let name = name.to_ascii_lowercase();
    if name.is_empty() && !inner.starts_with('!') {
        return None;
    }
    let ends_line = inner.starts_with('/') && BLOCKS.contains(&name.as_str());
    if name == "br" || (ends_line && !text.is_empty()) {
        text.push('\n');
    }
    Some(end + 1)
}

/// Takes an entity off; answers how many bytes it has.
fn entity(from: &str, text: &mut String) -> Option<usize> {
    let end = from.find(';').filter(|end| *end <= LONGEST_ENTITY)?;
    let name = from.get(1..end)?;
    let numbered = name.strip_prefix('#').and_then(|number| {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        char::from_u32(code)
    });
    let named = || ENTITIES.iter().find(|(known, _)| *known == name);
    let c = numbered.or_else(|| named().map(|(_, c)| *c))?;
    let c = if c == '\u{a0}' { ' ' } else { c };
    // Writing to a String does not fail.
    let _ = write!(text, "{c}");
    Some(end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn markup_goes_and_characters_come_back() {
        for (html, text) in [
            (
                "<p>Tom &amp; Jerry</p><p>2nd&nbsp;line</p>",
                "Tom & Jerry\n2nd line",
            ),
            ("a<br>b<br/>c<BR />d", "a\nb\nc\nd"),
            (
                "<b>bold</b> &lt;b&gt; &#39;x&#x27; &quot;",
                "bold <b> 'x' \"",
            ),
            ("1 < 2 & 3", "1 < 2 & 3"),
            ("&unknown; &;", "&unknown; &;"),
            ("<div><div></div></div>", ""),
            ("plain", "plain"),
        ] {
            assert_eq!(from_html(html), text, "{html}");
        }
    }

    proptest! {
        #[test]
        fn any_text_comes_back(text in "[^\r\u{a0}]{0,40}|[ &<>\"';#a-z\n]{0,30}") {
            let html = to_html(&text).into_owned();
            prop_assert_eq!(from_html(&html).into_owned(), text.trim_end_matches('\n'), "{}", html);
        }
    }
}
