//! A write-back while it is being shown.

use std::collections::{BTreeMap, BTreeSet};

use counterpart_config::TargetConfig;
use counterpart_domain::Fault;

use super::call::Bulk;
use super::shown::Row;
use crate::WriteBack;
use crate::ports::{Circuit, CrmRecords, RowOutcome, UpdateRow};

/// One write-back and where it goes.
pub(super) struct Showing<'a, K> {
    pub(super) of: &'a WriteBack,
    pub(super) target: &'a TargetConfig,
    pub(super) crm: &'a K,
    pub(super) circuit: Circuit,
    /// Message before, without a verdict.
    pub(super) again: bool,
}

/// Records of one module, by their ids.
pub(super) struct Updates<'a, K> {
    pub(super) crm: &'a K,
    pub(super) module: &'a str,
    pub(super) again: bool,
}

impl<K: CrmRecords> Bulk<Row> for Updates<'_, K> {
    async fn call(&self, rows: &[Row]) -> Result<Vec<RowOutcome>, Fault> {
        let rows: Vec<UpdateRow> = rows.iter().map(|row| row.update.clone()).collect();
        self.crm.update(self.module, &rows).await
    }

    fn tried(&self, _row: &Row) -> bool {
        self.again
    }
}

/// What became of the rows of a write-back, by the number of what they show.
#[derive(Default)]
pub(super) struct Told {
    pub(super) later: BTreeSet<usize>,
    pub(super) refused: BTreeMap<usize, Fault>,
    /// Not reached at all.
    pub(super) left: BTreeSet<usize>,
}

impl Told {
    pub(super) fn is_done(&self, number: usize) -> bool {
        !self.later.contains(&number)
            && !self.refused.contains_key(&number)
            && !self.left.contains(&number)
    }
}
