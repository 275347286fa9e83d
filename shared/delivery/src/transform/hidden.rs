//! A record that the CRM does not show us. Salesforce leaves what the sharing rules hide out of its answers, and so says no more
//! of it than of what was deleted; sharing it later is no change that anybody tells of. Whoever drops it forgets a sale.

use jiff::SignedDuration;

use super::work::Work;
use super::{OrderTransform, TransformReport};
use crate::disposition::Disposition;
use crate::event::{Change, EventSource};
use crate::intent::IntentId;
use crate::ports::prelude::*;

/// How far the CRM's times of an edit and of a deletion may be apart.
const SLACK: SignedDuration = SignedDuration::from_hours(1);

/// How far back it is asked where a person sends an event again: as long as Salesforce keeps its recycle bin.
const BIN: SignedDuration = SignedDuration::from_hours(15 * 24);

/// The code of a record that is not shown.
const NOT_SHOWN: &str = "E_CRM_RECORD_REFUSED";

impl<P: Ports> OrderTransform<'_, P> {
    /// Sets aside what changed, is not shown to us, and is not listed as deleted since. Where more was deleted than is listed,
    /// nobody can say which of the two it is, and a person is told so.
    pub(super) async fn check_hidden(
        &self,
        work: &mut Work<'_, P::Crm>,
        report: &mut TransformReport,
    ) -> Result<(), Disposition> {
        if work.event.change == Change::Deleted {
            return Ok(());
        }
        let changed = work.event.occurred_at.unwrap_or(work.event.received_at);
        let back = match work.event.source {
            // It was received long ago, and may have been deleted at any time since.
            EventSource::Redrive => BIN,
            _ => SLACK,
        };
        let since = changed.saturating_sub(back).unwrap_or(changed);
        let module = work.event.module.clone();
        let deleted = self.deleted_since(work, &module, since, report).await?;
        let record = &work.event.record;
        if deleted.ids.contains(record) {
            return Ok(());
        }
        let perhaps = if deleted.cut {
            "it may be among the many that were deleted since"
        } else {
            "it is not listed as deleted"
        };
        Err(Disposition::park(
            NOT_SHOWN,
            format!(
                "{module} {record} changed, and {} does not show it to the integration user; {perhaps}. Check who owns the record, the sharing rules and the user's role; have it shared with the user, then redrive. If it is deleted, there is nothing left to do.",
                work.event.target
            ),
        ))
    }

    /// Takes away what was set aside of a record because it was not shown: it is gone.
    pub(super) async fn unpark_hidden(
        &self,
        work: &Work<'_, P::Crm>,
        id: &IntentId,
    ) -> Result<(), Disposition> {
        let target = &work.event.target;
        let parked = self.store.parked(target.as_str(), &id.storage()).await?;
        if parked.is_some_and(|parked| parked.fault.code == NOT_SHOWN)
            && self.is_of(work, id).await?
        {
            self.store.unpark(target, &id.storage()).await?;
        }
        Ok(())
    }
}
