//! Outages, up to thirteen days: nothing is parked or lost, and an hour later everything is done.

use counterpart_delivery::IntentKind;
use counterpart_delivery::invariants::{Broken, OUTAGES_PARK_NOTHING, rest};
use counterpart_delivery::pause::Scope;
use counterpart_domain::{Class, Entity, Fault, Value};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

use super::scene::{text, town};
use crate::sim::org::{ORGS, Org};
use crate::sim::town::{Town, company, fields, target};
use crate::world::{TABLES, Trouble, unreadable_secret};

/// How long anything may be out of order: a day less than the longest that SQS keeps a message.
const LONGEST: SignedDuration = SignedDuration::from_hours(13 * 24);
pub(super) const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// Schedules poll as often as this, at least.
pub(super) const POLLED: SignedDuration = SignedDuration::from_mins(15);

/// What is out of order, from a time until another one.
type Outage = fn(&Town, Timestamp, Timestamp);

pub(super) fn deployed() -> Town {
    let mut town = town();
    town.world.visible_as_deployed();
    town
}

impl Town {
    /// A day's work on all sides.
    fn work(&self) {
        for org in 0..ORGS.len() {
            self.new_sale(org, false, None, true);
            self.enter_client(org);
        }
        for code in ["ABC", "XYZ"] {
            for (key, _) in self.world.sage.rows(&company(code), Entity::CUSTOMER) {
                let city = format!("City {}", self.fresh());
                self.world.sage.edit(&key, &[("City", &city)]);
            }
        }
        let sales = self.sales.borrow().clone();
        if let Some(sale) = sales.first() {
            let comment = format!("Comment {}", self.fresh());
            self.save(sale, text("Description", &comment), None);
        }
    }

    fn enter_client(&self, org: usize) {
        let org = &ORGS[org];
        let name = format!("Client {}", self.fresh());
        let client = fields([
            (org.account_name, Value::text(name)),
            (org.account_type, Value::text("Client")),
            (org.owner, Value::Reference(org.owners[0].to_owned())),
        ]);
        self.crm(org).put(org.accounts, None, client);
    }

    /// All handlers and the schedules until a time.
    pub(super) fn pass_until(&self, end: Timestamp, polled: SignedDuration) {
        while self.now() < end {
            for code in ["ABC", "XYZ"] {
                for entity in [Entity::CUSTOMER, Entity::CONTACT] {
                    // A poll that fails is begun again by the schedule.
                    let _polled = self.world.poll(&company(code), entity);
                }
            }
            let next = end.min(self.now() + polled);
            self.flow_until(next);
            self.world.clock.advance_to(next);
        }
    }

    /// People work, something is out of order, people work on; an hour after its end all is done.
    fn outlasts(&self, begin: Outage, length: SignedDuration) -> Vec<Broken> {
        self.work();
        self.flow();
        let (from, until) = (self.now(), self.now() + length);
        begin(self, from, until);
        self.work();
        self.pass_until(from + length / 2, POLLED.max(length / 300));
        self.work();
        self.pass_until(until, POLLED.max(length / 300));
        self.pass_until(until + HOUR, POLLED);
        let late: Vec<String> = self.broken().iter().map(ToString::to_string).collect();
        let mut broken: Vec<Broken> = rest::prompt(&late).into_iter().collect();
        let parked = self.world.store.inner.all_parked().into_iter();
        broken.extend(parked.map(|item| {
            let what = format!("{} {} is parked: {}", item.target, item.id, item.fault);
            Broken::new(&OUTAGES_PARK_NOTHING, what)
        }));
        broken.extend(self.at_rest());
        broken
    }
}

