//! A Sage 100 in memory: stamps from a wall clock that may be set, as-of from a counter, pages by position.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use counterpart_delivery::ports::{
    ChangedRecord, Clock as _, Page, RecordsAnswer, Sage, TextRules, Window,
};
use counterpart_domain::{AsOf, Company, Entity, Fault, Record, SageKey, ServerTime, Stamp};
use jiff::{SignedDuration, Timestamp, tz::Offset};

use super::faults::Faults;
use super::sage_search::Offers;
use super::sales::Sales;
use crate::VirtualClock;

/// A row, by Sage's column names.
pub type Columns = BTreeMap<String, String>;

#[derive(Debug, Default)]
struct State {
    rows: BTreeMap<SageKey, (Stamp, Columns)>,
    outages: Vec<(Timestamp, Timestamp, Fault)>,
}

/// A write that is under way although nobody waits for it any more.
pub(super) struct UnderWay {
    pub(super) lands: Timestamp,
    pub(super) effect: Box<dyn FnOnce(&mut Sales)>,
}

impl std::fmt::Debug for UnderWay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "lands {}", self.lands)
    }
}

/// The ERP and its agent. Clones share their rows.
#[derive(Debug, Clone)]
pub struct MemorySage {
    pub(super) clock: VirtualClock,
    pub(super) faults: Faults,
    /// Orders and all that belongs to them.
    pub(super) sales: Rc<RefCell<Sales>>,
    /// How long a write takes.
    pub(super) slow: Rc<Cell<Duration>>,
    /// What the agent offers beyond reading.
    pub(super) offers: Rc<RefCell<Offers>>,
    pub(super) under_way: Rc<RefCell<Vec<UnderWay>>>,
    state: Rc<RefCell<State>>,
    sequence: Rc<Cell<u64>>,
    utc_offset_minutes: Rc<Cell<i32>>,
    set_by: Rc<Cell<SignedDuration>>,
    /// What the agent tells of texts.
    pub(super) text_rules: Rc<RefCell<TextRules>>,
    /// Edits that happen between two pages of one window.
    between_pages: Rc<RefCell<Vec<(SageKey, String, String)>>>,
}

impl MemorySage {
    /// An empty ERP six hours behind UTC.
    #[must_use]
    pub fn new(clock: &VirtualClock, faults: &Faults) -> Self {
        Self {
            clock: clock.clone(),
            faults: faults.clone(),
            sales: Rc::default(),
            slow: Rc::default(),
            offers: Rc::default(),
            under_way: Rc::default(),
            state: Rc::default(),
            sequence: Rc::default(),
            utc_offset_minutes: Rc::new(Cell::new(-360)),
            set_by: Rc::default(),
            text_rules: Rc::default(),
            between_pages: Rc::default(),
        }
    }

    /// The ERP's clock, as its stamps use it.
    #[must_use]
    pub fn server_time(&self) -> ServerTime {
        let instant = self.clock.now() + self.set_by.get();
        let offset =
            Offset::from_seconds(self.utc_offset_minutes.get() * 60).unwrap_or(Offset::UTC);
        ServerTime {
            wall: Stamp::at(offset.to_datetime(instant)),
            utc_offset_minutes: self.utc_offset_minutes.get(),
            instant,
        }
    }

    /// Moves the ERP's clock against the true time, as a person who sets it does.
    pub fn set_clock_by(&self, by: SignedDuration) {
        self.set_by.set(self.set_by.get() + by);
    }

    /// Changes the ERP's time zone offset, as spring and autumn do.
    pub fn set_utc_offset(&self, minutes: i32) {
        self.utc_offset_minutes.set(minutes);
    }

