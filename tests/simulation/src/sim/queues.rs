//! What the queues of a town hold, and what became of messages that nobody took.

use counterpart_delivery::invariants::rest::{self, QueueFacts};
use counterpart_delivery::invariants::{Broken, OUTAGES_PARK_NOTHING};
use counterpart_delivery::ports::Parked;

use super::mishap::Mishap;
use super::org::ORGS;
use super::town::{Town, target};

impl Town {
    /// Everything that is not as it must be at rest.
    pub(super) fn queues(&self) -> Vec<Broken> {
        let world = &self.world;
        let (events, jobs) = (world.events(), world.jobs());
        let mut broken: Vec<Broken> = rest::queue(QueueFacts {
            name: "crm-events",
            messages: events.len(),
            dead: events.dead().len(),
            expired: events.expired().len(),
        })
        .collect();
        broken.extend(rest::queue(QueueFacts {
            name: "sage-writes.fifo",
            messages: jobs.len(),
            dead: jobs.dead().len(),
            expired: jobs.expired().len(),
        }));
        for org in &ORGS {
            let name = target(org.target);
            broken.extend(rest::queue(QueueFacts {
                name: &format!("crm-writes-{name}"),
                messages: world.writes(&name).len(),
                dead: world.writes(&name).dead().len(),
                expired: world.writes(&name).expired().len(),
            }));
        }
        broken
    }

    /// Where no worker died, nothing is set aside for having killed some: it only had to wait.
    pub(super) fn killers(&self, parked: &[Parked]) -> Vec<Broken> {
        let happened = self.mishaps.happened();
        if happened.contains_key(&Mishap::Killed) || happened.contains_key(&Mishap::Frozen) {
            return Vec::new();
        }
        let killers = parked.iter();
        let killers = killers.filter(|item| item.fault.code == "E_KILLS_WORKER");
        let broken = killers.map(|item| {
            let what = format!("{} is parked, and no worker died: {}", item.id, item.fault);
            Broken::new(&OUTAGES_PARK_NOTHING, what)
        });
        broken.collect()
    }
}
