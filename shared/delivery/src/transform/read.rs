//! Reading the CRM, behind its circuit.

use counterpart_domain::{Class, CrmId, Fault, Fields, Reach, Value};
use jiff::SignedDuration;

use super::work::Work;
use super::{OrderTransform, TransformReport};
use crate::TargetFault;
use crate::circuit::{Probe, Sizes};
use crate::disposition::Disposition;
use crate::not_done::NotDone;
use crate::odd::{Of, Whose};
use crate::ports::prelude::*;
use crate::ports::{CurrencyRate, DeletedSince, Document, DocumentQuery, Past};

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

    /// The record that the event's line is, or was, a line of.
    pub(super) async fn record_of_line(
        &self,
        work: &mut Work<'_, P::Crm>,
        report: &mut TransformReport,
    ) -> Result<Option<CrmId>, Disposition> {
        self.claim(work).await?;
        let (module, line) = (&work.event.module, &work.event.record);
        let answer = work.crm.record_of_line(module, line).await;
        self.answered(work, answer, report).await
    }

    /// The records of a module that were deleted since.
    pub(super) async fn deleted_since(
        &self,
        work: &mut Work<'_, P::Crm>,
        module: &str,
        since: jiff::Timestamp,
        report: &mut TransformReport,
    ) -> Result<DeletedSince, Disposition> {
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
                self.close(work).await?;
                return Ok(answer);
            }
            Err(fault) => fault,
        };
        report.faults.push(TargetFault {
            target: target.clone(),
            fault: fault.clone(),
        });
        let is_content = matches!(fault.class, Class::Data | Class::Bug);
        match Reach::of(&fault) {
            // What is said of a record's content is an answer, too.
            Reach::Record | Reach::Call if is_content => {
                self.close(work).await?;
                Err(Disposition::of(fault))
            }
            Reach::Record => Err(Disposition::of(fault)),
            // A single record: there is no smaller call.
            Reach::Call | Reach::Unclear => self.unclear(work, fault).await,
            // One module's configuration is no outage: packs and other modules go on.
            Reach::Module => {
                self.close(work).await?;
                let until = self.clock.now().saturating_add(CONFIGURATION_PAUSE).ok();
                Err(NotDone::trouble(fault, until).into())
            }
            Reach::Connection => Err(self.stop_all(work, fault).await),
        }
    }

    /// What becomes of an event by a fault that may be its own, or everybody's.
    async fn unclear<T>(
        &self,
        work: &mut Work<'_, P::Crm>,
        fault: Fault,
    ) -> Result<T, Disposition> {
        let kind = kind(work);
        let (whose, circuit) = self
            .breaker()
            .whose(&work.event.target, of(work, &kind))
            .await?;
        work.circuit = circuit;
        // Silence is no answer: the circuit that was being tried is no better than before.
        let is_silence = Reach::of(&fault) == Reach::Call;
        match whose {
            Whose::Everybodys => return Err(self.stop_all(work, fault).await),
            _ if is_silence && work.circuit.failures > 0 => {
                return Err(self.stop_all(work, fault).await);
            }
            // The CRM has answered, be it one record's trouble.
            _ => self.close(work).await?,
        }
        Err(match whose {
            Whose::Own => Disposition::of(own(fault)),
            _ => NotDone::from(fault).into(),
        })
    }

    /// Closes the circuit that was being tried: the CRM has answered.
    async fn close(&self, work: &mut Work<'_, P::Crm>) -> Result<(), Fault> {
        if work.circuit.failures > 0 {
            let sizes = Sizes {
                bulk: work.crm.bulk_size(),
                ..Sizes::default()
            };
            let breaker = self.breaker();
            breaker
                .close(&work.event.target, &work.circuit, sizes)
                .await?;
            work.circuit.failures = 0;
            work.circuit.rev += 1;
        }
        Ok(())
    }

    /// Notes that an event came to its end, where others of its module failed.
    pub(super) async fn got_through(&self, work: &Work<'_, P::Crm>) {
        let (target, known, kind) = (&work.event.target, &work.circuit, kind(work));
        let of = of(work, &kind);
        self.breaker().got_through(target, known, of).await;
        if let Some((id, kind)) = told_of(work) {
            let of = Of { id, kind: &kind };
            self.breaker().got_through(target, known, of).await;
        }
    }

    /// Notes that an event is set aside: it is not tried again.
    pub(super) async fn is_set_aside(&self, work: &Work<'_, P::Crm>) {
        let (target, known, kind) = (&work.event.target, &work.circuit, kind(work));
        self.breaker().ended(target, known, of(work, &kind)).await;
        if let Some((id, kind)) = told_of(work) {
            let of = Of { id, kind: &kind };
            self.breaker().ended(target, known, of).await;
        }
    }

    async fn stop_all(&self, work: &Work<'_, P::Crm>, fault: Fault) -> Disposition {
        let event = &work.event;
        let met = format!("{} {}", event.module, event.record);
        let breaker = self.breaker();
        let until = breaker
            .open(&event.target, &work.circuit, &fault, None, &met)
            .await;
        NotDone::trouble(fault, Some(until)).into()
    }
}

/// What waiting does not mend is one record's own by now: others get through.
fn own(mut fault: Fault) -> Fault {
    if fault.class == Class::Configuration {
        fault.class = Class::Data;
    }
    fault
}

fn of<'a, K>(work: &'a Work<'_, K>, kind: &'a str) -> Of<'a> {
    Of {
        id: &work.event.record.0,
        kind,
    }
}

/// That a module may be read says nothing of writing it.
fn kind<K>(work: &Work<'_, K>) -> String {
    reading(&work.event.module)
}

fn reading(module: &str) -> String {
    format!("read {module}")
}

/// The same of the line that an event told of: its own reading may have failed before.
fn told_of<'a, K>(work: &'a Work<'_, K>) -> Option<(&'a str, String)> {
    let (module, id) = work.told_of.as_ref()?;
    Some((&id.0, reading(module)))
}

/// The id that a lookup points to.
pub(super) fn id_in(fields: &Fields, field: &str) -> Option<CrmId> {
    match fields.get(field)? {
        Value::Reference(id) | Value::Text(id) if !id.is_empty() => Some(CrmId(id.clone())),
        _ => None,
    }
}
