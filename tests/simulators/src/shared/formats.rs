//! The format of an e-mail address, as strict CRMs take it.

/// E-mail addresses: a dot-atom of RFC 5322, an at-sign, a domain of two labels or more. Salesforce, "Salesforce Email Address Format
/// Technical Standards Validation": the full range of characters of the RFCs, and points one after the other, also at the end of
/// the local part. Zoho publishes no pattern; nobody has shown that it refuses a character of an atom.
pub fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let local_fits = !local.is_empty()
        && local
            .chars()
            .all(|c| c.is_alphanumeric() || ".!#$%&'*+-/=?^_`{|}~".contains(c))
        && !local.starts_with('.');
    let labels: Vec<&str> = domain.split('.').collect();
    let domain_fits = labels.len() >= 2
        && labels.iter().all(|label| {
            !label.is_empty()
                && label.chars().all(|c| c.is_alphanumeric() || c == '-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        })
        && labels
            .last()
            .is_some_and(|top| top.chars().count() >= 2 && top.chars().all(char::is_alphabetic));
    local_fits && domain_fits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_email_has_one_at_and_a_domain() {
        assert!(is_email("artie@sage.sample.com"));
        assert!(is_email("o'brien+ap@x-y.example"));
        assert!(is_email("sales#west@example.com"));
        assert!(is_email("a..b.@docomo.example"));
        for email in [
            "artie",
            "a@b",
            "a@@b.com",
            "a b@c.com",
            "a@b.com; c@d.com",
            "a@b..com",
        ] {
            assert!(!is_email(email), "{email}");
        }
    }
}
