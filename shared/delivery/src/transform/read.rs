//! Reading the CRM, behind its circuit.

use counterpart_domain::{Class, CrmId, Fault, Fields, Value};
use jiff::SignedDuration;

use super::work::Work;
use super::{OrderTransform, TransformReport};
use crate::TargetFault;
use crate::circuit::Probe;
use crate::disposition::Disposition;
use crate::not_done::NotDone;
use crate::ports::prelude::*;
use crate::ports::{CurrencyRate, Document, DocumentQuery, Past};

/// A field that does not exist is looked for again this often: until somebody mends the configuration or the CRM.
const CONFIGURATION_PAUSE: SignedDuration = SignedDuration::from_mins(5);

impl<P: Ports> OrderTransform<'_, P> {
    /// A record; none: it is gone.
    pub(super) async fn read(
        &self,
        work: &mut Work<'_, P::Crm>,
        query: &DocumentQuery,
        id: &CrmId,
        report: &mut TransformReport,
    ) -> Result<Option<Document>, Disposition> {
        self.claim(work).await?;
        let answer = work.crm.document(query, id).await;
        self.answered(work, answer, report).await
    }

    /// What fields of a record have been.
    pub(super) async fn read_past(
        &self,
        work: &mut Work<'_, P::Crm>,
        module: &str,
        id: &CrmId,
        now: &Fields,
        report: &mut TransformReport,
    ) -> Result<Past, Disposition> {
        self.claim(work).await?;
        let answer = work.crm.past(module, id, now).await;
        self.answered(work, answer, report).await
    }

    /// The records that were merged into one.
    pub(super) async fn merged_into(
        &self,
        work: &mut Work<'_, P::Crm>,
        module: &str,
        id: &CrmId,
        report: &mut TransformReport,
    ) -> Result<Vec<CrmId>, Disposition> {
        self.claim(work).await?;
        let answer = work.crm.merged_into(module, id).await;
        self.answered(work, answer, report).await
    }

    /// The records of a module that were deleted since.
    pub(super) async fn deleted_since(
        &self,
        work: &mut Work<'_, P::Crm>,
        module: &str,
        since: jiff::Timestamp,
        report: &mut TransformReport,
    ) -> Result<Vec<CrmId>, Disposition> {
        self.claim(work).await?;
        let answer = work.crm.deleted_since(module, since).await;
        self.answered(work, answer, report).await
    }

    /// The org's rates of a day.
    pub(super) async fn rates(
        &self,
        work: &mut Work<'_, P::Crm>,
        day: jiff::civil::Date,
        report: &mut TransformReport,
    ) -> Result<std::collections::BTreeMap<String, CurrencyRate>, Disposition> {
        self.claim(work).await?;
        let answer = work.crm.currencies(day).await;
        self.answered(work, answer, report).await
    }

    async fn claim(&self, work: &mut Work<'_, P::Crm>) -> Result<(), Disposition> {
        if work.claimed {
            return Ok(());
        }
        let circuit = work.circuit.clone();
        match self.breaker().claim(&work.event.target, circuit).await? {
            Probe::Ours(circuit) => work.circuit = circuit,
            Probe::Others(until) => return Err(NotDone::shut(until).into()),
        }
        work.claimed = true;
        Ok(())
    }

    async fn answered<T>(
        &self,
        work: &mut Work<'_, P::Crm>,
        answer: Result<T, Fault>,
        report: &mut TransformReport,
    ) -> Result<T, Disposition> {
        let target = &work.event.target;
        let fault = match answer {
            Ok(answer) => {
                if work.circuit.failures > 0 {
                    let bulk = work.crm.bulk_size();
                    self.breaker().close(target, &work.circuit, 0, bulk).await?;
                    work.circuit.failures = 0;
                    work.circuit.rev += 1;
                }
                return Ok(answer);
            }
            Err(fault) => fault,
        };
        report.faults.push(TargetFault {
            target: target.clone(),
            fault: fault.clone(),
        });
        match fault.class {
            Class::Data | Class::Bug => Err(Disposition::Park(Box::new(fault))),
            // One module's configuration is no outage: packs and other modules go on.
            Class::Configuration if fault.code == "E_CRM_FIELD_UNKNOWN" => {
                let until = self.clock.now().saturating_add(CONFIGURATION_PAUSE).ok();
                Err(NotDone::trouble(fault, until).into())
            }
            _ => {
                let breaker = self.breaker();
                let until = breaker.open(target, &work.circuit, &fault, None).await;
                Err(NotDone::trouble(fault, Some(until)).into())
            }
        }
    }
}

/// The id that a lookup points to.
pub(super) fn id_in(fields: &Fields, field: &str) -> Option<CrmId> {
    match fields.get(field)? {
        Value::Reference(id) | Value::Text(id) if !id.is_empty() => Some(CrmId(id.clone())),
        _ => None,
    }
}
