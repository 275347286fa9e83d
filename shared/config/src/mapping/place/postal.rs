//! Postal codes of the United States (ZIP, ZIP+4) and Canada.

/// What a text is as a postal code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Code {
    /// In the country's form.
    Standard(String),
    /// The country's codes have no form that is known here.
    NoForm,
    /// Not in the form that the country's codes have.
    Unknown,
}

/// Brings a code to its country's form: `53205`, `53205-1204`, `K1A 0B1`. `country` is the alpha-2 code; `said` tells
/// whether it was written or is only the default, in which case a code of Canada's form is taken for one, and leading
/// zeros that a spreadsheet lost are not made up.
pub(crate) fn code(text: &str, country: &str, said: bool) -> Code {
    let compact: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '\u{2010}'..='\u{2013}' | '.'))
        .flat_map(char::to_uppercase)
        .collect();
    match country {
        "US" => match zip(text, &compact, said) {
            Some(zip) => Code::Standard(zip),
            None if !said => canadian(&compact).map_or(Code::Unknown, Code::Standard),
            None => Code::Unknown,
        },
        "CA" => canadian(&compact).map_or(Code::Unknown, Code::Standard),
        _ => Code::NoForm,
    }
}

fn zip(text: &str, compact: &str, said: bool) -> Option<String> {
    if !compact.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // Where the two parts stand apart, zeros are missing from the first one only.
    let mut parts = text
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty());
    let (first, more) = match (parts.next(), parts.next(), parts.next()) {
        (Some(first), Some(more), None) if more.len() == 4 => (first, more),
        (Some(digits), None, None) => match digits.len() {
            // Without a hyphen: with all zeros, or without the first one or two.
            7..=9 => digits.split_at_checked(digits.len() - 4)?,
            _ => (digits, ""),
        },
        _ => return None,
    };
    let first = match first.len() {
        5 => first.to_owned(),
        // The lowest ZIP is 00501: no more than two zeros can be lost.
        3 | 4 if said && first.parse::<u32>().is_ok_and(|number| number >= 501) => {
            format!("{first:0>5}")
        }
        _ => return None,
    };
    Some(if more.is_empty() {
        first
    } else {
        format!("{first}-{more}")
    })
}

/// `K1A0B1` as `K1A 0B1`. D, F, I, O, Q and U are in no code, W and Z are never the first letter.
fn canadian(compact: &str) -> Option<String> {
    let letter = |c: char| c.is_ascii_uppercase() && !"DFIOQU".contains(c);
    let fits = compact.len() == 6
        && compact.chars().enumerate().all(|(at, c)| match at {
            0 => letter(c) && !"WZ".contains(c),
            2 | 4 => letter(c),
            _ => c.is_ascii_digit(),
        });
    let (first, second) = compact.split_at_checked(3).filter(|_| fits)?;
    Some(format!("{first} {second}"))
}
