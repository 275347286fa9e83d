//! Sage's one ContactName as the parts that CRMs want.

/// The parts of a person's name. No word of the name is lost: a suffix stays with the last name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct PersonName {
    /// `Mr.`, `Mrs.`, `Ms.`, `Dr.` or `Prof.`; else empty.
    pub(super) salutation: &'static str,
    /// First and middle names; may be empty.
    pub(super) first: String,
    /// Last name with particles and suffix; empty only when there is no name.
    pub(super) last: String,
}

/// Titles in the spelling of the CRMs' pick lists.
pub(super) const TITLES: [(&str, &str); 9] = [
    ("mr", "Mr."),
    ("mister", "Mr."),
    ("mrs", "Mrs."),
    ("ms", "Ms."),
    ("miss", "Ms."),
    ("dr", "Dr."),
    ("doctor", "Dr."),
    ("prof", "Prof."),
    ("professor", "Prof."),
];

const SUFFIXES: [&str; 17] = [
    "jr", "sr", "ii", "iii", "iv", "md", "dds", "dvm", "phd", "cpa", "cfo", "ceo", "esq", "rn",
    "pe", "mba", "ret",
];

/// Words that belong to the last name that follows them.
const PARTICLES: [&str; 25] = [
    "af", "al", "bin", "da", "de", "del", "della", "den", "der", "di", "do", "dos", "du", "el",
    "la", "le", "lo", "san", "st", "ten", "ter", "van", "von", "y", "zu",
];

impl PersonName {
    /// Takes a full name apart: `Dr. Artie Johnson Jr.`, `Johnson, Artie`, `Ludwig van Beethoven`, `Madonna`.
    pub(super) fn parse(text: &str) -> Self {
        let (front, back) = at_comma(text);
        let mut words: Vec<&str> = front.split_whitespace().collect();
        let mut given: Vec<&str> = back.split_whitespace().collect();
        // The title stands before the whole name, or before the first name: "Johnson, Dr. Artie".
        let salutation = match take_title(&mut words) {
            "" => take_title(&mut given),
            title => title,
        };
        if !given.is_empty() {
            let suffix = given.split_off(suffix_start(&given));
            words.extend(suffix);
            return Self {
                salutation,
                first: given.join(" "),
                last: words.join(" "),
            };
        }
        let last = words.split_off(last_start(&words));
        Self {
            salutation,
            first: words.join(" "),
            last: last.join(" "),
        }
    }
}

/// The title in a salutation (`Dr.`, `Dear Mr. Johnson`) or a full name; empty when there is none.
pub(crate) fn title(text: &str) -> &'static str {
    let mut words = text
        .split_whitespace()
        .map(bare)
        .skip_while(|word| word == "dear");
    let first = words.next().unwrap_or_default();
    let found = TITLES.iter().find(|(title, _)| *title == first);
    found.map_or_else(|| PersonName::parse(text).salutation, |(_, title)| title)
}

/// `Johnson, Artie` is split; in `Artie Johnson, Jr.` the comma only sets the suffix off, which joins the words.
fn at_comma(text: &str) -> (String, String) {
    let plain = || (text.replace(',', " "), String::new());
    let Some((front, back)) = text.split_once(',') else {
        return plain();
    };
    let back = back.replace(',', " ");
    let mut names = back.split_whitespace().filter(|word| !is_suffix(word));
    if front.trim().is_empty() || names.next().is_none() {
        return plain();
    }
    (front.to_owned(), back)
}

/// Takes the title off the front, unless it is all there is.
fn take_title(words: &mut Vec<&str>) -> &'static str {
    let bare = words.first().map_or(String::new(), |word| bare(word));
    let found = TITLES.iter().find(|(title, _)| *title == bare);
    match found {
        Some((_, title)) if words.len() > 1 => {
            words.remove(0);
            title
        }
        _ => "",
    }
}

/// Where the trailing suffixes start; the first word is never one.
fn suffix_start(words: &[&str]) -> usize {
    let trailing = words
        .iter()
        .skip(1)
        .rev()
        .take_while(|word| is_suffix(word));
    words.len() - trailing.count()
}

