//! Windows are opened: where they begin and end. Sage's stamps are a wall clock: they repeat in autumn, run backwards when somebody sets the
//! clock, and are given before the transaction commits. The cursor therefore reads again what it has read (overlap),
//! never trusts the last moments (lag), and notices by itself when the clock did not move as ours did.

use std::collections::BTreeMap;

use counterpart_config::CompanyConfig;
use counterpart_domain::{Fault, ServerTime, Stamp};
use jiff::{SignedDuration, Timestamp};

use crate::poller::lagging::Track;
use crate::poller::target_run::TargetRun;
use crate::poller::{CLOCK_SKEW, Poller};
use crate::ports::prelude::*;
use crate::ports::{Cursor, OpenWindow, Page, Window};

/// A difference between the ERP's clock and ours below this is drift, not a step.
const DRIFT: SignedDuration = SignedDuration::from_secs(60);

impl<P: Ports> Poller<'_, P> {
    /// The window that is open, or a new one with its first page.
    pub(super) async fn open(
        &self,
        rules: &CompanyConfig,
        track: &mut Track<'_>,
        targets: &[TargetRun<'_>],
    ) -> Result<(OpenWindow, Option<Page>), Fault> {
        let mappings: BTreeMap<_, _> = targets
            .iter()
            .map(|run| (run.name.clone(), run.entity.version.clone()))
            .collect();
        let mut left = track.cursor_mut().open.take();
        if let Some(open) = &mut left {
            // Who is no longer there, or goes its own way, has no part in it.
            open.mappings.retain(|name, _| mappings.contains_key(name));
            if open.mappings == mappings {
                let open = open.clone();
                track.cursor_mut().open = Some(open.clone());
                // Whoever stalled and lost the lease stops here, and does not open a run again that others have ended.
                self.save(track).await?;
                return Ok((open, None));
            }
        }
        // A new target, or another mapping than the last window or the one under way had: everything is read again.
        let known = &track.cursor().mappings;
        let everything = left.is_some()
            || mappings
                .iter()
                .any(|(name, version)| known.get(name) != Some(version));
        let (from, wide) = lower_bound(track.cursor(), rules, everything, self.clock.now());
        let (page, mut open) = self.first_page(rules, track.cursor(), from, wide).await?;
        if let Some(left) = left {
            // The run goes on with the new mapping: what it had listed and not yet sent is listed again.
            (open.run, open.pages, open.listed) = (left.run, left.pages, left.listed);
        }
        let open = OpenWindow {
            mappings,
            everything,
            ..open
        };
        // Stored before anything is listed under its run: whoever comes after a crash goes on with the run.
        track.cursor_mut().open = Some(open.clone());
        self.save(track).await?;
        Ok((open, Some(page)))
    }

    /// Opens a window with its first page. Only then is the ERP's clock known, and with it whether the lower bound was
    /// low enough.
    async fn first_page(
        &self,
        rules: &CompanyConfig,
        cursor: &Cursor,
        from: Stamp,
        wide: bool,
    ) -> Result<(Page, OpenWindow), Fault> {
        let opened_at = self.clock.now();
        let ask = |from| Window {
            from,
            to: None,
            after: None,
            limit: rules.page_size,
        };
        let (company, entity) = (&cursor.company, cursor.entity);
        let mut page = self.sage.changes(company, entity, &ask(from)).await?;
        let opened = page.server_time;
        let mut lower = from;
        if let Some(lowest) =
            widened(cursor, rules, &opened, opened_at).filter(|lowest| *lowest < from)
        {
            tracing::info!(company = %company, entity = %entity, cursor.from = %lowest, "the ERP's clock was changed; the window is widened");
            lower = lowest;
            page = self.sage.changes(company, entity, &ask(lower)).await?;
        }
        let open = OpenWindow {
            from: lower,
            to: upper_bound(cursor, &opened, opened_at),
            after: None,
            opened,
            opened_at,
            wide: wide || lower < from,
            everything: false,
            mappings: Default::default(),
            run: self.clock.new_id(),
            pages: 0,
            listed: 1,
        };
        Ok((page, open))
    }
}

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
