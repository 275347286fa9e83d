//! The cursor's rules, pure. Sage's stamps are a wall clock: they repeat in autumn, run backwards when somebody sets the
//! clock, and are given before the transaction commits. The cursor therefore reads again what it has read (overlap),
//! never trusts the last moments (lag), and notices by itself when the clock did not move as ours did.

use counterpart_config::CompanyConfig;
use counterpart_domain::{ServerTime, Stamp};
use jiff::{SignedDuration, Timestamp};

use crate::ports::{Cursor, OpenWindow};

/// A difference between the ERP's clock and ours below this is drift, not a step.
const DRIFT: SignedDuration = SignedDuration::from_secs(60);

/// Where the next window starts, and whether it is a wide one.
pub(super) fn lower_bound(
    cursor: &Cursor,
    rules: &CompanyConfig,
    everything: bool,
    now: Timestamp,
) -> (Stamp, bool) {
    let Some(watermark) = cursor.watermark.filter(|_| !everything) else {
        return (Stamp::BEGINNING, true);
    };
    let wide = cursor
        .last_wide_at
        .is_none_or(|last| now.duration_since(last) >= rules.wide_every);
    (
        watermark.earlier(if wide {
            rules.wide_overlap
        } else {
            rules.overlap
        }),
        wide,
    )
}

/// Whether the ERP's clock did something that the usual overlap does not cover since the last complete window: then the
/// lower bound that does.
pub(super) fn widened(
    cursor: &Cursor,
    rules: &CompanyConfig,
    server: &ServerTime,
    now: Timestamp,
) -> Option<Stamp> {
    let (last, at, watermark) = (
        cursor.last_server?,
        cursor.last_polled_at?,
        cursor.watermark?,
    );
    let elapsed = now.duration_since(at).max(SignedDuration::ZERO);
    let moved = server.wall.wall().duration_since(last.wall.wall());
    let stepped_back = elapsed - moved > DRIFT;
    if !stepped_back && server.utc_offset_minutes == last.utc_offset_minutes {
        return None;
    }
    // Whenever the step was, no record since the last window can carry a lower stamp than this.
    let lowest = server.wall.earlier(elapsed + DRIFT).min(watermark);
    Some(lowest.earlier(rules.wide_overlap))
}

/// The upper bound: the ERP's clock; or, after it was set back, the highest it can have shown, since stamps up to there
/// may be unread.
pub(super) fn upper_bound(cursor: &Cursor, server: &ServerTime, now: Timestamp) -> Stamp {
    let untouched = cursor
        .last_server
        .zip(cursor.last_polled_at)
        .map(|(last, at)| {
            let elapsed = now.duration_since(at).max(SignedDuration::ZERO);
            Stamp::at(last.wall.wall().saturating_add(elapsed))
        });
    [cursor.high_water, untouched]
        .into_iter()
        .flatten()
        .fold(server.wall, Stamp::max)
}

/// Stamps up to this were read by a complete window before: a record there that is unchanged need not be sent again.
/// Anything later is new and always sent, since an older state of it may still be on its way to the CRM.
pub(super) fn read_before(cursor: &Cursor, rules: &CompanyConfig) -> Option<Stamp> {
    let watermark = cursor.watermark?;
    let high = cursor.high_water.unwrap_or(watermark);
    let was_set_back = high.wall().duration_since(watermark.wall()) > rules.lag + DRIFT;
    Some(if was_set_back { high } else { watermark })
}

/// The cursor once the window has been read and queued to its end. The watermark stays a lag behind the ERP's clock, and
/// goes back with it.
pub(super) fn close(cursor: &mut Cursor, open: &OpenWindow, rules: &CompanyConfig) {
    cursor.watermark = Some(open.opened.wall.earlier(rules.lag));
    cursor.high_water = Some(open.to);
    cursor.last_server = Some(open.opened);
    cursor.last_polled_at = Some(open.opened_at);
    if open.wide {
        cursor.last_wide_at = Some(open.opened_at);
    }
    cursor.mappings.clone_from(&open.mappings);
    cursor.open = None;
}
