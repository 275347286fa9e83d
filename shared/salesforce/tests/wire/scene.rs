//! A pack on its way through the writer as it runs in production, over stores in memory, to a Salesforce that is scripted.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::support::*;
use counterpart_config::SyncConfig;
use counterpart_delivery::ports::{Clock as _, Links as _, QueueName, Settings as _};
use counterpart_delivery::{
    ConfiguredMapper, Context, CrmWriter, DecodedPack, Entry, Message, Pack, Ports, Reason,
    WIRE_VERSION,
};
use counterpart_domain::{AsOf, Company, Entity, Record, SageKey};
use counterpart_simulation::VirtualClock;
use counterpart_simulation::memory::{MemoryQueues, MemoryStore};
use counterpart_simulation::world::MemorySage;
use jiff::SignedDuration;
use serde_json::Value as Json;
use wiremock::matchers::path_regex;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

pub const CONFIG: &str = r#"
[companies.ABC]
agent_url = "https://agent.example.com"

[targets.salesforce]
crm = "salesforce"
my_domain = "acme.my.salesforce.com"
companies = ["ABC"]

[targets.salesforce.customer]
module = "Account"
key_field = "Sage_Key__c"
alike = "create"
[targets.salesforce.customer.fields]
Name = "CustomerName"
BillingState = "State"

[targets.salesforce.contact]
module = "Contact"
key_field = "Sage_Key__c"
parent_field = "AccountId"
alike = "create"
[targets.salesforce.contact.fields]
LastName = "ContactName"
"#;

/// What the server says when the bad record is among those that are sent.
pub enum Said {
    /// Its row is refused, the others are written.
    Row(Json),
    /// The call is refused.
    Call(ResponseTemplate),
    /// Every call is refused, whatever it holds.
    Every(ResponseTemplate),
    /// First these, then all is well.
    First(Vec<ResponseTemplate>),
}

pub fn is_bad(record: &Json) -> bool {
    record["Sage_Key__c"].as_str().unwrap().contains("BAD")
}

pub async fn says(server: &MockServer, said: &Said) {
    let (row, whole, every) = match said {
        Said::Row(row) => (Some(row.clone()), None, false),
        Said::Call(reply) => (None, Some(reply.clone()), false),
        Said::Every(reply) => (None, Some(reply.clone()), true),
        Said::First(replies) => {
            for reply in replies {
                Mock::given(path_regex("/composite/sobjects/"))
                    .respond_with(reply.clone())
                    .up_to_n_times(1)
                    .mount(server)
                    .await;
            }
            (None, None, false)
        }
    };
    let answer = move |request: &Request| {
        let body: Json = serde_json::from_slice(&request.body).unwrap();
        let sent = body["records"].as_array().unwrap();
        match &whole {
            Some(reply) if every || sent.iter().any(is_bad) => return reply.clone(),
            _ => {}
        }
        let results = sent.iter().map(|record| match &row {
            Some(row) if is_bad(record) => row.clone(),
            _ => created(
                record["Sage_Key__c"]
                    .as_str()
                    .unwrap()
                    .bytes()
                    .map(usize::from)
                    .sum(),
            ),
        });
        rows(results.collect::<Vec<_>>())
    };
    Mock::given(path_regex("/composite/sobjects/"))
        .respond_with(answer)
        .mount(server)
        .await;
}

pub fn key_of(entity: Entity, local: &str) -> SageKey {
    SageKey::new(&Company::new("ABC").unwrap(), entity, local).unwrap()
}

pub fn record(key: &SageKey) -> Record {
    let (division, rest) = key.local.split_once('-').unwrap();
    let (number, code) = rest.split_once('/').unwrap_or((rest, ""));
    let mut columns = BTreeMap::from([("ARDivisionNo", division), ("CustomerNo", number)]);
    if key.entity == Entity::CONTACT {
        columns.extend([("ContactCode", code), ("ContactName", "Artie Johnson")]);
    } else {
        columns.extend([("CustomerName", "A customer"), ("State", "WI")]);
    }
    let columns = columns
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    Record::from_columns(key, &columns.collect()).unwrap()
}

