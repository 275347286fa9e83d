//! Every store port in memory.

mod audit;
mod commits;
mod creations;
mod cursors;
mod ingress;
mod intents;
mod ledger;
mod links;
mod parking;
mod reps;
mod settings;
mod sweeps;
mod tokens;
mod waiting;

pub use intents::Backup;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use counterpart_delivery::intent::SaleTrace;
use counterpart_delivery::pause::{PauseNote, Pauses};
use counterpart_delivery::ports::{
    ByHand, Channel, Circuit, ConfigVersion, PackProgress, Parked, Remap, RepMapping, Resync,
    SalespersonRow, Sweep, WaitingEntry,
};
use counterpart_delivery::{Intent, IntentId, Link, ManifestEntry, OutcomeItem, Run};
use counterpart_domain::{AsOf, Company, CrmId, Entity, RepKey, SageKey, TargetName};
use jiff::Timestamp;

/// A store that forgets everything when its last clone goes. Each method is one step: nothing comes in between.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore(Rc<RefCell<State>>);

/// Ordered by the same texts as the keys of the tables, so that pages come in the same order.
#[derive(Debug, Default)]
struct State {
    links: BTreeMap<(TargetName, String), Link>,
    reverse: BTreeMap<(TargetName, CrmId), SageKey>,
    waiting: BTreeMap<(TargetName, String, String), WaitingEntry>,
    reps: BTreeMap<(TargetName, RepKey), RepMapping>,
    remaps: BTreeMap<(TargetName, RepKey), Remap>,
    salespersons: BTreeMap<RepKey, SalespersonRow>,
    cursors: BTreeMap<(Company, Entity), cursors::Held>,
    runs: BTreeMap<String, Run>,
    manifests: BTreeMap<(String, TargetName), BTreeMap<String, Vec<ManifestEntry>>>,
    outcomes: BTreeMap<(String, TargetName, String), OutcomeItem>,
    parked: BTreeMap<(String, String), Parked>,
    configs: Vec<ConfigVersion>,
    circuits: BTreeMap<TargetName, Circuit>,
    pauses: Pauses,
    pause_notes: Vec<PauseNote>,
    by_hand: Vec<ByHand>,
    packs: BTreeMap<String, PackProgress>,
    tokens: BTreeMap<TargetName, tokens::TokenState>,
    intents: BTreeMap<(TargetName, String), intents::Kept>,
    sales: BTreeMap<(TargetName, SaleTrace), IntentId>,
    seats: BTreeMap<Company, BTreeMap<String, Timestamp>>,
    /// Until when what counts, by company.
    creations: BTreeMap<Company, BTreeMap<String, Timestamp>>,
    /// By the hour in which they were asked for.
    of_hours: BTreeMap<(Company, Timestamp), BTreeSet<String>>,
    /// Whether it is final, and until when it is kept.
    nonces: BTreeMap<String, (bool, Timestamp)>,
    channels: BTreeMap<(TargetName, String), Channel>,
    sweeps: BTreeMap<(TargetName, String), Sweep>,
    heard: BTreeMap<(TargetName, String), Timestamp>,
    marks: BTreeMap<String, AsOf>,
    resyncs: BTreeMap<(TargetName, String), Resync>,
    bindings: BTreeMap<Company, String>,
    /// The index of links by rep where it lags behind; none: it shows what there is.
    rep_index: Option<BTreeMap<(TargetName, String), RepKey>>,
    /// The longest link that an item holds, in bytes of JSON; none: any.
    largest: Option<usize>,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// From now on a link of more bytes of JSON fits into no item.
    pub fn limit_items_to(&self, bytes: usize) {
        self.0.borrow_mut().largest = Some(bytes);
    }

    /// All links, by target and storage key.
    #[must_use]
    pub fn all_links(&self) -> Vec<Link> {
        self.0.borrow().links.values().cloned().collect()
    }

    /// All reverse items.
    #[must_use]
    pub fn all_reverse(&self) -> Vec<(TargetName, CrmId, SageKey)> {
        let state = self.0.borrow();
        let items = state.reverse.iter();
        items
            .map(|((target, id), key)| (target.clone(), id.clone(), key.clone()))
            .collect()
    }

    /// All who wait.
    #[must_use]
    pub fn all_waiting(&self) -> Vec<WaitingEntry> {
        self.0.borrow().waiting.values().cloned().collect()
    }

    /// All outcomes, by run, target and storage key.
    #[must_use]
    pub fn all_outcomes(&self) -> Vec<OutcomeItem> {
        self.0.borrow().outcomes.values().cloned().collect()
    }

    /// All that is parked, by target and id.
    #[must_use]
    pub fn all_parked(&self) -> Vec<Parked> {
        self.0.borrow().parked.values().cloned().collect()
    }

    /// All intents, by target and storage key.
    #[must_use]
    pub fn all_intents(&self) -> Vec<Intent> {
        let state = self.0.borrow();
        let kept = state.intents.values();
        kept.filter_map(|kept| kept.intent.clone()).collect()
    }

    /// All runs, by id.
    #[must_use]
    pub fn all_runs(&self) -> Vec<Run> {
        self.0.borrow().runs.values().cloned().collect()
    }
}
