//! E-mail and web addresses out of Sage columns that take any text. A CRM refuses the whole record for one that has not
//! the shape of an address.

/// The first e-mail address of a list (`;`, `,` or blanks between them). `None` when it has not the shape of one.
pub(crate) fn email(text: &str) -> Option<String> {
    let address = text
        .split([';', ',', ' '])
        .find(|part| !part.is_empty())?
        .trim_start_matches("mailto:");
    let (local, domain) = address.split_once('@')?;
    let allowed = |c: char| c.is_alphanumeric() || "!%&'+-./=^_".contains(c);
    let sound = local.chars().all(allowed)
        && local.split('.').all(|part| !part.is_empty())
        && is_domain(domain);
    sound.then(|| address.to_owned())
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
