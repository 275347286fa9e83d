//! Dates, which come as ISO 8601 or as milliseconds since 1970.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::value::RawValue;

use super::envelope::digits;

/// An instant.
pub(super) fn instant(raw: &RawValue) -> Option<Timestamp> {
    let text = digits(raw)?;
    if let Ok(milliseconds) = text.parse() {
        return Timestamp::from_millisecond(milliseconds).ok();
    }
    let iso = || text.parse().ok();
    // `2025-04-24T13:18:26.000+0000`: an offset without a colon.
    iso().or_else(|| Timestamp::strptime("%Y-%m-%dT%H:%M:%S%.f%z", &text).ok())
}

/// A calendar day: a date, or the midnight of one in UTC.
pub(super) fn day(raw: &RawValue) -> Option<Date> {
    let text = digits(raw)?;
    match text.parse::<i64>() {
        Ok(milliseconds) => {
            let instant = Timestamp::from_millisecond(milliseconds).ok()?;
            Some(instant.to_zoned(TimeZone::UTC).date())
        }
        Err(_) => text.get(..10)?.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(json: &str) -> Box<RawValue> {
        RawValue::from_string(json.to_owned()).unwrap()
    }

    #[test]
    fn both_forms_are_the_same_instant() {
        let at: Timestamp = "2025-04-24T13:18:26Z".parse().unwrap();
        for json in [
            "1745500706000",
            "\"1745500706000\"",
            "\"2025-04-24T13:18:26.000Z\"",
            "\"2025-04-24T13:18:26.000+0000\"",
            "\"2025-04-24T15:18:26+02:00\"",
        ] {
            assert_eq!(instant(&raw(json)), Some(at), "{json}");
        }
        for json in ["null", "\"soon\"", "{}", "1e400"] {
            assert_eq!(instant(&raw(json)), None, "{json}");
        }
        let date = jiff::civil::date(2025, 4, 24);
        assert_eq!(day(&raw("\"2025-04-24\"")), Some(date));
        assert_eq!(day(&raw("1745452800000")), Some(date));
        assert_eq!(day(&raw("\"Müller-Lüdens\"")), None);
    }
}
