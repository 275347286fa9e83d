//! Generated contacts: 0 to 4 per customer. All invented.

use std::collections::BTreeSet;

use super::{
    pools::Stamps,
    rng::Rng,
    row::{Row, Stamp},
    words,
};
use crate::sage::CONTACTS;

/// Makes people.
#[derive(Debug)]
pub struct People {
    rng: Rng,
    stamps: Stamps,
}

impl People {
    /// People of a seed.
    pub fn new(seed: u64) -> Self {
        Self {
            rng: Rng::new(seed, 3),
            stamps: Stamps::new(seed, 4),
        }
    }

    /// The contacts of one customer.
    pub fn of(&mut self, number: &str, division: &str, company: &str) -> Vec<Row> {
        let count = self.rng.pick(&[0, 0, 1, 1, 1, 1, 2, 2, 3, 4]);
        let domain = domain(company, number);
        let mut codes = BTreeSet::new();
        (0..count)
            .map(|index| self.contact(number, division, &domain, index, &mut codes))
            .collect()
    }

    fn contact(
        &mut self,
        number: &str,
        division: &str,
        domain: &str,
        index: u32,
        codes: &mut BTreeSet<String>,
    ) -> Row {
        let rng = &mut self.rng;
        let (given, family) = (rng.pick(words::GIVEN), rng.pick(words::FAMILY));
        let (name, salutation) = full_name(rng, given, family);
        let code = code(&name, codes);
        let title = rng.pick(&[
            "Owner",
            "Buyer",
            "Controller",
            "A/P Clerk",
            "VP Operations",
            "Plant Manager",
            "",
        ]);
        let phone = format!(
            "({}) 555-{:04}",
            rng.pick(&["414", "262", "312", "612"]),
            100 + rng.below(100)
        );
        let second = format!(
            "({}) 555-{:04}",
            rng.pick(&["414", "262", "920"]),
            100 + rng.below(100)
        );
        // Addresses such as ap@ are shared by people and, where bookkeeping is outsourced, by companies.
        let email = match rng.below(20) {
            0..3 => String::new(),
            3 => "ap@shared-bookkeeping.example".to_owned(),
            4 => format!("AP@{domain}"),
            _ => format!(
                "{}.{}{}@{domain}",
                ascii(given),
                ascii(family),
                if index == 0 {
                    String::new()
                } else {
                    index.to_string()
                }
            ),
        };
        let key = format!("{division}-{number}/{code}");
        Row::new(
            CONTACTS.columns(),
            key,
            self.stamps.next(),
            &Stamp::new("20240401", "11.00000"),
            &[
                ("ARDivisionNo", division),
                ("CustomerNo", number),
                ("ContactCode", &code),
                ("ContactName", &name),
                ("Salutation", salutation),
                ("ContactTitle", title),
                ("TelephoneNo1", if rng.percent(85) { &phone } else { "" }),
                ("TelephoneExt1", if rng.percent(15) { "22" } else { "" }),
                ("TelephoneNo2", if rng.percent(20) { &second } else { "" }),
                ("EmailAddress", &email),
                (
                    "ContactNotes",
                    if rng.percent(5) {
                        "Prefers e-mail.\r\nOut on Fridays."
                    } else {
                        ""
                    },
                ),
                ("UDF_NEWSLETTER", rng.pick(&["Y", "N", ""])),
            ],
        )
    }
}

/// Sage has one name column, and people fill it in all the ways there are.
fn full_name(rng: &mut Rng, given: &str, family: &str) -> (String, &'static str) {
    match rng.below(20) {
        0 => (
            rng.pick(&["Reception", "Accounting", "Purchasing", "Cher", "Sven"])
                .to_owned(),
            "",
        ),
        1 => (format!("Dr. {given} {family}"), "Dr."),
        2 => (format!("{given} {family} Jr."), "Mr."),
        3 => (format!("{given} {family} III"), ""),
        4 => (format!("{family}, {given}"), ""),
        5 => (format!("Mrs. {family}"), "Mrs."),
        6 => (format!("{given} Q. {family}, CPA"), ""),
        7 => (format!("  {given}  {family} "), ""),
        8 => (format!("{given} {family}").to_uppercase(), ""),
        _ => (
            format!("{given} {family}"),
            rng.pick(&["", "", "Ms.", "Mr."]),
        ),
    }
}

/// A contact code as Sage's users make them: the name in capitals, cut at ten characters.
fn code(name: &str, taken: &mut BTreeSet<String>) -> String {
    let plain: String = ascii_upper(name)
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == ' ')
        .collect();
    let base: String = plain
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .take(10)
        .collect();
    let base = base.trim().to_owned();
    let mut code = base.clone();
    let mut suffix = 2;
    while !taken.insert(code.clone()) {
        code = format!(
            "{}{suffix}",
            base.chars().take(9).collect::<String>().trim()
        );
        suffix += 1;
    }
    code
}

fn domain(company: &str, number: &str) -> String {
    let word: String = ascii(company)
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(12)
        .collect();
    let tail: String = number.chars().filter(char::is_ascii_digit).collect();
    format!(
        "{}{tail}.example",
        if word.is_empty() {
            "company".to_owned()
        } else {
            word
        }
    )
}

/// Lower-case ASCII letters of a name, accents dropped.
fn ascii(text: &str) -> String {
    text.to_lowercase().chars().filter_map(plain).collect()
}

fn ascii_upper(text: &str) -> String {
    text.to_lowercase()
        .chars()
        .filter_map(|c| if c == ' ' { Some(' ') } else { plain(c) })
        .collect::<String>()
        .to_uppercase()
}

fn plain(c: char) -> Option<char> {
    match c {
        'á' | 'à' | 'ä' => Some('a'),
        'é' | 'è' | 'ë' => Some('e'),
        'í' => Some('i'),
        'ó' | 'ö' | 'ø' => Some('o'),
        'ú' | 'ü' => Some('u'),
        'ñ' => Some('n'),
        'ł' => Some('l'),
        'ź' => Some('z'),
        'ß' => Some('s'),
        c if c.is_ascii_alphanumeric() => Some(c),
        _ => None,
    }
}
