use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

#[test]
fn countries_are_known_by_codes_names_and_what_people_write() {
    for (texts, code) in [
        (
            &[
                "US",
                "USA",
                "usa",
                "U.S.A.",
                "U.S.",
                "United States",
                "United States of America",
                "états-unis",
            ][..],
            "US",
        ),
        (
            &[
                "UK",
                "U.K.",
                "GBR",
                "Great Britain",
                "England",
                "United Kingdom",
            ],
            "GB",
        ),
        (&["CAN", "canada", " Canada "], "CA"),
        (&["México", "MEX", "mexico"], "MX"),
        (
            &["Korea, Republic of", "Korea (Republic of)", "South Korea"],
            "KR",
        ),
        (&["Deutschland", "GERMANY", "DEU"], "DE"),
        (
            &["Côte d\u{2019}Ivoire", "Cote d'Ivoire", "Ivory Coast"],
            "CI",
        ),
        (&["Trinidad & Tobago"], "TT"),
        (
            &["Türkiye", "Turkey", "T\u{fc}rkiye", "Tu\u{308}rkiye"],
            "TR",
        ),
    ] {
        for text in texts {
            assert_eq!(
                country(text).map(|country| country.code),
                Some(code),
                "{text}"
            );
        }
    }
    for text in ["", "XX", "Narnia", "U", "Wisconsin", "中国"] {
        assert_eq!(country(text), None, "{text}");
    }
}

#[test]
fn the_tables_are_whole_and_no_name_stands_for_two() {
    let codes: BTreeSet<_> = COUNTRIES.iter().map(|country| country.code).collect();
    let codes3: BTreeSet<_> = COUNTRIES.iter().map(|country| country.code3).collect();
    assert_eq!((codes.len(), codes3.len()), (249, 249));
    assert!(
        COUNTRIES
            .iter()
            .all(|c| c.code.len() == 2 && c.code3.len() == 3)
    );
    let mut seen = BTreeSet::new();
    for entry in &COUNTRIES {
        let names = [entry.code, entry.code3, entry.name].into_iter();
        for name in names.chain(entry.also.iter().copied()) {
            assert!(seen.insert(folded(name)), "{name}");
        }
    }
    for states in [&US[..], &CANADA[..]] {
        let mut seen = BTreeSet::new();
        for state in states {
            let names = [state.code, state.name].into_iter();
            for name in names.chain(state.also.iter().copied()) {
                assert!(seen.insert(folded(name)), "{name}");
            }
        }
    }
    // Nothing is written for a state and a province, so that a province tells its country.
    let both = |name: &&str| state(name, "US").is_some();
    let names = CANADA.iter().flat_map(|province| {
        let names = [province.code, province.name].into_iter();
        names.chain(province.also.iter().copied())
    });
    assert_eq!(
        names.collect::<Vec<_>>().iter().find(|name| both(name)),
        None
    );
    assert_eq!((US.len(), CANADA.len()), (59, 13));
}

#[test]
fn states_and_provinces_are_known_in_english_and_french() {
    for (texts, country, code) in [
        (
            &["WI", "wi", "W.I.", "Wisconsin", "Wis.", "WISC"][..],
            "US",
            "WI",
        ),
        (
            &["D.C.", "District of Columbia", "Washington, D.C."],
            "US",
            "DC",
        ),
        (&["N. Carolina", "N.C.", "north carolina"], "US", "NC"),
        (&["Puerto Rico", "PR"], "US", "PR"),
        (&["QC", "PQ", "Québec", "quebec", "Qué."], "CA", "QC"),
        (
            &["Colombie-Britannique", "B.C.", "British Columbia"],
            "CA",
            "BC",
        ),
        (
            &["Nfld.", "NF", "Terre-Neuve-et-Labrador", "NL"],
            "CA",
            "NL",
        ),
        (&["Île-du-Prince-Édouard", "P.E.I.", "PE"], "CA", "PE"),
    ] {
        for text in texts {
            assert_eq!(
                state(text, country).map(|state| state.code),
                Some(code),
                "{text}"
            );
        }
    }
    for (text, country) in [
        ("WI", "CA"),
        ("ON", "US"),
        ("BY", "DE"),
        ("", "US"),
        ("Atlantis", "US"),
    ] {
        assert_eq!(state(text, country), None, "{text}");
    }
}

#[test]
fn postal_codes_get_the_form_of_their_country() {
    let standard = |code: &str| Code::Standard(code.to_owned());
    for (text, country, said, expected) in [
        ("53205", "US", false, standard("53205")),
        ("53205-1204", "US", false, standard("53205-1204")),
        ("532051204", "US", false, standard("53205-1204")),
        ("53205 1204", "US", false, standard("53205-1204")),
        ("53205-", "US", false, standard("53205")),
        ("53205\u{2013}1204", "US", false, standard("53205-1204")),
        ("2134", "US", true, standard("02134")),
        ("2134-1000", "US", true, standard("02134-1000")),
        ("21341000", "US", true, standard("02134-1000")),
        ("601", "US", true, standard("00601")),
        ("6010001", "US", true, standard("00601-0001")),
        // Switzerland has such codes, too.
        ("8001", "US", false, Code::Unknown),
        ("500", "US", true, Code::Unknown),
        ("53", "US", true, Code::Unknown),
        ("5320", "CA", true, Code::Unknown),
        ("1234567890", "US", true, Code::Unknown),
        ("53205-12", "US", true, Code::Unknown),
        ("5320A", "US", true, Code::Unknown),
        ("k1a0b1", "CA", true, standard("K1A 0B1")),
        ("K1A-0B1", "CA", true, standard("K1A 0B1")),
        ("k1a 0b1", "US", false, standard("K1A 0B1")),
        ("k1a 0b1", "US", true, Code::Unknown),
        ("D1A 0B1", "CA", true, Code::Unknown),
        ("SW1A 1AA", "GB", true, Code::NoForm),
    ] {
        assert_eq!(
            postal_code(text, country, said),
            expected,
            "{text} {country}"
        );
    }
}

proptest! {
    #[test]
    fn what_is_in_form_stays_and_no_digit_is_lost(text in "[0-9]{0,10}|[0-9]{3,5}[- ][0-9]{4}|[A-Za-z][0-9][A-Za-z] ?[0-9][A-Za-z][0-9]", country in "US|CA", said: bool) {
        if let Code::Standard(made) = postal_code(&text, &country, said) {
            let bare = |text: &str| {
                let bare: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
                bare.to_uppercase().trim_start_matches('0').to_owned()
            };
            prop_assert_eq!(bare(&made), bare(&text));
            prop_assert_eq!(postal_code(&made, &country, said), Code::Standard(made));
        }
    }

    #[test]
    fn any_text_is_looked_up(text in "\\PC{0,40}") {
        let found = country(&text);
        prop_assert!(found.is_none_or(|found| country(found.name) == Some(found)));
        postal_code(&text, "US", true);
        state(&text, "CA");
    }
}
