//! `--since`.

use jiff::{SignedDuration, Timestamp};

use crate::output::Refusal;

/// Reads `30m`, `2h`, `3d` (back from `now`) or an instant.
///
/// # Errors
/// When the text is neither.
pub fn since(text: &str, now: Timestamp) -> Result<Timestamp, Refusal> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(instant);
    }
    span(text)
        .and_then(|span| now.checked_sub(span).ok())
        .ok_or_else(|| {
            Refusal::new(
                "E_SINCE",
                format!("{text:?} is neither a time span nor an instant."),
                "30m, 2h, 3d or 2026-11-22T08:00:00Z are.",
            )
        })
}

/// Reads `30m`, `2h`, `3d`.
#[must_use]
pub fn span(text: &str) -> Option<SignedDuration> {
    text.char_indices()
        .last()
        .and_then(|(at, unit)| Some((text.get(..at)?.parse::<u32>().ok()?, unit)))
        .and_then(|(count, unit)| {
            let seconds = match unit {
                's' => 1,
                'm' => 60,
                'h' => 3_600,
                'd' => 86_400,
                _ => return None,
            };
            Some(SignedDuration::from_secs(i64::from(count) * seconds))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_instants_are_read_and_nonsense_is_refused() {
        let now: Timestamp = "2026-11-22T19:30:00Z".parse().unwrap();
        let read = |text| since(text, now).map(|at| at.to_string());
        assert_eq!(read("2h").unwrap(), "2026-11-22T17:30:00Z");
        assert_eq!(read("1d").unwrap(), "2026-11-21T19:30:00Z");
        assert_eq!(
            read("2026-11-22T08:00:00Z").unwrap(),
            "2026-11-22T08:00:00Z"
        );
        for nonsense in ["", "h", "2w", "-2h", "2ü", "99999999999d", "4294967295d"] {
            assert!(read(nonsense).is_err(), "{nonsense}");
        }
    }
}
