//! A deployment with one Salesforce and two Zoho targets, and what callers have to know.

use std::collections::BTreeMap;
use std::time::Duration;

use counterpart_config::{PlatformEvent, SyncConfig};
use counterpart_delivery::ingress::{
    HookSecret, HookSecrets, LONGEST_BODY, WebhookRequest, WebhookResponse, Webhooks,
};
use counterpart_delivery::ports::{Channel, Channels as _, Clock as _, QueueName};
use counterpart_delivery::signature;
use counterpart_delivery::{Context, CrmEvent, Ports, SecretText};
use counterpart_domain::{Class, CrmId, Fault, TargetName};
use counterpart_simulation::VirtualClock;
use counterpart_simulation::memory::{MemoryQueue, MemoryQueues, MemoryStore};
use counterpart_simulation::world::MemorySage;

use crate::org::Org;

pub const ORG: &str = "00D5f000005KcCnEAK";
pub const USER: &str = "005ak00000EpjsfAAB";
pub const CHANNEL: &str = "100000000068001";
/// All secrets of the scene: none of them may be seen anywhere.
pub const SECRETS: [&str; 5] = [
    "hush-path",
    "hush-hmac-key",
    "hush-webhook-token",
    "hush-channel-token",
    "hush-session-id",
];

const SALESFORCE: &str = r#"
[targets.salesforce]
crm = "salesforce"
my_domain = "acme.my.salesforce.com"
companies = ["ABC"]
[targets.salesforce.customer]
module = "Account"
key_field = "Sage_Key__c"
[targets.salesforce.customer.fields]
Name = "CustomerName"
BillingCity = "City"
[targets.salesforce.contact]
module = "Contact"
key_field = "Sage_Key__c"
parent_field = "AccountId"
[targets.salesforce.contact.fields]
LastName = { from = "ContactName", with = "last_name" }
"#;

fn zoho(name: &str) -> String {
    format!(
        "[targets.{name}]\ncrm = \"zoho\"\ndata_center = \"us\"\ncompanies = [\"ABC\"]\n\
         [targets.{name}.customer]\nmodule = \"Accounts\"\nkey_field = \"Sage_Key\"\n\
         [targets.{name}.customer.fields]\nAccount_Name = \"CustomerName\"\n"
    )
}

pub fn target(name: &str) -> TargetName {
    TargetName::new(name).unwrap()
}

/// Secrets that are the same for all targets, unless one is set apart.
#[derive(Clone, Default)]
pub struct Hooks(pub BTreeMap<TargetName, Result<HookSecret, Fault>>);

impl HookSecrets for Hooks {
    async fn hook(&self, target: &TargetName) -> Result<HookSecret, Fault> {
        let hush = |text: &str| Some(SecretText::new(text));
        let usual = HookSecret {
            path: hush(SECRETS[0]),
            hmac_key: hush(SECRETS[1]),
            webhook_token: hush(SECRETS[2]),
            channel_token: hush(SECRETS[3]),
        };
        self.0.get(target).cloned().unwrap_or(Ok(usual))
    }
}

/// The ports of a scene. Nothing here calls Sage.
pub struct ScenePorts;

impl Ports for ScenePorts {
    type Store = MemoryStore;
    type Queue = MemoryQueues;
    type Clock = VirtualClock;
    type Crm = Org;
    type Agent = MemorySage;
    type Write = MemorySage;
}

pub struct Scene {
    pub clock: VirtualClock,
    pub store: MemoryStore,
    pub queue: MemoryQueues,
    pub hooks: Hooks,
    pub config: SyncConfig,
    /// Whether a newer one is in force that nobody here can read.
    pub is_behind: bool,
}

impl Scene {
    pub fn new() -> Self {
        crate::logs::listened_to();
        let clock = VirtualClock::new("2026-11-22T19:30:00Z".parse().unwrap(), 4);
        let text = format!(
            "[companies.ABC]\nagent_url = \"https://agent.example.com\"\n{}{}{SALESFORCE}",
            zoho("zoho"),
            zoho("zoho-eu")
        );
        let mut config = SyncConfig::parse(&text).unwrap();
        for name in ["zoho", "zoho-eu"] {
            let events = &mut config.targets.get_mut(&target(name)).unwrap().events;
            events.watch = vec!["Accounts".into(), "Deals".into()];
            events.notify_url = Some("https://api.example.com/live".into());
        }
        let events = &mut config
            .targets
            .get_mut(&target("salesforce"))
            .unwrap()
            .events;
        events.organizations = vec![ORG.into()];
        events.integration_user = Some(CrmId(USER.into()));
        let ready = PlatformEvent {
            module: "Opportunity".into(),
            id_field: "Record_Id__c".into(),
        };
        events.platform_events = [("Order_Ready__e".to_owned(), ready)].into();
        let scene = Self {
            queue: MemoryQueues::new(&clock, Duration::from_secs(60)),
            store: MemoryStore::new(),
            hooks: Hooks::default(),
            config,
            is_behind: false,
            clock,
        };
        scene.channel("zoho", CHANNEL);
        scene
    }

