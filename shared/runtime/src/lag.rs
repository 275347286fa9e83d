//! How far a cursor is behind.

use counterpart_delivery::pause::{Pausing, Scope};
use counterpart_delivery::ports::Cursor;
use jiff::Timestamp;

/// Seconds between `now` and the moment up to which everything is read; none before anything was begun.
///
/// The watermark is on Sage's clock. The last complete window tells what that clock showed when ours showed something: so
/// neither its zone nor its being wrong matters.
///
/// A target that is read for by itself counts too: whoever is the furthest behind says how far.
#[must_use]
pub fn lag_seconds(cursor: &Cursor, now: Timestamp) -> Option<i64> {
    let apart = cursor.apart.values();
    apart
        .filter_map(|own| lag_of(own, now))
        .chain(lag_of(cursor, now))
        .max()
}

/// The same, as alarms are to hear of it: what is paused is not behind, and what was paused is no further behind than the
/// pause is over.
#[must_use]
pub fn lag_beyond_pauses(cursor: &Cursor, pausing: &Pausing<'_>) -> Option<i64> {
    let polls = Scope::polls(&cursor.company, cursor.entity);
    let Some(from) = pausing.counts_from(&polls, Timestamp::MIN) else {
        return Some(0);
    };
    let since = pausing.now.duration_since(from).as_secs();
    Some(lag_seconds(cursor, pausing.now)?.min(since))
}

fn lag_of(cursor: &Cursor, now: Timestamp) -> Option<i64> {
    let read_up_to = match (cursor.watermark, cursor.last_server, cursor.last_polled_at) {
        (Some(watermark), Some(server), Some(polled_at)) => {
            let behind = server.wall.wall().duration_since(watermark.wall());
            polled_at.checked_sub(behind).ok()?
        }
        // The first window is not complete: it is behind by as long as it takes.
        _ => cursor.open.as_ref()?.opened_at,
    };
    Some(now.duration_since(read_up_to).as_secs().max(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use counterpart_domain::{Company, Entity, ServerTime, Stamp};

    #[test]
    fn the_lag_is_the_same_whatever_sages_clock_shows() {
        let now: Timestamp = "2026-11-22T19:45:00Z".parse().unwrap();
        let mut cursor = Cursor::new(Company::new("ABC").unwrap(), Entity::CUSTOMER);
        assert_eq!(lag_seconds(&cursor, now), None);
        for (wall, offset) in [("13.50000", -360), ("3.25", 900)] {
            let wall = Stamp::parse("20261122", wall).unwrap();
            let polled: Timestamp = "2026-11-22T19:30:00Z".parse().unwrap();
            cursor.last_server = Some(ServerTime {
                wall,
                utc_offset_minutes: offset,
                instant: polled,
            });
            cursor.last_polled_at = Some(polled);
            cursor.watermark = Some(wall.earlier(jiff::SignedDuration::from_secs(30)));
            assert_eq!(lag_seconds(&cursor, now), Some(15 * 60 + 30));
        }
    }

    #[test]
    fn what_is_paused_is_not_behind() {
        let now: Timestamp = "2026-11-22T19:45:00Z".parse().unwrap();
        let mut cursor = Cursor::new(Company::new("ABC").unwrap(), Entity::CUSTOMER);
        let wall = Stamp::parse("20261122", "13.50000").unwrap();
        cursor.watermark = Some(wall);
        cursor.last_polled_at = Some(now - jiff::SignedDuration::from_hours(12));
        cursor.last_server = Some(ServerTime {
            wall,
            utc_offset_minutes: -360,
            instant: now,
        });
        let config = counterpart_config::SyncConfig::parse(counterpart_config::SyncConfig::DEFAULT);
        let config = config.unwrap();
        let lag = |ended: Option<&str>| {
            let pause = counterpart_delivery::pause::Pause {
                id: "a".to_owned(),
                scope: Scope::default(),
                by: "ann".to_owned(),
                reason: "backup".to_owned(),
                since: now - jiff::SignedDuration::from_hours(11),
                until: None,
                ended: ended.map(|ended| ended.parse().unwrap()),
            };
            let pauses = counterpart_delivery::pause::Pauses {
                all: vec![pause],
                rev: 1,
            };
            let pausing = Pausing {
                pauses: &pauses,
                config: &config,
                now,
            };
            lag_beyond_pauses(&cursor, &pausing)
        };
        assert_eq!(lag(None), Some(0));
        assert_eq!(lag(Some("2026-11-22T19:40:00Z")), Some(300));
        assert_eq!(lag_seconds(&cursor, now), Some(12 * 3_600));
    }

    #[test]
    fn a_target_that_is_behind_is_how_far_the_cursor_is_behind() {
        let now: Timestamp = "2026-11-22T19:45:00Z".parse().unwrap();
        let at = |polled: &str| {
            let wall = Stamp::parse("20261122", "13.50000").unwrap();
            let polled: Timestamp = polled.parse().unwrap();
            let mut cursor = Cursor::new(Company::new("ABC").unwrap(), Entity::CUSTOMER);
            cursor.watermark = Some(wall);
            cursor.last_polled_at = Some(polled);
            cursor.last_server = Some(ServerTime {
                wall,
                utc_offset_minutes: -360,
                instant: polled,
            });
            cursor
        };
        let mut cursor = at("2026-11-22T19:44:00Z");
        assert_eq!(lag_seconds(&cursor, now), Some(60));
        let behind = counterpart_domain::TargetName::new("salesforce").unwrap();
        cursor.apart = [(behind, at("2026-11-22T18:45:00Z"))].into();
        assert_eq!(lag_seconds(&cursor, now), Some(3_600));
    }
}
