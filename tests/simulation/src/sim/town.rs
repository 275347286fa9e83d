//! Two companies in Sage, two CRMs, and what they sell: who is there when a run begins, and records as people put them.

mod said;

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;

use counterpart_delivery::ports::Clock as _;
use counterpart_domain::{Company, CrmId, Entity, Fields, RepKey, SageKey, TargetName, Value};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rust_decimal::{Decimal, RoundingStrategy};

use super::chance::{Calls, Mishaps};
use super::dice::Dice;
use super::mishap::{Mishap, drawn};
use super::org::{Discount, Module, ORGS, Org, config};
use super::restore::Lost;
use super::story::Story;
use crate::memory::Backup;
use crate::world::{MemoryCrm, World};

/// What is sold, and what it costs in Sage.
pub(super) const ITEMS: [(&str, &str); 4] = [
    ("CHAIR", "45.50"),
    ("DESK", "120"),
    ("PAPER", "7.25"),
    ("LAMP", "19.99"),
];
/// What clerks add to orders, and nobody sells.
pub(super) const DELIVERY: &str = "/DELIVERY";
/// The UDF of a Sage order that says which record it is made of: the simulation's own way to know, whatever the mark says.
pub(super) const RECORD: &str = "UDF_CRM_RECORD";

/// A CRM record that sells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sale {
    pub(super) org: usize,
    pub(super) is_order: bool,
    pub(super) id: CrmId,
    /// The number that the CRM gave the record; unique.
    pub(super) no: String,
    /// The number of the record that the sale began with: it and what came of it are one sale.
    pub(super) family: String,
    /// Won before the start.
    pub(super) before: bool,
    /// Nobody but Sage knows of its order any more: the table was restored to a time before it.
    pub(super) forgotten: bool,
}

impl Sale {
    pub(super) fn org(&self) -> &'static Org {
        &ORGS[self.org]
    }

    pub(super) fn module(&self) -> &'static Module {
        match self.is_order {
            true => &self.org().orders,
            false => &self.org().deals,
        }
    }
}

/// What a clerk did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Work {
    pub(super) company: Company,
    pub(super) number: String,
    pub(super) what: Did,
}

/// The kinds of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Did {
    /// Added a line at a price that no other line has.
    Added(Decimal),
    /// Set the quantity of the line with this key.
    Quantity(String, Decimal),
    /// Set a header column that no mapping owns.
    Column(&'static str, String),
    /// Typed over the mark, invoiced, or deleted: nothing that an update could take back.
    Other,
}

/// Everything there is in a run.
#[derive(Debug)]
pub(super) struct Town {
    pub(super) world: World,
    pub(super) dice: Dice,
    pub(super) story: Rc<Story>,
    pub(super) mishaps: Rc<Mishaps>,
    pub(super) sales: RefCell<Vec<Sale>>,
    pub(super) work: RefCell<Vec<Work>>,
    /// The table as a restore will bring it back, and of when it is.
    pub(super) backup: RefCell<Option<(Timestamp, Backup)>>,
    /// What nobody can know any more.
    pub(super) lost: RefCell<Lost>,
    /// Clients that were entered in a CRM, by their names.
    pub(super) clients: RefCell<Vec<(usize, CrmId, String)>>,
    /// Whether the CRM that tells of our own writes does.
    pub(super) hears_itself: Cell<bool>,
    count: Cell<u64>,
}

pub(super) fn company(code: &str) -> Company {
    parsed(Company::new(code).ok())
}

pub(super) fn target(name: &str) -> TargetName {
    parsed(TargetName::new(name))
}

#[expect(clippy::expect_used, reason = "the names are written here")]
fn parsed<T>(name: Option<T>) -> T {
    name.expect("a name")
}

pub(super) fn money(text: &str) -> Decimal {
    text.parse().unwrap_or_default()
}

