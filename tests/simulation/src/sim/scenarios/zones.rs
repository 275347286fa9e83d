//! The server that Sage runs on is moved in time, and with it the stamps of everything that is edited.

use counterpart_delivery::invariants::Broken;
use counterpart_domain::{Entity, SageKey};

use super::outages::{HOUR, POLLED, deployed};
use crate::sim::org::ORGS;
use crate::sim::town::{Town, company};

/// By how many hours: in spring and autumn, and when a server moves house.
const MOVES: [i32; 6] = [-5, -4, -1, 1, 4, 5];

impl Town {
    fn move_by(&self, hours: i32) {
        let sage = &self.world.sage;
        sage.set_utc_offset(sage.server_time().utc_offset_minutes + 60 * hours);
    }

    fn customers(&self, code: &str) -> Vec<SageKey> {
        let rows = self.world.sage.rows(&company(code), Entity::CUSTOMER);
        rows.into_iter().map(|(key, _)| key).collect()
    }
}

pub(super) fn sage_is_moved_while_it_is_down() -> Vec<Broken> {
    let mut broken = Vec::new();
    for by in MOVES {
        let town = deployed();
        town.poll();
        let (from, until) = (town.now(), town.now() + HOUR * 9);
        let sage = &town.world.sage;
        sage.outage(from, until);
        town.pass_until(from + HOUR, POLLED);
        town.move_by(by);
        // Each once, and some hours apart: what is edited again later is found in any case.
        for code in ["ABC", "XYZ"] {
            for key in town.customers(code) {
                town.pass_until(town.now() + HOUR, POLLED);
                let city = format!("City {}", town.fresh());
                sage.edit(&key, &[("City", &city)]);
            }
        }
        town.pass_until(until + HOUR, POLLED);
        broken.extend(town.broken());
    }
    broken
}

/// Somebody takes an edit back that is still on its way to a CRM, which is down for days: what it was before is not taken for
/// what the CRM will have, whenever the server was moved.
pub(super) fn an_edit_is_taken_back_after_sage_was_moved() -> Vec<Broken> {
    let mut broken = Vec::new();
    for by in MOVES {
        for later in [0, 1, 3] {
            let town = deployed();
            town.poll();
            for org in &ORGS {
                let crm = town.crm(org);
                crm.outage(town.now(), town.now() + HOUR * 60);
            }
            let (sage, keys) = (&town.world.sage, town.customers("ABC"));
            for key in &keys {
                sage.edit(key, &[("City", "Racine")]);
            }
            town.pass_until(town.now() + POLLED, POLLED);
            // Read, and on its way.
            town.pass_until(town.now() + POLLED * 2 / 3, POLLED);
            town.move_by(by);
            town.pass_until(town.now() + HOUR * later, POLLED);
            for key in &keys {
                sage.edit(key, &[("City", "Milwaukee")]);
            }
            // The next poll comes a while later.
            town.pass_seconds(300);
            town.pass_until(town.now() + HOUR * 72, HOUR * 2);
            broken.extend(town.broken());
        }
    }
    broken
}