    /// Stores a channel as the keeper would have.
    pub fn channel(&self, name: &str, id: &str) {
        let channel = Channel {
            target: target(name),
            module: "Deals".into(),
            channel_id: id.into(),
            expires_at: None,
            renewed_at: None,
            terms: None,
            rev: 0,
        };
        assert!(
            self.clock
                .block_on(self.store.put_channel(&channel))
                .unwrap()
        );
    }

    /// What handlers over this scene share.
    pub const fn context(&self) -> Context<'_, ScenePorts> {
        Context {
            store: &self.store,
            queue: &self.queue,
            clock: &self.clock,
            config: &self.config,
            config_version: 1,
            is_behind: self.is_behind,
        }
    }

    /// `crm-events`.
    pub fn told(&self) -> MemoryQueue {
        self.queue.events()
    }

    /// `salesforce-events`.
    pub fn source(&self) -> MemoryQueue {
        self.queue.of(&QueueName::SalesforceEvents)
    }

    pub fn post(&self, request: &WebhookRequest) -> WebhookResponse {
        let webhooks = Webhooks {
            context: self.context(),
            secrets: &self.hooks,
            longest_body: LONGEST_BODY,
        };
        self.clock.block_on(webhooks.handle(request))
    }

    /// The events in the queue, in order of sending.
    pub fn events(&self) -> Vec<CrmEvent> {
        let bodies = self.told().bodies();
        bodies
            .iter()
            .map(|body| serde_json::from_str(body).unwrap())
            .collect()
    }

    /// The records that the queue tells of.
    pub fn records(&self) -> Vec<String> {
        self.events()
            .into_iter()
            .map(|event| event.record.0)
            .collect()
    }

    pub fn signed(&self, body: &str) -> WebhookRequest {
        let header = signature::sign(
            &SecretText::new(SECRETS[1]),
            body.as_bytes(),
            self.clock.now(),
        );
        let mut request = request("/callouts/salesforce", "application/json", body);
        request
            .headers
            .push(("X-Counterpart-Signature".into(), header.unwrap()));
        request
    }
}

pub fn request(path: &str, content_type: &str, body: &str) -> WebhookRequest {
    WebhookRequest {
        query: String::new(),
        method: "POST".into(),
        path: path.into(),
        parameters: BTreeMap::new(),
        headers: vec![("Content-Type".into(), content_type.into())],
        body: body.as_bytes().to_vec(),
        source_ip: "203.0.113.17".into(),
    }
}

/// A callback of Zoho with these ids.
pub fn callback(ids: &[String]) -> String {
    serde_json::json!({
        "server_time": 1_795_375_800_000_u64, "query_params": {}, "module": "Deals",
        "affected_values": [{"record_id": "1", "values": {"Stage": "Closed Won"}}], "affected_fields": [],
        "resource_uri": "https://www.zohoapis.com/crm/v8/Deals", "ids": ids, "operation": "update",
        "channel_id": CHANNEL, "token": SECRETS[3],
    })
    .to_string()
}

pub fn notification(body: &str) -> WebhookRequest {
    request(
        "/zoho/zoho/notifications/hush-path",
        "application/json",
        body,
    )
}

/// An Outbound Message of this organisation with these notifications: (its id, object, record).
pub fn outbound(org: &str, notifications: &[(String, &str, String)]) -> String {
    let rows: String = notifications
        .iter()
        .map(|(id, object, record)| {
            format!(
                "<Notification><Id>{id}</Id><sObject xsi:type=\"sf:{object}\" xmlns:sf=\"urn:sobject.enterprise.soap.sforce.com\">\
                 <sf:Id>{record}</sf:Id><sf:Name>Baker &amp; Sons</sf:Name></sObject></Notification>"
            )
        })
        .collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n<soapenv:Envelope \
         xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><soapenv:Body>\
         <notifications xmlns=\"http://soap.sforce.com/2005/09/outbound\"><OrganizationId>{org}</OrganizationId>\
         <ActionId>04k5f000000CabWAAS</ActionId><SessionId>hush-session-id</SessionId>\
         <EnterpriseUrl>https://acme.my.salesforce.com/services/Soap/c/67.0/{org}</EnterpriseUrl>{rows}\
         </notifications></soapenv:Body></soapenv:Envelope>"
    )
}

/// The message of n opportunities.
pub fn opportunities(n: usize) -> Vec<(String, &'static str, String)> {
    (0..n)
        .map(|n| {
            (
                format!("04l90000000{n:04}"),
                "Opportunity",
                format!("00690000000{n:04}"),
            )
        })
        .collect()
}

pub fn soap(body: &str) -> WebhookRequest {
    request(
        "/salesforce/salesforce/outbound/hush-path",
        "text/xml; charset=UTF-8",
        body,
    )
}

pub fn outage() -> Fault {
    Fault::new(
        Class::Transient,
        "E_QUEUE_DOWN",
        "The queue cannot be reached.",
    )
}
