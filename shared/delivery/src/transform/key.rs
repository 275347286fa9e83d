//! The key field of a linked record, which people empty and type over: the link knows better, and has it written again.

use std::time::Duration;

use counterpart_config::EntityConfig;
use counterpart_domain::{Class, Fault, Value};
use jiff::SignedDuration;

use super::OrderTransform;
use super::work::Work;
use crate::disposition::Disposition;
use crate::ports::prelude::*;
use crate::{Link, Reason};

/// Whoever empties a key right after it was written (an automation of the CRM, say) has it back only after this long.
const PAUSE: SignedDuration = SignedDuration::from_mins(5);

impl<P: Ports> OrderTransform<'_, P> {
    /// Has the key written again where the record does not hold it. Another key that a person typed there is for a person:
    /// the answer says so.
    pub(super) async fn restore_key(
        &self,
        work: &Work<'_, P::Crm>,
        config: &EntityConfig,
        link: &Link,
        held: Option<Value>,
    ) -> Result<Option<Fault>, Disposition> {
        let held = held.unwrap_or(Value::Blank).to_string();
        let (held, wanted) = (held.trim(), link.key.text());
        if held == wanted || link.parked.is_some() {
            return Ok(None);
        }
        let since = self.clock.now().duration_since(link.updated_at);
        let delay = match since < PAUSE {
            true => PAUSE.unsigned_abs(),
            false => Duration::ZERO,
        };
        if !self.send_stored(work, link, Reason::Edited, delay).await? {
            return Ok(None);
        }
        tracing::warn!(target.name = %work.event.target, record.key = %link.key, "the key field of a linked record was changed in the CRM; it is written again");
        if held.is_empty() || held.eq_ignore_ascii_case(&wanted) {
            return Ok(None);
        }
        let (target, record, field) = (&work.event.target, &work.event.record, &config.key_field);
        Ok(Some(Fault::new(
            Class::Data,
            "E_KEY_OVERWRITTEN",
            format!(
                "{field} was changed to {held}, and this record is {wanted} of Sage 100: {wanted} is written there again. If it is to be another record of Sage 100, move the link: `counterpart link move {target} {record} COMPANY:KEY`. Otherwise redrive, which takes this away."
            ),
        )))
    }
}
