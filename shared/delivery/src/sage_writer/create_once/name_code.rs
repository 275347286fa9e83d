//! The code that tells a record from the others of its parent: `ContactCode`, ten characters.

use counterpart_domain::entity::KeySource;
use counterpart_domain::{Entity, Fields, Value};

/// How many codes are tried for one name.
pub(super) const TRIES: usize = 100;

/// The codes that a record's name gives, the plainest first: the name itself in upper case, cut, then with a number.
pub(super) fn codes(entity: Entity, columns: &Fields) -> impl Iterator<Item = String> {
    let spec = entity.spec();
    let longest = spec.key.last().map_or(0, |part| part.longest as usize);
    let otherwise = match spec.key_source {
        Some(KeySource::OfName { otherwise }) => otherwise,
        Some(KeySource::NextCustomerNumber) | None => "",
    };
    let name = columns.get(spec.identity.name).map(Value::to_string);
    let kept = |c: &char| c.is_ascii_alphanumeric() || *c == ' ';
    let name: String = name
        .unwrap_or_default()
        .to_uppercase()
        .chars()
        .filter(kept)
        .collect();
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let name = if name.is_empty() {
        otherwise.to_owned()
    } else {
        name
    };
    (1..=TRIES).map(move |number| {
        let suffix = if number == 1 {
            String::new()
        } else {
            number.to_string()
        };
        let head: String = name
            .chars()
            .take(longest.saturating_sub(suffix.len()))
            .collect();
        format!("{}{suffix}", head.trim_end())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(name: &str) -> Vec<String> {
        let columns = Fields::from([("ContactName".to_owned(), Value::text(name))]);
        codes(Entity::CONTACT, &columns).take(3).collect()
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
        let all: Vec<_> = codes(Entity::CONTACT, &Fields::new()).collect();
        assert_eq!(all.len(), TRIES);
        assert!(all.iter().all(|code| code.len() <= 10));
    }
}
