//! What is out of order for a while, or for days: AWS, the CRMs, Sage and its clock.

use counterpart_domain::{Class, Fault};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

use super::mishap::Mishap;
use super::org::ORGS;
use super::town::Town;
use crate::world::{MemoryCrm, TABLES, Trouble, unreadable_secret};

/// The longest that a seed has anything out of order, in days.
pub(super) const LONGEST_DAYS: u64 = 13;
/// The queues that handlers send to.
const SENDS: [&str; 3] = ["queue.send", "events.send", "jobs.send"];

impl Town {
    /// Begins something that ends at `until`, or after some minutes where it is nothing for days.
    pub(super) fn trouble(&self, mishap: Mishap, until: Option<Timestamp>) {
        let (now, world) = (self.now(), &self.world);
        let soon = now + SignedDuration::from_mins(self.minutes(3, 30));
        let until = until.unwrap_or(soon);
        let trouble = |trouble| world.troubles.begin(trouble, now, until);
        match mishap {
            Mishap::StoreThrottles => trouble(Trouble::StoreThrottles),
            Mishap::QueuesThrottle => trouble(Trouble::QueuesThrottle),
            Mishap::LambdaThrottles => trouble(Trouble::LambdaThrottles),
            Mishap::ConfigUnreadable => trouble(Trouble::ConfigUnreadable),
            Mishap::StoreDenied => {
                let calls = self.dice.pick(TABLES).copied().unwrap_or_default();
                trouble(Trouble::StoreDenied(calls));
            }
            Mishap::SendingDenied => {
                let call = self.dice.pick(&SENDS).copied().unwrap_or_default();
                trouble(Trouble::SendingDenied(call));
            }
            Mishap::SecretsUnreadable | Mishap::SecretsUnreadableForDays => {
                if self.dice.one_in(2) {
                    trouble(Trouble::SageSecretsUnreadable);
                    world.sage.outage_with(now, until, unreadable_secret());
                } else {
                    let crm = self.some_crm();
                    crm.refuse_calls(now, until, unreadable_secret());
                }
            }
            Mishap::CrmThrottles => {
                let wait = Duration::from_secs(self.dice.between(1, 60));
                let one_in = self.dice.between(2, 6);
                self.some_crm().throttle(now, until, one_in, wait);
            }
            Mishap::CrmLimit => {
                let hours = SignedDuration::from_mins(self.minutes(30, 120));
                self.some_crm().use_up_calls(now, now + hours);
            }
            Mishap::SageDownForDays => world.sage.outage(now, until),
            Mishap::CrmDownForDays => self.some_crm().outage(now, until),
            Mishap::CredentialsRefusedForDays => {
                let refused = |code| {
                    let what = "The credentials are refused: renew them.";
                    Fault::new(Class::Configuration, code, what)
                };
                match self.dice.one_in(3) {
                    true => world
                        .sage
                        .outage_with(now, until, refused("E_SAGE_UNAUTHORIZED")),
                    false => {
                        let crm = self.some_crm();
                        crm.refuse_calls(now, until, refused("E_CRM_UNAUTHORIZED"));
                    }
                }
            }
            Mishap::HourRepeated => self.move_zone(-60),
            Mishap::HourSkipped => self.move_zone(60),
            Mishap::ZoneMoved => {
                let hours = [-5, -4, 4, 5];
                self.move_zone(60 * self.dice.pick(&hours).copied().unwrap_or(4));
            }
            _ => return,
        }
        self.mishaps.note(mishap);
        self.story.tell(|| format!("-- {}", mishap.says()));
    }

    pub(super) fn minutes(&self, from: u64, to: u64) -> i64 {
        i64::try_from(self.dice.between(from, to)).unwrap_or(0)
    }

    fn some_crm(&self) -> &MemoryCrm {
        let org = self.dice.pick(&ORGS).unwrap_or(&ORGS[0]);
        self.crm(org)
    }

    /// Sage's clock, and the stamps of what is edited from now on, are by so much later than they would be.
    fn move_zone(&self, minutes: i32) {
        let sage = &self.world.sage;
        sage.set_utc_offset(sage.server_time().utc_offset_minutes + minutes);
    }
}
