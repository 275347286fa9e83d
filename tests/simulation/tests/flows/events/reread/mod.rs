//! Nothing that a CRM could tell is forgotten: whoever was told nothing reads it, within a bound, and once.

mod lost;
mod own;
mod relay;

use std::collections::BTreeMap;
use std::time::Duration;

use counterpart_delivery::ConfiguredMapper;
use counterpart_delivery::ingress::SweepReport;
use counterpart_delivery::intent::IntentStage;
use counterpart_delivery::ports::{Clock as _, Intents as _};
use counterpart_domain::{CrmId, TargetName};
use counterpart_simulation::world::World;
use jiff::{SignedDuration, Timestamp};

use super::scene::*;
use crate::hands::QUARTER;

/// A sale that nobody tells of becomes an order within this: the schedule, and the time that the work takes.
const BOUND: SignedDuration = SignedDuration::from_mins(17);

/// An order desk: the workers of a world, and the sweep every quarter of an hour.
pub struct Desk<'w> {
    world: &'w World,
    next_sweep: Timestamp,
    /// Sales, and since when they are won.
    sales: Vec<(TargetName, CrmId, Timestamp)>,
    ordered: BTreeMap<CrmId, SignedDuration>,
    pub reports: Vec<SweepReport>,
}

impl<'w> Desk<'w> {
    /// A desk whose sweep has run once.
    pub fn open(world: &'w World) -> Self {
        let mut desk = Self {
            world,
            next_sweep: world.clock.now(),
            sales: Vec::new(),
            ordered: BTreeMap::new(),
            reports: Vec::new(),
        };
        desk.pass(Duration::from_secs(60));
        desk
    }

    /// Somebody won a sale just now.
    pub fn won(&mut self, target: &TargetName, sale: &CrmId) {
        self.sales
            .push((target.clone(), sale.clone(), self.world.clock.now()));
    }

    /// Nobody runs the function until then.
    pub fn sweep_not_before(&mut self, at: Timestamp) {
        self.next_sweep = at;
    }

    /// Time passes, and everybody works.
    pub fn pass(&mut self, time: Duration) {
        let world = self.world;
        let end = world.clock.now() + SignedDuration::try_from(time).unwrap();
        loop {
            if world.clock.now() >= self.next_sweep {
                self.reports.push(world.sweep());
                self.next_sweep += QUARTER;
            }
            while world.transform_once().is_some() {}
            while world.write_sage_once().is_some() {}
            for target in world.config.targets.keys() {
                while world.write_once(target, ConfiguredMapper) {}
            }
            self.look();
            let next = [
                world.events().next_visible(),
                world.queue.inner.next_write(),
                world.jobs().next_visible(),
                Some(self.next_sweep),
            ];
            let now = world.clock.now();
            let next = next.into_iter().flatten().filter(|next| *next > now).min();
            match next.filter(|next| *next <= end) {
                Some(next) => world.clock.advance_to(next),
                None => break,
            }
        }
        world.clock.advance_to(end);
    }

    fn look(&mut self) {
        let world = self.world;
        for (target, sale, won_at) in &self.sales {
            if self.ordered.contains_key(sale) {
                continue;
            }
            let id = order_of(sale);
            let intent = world.store.inner.intent(target, &id);
            let intent = world.clock.block_on(intent).unwrap();
            if intent.is_some_and(|intent| intent.stage == IntentStage::Done) {
                let took = world.clock.now().duration_since(*won_at);
                self.ordered.insert(sale.clone(), took);
            }
        }
    }

    /// Each sale is one order, and was within the bound. The longest time.
    pub fn assert_ordered_within(&self, bound: SignedDuration, what: &str) {
        let orders = self.world.sage.all_orders(&abc()).len();
        let (sales, ordered) = (self.sales.len(), self.ordered.len());
        assert_eq!((orders, ordered), (sales, sales), "{what}");
        assert_eq!(self.world.sage.created().len(), sales, "{what}");
        assert!(parked(self.world).is_empty(), "{what}");
        let longest = self.ordered.values().max().copied().unwrap_or_default();
        println!("{what}: {sales} sales, the last one an order after {longest:#}");
        assert!(longest <= bound, "{what}: {longest:#}");
    }
}
