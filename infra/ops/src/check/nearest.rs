//! "Did you mean …?"

/// The candidate that a slip of the pen would make of `word`; none when nothing is near.
fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_ascii_lowercase();
    let most = (word.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| {
            let lower = candidate.to_ascii_lowercase();
            (strsim::osa_distance(&word, &lower), candidate)
        })
        .filter(|(distance, _)| *distance <= most)
        .min()
        .map(|(_, candidate)| candidate)
}

/// The remedy for a name that does not exist.
pub(super) fn remedy<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
    otherwise: &str,
) -> String {
    match nearest(word, candidates) {
        Some(near) => format!("Did you mean `{near}`?"),
        None => otherwise.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_is_recognised_and_a_strange_word_is_not() {
        let names = ["Billing_City", "Billing_Code", "Phone"];
        assert_eq!(nearest("billing_city", names), Some("Billing_City"));
        assert_eq!(nearest("Biling_Cty", names), Some("Billing_City"));
        assert_eq!(nearest("Phoen", names), Some("Phone"));
        assert_eq!(nearest("Warehouse", names), None);
    }
}
