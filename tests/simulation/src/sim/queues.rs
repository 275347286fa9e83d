//! What the queues of a town hold, and what became of messages that nobody took.

use counterpart_delivery::invariants::Broken;
use counterpart_delivery::invariants::rest::{self, QueueFacts};

use super::org::ORGS;
use super::town::{Town, target};

impl Town {
    /// Everything that is not as it must be at rest.
    pub(super) fn queues(&self) -> Vec<Broken> {
        let world = &self.world;
        let (events, jobs) = (&world.events.inner, &world.jobs.inner);
        let mut broken: Vec<Broken> = rest::queue(QueueFacts {
            name: "crm-events",
            messages: events.len(),
            dead: events.dead(),
            expired: events.expired(),
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
                messages: world.queue.inner.len(&name),
                dead: world.queue.inner.dead(&name).len(),
                expired: world.queue.inner.expired(&name).len(),
            }));
        }
        broken
    }
}
