//! What there is at rest, as the product's invariants want to know it. What the CRM says is computed here from its records
//! alone, by other code than the product's.

use counterpart_delivery::IntentStage;
use counterpart_delivery::invariants::sales::{
    self, Asks, LineFacts, Made, OrderFacts, SaleFacts, WorkFacts,
};
use counterpart_delivery::invariants::{self, Broken, records, rest};
use counterpart_delivery::ports::{Ledger as _, Parked, Reps as _};
use counterpart_domain::sale::OrderFile;
use counterpart_domain::{Company, CrmId, Entity, Fields, SageKey, Value};
use rust_decimal::Decimal;

use super::org::ORGS;
use super::town::{Did, RECORD, Sale, Town, Work, company, number, target};
use crate::world::OrderRow;

const COMPANIES: [&str; 2] = ["ABC", "XYZ"];
/// The header columns that the mapping owns.
const OWNED: [&str; 4] = ["CustomerPONo", "Comment", RECORD, "FreightAmt"];

impl Town {
    /// Puts into words what is known of each sale and record, and what is parked.
    pub(super) fn tell_rest(&self) {
        for intent in self.world.store.inner.all_intents() {
            self.story.tell(|| {
                let shown = intent.shown.iter().map(|shown| shown.id.0.as_str());
                let (id, stage, number) = (intent.id.storage(), intent.stage, &intent.number);
                let shown: Vec<_> = shown.collect();
                format!(
                    "  {id} is {stage:?}, number {number:?}, shown on {shown:?}; {:?}",
                    intent.ask
                )
            });
        }
        for item in self.world.store.inner.all_parked() {
            let (target, id, fault) = (item.target, item.id, item.fault);
            self.story.tell(|| {
                format!(
                    "parked for a person: {target} {id}: {} {}",
                    fault.code, fault.message
                )
            });
        }
    }

    /// Everything that is not as it must be at rest.
    pub(super) fn broken(&self) -> Vec<Broken> {
        let parked = self.world.store.inner.all_parked();
        let mut broken = self.ever_made();
        for sale in self.ruling() {
            broken.extend(sales::sale(&self.sale_facts(&sale, &parked)));
        }
        let work = self.work.borrow();
        broken.extend(
            work.iter()
                .filter_map(|work| self.work_facts(work, &parked))
                .filter_map(|facts| sales::peoples_work(&facts)),
        );
        let keys: Vec<SageKey> = parked.iter().filter_map(|item| item.key.clone()).collect();
        broken.extend(self.world.records_at_rest(&keys));
        broken.extend(self.owners(&keys));
        broken.extend(self.windows());
        broken.extend(self.rest(&parked));
        broken
    }

    /// Every order and customer that was ever made, by the sale or account it was made for.
    pub(super) fn ever_made(&self) -> Vec<Broken> {
        let sage = &self.world.sage;
        let orders: Vec<Made> = sage
            .ever_made()
            .iter()
            .enumerate()
            // Whose table was restored cannot know of an order that was cancelled, and is not in Sage, either.
            .filter(|(at, row)| !self.is_forgotten_and_gone(*at, row))
            .filter(|(_, row)| !self.is_cancelled_with_its_deal(row))
            .map(|(_, row)| Made {
                record: self.family_of(&said(row)),
                number: format!("{} {}", row.order.customer.company, row.order.number),
            })
            .collect();
        let made = sage.records_ever_made().into_iter();
        let customers: Vec<Made> = made
            .filter(|key| key.entity == Entity::CUSTOMER)
            .map(|key| Made {
                record: sage.column(&key, "CustomerName"),
                number: key.to_string(),
            })
            .collect();
        let mut twins = Vec::new();
        for org in &ORGS {
            let records = self.crm(org).ever_made().into_iter();
            // Where neither the table nor the record knows any more which customer it is, it is taken for none.
            let lost = self.lost.borrow();
            let is_lost = |id: &CrmId| lost.links.contains(id) && lost.keys.contains(id);
            let records = records.filter(|(_, _, id)| !is_lost(id));
            twins.extend(records.map(|(module, key, id)| Made {
                record: format!("{key} in {module} of {}", org.target),
                number: id.0,
            }));
        }
        let mut broken = sales::one_order(&orders);
        broken.extend(sales::one_customer(&customers));
        // The same count, of records in the CRMs.
        broken.extend(
            sales::one_order(&twins)
                .into_iter()
                .map(|twin| Broken::new(&invariants::ONE_RECORD, twin.what)),
        );
        broken
    }