/// To cents, half away from zero.
pub(super) fn cents(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

pub(super) fn reference(id: &CrmId) -> Value {
    Value::Reference(id.0.clone())
}

pub(super) fn fields<const N: usize>(fields: [(&str, Value); N]) -> Fields {
    fields
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

impl Town {
    /// The town of a seed on the day it goes live: customers are linked in both CRMs, and some sales were won long ago.
    pub(super) fn new(seed: u64, allowed: &BTreeSet<Mishap>, is_told: bool) -> Self {
        Self::with_config(seed, allowed, is_told, |config| config)
    }

    /// A town in which nothing goes wrong, but for sales that were won before the start.
    pub(super) fn with_old_sales() -> Self {
        let old = BTreeSet::from([Mishap::WonBefore]);
        Self::new(1, &old, false)
    }

    /// A town in which customers that came from a CRM may be edited there as before.
    pub(super) fn where_clients_stay_both() -> Self {
        let both = "division = \"01\"\nthen_sage_owned = false\n";
        Self::with_config(1, &BTreeSet::new(), false, |config| {
            config.replace("division = \"01\"\n", both)
        })
    }

    fn with_config(
        seed: u64,
        allowed: &BTreeSet<Mishap>,
        is_told: bool,
        change: impl FnOnce(String) -> String,
    ) -> Self {
        let dice = Dice::new(seed);
        let mishaps = Rc::new(Mishaps::new(drawn(allowed, seed, &dice)));
        let since = Self::day(20).to_zoned(TimeZone::UTC).date();
        let world = World::with_config(seed, &change(config(since)));
        let story = Rc::new(Story::new(&world.clock, is_told));
        let town = Self {
            world,
            dice,
            story,
            mishaps,
            sales: RefCell::default(),
            work: RefCell::default(),
            backup: RefCell::default(),
            lost: RefCell::default(),
            clients: RefCell::default(),
            hears_itself: Cell::new(true),
            count: Cell::new(0),
        };
        town.open();
        if town.mishaps.may(Mishap::WonBefore) {
            for org in 0..ORGS.len() {
                town.new_sale(org, false, None, true);
            }
            for sale in &mut *town.sales.borrow_mut() {
                sale.before = true;
            }
        }
        town.world.clock.advance_to(Self::day(40));
        for crm in town.world.crms.values() {
            // Nobody listened so far.
            let _untold = crm.take_changes();
        }
        let calls = Calls {
            dice: Dice::new(seed ^ 0xca11),
            mishaps: Rc::clone(&town.mishaps),
            story: Rc::clone(&town.story),
        };
        town.world.faults.decided_by(Some(Rc::new(calls)));
        town.world.faults.be_vague(town.dice.one_in(2));
        town
    }

    /// So many days after the world began.
    fn day(days: i64) -> Timestamp {
        World::start() + SignedDuration::from_hours(24 * days)
    }

    fn open(&self) {
        let world = &self.world;
        for code in ["ABC", "XYZ"] {
            let company = company(code);
            for (item, price) in ITEMS {
                world.sage.put_item(&company, item, money(price));
            }
            world.sage.put_item(&company, DELIVERY, Decimal::from(9));
            for number in ["01-ONE", "01-TWO"] {
                let key = parsed(SageKey::new(&company, Entity::CUSTOMER, number).ok());
                let (division, local) = number.split_once('-').unwrap_or_default();
                let columns = [
                    ("ARDivisionNo", division),
                    ("CustomerNo", local),
                    ("CustomerName", &format!("{code} {local}") as &str),
                    ("TelephoneNo", "(414) 555-4787"),
                    ("City", "Milwaukee"),
                    ("CustomerStatus", "A"),
                    ("SalespersonDivisionNo", "01"),
                    ("SalespersonNo", "0100"),
                ];
                world.sage.edit(&key, &columns);
            }
            for org in &ORGS {
                for (rep, user) in ["01-0100", "01-0200"].iter().zip(org.owners) {
                    let rep = RepKey {
                        company: company.clone(),
                        rep: (*rep).to_owned(),
                    };
                    world.map_rep(&target(org.target), &rep, user);
                }
            }
        }
        // The second company is written over the SOAP service, the first one by its agent.
        world.sage.write_by_soap(&company("XYZ"), true);
        for org in &ORGS {
            let crm = self.crm(org);
            crm.stamp_whole_seconds();
            for (item, _) in ITEMS {
                crm.put(org.products, None, fields([(org.code, Value::text(item))]));
            }
        }
        for company in world.config.companies.keys() {
            world.poll_all(company);
        }
        world.drain();
    }

    pub(super) fn now(&self) -> Timestamp {
        self.world.clock.now()
    }

    pub(super) fn crm(&self, org: &Org) -> &MemoryCrm {
        &self.world.crms[&target(org.target)]
    }

    /// A number that nothing else in this town has.
    pub(super) fn fresh(&self) -> u64 {
        self.count.set(self.count.get() + 1);
        self.count.get()
    }

    pub(super) fn field(&self, sale: &Sale, field: &str) -> Value {
        let held = self.crm(sale.org()).record(sale.module().name, &sale.id);
        held.and_then(|held| held.fields.get(field).cloned())
            .unwrap_or(Value::Blank)
    }

    pub(super) fn is_there(&self, sale: &Sale) -> bool {
        let held = self.crm(sale.org()).record(sale.module().name, &sale.id);
        held.is_some()
    }

    pub(super) fn state(&self, sale: &Sale) -> String {
        self.field(sale, sale.module().state).to_string()
    }

    pub(super) fn is_won(&self, sale: &Sale) -> bool {
        self.is_there(sale) && self.state(sale) == sale.module().won
    }

    /// A line as a person enters it: two in five with a discount.
    pub(super) fn new_line(&self, sale: &Sale) -> Fields {
        let org = sale.org();
        let products = self.crm(org).records(org.products);
        let product = self.dice.pick(&products).map(|held| held.id.clone());
        let quantity = Decimal::from(self.dice.between(1, 5));
        let price = [money("45.50"), money("120"), money("7.25"), money("19.99")];
        let price = self.dice.pick(&price).copied().unwrap_or_default();
        let mut line = Fields::from([
            (
                org.product.to_owned(),
                product.map_or(Value::Blank, |id| reference(&id)),
            ),
            ("Quantity".to_owned(), Value::Number(quantity)),
            (org.price.to_owned(), Value::Number(price)),
        ]);
        if self.dice.below(5) < 2 {
            self.discount(sale, &mut line, true);
        }
        if self.dice.one_in(3) {
            let comment = format!("As agreed {}", self.fresh());
            line.insert("Description".to_owned(), Value::text(comment));
        }
        line
    }

    /// Gives a line a discount, or takes it away.
    pub(super) fn discount(&self, sale: &Sale, line: &mut Fields, wanted: bool) {
        let percent = Decimal::from(5 * self.dice.between(1, 6));
        let gross = number(line, "Quantity") * number(line, sale.org().price);
        let discount = match sale.module().discount {
            Discount::None => return,
            Discount::Percent => percent,
            Discount::Amount => cents(gross * percent / Decimal::ONE_HUNDRED),
        };
        if wanted {
            line.insert("Discount".to_owned(), Value::Number(discount));
        } else if self.dice.one_in(2) {
            line.insert("Discount".to_owned(), Value::Number(Decimal::ZERO));
        } else {
            line.remove("Discount");
        }
    }

    /// What a line comes to in the CRM.
    pub(super) fn amount(sale: &Sale, line: &Fields) -> Decimal {
        let gross = number(line, "Quantity") * number(line, sale.org().price);
        let off = number(line, "Discount");
        cents(match sale.module().discount {
            Discount::None => gross,
            Discount::Percent => gross - gross * off / Decimal::ONE_HUNDRED,
            Discount::Amount => gross - off,
        })
    }

    pub(super) fn lines(&self, sale: &Sale) -> Vec<Fields> {
        self.crm(sale.org()).lines(&sale.id, sale.module().relation)
    }

    /// Saves a record as a person does: its lines where they are given, and the total as the CRM computes it.
    pub(super) fn save(&self, sale: &Sale, mut changed: Fields, lines: Option<Vec<Fields>>) {
        let (crm, module) = (self.crm(sale.org()), sale.module());
        if let Some(lines) = lines {
            crm.put_lines(module.name, &sale.id, module.relation, lines);
        }
        let lines = self.lines(sale);
        let held = crm.record(module.name, &sale.id);
        let field = |name: &str| {
            let new = changed.get(name).cloned();
            let old = || {
                held.as_ref()
                    .and_then(|held| held.fields.get(name).cloned())
            };
            as_number(new.or_else(old).as_ref())
        };
        let sum: Decimal = lines.iter().map(|line| Self::amount(sale, line)).sum();
        let total = sum + field(sale.org().freight) - field("Adjustment");
        // Who saves nothing but lines that come to the same saves no more than those.
        if changed.is_empty() && total == field(module.total) && sale.org().target == "salesforce" {
            return;
        }
        changed.insert(module.total.to_owned(), Value::Number(total));
        crm.edit(module.name, &sale.id, "person", changed);
    }

    /// Enters a sale. `of`: the deal that a sales order comes of.
    pub(super) fn new_sale(
        &self,
        org: usize,
        is_order: bool,
        of: Option<&Sale>,
        won: bool,
    ) -> Sale {
        let place = &ORGS[org];
        let crm = self.crm(place);
        let no = format!("{}{}", if is_order { "S" } else { "D" }, self.fresh());
        let accounts = crm.records(place.accounts);
        let account = match of {
            Some(of) => Some(self.field(of, place.account)),
            None => self.dice.pick(&accounts).map(|held| reference(&held.id)),
        };
        let mut sale = Sale {
            org,
            is_order,
            id: CrmId(String::new()),
            family: of.map_or_else(|| no.clone(), |of| of.family.clone()),
            no,
            before: false,
            forgotten: false,
        };
        let module = sale.module();
        let state = if won { module.won } else { module.open };
        let today = self.now().to_zoned(TimeZone::UTC).date();
        let mut entered = fields([
            (module.state, Value::text(state)),
            (place.account, account.unwrap_or(Value::Blank)),
            (place.record_no, Value::text(sale.no.as_str())),
            (place.po, Value::text(format!("PO {}", sale.no))),
            (module.closed_on, Value::Date(today)),
        ]);
        if let (Some(of), Some(root)) = (of, module.root) {
            entered.insert(root.to_owned(), reference(&of.id));
        }
        // An order takes over what its deal says, unless people take away again.
        let copied = of.filter(|_| !self.mishaps.may(Mishap::TakenAway));
        if let Some(of) = copied {
            for name in ["Description", place.freight] {
                entered.insert(name.to_owned(), self.field(of, name));
            }
        } else if self.dice.one_in(3) {
            let comment = Value::text(format!("Comment {}", self.fresh()));
            entered.insert("Description".to_owned(), comment);
        }
        if copied.is_none() && self.dice.one_in(4) {
            entered.insert(place.freight.to_owned(), Value::Number(Decimal::from(12)));
        }
        if self.mishaps.may(Mishap::TotalDiffers) && self.dice.one_in(2) {
            self.mishaps.note(Mishap::TotalDiffers);
            entered.insert("Adjustment".to_owned(), Value::Number(Decimal::from(5)));
        }
        sale.id = crm.put(module.name, None, entered.clone());
        let count = self.dice.between(1, 3);
        let lines = match copied {
            Some(of) => self.lines(of),
            None => (0..count).map(|_| self.new_line(&sale)).collect(),
        };
        let lines = lines.into_iter().map(|mut line| {
            line.remove("id");
            line
        });
        let lines = lines.collect();
        self.save(&sale, entered, Some(lines));
        self.story.tell(|| {
            let of = of.map_or_else(String::new, |of| format!(" of {}", of.no));
            format!(
                "{}: {} {}{of} is entered as {state}: {}",
                place.target,
                module.name,
                sale.no,
                self.said(&sale)
            )
        });
        self.sales.borrow_mut().push(sale.clone());
        sale
    }
}

pub(super) fn number(fields: &Fields, name: &str) -> Decimal {
    as_number(fields.get(name))
}

fn as_number(value: Option<&Value>) -> Decimal {
    match value {
        Some(Value::Number(number)) => *number,
        _ => Decimal::ZERO,
    }
}
