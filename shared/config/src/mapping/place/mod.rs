//! Countries, states and postal codes as one system writes them, brought to what another wants. What is not known is
//! left to the caller: nothing is guessed.

mod countries;
mod postal;
mod states;

use std::collections::HashMap;
use std::sync::LazyLock;

pub(crate) use countries::{COUNTRIES, Country};
pub(crate) use postal::{Code, code as postal_code};
pub(crate) use states::{CANADA, State, US};

/// A country by its code, its name, or what else people write for it.
pub(crate) fn country(text: &str) -> Option<&'static Country> {
    static NAMES: LazyLock<HashMap<String, &'static Country>> = LazyLock::new(|| {
        let names = COUNTRIES.iter().flat_map(|country| {
            let names = [country.code, country.code3, country.name];
            let all = names.into_iter().chain(country.also.iter().copied());
            all.map(move |name| (folded(name), country))
        });
        names.collect()
    });
    NAMES.get(&folded(text)).copied()
}

/// A state, province or territory of a country (alpha-2) by its abbreviation, its name, or what else people write.
/// `None`: it is not known, or the country is another than the United States and Canada.
pub(crate) fn state(text: &str, country: &str) -> Option<&'static State> {
    type Names = HashMap<String, &'static State>;
    fn names(states: &'static [State]) -> Names {
        let names = states.iter().flat_map(|state| {
            let all = [state.code, state.name].into_iter();
            let all = all.chain(state.also.iter().copied());
            all.map(move |name| (folded(name), state))
        });
        names.collect()
    }
    static OF_US: LazyLock<Names> = LazyLock::new(|| names(&US));
    static OF_CANADA: LazyLock<Names> = LazyLock::new(|| names(&CANADA));
    let names = match country {
        "US" => &OF_US,
        "CA" => &OF_CANADA,
        _ => return None,
    };
    names.get(&folded(text)).copied()
}

/// Upper case without accents; words of letters and digits with one blank between them.
fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_uppercase) {
        let plain = match c {
            'A'..='Z' | '0'..='9' => c,
            'À'..='Å' | 'Ā' | 'Ă' | 'Ą' => 'A',
            'Ç' | 'Ć' | 'Č' => 'C',
            'È'..='Ë' | 'Ē' | 'Ę' | 'Ě' => 'E',
            'Ì'..='Ï' | 'Ī' | 'İ' => 'I',
            'Ñ' | 'Ń' | 'Ň' => 'N',
            'Ò'..='Ö' | 'Ø' | 'Ō' => 'O',
            'Ù'..='Ü' | 'Ū' | 'Ů' => 'U',
            // Accents that stand by themselves, and what only joins letters.
            '\u{300}'..='\u{36f}' | '\'' | '\u{2019}' => continue,
            '&' => {
                folded.push_str(" AND ");
                continue;
            }
            // Letters of other scripts make another word.
            c if c.is_alphanumeric() => c,
            _ => ' ',
        };
        folded.push(plain);
    }
    let words: Vec<&str> = folded.split_whitespace().collect();
    // Initials are one word: U.S.A., N. Y.
    let initials = words.iter().all(|word| word.chars().count() == 1);
    words.join(if initials { "" } else { " " })
}

#[cfg(test)]
mod tests;
