//! A day in the CRMs: people sell, correct, win and lose; administrators move look-ups, merge, clone and empty fields.

use counterpart_delivery::intent::SaleTrace;
use counterpart_delivery::ports::{Intents as _, Links as _};
use counterpart_domain::{CrmId, Fields, Value};
use jiff::SignedDuration;
use rust_decimal::Decimal;

use super::mishap::Mishap;
use super::org::ORGS;
use super::town::{Sale, Town, fields, number, reference, target};
use crate::world::Held;

impl Town {
    fn some_org(&self) -> usize {
        usize::try_from(self.dice.below(ORGS.len() as u64)).unwrap_or(0)
    }

    /// A sale for which something holds.
    fn some_sale(&self, which: impl Fn(&Sale) -> bool) -> Option<Sale> {
        let sales = self.sales.borrow().clone();
        let sales: Vec<_> = sales
            .into_iter()
            .filter(|sale| self.is_there(sale) && which(sale))
            .collect();
        self.dice.pick(&sales).cloned()
    }

    /// One of the things that people do all day.
    pub(super) fn live(&self) {
        match self.dice.below(16) {
            0..=2 => {
                self.new_sale(self.some_org(), false, None, true);
            }
            3 => {
                self.new_sale(self.some_org(), true, None, true);
            }
            4 => {
                self.new_sale(self.some_org(), false, None, false);
            }
            5 => self.order_of_a_deal(),
            6..=10 => self.correct(),
            11 => self.win_or_lose(),
            12 => self.new_client(),
            13 => self.edit_account(),
            _ => self.edit_customer(),
        }
    }

    fn order_of_a_deal(&self) {
        let sales = self.sales.borrow().clone();
        let alone = |sale: &Sale| {
            let one = sales.iter().filter(|other| other.family == sale.family);
            let fits = self.mishaps.may(Mishap::TakenAway) || self.may_be_copied(sale);
            !sale.is_order && !sale.before && one.count() == 1 && fits
        };
        if let Some(deal) = self.some_sale(alone) {
            self.new_sale(deal.org, true, Some(&deal), true);
        }
    }

    /// Whether an order of a deal can say all that its deal says: where the lines of orders have no discount, it cannot.
    fn may_be_copied(&self, deal: &Sale) -> bool {
        let lines = self.lines(deal);
        deal.org().orders.discount == deal.org().deals.discount
            || lines.iter().all(|line| number(line, "Discount").is_zero())
    }

    /// Corrects a sale: a line, a price, a discount, a column; also back to blank.
    pub(super) fn correct(&self) {
        // What a deal says beyond its order is taken away by the order.
        let rules = |sale: &Sale| {
            let sales = self.sales.borrow();
            let mut family = sales.iter().filter(|other| other.family == sale.family);
            sale.is_order || !family.any(|other| other.is_order)
        };
        let take_away = self.mishaps.may(Mishap::TakenAway);
        let Some(sale) = self.some_sale(|sale| !sale.before && (take_away || rules(sale))) else {
            return;
        };
        self.correct_sale(&sale);
    }

    fn correct_sale(&self, sale: &Sale) {
        let mut lines = self.lines(sale);
        let at = usize::try_from(self.dice.below(lines.len() as u64)).unwrap_or(0);
        let mut changed = Fields::new();
        let several = lines.len() > 1;
        let take_away = self.mishaps.may(Mishap::TakenAway);
        // An amount off a line is another percentage once the line costs more: what Sage holds of it goes.
        let plain = |line: &Fields| take_away || number(line, "Discount").is_zero();
        match (self.dice.below(10), lines.get_mut(at)) {
            (0 | 1, Some(line)) if plain(line) => {
                let quantity = Decimal::from(self.dice.between(1, 6));
                line.insert("Quantity".to_owned(), Value::Number(quantity));
            }
            (2, Some(line)) if plain(line) => {
                let price = number(line, sale.org().price) + Decimal::ONE;
                line.insert(sale.org().price.to_owned(), Value::Number(price));
            }
            (3 | 4, Some(line)) if plain(line) => {
                let wanted = !take_away || number(line, "Discount").is_zero();
                self.discount(sale, line, wanted);
            }
            (5, Some(line)) => {
                let comment = format!("Agreed {}", self.fresh());
                match take_away && line.contains_key("Description") {
                    true => line.remove("Description"),
                    false => line.insert("Description".to_owned(), Value::text(comment)),
                };
            }
            (6, _) => lines.push(self.new_line(sale)),
            (7, _) if several && take_away => {
                lines.remove(at);
            }
            (8, _) => {
                let blank = take_away && !self.field(sale, "Description").is_blank();
                let comment = Value::text(format!("Comment {}", self.fresh()));
                let comment = if blank { Value::Blank } else { comment };
                changed.insert("Description".to_owned(), comment);
            }
            _ => {
                let freight = sale.org().freight;
                let blank = take_away && !self.field(sale, freight).is_blank();
                let amount = Value::Number(Decimal::from(self.dice.between(3, 20)));
                let amount = if blank { Value::Blank } else { amount };
                changed.insert(freight.to_owned(), amount);
            }
        }
        if take_away {
            self.mishaps.note(Mishap::TakenAway);
        }
        self.save(sale, changed, Some(lines));
        self.story.tell(|| {
            format!(
                "{}: {} is corrected: {}",
                sale.org().target,
                sale.no,
                self.said(sale)
            )
        });
    }

