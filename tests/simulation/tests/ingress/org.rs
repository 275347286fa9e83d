//! A Zoho org, as far as channels and changes go: channels end when their time is up, and nobody is told.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

use counterpart_delivery::ports::{
    ChangedId, ChangesAfter, ChannelRequest, Clock as _, Crm, CrmChannels, CrmRecord, CrmRecords,
    CrmRelays, CrmUser, CurrencyRate, DeletedSince, Deletions, Document, DocumentQuery, Past,
    Relay, RowOutcome, UpdateRow, UpsertCall,
};
use counterpart_domain::{Class, CrmId, Fault, Fields, SageKey};
use counterpart_simulation::VirtualClock;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

/// The fault of a channel that is not there any more.
pub fn not_subscribed() -> Fault {
    Fault::new(
        Class::Data,
        "E_CRM_NOT_SUBSCRIBED",
        "The channel is not there.",
    )
}

pub struct Org {
    pub clock: VirtualClock,
    /// The longest life that it grants.
    pub grants: SignedDuration,
    pub channels: RefCell<BTreeMap<String, (Timestamp, ChannelRequest)>>,
    /// What was changed, in the order of (time, id).
    pub changed: RefCell<Vec<(String, ChangedId)>>,
    pub subscribes: Cell<u32>,
    pub renews: Cell<u32>,
    pub reads: Cell<u32>,
    /// The modules whose deletions were asked for.
    pub lists: RefCell<Vec<String>>,
    pub relays: RefCell<Vec<Relay>>,
    pub fault: RefCell<Option<Fault>>,
    /// How long it takes to answer a question about changes.
    pub takes: Cell<Duration>,
}

impl Org {
    pub fn new(clock: &VirtualClock) -> Self {
        Self {
            clock: clock.clone(),
            grants: SignedDuration::from_hours(7 * 24),
            channels: RefCell::default(),
            changed: RefCell::default(),
            subscribes: Cell::new(0),
            renews: Cell::new(0),
            reads: Cell::new(0),
            lists: RefCell::default(),
            relays: RefCell::default(),
            fault: RefCell::new(None),
            takes: Cell::new(Duration::ZERO),
        }
    }

    /// Changes a record. The answer is the live channel that tells of it, if there is one.
    pub fn edit(&self, module: &str, id: &str, deleted: bool) -> Option<ChannelRequest> {
        let now = self.clock.now();
        let modified = Timestamp::from_second(now.as_second()).unwrap();
        let mut changed = self.changed.borrow_mut();
        changed.retain(|(of, change)| of != module || change.id.0 != id);
        changed.push((
            module.to_owned(),
            ChangedId {
                id: CrmId(id.into()),
                modified,
                modified_by: None,
                deleted,
                line_of: None,
            },
        ));
        let channels = self.channels.borrow();
        let mut alive = channels.values().filter(|(until, _)| *until > now);
        let event = format!("{module}.all");
        alive
            .find(|(_, request)| request.events.contains(&event))
            .map(|(_, request)| request.clone())
    }

    fn granted(&self, request: &ChannelRequest) -> Result<Timestamp, Fault> {
        if let Some(fault) = &*self.fault.borrow() {
            return Err(fault.clone());
        }
        let now = self.clock.now();
        let asked = request.expiry.duration_since(now);
        // More than a week is an hour.
        let life = if asked > SignedDuration::from_hours(7 * 24) {
            SignedDuration::from_hours(1)
        } else {
            asked.min(self.grants)
        };
        Ok(now.saturating_add(life).unwrap())
    }
}

impl CrmChannels for Org {
    async fn subscribe(&self, request: &ChannelRequest) -> Result<Timestamp, Fault> {
        self.subscribes.set(self.subscribes.get() + 1);
        // Other work goes on meanwhile.
        self.clock.sleep(Duration::from_millis(200)).await;
        let until = self.granted(request)?;
        let mut channels = self.channels.borrow_mut();
        channels.insert(request.channel_id.clone(), (until, request.clone()));
        Ok(until)
    }

