//! Records of Sage that wait for a person to say whether the CRM has them already: what the CRM has is not created in Sage
//! meanwhile, whatever code it would get there.

use counterpart_domain::{Fault, Record, SageKey, Value, folded_name};

use super::record::is_name;
use crate::Entry;
use crate::ports::prelude::*;
use crate::ports::{Parked, Route};
use crate::sage_writer::SageWriter;
use crate::sage_writer::context::JobContext;
use crate::sage_writer::new_record::NewRecord;

/// A record of Sage is parked because the CRM may have it.
const CRM_MAY_EXIST: &str = "E_CRM_MAY_EXIST";
/// How many parked items are read at once.
const PAGE: usize = 100;

impl<P: Ports> SageWriter<'_, P> {
    /// A record below the parent that waits for that answer, and has the new one's name or e-mail address.
    pub(super) async fn waits_below(
        &self,
        context: &JobContext<'_, P>,
        new: &NewRecord<'_>,
        parent: &SageKey,
    ) -> Result<Option<SageKey>, Fault> {
        let target = context.job.target.as_str();
        let below = new.entity.spec().key.below(parent, "");
        let prefix = format!("{}#{}:{below}", new.entity, context.company);
        let mut after = prefix.clone();
        loop {
            let page = self.store.parked_of(target, Some(&after), PAGE).await?;
            let below = page.iter().take_while(|one| one.id.starts_with(&prefix));
            let mut waiting = below.filter(|one| is_like(new, one));
            if let Some(key) = waiting.find_map(|one| one.key.clone()) {
                return Ok(Some(key));
            }
            match page.last() {
                Some(last) if page.len() >= PAGE && last.id.starts_with(&prefix) => {
                    after.clone_from(&last.id);
                }
                _ => return Ok(None),
            }
        }
    }
}

/// Whether a parked item is a record of Sage that the CRM may have, and may be the new one.
fn is_like(new: &NewRecord<'_>, parked: &Parked) -> bool {
    let asks = parked.route == Route::CrmWrites && parked.fault.code == CRM_MAY_EXIST;
    let entry = asks.then(|| serde_json::from_str::<Entry>(&parked.payload).ok());
    entry
        .flatten()
        .is_some_and(|entry| shares(new, &entry.record))
}

fn shares(new: &NewRecord<'_>, there: &Record) -> bool {
    let identity = &new.entity.spec().identity;
    let both = |column: &str| {
        let ours = new.columns.get(column).map(Value::to_string);
        (
            folded_name(&ours.unwrap_or_default()),
            folded_name(there.text(column)),
        )
    };
    let ((name, their_name), (mail, their_mail)) = (both(identity.name), both(identity.email));
    (!name.is_empty() && is_name(&name, &their_name)) || (!mail.is_empty() && mail == their_mail)
}