    fn set_state(&self, sale: &Sale, state: &str) {
        let changed = fields([(sale.module().state, Value::text(state))]);
        self.save(sale, changed, None);
        self.story
            .tell(|| format!("{}: {} is {state}", sale.org().target, sale.no));
    }

    fn win_or_lose(&self) {
        let Some(sale) = self.some_sale(|sale| !sale.before) else {
            return;
        };
        let module = sale.module();
        let state = match (self.is_won(&sale), module.lost) {
            (true, Some(lost)) if self.dice.one_in(2) => lost,
            // A sales order that was approved is not taken back: what its deal says then is anybody's guess.
            (true, _) if sale.is_order => return,
            (true, _) => module.open,
            (false, _) => module.won,
        };
        self.set_state(&sale, state);
    }

    fn new_client(&self) {
        let org = self.some_org();
        let (place, name) = (&ORGS[org], format!("Client {}", self.fresh()));
        let entered = fields([
            (place.account_name, Value::text(name.as_str())),
            (place.account_type, Value::text("Client")),
            (place.owner, Value::Reference(place.owners[0].to_owned())),
            ("Phone", Value::text("(414) 555-7777")),
        ]);
        let id = self.crm(place).put(place.accounts, None, entered);
        self.story
            .tell(|| format!("{}: account {name} is entered as a client", place.target));
        self.clients.borrow_mut().push((org, id, name));
    }

    fn edit_account(&self) {
        let place = &ORGS[self.some_org()];
        // What became a customer from here is Sage's own from then on.
        let clients = self.clients.borrow();
        let mut accounts = self.crm(place).records(place.accounts);
        accounts.retain(|held| !clients.iter().any(|(.., id, _)| *id == held.id));
        let Some(account) = self.dice.pick(&accounts) else {
            return;
        };
        let phone = format!("(414) 555-{:04}", 1000 + self.fresh());
        self.story.tell(|| {
            format!(
                "{}: account {} gets phone {phone}",
                place.target, account.id
            )
        });
        let changed = fields([("Phone", Value::text(phone))]);
        self.crm(place)
            .edit(place.accounts, &account.id, "person", changed);
    }

    /// What an administrator or an awkward user does. `false`: there is nothing yet that it could be done with.
    pub(super) fn upset(&self, mishap: Mishap) -> bool {
        let done = match mishap {
            Mishap::WonBefore => self.touch_an_old_one(),
            Mishap::LookupMoves => self.move_a_lookup(),
            Mishap::RootDeleted => self.delete_a_root(),
            Mishap::Clone => self.clone_one(),
            Mishap::Undelete => self.delete_one(),
            Mishap::AccountsMerged => self.merge_accounts(),
            Mishap::KeyEmptied => self.empty_a_key(),
            Mishap::SameSecond => self.twice_within_a_second(),
            _ => return false,
        };
        if done {
            self.mishaps.note(mishap);
        }
        done
    }

    fn touch_an_old_one(&self) -> bool {
        let Some(sale) = self.some_sale(|sale| sale.before) else {
            return false;
        };
        let changed = fields([(
            "Next_Step",
            Value::text(format!("Owner moved {}", self.fresh())),
        )]);
        self.save(&sale, changed, None);
        self.story.tell(|| {
            let target = sale.org().target;
            format!("{target}: {}, won before the start, is touched", sale.no)
        });
        true
    }

    /// Only to deals that are open: two won deals that one order belongs to are nobody's single sale.
    fn move_a_lookup(&self) -> bool {
        let Some(sale) = self.some_sale(|sale| sale.is_order && self.is_won(sale)) else {
            return false;
        };
        let Some(root) = sale.module().root else {
            return false;
        };
        let is_set = !self.field(&sale, root).is_blank();
        let to = match is_set && self.dice.one_in(2) {
            true => Value::Blank,
            false => {
                let deal = self.new_sale(sale.org, false, None, false);
                // What came of it is the other one's: it is no sale of its own.
                self.sales.borrow_mut().retain(|one| one.id != deal.id);
                reference(&deal.id)
            }
        };
        self.story
            .tell(|| format!("{}: {root} of {} becomes {to}", sale.org().target, sale.no));
        if !self.is_heard_of(&sale) {
            // Whoever takes an order out of its deal before anybody looked makes it a sale of its own.
            self.make_own(&sale);
        }
        self.save(&sale, Fields::from([(root.to_owned(), to)]), None);
        true
    }

