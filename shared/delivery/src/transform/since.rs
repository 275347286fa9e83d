//! What was won, or became a client, before the connection was switched on is in Sage by other ways already: it never goes
//! by itself. A person who was told so sends it by a redrive. What follows from a record's dates and history is a pure decision;
//! it stands at the end.

use std::collections::BTreeSet;

use counterpart_config::{CreateInSage, CrmCondition, Since, moment};
use counterpart_domain::{Class, Entity, Fault, Fields, Value};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::since_words::{Age, SALE, Words, of_record};
use super::work::{Sale, Work};
use super::{OrderTransform, TransformReport};
use crate::disposition::Disposition;
use crate::intent::{Intent, IntentId, IntentKind, IntentStage};
use crate::not_done::NotDone;
use crate::ports::prelude::*;
use crate::ports::{Document, DocumentQuery, Past, Was};

/// A CRM may write its history a little later than the change that it tells of: nothing is refused because of what is
/// missing in it before an event is as old as this.
const SETTLED: SignedDuration = SignedDuration::from_secs(60);
/// A history that begins later than this after its record was created is not the whole of it.
const MAKING: SignedDuration = SignedDuration::from_mins(5);

/// What is asked of a record before anything of it goes to Sage.
struct Candidate<'a> {
    words: &'a Words,
    since: Option<Since>,
    when: &'a [CrmCondition],
    document: &'a Document,
    /// The day that it says it was closed on.
    closed: Option<Date>,
}

