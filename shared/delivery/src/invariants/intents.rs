//! Intents: each says nothing that its own fields deny, and forgets no number under which something may stand in Sage.

use super::{Broken, INTENT_GOES_ON, INTENT_IS_SOUND};
use crate::{Intent, IntentKind, IntentStage};

/// Whether an order's intent is sound in itself.
#[must_use]
pub fn sound(intent: &Intent) -> Option<Broken> {
    if intent.id.kind != IntentKind::Order {
        return None;
    }
    let why = match intent.stage {
        IntentStage::Reserved | IntentStage::Sent | IntentStage::Done
            if intent.number.is_none() =>
        {
            "has no number"
        }
        IntentStage::Sent if intent.sends == 0 => "was never sent",
        IntentStage::Sent if intent.sent_at.is_none() => "was sent at no time",
        _ => return None,
    };
    let (id, stage) = (intent.id.storage(), intent.stage);
    let what = format!("{id} is {stage:?} and {why}");
    Some(Broken::new(&INTENT_IS_SOUND, what))
}

/// Whether an order's intent may follow on what was stored before: a number under which something was sent is kept, or is
/// among those that turned out to be another's.
#[must_use]
pub fn follows(before: Option<&Intent>, after: &Intent) -> Option<Broken> {
    let before = before.filter(|before| before.id.kind == IntentKind::Order)?;
    let number = before.number.as_ref().filter(|_| before.sends > 0)?;
    let kept = after.number.as_ref() == Some(number)
        || after.lost_numbers.contains(number)
        || after.stage == IntentStage::Done;
    let id = after.id.storage();
    let what = || {
        format!(
            "{id} forgets number {number}, which was sent {} times",
            before.sends
        )
    };
    (!kept).then(|| Broken::new(&INTENT_GOES_ON, what()))
}

/// In builds with debug assertions: both of them, before an intent is saved.
///
/// # Panics
/// When one of them does not hold.
#[inline]
pub fn debug_check(before: Option<&Intent>, after: &Intent) {
    if cfg!(debug_assertions) {
        let broken = sound(after).or_else(|| follows(before, after));
        debug_assert!(broken.is_none(), "{broken:?}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::IntentId;
    use counterpart_domain::{Company, CrmId, TargetName};
    use jiff::Timestamp;

    fn intent(stage: IntentStage) -> Intent {
        let now = Timestamp::UNIX_EPOCH;
        let id = IntentId {
            kind: IntentKind::Order,
            root: CrmId("1".to_owned()),
        };
        let target = TargetName::new("zoho").unwrap();
        Intent {
            stage,
            number: Some("0000181".to_owned()),
            sent_at: Some(now),
            sends: 1,
            rev: 1,
            ..Intent::new(target, id, Company::new("ABC").unwrap(), now)
        }
    }

    #[test]
    fn what_is_sent_has_a_number_a_count_and_a_time() {
        assert_eq!(sound(&intent(IntentStage::Sent)), None);
        let spoils: [fn(&mut Intent); 3] = [
            |intent| intent.number = None,
            |intent| intent.sends = 0,
            |intent| intent.sent_at = None,
        ];
        for spoil in spoils {
            let mut intent = intent(IntentStage::Sent);
            spoil(&mut intent);
            assert!(sound(&intent).is_some(), "{intent:?}");
            intent.stage = IntentStage::Open;
            assert_eq!(sound(&intent), None);
        }
    }

    #[test]
    fn a_number_that_was_sent_is_kept_or_known_to_be_anothers() {
        let before = intent(IntentStage::Sent);
        let mut after = intent(IntentStage::Open);
        assert_eq!(follows(Some(&before), &after), None);
        after.number = None;
        assert!(follows(Some(&before), &after).is_some());
        after.lost_numbers.push("0000181".to_owned());
        assert_eq!(follows(Some(&before), &after), None);
        assert_eq!(follows(None, &after), None);
    }
}