    /// Writes columns of a row, new or not, and stamps it.
    pub fn edit(&self, key: &SageKey, columns: &[(&str, &str)]) {
        let stamp = self.stamp();
        let mut state = self.state.borrow_mut();
        let row = state
            .rows
            .entry(key.clone())
            .or_insert_with(|| (stamp, Columns::new()));
        row.0 = stamp;
        row.1.extend(
            columns
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
    }

    /// One column of a row; blank where there is none.
    #[must_use]
    pub fn column(&self, key: &SageKey, column: &str) -> String {
        let state = self.state.borrow();
        state
            .rows
            .get(key)
            .and_then(|row| row.1.get(column))
            .cloned()
            .unwrap_or_default()
    }

    /// Whether there is such a row.
    #[must_use]
    pub fn has(&self, key: &SageKey) -> bool {
        self.state.borrow().rows.contains_key(key)
    }

    /// Takes a row away, as a person does.
    pub fn remove(&self, key: &SageKey) {
        self.state.borrow_mut().rows.remove(key);
    }

    /// All rows of an entity.
    #[must_use]
    pub fn rows(&self, company: &Company, entity: Entity) -> Vec<(SageKey, Record)> {
        let state = self.state.borrow();
        let of = state
            .rows
            .iter()
            .filter(|(key, _)| key.company == *company && key.entity == entity);
        of.filter_map(|(key, row)| Some((key.clone(), Record::from_columns(key, &row.1).ok()?)))
            .collect()
    }

    /// Has a row edited right after the next page is read.
    pub fn edit_between_pages(&self, key: &SageKey, column: &str, value: &str) {
        self.between_pages
            .borrow_mut()
            .push((key.clone(), column.to_owned(), value.to_owned()));
    }

    /// The agent lost its counter without raising the epoch.
    pub fn restart_counter(&self) {
        self.sequence.set(0);
    }

    /// The agent cannot be reached from `from` until `until`.
    pub fn outage(&self, from: Timestamp, until: Timestamp) {
        self.outage_with(from, until, Self::down());
    }

    /// Every call from `from` until `until` is answered with a fault.
    pub fn outage_with(&self, from: Timestamp, until: Timestamp, fault: Fault) {
        self.state.borrow_mut().outages.push((from, until, fault));
    }

    fn stamp(&self) -> Stamp {
        // What the columns can hold: five decimals of an hour.
        let wall = self.server_time().wall;
        Stamp::parse(&wall.date_text(), &wall.time_text()).unwrap_or(wall)
    }

    /// Whether a write is under way that takes effect later.
    #[must_use]
    pub fn expects_late_writes(&self) -> bool {
        !self.under_way.borrow().is_empty()
    }

    /// When the next of them does.
    #[must_use]
    pub fn next_late_write(&self) -> Option<Timestamp> {
        let under_way = self.under_way.borrow();
        under_way.iter().map(|write| write.lands).min()
    }

    /// Has all writes take effect whose time has come.
    pub fn land(&self) {
        loop {
            let next = {
                let mut under_way = self.under_way.borrow_mut();
                let now = self.clock.now();
                let due = under_way.iter().enumerate();
                let due = due.filter(|(_, write)| write.lands <= now);
                let first = due.min_by_key(|(_, write)| write.lands).map(|(at, _)| at);
                first.map(|at| under_way.remove(at))
            };
            match next {
                Some(write) => (write.effect)(&mut self.sales.borrow_mut()),
                None => return,
            }
        }
    }

    pub(super) fn begin(&self) -> Result<AsOf, Fault> {
        self.land();
        let now = self.clock.now();
        let state = self.state.borrow();
        let mut outages = state.outages.iter();
        if let Some((.., fault)) = outages.find(|(from, until, _)| (*from..*until).contains(&now)) {
            return Err(fault.clone());
        }
        self.sequence.set(self.sequence.get() + 1);
        Ok(AsOf {
            epoch: 1,
            sequence: self.sequence.get(),
        })
    }

    fn changed(key: &SageKey, row: &(Stamp, Columns)) -> ChangedRecord {
        let record = Record::from_columns(key, &row.1);
        let raw = record.is_err().then(|| format!("{:?}", row.1));
        ChangedRecord {
            key: key.clone(),
            stamp: row.0,
            record,
            raw,
        }
    }
}

impl Sage for MemorySage {
    async fn changes(
        &self,
        company: &Company,
        entity: Entity,
        window: &Window,
    ) -> Result<Page, Fault> {
        let effect = async {
            let as_of = self.begin()?;
            let server_time = self.server_time();
            let state = self.state.borrow();
            let mut rows: Vec<_> = state
                .rows
                .iter()
                .filter(|(key, _)| key.company == *company && key.entity == entity)
                .map(|(key, row)| (position(row.0, key), key, row))
                .filter(|(at, _, row)| {
                    row.0 >= window.from
                        && window.to.is_none_or(|to| row.0 <= to)
                        && window.after.as_ref().is_none_or(|after| at > after)
                })
                .collect();
            rows.sort();
            let more = rows.len() > window.limit as usize;
            rows.truncate(window.limit as usize);
            let next = rows.last().filter(|_| more).map(|(at, _, _)| at.clone());
            let records = rows
                .iter()
                .map(|(_, key, row)| Self::changed(key, row))
                .collect();
            Ok(Page {
                as_of,
                server_time,
                records,
                unreadable: Vec::new(),
                next,
            })
        };
        let page = self.faults.call("sage.changes", effect).await;
        for (key, column, value) in self.between_pages.take() {
            self.edit(&key, &[(&column, &value)]);
        }
        page
    }

    async fn records(&self, keys: &[SageKey]) -> Result<RecordsAnswer, Fault> {
        let effect = async {
            let as_of = self.begin()?;
            let state = self.state.borrow();
            let (there, missing): (Vec<_>, Vec<_>) =
                keys.iter().partition(|key| state.rows.contains_key(key));
            let records = there
                .into_iter()
                .filter_map(|key| Some(Self::changed(key, state.rows.get(key)?)))
                .collect();
            let missing = missing.into_iter().cloned().collect();
            Ok(RecordsAnswer {
                as_of,
                server_time: self.server_time(),
                records,
                missing,
            })
        };
        self.faults.call("sage.records", effect).await
    }

    async fn text_rules(&self, _company: &Company) -> Result<TextRules, Fault> {
        self.begin()?;
        Ok(self.text_rules.borrow().clone())
    }
}

fn position(stamp: Stamp, key: &SageKey) -> String {
    format!(
        "{}T{:0>8}|{}",
        stamp.date_text(),
        stamp.time_text(),
        key.local
    )
}
