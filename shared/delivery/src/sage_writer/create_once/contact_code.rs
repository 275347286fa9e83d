//! `ContactCode`: ten characters that tell a customer's contacts apart.

use counterpart_domain::Value;

/// The length of the column.
const LENGTH: usize = 10;
/// How many codes are tried for one name.
pub(super) const TRIES: usize = 100;

/// The codes that a contact's name gives, the plainest first: the name itself in upper case, cut, then with a number.
pub(super) fn codes(name: Option<&Value>) -> impl Iterator<Item = String> + use<> {
    let name = name.map(Value::to_string);
    let kept = |c: &char| c.is_ascii_alphanumeric() || *c == ' ';
    let name: String = name
        .unwrap_or_default()
        .to_uppercase()
        .chars()
        .filter(kept)
        .collect();
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let name = if name.is_empty() {
        "CONTACT".to_owned()
    } else {
        name
    };
    (1..=TRIES).map(move |number| {
        let suffix = if number == 1 {
            String::new()
        } else {
            number.to_string()
        };
        let head: String = name.chars().take(LENGTH - suffix.len()).collect();
        format!("{}{suffix}", head.trim_end())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(name: &str) -> Vec<String> {
        codes(Some(&Value::text(name))).take(3).collect()
    }

    #[test]
    fn codes_fit_the_column_and_tell_namesakes_apart() {
        assert_eq!(
            first("Artie Johnson"),
            ["ARTIE JOHN", "ARTIE JOH2", "ARTIE JOH3"]
        );
        assert_eq!(first("Ann Lee"), ["ANN LEE", "ANN LEE2", "ANN LEE3"]);
        assert_eq!(first("O'Hara, Zoë"), ["OHARA ZO", "OHARA ZO2", "OHARA ZO3"]);
        assert_eq!(first("李"), ["CONTACT", "CONTACT2", "CONTACT3"]);
        let all: Vec<_> = codes(None).collect();
        assert_eq!(all.len(), TRIES);
        assert!(all.iter().all(|code| code.len() <= LENGTH));
    }
}
