//! No record twice in a call.

use std::collections::HashMap;

/// Splits rows into calls in which no name stands twice, as positions, in order: the later of two rows goes into a later
/// call, and what comes of it is what would have come of it in a pack of its own.
#[must_use]
pub fn without_twins(names: impl IntoIterator<Item = String>) -> Vec<Vec<usize>> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut calls: Vec<Vec<usize>> = Vec::new();
    for (at, name) in names.into_iter().enumerate() {
        let times = seen.entry(name).or_default();
        if calls.len() <= *times {
            calls.push(Vec::new());
        }
        calls[*times].push(at);
        *times += 1;
    }
    calls
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_later_of_two_goes_into_a_later_call() {
        let names = ["a", "b", "a", "c", "a"].map(str::to_owned);
        assert_eq!(without_twins(names), [vec![0, 1, 3], vec![2], vec![4]]);
        assert!(without_twins([]).is_empty());
    }
}
