//! SOQL texts: names, which were checked before, and keys, which are quoted here. Page: "Quoted String Escape Sequences".

use counterpart_domain::SageKey;

/// A query goes into the address, which may have 16,384 bytes with everything around it. This many, encoded, are well
/// below what proxies on the way let through.
pub(crate) const LONGEST: usize = 8_000;
/// Of these, so many may be names of fields.
const LONGEST_NAMES: usize = 4_000;
/// At most this many keys in one query: its answer then is one page.
const MOST_KEYS: usize = 200;

/// A text in single quotes, with what has a meaning of its own in it escaped.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('\'');
    for c in text.chars() {
        match c {
            '\'' => quoted.push_str("\\'"),
            '\\' => quoted.push_str("\\\\"),
            '"' => quoted.push_str("\\\""),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c => quoted.push(c),
        }
    }
    quoted.push('\'');
    quoted
}

/// How many bytes a text has in an address.
pub(crate) fn encoded_length(text: &str) -> usize {
    url::form_urlencoded::byte_serialize(text.as_bytes())
        .map(str::len)
        .sum()
}

/// The query for some keys.
pub(crate) fn select(object: &str, key_field: &str, keys: &[SageKey], fields: &[&str]) -> String {
    let mut columns = vec!["Id", key_field, "LastModifiedDate"];
    columns.extend(fields);
    let keys: Vec<String> = keys.iter().map(|key| quoted(&key.text())).collect();
    format!(
        "SELECT {} FROM {object} WHERE {key_field} IN ({})",
        columns.join(", "),
        keys.join(", ")
    )
}

/// Fields in groups that fit into a query; at least one group, so that records are found even when no field is asked for.
pub(crate) fn groups<'a>(fields: &[&'a str]) -> Vec<Vec<&'a str>> {
    let mut groups = vec![Vec::new()];
    let mut length = 0;
    for field in fields {
        let more = encoded_length(field) + encoded_length(", ");
        if length + more > LONGEST_NAMES {
            groups.push(Vec::new());
            length = 0;
        }
        length += more;
        if let Some(last) = groups.last_mut() {
            last.push(*field);
        }
    }
    groups
}

/// Keys in parts that fit into a query beside one group of fields.
pub(crate) fn parts<'a>(
    object: &str,
    key_field: &str,
    keys: &'a [SageKey],
    fields: &[&str],
) -> Vec<&'a [SageKey]> {
    let frame = encoded_length(&select(object, key_field, &[], fields));
    let mut parts = Vec::new();
    let (mut start, mut length) = (0, frame);
    for (at, key) in keys.iter().enumerate() {
        let more = encoded_length(&quoted(&key.text())) + encoded_length(", ");
        if at > start && (length + more > LONGEST || at - start >= MOST_KEYS) {
            parts.push(&keys[start..at]);
            (start, length) = (at, frame);
        }
        length += more;
    }
    if start < keys.len() {
        parts.push(&keys[start..]);
    }
    parts
}

#[cfg(test)]
mod tests {
    use counterpart_domain::{Company, Entity};

    use super::*;

    fn key(local: &str) -> SageKey {
        SageKey::new(&Company::new("ABC").unwrap(), Entity::CONTACT, local).unwrap()
    }

    #[test]
    fn keys_are_quoted_whatever_they_hold() {
        let keys = ["01-ABF/ARTIE JOHN", "01-O'B/A\\", "01-A&B/\"X\" + 100%"].map(key);
        insta::assert_snapshot!(
            select("Contact", "Sage_Key__c", &keys, &["LastName", "Email"]),
            @r#"SELECT Id, Sage_Key__c, LastModifiedDate, LastName, Email FROM Contact WHERE Sage_Key__c IN ('ABC:01-ABF/ARTIE JOHN', 'ABC:01-O\'B/A\\', 'ABC:01-A&B/\"X\" + 100%')"#
        );
        assert_eq!(quoted("a\r\n\tb"), r"'a\r\n\tb'");
    }

    #[test]
    fn no_query_is_longer_than_an_address_may_be_and_no_key_is_left_out() {
        let keys: Vec<SageKey> = (0..450)
            .map(|n| key(&format!("01-ÑÑÑÑÑÑÑÑÑÑÑÑ{n}/ÑÑÑÑÑÑÑ'")))
            .collect();
        let names: Vec<String> = (0..300)
            .map(|n| format!("A_Field_With_A_Long_Name_{n}__c"))
            .collect();
        let fields: Vec<&str> = names.iter().map(String::as_str).collect();
        let groups = groups(&fields);
        assert_eq!(groups.concat(), fields);
        assert!(groups.len() > 1);
        for group in &groups {
            let parts = parts("Contact", "Sage_Key__c", &keys, group);
            assert_eq!(parts.concat(), keys);
            for part in parts {
                let query = select("Contact", "Sage_Key__c", part, group);
                assert!(
                    encoded_length(&query) <= LONGEST,
                    "{}",
                    encoded_length(&query)
                );
            }
        }
        let short: Vec<SageKey> = (0..450).map(|n| key(&format!("01-{n}/X"))).collect();
        let sizes: Vec<usize> = parts("Contact", "K", &short, &[])
            .iter()
            .map(|p| p.len())
            .collect();
        assert_eq!(sizes.iter().sum::<usize>(), 450);
        assert!(sizes.iter().all(|size| *size <= MOST_KEYS));
        assert!(parts("Contact", "K", &[], &[]).is_empty());
    }
}
