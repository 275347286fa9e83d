//! How a row's try ended, for those who judge what others of its kind met.

use counterpart_domain::Reach;

use super::refused::TRIES_FOR_LOCK;
use crate::ports::RowOutcome;

/// How a row's try ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RowEnd {
    /// It was written.
    Written,
    /// It is not tried again.
    Ended,
    /// It comes again, for the same.
    Open,
}

impl RowEnd {
    /// By the CRM's answer to a row that was tried so often before.
    pub(super) fn of(outcome: &RowOutcome, attempts: u32) -> Self {
        match outcome {
            Ok(_) => Self::Written,
            Err(_) if is_unclear(outcome) && attempts < TRIES_FOR_LOCK => Self::Open,
            Err(_) => Self::Ended,
        }
    }
}

/// Whether the refusal may be the row's own, or everybody's.
pub(super) fn is_unclear(outcome: &RowOutcome) -> bool {
    let fault = outcome.as_ref().err();
    fault.is_some_and(|fault| Reach::of(fault) == Reach::Unclear)
}
