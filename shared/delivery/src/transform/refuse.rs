//! What cannot become a job: told to whoever can mend it, shown on the record, set aside.

use counterpart_domain::{Company, CrmId, Fault, SageKey};

use jiff::Timestamp;

use super::intent::show_on;
use super::work::Work;
use super::{OrderTransform, TransformReport};
use crate::CrmEvent;
use crate::disposition::Disposition;
use crate::event::EventSource;
use crate::intent::{IntentId, IntentStage, Shown};
use crate::ports::prelude::*;
use crate::ports::{Parked, Route};
use crate::send::json;

impl<P: Ports> OrderTransform<'_, P> {
    /// Notes on the intent why it cannot be, has that shown, and parks the event. An order or customer that Sage may hold
    /// keeps its stage: only the text tells.
    pub(super) async fn refuse(
        &self,
        work: &Work<'_, P::Crm>,
        id: &IntentId,
        company: &Company,
        (record, modified, made_from): (&Shown, Option<Timestamp>, Option<&Option<CrmId>>),
        fault: &Fault,
        report: &mut TransformReport,
    ) -> Result<(), Disposition> {
        let fresh = self.fresh(work, id, company);
        self.amend(work, id, Some(fresh), |intent| {
            if matches!(intent.stage, IntentStage::Open | IntentStage::Refused) {
                intent.stage = IntentStage::Refused;
            }
            intent.code = Some(fault.code.clone().into_owned());
            intent.status_text.clone_from(&fault.message);
            intent.refused = None;
            intent.admitted |= work.admitted;
            // Jobs of before are overtaken by this.
            intent.modified = intent.modified.max(modified);
            if let Some(made_from) = made_from {
                intent.made_from.clone_from(made_from);
            }
            show_on(intent, record);
        })
        .await?;
        Ok(self
            .park_event(&work.event, &id.storage(), fault, report)
            .await?)
    }

    /// The same for an edit of a record that Sage holds: where its intent was never needed, it begins as done.
    pub(super) async fn refuse_edit(
        &self,
        work: &Work<'_, P::Crm>,
        id: &IntentId,
        key: &SageKey,
        fault: &Fault,
        report: &mut TransformReport,
    ) -> Result<(), Disposition> {
        let record = Shown {
            module: work.event.module.clone(),
            id: work.event.record.clone(),
        };
        let fresh = crate::intent::Intent {
            stage: IntentStage::Done,
            number: Some(key.local.clone()),
            customer: Some(key.clone()),
            ..self.fresh(work, id, &key.company)
        };
        self.amend(work, id, Some(fresh), |intent| {
            intent.code = Some(fault.code.clone().into_owned());
            intent.status_text.clone_from(&fault.message);
            show_on(intent, &record);
        })
        .await?;
        Ok(self
            .park_event(&work.event, &id.storage(), fault, report)
            .await?)
    }

    /// Parks an event. One that is parked for the same reason stays as it is, unless an operator tried it again: what we show
    /// on the record is an edit, too, and would count as another time.
    pub(super) async fn park_event(
        &self,
        event: &CrmEvent,
        id: &str,
        fault: &Fault,
        report: &mut TransformReport,
    ) -> Result<(), Fault> {
        let known = self.store.parked(event.target.as_str(), id).await?;
        let same = |parked: &Parked| {
            parked.fault.code == fault.code && parked.fault.message == fault.message
        };
        report.parked += 1;
        if event.source != EventSource::Redrive && known.as_ref().is_some_and(same) {
            return Ok(());
        }
        let parked = Parked::new(
            event.target.as_str(),
            id.to_owned(),
            Route::CrmEvents,
            fault.clone(),
            json(event)?,
            self.clock.now(),
        );
        self.store.park(&parked).await?;
        tracing::error!(target.name = %event.target, parked.id = id, fault.code = %fault.code, "an event is parked");
        Ok(())
    }

    /// Takes away what was parked for a sale, a customer or a contact, because it goes on. Done before its job is sent: what
    /// the Sage writer parks afterwards must stay.
    pub(super) async fn unpark(&self, work: &Work<'_, P::Crm>, id: &IntentId) -> Result<(), Fault> {
        let target = &work.event.target;
        self.store.unpark(target, &id.storage()).await?;
        if id.root != work.event.record {
            let own = IntentId {
                kind: id.kind,
                root: work.event.record.clone(),
            };
            self.store.unpark(target, &own.storage()).await?;
        }
        Ok(())
    }
}