    async fn renew(&self, request: &ChannelRequest) -> Result<Timestamp, Fault> {
        self.renews.set(self.renews.get() + 1);
        self.clock.sleep(Duration::from_millis(200)).await;
        let until = self.granted(request)?;
        let mut channels = self.channels.borrow_mut();
        match channels.get_mut(&request.channel_id) {
            Some(channel) if channel.0 > self.clock.now() => {
                *channel = (until, request.clone());
                Ok(until)
            }
            _ => Err(not_subscribed()),
        }
    }

    async fn unsubscribe(&self, channel_ids: &[String]) -> Result<(), Fault> {
        let mut channels = self.channels.borrow_mut();
        channels.retain(|id, _| !channel_ids.contains(id));
        Ok(())
    }
}

impl Crm for Org {
    fn bulk_size(&self) -> usize {
        100
    }

    async fn upsert(&self, _: &UpsertCall) -> Result<Vec<RowOutcome>, Fault> {
        Ok(Vec::new())
    }

    async fn update_linked(&self, _: &str, _: &[UpdateRow]) -> Result<Vec<RowOutcome>, Fault> {
        Ok(Vec::new())
    }

    async fn read(
        &self,
        _: &str,
        _: &str,
        _: &[SageKey],
        _: &[String],
    ) -> Result<Vec<CrmRecord>, Fault> {
        Ok(Vec::new())
    }

    async fn users(&self) -> Result<Vec<CrmUser>, Fault> {
        Ok(Vec::new())
    }
}

impl CrmRelays for Org {
    async fn relays(&self) -> Result<Vec<Relay>, Fault> {
        if let Some(fault) = &*self.fault.borrow() {
            return Err(fault.clone());
        }
        Ok(self.relays.borrow().clone())
    }
}

impl CrmRecords for Org {
    async fn document(&self, _: &DocumentQuery, _: &CrmId) -> Result<Option<Document>, Fault> {
        Ok(None)
    }

    async fn past(&self, _: &str, _: &CrmId, _: &Fields) -> Result<Past, Fault> {
        Ok(Past::new())
    }

    async fn update(&self, _: &str, _: &[UpdateRow]) -> Result<Vec<RowOutcome>, Fault> {
        Ok(Vec::new())
    }

    async fn find_by(
        &self,
        _: &str,
        _: &str,
        _: &[String],
        _: Option<&str>,
        _: &[String],
        _: Option<usize>,
    ) -> Result<Vec<CrmRecord>, Fault> {
        Ok(Vec::new())
    }

    async fn survivor(&self, _: &str, _: &CrmId) -> Result<Option<CrmId>, Fault> {
        Ok(None)
    }

    async fn merged_into(&self, _: &str, _: &CrmId) -> Result<Vec<CrmId>, Fault> {
        Ok(Vec::new())
    }

    async fn deleted_since(&self, _: &str, _: Timestamp) -> Result<DeletedSince, Fault> {
        Ok(DeletedSince::default())
    }

    async fn changed_since(
        &self,
        module: &str,
        since: Timestamp,
        after: Option<&ChangesAfter>,
        limit: u32,
    ) -> Result<Vec<ChangedId>, Fault> {
        self.clock.sleep(self.takes.get()).await;
        if let Some(fault) = &*self.fault.borrow() {
            return Err(fault.clone());
        }
        self.reads.set(self.reads.get() + 1);
        let changed = self.changed.borrow();
        let mut page: Vec<ChangedId> = changed
            .iter()
            .filter(|(of, change)| of == module && change.modified >= since)
            .map(|(_, change)| change.clone())
            .filter(|change| {
                after
                    .is_none_or(|after| (change.modified, &change.id) > (after.modified, &after.id))
            })
            .collect();
        page.sort_by(|one, other| (one.modified, &one.id).cmp(&(other.modified, &other.id)));
        page.truncate(limit as usize);
        Ok(page)
    }

    async fn deletions(&self, module: &str, _: Timestamp, _: u32) -> Result<Deletions, Fault> {
        self.lists.borrow_mut().push(module.to_owned());
        Ok(Deletions::default())
    }

    async fn currencies(&self, _: Date) -> Result<BTreeMap<String, CurrencyRate>, Fault> {
        Ok(BTreeMap::new())
    }
}
