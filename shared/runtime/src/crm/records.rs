//! Single records, channels and relays.

use std::collections::BTreeMap;

use counterpart_delivery::ports::{
    ChangedId, ChangesAfter, ChannelRequest, CrmChannels, CrmRecords, CrmRelays, CurrencyRate,
    Document, DocumentQuery, Past, Relay, RowOutcome, Tokens, UpdateRow,
};
use counterpart_domain::{Class, CrmId, Fault, Fields};
use jiff::Timestamp;
use jiff::civil::Date;

use super::TargetClient;

impl<T: Tokens> CrmRecords for TargetClient<T> {
    async fn document(&self, query: &DocumentQuery, id: &CrmId) -> Result<Option<Document>, Fault> {
        match self {
            Self::Zoho(client) => client.document(query, id).await,
            Self::Salesforce(client) => client.document(query, id).await,
            Self::Unusable(fault) => Err(fault.clone()),
        }
    }

    async fn past(&self, module: &str, id: &CrmId, now: &Fields) -> Result<Past, Fault> {
        match self {
            Self::Zoho(client) => client.past(module, id, now).await,
            Self::Salesforce(client) => client.past(module, id, now).await,
            Self::Unusable(fault) => Err(fault.clone()),
        }
    }

    async fn update(&self, module: &str, rows: &[UpdateRow]) -> Result<Vec<RowOutcome>, Fault> {
        match self {
            Self::Zoho(client) => client.update(module, rows).await,
            Self::Salesforce(client) => client.update(module, rows).await,
            Self::Unusable(fault) => Err(fault.clone()),
        }
    }

    async fn survivor(&self, module: &str, id: &CrmId) -> Result<Option<CrmId>, Fault> {
        match self {
            Self::Zoho(client) => client.survivor(module, id).await,
            Self::Salesforce(client) => client.survivor(module, id).await,
            Self::Unusable(fault) => Err(fault.clone()),
        }
    }

    async fn merged_into(&self, module: &str, id: &CrmId) -> Result<Vec<CrmId>, Fault> {
        match self {
            Self::Zoho(client) => client.merged_into(module, id).await,
            Self::Salesforce(client) => client.merged_into(module, id).await,
            Self::Unusable(fault) => Err(fault.clone()),
        }
    }

    async fn changed_since(
        &self,
        module: &str,
        since: Timestamp,
        after: Option<&ChangesAfter>,
        limit: u32,
    ) -> Result<Vec<ChangedId>, Fault> {
        match self {
            Self::Zoho(client) => client.changed_since(module, since, after, limit).await,
            Self::Salesforce(client) => client.changed_since(module, since, after, limit).await,
            Self::Unusable(fault) => Err(fault.clone()),
        }
    }

    async fn deleted_since(&self, module: &str, since: Timestamp) -> Result<Vec<CrmId>, Fault> {
        match self {
            Self::Zoho(client) => client.deleted_since(module, since).await,
            Self::Salesforce(client) => client.deleted_since(module, since).await,
            Self::Unusable(fault) => Err(fault.clone()),
        }
    }

    async fn currencies(&self, day: Date) -> Result<BTreeMap<String, CurrencyRate>, Fault> {
        match self {
            Self::Zoho(client) => client.currencies(day).await,
            Self::Salesforce(client) => client.currencies(day).await,
            Self::Unusable(fault) => Err(fault.clone()),
        }
    }
}

impl<T: Tokens> CrmChannels for TargetClient<T> {
    async fn subscribe(&self, request: &ChannelRequest) -> Result<Timestamp, Fault> {
        match self {
            Self::Zoho(client) => client.subscribe(request).await,
            Self::Salesforce(_) => Err(no_channels()),
            Self::Unusable(fault) => Err(fault.clone()),
        }
    }

    async fn renew(&self, request: &ChannelRequest) -> Result<Timestamp, Fault> {
        match self {
            Self::Zoho(client) => client.renew(request).await,
            Self::Salesforce(_) => Err(no_channels()),
            Self::Unusable(fault) => Err(fault.clone()),
        }
    }

    async fn unsubscribe(&self, channel_ids: &[String]) -> Result<(), Fault> {
        match self {
            Self::Zoho(client) => client.unsubscribe(channel_ids).await,
            Self::Salesforce(_) => Err(no_channels()),
            Self::Unusable(fault) => Err(fault.clone()),
        }
    }
}

impl<T: Tokens> CrmRelays for TargetClient<T> {
    async fn relays(&self) -> Result<Vec<Relay>, Fault> {
        match self {
            Self::Zoho(_) => Ok(Vec::new()),
            Self::Salesforce(client) => client.relays().await,
            Self::Unusable(fault) => Err(fault.clone()),
        }
    }
}

fn no_channels() -> Fault {
    Fault::new(
        Class::Configuration,
        "E_CRM_NO_CHANNELS",
        "Salesforce has no watch channels: its events come as platform events, change events or outbound messages.",
    )
}
