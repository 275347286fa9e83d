//! `counterpart restored`: after the table of links was restored to an earlier time, what changed since is looked at again.

use std::collections::BTreeMap;

use counterpart_delivery::{Context, Ports, Restored, rewind};
use counterpart_domain::TargetName;
use jiff::Timestamp;
use serde_json::json;

use crate::output::{Answer, Refusal};

/// Sets the cursors back, and has the records of each target read again by its client. One target that cannot be read hides
/// no other.
///
/// # Errors
/// When a cursor could not be set back: nothing was sent.
pub async fn look_through<P: Ports>(
    over: Context<'_, P>,
    crms: &BTreeMap<TargetName, P::Crm>,
    restored_to: Timestamp,
) -> Result<Answer, Refusal> {
    let cursors = rewind(over.store, over.clock, over.config, restored_to).await?;
    let mut lines = vec![format!("{cursors} cursors set back to {restored_to}.")];
    let (mut rows, mut well) = (Vec::new(), true);
    for (target, config) in &over.config.targets {
        let Some(crm) = crms.get(target) else {
            continue;
        };
        let restored = Restored {
            context: over,
            target,
            settings: config,
            crm,
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