impl<P: Ports> OrderTransform<'_, P> {
    /// Refuses a sale that was won before the connection was switched on, unless it was begun or a person has decided.
    pub(super) async fn check_sale_age(
        &self,
        work: &mut Work<'_, P::Crm>,
        sale: &Sale<'_>,
        document: &Document,
        stored: Option<&Intent>,
        report: &mut TransformReport,
    ) -> Result<(), Disposition> {
        if stored.is_some_and(is_begun) {
            return Ok(());
        }
        if work.is_released(&SALE, work.told.as_deref()) {
            // Also for the events that follow: whatever it is refused for next, nobody is asked this again.
            work.admitted = true;
            return Ok(());
        }
        let day = sale.source.day.as_ref();
        let candidate = Candidate {
            words: &SALE,
            since: sale.orders.since,
            when: &sale.source.when,
            document,
            closed: day.and_then(|day| day_in(document.fields.get(day)?)),
        };
        self.judge(work, &candidate, report).await?;
        self.check_root_age(work, sale, report).await
    }

    /// A sale that began with another record is as old as that one: what was won then is in Sage, whoever makes an order of
    /// it in the CRM today.
    async fn check_root_age(
        &self,
        work: &mut Work<'_, P::Crm>,
        sale: &Sale<'_>,
        report: &mut TransformReport,
    ) -> Result<(), Disposition> {
        let Some(made_from) = &sale.pointed else {
            return Ok(());
        };
        let mut others = sale
            .orders
            .sources
            .iter()
            .filter(|other| other.root.is_none() && other.module != sale.record.module);
        let (Some(root), None, Some(since)) = (others.next(), others.next(), sale.orders.since)
        else {
            return Ok(());
        };
        let query = DocumentQuery {
            module: root.module.clone(),
            fields: fields_of(&root.when),
            lines: None,
        };
        let Some(document) = self.read(work, &query, made_from, report).await? else {
            return Ok(());
        };
        if is_after(since, document.created) {
            return Ok(());
        }
        let past = self.past(work, &document, &root.when, report).await?;
        match first_met(&root.when, &document, &past) {
            Met::At(met) if met < since.at() => {
                Err(Disposition::of(SALE.of_root(since, &root.module, met)))
            }
            Met::At(_) | Met::NotYet | Met::Unknown => Ok(()),
        }
    }

    /// The same for an account or a contact that is to be created in Sage.
    pub(super) async fn check_record_age(
        &self,
        work: &mut Work<'_, P::Crm>,
        create: &CreateInSage,
        entity: Entity,
        document: &Document,
        report: &mut TransformReport,
    ) -> Result<(), Disposition> {
        let words = &of_record(entity);
        let new = create
            .since
            .is_some_and(|since| is_after(since, document.created));
        // A sale that was refused for its account is sent with it.
        if new || work.is_released(words, work.told.as_deref()) {
            return Ok(());
        }
        let id = IntentId {
            kind: IntentKind::Record(entity),
            root: document.id.clone(),
        };
        let stored = self.store.intent(&work.event.target, &id).await?;
        if stored.as_ref().is_some_and(is_begun) {
            return Ok(());
        }
        let told = stored.and_then(|intent| intent.code);
        if document.id == work.event.record && work.is_released(words, told.as_deref()) {
            work.admitted = true;
            return Ok(());
        }
        let candidate = Candidate {
            words,
            since: create.since,
            when: &create.when,
            document,
            closed: None,
        };
        self.judge(work, &candidate, report).await
    }

    /// Lets a record pass that is not older than the connection.
    async fn judge(
        &self,
        work: &mut Work<'_, P::Crm>,
        of: &Candidate<'_>,
        report: &mut TransformReport,
    ) -> Result<(), Disposition> {
        let Some(since) = of.since else {
            return Err(Disposition::of(of.words.without_since()));
        };
        let document = of.document;
        let by_dates = by_dates(since, document.created, document.modified, of.closed);
        if let Some(age) = by_dates {
            return of.verdict(since, age);
        }
        let past = self.past(work, document, of.when, report).await?;
        let age = by_history(since, of.when, document, &past);
        // What a change of its own tells stands; otherwise the newest change may be missing yet.
        let told = match age {
            Age::Old(met) => document.created.is_some_and(|created| met > created),
            _ => age == Age::New,
        };
        let settled = work.event.received_at.saturating_add(SETTLED).ok();
        if !told && let Some(until) = settled.filter(|settled| self.clock.now() < *settled) {
            let fault = Fault::new(
                Class::Transient,
                "E_CRM_HISTORY_YOUNG",
                "The CRM's history of the record may not be complete yet; it is read again.",
            );
            let until = Some(until);
            return Err(NotDone::turn(fault, until).into());
        }
        of.verdict(since, age)
    }

    /// The history of the fields that conditions look at. Fields of what a lookup leads to have none of their own.
    async fn past(
        &self,
        work: &mut Work<'_, P::Crm>,
        document: &Document,
        when: &[CrmCondition],
        report: &mut TransformReport,
    ) -> Result<Past, Disposition> {
        let fields = fields_of(when);
        if fields.iter().any(|field| field.contains('.')) {
            return Ok(Past::new());
        }
        let as_it_is = |field: String| {
            let value = document.fields.get(&field).cloned();
            (field, value.unwrap_or(Value::Blank))
        };
        let now = fields.into_iter().map(as_it_is).collect();
        let (module, id) = (&document.module, &document.id);
        self.read_past(work, module, id, &now, report).await
    }
}

impl<K> Work<'_, K> {
    /// Whether a person was told that the record may be older than the connection, and sends it all the same.
    fn is_released(&self, words: &Words, told: Option<&str>) -> bool {
        words.asked(told) && told.is_some_and(|told| self.event.is_answer_to(told))
    }
}

impl Candidate<'_> {
    fn verdict(&self, since: Since, age: Age) -> Result<(), Disposition> {
        match age {
            Age::New => Ok(()),
            age => Err(Disposition::of(self.words.refusal(since, age))),
        }
    }
}

/// Whether it was decided before that something goes to Sage for this intent.
fn is_begun(intent: &Intent) -> bool {
    let untouched = matches!(intent.stage, IntentStage::Open | IntentStage::Refused)
        && intent.asked.is_none()
        && intent.number.is_none()
        && intent.sends == 0;
    intent.admitted || !untouched
}

