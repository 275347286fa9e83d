//! The whole path in memory: Sage, poller, queue, writer, CRM, store, on one virtual clock, with faults.

mod crm;
mod crm_calls;
mod crm_changes;
mod crm_lines;
mod crm_past;
mod crm_people;
mod crm_records;
mod crm_troubles;
mod drive;
mod faults;
mod faulty;
mod invariants;
mod invoke;
mod pauses;
mod sage;
mod sage_hands;
mod sage_jobs;
mod sage_people;
mod sage_sales;
mod sage_search;
mod sage_texts;
mod sales;
mod torn;
mod troubles;

use std::collections::BTreeMap;
use std::time::Duration;

use counterpart_config::SyncConfig;
use counterpart_delivery::ingress::{SweepReport, Sweeper};
use counterpart_delivery::ports::{Clock as _, Ids as _, RepMapping, Reps as _};
use counterpart_delivery::{
    BatchReport, ConfiguredMapper, Context, CrmWriter, Mapper, Message, OrderTransform, PollReport,
    Poller, Ports, Restored, TransformReport, hint::Hint, remap_token, rewind,
};
use counterpart_domain::{Company, CrmId, Entity, Fault, RepKey, SageKey, TargetName};
use jiff::{SignedDuration, Timestamp};

use crate::VirtualClock;
use crate::memory::{Lambda, MemoryQueue, MemoryQueues, MemoryStore};
pub use crm::{Held, MemoryCrm};
pub use crm_changes::Told;
pub use drive::{Steps, killed_after};
pub use faults::{Fate, Fates, Faults};
pub use faulty::Faulty;
pub use sage::{Columns, MemorySage};
pub use sales::OrderRow;
pub use troubles::{TABLES, Trouble, Troubles, unreadable_secret};

/// How long a received message stays invisible.
pub const VISIBILITY: Duration = Duration::from_secs(360);

/// Two companies, one CRM.
pub const CONFIG: &str = include_str!("world.toml");

/// A company that is written, and a CRM that sells.
pub const SALES: &str = include_str!("sales.toml");

/// The same two companies, Zoho CRM and Salesforce.
pub const BOTH: &str = concat!(
    include_str!("world.toml"),
    "\n",
    include_str!("salesforce.toml")
);

/// The ports of a world: its Sage is agent and way to write in one.
#[derive(Debug, Clone, Copy)]
pub struct MemoryPorts;

impl Ports for MemoryPorts {
    type Store = Faulty<MemoryStore>;
    type Queue = Faulty<MemoryQueues>;
    type Clock = VirtualClock;
    type Crm = MemoryCrm;
    type Agent = MemorySage;
    type Write = MemorySage;
}

/// Everything.
#[derive(Debug)]
pub struct World {
    /// Time.
    pub clock: VirtualClock,
    /// What goes wrong.
    pub faults: Faults,
    /// The ERP.
    pub sage: MemorySage,
    /// The same ERP, by company.
    pub sages: BTreeMap<Company, MemorySage>,
    /// The same once more, as agents: or why they cannot be called.
    pub agents: BTreeMap<Company, Result<MemorySage, Fault>>,
    /// The CRM.
    pub crms: BTreeMap<TargetName, MemoryCrm>,
    /// Durable state, behind faults.
    pub store: Faulty<MemoryStore>,
    /// The queues, behind faults.
    pub queue: Faulty<MemoryQueues>,
    /// What runs the functions that queues start.
    pub lambda: Lambda,
    /// What AWS refuses.
    pub troubles: Troubles,
    /// The configuration.
    pub config: SyncConfig,
    /// Its version.
    pub config_version: u64,
}

impl World {
    /// How long a function may run.
    pub const FUNCTION: SignedDuration = SignedDuration::from_secs(300);

