//! A sale that the CRM does not show us. Salesforce leaves what the sharing rules hide out of its answers, and so says no more
//! of it than of what was deleted; sharing it later is no change that anybody tells of. Whoever drops it forgets a sale.

use jiff::SignedDuration;

use super::work::Work;
use super::{OrderTransform, TransformReport};
use crate::disposition::Disposition;
use crate::event::Change;
use crate::ports::prelude::*;

/// How far the CRM's times of an edit and of a deletion may be apart.
const SLACK: SignedDuration = SignedDuration::from_hours(1);

impl<P: Ports> OrderTransform<'_, P> {
    /// Sets aside what changed, is not shown to us, and was not deleted since. Of what is not listed among too many deletions
    /// nobody knows: it is taken for deleted.
    pub(super) async fn check_hidden(
        &self,
        work: &mut Work<'_, P::Crm>,
        report: &mut TransformReport,
    ) -> Result<(), Disposition> {
        if work.event.change == Change::Deleted {
            return Ok(());
        }
        let changed = work.event.occurred_at.unwrap_or(work.event.received_at);
        let since = changed.saturating_sub(SLACK).unwrap_or(changed);
        let module = work.event.module.clone();
        let deleted = self.deleted_since(work, &module, since, report).await?;
        let record = &work.event.record;
        if deleted.cut || deleted.ids.contains(record) {
            return Ok(());
        }
        Err(Disposition::park(
            "E_CRM_RECORD_REFUSED",
            format!(
                "{module} {record} changed, and {} does not show it to the integration user; it was not deleted. Check who owns the record, the sharing rules and the user's role; have it shared with the user, then redrive.",
                work.event.target
            ),
        ))
    }
}
