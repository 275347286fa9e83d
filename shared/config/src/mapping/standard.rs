//! The helpers for parts of an address. What they do not know goes over as it was, with a note, unless the map says
//! otherwise: a CRM that takes any text takes that, too.

use counterpart_domain::{Note, Value};

use super::place::{self, CANADA, COUNTRIES, US};
use super::{FieldMap, Helper, Otherwise, PlaceForm, Refusal};

/// What is said of a value that is not known.
struct Unknown {
    fault: &'static str,
    note: &'static str,
    why: String,
}

impl FieldMap {
    /// A state or province; `default` (alpha-2) stands for a blank country.
    pub(super) fn state(
        &self,
        form: PlaceForm,
        default: &str,
        values: &[Value],
        notes: &mut Vec<Note>,
    ) -> Result<Value, Refusal> {
        let (state, country) = (text(values, 0), text(values, 1));
        if state.is_empty() {
            return Ok(Value::Blank);
        }
        let said = !country.is_empty();
        let known = place::country(if said { &country } else { default });
        let found = known.and_then(|known| place::state(&state, known.code));
        // Without a country, a province says by itself that it is Canada's, and a state that it is not. Elsewhere the
        // same letters mean something else: MI is Milan.
        let neighbour = known
            .filter(|_| !said)
            .and_then(|known| neighbour(known.code));
        let found = found.or_else(|| place::state(&state, neighbour?));
        match (found, form) {
            (Some(found), PlaceForm::Name) => Ok(Value::text(found.name)),
            (Some(found), PlaceForm::Code | PlaceForm::Code3) => Ok(Value::text(found.code)),
            (None, _) => self.unknown(
                state,
                notes,
                Unknown {
                    fault: "E_MAPPING_STATE",
                    note: "N_ADDRESS_STATE",
                    why: known.map_or_else(
                        || format!("is in {country:?}, which is no known country"),
                        |known| format!("is no known state or province of {}", known.name),
                    ),
                },
            ),
        }
    }

    /// A country; `default` stands for a blank one in an address that is not blank.
    pub(super) fn country(
        &self,
        form: PlaceForm,
        default: Option<&'static str>,
        values: &[Value],
        notes: &mut Vec<Note>,
    ) -> Result<Value, Refusal> {
        let mut country = text(values, 0);
        if country.is_empty() {
            let others = values.get(1..).unwrap_or_default();
            let filled =
                others.is_empty() || (1..values.len()).any(|at| !text(values, at).is_empty());
            match default.filter(|_| filled) {
                Some(default) => of_address(default, values).clone_into(&mut country),
                None => return Ok(Value::Blank),
            }
        }
        match (place::country(&country), form) {
            (Some(known), PlaceForm::Code) => Ok(Value::text(known.code)),
            (Some(known), PlaceForm::Code3) => Ok(Value::text(known.code3)),
            (Some(known), PlaceForm::Name) => Ok(Value::text(known.name)),
            (None, _) => self.unknown(
                country,
                notes,
                Unknown {
                    fault: "E_MAPPING_COUNTRY",
                    note: "N_ADDRESS_COUNTRY",
                    why: "is no known country".into(),
                },
            ),
        }
    }

    /// A postal code; `default` (alpha-2) stands for a blank country.
    pub(super) fn postal_code(
        &self,
        default: &str,
        values: &[Value],
        notes: &mut Vec<Note>,
    ) -> Result<Value, Refusal> {
        let (code, country) = (text(values, 0), text(values, 1));
        if code.is_empty() {
            return Ok(Value::Blank);
        }
        let said = !country.is_empty();
        // Of a country that is not known, no form is known either.
        let known = place::country(if said { &country } else { default });
        match known.map_or(place::Code::NoForm, |known| {
            place::postal_code(&code, known.code, said)
        }) {
            place::Code::Standard(standard) => Ok(Value::text(standard)),
            place::Code::NoForm => Ok(Value::text(code)),
            place::Code::Unknown => self.unknown(
                code,
                notes,
                Unknown {
                    fault: "E_MAPPING_POSTAL_CODE",
                    note: "N_ADDRESS_POSTAL_CODE",
                    why: format!(
                        "is no postal code of {}",
                        known.map_or("this country", |known| known.name)
                    ),
                },
            ),
        }
    }

    fn unknown(
        &self,
        text: String,
        notes: &mut Vec<Note>,
        unknown: Unknown,
    ) -> Result<Value, Refusal> {
        if self.otherwise != Otherwise::Keep {
            return Err(Refusal {
                code: unknown.fault,
                why: unknown.why,
            });
        }
        let message = format!(
            "{}: {text:?} {}. It was kept as it is.",
            self.field, unknown.why
        );
        notes.push(Note::new(&self.field, unknown.note, message));
        Ok(Value::text(text))
    }
}

/// The country whose states and postal codes speak for themselves where this one is the usual one.
fn neighbour(country: &str) -> Option<&'static str> {
    match country {
        "US" => Some("CA"),
        "CA" => Some("US"),
        _ => None,
    }
}

/// The country of an address that names none: the usual one, unless the other columns say by a state or a postal code, as
/// `state_code` and `postal_code` read them, that it is the neighbour. What speaks for the usual one wins.
fn of_address(default: &'static str, values: &[Value]) -> &'static str {
    let Some(neighbour) = neighbour(default) else {
        return default;
    };
    let speaks_for = |country: &str| {
        (1..values.len()).map(|at| text(values, at)).any(|text| {
            place::state(&text, country).is_some()
                || matches!(
                    place::postal_code(&text, country, true),
                    place::Code::Standard(_)
                )
        })
    };
    if !speaks_for(default) && speaks_for(neighbour) {
        neighbour
    } else {
        default
    }
}

/// All texts that one of these helpers makes of what it knows.
pub(super) fn texts_of(helper: &Helper) -> Vec<&'static str> {
    let states = || US.iter().chain(&CANADA);
    match helper {
        Helper::State {
            form: PlaceForm::Name,
            ..
        } => states().map(|state| state.name).collect(),
        Helper::State { .. } => states().map(|state| state.code).collect(),
        Helper::Country { form, .. } => COUNTRIES
            .iter()
            .map(|country| match form {
                PlaceForm::Code => country.code,
                PlaceForm::Code3 => country.code3,
                PlaceForm::Name => country.name,
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// The text of a column, trimmed.
fn text(values: &[Value], at: usize) -> String {
    let text = values.get(at).map(Helper::source_text).unwrap_or_default();
    text.trim().to_owned()
}
