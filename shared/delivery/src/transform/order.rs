//! A sale: an Opportunity or Deal, an Order or Sales_Order. Both of one sale are one intent, by its root.
//!
//! Which of the two says what Sage is to hold: the Order or Sales_Order, if there is one, since it is the later commitment.
//! The Opportunity or Deal it came from only shows the state from then on.

use counterpart_config::{Lengths, OrderInput, OrderSource, OrdersConfig};
use counterpart_domain::sale::{CurrencyNote, Reference, SaleOrder};
use counterpart_domain::{Class, Company, CrmId, Fault, Fields, Value};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::intent::show_on;
use super::work::{Halt, Sale, Work};
use super::{OrderTransform, TransformReport};
use crate::SageJob;
use crate::event::EventSource;
use crate::intent::{Intent, IntentId, IntentKind, IntentStage, Shown, content_of};
use crate::job::{JOB_VERSION, PlaceOrder, Work as JobWork};
use crate::ports::{
    Clock, Crm, CrmRecords, Document, DocumentQuery, EventQueue, Ids, Intents, JobQueue,
    LinesQuery, OutgoingJob, Queue, Store,
};
use crate::send::{json, send_jobs};

impl<K, S, Q, E, J, C> OrderTransform<'_, K, S, Q, E, J, C>
where
    K: Crm + CrmRecords,
    S: Store + Intents,
    Q: Queue,
    E: EventQueue,
    J: JobQueue,
    C: Clock + Ids,
{
    /// Takes an event of a module whose records become orders. `false`: nothing had to be done.
    pub(super) async fn take_sale(
        &self,
        work: &mut Work<'_, K>,
        orders: &OrdersConfig,
        source: &OrderSource,
        report: &mut TransformReport,
    ) -> Result<bool, Halt> {
        let query = DocumentQuery {
            module: source.module.clone(),
            fields: source.query_fields(),
            lines: Some(LinesQuery {
                relation: source.lines.relation.clone(),
                fields: source.query_line_fields(),
            }),
        };
        let record = work.event.record.clone();
        let Some(document) = self.read(work, &query, &record, report).await? else {
            return self.sale_is_gone(work).await;
        };
        // Under the id that the CRM itself gives it.
        work.event.record = document.id.clone();
        let root = source
            .root
            .as_ref()
            .and_then(|field| id_in(&document.fields, field));
        let sale = Sale {
            orders,
            source,
            id: IntentId {
                kind: IntentKind::Order,
                root: root.unwrap_or_else(|| document.id.clone()),
            },
            record: Shown {
                module: source.module.clone(),
                id: document.id.clone(),
            },
            modified: document.modified,
        };
        let stored = self.store.intent(&work.event.target, &sale.id).await?;
        if !source.is_won(&document.fields) {
            return self
                .take_unwon(work, &sale, &document, stored, report)
                .await;
        }
        if let Some(second) = stored.as_ref().and_then(|intent| sale.second_to(intent)) {
            let second = second.clone();
            return self
                .refuse_second(work, &sale, orders, &second, report)
                .await;
        }
        match self.place(work, &sale, &document, stored, report).await {
            Err(Halt::Refused(fault)) => {
                let company = work.company.clone();
                let company = company.unwrap_or_else(|| orders.company.clone());
                self.refuse(work, &sale.id, &company, sale.shown(), &fault, report)
                    .await?;
                Ok(true)
            }
            done => done,
        }
    }

    async fn place(
        &self,
        work: &mut Work<'_, K>,
        sale: &Sale<'_>,
        document: &Document,
        stored: Option<Intent>,
        report: &mut TransformReport,
    ) -> Result<bool, Halt> {
        if let Some(intent) = stored.as_ref().filter(|intent| sale.yields_to(intent)) {
            return self.only_shown(work, sale, intent, None).await;
        }
        let (account, order) = self.order(work, sale, document, report).await?;
        let content = content_of(&order);
        let done = stored
            .as_ref()
            .filter(|intent| intent.stage == IntentStage::Done);
        if let Some(intent) = done {
            let buyer = &order.customer.key;
            let moved = buyer.is_some() && intent.customer.is_some() && *buyer != intent.customer;
            // A job that is on its way may be about to make something else of it.
            let at_rest = intent.asked.is_none() && intent.code.is_none();
            if intent.holds(&order, &content) && at_rest && !moved {
                return self.only_shown(work, sale, intent, None).await;
            }
            if !sale.orders.follow_changes {
                let number = intent.number.as_deref().unwrap_or_default();
                let text = format!(
                    "Order {number} stands in Sage 100 as it was; later changes of the sale do not follow. Change the order there."
                );
                return self.only_shown(work, sale, intent, Some(text)).await;
            }
        }
        let intent = self
            .ask(work, sale, stored.as_ref(), &order.company, &content)
            .await?;
        if let Some(second) = sale.second_to(&intent) {
            let second = second.clone();
            return self
                .refuse_second(work, sale, sale.orders, &second, report)
                .await;
        }
        if sale.yields_to(&intent) {
            return self.only_shown(work, sale, &intent, None).await;
        }
        // The record that comes second counts from now on, also where it was last touched before the first one.
        let second = stored.is_none_or(|stored| !stored.shown.contains(&sale.record));
        let before = intent.modified.filter(|_| second);
        let place = PlaceOrder {
            intent: sale.id.clone(),
            order,
            shown: intent.shown,
            modified: sale.modified.max(before),
        };
        self.unpark(work, &sale.id).await?;
        self.send_job(work, account, JobWork::PlaceOrder(Box::new(place)), report)
            .await?;
        Ok(true)
    }

    /// A second order of one sale: said on its own record, since the sale's intent is the first one's.
    async fn refuse_second(
        &self,
        work: &Work<'_, K>,
        sale: &Sale<'_>,
        orders: &OrdersConfig,
        first: &Shown,
        report: &mut TransformReport,
    ) -> Result<bool, Halt> {
        let fault = Fault::new(
            Class::Data,
            "E_ORDER_SECOND",
            format!(
                "The sale is a Sage 100 order already, from {} {}. A second order of one sale is not made; make it a sale of its own.",
                first.module, first.id
            ),
        );
        let own = IntentId {
            kind: IntentKind::Order,
            root: sale.record.id.clone(),
        };
        let company = work.company.as_ref().unwrap_or(&orders.company);
        self.refuse(work, &own, company, sale.shown(), &fault, report)
            .await?;
        Ok(true)
    }

    /// An order that has nothing to be changed: the record shows it, once.
    async fn only_shown(
        &self,
        work: &Work<'_, K>,
        sale: &Sale<'_>,
        intent: &Intent,
        text: Option<String>,
    ) -> Result<bool, Halt> {
        let mut wanted = intent.clone();
        let amended = |intent: &mut Intent| {
            show_on(intent, &sale.record);
            if let Some(text) = &text {
                intent.status_text.clone_from(text);
            }
        };
        amended(&mut wanted);
        if intent.stage == IntentStage::Done {
            self.unpark(work, &sale.id).await?;
        }
        if wanted == *intent {
            self.show(work, &sale.id, intent.rev).await?;
            return Ok(false);
        }
        self.amend(work, &sale.id, None, amended).await?;
        Ok(true)
    }

    /// The order that the sale asks for, and the account that it belongs to.
    async fn order(
        &self,
        work: &mut Work<'_, K>,
        sale: &Sale<'_>,
        document: &Document,
        report: &mut TransformReport,
    ) -> Result<(CrmId, SaleOrder), Halt> {
        let fields = &document.fields;
        let Some(account) = id_in(fields, &sale.source.account) else {
            return Err(Halt::refused(
                "E_ORDER_ACCOUNT_MISSING",
                "The sale has no account. Choose the account that buys.",
            ));
        };
        let (company, customer) = self.buyer(work, sale, fields, &account, report).await?;
        work.company = Some(company.clone());
        self.check_company(work, &company)?;
        let rate = self.rate(work, sale, fields, report).await?;
        let input = OrderInput {
            reference: Reference::of(&work.event.target, &company, &sale.id.root),
            company: &company,
            customer,
            fields,
            lines: &document.lines,
            rate,
            lengths: &Lengths::new(),
        };
        let order = sale.orders.order(sale.source, input).map_err(Halt::of)?;
        Ok((account, order))
    }

    fn check_company(&self, work: &Work<'_, K>, company: &Company) -> Result<(), Halt> {
        let written = self.config.companies.get(company);
        let written =
            written.is_some_and(|company| company.write != counterpart_config::SageWay::None);
        if written && work.target.companies.contains(company) {
            return Ok(());
        }
        Err(Halt::refused(
            "E_COMPANY_NOT_WRITTEN",
            format!(
                "Nothing is written to Sage 100 company {company} from here. Ask for the company to be set up for orders, or choose an account of another company."
            ),
        ))
    }

    /// The CRM's own rate, where the order needs it.
    async fn rate(
        &self,
        work: &mut Work<'_, K>,
        sale: &Sale<'_>,
        fields: &Fields,
        report: &mut TransformReport,
    ) -> Result<Option<CurrencyNote>, Halt> {
        let Some(wanted) = sale.orders.wanted_rate(sale.source, fields) else {
            return Ok(None);
        };
        let today = self.clock.now().to_zoned(TimeZone::UTC).date();
        let day = wanted.day.unwrap_or(today);
        let rates = self.rates(work, day, report).await?;
        let currency = &sale.orders.currency;
        let pair = rates.get(&wanted.from).zip(rates.get(&currency.sage));
        Ok(pair.and_then(|(from, sage)| {
            let date = from.since.max(sage.since).or(Some(day));
            currency.crossed(&wanted.from, from.per_home, sage.per_home, date)
        }))
    }

    pub(super) async fn send_job(
        &self,
        work: &Work<'_, K>,
        account: CrmId,
        what: JobWork,
        report: &mut TransformReport,
    ) -> Result<(), Halt> {
        let job = SageJob {
            version: JOB_VERSION,
            id: self.clock.new_id(),
            target: work.event.target.clone(),
            account,
            event: work.event.clone(),
            config_version: self.config_version,
            sent_at: self.clock.now(),
            work: what,
        };
        let body = json(&job)?;
        if body.len() > self.jobs.longest_job() {
            return Err(Halt::refused(
                "E_ORDER_TOO_LARGE",
                "The sale has more lines or longer texts than one message to Sage 100 can hold. Make it several sales.",
            ));
        }
        let outgoing = OutgoingJob {
            group: job.group(),
            deduplication_id: job.id,
            body,
        };
        send_jobs(self.jobs, self.clock, vec![outgoing]).await?;
        tracing::info!(target.name = %work.event.target, record.id = %work.event.record, event.id = work.event.id, "a job is on its way to Sage 100");
        report.jobs += 1;
        Ok(())
    }
}

