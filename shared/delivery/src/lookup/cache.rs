//! The last answers. A screen that is opened twice, or by several people, asks Sage once.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use counterpart_domain::TargetName;
use jiff::Timestamp;

use super::question::Question;
use super::reply::Reply;

/// The most answers that are kept.
const MOST: usize = 200;
/// How long what Sage said is told again, in seconds.
const KNOWN_SECONDS: i64 = 10;
/// How long a silence is believed, in seconds: with Sage down, not every screen waits the whole time-out.
const SILENCE_SECONDS: i64 = 3;

/// Answers of this instance, in the order of their keeping.
#[derive(Debug, Default)]
pub struct LookupCache(Mutex<VecDeque<Kept>>);

#[derive(Debug)]
struct Kept {
    target: TargetName,
    question: Question,
    reply: Reply,
    at: Timestamp,
}

impl Kept {
    fn is_fresh(&self, now: Timestamp) -> bool {
        let longest = if self.reply.fault.is_some() {
            SILENCE_SECONDS
        } else {
            KNOWN_SECONDS
        };
        // A clock that was set back makes nothing fresh for ever.
        (0..longest).contains(&now.duration_since(self.at).as_secs()) && now >= self.at
    }
}

impl LookupCache {
    pub(super) fn find(
        &self,
        target: &TargetName,
        question: &Question,
        now: Timestamp,
    ) -> Option<Reply> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter()
            .find(|kept| kept.target == *target && kept.question == *question)
            .filter(|kept| kept.is_fresh(now))
            .map(|kept| kept.reply.clone())
    }

    /// Keeps an answer that was had at `now`.
    pub(super) fn keep(
        &self,
        target: &TargetName,
        question: &Question,
        reply: &Reply,
        now: Timestamp,
    ) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|kept| {
            kept.is_fresh(now) && (kept.target != *target || kept.question != *question)
        });
        while kept.len() >= MOST {
            kept.pop_front();
        }
        kept.push_back(Kept {
            target: target.clone(),
            question: question.clone(),
            reply: reply.clone(),
            at: now,
        });
    }
}

#[cfg(test)]
mod tests {
    use counterpart_domain::{Class, CrmId, Fault};
    use jiff::SignedDuration;

    use super::super::reply::{Found, Unknown};
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(1_000_000 + second)
    }

    fn credit(n: usize) -> Question {
        Question::Credit {
            account: CrmId(n.to_string()),
        }
    }

    #[test]
    fn answers_are_kept_for_seconds_silences_for_fewer_and_never_more_than_fit() {
        let cache = LookupCache::default();
        let (zoho, other) = (
            TargetName::new("zoho").unwrap(),
            TargetName::new("other").unwrap(),
        );
        let known = Reply::of(&credit(1), Ok(Found::Nothing(Unknown::NoItem)), at(0));
        let silent = Fault::new(Class::Transient, "E_SAGE_TIMEOUT", "");
        let silence = Reply::of(&credit(2), Err(silent), at(0));
        cache.keep(&zoho, &credit(1), &known, at(0));
        cache.keep(&zoho, &credit(2), &silence, at(0));
        let kept =
            |question: usize, second| cache.find(&zoho, &credit(question), at(second)).is_some();
        assert!(kept(1, 9) && !kept(1, 10) && !kept(1, -1));
        assert!(kept(2, 2) && !kept(2, 3));
        assert!(cache.find(&other, &credit(1), at(0)).is_none());
        for n in 0..2 * MOST {
            cache.keep(&zoho, &credit(n), &known, at(1));
        }
        assert_eq!(cache.0.lock().unwrap().len(), MOST);
        assert!(kept(2 * MOST - 1, 1) && !kept(MOST - 1, 1));
    }
}
