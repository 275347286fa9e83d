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
    let Ok(mut value) = serde_json::from_str::<Value>(text) else {
        return of_plain(text);
    };
    if hide(&mut value) {
        value.to_string()
    } else {
        // As it came, to the byte.
        text.to_owned()
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
            // A message within a message: JSON, a form, XML, headers.
            let plain = without(text);
            let any = plain != *text;
            *text = plain;
            any
        }
        _ => false,
    }
}

/// A text that is no JSON: broken JSON, XML, a form, headers. What follows `name=`, `"name":` or `<name>` goes: rather too much
/// of it than too little.
fn of_plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_alphabetic()) {
        let (before, word_on) = rest.split_at(start);
        plain.push_str(before);
        let end = word_on.find(|c| !is_of_name(c)).unwrap_or(word_on.len());
        let (word, after) = word_on.split_at(end);
        rest = after;
        // What is called `E_…` is a fault's code, and no secret is called so.
        let secret = is_secret(word) && !word.starts_with("E_");
        let value = if secret && opens_tag(&plain) {
            in_tag(after)
        } else if secret {
            in_line(word, after)
        } else {
            None
        };
        plain.push_str(word);
        if let Some((value, past)) = value {
            plain.push_str(&after[..after.len() - value.len()]);
            if past.len() < value.len() {
                plain.push_str(HIDDEN);
            }
            rest = past;
        }
    }
    plain.push_str(rest);
    plain
}

const fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

/// Whether what comes next is the name of an XML element that begins, with or without a prefix.
fn opens_tag(before: &str) -> bool {
    let before = before.strip_suffix(':').map_or(before, |before| {
        before.trim_end_matches(|c: char| is_of_name(c) || c == '.')
    });
    before.ends_with('<')
}

/// What stands in an element, and what comes after it. None: it is empty.
fn in_tag(after: &str) -> Option<(&str, &str)> {
    let (attributes, value) = after.split_once('>')?;
    if attributes.ends_with('/') {
        return None;
    }
    let end = value.find("</").unwrap_or(value.len());
    Some((value, &value[end..]))
}

/// What is written after a name, and what comes after it. None: it was only a word, or there is nothing.
fn in_line<'a>(name: &str, after: &'a str) -> Option<(&'a str, &'a str)> {
    let blanks = [' ', '\t'];
    let joint = quote(after).map_or(after, |(.., joint)| joint);
    let joint = joint.trim_start_matches(blanks);
    let value = joint.strip_prefix([':', '='])?;
    // As Ruby has it, and others: `=>`, `==`.
    let value = value.strip_prefix(['=', '>']).unwrap_or(value);
    if let Some((slashes, mark, quoted)) = quote(value.trim_start()) {
        let end = own_end(quoted, slashes, mark);
        return Some((quoted, &quoted[end..]));
    }
    let value = value.trim_start_matches(blanks);
    if value.starts_with("null") {
        return None;
    }
    if value.starts_with(['{', '[']) {
        // Many values; nobody can tell where they end.
        return Some((value, ""));
    }
    let line = value.find(['\r', '\n']).unwrap_or(value.len());
    let small = name.to_ascii_lowercase();
    let is_header = joint.starts_with(':') || small.contains("authori") || small.contains("cookie");
    let end = if is_header {
        line
    } else {
        // A form that stands within quotes ends with them.
        let next = value.find('&').unwrap_or(value.len());
        line.min(next).min(own_end(value, 0, '"'))
    };
    Some((value, &value[end..]))
}

/// The quotation mark that a text begins with: how many backslashes are before it, which it is, and what follows.
fn quote(text: &str) -> Option<(usize, char, &str)> {
    let on = text.trim_start_matches('\\');
    let mark = on
        .chars()
        .next()
        .filter(|mark| matches!(mark, '"' | '\''))?;
    Some((text.len() - on.len(), mark, &on[1..]))
}

/// Where a text ends that a mark after so many backslashes opened: at the same mark after as many, or after fewer, which ends a
/// text around it. After more of them it is a part of the text, unless they are backslashes of the text themselves.
fn own_end(text: &str, slashes: usize, mark: char) -> usize {
    let mut run = 0_usize;
    for (at, c) in text.char_indices() {
        if c == '\\' {
            run += 1;
            continue;
        }
        if c == mark && (run < slashes || ((run - slashes) / (slashes + 1)).is_multiple_of(2)) {
            return at - run.min(slashes);
        }
        run = 0;
    }
    text.len()
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

    /// A text within a message: a form, XML, headers.
    #[test]
    fn a_text_within_json_gives_none_away() {
        for (text, plain) in [
            (
                r#"{"body":"a=1&password=hush&b=2"}"#,
                r#"{"body":"a=1&password=…&b=2"}"#,
            ),
            (
                r#"{"body":"<s:SessionId xsi:type=\"x\">hu,sh</s:SessionId><Id>1</Id>"}"#,
                r#"{"body":"<s:SessionId xsi:type=\"x\">…</s:SessionId><Id>1</Id>"}"#,
            ),
            (
                r#"{"body":"<SessionId><![CDATA[hush]]></SessionId>"}"#,
                r#"{"body":"<SessionId>…</SessionId>"}"#,
            ),
            (
                r#"["Authorization: OAuth a=\"hush\", b=\"hush\"\nHost: x"]"#,
                r#"["Authorization: …\nHost: x"]"#,
            ),
            (r#""password=hush&b=2""#, r#""password=…&b=2""#),
            (
                r#"{"message":"E_CRM_TOKEN_BUSY: Try again."}"#,
                r#"{"message":"E_CRM_TOKEN_BUSY: Try again."}"#,
            ),
        ] {
            assert_eq!(without(text), plain, "{text}");
        }
    }

    /// Whatever stands in a secret, it ends where its own quote ends, or with the text.
    #[test]
    fn a_broken_or_cut_text_leaks_no_tail() {
        for (text, plain) in [
            (
                r#"{"token": "hu,s&h'i<n}g\"s\\", "City": "Racine"#,
                r#"{"token": "…", "City": "Racine"#,
            ),
            (r#"{"n":1,"token":"hu,sh"#, r#"{"n":1,"token":"…"#),
            (r#"{"token":"","City":"R"#, r#"{"token":"","City":"R"#),
            (r#"{"token":null,"City":"R"#, r#"{"token":null,"City":"R"#),
            (
                r#"{"body":"{\"token\":\"hu,s\\\"h\",\"City\":\"Racine\"}"#,
                r#"{"body":"{\"token\":\"…\",\"City\":\"Racine\"}"#,
            ),
            (
                r#"{"body":"password=hu,s}h\"s&b=2","n":1"#,
                r#"{"body":"password=…&b=2","n":1"#,
            ),
            (
                r#"{"secrets":{"a":"hush","b":["hush"]},"#,
                r#"{"secrets":…"#,
            ),
            ("{'api_key' : 'hu\"s,h', 'n", "{'api_key' : '…', 'n"),
            (
                "Cookie: a=hush; b=\"hush\"\r\nHost: x",
                "Cookie: …\r\nHost: x",
            ),
            ("<Password>hu&amp;s,h}</Pass", "<Password>…</Pass"),
        ] {
            assert_eq!(without(text), plain, "{text}");
        }
    }
}
