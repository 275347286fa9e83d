//! Fields of HTML. Salesforce, "Rich Text Area Field Considerations": the markup is returned through the API, and special characters
//! are encoded. What is no markup is taken as text: a lone ampersand, or a less-than sign, comes back as an entity.

/// A text as a rich text field keeps it.
pub fn as_kept(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let rest = text.get(at + 1..).unwrap_or_default();
        match c {
            '&' if !is_entity(rest) => kept.push_str("&amp;"),
            '<' if !is_tag(rest) => kept.push_str("&lt;"),
            c => kept.push(c),
        }
    }
    kept
}

fn is_entity(rest: &str) -> bool {
    let name = rest.split_once(';').map_or("", |(name, _)| name);
    (1..=10).contains(&name.len()) && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '#')
}

fn is_tag(rest: &str) -> bool {
    rest.contains('>')
        && rest
            .trim_start_matches('/')
            .starts_with(|c: char| c.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_markup_is_kept_as_entities() {
        for (text, kept) in [
            ("Tom & Jerry", "Tom &amp; Jerry"),
            ("a &amp; b", "a &amp; b"),
            ("1 < 2", "1 &lt; 2"),
            ("<b>x</b>", "<b>x</b>"),
        ] {
            assert_eq!(as_kept(text), kept);
        }
    }
}
