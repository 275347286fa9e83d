//! What an order that is to be changed shows of our earlier writes, and of people, before another write is sent.

use counterpart_domain::sale::{SaleOrder, SalesOrder};
use jiff::{SignedDuration, Timestamp};

use super::leases::LeasedIntent;
use super::lines::{matched, strangers};
use super::people::{CHANGED_IN_SAGE, changed_in_sage, look};
use super::stop::Stop;
use super::{CLOCK_SKEW, LONGEST_REQUEST};
use crate::CrmEvent;
use crate::written::{Meant, State, UnderWay, Written};

/// What people changed in Sage since our last write stands, until a person says otherwise. And a write that may still
/// arrive is waited for: it would land over this one.
pub(super) fn compare(
    event: &CrmEvent,
    order: &SaleOrder,
    leased: &mut LeasedIntent,
    there: &SalesOrder,
    now: Timestamp,
) -> Result<(), Stop> {
    let look = look(&leased.intent.written, there, order);
    let decided = leased.is_answered(event, CHANGED_IN_SAGE);
    let written = &mut leased.intent.written;
    let until = may_arrive_until(written);
    let over = until.is_none_or(|until| now >= until);
    if written.under_way.is_none() && !over {
        // Of an order too long to be kept nobody can tell whether it is there.
        return Err(still_under_way(until));
    }
    if let Some(under_way) = written.under_way.clone() {
        let arrived = look.landed && under_way.sends <= 1;
        let again = Meant::of(order).is_some_and(|meant| meant == under_way.meant);
        if !arrived && !again && !over {
            return Err(still_under_way(until));
        }
        let taken = look.changed.is_empty() || decided;
        if look.landed && taken {
            arrive(written, &under_way, there);
        }
        // Whatever was sent is there by now, or never will be.
        if (arrived || over) && (taken || !look.landed) {
            written.under_way = None;
            written.unanswered = None;
        }
    }
    if look.changed.is_empty() || decided {
        return Ok(());
    }
    let number = leased.intent.number.clone().unwrap_or_default();
    Err(Stop::Refused(changed_in_sage(&number, &look, order, there)))
}

/// Until when an update without an answer may still arrive; none: there is none.
pub(super) fn may_arrive_until(written: &Written) -> Option<Timestamp> {
    let at_work: SignedDuration = LONGEST_REQUEST.saturating_add(CLOCK_SKEW);
    let under_way = written.under_way.as_ref().map(|one| one.sent_at);
    let sent_at = written.unanswered.max(under_way)?;
    Some(sent_at.saturating_add(at_work).unwrap_or(sent_at))
}

pub(super) fn still_under_way(until: Option<Timestamp>) -> Stop {
    let why = "An earlier change of the order may still be on its way to Sage 100; this one comes after it.";
    Stop::back("E_ORDER_UNDER_WAY", why, until)
}

/// A write that was under way is there: it is what was written last.
fn arrive(written: &mut Written, under_way: &UnderWay, there: &SalesOrder) {
    let known = written.meant.take();
    let keys = written.state.iter().flat_map(|state| &state.lines);
    let others = strangers(known.as_ref(), keys.map(|line| line.key.as_str()));
    let mut meant = under_way.meant.clone();
    let places = matched(&meant.lines, known.as_ref(), &there.lines, &others);
    for (line, place) in meant.lines.iter_mut().zip(places) {
        let held = place.and_then(|place| there.lines.get(place));
        line.key = held.map(|held| held.key.trim().to_owned());
    }
    written.state = State::of(there, &meant);
    written.meant = Some(meant);
    written.updates += 1;
}
