//! What the protocol decides from what is stored and what was answered. Nothing here asks anybody.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::sage_writer::{CLOCK_SKEW, LONGEST_REQUEST};
use crate::written::Written;
use crate::{Intent, IntentStage};

/// How many numbers one job may lose to others before a person is asked.
pub(in crate::sage_writer) const MOST_LOST: u32 = 5;
/// How many lost numbers are kept.
const KEPT_LOST: usize = 20;

/// The number turned out to be another's.
pub(in crate::sage_writer) fn lose_number(intent: &mut Intent) {
    if let Some(number) = intent.number.take() {
        intent.lost_numbers.push(number);
    }
    let over = intent.lost_numbers.len().saturating_sub(KEPT_LOST);
    intent.lost_numbers.drain(..over);
    // Nothing of ours can stand under a number that is another's.
    intent.sends = 0;
    intent.sent_at = None;
    intent.in_doubt = None;
    intent.content = None;
    intent.written = Written::default();
    intent.stage = IntentStage::Open;
}

/// Whether a create that is not found may be sent once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    /// None was sent, or Sage itself refused the last one.
    NoneWasSent,
    /// A person says so.
    Answered,
    /// It was first sent within the bound of time.
    InTime,
    /// It was first sent too long ago, or is in doubt: a person has to look.
    TooLate,
}

impl Again {
    /// `answered`: a person was told that it is not there, and sends it again; `mended`: a person sends it again for another
    /// reason. `within`: how long after the first try it is sent again by itself.
    pub(super) fn of(
        intent: &Intent,
        answered: bool,
        mended: bool,
        within: Duration,
        now: Timestamp,
    ) -> Self {
        let Some(sent_at) = intent.sent_at else {
            return Self::NoneWasSent;
        };
        if answered && intent.stage != IntentStage::Sent {
            return Self::Answered;
        }
        let within = SignedDuration::try_from(within).ok();
        let end = within.and_then(|within| sent_at.checked_add(within).ok());
        let over = end.is_some_and(|end| now > end);
        if !over && (intent.stage != IntentStage::Ambiguous || mended) {
            return Self::InTime;
        }
        Self::TooLate
    }
}

/// Whose a record is that stands under the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    Ours,
    Anothers,
    Unknown,
}

impl Whose {
    /// `same`: it is what was sent; `sent_now`: just now; `sent_before`: by an earlier try; `dismissed`: a person was told of it.
    pub(super) const fn of(same: bool, sent_now: bool, sent_before: bool, dismissed: bool) -> Self {
        if same && (sent_now || sent_before) {
            Self::Ours
        } else if dismissed || !sent_before {
            // Never sent: whatever stands there is not ours. Sent again by a person who was told, it is another's.
            Self::Anothers
        } else {
            // It may be ours all the same, and somebody has edited it since.
            Self::Unknown
        }
    }
}

/// Until when a create of which nothing was heard may still be at work; none: it cannot be any more.
pub(super) fn may_arrive_until(intent: &Intent, now: Timestamp) -> Option<Timestamp> {
    let at_work: SignedDuration = LONGEST_REQUEST.saturating_add(CLOCK_SKEW);
    let last = intent.in_doubt?;
    let over = last.saturating_add(at_work).unwrap_or(last);
    (now < over).then_some(over)
}

#[cfg(test)]
mod tests {
    use counterpart_domain::{Company, CrmId, TargetName};
    use proptest::prelude::*;

    use super::*;
    use crate::intent::{IntentId, IntentKind};

    const HOUR: Duration = Duration::from_secs(3600);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn intent(stage: IntentStage, sent: Option<i64>) -> Intent {
        let id = IntentId {
            kind: IntentKind::Order,
            root: CrmId("1".into()),
        };
        let target = TargetName::new("zoho").unwrap();
        let mut intent = Intent::new(target, id, Company::new("ABC").unwrap(), at(0));
        intent.stage = stage;
        intent.sent_at = sent.map(at);
        intent
    }

    fn again(stage: IntentStage, answered: bool, mended: bool, now: i64) -> Again {
        Again::of(&intent(stage, Some(0)), answered, mended, HOUR, at(now))
    }

    #[test]
    fn what_was_never_sent_or_was_refused_is_sent_however_late() {
        let intent = intent(IntentStage::Ambiguous, None);
        let again = Again::of(&intent, false, false, HOUR, at(1_000_000));
        assert_eq!(again, Again::NoneWasSent);
    }

    #[test]
    fn what_is_not_found_is_sent_again_within_the_bound_of_time_or_when_a_person_says_so() {
        let (sent, doubtful) = (IntentStage::Sent, IntentStage::Ambiguous);
        assert_eq!(again(sent, false, false, 3600), Again::InTime);
        assert_eq!(again(sent, false, false, 3601), Again::TooLate);
        assert_eq!(again(doubtful, false, false, 10), Again::TooLate);
        assert_eq!(again(doubtful, false, true, 10), Again::InTime);
        assert_eq!(again(doubtful, false, true, 3601), Again::TooLate);
        assert_eq!(again(doubtful, true, false, 9_999), Again::Answered);
        // Sent again since the question: the answer was of an earlier try.
        assert_eq!(again(sent, true, false, 9_999), Again::TooLate);
    }

    #[test]
    fn who_stands_under_the_number_is_told_by_what_was_sent() {
        assert_eq!(Whose::of(true, false, false, false), Whose::Anothers);
        assert_eq!(Whose::of(true, false, true, false), Whose::Ours);
        assert_eq!(Whose::of(true, true, false, false), Whose::Ours);
        assert_eq!(Whose::of(false, true, false, false), Whose::Anothers);
        assert_eq!(Whose::of(false, false, true, false), Whose::Unknown);
        assert_eq!(Whose::of(false, true, true, false), Whose::Unknown);
        assert_eq!(Whose::of(false, false, true, true), Whose::Anothers);
    }

    #[test]
    fn a_create_may_arrive_for_as_long_as_it_may_be_at_work() {
        let mut intent = intent(IntentStage::Sent, Some(0));
        assert_eq!(may_arrive_until(&intent, at(0)), None);
        intent.in_doubt = Some(at(0));
        assert_eq!(may_arrive_until(&intent, at(359)), Some(at(360)));
        assert_eq!(may_arrive_until(&intent, at(360)), None);
    }

    proptest! {
        /// Whatever is lost, nothing of the number is left, and the newest lost ones are known.
        #[test]
        fn a_lost_number_leaves_nothing_but_itself(lost in 1..60_usize) {
            let mut intent = intent(IntentStage::Reserved, None);
            for number in 0..lost {
                intent.number = Some(number.to_string());
                intent.sent_at = Some(at(0));
                intent.sends += 1;
                lose_number(&mut intent);
                prop_assert!(intent.is_unsent());
                prop_assert_eq!(intent.sent_at, None);
            }
            prop_assert_eq!(intent.lost_numbers.len(), lost.min(KEPT_LOST));
            let newest = (lost - 1).to_string();
            prop_assert_eq!(intent.lost_numbers.last(), Some(&newest));
        }
    }
}
