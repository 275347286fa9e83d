//! The formats that Zoho wants of phones and web addresses.

/// Phone numbers: an optional plus, then runs of letters and digits, each after at most one
/// point or hyphen and one space, or in parentheses; commas, semicolons and `#` near the end.
pub fn is_phone(text: &str) -> bool {
    let rest = text.strip_prefix('+').unwrap_or(text);
    if rest.starts_with(['.', '-']) {
        return false;
    }
    let mut chars = rest.chars().peekable();
    let (mut open, mut runs, mut separators) = (false, 0_u32, String::new());
    let mut tail = false;
    while let Some(c) = chars.next() {
        match c {
            c if c.is_ascii_alphanumeric() => {
                if !separators_fit(&separators) {
                    return false;
                }
                separators.clear();
                runs += 1;
            }
            '(' if !open && !tail && separators.trim().is_empty() => {
                open = true;
                separators.clear();
                if chars.peek().is_none_or(|next| matches!(next, '.' | '-')) {
                    return false;
                }
            }
            ')' if open && separators.is_empty() => {
                open = false;
                if chars.peek() == Some(&'.') {
                    return false;
                }
            }
            ',' | ';' if runs > 0 && !open => {
                tail = true;
                separators.clear();
            }
            '#' if runs > 0 && chars.peek().is_none() => return !open,
            '.' | '-' | ' ' if !tail => separators.push(c),
            _ => return false,
        }
    }
    runs > 0 && !open && separators.is_empty()
}

fn separators_fit(separators: &str) -> bool {
    matches!(separators, "" | " " | "." | "-" | ". " | "- " | " -" | " .")
}

/// Web addresses: a host with a point, perhaps after a scheme, without spaces.
pub fn is_website(text: &str) -> bool {
    let host = text.split_once("://").map_or(text, |(_, rest)| rest);
    let host = host.split(['/', '?', '#']).next().unwrap_or("");
    !text
        .chars()
        .any(|c| c.is_whitespace() || "<>\"".contains(c))
        && host.split('.').count() >= 2
        && host.split('.').all(|label| !label.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shared::is_email;

    #[test]
    fn the_phone_numbers_that_sage_users_type_are_phones() {
        for phone in [
            "(414) 555-4787",
            "414-555-4787",
            "414.555.4787",
            "+49 89 5550 188",
            "(414) 555-4787 ext 12",
            "555-0100",
            "1 (800) FLOWERS",
            "(414) 555-4787;12#",
        ] {
            assert!(is_phone(phone), "{phone}");
        }
    }

    #[test]
    fn what_is_no_phone_is_refused() {
        for phone in [
            "call me: 555",
            "414/555-4787",
            "555--0100",
            "-555",
            "",
            "@",
            "(414 555-4787",
            "555-",
        ] {
            assert!(!is_phone(phone), "{phone}");
        }
    }

    #[test]
    fn every_phone_and_email_of_the_generated_data_is_one_that_zoho_takes() {
        let data = crate::DataSet {
            customers: 3000,
            seed: 11,
        };
        let mut checked = 0;
        for company in ["ABC", "XYZ"] {
            for row in crate::sage::ENTITIES
                .iter()
                .flat_map(|entity| (entity.rows)(company, data))
            {
                for (name, value) in row.fields.iter().filter(|(_, value)| !value.is_empty()) {
                    match name.as_str() {
                        "EmailAddress" => assert!(is_email(value), "{} {value}", row.key),
                        "TelephoneNo" | "TelephoneNo1" | "TelephoneNo2" => {
                            assert!(is_phone(value), "{} {value}", row.key)
                        }
                        _ => continue,
                    }
                    checked += 1;
                }
            }
        }
        assert!(checked > 5000);
    }

    #[test]
    fn a_website_is_a_host_with_or_without_a_scheme() {
        assert!(is_website("www.example.com"));
        assert!(is_website("https://example.com/a?b=c"));
        assert!(!is_website("not a site"));
        assert!(!is_website("localhost"));
    }
}