/// A pack's message, as it comes from the queue.
pub fn message(clock: &VirtualClock, keys: &[SageKey]) -> Message {
    let entries = keys.iter().map(|key| {
        let record = record(key);
        Entry {
            local_key: key.local.clone(),
            as_of: AsOf {
                epoch: 1,
                sequence: 1,
            },
            hash: record.content_hash(),
            record,
            run: "run".into(),
            first_sent: clock.now(),
            attempts: 0,
            answers: Vec::new(),
        }
    });
    let pack = Pack {
        version: WIRE_VERSION,
        id: format!("pack-{}", keys[0].local),
        target: target(),
        company: Company::new("ABC").unwrap(),
        entity: keys[0].entity,
        reason: Reason::Change,
        config_version: 1,
        entries: entries.collect(),
    };
    Message {
        id: pack.id.clone(),
        receipt: String::new(),
        receive_count: 1,
        sent: counterpart_delivery::Sent::once(clock.now()),
        queue: QueueName::CrmWrites(target()),
        group: None,
        body: serde_json::to_string(&pack).unwrap(),
    }
}

/// The ports of a scene. Nothing here calls Sage.
struct ScenePorts;

impl Ports for ScenePorts {
    type Store = MemoryStore;
    type Queue = MemoryQueues;
    type Clock = VirtualClock;
    type Crm = Client;
    type Agent = MemorySage;
    type Write = MemorySage;
}

pub struct Scene {
    pub server: MockServer,
    pub clock: VirtualClock,
    pub store: MemoryStore,
    pub queue: MemoryQueues,
    pub crms: BTreeMap<counterpart_domain::TargetName, Client>,
    pub config: SyncConfig,
}

impl Scene {
    pub async fn new() -> Self {
        Self::at(None).await
    }

    /// With the API elsewhere.
    pub async fn at(instance_url: Option<String>) -> Self {
        let server = MockServer::start().await;
        token_answer(&server, 200, granted(&server, "00D!good")).await;
        let (clock, store) = (clock(), MemoryStore::new());
        let connection = counterpart_salesforce::Connection {
            instance_url,
            ..connection(&server)
        };
        let client = client_with(&connection, credentials(), &store, &clock);
        Self {
            queue: MemoryQueues::new(&clock, Duration::from_secs(300)),
            crms: BTreeMap::from([(target(), client)]),
            config: SyncConfig::parse(CONFIG).unwrap_or_else(|findings| panic!("{findings:#?}")),
            server,
            clock,
            store,
        }
    }

    /// Takes a pack; whether it is done with.
    pub async fn take(&self, keys: &[SageKey]) -> bool {
        let writer = CrmWriter {
            context: Context::<ScenePorts> {
                store: &self.store,
                queue: &self.queue,
                clock: &self.clock,
                config: &self.config,
                config_version: 1,
                is_behind: false,
            },
            crms: &self.crms,
            mapper: ConfiguredMapper,
        };
        let deadline = self.clock.now() + SignedDuration::from_mins(10);
        let report = writer.handle(&[message(&self.clock, keys)], deadline).await;
        report.failed.is_empty()
    }

    /// What became of a record.
    pub async fn fate(&self, key: &SageKey) -> &'static str {
        let link = self.store.link(&target(), key).await.unwrap();
        if link.is_some_and(|link| link.crm_id.is_some()) {
            return "written";
        }
        if self
            .store
            .all_parked()
            .iter()
            .any(|parked| parked.key.as_ref() == Some(key))
        {
            return "parked";
        }
        let again = self.queue.writes(&target()).bodies().iter().any(|body| {
            let DecodedPack { pack, .. } = Pack::decode(body).unwrap();
            pack.entries.iter().any(|entry| pack.key(entry) == *key)
        });
        if again {
            "tried again"
        } else {
            "left in the queue"
        }
    }

    /// For how long nobody calls.
    pub async fn pause(&self) -> &'static str {
        let circuit = self.store.circuit(&target()).await.unwrap();
        let left = circuit
            .open_until
            .map_or(0, |until| until.duration_since(self.clock.now()).as_secs());
        match left {
            0 => "none",
            1..120 => "seconds",
            _ => "minutes",
        }
    }
}
