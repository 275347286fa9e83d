//! A sale: an Opportunity or Deal, an Order or Sales_Order. Both of one sale are one intent, by its root.
//!
//! Which of the two says what Sage is to hold: the Order or Sales_Order, if there is one, since it is the later commitment.
//! The Opportunity or Deal it came from only shows the state from then on.

use counterpart_config::{OrderInput, OrderSource, OrdersConfig};
use counterpart_domain::sale::{Reference, SaleOrder};
use counterpart_domain::{Company, CrmId, Fields};
use jiff::Timestamp;

use super::intent::show_on;
use super::read::id_in;
use super::whose::is_order;
use super::work::{Sale, Work};
use super::{OrderTransform, TransformReport};
use crate::SageJob;
use crate::disposition::Disposition;
use crate::event::{Change, EventSource};
use crate::intent::{DELETED, Intent, IntentStage, Shown, content_of};
use crate::job::{JOB_VERSION, PlaceOrder, Work as JobWork};
use crate::ports::prelude::*;
use crate::ports::{Document, DocumentQuery, LinesQuery, Outgoing, QueueName};
use crate::send::{json, send_all};

/// How often a record that is never the same is read before it is taken as it is.
const MOST_LOOKS: u32 = 5;

impl<P: Ports> OrderTransform<'_, P> {
    /// Takes an event of a module whose records become orders. `false`: nothing had to be done.
    pub(super) async fn take_sale(
        &self,
        work: &mut Work<'_, P::Crm>,
        orders: &OrdersConfig,
        source: &OrderSource,
        report: &mut TransformReport,
    ) -> Result<bool, Disposition> {
        let query = query_of(source);
        let record = work.event.record.clone();
        let read_at = self.clock.now();
        let Some(document) = self.read(work, &query, &record, report).await? else {
            self.check_hidden(work, report).await?;
            return self.sale_is_gone(work, orders).await;
        };
        // Under the id that the CRM itself gives it.
        work.event.record = document.id.clone();
        let root = source
            .root
            .as_ref()
            .and_then(|field| id_in(&document.fields, field));
        let record = Shown {
            module: source.module.clone(),
            id: document.id.clone(),
        };
        let whose = self.whose(work, orders, source, &record, root).await?;
        let sale = Sale {
            orders,
            source,
            id: whose.sale.id.clone(),
            record,
            pointed: whose.pointed.clone(),
            modified: document.modified,
            read_at,
        };
        if sale.is_order() {
            self.note_made_from(work, &whose, &sale.record).await?;
        }
        let stored = whose.sale.intent.clone();
        work.told = stored.as_ref().and_then(|intent| intent.code.clone());
        if !source.is_won(&document.fields) {
            return self
                .take_unwon(work, &sale, &document, stored, report)
                .await;
        }
        if let Some(intent) = &stored
            && let Some(first) = sale.second_to(intent)
        {
            return self
                .refuse_second(work, &sale, orders, (intent, first), report)
                .await;
        }
        if let Some(twin) = &whose.twin {
            return self.refuse_twin(work, &sale, twin, report).await;
        }
        if let Some(intent) = stored.as_ref().filter(|intent| sale.was_left_by(intent)) {
            return self.refuse_left(work, &sale, intent, report).await;
        }
        self.claim_for(work, &sale.id, &whose.claims).await?;
        match self.place(work, &sale, &document, stored, report).await {
            Err(Disposition::Park(fault)) => {
                let company = work.company.clone();
                let company = company.unwrap_or_else(|| orders.company.clone());
                self.refuse(work, &sale.id, &company, sale.shown(), &fault, report)
                    .await?;
                Ok(true)
            }
            done => done,
        }
    }

    /// Takes an event of a line: it is its sale that changed, whether or not the sale's own record says so.
    pub(super) async fn take_line(
        &self,
        work: &mut Work<'_, P::Crm>,
        orders: &OrdersConfig,
        source: &OrderSource,
        report: &mut TransformReport,
    ) -> Result<bool, Disposition> {
        let Some(record) = self.record_of_line(work, report).await? else {
            // Nobody can tell of which. What it took off the sale's amount has moved the sale's own stamp; one that cost
            // nothing took nothing off, and an order that has it keeps it until the sale is told of again.
            tracing::warn!(target.name = %work.event.target, module = work.event.module, record.id = %work.event.record, "a line is gone, and its sale is not known by it: a free item may stand in its order still; have the change events of lines enriched with the sale's id");
            return Ok(false);
        };
        work.told_of = Some((work.event.module.clone(), work.event.record.clone()));
        work.event.module.clone_from(&source.module);
        work.event.record = record;
        work.event.change = Change::Updated;
        self.take_sale(work, orders, source, report).await
    }

    async fn place(
        &self,
        work: &mut Work<'_, P::Crm>,
        sale: &Sale<'_>,
        document: &Document,
        stored: Option<Intent>,
        report: &mut TransformReport,
    ) -> Result<bool, Disposition> {
        if let Some(intent) = stored.as_ref().filter(|intent| sale.yields_to(intent)) {
            return self.only_shown(work, sale, intent, None).await;
        }
        self.check_sale_age(work, sale, document, stored.as_ref(), report)
            .await?;
        let (account, mut order) = self
            .order(work, sale, document, stored.as_ref(), report)
            .await?;
        let content = content_of(&order);
        let done = stored
            .as_ref()
            .filter(|intent| intent.stage == IntentStage::Done);
        if let Some(intent) = done {
            let buyer = &order.customer.key;
            let moved = buyer.is_some() && intent.customer.is_some() && *buyer != intent.customer;
            // A job that is on its way, or goes back to its queue time and again, may be about to make something else of it.
            let asks_else = intent.ask.number > 0 && intent.ask.content.as_ref() != Some(&content);
            let compared = intent.written.uncompared.is_none();
            let at_rest = intent.asked.is_none() && intent.code.is_none() && !asks_else && compared;
            let doubtful = intent.written.doubtful && sale.orders.follow_changes;
            let in_doubt = doubtful || intent.reopened;
            if intent.holds(&order, &content) && at_rest && !moved && !in_doubt {
                return self.only_shown(work, sale, intent, None).await;
            }
            if !sale.orders.follow_changes && !intent.reopened {
                let text = intent.does_not_follow();
                return self.only_shown(work, sale, intent, Some(text)).await;
            }
        }
        if let Some(intent) = &stored
            && self.stays_refused(work, sale, intent, &order).await?
        {
            self.show(work, &sale.id, intent.rev).await?;
            return Ok(false);
        }
        let mut gone = Vec::new();
        if stored.as_ref().is_none_or(Intent::is_unsent) {
            gone = self
                .check_orphans(work, sale, document, &order, report)
                .await?;
        }
        if stored.as_ref().is_none_or(|intent| intent.ask.number == 0) {
            let mark = order.reference.clone();
            order.reference = self.claim_mark(work, sale, &order.company, mark).await?;
        }
        let asked = self
            .ask(work, sale, stored.as_ref(), &order.company, &content)
            .await?;
        let Some(intent) = asked else {
            return Ok(false);
        };
        if let Some(first) = sale.second_to(&intent) {
            return self
                .refuse_second(work, sale, sale.orders, (&intent, first), report)
                .await;
        }
        if sale.yields_to(&intent) {
            return self.only_shown(work, sale, &intent, None).await;
        }
        let is_known = |intent: &Intent| intent.shown.contains(&sale.record);
        if !stored.as_ref().is_some_and(is_known) {
            self.is_still_so(work, sale, document, report).await?;
        }
        // The record that comes second counts from now on, also where it was last touched before the first one.
        let second = stored.is_none_or(|stored| !stored.shown.contains(&sale.record));
        let before = intent.modified.filter(|_| second);
        let shows = sale.source.write_back.number.as_ref();
        let shows = text_of(&document.fields, shows.filter(|_| intent.is_unsent()));
        let place = PlaceOrder {
            intent: sale.id.clone(),
            order,
            content: None,
            shows: Some(shows).filter(|shows| !shows.is_empty()),
            gone,
            shown: intent.shown,
            modified: sale.modified.max(before),
            ask: intent.ask.number,
        };
        self.unpark(work, &sale.id).await?;
        self.send_job(work, account, JobWork::PlaceOrder(Box::new(place)), report)
            .await?;
        Ok(true)
    }

    /// Whether the sale was refused in Sage, and asks for the very same: it stays parked, until something of it changes or a
    /// person sends it again.
    async fn stays_refused(
        &self,
        work: &Work<'_, P::Crm>,
        sale: &Sale<'_>,
        intent: &Intent,
        order: &SaleOrder,
    ) -> Result<bool, Disposition> {
        let same = intent.ask.record.as_ref() == Some(&sale.record.id)
            && intent.stands_refused(order, sale.modified);
        if Sale::redriven(work) || !same {
            return Ok(false);
        }
        let target = work.event.target.as_str();
        Ok(self
            .store
            .parked(target, &sale.id.storage())
            .await?
            .is_some())
    }

    /// Reads a record once more that never asked before: whoever took it back in the meantime found nothing to take back.
    /// From the ask on, every later edit finds it.
    async fn is_still_so(
        &self,
        work: &mut Work<'_, P::Crm>,
        sale: &Sale<'_>,
        document: &Document,
        report: &mut TransformReport,
    ) -> Result<(), Disposition> {
        let query = query_of(sale.source);
        let now = self.read(work, &query, &sale.record.id, report).await?;
        // A formula may come to something else each time; that the sale is won is enough then.
        let is_won = now
            .as_ref()
            .is_some_and(|now| sale.source.is_won(&now.fields));
        if now.as_ref() == Some(document) || (is_won && work.receive_count > MOST_LOOKS) {
            return Ok(());
        }
        Err(self.look_again("The record was changed while it was being read."))
    }

    /// An order that has nothing to be changed: the record shows it, once.
    async fn only_shown(
        &self,
        work: &Work<'_, P::Crm>,
        sale: &Sale<'_>,
        intent: &Intent,
        text: Option<String>,
    ) -> Result<bool, Disposition> {
        let mut wanted = intent.clone();
        let amended = |intent: &mut Intent| {
            show_on(intent, &sale.record);
            if sale.is_order() {
                intent.made_from.clone_from(&sale.pointed);
            }
            // It has come back.
            if intent.status_text.starts_with(DELETED) {
                let number = intent.number.as_deref().unwrap_or_default();
                intent.status_text = format!("Order {number} is in Sage 100.");
            }
            if let Some(text) = &text {
                intent.status_text.clone_from(text);
            }
        };
        amended(&mut wanted);
        if intent.stage == IntentStage::Done {
            // What the sale's order was refused for is not this record's to take away.
            if intent.code.is_none() || !sale.yields_to(intent) {
                self.unpark(work, &sale.id).await?;
            }
            self.unpark_left(work, sale, intent).await?;
        }
        if !intent.shown.contains(&sale.record) {
            self.forget_own(work, sale).await?;
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
        work: &mut Work<'_, P::Crm>,
        sale: &Sale<'_>,
        document: &Document,
        stored: Option<&Intent>,
        report: &mut TransformReport,
    ) -> Result<(CrmId, SaleOrder), Disposition> {
        let fields = &document.fields;
        let Some(account) = id_in(fields, &sale.source.account) else {
            return Err(Disposition::park(
                "E_ORDER_ACCOUNT_MISSING",
                "The sale has no account. Choose the account that buys.",
            ));
        };
        let (company, customer) = self.buyer(work, sale, fields, &account, report).await?;
        work.company = Some(company.clone());
        self.check_company(work, &company)?;
        let values = fields
            .values()
            .chain(document.lines.iter().flat_map(Fields::values));
        let lengths = self.lengths(&company, values).await?;
        let lengths = self.by_its_clock(work, &company, lengths, stored);
        let rate = self
            .rate(work, sale, fields, (&company, &lengths), report)
            .await?;
        // The mark that was given once stays, also where it would be another one today.
        let given = stored.and_then(|intent| intent.reference.clone());
        let reference =
            given.unwrap_or_else(|| Reference::of(&work.event.target, &company, &sale.id.root));
        let input = OrderInput {
            reference,
            company: &company,
            customer,
            fields,
            lines: &document.lines,
            rate,
            lengths: &lengths,
        };
        let order = sale
            .orders
            .order(sale.source, input)
            .map_err(Disposition::of)?;
        Ok((account, order))
    }

    fn check_company(&self, work: &Work<'_, P::Crm>, company: &Company) -> Result<(), Disposition> {
        let written = self.config.companies.get(company);
        let written =
            written.is_some_and(|company| company.write != counterpart_config::SageWay::None);
        if written && work.target.companies.contains(company) {
            return Ok(());
        }
        Err(Disposition::park(
            "E_COMPANY_NOT_WRITTEN",
            format!(
                "Nothing is written to Sage 100 company {company} from here. Ask for the company to be set up for orders, or choose an account of another company."
            ),
        ))
    }

    pub(super) async fn send_job(
        &self,
        work: &Work<'_, P::Crm>,
        account: CrmId,
        what: JobWork,
        report: &mut TransformReport,
    ) -> Result<(), Disposition> {
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
        if body.len() > self.queue.longest_body() {
            return Err(Disposition::park(
                "E_ORDER_TOO_LARGE",
                "The sale has more lines or longer texts than one message to Sage 100 can hold. Make it several sales.",
            ));
        }
        let outgoing = Outgoing::in_group(body, job.group(), job.id);
        send_all(
            self.queue,
            self.clock,
            &QueueName::SageWrites,
            vec![outgoing],
        )
        .await?;
        tracing::info!(target.name = %work.event.target, record.id = %work.event.record, event.id = work.event.id, "a job is on its way to Sage 100");
        report.jobs += 1;
        Ok(())
    }
}

