//! E-mail and web addresses out of Sage columns that take any text. A CRM refuses the whole record for one that has not
//! the shape of an address.

/// What stands between the addresses of a list.
const BETWEEN: [char; 3] = [';', ',', ' '];

/// The first e-mail address of a list (`;`, `,` or blanks between them). `None` when it has not the shape of one: a dot-atom
/// of RFC 5322 before the at-sign, a domain behind it.
pub(super) fn email(text: &str) -> Option<String> {
    let address = text
        .split(BETWEEN)
        .find(|part| !part.is_empty())?
        .trim_start_matches("mailto:");
    let (local, domain) = address.split_once('@')?;
    let allowed = |c: char| c.is_alphanumeric() || ".!#$%&'*+-/=?^_`{|}~".contains(c);
    let sound = local.chars().all(allowed)
        && local.split('.').all(|part| !part.is_empty())
        && is_domain(domain);
    sound.then(|| address.to_owned())
}

/// Whether a text is blank or could be an e-mail address, or several: where a CRM took it for one, that is not for us to
/// doubt.
pub(crate) fn is_addressed(text: &str) -> bool {
    let fits = |address: &str| {
        let parts = address.rsplit_once('@');
        parts.is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty())
    };
    text.split(BETWEEN)
        .filter(|part| !part.is_empty())
        .all(fits)
}

/// The first address of a text that holds several. `None`: it holds one, or none.
pub(crate) fn first_of_several(text: &str) -> Option<String> {
    let parts = text.split(BETWEEN).filter(|part| !part.is_empty());
    email(text).filter(|_| parts.count() > 1)
}

/// The list `held` with another first address; the others stay. What is no list is replaced as a whole, and so is a list by a
/// list. Without an address, the first one goes.
pub(crate) fn with_first(held: &str, address: &str) -> String {
    if first_of_several(held).is_none() || first_of_several(address).is_some() {
        return address.to_owned();
    }
    let start = held.len() - held.trim_start_matches(BETWEEN).len();
    let (before, rest) = held.split_at(start);
    let end = rest.find(BETWEEN).unwrap_or(rest.len());
    let behind = rest.get(end..).unwrap_or_default();
    if address.is_empty() {
        behind.trim_start_matches(BETWEEN).to_owned()
    } else {
        format!("{before}{address}{behind}")
    }
}

/// A web address, with or without scheme. `None` when its host is none.
pub(super) fn website(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
    let host = rest.split(['/', '?', '#', ':']).next().unwrap_or_default();
    let plain = !text.contains(|c: char| c.is_whitespace() || c.is_control() || "<>\"".contains(c));
    let known = matches!(
        scheme.to_ascii_lowercase().as_str(),
        "http" | "https" | "ftp"
    );
    (plain && known && is_domain(host)).then(|| text.to_owned())
}

/// Two labels or more, the last one of letters.
fn is_domain(domain: &str) -> bool {
    let label = |part: &str| {
        !part.is_empty()
            && !part.starts_with('-')
            && !part.ends_with('-')
            && part.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let top = |part: &str| part.chars().count() > 1 && part.chars().all(char::is_alphabetic);
    domain.contains('.')
        && domain.split('.').all(label)
        && domain.rsplit('.').next().is_some_and(top)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_several_addresses_is_taken() {
        assert_eq!(
            email("artie@sage.sample.com; john@sage.sample.com").as_deref(),
            Some("artie@sage.sample.com")
        );
        assert_eq!(
            email(";o'neil+ap@x-y.co").as_deref(),
            Some("o'neil+ap@x-y.co")
        );
    }

    #[test]
    fn every_character_of_an_atom_is_one_of_an_address() {
        for address in [
            "sales#west@example.com",
            "a*b@x.com",
            "o'neil@x.com",
            "{a|b}~`c`@x-y.co",
            "a?b=$c!d%e&f/g^h_i@x.com",
            "jörg@müller.de",
        ] {
            assert_eq!(email(address).as_deref(), Some(address));
        }
    }

    #[test]
    fn another_first_address_leaves_the_others_where_they_are() {
        for (held, address, expected) in [
            (
                "ap@x.com; owner@y.com",
                "new@x.com",
                "new@x.com; owner@y.com",
            ),
            (
                "ap@x.com,owner@y.com ,c@z.com",
                "new@x.com",
                "new@x.com,owner@y.com ,c@z.com",
            ),
            (
                ";ap@x.com owner@y.com",
                "new@x.com",
                ";new@x.com owner@y.com",
            ),
            ("ap@x.com; owner@y.com", "", "owner@y.com"),
            ("ap@x.com;", "new@x.com", "new@x.com"),
            ("ap@x.com", "", ""),
            ("", "new@x.com", "new@x.com"),
            ("ask Artie", "new@x.com", "new@x.com"),
            (
                "ap@x.com; owner@y.com",
                "a@b.com; c@d.com",
                "a@b.com; c@d.com",
            ),
        ] {
            assert_eq!(with_first(held, address), expected, "{held:?} {address:?}");
        }
    }

    #[test]
    fn what_has_not_the_shape_of_an_address_is_none() {
        for text in [
            "",
            ";",
            "artie",
            "artie@",
            "@sage.com",
            "a@sage",
            "a@sage..com",
            "a@-x.com",
            "a@b@c.com",
            ".a@x.com",
            "a..b@x.com",
            "a@10.0.0.1",
        ] {
            assert_eq!(email(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_website_needs_a_host() {
        for text in [
            "www.sage.com",
            "https://sage.com/a?b=c",
            "HTTP://sage.com:80",
        ] {
            assert_eq!(website(text).as_deref(), Some(text));
        }
        for text in [
            "",
            "none",
            "see notes",
            "javascript://x.com",
            "www.sage.com <b>",
            "http://",
        ] {
            assert_eq!(website(text), None, "{text:?}");
        }
    }
}