    pub(super) fn make_own(&self, sale: &Sale) {
        let mut sales = self.sales.borrow_mut();
        let own = sales.iter_mut().filter(|one| one.id == sale.id);
        own.for_each(|one| one.family.clone_from(&one.no));
    }

    /// Whether it was noted anywhere whose sale a record is.
    pub(super) fn is_heard_of(&self, sale: &Sale) -> bool {
        let (world, target) = (&self.world, target(sale.org().target));
        let trace = [SaleTrace::Record(sale.id.clone())];
        let of = world.store.inner.sales_of(&target, &trace);
        let of = world.clock.block_on(of).unwrap_or_default();
        of.iter().any(Option::is_some)
    }

    pub(super) fn root_of(&self, sale: &Sale) -> Option<Sale> {
        let sales = self.sales.borrow();
        let mut family = sales.iter().filter(|other| other.family == sale.family);
        family.find(|other| !other.is_order).cloned()
    }

    fn delete_a_root(&self) -> bool {
        let has_root = |sale: &Sale| {
            let root = self.root_of(sale);
            sale.is_order && self.is_won(sale) && root.is_some_and(|root| self.is_there(&root))
        };
        let Some(sale) = self.some_sale(has_root) else {
            return false;
        };
        let Some(root) = self.root_of(&sale) else {
            return false;
        };
        let crm = self.crm(sale.org());
        let deals = sale.org().deals.name;
        let may_be_told = self.is_heard_of(&root) && self.is_won(&root);
        if !self.is_heard_of(&sale) && !may_be_told {
            // Nothing leads from the order to a deal that a restore forgot; and of one that was lost nothing is to be ordered.
            self.make_own(&sale);
        }
        if self.dice.one_in(2) {
            self.story
                .tell(|| format!("{}: {} is deleted", sale.org().target, root.no));
            crm.delete_with_lookups(deals, &root.id);
        } else {
            let survivor = self.new_sale(sale.org, false, None, false);
            self.sales.borrow_mut().retain(|one| one.id != survivor.id);
            self.story.tell(|| {
                let target = sale.org().target;
                format!("{target}: {} is merged into {}", root.no, survivor.no)
            });
            crm.merge(
                deals,
                &root.id,
                &survivor.id,
                sale.org().target == "salesforce",
            );
        }
        // Somebody touches what is left.
        self.correct_sale(&sale);
        true
    }

    fn clone_one(&self) -> bool {
        let Some(sale) = self.some_sale(|sale| !sale.before && self.is_won(sale)) else {
            return false;
        };
        let (org, module) = (sale.org(), sale.module());
        let crm = self.crm(org);
        let Some(id) = crm.clone_record(module.name, &sale.id, module.relation) else {
            return false;
        };
        let no = format!("{}{}", if sale.is_order { "S" } else { "D" }, self.fresh());
        let copy = Sale {
            id,
            family: no.clone(),
            no,
            forgotten: false,
            ..sale.clone()
        };
        let mut changed = fields([
            (org.record_no, Value::text(copy.no.as_str())),
            (org.po, Value::text(format!("PO {}", copy.no))),
        ]);
        // Of one deal there is one order: the copy of a sales order is a sale of its own.
        changed.extend(module.root.map(|root| (root.to_owned(), Value::Blank)));
        self.save(&copy, changed, None);
        self.story
            .tell(|| format!("{}: {} is cloned: {}", org.target, sale.no, copy.no));
        self.sales.borrow_mut().push(copy);
        true
    }

    fn delete_one(&self) -> bool {
        let sales = self.sales.borrow().clone();
        let alone = |sale: &Sale| {
            let one = sales.iter().filter(|other| other.family == sale.family);
            !sale.before && self.is_won(sale) && one.count() == 1
        };
        let Some(sale) = self.some_sale(alone) else {
            return false;
        };
        self.story
            .tell(|| format!("{}: {} is deleted", sale.org().target, sale.no));
        self.crm(sale.org())
            .delete_with_lookups(sale.module().name, &sale.id);
        true
    }

