//! What is written together, torn apart as a database's limits tear it: a few records a transaction, each a call of its own
//! that may fail, lose its answer, or be the last thing that a worker did.

use counterpart_delivery::ports::{Commit, Commits, Over, Waiting, WaitingEntry};
use counterpart_delivery::{OutcomeItem, PutLink};
use counterpart_domain::{Fault, SageKey, TargetName};

use super::faulty::Faulty;

/// Records of one transaction. Small, so that few records are enough to see one torn.
const TOGETHER: usize = 2;

/// Each transaction is whole, its outcomes included. They are under way at once: which of them are done when something ends
/// the call is chance, and one that fails holds up no other.
impl<P: Commits> Commits for Faulty<P> {
    async fn commit(
        &self,
        records: &[Commit],
        along: &[OutcomeItem],
    ) -> Result<Vec<PutLink>, Fault> {
        self.faults.check("commit", || format!("{records:?}"))?;
        let parts = records.chunks(TOGETHER).map(|part| (part, &[][..]));
        let told = along.chunks(TOGETHER).map(|part| (&[][..], part));
        let mut parts: Vec<(usize, _)> = parts.chain(told).enumerate().collect();
        if self.faults.calls() % 2 == 1 {
            parts.reverse();
        }
        let mut answers = vec![Vec::new(); parts.len()];
        let mut failed = Ok(());
        for (at, (part, told)) in parts {
            let commit = self.inner.commit(part, told);
            match self.faults.call("commit", commit).await {
                Ok(stored) => answers[at] = stored,
                Err(fault) => failed = Err(fault),
            }
        }
        failed.map(|()| answers.concat())
    }
}

/// Nothing holds several waits together.
impl<P: Waiting> Waiting for Faulty<P> {
    async fn wait(&self, target: &TargetName, waiting: &[WaitingEntry]) -> Result<(), Fault> {
        self.faults.check("wait", || format!("{waiting:?}"))?;
        for part in waiting.chunks(TOGETHER) {
            let wait = self.inner.wait(target, part);
            self.faults.call("wait", wait).await?;
        }
        Ok(())
    }

    async fn waited_for(
        &self,
        target: &TargetName,
        parents: &[SageKey],
    ) -> Result<Vec<SageKey>, Fault> {
        self.faults.check("waited_for", || format!("{parents:?}"))?;
        let waited = self.inner.waited_for(target, parents);
        self.faults.call("waited_for", waited).await
    }

    async fn waiting_for(
        &self,
        target: &TargetName,
        parent: &SageKey,
        limit: usize,
    ) -> Result<Vec<WaitingEntry>, Fault> {
        self.faults.check("waiting_for", || format!("{parent:?}"))?;
        let waiting = self.inner.waiting_for(target, parent, limit);
        self.faults.call("waiting_for", waiting).await
    }

    async fn stop_waiting(&self, target: &TargetName, over: &[Over]) -> Result<(), Fault> {
        self.faults.check("stop_waiting", || format!("{over:?}"))?;
        for part in over.chunks(TOGETHER) {
            let stop = self.inner.stop_waiting(target, part);
            self.faults.call("stop_waiting", stop).await?;
        }
        Ok(())
    }
}
