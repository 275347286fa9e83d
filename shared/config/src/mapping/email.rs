//! One e-mail address out of a Sage column that may hold several.

/// The first address of a list (`;`, `,` or blanks between them). `None` when it has not the shape of one: a CRM would
/// refuse the whole record.
pub(super) fn first(text: &str) -> Option<String> {
    let address = text
        .split([';', ',', ' '])
        .find(|part| !part.is_empty())?
        .trim_start_matches("mailto:");
    let (local, domain) = address.split_once('@')?;
    let labels = || domain.split('.');
    let label = |part: &str| {
        !part.is_empty()
            && !part.starts_with('-')
            && !part.ends_with('-')
            && part.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let local_allowed = |c: char| c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(c);
    let sound = !local.is_empty()
        && local.chars().all(local_allowed)
        && labels().count() > 1
        && labels().all(label)
        && labels()
            .next_back()
            .is_some_and(|top| top.chars().count() > 1);
    sound.then(|| address.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_several_addresses_is_taken() {
        assert_eq!(
            first("artie@sage.sample.com; john@sage.sample.com").as_deref(),
            Some("artie@sage.sample.com")
        );
        assert_eq!(
            first(";o'neil+ap@x-y.co").as_deref(),
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
        ] {
            assert_eq!(first(text), None, "{text:?}");
        }
    }
}