    /// When every world begins.
    #[must_use]
    pub fn start() -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * 365 * 56 + 3_000)
    }

    /// An empty world whose chance follows from `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self::with_config(seed, CONFIG)
    }

    /// What an operator does after the table of links and intents was restored.
    ///
    /// # Errors
    /// When it has to be repeated.
    pub fn look_through(&self, restored_to: Timestamp) -> Result<(), Fault> {
        let (store, clock) = (&self.store, &self.clock);
        self.clock
            .block_on(rewind(store, clock, &self.config, restored_to))?;
        for (target, crm) in &self.crms {
            let Some(config) = self.config.targets.get(target) else {
                continue;
            };
            let restored = Restored {
                context: self.context(),
                target,
                settings: config,
                crm,
            };
            self.clock.block_on(restored.look_through(restored_to))?;
        }
        Ok(())
    }

    /// An empty world with another configuration.
    ///
    /// # Panics
    /// When the configuration has faults.
    #[must_use]
    #[expect(
        clippy::panic,
        reason = "a test with a wrong configuration should say so"
    )]
    pub fn with_config(seed: u64, config: &str) -> Self {
        let clock = VirtualClock::new(Self::start(), seed);
        let (faults, troubles) = (Faults::default(), Troubles::new(&clock));
        faults.troubled_by(&troubles);
        let config = SyncConfig::parse(config).unwrap_or_else(|findings| panic!("{findings:#?}"));
        let crms = config
            .targets
            .iter()
            .map(|(name, target)| (name.clone(), MemoryCrm::new(&clock, &faults, target)))
            .collect();
        let sage = MemorySage::new(&clock, &faults);
        let lambda = Lambda::default();
        let companies = config.companies.keys();
        Self {
            agents: companies
                .clone()
                .map(|company| (company.clone(), Ok(sage.clone())))
                .collect(),
            sages: companies
                .map(|company| (company.clone(), sage.clone()))
                .collect(),
            sage,
            crms,
            store: Faulty {
                inner: MemoryStore::default(),
                faults: faults.clone(),
            },
            queue: Faulty {
                inner: MemoryQueues::new(&clock, VISIBILITY).with_lambda(&lambda),
                faults: faults.clone(),
            },
            lambda,
            troubles,
            clock,
            faults,
            config,
            config_version: 1,
        }
    }

    /// What handlers over these ports share.
    #[must_use]
    pub const fn context(&self) -> Context<'_, MemoryPorts> {
        Context {
            store: &self.store,
            queue: &self.queue,
            clock: &self.clock,
            config: &self.config,
            config_version: self.config_version,
            is_behind: false,
        }
    }

    /// `crm-writes` of a target.
    #[must_use]
    pub fn writes(&self, target: &TargetName) -> MemoryQueue {
        self.queue.inner.writes(target)
    }

    /// `crm-events`.
    #[must_use]
    pub fn events(&self) -> MemoryQueue {
        self.queue.inner.events()
    }

    /// `sage-writes.fifo`.
    #[must_use]
    pub fn jobs(&self) -> MemoryQueue {
        self.queue.inner.jobs()
    }

    /// The poller over these ports.
    #[must_use]
    pub const fn poller(&self) -> Poller<'_, MemoryPorts> {
        Poller {
            context: self.context(),
            sage: &self.sage,
        }
    }

    /// The writer over these ports, with a mapper.
    pub const fn writer_with<M: Mapper>(&self, mapper: M) -> CrmWriter<'_, MemoryPorts, M> {
        CrmWriter {
            context: self.context(),
            crms: &self.crms,
            mapper,
        }
    }

    /// The transform over these ports.
    #[must_use]
    pub const fn transform(&self) -> OrderTransform<'_, MemoryPorts> {
        OrderTransform {
            context: self.context(),
            crms: &self.crms,
        }
    }

    /// The sweep over these ports.
    #[must_use]
    pub const fn sweeper(&self) -> Sweeper<'_, MemoryPorts> {
        Sweeper {
            context: self.context(),
            crms: &self.crms,
        }
    }

    /// Runs the sweep, as its schedule does.
    pub fn sweep(&self) -> SweepReport {
        self.clock.block_on(self.sweeper().handle(self.deadline()))
    }

    /// Receives up to ten events, as an event source does.
    #[must_use]
    pub fn receive_events(&self) -> Vec<Message> {
        self.receive_some_events(10)
    }

    /// Runs one transform over one batch; none: there was no event.
    pub fn transform_once(&self) -> Option<TransformReport> {
        let (batch, chain) = self.invoke_transform(10);
        if batch.is_empty() {
            return None;
        }
        let transform = self.transform();
        let handled = transform.handle(&batch, self.deadline());
        let report = self.lambda.within(chain, || self.clock.block_on(handled));
        for message in &batch {
            if !report.failed.contains(&message.id) {
                self.events().delete(&message.receipt);
            }
        }
        Some(report)
    }

    /// Puts another configuration in force, as `counterpart config push` does. A new target begins with an empty CRM.
    ///
    /// # Panics
    /// When the configuration has faults.
    #[expect(
        clippy::panic,
        reason = "a test with a wrong configuration should say so"
    )]
    pub fn push(&mut self, config: &str) {
        self.config = SyncConfig::parse(config).unwrap_or_else(|findings| panic!("{findings:#?}"));
        self.config_version += 1;
        for (name, target) in &self.config.targets {
            self.crms
                .entry(name.clone())
                .or_insert_with(|| MemoryCrm::new(&self.clock, &self.faults, target));
        }
    }

    /// When a function that starts now is stopped.
    #[must_use]
    pub fn deadline(&self) -> Timestamp {
        self.clock.now() + Self::FUNCTION
    }

    /// Polls.
    ///
    /// # Errors
    /// As the poller says.
    pub fn poll(&self, company: &Company, entity: Entity) -> Result<PollReport, Fault> {
        self.clock
            .block_on(self.poller().poll(company, entity, self.deadline()))
    }

    /// Polls all that is configured for a company, parents first.
    ///
    /// # Panics
    /// When a poll fails.
    #[expect(clippy::panic, reason = "a world without faults polls")]
    pub fn poll_all(&self, company: &Company) {
        for entity in Entity::ALL {
            self.poll(company, entity)
                .unwrap_or_else(|fault| panic!("{fault}"));
        }
    }

    /// Takes a hint.
    ///
    /// # Errors
    /// As the poller says.
    pub fn hint(&self, keys: &[SageKey]) -> Result<PollReport, Fault> {
        let Some(company) = keys.first().map(|key| key.company.clone()) else {
            return Ok(PollReport::default());
        };
        self.clock.block_on(self.poller().hint(
            &company,
            &Hint {
                keys: keys.to_vec(),
            },
        ))
    }

    /// Deletes what a batch did not report as failed, as the event source does.
    pub fn acknowledge(&self, batch: &[Message], report: &BatchReport) {
        for message in batch
            .iter()
            .filter(|message| !report.failed.contains(&message.id))
        {
            self.queue.inner.of(&message.queue).delete(&message.receipt);
        }
    }

    /// Runs one writer over one batch; `false` when there was none.
    pub fn write_once<M: Mapper>(&self, target: &TargetName, mapper: M) -> bool {
        let (batch, chain) = self.invoke_crm_writer(target);
        if batch.is_empty() {
            return false;
        }
        let writer = self.writer_with(mapper);
        let handled = writer.handle(&batch, self.deadline());
        let report = self.lambda.within(chain, || self.clock.block_on(handled));
        self.acknowledge(&batch, &report);
        true
    }

    /// Runs writers, and lets time pass, until the queue is empty or `within` has passed. Whether it is empty.
    pub fn drain_within(&self, within: SignedDuration) -> bool {
        let end = self.clock.now() + within;
        while let Some(next) = self.queue.inner.next_write() {
            if next > end {
                return false;
            }
            self.clock.advance_to(next);
            for target in self.config.targets.keys() {
                while self.write_once(target, ConfiguredMapper) {}
            }
        }
        true
    }

    /// Runs writers until the queue is empty.
    ///
    /// # Panics
    /// When it is not within two days.
    pub fn drain(&self) {
        assert!(
            self.drain_within(SignedDuration::from_hours(48)),
            "the queue does not empty"
        );
    }

    /// Maps a rep to a user, as an administrator does.
    ///
    /// # Panics
    /// When the store fails.
    #[expect(clippy::panic, reason = "a world without faults stores")]
    pub fn map_rep(&self, target: &TargetName, rep: &RepKey, user: &str) {
        let mapping = RepMapping {
            rep: rep.clone(),
            user_id: CrmId(user.to_owned()),
            user_name: user.to_owned(),
        };
        let token = remap_token(self.clock.now(), &self.clock);
        let stored = self.clock.block_on(self.store.inner.put_rep(
            target,
            rep,
            Some(&mapping),
            &token,
        ));
        stored.unwrap_or_else(|fault| panic!("{fault}"));
    }

    /// A fresh id, for tests that need one.
    #[must_use]
    pub fn id(&self) -> String {
        self.clock.new_id()
    }
}