    fn is_forgotten_and_gone(&self, at: usize, row: &OrderRow) -> bool {
        let family = self.family_of(&said(row));
        let mut sales = self.sales.borrow().clone().into_iter();
        let sage = &self.world.sage;
        let (company, number) = (&row.order.customer.company, &row.order.number);
        let same = |other: &OrderRow| {
            other.order.customer.company == *company && other.order.number == *number
        };
        let made_again = sage.ever_made().iter().skip(at + 1).any(same);
        sales.any(|sale| sale.family == family && sale.forgotten)
            && (made_again || sage.order_row(company, number).is_none())
            && sage.changed_by_us().contains(&format!("cancel {number}"))
    }

    /// Whether an order was made of a deal that is gone, and was cancelled before: it stands no more, and nothing leads from it
    /// to a sales order of that deal that is read afterwards, whose sale is another one.
    fn is_cancelled_with_its_deal(&self, row: &OrderRow) -> bool {
        let (record, sage) = (said(row), &self.world.sage);
        let sales = self.sales.borrow().clone();
        let mut deals = sales
            .iter()
            .filter(|sale| sale.no == record && !sale.is_order);
        let (company, number) = (&row.order.customer.company, &row.order.number);
        let intents = self.world.store.inner.all_intents();
        let is_over = |deal: &Sale| {
            let mut of = intents.iter().filter(|intent| intent.id.root == deal.id);
            !self.is_there(deal)
                && of.any(|intent| {
                    intent.stage == IntentStage::Cancelled && intent.number.as_ref() == Some(number)
                })
        };
        deals.any(is_over)
            && sage.order_row(company, number).is_none()
            && sage.changed_by_us().contains(&format!("cancel {number}"))
    }

    /// Whether a record, or what it sells, waits for a person.
    pub(super) fn is_waiting(&self, id: &CrmId) -> bool {
        let parked = self.world.store.inner.all_parked();
        let family = {
            let sales = self.sales.borrow();
            let sale = sales.iter().find(|sale| sale.id == *id);
            sale.map(|sale| sale.family.clone())
        };
        // A customer may be parked by the event of its sale.
        let of = |item: &Parked| item.payload.contains(&id.0) || item.id.ends_with(&id.0);
        parked.iter().any(of) || family.is_some_and(|family| self.told(&family, &parked).is_some())
    }

    fn family_of(&self, no: &str) -> String {
        let sales = self.sales.borrow();
        let sale = sales.iter().find(|sale| sale.no == no);
        sale.map_or_else(|| no.to_owned(), |sale| sale.family.clone())
    }

    /// The record of each sale that says what Sage is to hold: the order, where there is one, else the deal.
    fn ruling(&self) -> Vec<Sale> {
        let sales = self.sales.borrow();
        let there: Vec<&Sale> = sales.iter().filter(|sale| self.is_there(sale)).collect();
        there
            .iter()
            .filter(|sale| {
                let mut family = there.iter().filter(|other| other.family == sale.family);
                sale.is_order || !family.any(|other| other.is_order)
            })
            .map(|sale| (*sale).clone())
            .collect()
    }

    /// All orders that were ever made of a sale, as they are now; none in place of one that is gone.
    fn orders_of(&self, family: &str) -> Vec<(Company, String, Option<OrderRow>)> {
        let sage = &self.world.sage;
        let made = sage.ever_made().into_iter();
        made.filter(|row| self.family_of(&said(row)) == family)
            .map(|row| {
                let (company, number) = (row.order.customer.company, row.order.number);
                let now = sage.order_row(&company, &number);
                (company, number, now)
            })
            .collect()
    }