impl Sale<'_> {
    /// The record, when it was last modified, and, of an Order or Sales_Order, what it names.
    pub(super) fn shown(&self) -> (&Shown, Option<Timestamp>, Option<&Option<CrmId>>) {
        let made_from = self.is_order().then_some(&self.pointed);
        (&self.record, self.modified, made_from)
    }

    /// Whether it is an Order or Sales_Order, the later commitment.
    pub(super) const fn is_order(&self) -> bool {
        self.source.root.is_some()
    }

    /// Whether this record only shows the sale: the Order or Sales_Order that came of it says what Sage is to hold.
    pub(super) fn yields_to(&self, intent: &Intent) -> bool {
        !self.is_order() && self.commitment(intent).is_some()
    }

    /// Another record that the sale became an order by already: a sale is one order.
    pub(super) fn second_to<'i>(&self, intent: &'i Intent) -> Option<&'i Shown> {
        let other = self.commitment(intent)?;
        (self.is_order() && !intent.shown.contains(&self.record)).then_some(other)
    }

    /// Whether this record ever asked for the sale's order.
    pub(super) fn asked_for(&self, intent: &Intent) -> bool {
        intent.shown.contains(&self.record) || intent.ask.record.as_ref() == Some(&self.record.id)
    }

    /// Whether the sale's order names another Opportunity or Deal by now.
    fn was_left_by(&self, intent: &Intent) -> bool {
        // What was noted by a version that did not count says nothing of it.
        intent.ask.number > 0
            && self.yields_to(intent)
            && intent.made_from.as_ref() != Some(&self.record.id)
    }

    /// The sale's Order or Sales_Order, if it is another record.
    pub(super) fn commitment<'i>(&self, intent: &'i Intent) -> Option<&'i Shown> {
        let mut shown = intent.shown.iter();
        shown.find(|shown| **shown != self.record && is_order(self.orders, shown))
    }

    /// Whether the event comes from an operator.
    pub(super) fn redriven<K>(work: &Work<'_, K>) -> bool {
        work.event.source == EventSource::Redrive
    }
}

fn query_of(source: &OrderSource) -> DocumentQuery {
    DocumentQuery {
        module: source.module.clone(),
        fields: source.query_fields(),
        lines: Some(LinesQuery {
            relation: source.lines.relation.clone(),
            fields: source.query_line_fields(),
        }),
    }
}

/// A text field, trimmed; empty where there is none.
fn text_of(fields: &Fields, field: Option<&String>) -> String {
    let value = field.and_then(|field| fields.get(field));
    value.map_or_else(String::new, |value| value.to_string().trim().to_owned())
}
