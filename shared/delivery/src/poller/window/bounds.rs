//! The cursor's rules, pure. Sage's stamps are a wall clock: they repeat in autumn, run backwards when somebody sets the
//! clock, and are given before the transaction commits. The cursor therefore reads again what it has read (overlap),
//! never trusts the last moments (lag), and notices by itself when the clock did not move as ours did.

use counterpart_config::CompanyConfig;
use counterpart_domain::{ServerTime, Stamp};
use jiff::{SignedDuration, Timestamp};

use crate::poller::CLOCK_SKEW;
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

/// The lowest stamp that an edit since the last complete window can carry, where the ERP's clock did not move as ours did.
fn lowest_since(cursor: &Cursor, server: &ServerTime, now: Timestamp) -> Option<Stamp> {
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
    Some(server.wall.earlier(elapsed + DRIFT).min(watermark))
}

/// Whether the ERP's clock did something that the usual overlap does not cover since the last complete window: then the
/// lower bound that does.
pub(super) fn widened(
    cursor: &Cursor,
    rules: &CompanyConfig,
    server: &ServerTime,
    now: Timestamp,
) -> Option<Stamp> {
    lowest_since(cursor, server, now).map(|lowest| lowest.earlier(rules.wide_overlap))
}

/// The highest stamp that an edit since the last complete window can carry, should the clock not have been touched before it.
fn untouched(cursor: &Cursor, now: Timestamp) -> Option<Stamp> {
    let (last, at) = cursor.last_server.zip(cursor.last_polled_at)?;
    let elapsed = now.duration_since(at).max(SignedDuration::ZERO);
    Some(Stamp::at(last.wall.wall().saturating_add(elapsed)))
}

/// The upper bound: the ERP's clock; or, after it was set back, the highest it can have shown, since stamps up to there
/// may be unread.
pub(super) fn upper_bound(cursor: &Cursor, server: &ServerTime, now: Timestamp) -> Stamp {
    [cursor.high_water, untouched(cursor, now)]
        .into_iter()
        .flatten()
        .fold(server.wall, Stamp::max)
}

/// Stamps that were read by a complete window before, and that no edit since can carry: a record there that is unchanged need
/// not be sent again. Any other is new and always sent, since an older state of it may still be on its way to the CRM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::poller) struct ReadBefore {
    /// All up to here.
    until: Option<Stamp>,
    /// After the clock was set back: what it showed before, and does not yet show again.
    ahead: Option<(Stamp, Stamp)>,
}

impl ReadBefore {
    /// Whether a stamp is one of them.
    pub(in crate::poller) fn has(&self, stamp: Stamp) -> bool {
        self.until.is_some_and(|until| stamp <= until)
            || self
                .ahead
                .is_some_and(|(from, to)| stamp > from && stamp <= to)
    }
}

/// What was read before, for a page that came when the ERP's clock showed this.
pub(super) fn read_before(
    cursor: &Cursor,
    rules: &CompanyConfig,
    server: &ServerTime,
    now: Timestamp,
) -> ReadBefore {
    let Some(watermark) = cursor.watermark else {
        return ReadBefore::default();
    };
    let high = cursor.high_water.unwrap_or(watermark);
    let was_set_back = high.wall().duration_since(watermark.wall()) > rules.lag + DRIFT;
    let highest =
        untouched(cursor, now).map_or(server.wall, |untouched| untouched.max(server.wall));
    let highest = Stamp::at(highest.wall().saturating_add(CLOCK_SKEW));
    ReadBefore {
        until: Some(lowest_since(cursor, server, now).unwrap_or(watermark)),
        ahead: was_set_back.then_some((highest, high)),
    }
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