    /// Brings back everything that was deleted.
    pub(super) fn bring_back(&self) -> bool {
        let gone: Vec<_> = {
            let sales = self.sales.borrow();
            let gone = sales.iter().filter(|sale| !self.is_there(sale));
            gone.cloned().collect()
        };
        // A deal whose order went on without it stays away.
        let alone = |sale: &Sale| {
            let sales = self.sales.borrow();
            let one = sales.iter().filter(|other| other.family == sale.family);
            one.count() == 1
        };
        for sale in gone.into_iter().filter(alone) {
            self.crm(sale.org()).undelete(&sale.id);
            self.story
                .tell(|| format!("{}: {} is brought back", sale.org().target, sale.no));
        }
        true
    }

    /// Somebody entered a customer twice; what hangs on the copy goes over to the one that is linked.
    fn merge_accounts(&self) -> bool {
        let org = self.some_org();
        let (place, crm) = (&ORGS[org], self.crm(&ORGS[org]));
        let accounts = crm.records(place.accounts);
        // A record that was just made, and whose id nobody has heard of yet, has nothing but its key to be known by.
        let links = self.world.store.inner.clone();
        let is_known = |id: &CrmId| {
            let target = target(place.target);
            let key = links.key_of(&target, id);
            self.world
                .clock
                .block_on(key)
                .is_ok_and(|key| key.is_some())
        };
        let keyed = accounts.iter().filter(|held| held.key.is_some());
        let linked: Vec<_> = keyed.filter(|held| is_known(&held.id)).collect();
        let Some(survivor) = self.dice.pick(&linked) else {
            return false;
        };
        let name = Value::text(format!("Copy {}", self.fresh()));
        let copy = crm.put(place.accounts, None, fields([(place.account_name, name)]));
        let sale = self.new_sale(org, false, None, true);
        self.save(&sale, fields([(place.account, reference(&copy))]), None);
        self.story.tell(|| {
            let (target, no) = (place.target, &sale.no);
            format!(
                "{target}: {no} is of account {copy}, which is merged into {}",
                survivor.id
            )
        });
        crm.merge(
            place.accounts,
            &copy,
            &survivor.id,
            place.target == "salesforce",
        );
        true
    }

    fn empty_a_key(&self) -> bool {
        let org = self.some_org();
        let (place, crm) = (&ORGS[org], self.crm(&ORGS[org]));
        let accounts = crm.records(place.accounts);
        // A call that was begun before the record was there would make another one: none takes as long as this.
        let old = self.now().saturating_sub(SignedDuration::from_mins(45));
        let old = old.unwrap_or(jiff::Timestamp::MIN);
        let is_old = |held: &Held| held.past.first().is_some_and(|(made, _)| *made < old);
        let keyed = accounts.iter().filter(|held| held.key.is_some());
        let linked: Vec<_> = keyed.filter(|held| is_old(held)).collect();
        let Some(account) = self.dice.pick(&linked) else {
            return false;
        };
        self.lost.borrow_mut().keys.insert(account.id.clone());
        self.story.tell(|| {
            format!(
                "{}: the key of account {} is emptied",
                place.target, account.id
            )
        });
        crm.empty_key(place.accounts, &account.id);
        true
    }

    /// Two changes that carry one stamp: a correction of a correction, or won and at once not.
    fn twice_within_a_second(&self) -> bool {
        let Some(sale) = self.some_sale(|sale| !sale.before && !sale.is_order) else {
            return false;
        };
        // At the beginning of a second, so that there is room for both.
        let rest = 1_000 - self.now().as_millisecond().rem_euclid(1_000);
        let rest = std::time::Duration::from_millis(rest.unsigned_abs());
        self.world.clock.advance(rest);
        match self.is_won(&sale) && self.dice.one_in(2) {
            true => self.correct_sale(&sale),
            // One that is won again, or a new one.
            false if !self.is_won(&sale) => self.set_state(&sale, sale.module().won),
            false => {
                self.new_sale(sale.org, false, None, true);
            }
        }
        true
    }

    /// The second of two changes within a second.
    pub(super) fn second_change(&self) {
        let now = self.now().as_second();
        let just_now = |sale: &Sale| {
            let held = self.crm(sale.org()).record(sale.module().name, &sale.id);
            !sale.is_order && held.is_some_and(|held| held.modified.as_second() == now)
        };
        if let Some(sale) = self.some_sale(just_now) {
            let module = sale.module();
            match self.is_won(&sale) && self.dice.below(3) > 0 {
                true => self.set_state(&sale, module.lost.unwrap_or(module.open)),
                false => self.correct_sale(&sale),
            }
        }
    }

    /// The id of a record, for messages.
    pub(super) fn name_of(&self, org: usize, id: &CrmId) -> String {
        let sales = self.sales.borrow();
        let sale = sales.iter().find(|sale| sale.org == org && sale.id == *id);
        sale.map_or_else(|| id.0.clone(), |sale| sale.no.clone())
    }
}
