//! Change Data Capture: one event per record id, gaps and overflows included.
//!
//! Page: "Change Event Message Structure", "Gap Events" and "Overflow Events", Change Data Capture Developer Guide.

use std::collections::BTreeMap;

use counterpart_config::salesforce_id;
use counterpart_domain::{CrmId, Fault, bounded, digest_of};

use super::envelope::{Envelope, Header, digits, instant, unreadable};
use super::{Judged, PlatformEvents, Scene, own, unusable};
use crate::CrmEvent;
use crate::disposition::Disposition;
use crate::event::{Change, EventSource};
use crate::ingress::{knows, source_of_lines};
use crate::ports::Resync;
use crate::ports::prelude::*;

/// The id that an overflow names.
const OVERFLOW: &str = "000000000000000AAA";

impl<P: Ports> PlatformEvents<'_, P> {
    pub(super) async fn capture(
        &self,
        scene: &Scene<'_>,
        envelope: &Envelope<'_>,
        header: &Header<'_>,
    ) -> Result<Judged, Disposition> {
        let mut judged = Judged::default();
        let ids = header.record_ids.as_deref().unwrap_or_default();
        if !knows(scene.target, &header.entity_name) {
            tracing::info!(target.name = %scene.name, crm.module = %bounded(header.entity_name.clone(), 80),
                "changes of an object that sync.toml does not name are left out");
            judged.dropped += ids.len().max(1) as u64;
            return Ok(judged);
        }
        judged.module = Some(header.entity_name.clone());
        let is_gap = header.change_type.starts_with("GAP_");
        if let Some(reason) = loss(header, ids) {
            let since = header.commit_timestamp.and_then(instant);
            judged.resyncs.push(Resync {
                target: scene.name.clone(),
                module: header.entity_name.clone(),
                reason,
                since: since.unwrap_or(scene.now),
                times: 0,
            });
        } else if ids.is_empty() {
            return Err(unusable(unreadable("it names no record", None)));
        }
        for id in ids.iter().filter(|id| !is_whole(id)) {
            let Some(id) = salesforce_id(id.trim()) else {
                return Err(unusable(unreadable("one of its record ids is none", None)));
            };
            let id = CrmId(id);
            if !is_gap && self.is_own(scene, envelope, header, &id).await? {
                judged.own += 1;
                continue;
            }
            let event = event(scene, envelope, header, id);
            judged.events.push(of_its_sale(scene, envelope, event));
        }
        Ok(judged)
    }

    /// Whether we made this change ourselves: our user, and nothing but what the link's shadow says that we wrote.
    async fn is_own(
        &self,
        scene: &Scene<'_>,
        envelope: &Envelope<'_>,
        header: &Header<'_>,
        id: &CrmId,
    ) -> Result<bool, Fault> {
        let ours = scene.target.events.integration_user.as_ref();
        let by = header.commit_user.as_deref().and_then(salesforce_id);
        if by.is_none() || ours.and_then(|user| salesforce_id(&user.0)) != by {
            return Ok(false);
        }
        let Some(changed) = own::changed(envelope, header) else {
            return Ok(false);
        };
        let Some(key) = self.store.key_of(scene.name, id).await? else {
            return Ok(false);
        };
        let link = self.store.link(scene.name, &key).await?;
        let mut entities = scene.target.entities.values();
        let key_field = entities
            .find(|entity| entity.module == header.entity_name)
            .map(|entity| entity.key_field.as_str());
        Ok(link.is_some_and(|link| own::is_written(&link, key_field, &changed)))
    }
}

/// An event of a line is one of its sale, where it tells which one that is: always when the line is made, else where the
/// channel was told to enrich events with that field. Otherwise whoever takes it asks.
fn of_its_sale(scene: &Scene<'_>, envelope: &Envelope<'_>, event: CrmEvent) -> CrmEvent {
    let profile = scene.target.crm.profile();
    let field = profile
        .source_of_lines(&event.module)
        .and_then(|of| of.line_parent);
    let sale = field
        .and_then(|field| envelope.text(field))
        .and_then(|id| salesforce_id(&id));
    match (source_of_lines(scene.target, &event.module), sale) {
        (Some((_, source)), Some(sale)) => CrmEvent {
            module: source.module.clone(),
            record: CrmId(sale),
            change: Change::Updated,
            ..event
        },
        _ => event,
    }
}

/// Whether an id stands for all records of the object.
fn is_whole(id: &str) -> bool {
    id == OVERFLOW || OVERFLOW.get(..15) == Some(id) || id.ends_with('*')
}

/// Why all records of the object have to be read anew; none: they need not.
fn loss(header: &Header<'_>, ids: &[String]) -> Option<String> {
    if header.change_type == "GAP_OVERFLOW" {
        Some("GAP_OVERFLOW".into())
    } else if ids.iter().any(|id| id.ends_with('*')) {
        Some("a wildcard id".into())
    } else if ids.iter().any(|id| is_whole(id)) {
        Some("the id of an overflow".into())
    } else if ids.is_empty() && header.change_type.starts_with("GAP_") {
        Some("a gap without ids".into())
    } else {
        None
    }
}

fn event(
    scene: &Scene<'_>,
    envelope: &Envelope<'_>,
    header: &Header<'_>,
    record: CrmId,
) -> CrmEvent {
    let sequence = header.sequence_number.and_then(digits).unwrap_or_default();
    let key = header.transaction_key.as_deref().unwrap_or(&envelope.id);
    let parts = [
        scene.source,
        header.entity_name.as_str(),
        record.0.as_str(),
        key,
        sequence.as_str(),
        header.change_type.as_str(),
    ];
    let id = format!("cdc-{}", digest_of(parts));
    let change = match header.change_type.as_str() {
        "CREATE" => Change::Created,
        "UPDATE" => Change::Updated,
        "DELETE" => Change::Deleted,
        "UNDELETE" => Change::Undeleted,
        // A gap, or a word of a later version: nobody knows, so look.
        _ => Change::Unknown,
    };
    CrmEvent {
        user: header
            .commit_user
            .as_deref()
            .and_then(salesforce_id)
            .map(CrmId),
        occurred_at: header.commit_timestamp.and_then(instant),
        transaction: transaction(header, sequence),
        ..CrmEvent::new(
            id,
            scene.name.clone(),
            header.entity_name.clone(),
            record,
            change,
            EventSource::ChangeDataCapture,
            scene.now,
        )
    }
}

/// For people. `commitNumber` has up to 19 digits, more than a double holds: it stays text.
fn transaction(header: &Header<'_>, sequence: String) -> BTreeMap<String, String> {
    [
        ("transactionKey", header.transaction_key.clone()),
        ("sequenceNumber", Some(sequence)),
        ("commitNumber", header.commit_number.and_then(digits)),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name.to_owned(), bounded(value?, 60))))
    .filter(|(_, value)| !value.is_empty())
    .collect()
}
