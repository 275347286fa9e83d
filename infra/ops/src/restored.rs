//! `counterpart restored`: after the table of links was restored to an earlier time, what changed since is looked at again.

use std::collections::BTreeMap;

use counterpart_config::SyncConfig;
use counterpart_delivery::ports::{Clock, CrmRecords, Cursors, EventQueue, Ids, Intents, Links};
use counterpart_delivery::{Restored, rewind};
use counterpart_domain::TargetName;
use jiff::Timestamp;
use serde_json::json;

use crate::output::{Answer, Refusal};

/// What it works on.
#[derive(Debug)]
pub struct Over<'a, K, S, Q, C> {
    /// The configuration in force.
    pub config: &'a SyncConfig,
    /// The client of each target.
    pub crms: &'a BTreeMap<TargetName, K>,
    /// The tables.
    pub store: &'a S,
    /// `crm-events`.
    pub events: &'a Q,
    /// Time and chance.
    pub clock: &'a C,
}

/// Sets the cursors back, and has the records of each target read again. One target that cannot be read hides no other.
///
/// # Errors
/// When a cursor could not be set back: nothing was sent.
pub async fn look_through<K, S, Q, C>(
    over: &Over<'_, K, S, Q, C>,
    restored_to: Timestamp,
) -> Result<Answer, Refusal>
where
    K: CrmRecords,
    S: Intents + Links + Cursors,
    Q: EventQueue,
    C: Clock + Ids,
{
    let cursors = rewind(over.store, over.clock, over.config, restored_to).await?;
    let mut lines = vec![format!("{cursors} cursors set back to {restored_to}.")];
    let (mut rows, mut well) = (Vec::new(), true);
    for (target, config) in &over.config.targets {
        let Some(crm) = over.crms.get(target) else {
            continue;
        };
        let restored = Restored {
            target,
            config,
            crm,
            store: over.store,
            queue: over.events,
            clock: over.clock,
        };
        match restored.look_through(restored_to).await {
            Ok(report) => {
                let (records, sales) = (report.records, report.sales);
                lines.push(format!(
                    "{target}: {records} records are read again, the orders of {sales} sales are compared with Sage 100."
                ));
                rows.push(json!({"target": target, "records": records, "sales": sales}));
            }
            Err(fault) => {
                well = false;
                lines.push(format!("{target}: {fault} Repeat it."));
                rows.push(json!({"target": target, "fault": fault.to_string()}));
            }
        }
    }
    Ok(Answer {
        text: lines.join("\n"),
        json: json!({"restored_to": restored_to.to_string(), "cursors": cursors, "targets": rows}),
        well,
    })
}