fn is_after(since: Since, created: Option<Timestamp>) -> bool {
    created.is_some_and(|created| created >= since.at())
}

/// The fields that conditions look at, each once.
fn fields_of(when: &[CrmCondition]) -> Vec<String> {
    let mut fields: Vec<String> = when.iter().map(|one| one.field.clone()).collect();
    fields.sort();
    fields.dedup();
    fields
}

/// A day, however the CRM writes it.
fn day_in(value: &Value) -> Option<Date> {
    match value {
        Value::Date(day) => Some(*day),
        Value::Text(text) => match moment(text) {
            Some(moment) => Some(Since::day_there(moment)),
            None => text.get(..10)?.parse().ok(),
        },
        _ => None,
    }
}

/// When the conditions were first met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Met {
    /// Then.
    At(Timestamp),
    /// Never, as far as is known: the history does not lead up to the record as it was read.
    NotYet,
    /// Nobody knows: of one of the fields there is no history.
    Unknown,
}

/// What a record's own dates say without its history. None: the history has to be asked.
fn by_dates(
    since: Since,
    created: Option<Timestamp>,
    modified: Option<Timestamp>,
    closed: Option<Date>,
) -> Option<Age> {
    if created.is_some_and(|created| created >= since.at()) {
        // Whoever brings old sales into the CRM creates them today.
        let before = closed.filter(|closed| *closed < since.first_day());
        return Some(before.map_or(Age::New, Age::ClosedBefore));
    }
    let modified = modified.filter(|modified| *modified < since.at());
    modified.map(Age::Untouched)
}

/// What the history of a record says that meets all the conditions as it was read.
fn by_history(since: Since, when: &[CrmCondition], document: &Document, past: &Past) -> Age {
    match first_met(when, document, past) {
        Met::At(met) if met >= since.at() => Age::New,
        Met::At(met) => Age::Old(met),
        Met::NotYet | Met::Unknown => Age::Untold,
    }
}

/// When all conditions held for the first time, whatever came of the record afterwards.
fn first_met(when: &[CrmCondition], document: &Document, past: &Past) -> Met {
    let Some(created) = document.created else {
        return Met::Unknown;
    };
    let begun = created.saturating_add(MAKING).unwrap_or(created);
    let mut moments = BTreeSet::new();
    for condition in when {
        let Some(values) = past.get(&condition.field).filter(|past| !past.is_empty()) else {
            return Met::Unknown;
        };
        // Whoever brings a record over from elsewhere sets back its date, not its history.
        if values.iter().all(|was| was.at > begun) {
            return Met::Unknown;
        }
        moments.extend(values.iter().map(|was| was.at));
        let last = values.iter().max_by_key(|was| was.at);
        let current = document
            .fields
            .get(&condition.field)
            .unwrap_or(&Value::Blank);
        if last.is_none_or(|last| last.value != *current) {
            return Met::NotYet;
        }
    }
    let held = |at: &Timestamp| {
        when.iter().all(|condition| {
            let values = past.get(&condition.field).map_or(&[][..], Vec::as_slice);
            values_at(values, *at).any(|value| {
                let fields = Fields::from([(condition.field.clone(), value.clone())]);
                condition.holds(&fields)
            })
        })
    };
    moments.into_iter().find(held).map_or(Met::NotYet, Met::At)
}

/// The values that a field had at a time: several, where it was changed more than once within the CRM's resolution. Before
/// all that is known, the first one.
fn values_at(values: &[Was], at: Timestamp) -> impl Iterator<Item = &Value> {
    let last = values.iter().map(|was| was.at).filter(|then| *then <= at);
    let last = last.max().or_else(|| values.iter().map(|was| was.at).min());
    let then = values.iter().filter(move |was| Some(was.at) == last);
    then.map(|was| &was.value)
}

#[cfg(test)]
#[path = "since_tests.rs"]
mod tests;
