//! The append-only record.

use counterpart_domain::{Company, Fault, SageKey, TargetName};

use crate::{ManifestEntry, OutcomeItem, Run, Totals};

/// Runs, manifests, outcomes.
pub trait Ledger {
    /// Writes a run's head, or writes it again with how it ended.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn put_run(&self, run: &Run) -> Result<(), Fault>;

    /// Writes part of what a run saw for a target: before any of it is sent where the run is gone on with after a crash, else
    /// afterwards. `part` is unique within (run, target); writing the same part again replaces it.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn put_manifest(
        &self,
        run: &str,
        target: &TargetName,
        part: &str,
        entries: &[ManifestEntry],
    ) -> Result<(), Fault>;

    /// Writes outcomes. A final outcome that is stored already stays as it is; an outcome that is not final is replaced.
    ///
    /// # Errors
    /// When any of them could not be written; writing them all again is safe.
    async fn put_outcomes(&self, outcomes: &[OutcomeItem]) -> Result<(), Fault>;

    /// How a run stands in a target: its manifests against its outcomes.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn totals(&self, run: &str, target: &TargetName) -> Result<Totals, Fault>;

    /// The newest runs of a company, newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn runs(&self, company: &Company, limit: usize) -> Result<Vec<Run>, Fault>;

    /// What happened to one record, newest first. Eventually consistent.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn history(&self, key: &SageKey, limit: usize) -> Result<Vec<OutcomeItem>, Fault>;
}
