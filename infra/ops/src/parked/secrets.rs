//! Secrets taken out of what was set aside, before anybody sees it.

use serde_json::Value;

/// Parts of names whose values are nobody's business, in small letters and without what joins words.
const NAMES: [&str; 11] = [
    "token",
    "secret",
    "password",
    "passwd",
    "authorization",
    "apikey",
    "privatekey",
    "hmackey",
    "signature",
    "sessionid",
    "cookie",
];
/// What stands in the place of one.
const HIDDEN: &str = "…";

fn is_secret(name: &str) -> bool {
    let plain: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    NAMES.iter().any(|secret| plain.contains(secret))
}

/// The text without its secrets: members of JSON by their names, and in any other text what follows such a name.
pub(super) fn without(text: &str) -> String {
    match serde_json::from_str::<Value>(text) {
        Ok(mut value) if value.is_object() || value.is_array() => {
            if hide(&mut value) {
                value.to_string()
            } else {
                // As it came, to the byte.
                text.to_owned()
            }
        }
        _ => of_plain(text),
    }
}

/// Hides the values of secrets; whether there were any.
fn hide(value: &mut Value) -> bool {
    match value {
        Value::Array(items) => {
            let mut any = false;
            for item in items {
                any |= hide(item);
            }
            any
        }
        Value::Object(members) => {
            let mut any = false;
            for (name, member) in members {
                if is_secret(name) && !member.is_null() {
                    *member = HIDDEN.into();
                    any = true;
                } else {
                    any |= hide(member);
                }
            }
            any
        }
        Value::String(text) => {
            // A message within a message.
            let inner = text.trim_start();
            if !inner.starts_with(['{', '[']) {
                return false;
            }
            let plain = without(text);
            let any = plain != *text;
            *text = plain;
            any
        }
        _ => false,
    }
}

/// A text that is no JSON: broken JSON, XML, a form. What follows `name=`, `"name":` or `<name>` goes.
fn of_plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_alphabetic()) {
        let (before, word_on) = rest.split_at(start);
        plain.push_str(before);
        let end = word_on
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-')))
            .unwrap_or(word_on.len());
        let (word, after) = word_on.split_at(end);
        plain.push_str(word);
        rest = after;
        if !is_secret(word) {
            continue;
        }
        let joint = after
            .find(|c: char| !matches!(c, '"' | '\'' | ' ' | ':' | '=' | '>' | '\\'))
            .unwrap_or(after.len());
        let (joined, value_on) = after.split_at(joint);
        if !joined.contains([':', '=', '>']) {
            continue;
        }
        plain.push_str(joined);
        let value_on = value_on.strip_prefix("Bearer ").unwrap_or(value_on);
        let ends = |c: char| matches!(c, '"' | '\'' | '&' | '<' | ',' | '}' | '\n' | '\\');
        let end = value_on.find(ends).unwrap_or(value_on.len());
        if end > 0 {
            plain.push_str(HIDDEN);
        }
        rest = value_on.split_at(end).1;
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_and_all_else_stays() {
        for (text, plain) in [
            (
                r#"{"Refresh_Token":"1000.ab","City":"Racine","a":[{"apiKey":7}]}"#,
                r#"{"City":"Racine","Refresh_Token":"…","a":[{"apiKey":"…"}]}"#,
            ),
            (r#"{"City" : "Racine"}"#, r#"{"City" : "Racine"}"#),
            (
                r#"{"body":"{\"hmac_key\":\"hush\"}"}"#,
                r#"{"body":"{\"hmac_key\":\"…\"}"}"#,
            ),
            (r#"{"token": "hush", "n"#, r#"{"token": "…", "n"#),
            (
                "<ns:SessionId>00D!hush</ns:SessionId><Id>1</Id>",
                "<ns:SessionId>…</ns:SessionId><Id>1</Id>",
            ),
            ("a=1&password=hush&b=2", "a=1&password=…&b=2"),
            (
                "Authorization: Bearer hush\nHost: x",
                "Authorization: …\nHost: x",
            ),
            (
                "Müller & Söhne, no token here",
                "Müller & Söhne, no token here",
            ),
        ] {
            assert_eq!(without(text), plain, "{text}");
        }
    }
}
