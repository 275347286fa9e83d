//! Values between XML Schema's types and Sage's texts.

use rust_decimal::Decimal;

/// `2026-11-22T00:00:00`, with or without fraction and zone, as Sage's `20261122`. The time of day is dropped:
/// Sage's dates have none. `None`: no date.
pub fn date_of(text: &str) -> Option<String> {
    let text = text.trim();
    let (date, time) = text.split_once('T')?;
    let date: jiff::civil::Date = date.parse().ok()?;
    let clock = time
        .find(['Z', '+', '-'])
        .map_or(time, |at| time.get(..at).unwrap_or(time));
    clock.parse::<jiff::civil::Time>().ok()?;
    Some(date.strftime("%Y%m%d").to_string())
}

/// Sage's date as `xs:dateTime`; `None`: it is blank.
pub fn date_time(date: &str) -> Option<String> {
    let (year, rest) = date.split_at_checked(4)?;
    let (month, day) = rest.split_at_checked(2)?;
    Some(format!("{year}-{month}-{day}T00:00:00"))
}

/// Sage's date and decimal hours as `xs:dateTime`.
pub fn stamp(date: &str, time: &str) -> Option<String> {
    let day = date_time(date)?;
    let hours = Decimal::from_str_exact(time).unwrap_or_default();
    let seconds = (hours * Decimal::from(3600)).round();
    let seconds = u32::try_from(seconds.mantissa() / 10_i128.pow(seconds.scale())).unwrap_or(0);
    let clock = format!(
        "{:02}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    );
    Some(day.replacen("00:00:00", &clock, 1))
}

/// `xs:decimal` as a plain number. `None`: it is none.
pub fn decimal_of(text: &str) -> Option<String> {
    let text = text.trim();
    let plain = text.strip_prefix('+').unwrap_or(text);
    Decimal::from_str_exact(plain)
        .ok()
        .map(|number| number.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_lose_their_time_and_stamps_gain_one() {
        assert_eq!(date_of("2026-11-22T00:00:00").as_deref(), Some("20261122"));
        assert_eq!(
            date_of("2026-11-22T13:30:00.123Z").as_deref(),
            Some("20261122")
        );
        assert_eq!(
            date_of("2026-11-22T13:30:00-06:00").as_deref(),
            Some("20261122")
        );
        assert_eq!(date_of("2026-11-22"), None);
        assert_eq!(date_of("2026-02-30T00:00:00"), None);
        assert_eq!(
            stamp("20260204", "15.5").as_deref(),
            Some("2026-02-04T15:30:00")
        );
        assert_eq!(stamp("", ""), None);
    }

    #[test]
    fn decimals_have_no_exponent() {
        assert_eq!(decimal_of(" +12.50 ").as_deref(), Some("12.50"));
        assert_eq!(decimal_of("1E3"), None);
    }
}
