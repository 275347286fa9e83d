//! The names of columns as messages write them: `DefaultPaymentType` is "Default Payment Type", `AVSState` "AVS State".

/// A column's name in words.
pub fn of_column(name: &str) -> String {
    // As its message is documented.
    if name == "SkipPrintCompLine" {
        return "Skip Printing Of This Component".to_owned();
    }
    let letters: Vec<char> = name.chars().collect();
    let mut words = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| letters.get(at));
        let after = letters.get(at + 1);
        let starts = letter.is_ascii_uppercase()
            && before.is_some_and(|before| {
                before.is_ascii_lowercase() || after.is_some_and(char::is_ascii_lowercase)
            });
        if starts && !words.is_empty() {
            words.push(' ');
        }
        words.push(*letter);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::of_column;

    #[test]
    fn words_begin_where_capitals_do_and_abbreviations_stay_whole() {
        assert_eq!(of_column("DefaultPaymentType"), "Default Payment Type");
        assert_eq!(of_column("AVSState"), "AVS State");
        assert_eq!(
            of_column("SkipPrintCompLine"),
            "Skip Printing Of This Component"
        );
    }
}