impl Sale<'_> {
    /// The record, and when it was last modified.
    const fn shown(&self) -> (&Shown, Option<Timestamp>) {
        (&self.record, self.modified)
    }

    /// Whether this record only shows the sale: another one that came of it says what Sage is to hold.
    pub(super) fn yields_to(&self, intent: &Intent) -> bool {
        self.record.id == self.id.root && self.commitment(intent).is_some()
    }

    /// Another record that the sale became an order by already: a sale is one order.
    pub(super) fn second_to<'i>(&self, intent: &'i Intent) -> Option<&'i Shown> {
        let other = self.commitment(intent)?;
        (self.record.id != self.id.root && !intent.shown.contains(&self.record)).then_some(other)
    }

    /// Another record of the sale than its root.
    fn commitment<'i>(&self, intent: &'i Intent) -> Option<&'i Shown> {
        let mut shown = intent.shown.iter();
        shown.find(|shown| shown.id != self.id.root && **shown != self.record)
    }

    /// Whether the event comes from an operator.
    pub(super) fn redriven<K>(work: &Work<'_, K>) -> bool {
        work.event.source == EventSource::Redrive
    }
}

/// The id that a lookup points to.
pub(super) fn id_in(fields: &Fields, field: &str) -> Option<CrmId> {
    match fields.get(field)? {
        Value::Reference(id) | Value::Text(id) if !id.is_empty() => Some(CrmId(id.clone())),
        _ => None,
    }
}
