//! What every step of a write-back works with.

use counterpart_config::TargetConfig;

use crate::WriteBack;
use crate::pause::Scope;
use crate::ports::Circuit;

/// One write-back and where it goes.
pub(super) struct WriteBackWork<'a, K> {
    pub(super) of: &'a WriteBack,
    pub(super) target: &'a TargetConfig,
    pub(super) crm: &'a K,
    /// What it is about.
    pub(super) scope: Scope,
    pub(super) circuit: Circuit,
    /// Received before, without a verdict.
    pub(super) again: bool,
}