fn each_crm(town: &Town, of: impl Fn(&Town, &'static Org)) {
    for org in &ORGS {
        of(town, org);
    }
}

pub(super) fn sage_is_down_for_13_days() -> Vec<Broken> {
    deployed().outlasts(
        |town, from, until| town.world.sage.outage(from, until),
        LONGEST,
    )
}

pub(super) fn zoho_is_down_for_13_days() -> Vec<Broken> {
    let begin: Outage = |town, from, until| town.crm(&ORGS[0]).outage(from, until);
    deployed().outlasts(begin, LONGEST)
}

pub(super) fn salesforce_is_down_for_13_days() -> Vec<Broken> {
    let begin: Outage = |town, from, until| town.crm(&ORGS[1]).outage(from, until);
    deployed().outlasts(begin, LONGEST)
}

/// As a client says it whose token is refused.
fn unauthorized(code: &'static str) -> Fault {
    let what = "The credentials are refused: renew them.";
    Fault::new(Class::Configuration, code, what)
}

fn crms_refuse_our_credentials(town: &Town, from: Timestamp, until: Timestamp) {
    each_crm(town, |town, org| {
        let refused = unauthorized("E_CRM_UNAUTHORIZED");
        town.crm(org).refuse_calls(from, until, refused);
    });
}

pub(super) fn crms_refuse_our_credentials_for_a_day() -> Vec<Broken> {
    deployed().outlasts(crms_refuse_our_credentials, HOUR * 24)
}

pub(super) fn crms_refuse_our_credentials_for_13_days() -> Vec<Broken> {
    deployed().outlasts(crms_refuse_our_credentials, LONGEST)
}

pub(super) fn sage_refuses_our_credentials_for_13_days() -> Vec<Broken> {
    let begin: Outage = |town, from, until| {
        let refused = unauthorized("E_SAGE_UNAUTHORIZED");
        town.world.sage.outage_with(from, until, refused);
    };
    deployed().outlasts(begin, LONGEST)
}

pub(super) fn secrets_are_unreadable_for_13_days() -> Vec<Broken> {
    let begin: Outage = |town, from, until| {
        town.world
            .troubles
            .begin(Trouble::SageSecretsUnreadable, from, until);
        town.world
            .sage
            .outage_with(from, until, unreadable_secret());
        each_crm(town, |town, org| {
            town.crm(org).refuse_calls(from, until, unreadable_secret());
        });
    };
    deployed().outlasts(begin, LONGEST)
}

/// The CRMs go on: jobs come, and find no agent that they could call.
pub(super) fn the_writers_secret_is_unreadable_for_13_days() -> Vec<Broken> {
    let begin: Outage = |town, from, until| {
        town.world
            .troubles
            .begin(Trouble::SageSecretsUnreadable, from, until);
    };
    deployed().outlasts(begin, LONGEST)
}

pub(super) fn an_hour_of_503() -> Vec<Broken> {
    let begin: Outage = |town, from, until| {
        each_crm(town, |town, org| town.crm(org).outage(from, until));
    };
    deployed().outlasts(begin, HOUR)
}

pub(super) fn a_storm_of_429() -> Vec<Broken> {
    let begin: Outage = |town, from, until| {
        let wait = Duration::from_secs(30);
        each_crm(town, |town, org| {
            town.crm(org).throttle(from, until, 5, wait)
        });
    };
    deployed().outlasts(begin, HOUR * 3)
}

pub(super) fn a_days_calls_are_used_up() -> Vec<Broken> {
    let begin: Outage = |town, from, until| {
        each_crm(town, |town, org| town.crm(org).use_up_calls(from, until));
    };
    deployed().outlasts(begin, HOUR * 20)
}

pub(super) fn the_configuration_is_unreadable_for_hours() -> Vec<Broken> {
    let begin: Outage = |town, from, until| {
        town.world
            .troubles
            .begin(Trouble::ConfigUnreadable, from, until);
    };
    deployed().outlasts(begin, HOUR * 5)
}

pub(super) fn lambda_throttles_for_hours() -> Vec<Broken> {
    let begin: Outage = |town, from, until| {
        town.world
            .troubles
            .begin(Trouble::LambdaThrottles, from, until);
    };
    deployed().outlasts(begin, HOUR * 5)
}

pub(super) fn tables_refuse_us_for_a_day() -> Vec<Broken> {
    let begin: Outage = |town, from, until| {
        for calls in TABLES {
            let denied = Trouble::StoreDenied(calls);
            town.world.troubles.begin(denied, from, until);
        }
    };
    deployed().outlasts(begin, HOUR * 24)
}

pub(super) fn a_company_is_paused_for_13_days() -> Vec<Broken> {
    let begin: Outage = |town, _, until| {
        let of = Scope {
            company: Some(company("ABC")),
            ..Scope::default()
        };
        town.world.pause(of, Some(until));
    };
    deployed().outlasts(begin, LONGEST)
}

pub(super) fn a_crm_is_paused_for_13_days() -> Vec<Broken> {
    let begin: Outage = |town, _, until| {
        let of = Scope::told_by(&target("zoho"), None);
        town.world.pause(of, Some(until));
    };
    deployed().outlasts(begin, LONGEST)
}

/// Two that overlap: the accounts for half of the night, everything for all of it.
pub(super) fn everything_is_paused_for_a_night() -> Vec<Broken> {
    let begin: Outage = |town, from, until| {
        let half = from + until.duration_since(from) / 2;
        let accounts = Scope {
            kind: Some(IntentKind::Record(Entity::CUSTOMER)),
            ..Scope::default()
        };
        town.world.pause(accounts, Some(half));
        town.world.pause(Scope::default(), Some(until));
    };
    deployed().outlasts(begin, HOUR * 12)
}

pub(super) fn a_record_is_locked_for_hours() -> Vec<Broken> {
    let town = deployed();
    let sale = town.enter(false, None, true, &[("CHAIR", "2", "45.50", "")]);
    let crm = town.crm(&ORGS[0]);
    crm.lock(&sale.id.0);
    let until = town.now() + HOUR * 8;
    town.flow_until(until);
    town.world.clock.advance_to(until);
    crm.accept(&sale.id.0);
    town.flow_until(until + HOUR);
    let mut broken = town.broken();
    let number = town.field(&sale, "Sage_Order_No");
    if number.is_blank() {
        broken.extend(rest::prompt(
            &["its order's number is not shown".to_owned()],
        ));
    }
    broken
}