    fn sale_facts(&self, sale: &Sale, parked: &[Parked]) -> SaleFacts {
        let orders = self.orders_of(&sale.family);
        let work = self.work.borrow();
        let touched = |company: &Company, number: &str| {
            work.iter().any(|done| {
                let ours = done.company == *company && done.number == number;
                ours && !matches!(done.what, Did::Column(..))
            })
        };
        let mut held = orders.iter().filter_map(|(_, _, row)| row.as_ref());
        let held = held.find(|row| row.order.file == OrderFile::Open);
        let asks = match () {
            () if sale.before => Asks::FromBefore,
            () if self.is_won(sale) => Asks::Order,
            // An order that is cancelled before anybody heard of it takes nothing from its deal, which is won.
            () if sale.is_order && (self.has_won_deal(sale) || !self.has_asked(sale)) => Asks::Open,
            () if sale.module().lost == Some(self.state(sale).as_str()) => Asks::Nothing,
            () => Asks::Open,
        };
        let mut told = self.told(&sale.family, parked);
        if held.is_some() {
            // That it is cancelled tells nobody of an order that stands.
            let denied = |text: &str| {
                text.contains("cancelled in Sage 100") || text.contains("has no order")
            };
            told = told.filter(|text| !denied(text));
        }
        if asks == Asks::Nothing && sale.forgotten && told.is_none() {
            // Whoever forgot a sale cannot know that it was once an order.
            told = Some("forgotten by a restore".to_owned());
        }
        SaleFacts {
            record: format!("{} {}", sale.org().target, sale.no),
            asks,
            wanted: Some(self.wanted(sale)),
            held: held.map(|row| self.held(row)),
            made: orders.len(),
            told,
            changed_in_sage: orders
                .iter()
                .any(|(company, number, _)| touched(company, number)),
        }
    }

    /// Whether an order was ever begun that a record asked for.
    fn has_asked(&self, sale: &Sale) -> bool {
        let intents = self.world.store.inner.all_intents();
        intents.iter().any(|intent| {
            let shows = intent.shown.iter().any(|shown| shown.id == sale.id);
            let asked = intent.ask.record.as_ref() == Some(&sale.id);
            intent.number.is_some() && (asked || shows)
        })
    }

    fn has_won_deal(&self, order: &Sale) -> bool {
        let sales = self.sales.borrow();
        let mut deals = sales.iter().filter(|sale| sale.family == order.family);
        deals.any(|sale| !sale.is_order && self.is_there(sale) && self.is_won(sale))
    }

    /// Whether people are told anything of a sale.
    pub(super) fn is_told(&self, family: &str) -> bool {
        let parked = self.world.store.inner.all_parked();
        self.told(family, &parked).is_some()
    }

    /// What people are told of a sale beyond that its order is there.
    fn told(&self, family: &str, parked: &[Parked]) -> Option<String> {
        let sales = self.sales.borrow();
        let of = sales.iter().filter(|sale| sale.family == family);
        of.flat_map(|sale| {
            let text = self.field(sale, sale.org().text).to_string();
            let is_plain = text.is_empty()
                || (text.starts_with("Order ")
                    && text.ends_with(" is in Sage 100.")
                    && text.split(' ').count() == 6);
            let parked = parked.iter().find(|item| {
                item.target == sale.org().target
                    && (item.id.ends_with(&sale.id.0) || item.payload.contains(&sale.id.0))
            });
            let parked = parked.map(|item| format!("parked: {}", item.fault));
            [(!is_plain).then_some(text), parked]
        })
        .flatten()
        .next()
    }

    pub(super) fn wanted(&self, sale: &Sale) -> OrderFacts {
        let org = sale.org();
        let lines = self.lines(sale);
        let lines = lines.iter().map(|line| LineFacts {
            item: self.item(sale, line),
            quantity: number(line, "Quantity"),
            amount: Self::amount(sale, line),
            columns: column("CommentText", line.get("Description")),
        });
        let mut header = Fields::new();
        for (name, field) in [
            ("CustomerPONo", org.po),
            ("Comment", "Description"),
            (RECORD, org.record_no),
            ("FreightAmt", org.freight),
        ] {
            header.extend(column(name, Some(&self.field(sale, field))));
        }
        let total = self.field(sale, sale.module().total);
        OrderFacts {
            lines: lines.collect(),
            header,
            total: match total {
                Value::Number(total) => total,
                _ => Decimal::ZERO,
            },
        }
    }

    fn held(&self, row: &OrderRow) -> OrderFacts {
        let lines = row.order.lines.iter().map(|line| LineFacts {
            item: line.item.clone(),
            quantity: line.quantity,
            amount: line.extension,
            columns: column(
                "CommentText",
                row.lines
                    .get(&line.key)
                    .and_then(|columns| columns.get("CommentText")),
            ),
        });
        let header = OWNED
            .iter()
            .flat_map(|name| column(name, row.header.get(*name)));
        OrderFacts {
            lines: lines.collect(),
            header: header.collect(),
            total: row.order.total(),
        }
    }

