//! Platform events of one's own: the configuration says which field names the record.

use counterpart_config::salesforce_id;
use counterpart_domain::{CrmId, Fault, bounded};

use super::envelope::{Envelope, instant, unreadable};
use super::{Judged, Scene};
use crate::CrmEvent;
use crate::event::{Change, EventSource};

pub(super) fn judge(scene: &Scene<'_>, envelope: &Envelope<'_>) -> Result<Judged, Fault> {
    let Some(named) = scene
        .target
        .events
        .platform_events
        .get(&envelope.detail_type)
    else {
        tracing::info!(target.name = %scene.name, event.name = %bounded(envelope.detail_type.clone(), 80),
            "a platform event that sync.toml does not name is left out");
        return Ok(Judged {
            dropped: 1,
            ..Judged::default()
        });
    };
    let record = envelope
        .text(&named.id_field)
        .and_then(|id| salesforce_id(id.trim()))
        .ok_or_else(|| {
            unreadable(
                &format!("its field {} holds no record id", named.id_field),
                None,
            )
        })?;
    // Stable when the event is replayed; EventBridge's own id is another one then.
    let uuid = envelope.text("EventUuid").filter(|uuid| !uuid.is_empty());
    let id = uuid.unwrap_or_else(|| envelope.id.clone());
    let created = envelope.payload.get("CreatedDate");
    let event = CrmEvent {
        user: envelope
            .text("CreatedById")
            .and_then(|user| salesforce_id(&user))
            .map(CrmId),
        occurred_at: created.and_then(|raw| instant(raw)),
        ..CrmEvent::new(
            bounded(format!("pe-{id}"), 120),
            scene.name.clone(),
            named.module.clone(),
            CrmId(record),
            Change::Unknown,
            EventSource::PlatformEvent,
            scene.now,
        )
    };
    Ok(Judged {
        module: Some(event.module.clone()),
        events: vec![event],
        ..Judged::default()
    })
}