/// Where the last name starts: the word before the suffixes, and the particles before that.
fn last_start(words: &[&str]) -> usize {
    let mut start = suffix_start(words).saturating_sub(1);
    while start > 1
        && words
            .get(start - 1)
            .is_some_and(|word| PARTICLES.contains(&bare(word).as_str()))
    {
        start -= 1;
    }
    start
}

fn is_suffix(word: &str) -> bool {
    SUFFIXES.contains(&bare(word).as_str())
}

fn bare(word: &str) -> String {
    word.chars()
        .filter(|c| *c != '.')
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parts(text: &str) -> (String, String, String) {
        let name = PersonName::parse(text);
        (name.salutation.to_owned(), name.first, name.last)
    }

    #[test]
    fn names_come_apart_as_people_would_do_it() {
        for (text, salutation, first, last) in [
            ("Artie Johnson", "", "Artie", "Johnson"),
            ("  John   Q.  Quinn ", "", "John Q.", "Quinn"),
            ("Madonna", "", "", "Madonna"),
            ("MR ARTIE JOHNSON", "Mr.", "ARTIE", "JOHNSON"),
            ("Dr. Quinn", "Dr.", "", "Quinn"),
            ("Dr.", "", "", "Dr."),
            ("Artie Johnson Jr.", "", "Artie", "Johnson Jr."),
            ("Artie Johnson, Jr.", "", "Artie", "Johnson Jr."),
            ("Henry Ford III", "", "Henry", "Ford III"),
            ("Ann Lee, M.D., Ph.D.", "", "Ann", "Lee M.D. Ph.D."),
            ("Johnson, Artie", "", "Artie", "Johnson"),
            (
                "Johnson, Dr. Artie Q., Jr.",
                "Dr.",
                "Artie Q.",
                "Johnson Jr.",
            ),
            ("van Beethoven, Ludwig", "", "Ludwig", "van Beethoven"),
            ("Ludwig van Beethoven", "", "Ludwig", "van Beethoven"),
            ("MARIA DE LA CRUZ", "", "MARIA", "DE LA CRUZ"),
            ("Van Morrison", "", "Van", "Morrison"),
            ("John & Mary Smith", "", "John & Mary", "Smith"),
            ("Smith,", "", "", "Smith"),
            (", Artie", "", "", "Artie"),
            ("", "", "", ""),
            (" , ", "", "", ""),
        ] {
            let expected = (salutation.to_owned(), first.to_owned(), last.to_owned());
            assert_eq!(parts(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_title_stands_in_a_salutation_or_before_a_name() {
        for (text, found) in [
            ("MR", "Mr."),
            ("Dear Mrs. Johnson", "Mrs."),
            ("Johnson, Dr. Artie", "Dr."),
            ("Artie", ""),
            ("Little Miss Cakes", ""),
            ("Dear", ""),
            ("", ""),
        ] {
            assert_eq!(title(text), found, "{text:?}");
        }
    }

    /// The words without commas, in order of the alphabet.
    fn words(text: &str) -> Vec<String> {
        let mut words: Vec<String> = text
            .replace(',', " ")
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        words.sort();
        words
    }

    proptest! {
        #[test]
        fn there_is_a_last_name_as_soon_as_there_is_a_word(text in "(Dr\\.|Jr|van|Ann|Lee|[A-Z]?|,|, | ){0,8}") {
            prop_assert_eq!(PersonName::parse(&text).last.is_empty(), words(&text).is_empty());
        }

        #[test]
        fn no_word_is_lost_or_made_up(text in "(Jr |van |Ann |Lee |[a-z]{1,4} |, ){0,8}") {
            let name = PersonName::parse(&text);
            let mut kept = words(&format!("{} {}", name.first, name.last));
            if !name.salutation.is_empty() {
                kept.push(name.salutation.to_owned());
            }
            prop_assert_eq!(kept.len(), words(&text).len());
            if name.salutation.is_empty() {
                prop_assert_eq!(kept, words(&text));
            }
        }

        #[test]
        fn any_text_at_all_is_taken(text in "\\PC{0,60}") {
            let name = PersonName::parse(&text);
            prop_assert!(!name.last.is_empty() || text.replace(',', " ").trim().is_empty());
        }
    }
}