    fn work_facts(&self, work: &Work, parked: &[Parked]) -> Option<WorkFacts> {
        let row = self.world.sage.order_row(&work.company, &work.number);
        // What was cancelled or closed is no longer worked on.
        let row = row.filter(|row| row.order.file == OrderFile::Open)?;
        let made = self.world.sage.ever_made().into_iter();
        let no = made
            .filter(|made| made.order.number == work.number)
            .find(|made| made.order.customer.company == work.company)
            .map(|made| said(&made))?;
        let mut lines = row.order.lines.iter();
        let (what, stands) = match &work.what {
            Did::Added(price) => (
                format!("a line at {price}"),
                lines.any(|line| line.unit_price == *price),
            ),
            Did::Quantity(key, quantity) => (
                format!("quantity {quantity} of line {key}"),
                lines.any(|line| line.key == *key && line.quantity == *quantity),
            ),
            Did::Column(column, text) => (
                format!("{column} {text}"),
                row.header.get(*column).map(Value::to_string).as_ref() == Some(text),
            ),
            Did::Other => return None,
        };
        Some(WorkFacts {
            order: format!("{} {} ({no})", work.company, work.number),
            what,
            stands,
            told: self.told(&self.family_of(&no), parked),
        })
    }

    /// Every linked account belongs to the user that its salesperson stands for.
    fn owners(&self, but: &[SageKey]) -> Vec<Broken> {
        let mut broken = Vec::new();
        let (world, clock) = (&self.world, &self.world.clock);
        for org in &ORGS {
            for code in COMPANIES {
                let company = company(code);
                let name = target(org.target);
                let reps = world.store.inner.reps(&name, &company);
                let reps = clock.block_on(reps).unwrap_or_default();
                for (key, _) in world.sage.rows(&company, Entity::CUSTOMER) {
                    let rep = self.rep_of(&key);
                    let user = reps.iter().find(|mapping| mapping.rep.rep == rep);
                    let held = self.crm(org).with_key(org.accounts, &key.text());
                    let (Some(user), Some(held), false) = (user, held.first(), but.contains(&key))
                    else {
                        continue;
                    };
                    let owner = held.fields.get(org.owner).map(Value::to_string);
                    if owner.as_ref() != Some(&user.user_id.0) {
                        let what = format!(
                            "{key} belongs to {owner:?} in {}, should be {}",
                            org.target, user.user_id
                        );
                        broken.push(Broken::new(&invariants::NEWEST, what));
                    }
                }
            }
        }
        broken
    }

    pub(super) fn rep_of(&self, key: &SageKey) -> String {
        let column = |name| self.world.sage.column(key, name);
        format!(
            "{}-{}",
            column("SalespersonDivisionNo"),
            column("SalespersonNo")
        )
    }

    fn windows(&self) -> Vec<Broken> {
        let (store, clock) = (&self.world.store.inner, &self.world.clock);
        let mut broken = Vec::new();
        for code in COMPANIES {
            let runs = clock.block_on(store.runs(&company(code), 1000));
            for run in runs.unwrap_or_default() {
                for org in &ORGS {
                    let totals = clock.block_on(store.totals(&run.id, &target(org.target)));
                    let name = format!("{} {}", run.id, org.target);
                    broken.extend(
                        totals
                            .ok()
                            .and_then(|totals| records::window(&name, &totals)),
                    );
                }
            }
        }
        broken
    }

    fn rest(&self, parked: &[Parked]) -> Vec<Broken> {
        let world = &self.world;
        let mut broken = Vec::new();
        broken.extend(self.queues());
        broken.extend(self.killers(parked));
        broken.extend(rest::leases(&world.store.inner.leased_intents(self.now())));
        let parked = parked.iter();
        broken.extend(parked.filter_map(|item| rest::parked(&item.id, &item.fault)));
        broken
    }
}

/// The number of the record that an order was made of.
fn said(row: &OrderRow) -> String {
    row.header
        .get(RECORD)
        .map(Value::to_string)
        .unwrap_or_default()
}

/// A column, unless it is blank or zero; numbers without their zeros.
fn column(name: &str, value: Option<&Value>) -> Fields {
    let text = match value {
        Some(Value::Number(number)) if number.is_zero() => String::new(),
        Some(Value::Number(number)) => number.normalize().to_string(),
        Some(other) => other.to_string().trim().to_owned(),
        None => String::new(),
    };
    let value = (!text.is_empty()).then(|| (name.to_owned(), Value::text(text)));
    value.into_iter().collect()
}
