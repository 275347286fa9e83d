//! "Did you mean …?"

/// The candidate nearest to `word`, when it is near enough to have been meant.
pub(super) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let most = (word.chars().count() / 3).max(1);
    candidates
        .into_iter()
        // Of equally near ones, one with the same beginning.
        .map(|candidate| {
            let begins = candidate.chars().next() == word.chars().next();
            (distance(word, candidate), !begins, candidate)
        })
        .filter(|(distance, ..)| *distance <= most)
        .min()
        .map(|(.., candidate)| candidate)
}

/// "Did you mean `x`?", or else all of them.
pub(crate) fn remedy<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    let candidates: Vec<&str> = candidates.into_iter().collect();
    match nearest(word, candidates.iter().copied()) {
        Some(near) => format!("Did you mean `{near}`?"),
        None => format!("Use one of: {}.", candidates.join(", ")),
    }
}

/// Edits (insert, delete, replace, swap of neighbours) from one word to the other; upper and lower case count alike.
fn distance(a: &str, b: &str) -> usize {
    let lower = |text: &str| {
        text.chars()
            .take(100)
            .flat_map(char::to_lowercase)
            .collect::<Vec<_>>()
    };
    let (a, b) = (lower(a), lower(b));
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let cell = |row: &[usize], at: usize| row.get(at).copied().unwrap_or(usize::MAX / 2);
            let replaced = cell(&above, j - 1) + usize::from(a.get(i - 1) != b.get(j - 1));
            let mut least = replaced.min(cell(&above, j) + 1).min(cell(&row, j - 1) + 1);
            let swapped =
                i > 1 && j > 1 && a.get(i - 1) == b.get(j - 2) && a.get(i - 2) == b.get(j - 1);
            if swapped {
                least = least.min(cell(&before, j - 2) + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut above, row);
    }
    above.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_recognised_and_a_strange_word_is_not() {
        let columns = ["CustomerName", "CustomerNo", "City", "State"];
        assert_eq!(nearest("CustomerNmae", columns), Some("CustomerName"));
        assert_eq!(nearest("customername", columns), Some("CustomerName"));
        assert_eq!(nearest("Citty", columns), Some("City"));
        assert_eq!(nearest("Warehouse", columns), None);
        assert_eq!(nearest("usa", ["sa", "us"]), Some("us"));
        assert_eq!(remedy("x", ["us", "eu"]), "Use one of: us, eu.");
    }
}
